// The buttons under the timeline, and the keys that do the same.

import { html } from "../lit.js";
import { icon } from "./icons.js";
import { SPEEDS } from "./player.js";
import { position } from "./time.js";

/**
 * @typedef {import("./player.js").Player} Player
 * @typedef {import("./words.js").Say} Say
 */

const JUMPS = { over: "O", under: "U", change: "C", delegation: "D" };

/** @param {Player} player @param {string} flag @param {(text: string) => void} tell @param {Say} say */
function jump(player, flag, tell, say) {
  tell(player.jump(flag) ? "" : `${say(`transport.${flag}`)}: ${say("transport.none")}`);
}

/** @param {string} label @param {string} glyph @param {() => void} press @param {string} [more] */
const button = (label, glyph, press, more = "") => html`<button class="btn btn--icon ${more}" type="button" aria-label=${label} title=${label} @click=${press}>${icon(glyph)}</button>`;

/** @param {string} label @param {readonly (readonly [string, string])[]} options @param {string} held @param {(value: string) => void} chosen */
const select = (label, options, held, chosen) => html`<select class="select" aria-label=${label} @change=${(/** @type {Event} */ event) => chosen(/** @type {HTMLSelectElement} */ (event.currentTarget).value)}>
  ${options.map(([value, text]) => html`<option value=${value} ?selected=${value === held}>${text}</option>`)}
</select>`;

/** @param {Player} player @param {Say} say @param {(text: string) => void} tell */
export function transport(player, say, tell) {
  const speeds = SPEEDS.map((n) => /** @type {const} */ ([String(n), say("transport.times", { n })]));
  /** @type {[string, string][]} */
  const paces = [["gaps", say("transport.gaps")], ["real", say("transport.real")]];
  return html`<div class="transport">
    ${button(say("transport.round_back"), "rndb", () => player.stepRound(-1))}
    ${button(say("transport.event_back"), "stepb", () => player.step(-1))}
    ${button(say(player.playing ? "transport.pause" : "transport.play"), player.playing ? "pause" : "play", () => player.toggle(), "play")}
    ${button(say("transport.event_on"), "stepf", () => player.step(1))}
    ${button(say("transport.round_on"), "rndf", () => player.stepRound(1))}
    <span class="sep"></span>
    ${select(say("transport.speed"), speeds, String(player.speed), (value) => { player.speed = Number(value); })}
    ${select(say("transport.pace"), paces, player.skips ? "gaps" : "real", (value) => { player.skips = value === "gaps"; })}
    <span class="bar__grow"></span>
    <div class="jumps" role="group" aria-label=${say("transport.jump")}>${Object.entries(JUMPS).map(([flag, key]) => html`<button class="btn" type="button" aria-keyshortcuts=${key} @click=${() => jump(player, flag, tell, say)}>
      ${say(`transport.${flag}`)}<span class="key" aria-hidden="true">${key}</span>
    </button>`)}</div>
  </div>`;
}

/** The position as a slider, for keyboards and screen readers. @param {Player} player @param {Say} say */
export const slider = (player, say) => html`<input class="vh seek" type="range" min="0" max=${player.film.end} step="100" .value=${String(Math.round(player.ms))}
  aria-label=${say("replay.position")} aria-valuetext=${position(player.ms)}
  @input=${(/** @type {Event} */ event) => player.seek(Number(/** @type {HTMLInputElement} */ (event.currentTarget).value))} />`;

/** @param {Player} player @param {Say} say @param {(text: string) => void} tell */
export function keys(player, say, tell) {
  /** @type {Readonly<Record<string, () => void>>} */
  const act = {
    Space: () => player.toggle(), ArrowLeft: () => player.step(-1), ArrowRight: () => player.step(1), Home: () => player.go(0),
    End: () => player.go(player.film.entries.length - 1),
    KeyO: () => jump(player, "over", tell, say), KeyU: () => jump(player, "under", tell, say), KeyC: () => jump(player, "change", tell, say), KeyD: () => jump(player, "delegation", tell, say),
  };
  return (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey) return;
    const on = /** @type {HTMLElement} */ (event.target);
    const own = on.matches("select, input") || (event.code === "Space" && on.matches("button, a"));
    if (own) return;
    // Brackets are told by the character, because they stand elsewhere on many keyboards; letters by their place, unless typed.
    const round = { "[": /** @type {const} */ (-1), "]": /** @type {const} */ (1) }[event.key];
    const letter = /^[a-z]$/i.test(event.key) ? `Key${event.key.toUpperCase()}` : event.code;
    if (round) player.stepRound(round);
    else if (event.altKey || !act[letter]) return;
    else act[letter]?.();
    event.preventDefault();
  };
}
