// The list of events: filtered by kind, the current one marked and kept in sight. One of its rows is in the tab order.

import { html, nothing, ref, render } from "../lit.js";
import { describe } from "./describe.js";
import { icon } from "./icons.js";
import { position } from "./time.js";

const KINDS = ["all", "answers", "ai", "gestures", "attention", "session"];

export class List {
  /** @param {HTMLElement} root @param {import("./film.js").Film} film @param {import("./words.js").Say} say @param {import("./player.js").Player} player */
  constructor(root, film, say, player) {
    this.root = root;
    this.film = film;
    this.say = say;
    this.player = player;
    this.kind = "all";
    this.marked = -2;
    /** @type {HTMLElement | undefined} */
    this.box = undefined;
    this.draw();
  }

  /** @param {number} index */
  shows(index) {
    return this.kind === "all" || this.film.entries[index]?.group === this.kind;
  }

  draw() {
    const { say } = this;
    const select = html`<select class="select" aria-label=${say("replay.kinds")} @change=${(/** @type {Event} */ event) => {
      this.kind = /** @type {HTMLSelectElement} */ (event.currentTarget).value;
      this.draw();
    }}>${KINDS.map((kind) => html`<option value=${kind} ?selected=${kind === this.kind}>${say(`kind.${kind}`)}</option>`)}</select>`;
    render(html`<div class="split"><h2>${say("replay.events")}</h2>${select}</div>
      <ol class="ev" ${ref((box) => { this.box = /** @type {HTMLElement | undefined} */ (box); })}>${this.film.entries.map((entry, i) => (this.shows(i) ? this.#row(entry, i) : nothing))}</ol>`, this.root);
    this.marked = -2;
    this.mark();
  }

  /** @param {import("./film.js").Entry} entry @param {number} index */
  #row(entry, index) {
    const said = describe(entry, this.film, this.say);
    return html`<li><button type="button" tabindex="-1" class=${said.who ? `who-${said.who}` : ""} data-index=${index} @click=${() => this.player.go(index)}>
      <time>${position(entry.at)}</time>${icon(said.icon)}<span>${said.text} ${said.value ? html`<b class=${said.sci ? "sci" : "said"}>${said.value}</b>` : nothing}</span>
    </button></li>`;
  }

  /** Mark where the player stands: the entry itself, or the last one before it that is in the list. */
  mark() {
    let index = this.player.index;
    while (index >= 0 && !this.shows(index)) index -= 1;
    if (index === this.marked || !this.box) return;
    this.marked = index;
    const held = this.box.contains(document.activeElement);
    for (const old of this.box.querySelectorAll("[aria-current], [tabindex='0']")) {
      old.removeAttribute("aria-current");
      old.setAttribute("tabindex", "-1");
    }
    const now = /** @type {HTMLElement | null} */ (this.box.querySelector(`[data-index="${index}"]`) ?? this.box.querySelector("button"));
    now?.setAttribute("tabindex", "0");
    if (index < 0 || !now) return;
    now.setAttribute("aria-current", "true");
    if (held) now.focus({ preventScroll: true });
    const [top, height] = [now.offsetTop, this.box.clientHeight];
    if (top < this.box.scrollTop || top + now.offsetHeight > this.box.scrollTop + height) this.box.scrollTop = top - height / 3;
  }
}
