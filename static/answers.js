// What the person has filled in so far, read from `ui`. Pure: the same for live play and replay.

/**
 * @typedef {Record<string, string | number | boolean>} Ui  folded gestures, see gestures.js
 * @typedef {import("./types").Ask} Ask
 * @typedef {import("./types").Act} Act
 * @typedef {import("./types").View} View
 * @typedef {Exclude<Ask, Act>} Input
 */

/** @param {Ask} ask @returns {ask is Input} */
export const isInput = (ask) => ask.kind !== "act";

/** The key of an input in `ui`. @param {Input} input */
export const keyOf = (input) => `${input.kind === "check" ? "tick" : "choose"}:${input.name}`;

/** @param {Input} input @param {Ui} ui @returns {string | boolean | undefined} */
export function valueOf(input, ui) {
  const held = ui[keyOf(input)];
  if (input.kind === "check") return held === true;
  return held === undefined ? undefined : String(held);
}

/** @param {Input} input @param {Ui} ui */
function lacking(input, ui) {
  const value = valueOf(input, ui);
  return input.kind === "check" ? input.required !== false && value !== true : value === undefined;
}

/** The first input that still needs an answer, in the order of the screen. @param {View} view @param {Ui} ui */
export const missing = (view, ui) => (view.asks ?? []).filter(isInput).find((input) => lacking(input, ui));

/** The values an act sends. @param {View} view @param {Act} act @param {Ui} ui */
export function valuesOf(view, act, ui) {
  /** @type {Record<string, string | boolean>} */
  const values = {};
  if (act.confirms) {
    for (const input of (view.asks ?? []).filter(isInput)) {
      const value = valueOf(input, ui);
      if (value !== undefined) values[input.name] = value;
    }
  }
  if (act.name) values[act.name] = act.value;
  return values;
}

/** @param {View} view */
export const panesOf = (view) => view.blocks.find((block) => block.kind === "panes");

/** Whether both sides still have to be looked at. @param {View} view @param {Ui} ui */
export function gated(view, ui) {
  const panes = panesOf(view);
  return Boolean(panes?.gate_ms) && !(ui["seen:1"] && ui["seen:2"]);
}
