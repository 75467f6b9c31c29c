// What the person has filled in so far, read from `ui`. Pure: the same for live play and replay.

import { onScale } from "./amounts.js";

/**
 * @typedef {Record<string, string | number | boolean>} Ui  folded gestures, see gestures.js
 * @typedef {import("./types").Ask} Ask
 * @typedef {import("./types").Act} Act
 * @typedef {import("./types").View} View
 * @typedef {Exclude<Ask, Act>} Input
 */

/** @param {Ask} ask @returns {ask is Input} */
export const isInput = (ask) => ask.kind !== "act";

/** @type {Readonly<Record<string, string>>} what a person writes, or a framed page sends, is kept here and told nobody before it is confirmed */
const HEADS = { check: "tick", words: "words", frame: "frame" };

/** The key of an input in `ui`. @param {Input} input */
export const keyOf = (input) => `${HEADS[input.kind] ?? "choose"}:${input.name}`;

/** @param {Input} input @param {Ui} ui @returns {string | boolean | undefined} */
export function valueOf(input, ui) {
  const held = ui[keyOf(input)];
  if (input.kind === "check") return held === true;
  if (held === undefined || held === "") return undefined;
  if (input.kind === "words") return String(held).trim() || undefined;
  return String(held);
}

/** The chosen values of a list, in its own order. @param {import("./types").Many} input @param {Ui} ui */
export function chosenOf(input, ui) {
  const held = new Set(String(ui[keyOf(input)] ?? "").split(" "));
  return input.options.map(({ value }) => value).filter((value) => held.has(value));
}

/** @param {Input} input @param {Ui} ui */
function lacking(input, ui) {
  const value = valueOf(input, ui);
  if (input.kind === "check") return input.required !== false && value !== true;
  if (input.kind === "many") {
    const n = chosenOf(input, ui).length;
    return n < input.least || n > input.most;
  }
  if (input.kind === "amount" && value !== undefined) return onScale(input, String(value)) === null;
  return value === undefined && (input.kind === "frame" || input.kind === "probe" || input.required !== false);
}

/** The first input that still needs an answer, in the order of the screen. @param {View} view @param {Ui} ui */
export const missing = (view, ui) => (view.asks ?? []).filter(isInput).find((input) => lacking(input, ui));

/** What an input sends. @param {Input} input @param {Ui} ui */
function sent(input, ui) {
  const value = valueOf(input, ui);
  return input.kind === "amount" && value !== undefined ? String(onScale(input, String(value)) ?? value) : value;
}

/** The values an act sends. @param {View} view @param {Act} act @param {Ui} ui */
export function valuesOf(view, act, ui) {
  /** @type {Record<string, string | boolean>} */
  const values = {};
  if (act.confirms) {
    for (const input of (view.asks ?? []).filter(isInput)) {
      const value = sent(input, ui);
      if (value !== undefined) values[input.name] = value;
    }
  }
  if (act.name) values[act.name] = act.value;
  return values;
}

/** @param {View} view */
export const panesOf = (view) => view.blocks.find((block) => block.kind === "panes");

/** Pictures in the place of the second panel: similar cases, candidates, two teammates' maps. @param {View} view */
export function trayOf(view) {
  const second = panesOf(view)?.second;
  if (second !== "none" && second !== "same") return undefined;
  for (const other of view.blocks) {
    if (other.kind === "gallery" || (other.kind === "pair" && other.planes?.length)) return other;
  }
  return undefined;
}

/** The act of a name and value, e.g. handing over. @param {View} view @param {string} name @param {string} value @returns {Act | undefined} */
export const actOf = (view, name, value) =>
  /** @type {Act | undefined} */ ((view.asks ?? []).find((ask) => ask.kind === "act" && ask.name === name && ask.value === value));

/** Whether both sides still have to be looked at. @param {View} view @param {Ui} ui */
export function gated(view, ui) {
  const panes = panesOf(view);
  return Boolean(panes?.gate_ms) && !(ui["seen:1"] && ui["seen:2"]);
}
