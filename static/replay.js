// Entry of the replay page: one session as a film. The address names the session, its hash the moment.

import { Film } from "./desk/film.js";
import { facts } from "./desk/facts.js";
import { icon, installIcons } from "./desk/icons.js";
import { Lanes } from "./desk/lanes.js";
import { List } from "./desk/list.js";
import { Mirror } from "./desk/mirror.js";
import { WIDTH } from "./desk/scale.js";
import { Player } from "./desk/player.js";
import { keys, slider, transport } from "./desk/transport.js";
import { judge } from "./desk/verdict.js";
import { get, Refused, words } from "./desk/words.js";
import { html, nothing, render } from "./lit.js";
import { preferences } from "./preferences.js";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const session = decodeURIComponent(location.pathname.split("/").filter(Boolean)[2] ?? "");
preferences.load();
installIcons();

/** @typedef {import("./desk/words.js").Say} Say */

/** Neighbours in the table of sessions, newest first. @returns {Promise<{newer?: string, older?: string}>} */
async function neighbours() {
  /** @type {import("./desk/replay").Board} */
  const { lines } = await get("/desk/api/board");
  const at = lines.findIndex((line) => line.session === session || line.stream === session);
  return { newer: lines[at - 1]?.session, older: at < 0 ? undefined : lines[at + 1]?.session };
}

/** @param {Say} say @param {{newer?: string, older?: string}} beside */
function pager(say, { newer, older }) {
  const link = (/** @type {string | undefined} */ to, /** @type {string} */ label, /** @type {string} */ glyph) => to
    ? html`<a class="btn btn--icon btn--quiet" href=${`/desk/replay/${encodeURIComponent(to)}`} aria-label=${label} title=${label}>${icon(glyph)}</a>`
    : nothing;
  return html`<span class="pager">${link(newer, say("replay.previous"), "stepb")}${link(older, say("replay.next"), "stepf")}</span>`;
}

class Desk {
  /** @param {import("./desk/replay").Served} served @param {Say} say */
  constructor({ replay, words: interfaceWords, rows, broken }, say) {
    this.say = say;
    part("facts").replaceChildren();
    this.film = new Film(replay);
    this.player = new Player(this.film, () => this.ask());
    this.lanes = new Lanes(this.film, say, this.player);
    this.mirror = new Mirror(part("mirror"), this.film, interfaceWords, say);
    this.list = new List(part("events"), this.film, say, this.player);
    this.notice = replay.erased ? say("replay.erased") : broken ? say("replay.cut", { rows: replay.events.length ? (this.film.entries.at(-1)?.seq ?? 0) + 1 : rows, why: broken }) : "";
    this.told = "";
    this.asked = false;
    /** @type {{newer?: string, older?: string}} */
    this.beside = {};
    this.tell = (/** @type {string} */ text) => {
      this.told = text;
      this.ask();
    };
    addEventListener("keydown", keys(this.player, say, this.tell));
    addEventListener("hashchange", () => this.follow());
    this.follow();
    neighbours().then((found) => { this.beside = found; this.ask(); }, () => undefined);
  }

  /** Go to the moment that the address names, else to the first screen; a round that is named is said. */
  follow() {
    const named = this.at;
    let index = named ? this.film.indexOf(named) : -1;
    const round = Film.roundOf(named);
    if (round !== undefined) {
      const told = this.say(index < 0 ? "replay.no_round" : "replay.at_round", { n: round });
      setTimeout(() => this.tell(told), 250); // a live region is read out when it changes, so the page stands first
    }
    if (index < 0 && (!named || round !== undefined)) index = this.film.entries.findIndex(({ moment }) => moment?.kind === "shown");
    this.player.pause();
    if (index >= 0 && index !== this.player.index) this.player.go(index);
    else this.ask();
  }

  get at() {
    return decodeURIComponent(location.hash.slice(1));
  }

  /** Draw once in the next frame, however many things changed. */
  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  draw() {
    const { player, say, film } = this;
    this.mirror.show(player);
    this.list.mark();
    const id = player.entry?.id ?? "";
    if (id && !player.playing && id !== this.at) history.replaceState(null, "", `#${id}`);
    render(html`<div class="split"><h2>${say("replay.participant", { session: film.replay.session })}</h2>${pager(say, this.beside)}</div>
      ${this.notice ? html`<p class="tag tag--wrap tag--warn">${icon("warn")}<span>${this.notice}</span></p>` : nothing}
      ${facts(film, player.ms, say)}
      <div class="actions">
        <button class="btn" type="button" @click=${() => this.copy()}>${icon("link")} ${say("replay.copy")}</button>
        <a class="btn" href=${`/desk/api/log/${encodeURIComponent(film.replay.session)}.log.jsonl`} download>${icon("down")} ${say("column.log")}</a>
      </div>
      <p class="vh" role="status">${this.told}</p>${this.told ? html`<p class="muted" aria-hidden="true">${this.told}</p>` : nothing}`, part("facts"));
    render(html`<div class="lanes__scroll">${slider(player, say)}${this.lanes.draw()}</div>
      ${transport(player, say, this.tell)}<p class="vh">${say("replay.keys")}</p>`, part("lanes"));
    this.scroll();
  }

  /** Where the timeline is wider than the page, keep the head in sight. */
  scroll() {
    const box = part("lanes").querySelector(".lanes__scroll");
    if (!box || box.scrollWidth <= box.clientWidth) return;
    const x = (this.lanes.scale.x(this.player.ms) / WIDTH) * box.scrollWidth;
    if (x < box.scrollLeft + 40 || x > box.scrollLeft + box.clientWidth - 40) box.scrollLeft = x - box.clientWidth / 2;
  }

  async copy() {
    const address = `${location.origin}${location.pathname}#${this.player.entry?.id ?? ""}`;
    await navigator.clipboard.writeText(address).then(() => this.tell(this.say("replay.copied")), () => this.tell(address));
  }
}

const say = await words();
try {
  new Desk(await get(`/desk/api/replay/${encodeURIComponent(session)}`), say);
  void judge(part("verdict"), session, say);
} catch (error) {
  part("verdict").textContent = error instanceof Refused && error.status === 401 ? say("out") : say("lost");
  if (!(error instanceof Refused)) throw error;
}
