// How a map is drawn: which display, how strongly, in which colours. Pure: the same for live play and replay.
// Maps are grey PNGs: 0 none, 255 most; signed ones have their zero at 128.

/**
 * @typedef {import("./types").Panes} Panes
 * @typedef {NonNullable<Panes["display"]>} Display
 * @typedef {NonNullable<Panes["palette"]>} Palette
 * @typedef {{r: readonly number[], g: readonly number[], b: readonly number[], signed?: boolean}} Colours
 */

const SAMPLES = 32;
const TOE = 0.06;
/** Grey of the copy that a map lies on, as the legend is drawn. */
const UNDER = 0x62 / 255;
/** What is left of an unimportant place under the mask, and the grey that covers it. */
const COVER = 0.9;
export const DARK = 0.13;

/** Inferno, cividis (matplotlib, CC0) and coolwarm (Moreland 2009) at 17 even steps; SVG interpolates between them. @type {Readonly<Record<Palette, Colours>>} */
export const PALETTES = {
  inferno: {
    r: [0.001, 0.042, 0.129, 0.238, 0.342, 0.441, 0.541, 0.64, 0.736, 0.822, 0.894, 0.947, 0.978, 0.988, 0.975, 0.948, 0.988],
    g: [0, 0.028, 0.047, 0.037, 0.062, 0.099, 0.135, 0.171, 0.216, 0.275, 0.353, 0.449, 0.558, 0.675, 0.798, 0.917, 0.998],
    b: [0.014, 0.141, 0.291, 0.396, 0.429, 0.432, 0.415, 0.381, 0.33, 0.266, 0.194, 0.115, 0.035, 0.065, 0.206, 0.411, 0.645],
  },
  cividis: {
    r: [0, 0, 0.103, 0.195, 0.264, 0.324, 0.381, 0.435, 0.489, 0.548, 0.609, 0.672, 0.736, 0.803, 0.871, 0.941, 0.996],
    g: [0.135, 0.179, 0.22, 0.264, 0.308, 0.351, 0.395, 0.44, 0.485, 0.532, 0.58, 0.629, 0.681, 0.734, 0.79, 0.848, 0.909],
    b: [0.305, 0.415, 0.436, 0.426, 0.423, 0.426, 0.436, 0.451, 0.471, 0.472, 0.464, 0.448, 0.424, 0.39, 0.343, 0.276, 0.218],
  },
  coolwarm: {
    r: [0.23, 0.304, 0.384, 0.468, 0.554, 0.641, 0.724, 0.801, 0.867, 0.926, 0.96, 0.97, 0.957, 0.921, 0.865, 0.791, 0.706],
    g: [0.299, 0.407, 0.51, 0.606, 0.69, 0.761, 0.815, 0.85, 0.864, 0.826, 0.767, 0.69, 0.598, 0.491, 0.371, 0.231, 0.016],
    b: [0.754, 0.845, 0.918, 0.969, 0.996, 0.998, 0.976, 0.93, 0.863, 0.771, 0.674, 0.575, 0.477, 0.383, 0.296, 0.216, 0.15],
    signed: true,
  },
};

/** How important a place is, whichever way it speaks. @param {number} v grey in [0, 1] @param {boolean} [signed] */
export const weight = (v, signed = false) => (signed ? Math.min(1, Math.abs(v - 0.5) * 2) : v);

/** Alpha rises with importance (more opaque reads as more); the toe keeps rounding noise of the file invisible. @param {number} w */
const alpha = (w) => (w < TOE ? 0 : w ** 0.8);

/** @param {(v: number) => number} f */
const table = (f) => Array.from({ length: SAMPLES + 1 }, (_, i) => Number(f(i / SAMPLES).toFixed(3)));

/** Alpha of a map by its grey value. @param {boolean} [signed] */
export const alphas = (signed = false) => table((v) => alpha(weight(v, signed)));

/** Alpha of the mask: it lies on what is not important. @param {boolean} [signed] */
export const covers = (signed = false) => table((v) => COVER * (1 - Math.sqrt(weight(v, signed))));

/** Strength 0..100 as opacity: 60, where the slider starts, gives the 0.8 that the legend is drawn with. @param {number} strength */
export function opacity(strength) {
  const s = Math.min(100, Math.max(0, strength)) / 100;
  return Number((1 - (1 - s) ** 1.75).toFixed(3));
}

export const STRENGTH = 60;

/** What the eye gets along the scale: the palette at the default strength over mid grey, not the raw map. @param {Colours} palette */
export function blend({ r, g, b, signed = false }) {
  const steps = signed ? 16 : 12;
  return Array.from({ length: steps + 1 }, (_, i) => {
    const v = i / steps;
    const a = alpha(weight(v, signed)) * opacity(STRENGTH);
    const hex = [r, g, b].map((channel) => {
      const at = v * (channel.length - 1);
      const low = Math.min(channel.length - 2, Math.floor(at));
      const colour = (channel[low] ?? 0) + ((channel[low + 1] ?? 0) - (channel[low] ?? 0)) * (at - low);
      return Math.round((UNDER + (colour - UNDER) * a) * 255).toString(16).padStart(2, "0");
    });
    return `#${hex.join("")}`;
  });
}

/** @param {Panes} block @returns {Palette} */
export const paletteOf = (block) => block.palette ?? "inferno";

/** @param {import("./answers.js").Ui} ui */
export const strengthOf = (ui) => Number(ui.opacity ?? STRENGTH);

/** The displays that can be drawn with what the block holds. @param {Panes} block @returns {Display[]} */
export function displays(block) {
  /** @type {Record<Display, boolean>} */
  const can = {
    beside: true,
    overlay: Boolean(block.overlay),
    outline: Boolean(block.outlines?.length),
    mask: block.second === "map",
    boxes: Boolean(block.boxes?.length),
  };
  return /** @type {Display[]} */ (Object.keys(can)).filter((display) => can[display]);
}

/** What is drawn over the first panel: as the study says, or where it grants the tools as the person chose. @param {Panes} block @param {import("./answers.js").Ui} ui @returns {Display} */
export function displayOf(block, ui) {
  const chosen = block.tools ? ui.rendering : undefined;
  const can = displays(block);
  return can.find((display) => display === chosen) ?? can.find((display) => display === block.display) ?? "beside";
}
