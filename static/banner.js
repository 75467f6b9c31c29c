// One line over the top bar for the state of the line and for refusals. It covers the bar, so that nothing moves.

import { icon } from "./icons.js";
import { html, nothing, render } from "./lit.js";

const GLYPH = { warn: "warn", ok: "check" };
const PASSING_MS = 4000;

export class Banner {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * @param {"warn" | "ok"} tone @param {string | undefined} text
   * @param {{passing?: boolean, label?: string, press?: () => void}} [more]
   */
  show(tone, text, { passing = false, label = "", press } = {}) {
    clearTimeout(this.timer);
    if (!text) return this.hide();
    const button = press ? html`<button class="btn" type="button" @click=${press}>${label}</button>` : nothing;
    render(html`<div class="banner banner--${tone}" role=${tone === "warn" ? "alert" : "status"}>${icon(GLYPH[tone])}<p>${text}</p>${button}</div>`, this.root);
    if (passing) this.timer = setTimeout(() => this.hide(), PASSING_MS);
  }

  hide() {
    clearTimeout(this.timer);
    render(nothing, this.root);
  }
}
