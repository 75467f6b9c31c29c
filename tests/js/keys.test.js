// Shortcuts go by the place of the key, not by what is printed on it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CHOICE, CONFIRM, PANES, RATE, viewOf } from "./page.js";
import { meaning } from "../../static/keys.js";

const DELEGATE = { kind: "act", name: "who", value: "ai", label: "AI decides", style: "ai", key: "KeyD", hint: "D" };
const GUIDE = { kind: "guide", title: "Guide", plates: [], folded: true };
const VIEW = viewOf([GUIDE], [CHOICE, RATE, DELEGATE, CONFIRM]);
const press = (code, more = {}, ui = {}) => meaning({ code, ...more }, VIEW, ui);

test("digits choose by code, whatever the keyboard prints (AZERTY gives & for Digit1)", () => {
  assert.deepEqual(press("Digit1", { key: "&" }), { gesture: { name: "choose:final", value: "a" } });
  assert.deepEqual(press("Numpad3"), { gesture: { name: "choose:final", value: "c" } });
  assert.equal(press("Digit9"), null);
});

test("digits go to the scale while the focus is in it", () => {
  const group = document.createElement("fieldset");
  group.dataset.ask = "sure";
  const input = document.createElement("input");
  input.type = "radio";
  group.append(input);
  assert.deepEqual(press("Digit2", { target: input }), { gesture: { name: "choose:sure", value: "2" } });
});

test("Enter confirms, never on repeat, and leaves native controls alone", () => {
  assert.equal(press("Enter").act, CONFIRM);
  assert.equal(press("NumpadEnter").act, CONFIRM);
  assert.equal(press("Enter", { repeat: true }), null);
  assert.equal(press("Enter", { target: document.createElement("button") }), null);
});

test("acts go by their own key; G and Escape work the guide", () => {
  assert.equal(press("KeyD").act, DELEGATE);
  assert.equal(press("KeyA"), null);
  assert.deepEqual(press("KeyG"), { gesture: { name: "guide", value: true } });
  assert.deepEqual(press("Escape", {}, { guide: true }), { gesture: { name: "guide", value: false } });
  assert.equal(press("Enter", {}, { guide: true }), null);
});

test("nothing is a shortcut while typing or with a modifier", () => {
  const field = document.createElement("textarea");
  assert.equal(press("Digit1", { target: field }), null);
  assert.equal(press("KeyD", { ctrlKey: true }), null);
});

test("H looks at the original and back, where something lies over it", () => {
  const at = (block, ui = {}) => meaning({ code: "KeyH" }, viewOf([{ ...PANES, ...block }]), ui);
  assert.equal(at({}), null);
  assert.deepEqual(at({ display: "mask" }), { gesture: { name: "peek", value: true } });
  assert.deepEqual(at({ display: "mask" }, { peek: true }), { gesture: { name: "peek", value: false } });
  assert.deepEqual(at({ tools: true }, { rendering: "overlay" }), { gesture: { name: "peek", value: true } });
});
