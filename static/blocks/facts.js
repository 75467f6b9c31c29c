import { html } from "../lit.js";

export const place = "side";

/** @param {import("../types").Facts} block */
export const draw = (block) =>
  html`<dl class="facts">${block.rows.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>`;
