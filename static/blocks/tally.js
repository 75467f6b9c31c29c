import { html } from "../lit.js";

/** @param {import("../types").Tally} block */
export const draw = (block) => html`<section class="tally">
  <h2>${block.title}</h2>
  <p class="tally__n" aria-hidden="true"><b>${block.right}</b><span>/ ${block.of}</span></p>
  <div class="tally__cells" aria-hidden="true">${Array.from({ length: block.of }, (_, i) => html`<i class=${i < block.right ? "on" : ""}></i>`)}</div>
  <p>${block.text}</p>
</section>`;
