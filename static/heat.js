// How strongly and in which colour a map is drawn. Maps are grey PNGs: 0 none, 255 most.

const SAMPLES = 32;

/** Alpha rises with importance (more opaque reads as more); the toe keeps rounding noise of the file invisible. */
const alpha = Array.from({ length: SAMPLES + 1 }, (_, i) => {
  const v = i / SAMPLES;
  return v < 0.06 ? 0 : v ** 0.8;
});

/** Inferno (matplotlib, CC0) at 17 even steps; SVG interpolates between them. */
export const INFERNO = {
  r: "0.001 0.042 0.129 0.238 0.342 0.441 0.541 0.640 0.736 0.822 0.894 0.947 0.978 0.988 0.975 0.948 0.988",
  g: "0.000 0.028 0.047 0.037 0.062 0.099 0.135 0.171 0.216 0.275 0.353 0.449 0.558 0.675 0.798 0.917 0.998",
  b: "0.014 0.141 0.291 0.396 0.429 0.432 0.415 0.381 0.330 0.266 0.194 0.115 0.035 0.065 0.206 0.411 0.645",
  a: alpha.map((v) => v.toFixed(3)).join(" "),
};

/** What the eye gets: inferno at the default strength over mid grey. The legend shows this blend, not the raw map. */
export const BLEND = [
  "#626262", "#626262", "#605e62", "#605263", "#694d64", "#774c62", "#89505a",
  "#9f574f", "#b06841", "#c08031", "#cd9b37", "#d5bc63", "#dde097",
];

/** Strength 0..100 as opacity: 60, where the slider starts, gives the 0.8 that the legend is drawn with. */
export function opacity(/** @type {number} */ strength) {
  const s = Math.min(100, Math.max(0, strength)) / 100;
  return Number((1 - (1 - s) ** 1.75).toFixed(3));
}

export const STRENGTH = 60;
