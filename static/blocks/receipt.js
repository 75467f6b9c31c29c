import { icon } from "../icons.js";
import { html } from "../lit.js";

/**
 * @param {import("../types").Receipt} block
 * @param {import("../render.js").Context} ctx
 */
export function draw(block, { emit, frozen, ui, words }) {
  const copy = async () => {
    if (frozen) return;
    // Without the permission the code can still be selected by hand.
    await navigator.clipboard?.writeText(block.code).catch(() => undefined);
    emit({ name: "copied", value: true });
  };
  return html`<section class="receipt">
    <h2>${block.title}</h2>
    <div class="receipt__row">
      <code>${block.code}</code>
      <button class="btn" type="button" @click=${copy}>
        ${icon(ui.copied ? "check" : "copy")}<span aria-live="polite">${ui.copied ? words.copied : words.copy}</span>
      </button>
    </div>
    <p>${block.text}</p>
  </section>`;
}
