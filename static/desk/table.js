// The table of sessions: sortable, filtered by text. Conditions are hidden unless asked for.

import { html, nothing, render } from "../lit.js";
import { icon, mark } from "./icons.js";
import { status } from "./status.js";
import { age, date, position } from "./time.js";

/**
 * @typedef {import("./replay").Line} Line
 * @typedef {import("./replay").Board} Board
 * @typedef {import("./words.js").Say} Say
 * @typedef {{name: string, key: (line: Line) => string | number, cell: (line: Line, table: Table) => unknown, end?: boolean, open?: boolean}} Column
 */

/** @param {Line} line */
const spent = (line) => Math.max(0, line.last - line.started - line.away_ms);

/** @type {readonly Column[]} `open`: tells about conditions */
const COLUMNS = [
  { name: "status", key: (line) => line.status, cell: (line, { say }) => html`<span title=${say(`status.what.${line.status}`)}>${status(line.status, say)}</span>` },
  { name: "session", key: (line) => line.session, cell: (line, { say }) => html`<a class="id" href=${`/desk/replay/${encodeURIComponent(line.session)}`} aria-label=${say("sessions.open", { session: line.session })}>${line.session}</a>${line.prefix ? html` <span class="tag">${line.prefix}</span>` : nothing}` },
  { name: "cell", open: true, key: (line) => line.cell, cell: (line) => line.cell },
  { name: "conditions", open: true, key: (line) => line.conditions.join(), cell: (line, { known }) => line.conditions.map((name) => html`<span class="cond">${mark(known.indexOf(name))}${name}</span>`) },
  { name: "place", key: (line) => line.place, cell: (line) => html`<span class="mono">${line.place}</span>` },
  { name: "round", end: true, key: (line) => line.round, cell: (line) => (line.rounds ? `${line.round} / ${line.rounds}` : "–") },
  { name: "started", key: (line) => line.started, cell: (line, { lang }) => date(line.started, lang) },
  { name: "last", key: (line) => line.last, cell: (line, { say, now }) => say("time.ago", { age: age(now - line.last, say) }) },
  { name: "duration", end: true, key: spent, cell: (line) => position(spent(line), false) },
  { name: "leaves", end: true, key: (line) => line.leaves, cell: (line) => line.leaves || "–" },
  { name: "device", key: (line) => line.device, cell: (line, { say }) => (line.device ? say(`device.${line.device}`) : "–") },
  { name: "outcome", key: (line) => line.outcome, cell: (line, { say }) => (line.outcome ? (line.status === "broken" ? line.outcome : say(`outcome.${line.outcome}`)) : say("outcome.under_way")) },
];

export class Table {
  /** @param {HTMLElement} root @param {Say} say */
  constructor(root, say) {
    this.root = root;
    this.say = say;
    this.lang = document.documentElement.lang;
    const asked = new URLSearchParams(location.search);
    this.sort = asked.get("sort") ?? "started";
    this.down = asked.get("order") !== "up";
    this.find = asked.get("find") ?? "";
    this.open = asked.get("conditions") === "shown";
    this.now = 0;
    /** @type {string[]} */
    this.known = [];
    /** @type {Board | undefined} */
    this.board = undefined;
  }

  /** @param {Board} board */
  show(board) {
    this.board = board;
    this.now = board.at;
    this.known = [...new Set(board.lines.flatMap((line) => line.conditions))].sort();
    this.draw();
  }

  /** What is looked for and how it is sorted stands in the address, so that it can be shared. */
  #keep() {
    const wanted = new URLSearchParams({ sort: this.sort, order: this.down ? "down" : "up", ...(this.find ? { find: this.find } : {}), ...(this.open ? { conditions: "shown" } : {}) });
    history.replaceState(null, "", `?${wanted}`);
    this.draw();
  }

  /** @returns {Line[]} */
  #lines() {
    const words = this.find.toLowerCase().split(/\s+/).filter(Boolean);
    const key = COLUMNS.find(({ name }) => name === this.sort)?.key ?? ((/** @type {Line} */ line) => line.started);
    const text = (/** @type {Line} */ line) =>
      [line.session, line.prefix, line.place, this.say(`status.${line.status}`), line.outcome, this.open ? `${line.cell} ${line.conditions.join(" ")}` : ""].join(" ").toLowerCase();
    const found = (this.board?.lines ?? []).filter((line) => words.every((word) => text(line).includes(word)));
    const order = (/** @type {Line} */ a, /** @type {Line} */ b) => {
      const [x, y] = [key(a), key(b)];
      return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), this.lang);
    };
    return found.sort((a, b) => (this.down ? -order(a, b) : order(a, b)));
  }

  /** @param {Column} column */
  #head({ name, end }) {
    const on = name === this.sort;
    const press = () => {
      [this.sort, this.down] = [name, on ? !this.down : true];
      this.#keep();
    };
    return html`<th scope="col" class=${end ? "r" : ""} aria-sort=${on ? (this.down ? "descending" : "ascending") : nothing}>
      <button type="button" @click=${press}>${this.say(`column.${name}`)}${icon(on ? "up" : "sort")}</button></th>`;
  }

  #tools() {
    const { say } = this;
    return html`<div class="tools-row">
      <label>${say("sessions.find")} <input class="field" type="search" .value=${this.find} placeholder=${say("sessions.find_hint")} @input=${(/** @type {Event} */ event) => {
        this.find = /** @type {HTMLInputElement} */ (event.currentTarget).value;
        this.#keep();
      }} /></label>
      <label title=${say("sessions.conditions_why")}><input type="checkbox" .checked=${this.open} @change=${(/** @type {Event} */ event) => {
        this.open = /** @type {HTMLInputElement} */ (event.currentTarget).checked;
        this.#keep();
      }} /> ${say("sessions.conditions")}</label>
      <span class="bar__grow"></span><span class="muted num">${date(this.now, this.lang)}, ${say("sessions.live")}</span>
    </div>`;
  }

  draw() {
    const { say } = this;
    if (!this.board?.lines.length) return render(html`<p class="card">${say("sessions.empty")}</p>`, this.root);
    const lines = this.#lines();
    const columns = COLUMNS.filter((column) => this.open || !column.open);
    return render(html`${this.#tools()}
      <div class="scroll" tabindex="0" role="region" aria-label=${say("sessions.caption")}><table class="grid">
        <caption class="vh">${say("sessions.caption")}</caption>
        <thead><tr>${columns.map((column) => this.#head(column))}<th scope="col"><span class="vh">${say("column.log")}</span></th></tr></thead>
        <tbody>${lines.map((line) => html`<tr class=${line.status === "stalled" || line.status === "broken" ? "is-alert" : ""}>
          ${columns.map((column) => html`<td class=${column.end ? "r num" : ""}>${column.cell(line, this)}</td>`)}
          <td><a class="log" href=${`/desk/api/log/${encodeURIComponent(line.session)}.log.jsonl`} download aria-label=${say("sessions.download", { session: line.session })}>${icon("down")}${say("sessions.log")}</a></td>
        </tr>`)}</tbody>
      </table></div>
      ${lines.length ? nothing : html`<p class="muted">${say("sessions.none")}</p>`}`, this.root);
  }
}
