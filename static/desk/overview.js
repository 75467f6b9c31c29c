// The study at a glance: sessions by status, by outcome and by cell.

import { html, nothing, svg } from "../lit.js";
import { status } from "./status.js";

/**
 * @typedef {import("./replay").Board} Board
 * @typedef {import("./words.js").Say} Say
 */

const ORDER = ["active", "stalled", "offline", "paused", "waiting", "finished", "ended", "erased", "broken"];
const UNDER_WAY = ["active", "stalled", "offline", "paused"];

/** @param {Board} board @param {Say} say */
const statuses = (board, say) => html`<dl class="counts">${ORDER.filter((name) => board.statuses[name]).map((name) => html`<div>
  <dt title=${say(`status.what.${name}`)}>${status(name, say)}</dt><dd>${board.statuses[name]}</dd>
</div>`)}</dl>`;

/** @param {Board} board @param {Say} say */
function outcomes(board, say) {
  const found = Object.entries(board.outcomes);
  if (!found.length) return html`<p class="muted">${say("overview.no_outcomes")}</p>`;
  return html`<dl class="tally-list">${found.map(([name, n]) => html`<div><dt>${say(`outcome.${name}`)}</dt><dd class="num">${n}</dd></div>`)}</dl>`;
}

/** @param {Board} board @param {Say} say */
function cells(board, say) {
  const found = Object.entries(board.cells);
  if (!found.length) return html`<p class="muted">${say("overview.no_cells")}</p>`;
  const sum = (/** @type {Readonly<Record<string, number>>} */ counts, /** @type {readonly string[]} */ names) => names.reduce((n, name) => n + (counts[name] ?? 0), 0);
  const most = Math.max(1, ...found.map(([, counts]) => sum(counts, ["finished", ...UNDER_WAY])));
  return html`<ul class="quota">${found.map(([name, counts]) => {
    const [done, active] = [sum(counts, ["finished"]), sum(counts, UNDER_WAY)];
    return html`<li><b>${name}</b><svg viewBox="0 0 200 14" preserveAspectRatio="none" aria-hidden="true">
      ${svg`<rect class="q-bg" x="0" y="0" width="200" height="14" /><rect class="q-done" x="0" y="0" width=${(200 * done) / most} height="14" />
      <rect class="q-now" x=${(200 * done) / most} y="0" width=${(200 * active) / most} height="14" />`}
    </svg><span class="num">${say("overview.done", { n: done, active })}</span></li>`;
  })}</ul>`;
}

/** @param {Board} board @param {Say} say */
export function overview(board, say) {
  if (!board.lines.length) return html`<p class="card">${say("overview.empty")}</p>`;
  return html`<section class="card" aria-label=${say("sessions.title")}>${statuses(board, say)}</section>
    <div class="columns">
      <section class="card"><h2>${say("overview.outcomes")}</h2>${outcomes(board, say)}</section>
      <section class="card"><h2>${say("overview.cells")}</h2>${cells(board, say) ?? nothing}</section>
    </div>`;
}
