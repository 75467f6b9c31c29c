// The field guide: plates in the page, or a sheet over the answers that leaves the specimen in sight.

import { icon } from "../icons.js";
import { html, nothing } from "../lit.js";
import { address } from "../pictures.js";

/** A folded guide is drawn by the bar's button, on top of everything. @param {import("../types").Guide} block */
export const place = (block) => (block.folded ? "over" : "wide");

/** @param {import("../types").Guide} block */
export const images = (block) => (block.folded ? [] : block.plates.map((plate) => plate.image));

/** @param {boolean} sci */
const plate = (sci) => (/** @type {import("../types").Plate} */ { image, title, note }) => html`<article class="plate">
  ${image ? html`<div class="photo"><img src=${address(image)} alt=${title} decoding="sync" /></div>` : nothing}
  <h3 class=${sci ? "sci" : ""}>${title}</h3>
  ${note ? html`<p>${note}</p>` : nothing}
</article>`;

/**
 * @param {import("../types").Guide} block
 * @param {import("../render.js").Context} ctx
 */
export function draw(block, { emit, ui, words, sci }) {
  const plates = html`<div class="plates">${block.plates.map(plate(sci))}</div>`;
  if (block.bare) return html`<section class="guide guide--bare" aria-label=${block.title}>${plates}</section>`;
  if (!block.folded) return html`<section class="guide" aria-label=${block.title}><h2>${block.title}</h2>${plates}</section>`;
  if (ui.guide !== true) return nothing;
  const close = () => emit({ name: "guide", value: false });
  return html`<section class="guide-sheet" role="dialog" aria-labelledby="guide-title">
    <div class="guide-sheet__head">
      ${icon("guide")}
      <h2 id="guide-title" tabindex="-1">${block.title}</h2>
      <button class="btn btn--quiet btn--icon" type="button" aria-label=${words.close ?? ""} @click=${close}>${icon("cross")}</button>
    </div>
    <div class="guide-sheet__body" tabindex="0" role="region" aria-labelledby="guide-title">${plates}</div>
  </section>`;
}
