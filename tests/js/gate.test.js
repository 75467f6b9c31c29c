// The gate counts what was really in view: both sides at once on a laptop, the side in front on a phone.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { PANES, viewOf } from "./page.js";
import { Gate } from "../../static/gate.js";

const NEED = 3000;
const view = (second) => viewOf([{ ...PANES, second, gate_ms: NEED, gate_reason: "Look at both sides" }]);
const phone = (is) => (globalThis.matchMedia = () => ({ matches: is }));
afterEach(() => phone(false));

function counted(second, steps) {
  const seen = [];
  const gate = new Gate((side) => seen.push(side));
  for (const [ui, ms] of steps) gate.count(view(second), { ...ui, ...Object.fromEntries(seen.map((side) => [`seen:${side}`, true])) }, ms);
  return seen;
}

test("on a laptop both sides are in view together", () => {
  assert.deepEqual(counted("map", [[{}, NEED - 1]]), []);
  assert.deepEqual(counted("map", [[{}, NEED]]), [1, 2]);
});

test("on a phone each side needs its own time, and time on one does not count for the other", () => {
  phone(true);
  assert.deepEqual(counted("map", [[{}, 2 * NEED]]), [2]);
  assert.deepEqual(counted("same", [[{}, NEED], [{ side: 1 }, NEED]]), [2, 1]);
});

test("on a phone an empty second side asks for twice the time on the first", () => {
  phone(true);
  assert.deepEqual(counted("none", [[{}, 2 * NEED - 1]]), []);
  assert.deepEqual(counted("none", [[{}, 2 * NEED]]), [1, 2]);
});
