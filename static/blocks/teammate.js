// The AI's card. Its height is the same in every state, so that the answers below never move.

import { icon } from "../icons.js";
import { html, nothing, svg } from "../lit.js";

const STEPS = 20;

/** @param {number} filled @param {string} label */
const meter = (filled, label) => html`<svg class="meter" viewBox="0 0 400 10" preserveAspectRatio="none" role="img" aria-label=${label}>
  ${Array.from({ length: STEPS }, (_, i) => svg`<rect class=${i < filled ? "m-on" : "m-off"} x=${i * 20 + 0.5} y="0.5" width="16" height="9" />`)}
</svg>`;

/**
 * @param {import("../types").Teammate} block
 * @param {import("../render.js").Context} ctx
 */
export function draw(block, { words, sci }) {
  const { state, title, short, label, confidence, percent, caveat } = block;
  if (state === "absent" || state === "waiting") {
    return html`<section class="ai-card ai-card--none" aria-label=${words.teammate ?? ""}>
      <p>${title} ${caveat ? html`<span class="ai-card__more">${caveat}</span>` : nothing}</p>
    </section>`;
  }
  const name = html`<b class="name ${sci ? "sci" : ""}">${label}</b>`;
  return html`<section class="ai-card ai-card--${state}" aria-label=${words.teammate ?? ""}>
    <div class="ai-card__head">
      ${icon("ai", "icon--lg")}<span class="only-wide">${title}</span>
      <span class="only-phone ai-card__line"><span>${short || title}</span> ${name}<span class="num">${percent}</span></span>
    </div>
    <div class="ai-card__say only-wide">${name}${confidence ? html`<span class="pct">${confidence}</span>` : nothing}</div>
    ${(block.meter ?? -1) >= 0 ? meter(block.meter ?? 0, confidence || percent || "") : nothing}
    ${caveat ? html`<p class="only-wide">${caveat}</p>` : nothing}
  </section>`;
}
