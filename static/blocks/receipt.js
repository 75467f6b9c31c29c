import { icon } from "../icons.js";
import { html, nothing } from "../lit.js";

/** The head of the chain in short: 16 of its 64 digits, in fours. @param {string} receipt */
const short = (receipt) => receipt.slice(0, 16).replace(/(.{4})(?=.)/g, "$1 ");

/**
 * @param {import("../types").Receipt} block
 * @param {import("../render.js").Context} ctx
 */
export function draw(block, { emit, frozen, receipt, ui, words }) {
  const copy = async () => {
    if (frozen) return;
    // Without the permission the code can still be selected by hand.
    await navigator.clipboard?.writeText(receipt ? `${block.code} ${receipt}` : block.code).catch(() => undefined);
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
    ${receipt ? html`<p class="receipt__head"><span>${words.receipt}</span> <code>${short(receipt)}</code></p>` : nothing}
    <p>${block.text}</p>
  </section>`;
}
