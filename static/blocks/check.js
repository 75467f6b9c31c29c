import { html, live } from "../lit.js";
import { keyOf, valueOf } from "../answers.js";

/**
 * @param {import("../types").Check} block
 * @param {import("../render.js").Context} ctx
 */
export function draw(block, { emit, ui }) {
  const tick = (/** @type {Event} */ event) =>
    emit({ name: keyOf(block), value: /** @type {HTMLInputElement} */ (event.currentTarget).checked });
  return html`<label class="check" data-ask=${block.name}>
    <input type="checkbox" name=${block.name} .checked=${live(valueOf(block, ui) === true)} @change=${tick} />
    <span>${block.label}</span>
  </label>`;
}
