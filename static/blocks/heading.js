import { html } from "../lit.js";

/** @param {import("../types").Heading} block */
export const draw = (block) => html`<div class="ask"><h1 tabindex="-1" data-focus>${block.text}</h1></div>`;
