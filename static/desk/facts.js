// What is known of the session and of the round at this moment: condition, truth, who said what, what to look at.

import { html, nothing } from "../lit.js";
import { titleOf } from "./describe.js";
import { icon, mark } from "./icons.js";
import { position } from "./time.js";

/**
 * @typedef {import("./film.js").Film} Film
 * @typedef {import("./replay").Span} Span
 * @typedef {import("./words.js").Say} Say
 */

/** @param {"truth" | "you" | "ai"} who @param {string} title @param {string} label @param {boolean} sci */
const det = (who, title, label, sci) => html`<li class="det det--${who}">${icon(who === "truth" ? "flag" : who)}<span>${title}</span><b class="name ${sci ? "sci" : ""}">${label}</b></li>`;

/** @param {Film} film @param {Span} span @param {Say} say */
function labels(film, span, say) {
  const sci = Object.values(film.replay.views).some((view) => view.asks?.some((ask) => ask.kind === "choice" && ask.sci));
  const title = (/** @type {string} */ label) => titleOf(film, label);
  return html`<ul class="dets">
    ${det("truth", say("replay.truth"), title(span.truth), sci)}
    ${span.own ? det("you", say("replay.first"), title(span.own), sci) : nothing}
    ${span.ai ? det("ai", say("replay.ai"), title(span.ai), sci) : nothing}
    ${span.final ? det(span.by === "ai" ? "ai" : "you", say(span.by === "ai" ? "replay.final_ai" : "replay.final"), title(span.final), sci) : det("you", say("replay.final"), say("replay.open"), false)}
  </ul>`;
}

/** @param {Span} span @param {Say} say */
function flags(span, say) {
  const found = span.flags ?? [];
  const key = (/** @type {string} */ flag) => (span.own && flag === "over" ? "over_left" : span.own && flag === "under" ? "under_kept" : flag);
  const shown = found.filter((flag) => flag !== "wrong" || (!found.includes("over") && !found.includes("under")));
  return shown.map((flag) => {
    const bad = flag === "over" || flag === "under" || flag === "wrong";
    return html`<span class="tag tag--wrap ${bad ? "tag--bad" : ""}">${icon(bad ? "warn" : flag === "delegation" ? "ai" : "you")}<span>${say(`flag.${key(flag)}`)}</span></span>`;
  });
}

/** @param {Film} film @param {number} ms @param {Say} say */
export function facts(film, ms, say) {
  const { replay } = film;
  const [span, screen, client] = [film.roundAt(ms), film.screenAt(ms), film.clientAt(ms)];
  const phone = Math.min(client.width ?? 0, client.height ?? 0) < 700 && client.touch;
  const outcome = say(`outcome.${replay.outcome || "under_way"}`);
  const place = screen ? film.placeOf(screen.turn) : undefined;
  return html`<dl class="kv">
      <dt>${say("replay.session")}</dt><dd>${outcome}, ${position(film.end, false)}, ${say(`device.${phone ? "phone" : "laptop"}`)}</dd>
      ${span?.condition ? html`<dt>${say("replay.condition")}</dt><dd><span class="tag">${mark(Math.max(0, [...replay.conditions].sort().indexOf(span.condition)))}${span.condition}</span></dd>` : nothing}
      ${span ? html`<dt>${span.number ? say("replay.round", { n: span.number }) : say("replay.practice")}</dt><dd>${say("replay.specimen", { name: span.specimen })}</dd>` : nothing}
      ${place ? html`<dt>${say("replay.step")}</dt><dd class="mono">${place}</dd>` : nothing}
    </dl>
    ${span ? html`${labels(film, span, say)}${flags(span, say)}` : nothing}`;
}
