// Keyboard shortcuts by `event.code`, so that they sit at the same place on every keyboard (AZERTY has no plain digits).

import { isInput, keyOf, panesOf } from "./answers.js";
import { displayOf } from "./heat.js";

/**
 * @typedef {import("./types").View} View
 * @typedef {{code: string, repeat?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean, target?: unknown}} Press
 * @typedef {{gesture: {name: string, value: string | boolean}} | {act: import("./types").Act} | null} Meaning
 */

const TYPING = "input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]";
const NATIVE = "button, a, summary, dialog *";

/** @param {unknown} target @param {string} selector */
const within = (target, selector) => Boolean(/** @type {Element | null} */ (target)?.matches?.(selector));

/** @param {View} view @param {number} n @param {unknown} target @returns {Meaning} */
function choose(view, n, target) {
  const group = /** @type {HTMLElement | null} */ (/** @type {Element | null} */ (target)?.closest?.("[data-ask]") ?? null)?.dataset.ask;
  const choices = (view.asks ?? []).filter(isInput).filter((ask) => ask.kind === "choice" || ask.kind === "rate");
  const input = choices.find((ask) => ask.name === group) ?? choices.find((ask) => ask.kind === "choice");
  const option = input?.options[n - 1];
  return input && option ? { gesture: { name: keyOf(input), value: option.value } } : null;
}

/**
 * What a key means on this screen; null when nothing.
 * @param {Press} event @param {View} view @param {import("./answers.js").Ui} ui
 * @returns {Meaning}
 */
export function meaning(event, view, ui) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || within(event.target, TYPING)) return null;
  const guide = view.blocks.some((block) => block.kind === "guide" && block.folded);
  if (guide && event.code === "KeyG") return { gesture: { name: "guide", value: ui.guide !== true } };
  if (ui.guide === true) return event.code === "Escape" ? { gesture: { name: "guide", value: false } } : null;
  const panes = panesOf(view);
  if (event.code === "KeyH" && panes && displayOf(panes, ui) !== "beside") return { gesture: { name: "peek", value: ui.peek !== true } };
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (digit) return choose(view, Number(digit), event.target);
  const code = event.code === "NumpadEnter" ? "Enter" : event.code;
  if (code === "Enter" && within(event.target, NATIVE)) return null;
  const act = (view.asks ?? []).find((ask) => ask.kind === "act" && ask.key === code);
  return act?.kind === "act" ? { act } : null;
}
