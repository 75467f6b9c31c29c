// Zoom and pan of the specimen, the same for both panels. State lives in `ui`: zoom is a factor, pan is "x,y" in percent.

import { icon } from "./icons.js";
import { html } from "./lit.js";

const STEPS = [1, 1.5, 2, 3, 4];
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @typedef {import("./render.js").Context} Context */

/** @param {import("./answers.js").Ui} ui */
export const zoomOf = (ui) => Math.min(4, Math.max(1, Number(ui.zoom ?? 1) || 1));

/** @param {import("./answers.js").Ui} ui @returns {[number, number]} */
export function panOf(ui) {
  const [x = 0, y = 0] = String(ui.pan ?? "0,0").split(",").map(Number);
  const limit = ((zoomOf(ui) - 1) / 2) * 100;
  const clamp = (/** @type {number} */ v) => Math.min(limit, Math.max(-limit, Number.isFinite(v) ? v : 0));
  return [clamp(x), clamp(y)];
}

/** @param {import("./answers.js").Ui} ui */
export function placement(ui) {
  const [x, y] = panOf(ui);
  return { "--zoom": zoomOf(ui), "--pan-x": `${x}%`, "--pan-y": `${y}%` };
}

/** @param {Context} ctx @param {number} by */
function step({ ui, emit }, by) {
  const at = STEPS.findIndex((factor) => factor >= zoomOf(ui));
  const next = by === 0 ? 1 : STEPS[Math.min(STEPS.length - 1, Math.max(0, at + by))];
  emit({ name: "zoom", value: next ?? 1 });
}

/** @param {Context} ctx @param {number} x @param {number} y */
const move = ({ emit }, x, y) => emit({ name: "pan", value: `${x.toFixed(1)},${y.toFixed(1)}` });

/** Arrows, plus, minus and 0 while a panel has the focus. @param {Context} ctx */
export const keys = (ctx) => (/** @type {KeyboardEvent} */ event) => {
  const arrow = ARROWS[/** @type {keyof typeof ARROWS} */ (event.code)];
  const by = { Equal: 1, NumpadAdd: 1, Minus: -1, NumpadSubtract: -1, Digit0: 0, Numpad0: 0 }[event.code];
  if (arrow && zoomOf(ctx.ui) > 1) {
    const [x, y] = panOf(ctx.ui);
    move(ctx, x + (arrow[0] ?? 0) * 15, y + (arrow[1] ?? 0) * 15);
  } else if (by !== undefined) step(ctx, by);
  else return;
  event.preventDefault();
  event.stopPropagation();
};

/** Drag, or press a spot to bring it to the middle: nothing needs a drag. @param {Context} ctx */
export const drag = (ctx) => (/** @type {PointerEvent} */ down) => {
  if (ctx.frozen || zoomOf(ctx.ui) <= 1 || down.button !== 0) return;
  const box = /** @type {HTMLElement} */ (down.currentTarget);
  const side = box.clientWidth;
  const [x, y] = panOf(ctx.ui);
  let dragged = false;
  box.setPointerCapture(down.pointerId);
  const onMove = (/** @type {PointerEvent} */ event) => {
    const [dx, dy] = [event.clientX - down.clientX, event.clientY - down.clientY];
    dragged ||= Math.hypot(dx, dy) > 6;
    if (dragged) move(ctx, x + (dx / side) * 100, y + (dy / side) * 100);
  };
  const onUp = (/** @type {PointerEvent} */ event) => {
    box.removeEventListener("pointermove", onMove);
    const at = box.getBoundingClientRect();
    if (dragged || event.type !== "pointerup") return;
    move(ctx, x + (0.5 - (event.clientX - at.left) / side) * 100, y + (0.5 - (event.clientY - at.top) / side) * 100);
  };
  box.addEventListener("pointermove", onMove);
  box.addEventListener("pointerup", onUp, { once: true });
  box.addEventListener("pointercancel", onUp, { once: true });
};

/** @param {Context} ctx */
export function zoomButtons(ctx) {
  const button = (/** @type {string} */ shape, /** @type {number} */ by, /** @type {string | undefined} */ label) =>
    html`<button class="ctl ctl--icon" type="button" aria-label=${label ?? ""} @click=${() => step(ctx, by)}>${icon(shape)}</button>`;
  return html`<div class="ctl-group" role="group" aria-label=${ctx.words.zoom ?? ""}>
    ${button("minus", -1, ctx.words.zoom_out)}${button("fit", 0, ctx.words.zoom_fit)}${button("plus", 1, ctx.words.zoom_in)}
  </div>`;
}

/** The phone has one button in the gutter: each press goes one step closer, then back to the whole. @param {Context} ctx */
export function zoomCycle(ctx) {
  const now = zoomOf(ctx.ui);
  const next = now >= 3 ? 1 : now >= 2 ? 3 : 2;
  return html`<button class="ctl ctl--icon edge__zoom" type="button" aria-label=${(next === 1 ? ctx.words.zoom_fit : ctx.words.zoom_in) ?? ""}
    @click=${() => ctx.emit({ name: "zoom", value: next })}>${icon(next === 1 ? "fit" : "zoom")}</button>`;
}
