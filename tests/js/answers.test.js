// The primary button: what is missing, in order; the gate; the name of the result; what is sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { valuesOf } from "../../static/answers.js";
import { CHOICE, CONFIRM, drawn, PANES, RATE, viewOf } from "./page.js";

const CHECK = { kind: "check", name: "open", label: "May be shared", missing: "", required: false };
const VIEW = viewOf([], [CHOICE, RATE, CHECK, CONFIRM]);
const primary = (root) => root.querySelector(".btn--primary");
const label = (root) => primary(root).querySelector(".only-wide").textContent;

test("the button says what is missing first, then names its result", async () => {
  const at = async (ui) => drawn(VIEW, { ui });
  assert.equal(label(await at({})), "Choose an answer");
  assert.equal(label(await at({ "choose:final": "b" })), "Say how sure");
  assert.equal(label(await at({ "choose:final": "b", "choose:sure": "2" })), "Keep B");
  assert.equal(label(await at({ "choose:final": "a", "choose:sure": "2" })), "Confirm");
});

test("an act that is off stays focusable", async () => {
  const root = await drawn(VIEW);
  assert.equal(primary(root).getAttribute("aria-disabled"), "true");
  assert.ok(!primary(root).hasAttribute("disabled"));
});

test("nothing is preselected", async () => {
  const root = await drawn(VIEW);
  assert.equal([...root.querySelectorAll("input")].filter((input) => input.checked).length, 0);
});

test("the gate holds all acts until both sides were seen", async () => {
  const delegate = { kind: "act", name: "who", value: "ai", label: "AI decides", style: "ai" };
  const view = viewOf([{ ...PANES, gate_ms: 3000, gate_reason: "Look at both sides" }], [CHOICE, delegate, CONFIRM]);
  const off = (root) => [...root.querySelectorAll(".actions .btn")].map((button) => button.getAttribute("aria-disabled"));
  const closed = await drawn(view, { ui: { "choose:final": "b", "seen:2": true } });
  assert.deepEqual(off(closed), ["true", "true"]);
  assert.equal(label(closed), "Look at both sides");
  assert.deepEqual(off(await drawn(view, { ui: { "choose:final": "b", "seen:1": true, "seen:2": true } })), [null, null]);
});

test("a paused view takes nothing", async () => {
  const root = await drawn({ ...VIEW, paused: "Please wait" }, { ui: { "choose:final": "b", "choose:sure": "1" } });
  assert.equal(primary(root).getAttribute("aria-disabled"), "true");
});

test("confirming sends the inputs; another act sends only itself", () => {
  const ui = { "choose:final": "b", "choose:sure": "2" };
  assert.deepEqual(valuesOf(VIEW, CONFIRM, ui), { final: "b", sure: "2", open: false });
  assert.deepEqual(valuesOf(VIEW, { ...CONFIRM, confirms: false, name: "who", value: "ai" }, ui), { who: "ai" });
});

test("a change of an input is told as a gesture", async () => {
  const told = [];
  const root = await drawn(VIEW, { emit: (gesture) => told.push(gesture) });
  const input = root.querySelectorAll("input[name=final]")[1];
  input.checked = true;
  input.dispatchEvent(new Event("change"));
  assert.deepEqual(told, [{ name: "choose:final", value: "b" }]);
});
