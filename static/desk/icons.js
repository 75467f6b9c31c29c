// The desk's own drawings, beside the ones that the participant's pages share.

import { installSprite } from "../icons.js";
import { render, svg, html } from "../lit.js";

/** @type {Readonly<Record<string, string>>} path data; a leading "*" fills instead of strokes */
const SHAPES = {
  play: "*M5.5 3.5 16.5 10 5.5 16.5Z",
  pause: "*M5 4h3.4v12H5ZM11.600 4H15v12h-3.400Z",
  stepf: "M5 4.5 12 10l-7 5.5ZM15 4.5v11",
  stepb: "M15 4.5 8 10l7 5.5ZM5 4.5v11",
  rndf: "M3 5l5.5 5L3 15M10 5l5.5 5-5.5 5M17.5 5v10",
  rndb: "M17 5l-5.5 5 5.5 5M10 5l-5.5 5L10 15M2.5 5v10",
  link: "M8.4 11.6a3.3 3.3 0 0 0 4.7 0l3-3a3.3 3.3 0 0 0-4.7-4.7l-1 1M11.6 8.4a3.3 3.3 0 0 0-4.7 0l-3 3a3.3 3.3 0 0 0 4.700 4.700l1-1",
  shield: "M10 1.8 16.5 4v5.2c0 4.3-2.700 7.300-6.500 9-3.800-1.700-6.500-4.700-6.500-9V4ZM6.900 9.900 9.200 12.300 13.300 7.500",
  image: "M2.5 4h15v12h-15zM2.5 14l4.5-5 3.5 3.8 2.5-2.600 4.500 4.600",
  heat: "M10 5.8a4.200 4.200 0 1 0 0 8.400 4.200 4.200 0 0 0 0-8.400M10 1.600v1.800M10 16.600v1.800M1.600 10h1.800M16.600 10h1.800|*M10 8.400a1.600 1.600 0 1 0 0 3.200 1.600 1.600 0 0 0 0-3.200",
  wave: "M2 10q2-5 4 0t4 0 4 0 4 0",
  down: "M10 3v10M5.500 9 10 13.500 14.500 9M3.500 17h13",
  sort: "M6 12.500 10 16.500 14 12.500M6 7.500 10 3.500 14 7.500",
  up: "M4.500 12.500 10 7l5.500 5.500",
};

const symbol = (/** @type {[string, string]} */ [name, data]) => svg`<symbol id=${`i-${name}`} viewBox="0 0 20 20">
  ${data.split("|").map((d) => (d.startsWith("*") ? svg`<path class="solid" d=${d.slice(1)} />` : svg`<path d=${d} />`))}
</symbol>`;

/** Put both sprites into the page. */
export function installIcons() {
  installSprite();
  const holder = document.createElement("div");
  document.body.prepend(holder);
  render(html`<svg class="sprite" aria-hidden="true" focusable="false">${Object.entries(SHAPES).map(symbol)}</svg>`, holder);
}

export { icon } from "../icons.js";

/** A condition's mark: shape and colour by its place among the study's conditions. @param {number} n from 0 */
export function mark(n) {
  const k = (n % 4) + 1;
  const shape = [
    svg`<circle class="k1" cx="8" cy="8" r="6.4" />`,
    svg`<path class="k2" d="M2 2h12v12H2Z" />`,
    svg`<path class="k3" d="M8 1.800 14.600 13.800H1.400Z" />`,
    svg`<path class="k4" d="M8 1 15 8 8 15 1 8Z" />`,
  ][k - 1];
  return html`<svg class="kmark" viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>`;
}
