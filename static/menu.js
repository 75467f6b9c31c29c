// The menu: language, theme, shortcuts, and stopping. A native dialog keeps the focus and closes with Escape.

import { languages } from "./bar.js";
import { icon } from "./icons.js";
import { html, live, nothing, render } from "./lit.js";
import { preferences } from "./preferences.js";

/** The person's own page of this session, where the copy of the consent is. @param {string} [part] */
const own = (part = "") => `${location.pathname.replace("/p/", "/mine/")}${part}`;

const THEMES = ["auto", "light", "dark"];

/**
 * @typedef {object} Actions
 * @property {(lang: string) => void} speak
 * @property {() => void} withdraw
 * @property {() => void} part  the session is about to be erased
 * @property {() => void} changed  a preference was changed
 */

export class Menu {
  /** @param {HTMLElement} root @param {Actions} actions */
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    this.sure = false;
  }

  get dialog() {
    return this.root.querySelector("dialog");
  }

  get open() {
    return this.dialog?.open === true;
  }

  /** @param {import("./types").View} view @param {Record<string, string>} words */
  show(view, words) {
    this.sure = false;
    this.draw(view, words);
    if (!this.open) this.dialog?.showModal();
  }

  close() {
    this.dialog?.close();
  }

  /** @param {import("./types").View} view @param {Record<string, string>} words */
  draw(view, words) {
    const redraw = () => this.draw(view, words);
    const body = this.sure ? this.stopping(words, redraw) : this.settings(view, words, redraw);
    render(html`<dialog class="dialog ${this.sure ? "" : "menu"}" aria-labelledby="menu-title">${body}</dialog>`, this.root);
  }

  /** @param {import("./types").View} view @param {Record<string, string>} words @param {() => void} redraw */
  settings(view, words, redraw) {
    const speak = (/** @type {string} */ lang) => {
      this.close();
      this.actions.speak(lang);
    };
    const lang = languages(/** @type {any} */ ({ view, words, speak }));
    return html`<div class="menu__head"><h2 id="menu-title">${words.menu}</h2>
        <button class="btn btn--quiet btn--icon" type="button" aria-label=${words.close ?? ""} @click=${() => this.close()}>${icon("cross")}</button></div>
      ${lang === nothing ? nothing : html`<div class="menu__row"><span>${words.language}</span>${lang}</div>`}
      ${preferences.pinned ? nothing : this.themes(words, redraw)}
      ${this.shortcuts(view, words, redraw)}
      ${words.mine ? html`<div class="menu__row"><a href=${own()}>${words.mine}</a></div>` : nothing}
      ${view.layout === "end" ? nothing : this.leaving(words, redraw)}`;
  }

  /** @param {Record<string, string>} words @param {() => void} redraw */
  themes(words, redraw) {
    const pick = (/** @type {string} */ theme) => {
      preferences.setTheme(theme);
      this.actions.changed();
      redraw();
    };
    return html`<div class="menu__row"><span>${words.theme}</span><div class="lang" role="group" aria-label=${words.theme ?? ""}>${THEMES.map(
      (theme) => html`<button type="button" aria-pressed=${String(preferences.theme === theme)} @click=${() => pick(theme)}>
        ${words[`theme_${theme}`]}
      </button>`,
    )}</div></div>`;
  }

  /** @param {import("./types").View} view @param {Record<string, string>} words @param {() => void} redraw */
  shortcuts(view, words, redraw) {
    const toggle = (/** @type {Event} */ event) => {
      preferences.setShortcuts(/** @type {HTMLInputElement} */ (event.currentTarget).checked);
      this.actions.changed();
      redraw();
    };
    const acts = (view.asks ?? []).flatMap((ask) => (ask.kind === "act" && ask.hint && ask.key !== "Enter" ? [[ask.hint, ask.label]] : []));
    const rows = [["1–9", words.keys_choose], [words.keys_enter, words.keys_confirm], ["G", words.guide], [words.keys_escape, words.close], ...acts];
    return html`<div class="menu__keys">
      <label class="check"><input type="checkbox" .checked=${live(preferences.shortcuts)} @change=${toggle} /><span>${words.shortcuts}</span></label>
      <dl>${rows.map(([cap, text]) => html`<div><dt><span class="key">${cap}</span></dt><dd>${text}</dd></div>`)}</dl></div>`;
  }

  /** @param {Record<string, string>} words @param {() => void} redraw */
  leaving(words, redraw) {
    const ask = () => this.askStop(redraw);
    return html`<div class="menu__end"><button class="btn" type="button" @click=${ask}>${icon("leave")}${words.stop}</button></div>`;
  }

  /** @param {() => void} redraw */
  askStop(redraw) {
    this.sure = true;
    redraw();
    // The first focus is on the choice that changes nothing.
    /** @type {HTMLElement | null} */ (this.root.querySelector("[data-stay]"))?.focus();
  }

  /** @param {Record<string, string>} words @param {() => void} _redraw */
  stopping(words, _redraw) {
    const stop = () => {
      this.close();
      this.actions.withdraw();
    };
    return html`<h2 id="menu-title">${words.stop_title}</h2><p>${words.stop_text}</p>
      <div class="actions actions--equal">
        <button class="btn btn--tall" type="button" data-stay @click=${() => this.close()}>${words.stop_no}</button>
        <button class="btn btn--tall" type="button" @click=${stop}>${words.stop_yes}</button>
      </div>
      ${words.stop_erase ? html`<p>${words.stop_erase_text}</p><form class="actions actions--equal" method="post" action=${own("/erase")} @submit=${() => this.actions.part()}>
        <button class="btn btn--tall" type="submit">${words.stop_erase}</button></form>` : nothing}`;
  }
}
