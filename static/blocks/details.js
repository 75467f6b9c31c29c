import { icon } from "../icons.js";
import { html } from "../lit.js";

/**
 * @param {import("../types").Details} block
 * @param {import("../render.js").Context} ctx
 */
export function draw(block, { emit, ui }) {
  const name = `open:${block.summary.slice(0, 40)}`;
  const toggle = (/** @type {Event} */ event) => {
    const open = /** @type {HTMLDetailsElement} */ (event.currentTarget).open;
    if (open !== (ui[name] === true)) emit({ name, value: open });
  };
  return html`<details class="more" .open=${ui[name] === true} @toggle=${toggle}>
    <summary>${icon("chev")}<span>${block.summary}</span></summary>
    <div class="more__text">${block.paragraphs.map((text) => html`<p>${text}</p>`)}</div>
  </details>`;
}
