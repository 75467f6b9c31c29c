// The tag that says whether the log holds.

import { html, render } from "../lit.js";
import { icon } from "./icons.js";
import { get } from "./words.js";

/** @param {import("./replay").Verdict} verdict @param {import("./words.js").Say} say @returns {["ok" | "bad" | "warn", string]} */
export function verdictIn({ rungs, same_files }, say) {
  const broken = rungs.find((rung) => rung.outcome === "broken");
  if (broken) return ["bad", say("verdict.broken", { seq: broken.seq ?? 0, why: broken.why ?? "" })];
  if (rungs.some((rung) => rung.outcome === "erased")) return ["warn", say("verdict.erased")];
  const unknown = rungs.find((rung) => rung.outcome === "not checkable");
  if (unknown) return ["warn", say("verdict.unknown", { why: unknown.why ?? "" })];
  return ["ok", say(same_files ? "verdict.sound" : "verdict.files")];
}

/** @param {HTMLElement} root @param {string} session @param {import("./words.js").Say} say */
export async function judge(root, session, say) {
  render(html`<span class="muted">${say("verdict.checking")}</span>`, root);
  const [tone, text] = await get(`/desk/api/verdict/${encodeURIComponent(session)}`).then(
    (found) => verdictIn(found, say),
    (error) => /** @type {["warn", string]} */ (["warn", say("verdict.unknown", { why: error.message })]),
  );
  render(html`<span class="tag tag--wrap tag--${tone}">${icon(tone === "ok" ? "shield" : "warn")}<span>${text}</span></span>`, root);
}
