// A session's status: a shape and a word.

import { html, svg } from "../lit.js";

/** @type {Readonly<Record<string, unknown>>} */
const SHAPES = {
  active: svg`<circle class="st-on" cx="8" cy="8" r="5.500" />`,
  waiting: svg`<circle class="st-away" cx="8" cy="8" r="5" stroke-dasharray="2.600 2.600" />`,
  paused: svg`<path class="st-fin" d="M5.500 3v10M10.500 3v10" />`,
  stalled: svg`<path class="st-stall" d="M8 2.500 14 13.500H2Z" />`,
  offline: svg`<path class="st-off" d="M3.500 3.500l9 9m0-9l-9 9" />`,
  finished: svg`<path class="st-fin" d="M3 8.500 6.500 12 13 4.500" />`,
  ended: svg`<path class="st-fin" d="M3.500 8h9" />`,
  erased: svg`<circle class="st-away" cx="8" cy="8" r="5" />`,
  broken: svg`<path class="st-stall" d="M8 2.500 14 13.500H2Z" />`,
};

/** @param {string} name @param {import("./words.js").Say} say */
export const status = (name, say) =>
  html`<span class="status"><svg viewBox="0 0 16 16" aria-hidden="true">${SHAPES[name] ?? SHAPES.waiting}</svg>${say(`status.${name}`)}</span>`;
