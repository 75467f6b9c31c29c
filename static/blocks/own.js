import { icon } from "../icons.js";
import { html } from "../lit.js";

/** @param {import("../types").Own} block */
export const draw = (block) => html`<div class="own">${icon("you")}<span>${block.text}</span></div>`;
