// A short ordered scale as labelled radio cards, without an initial value.

import { html, live, svg, vars } from "../lit.js";
import { keyOf, valueOf } from "../answers.js";

/** @param {number} on @param {number} of */
const dots = (on, of) => html`<svg viewBox="0 0 ${of * 9 - 1} 8" aria-hidden="true">
  ${Array.from({ length: of }, (_, i) => svg`<circle class="dot ${i <= on ? "on" : ""}" cx=${i * 9 + 4} cy="4" r="3" />`)}
</svg>`;

/**
 * @param {import("../types").Rate} block
 * @param {import("../render.js").Context} ctx
 */
export function draw(block, { emit, ui }) {
  const held = valueOf(block, ui);
  const of = block.options.length;
  const step = (/** @type {import("../types").Option} */ option, /** @type {number} */ i) => html`<label class="rate">
    <input type="radio" name=${block.name} .value=${option.value} .checked=${live(held === option.value)}
      @change=${() => emit({ name: keyOf(block), value: option.value })} />
    <span>${option.label}</span>${dots(i, of)}
  </label>`;
  return html`<fieldset class="group" data-ask=${block.name}>
    <legend>${block.legend}</legend>
    <div class="rates" ${vars({ "--n": of })}>${block.options.map(step)}</div>
  </fieldset>`;
}
