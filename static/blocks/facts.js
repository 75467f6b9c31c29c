import { html } from "../lit.js";

/** More than these do not stand beside a text: they are what the page says. */
const BESIDE = 6;

/** @param {import("../types").Facts} block */
export const place = (block) => (block.rows.length > BESIDE ? "main" : "side");

/** @param {import("../types").Facts} block */
export const draw = (block) =>
  html`<dl class="facts ${place(block) === "main" ? "facts--many" : ""}">${block.rows.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>`;
