// What the browser finds out with the person: signs in the study's own colours, the speed of the line. Only the result is told:
// which sign was not seen would say something of the person's eyes, so it never leaves this page.

import { blend, PALETTES } from "../heat.js";
import { keyOf } from "../answers.js";
import { legend } from "../legend.js";
import { html, live, svg } from "../lit.js";
import { phrase } from "../phrases.js";

export const sheet = new URL("./probe.css", import.meta.url).href;

/**
 * @typedef {{kind: "probe", name: string, legend: string, of: string, missing: string, texts: Record<string, string>}} Probe
 * @typedef {import("../render.js").Context} Context
 * @typedef {{turn: number, gaps: number[], seen: (string | undefined)[]}} Signs
 */

const SIDES = ["up", "right", "down", "left"];
const BYTES = 65536;
const TRIES = 3;
const COARSE = 100;

/** A colour of the maps at a share of its scale. @param {number} share */
const heat = (share) => {
  const list = blend(PALETTES.inferno);
  return list[Math.round((list.length - 1) * share)] ?? "";
};

/** Pairs that the study asks to be told apart: places of a map, the person and the AI, right and wrong. */
const pairs = () => [[heat(0.75), heat(0.4)], ["var(--you)", "var(--ai-wash)"], ["var(--ai)", "var(--you-wash)"], ["var(--bad)", "var(--ok-wash)"]];

/** @type {Signs} */
let signs = { turn: -1, gaps: [], seen: [] };

/** @param {number} turn @returns {Signs} */
function drawn(turn) {
  if (signs.turn !== turn) {
    const random = crypto.getRandomValues(new Uint8Array(pairs().length));
    signs = { turn, gaps: [...random].map((n) => n % SIDES.length), seen: [] };
  }
  return signs;
}

/** @param {Probe} block @param {Context} ctx @param {number} at @param {string} side */
function saw(block, ctx, at, side) {
  const { gaps, seen } = drawn(ctx.view.turn);
  seen[at] = side;
  if (gaps.some((_, i) => seen[i] === undefined)) return;
  const passed = gaps.every((gap, i) => seen[i] === SIDES[gap]);
  ctx.hold({ name: keyOf(/** @type {any} */ (block)), value: passed ? "yes" : "no" });
}

/** @param {Probe} block @param {Context} ctx */
function legible(block, ctx) {
  const { gaps, seen } = drawn(ctx.view.turn);
  const { texts } = block;
  const ring = (/** @type {number} */ at) => {
    const [ink, ground] = pairs()[at] ?? [];
    return html`<svg class="ring" viewBox="0 0 64 64" aria-hidden="true">${svg`<rect width="64" height="64" fill=${ground ?? ""}></rect>
      <circle cx="32" cy="32" r="17" fill="none" stroke=${ink ?? ""} stroke-width="8" stroke-dasharray="98 9" transform=${`rotate(${(gaps[at] ?? 0) * 90 - 75} 32 32)`}></circle>`}</svg>`;
  };
  const option = (/** @type {number} */ at, /** @type {string} */ side) => html`<label class="rate rate--side">
    <input type="radio" name=${`${block.name}-${at}`} value=${side} .checked=${live(seen[at] === side)} @change=${() => saw(block, ctx, at, side)} />
    <span>${texts[side]}</span></label>`;
  return html`<p>${texts.how}</p>${gaps.map((_, at) => html`<fieldset class="sign"><legend>${phrase({ sign: texts.sign ?? "" }, "sign", { n: at + 1 })}</legend>
    ${ring(at)}<div class="sign__sides">${[...SIDES, "unseen"].map((side) => option(at, side))}</div></fieldset>`)}`;
}

/** Milliseconds until so many bytes are here. @param {number} n */
async function took(n) {
  const start = performance.now();
  await (await fetch(`/probe?n=${n}`, { cache: "no-store" })).arrayBuffer();
  return performance.now() - start;
}

let measured = -1;

/** @param {Probe} block @param {Context} ctx */
async function measure(block, ctx) {
  measured = ctx.view.turn;
  let kbit = 0;
  for (let tries = 0; tries < TRIES && !kbit; tries += 1) {
    try {
      const empty = await took(1);
      const ms = Math.max(1, (await took(BYTES)) - empty);
      kbit = Math.max(COARSE, Math.round((BYTES * 8) / ms / COARSE) * COARSE);
    } catch {
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
  if (measured === ctx.view.turn) ctx.hold({ name: keyOf(/** @type {any} */ (block)), value: String(kbit) });
}

/** @param {Probe} block @param {Context} ctx */
function speed(block, ctx) {
  const held = ctx.ui[keyOf(/** @type {any} */ (block))];
  if (held === undefined && ctx.live && !ctx.frozen && measured !== ctx.view.turn) void measure(block, ctx);
  const mbit = (Number(held) / 1000).toLocaleString(ctx.view.lang, { maximumFractionDigits: 1 });
  return html`<p role="status">${held === undefined ? block.texts.wait : phrase({ done: block.texts.done ?? "" }, "done", { mbit })}</p>`;
}

/**
 * @param {Probe} block
 * @param {Context} ctx
 */
export const draw = (block, ctx) => html`<fieldset class="group probe" data-ask=${block.name}>
  ${legend(/** @type {any} */ (block), ctx)}${block.of === "legible" ? legible(block, ctx) : speed(block, ctx)}
</fieldset>`;
