import { icon } from "../icons.js";
import { html } from "../lit.js";

const GLYPH = { plain: "note", warn: "warn", ok: "check", ai: "ai" };

/** @param {import("../types").Notice} block */
export const draw = (block) =>
  html`<div class="note note--${block.tone}">${icon(GLYPH[block.tone])}<p>${block.text}</p></div>`;
