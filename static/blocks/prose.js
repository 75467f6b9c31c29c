import { html } from "../lit.js";

/** @param {import("../types").Prose} block */
export const draw = (block) =>
  html`<div class="prose ${block.lead ? "lede" : ""}">${block.paragraphs.map((text) => html`<p>${text}</p>`)}</div>`;
