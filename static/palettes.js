// The colours of maps as SVG: one filter a palette, one mask, and the scales of the legends. They lie in the page's sprite.

import { alphas, blend, covers, DARK, PALETTES } from "./heat.js";
import { svg } from "./lit.js";

/** @param {readonly number[]} values */
const listed = (values) => values.join(" ");

// Where no picture is (a hidden side, a margin) nothing is drawn, although 0 is a colour of a signed map: hence the composite.
// The grey value becomes alpha and, through three tables, a colour. sRGB, because that is how the tables were sampled.
const filter = (/** @type {string} */ id, /** @type {readonly (readonly number[])[]} */ [r = [], g = [], b = [], a = []]) => svg`
  <filter id=${id} color-interpolation-filters="sRGB" x="0" y="0" width="1" height="1">
    <feColorMatrix type="matrix" values="1 0 0 0 0  1 0 0 0 0  1 0 0 0 0  1 0 0 0 0" />
    <feComponentTransfer>
      <feFuncR type="table" tableValues=${listed(r)} />
      <feFuncG type="table" tableValues=${listed(g)} />
      <feFuncB type="table" tableValues=${listed(b)} />
      <feFuncA type="table" tableValues=${listed(a)} />
    </feComponentTransfer>
    <feComposite operator="in" in2="SourceAlpha" />
  </filter>`;

const dark = [DARK, DARK];

const scale = (/** @type {string} */ name, /** @type {import("./heat.js").Colours} */ colours) => {
  const list = blend(colours);
  const stops = () => list.map((colour, i) => svg`<stop offset=${(i / (list.length - 1)).toFixed(4)} stop-color=${colour} />`);
  return svg`<linearGradient id=${`${name}-along`} x1="0" y1="0" x2="1" y2="0">${stops()}</linearGradient>
    <linearGradient id=${`${name}-up`} x1="0" y1="1" x2="0" y2="0">${stops()}</linearGradient>`;
};

export const palettes = [
  ...Object.entries(PALETTES).map(([name, colours]) => [
    filter(`heat-${name}`, [colours.r, colours.g, colours.b, alphas(colours.signed)]),
    scale(`scale-${name}`, colours),
  ]),
  filter("mask", [dark, dark, dark, covers()]),
  filter("mask-signed", [dark, dark, dark, covers(true)]),
];
