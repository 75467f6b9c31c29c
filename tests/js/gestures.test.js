// What is collected between two commands: times, bounds, the fold that both sides share.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, Gestures } from "../../static/gestures.js";

function collector() {
  const clock = { now: 1000 };
  return { clock, gestures: new Gestures(() => clock.now) };
}

test("times count from the painting of the screen", () => {
  const { clock, gestures } = collector();
  gestures.restart();
  clock.now += 1234.4;
  gestures.add("guide", true);
  assert.deepEqual(gestures.take(), [{ name: "guide", value: true, ms: 1234 }]);
  assert.ok(gestures.empty);
});

test("never more than 200 in one command; the rest is counted", () => {
  const { clock, gestures } = collector();
  for (let i = 0; i < 250; i += 1) {
    clock.now += 10;
    gestures.add("choose:final", i % 2 ? "a" : "b");
  }
  const taken = gestures.take();
  assert.equal(taken.length, 200);
  assert.deepEqual(taken.at(-1), { name: "dropped", value: 51, ms: 2500 });
});

test("a slider's way is one gesture, its rests are several", () => {
  const { clock, gestures } = collector();
  for (const value of [50, 40, 30]) {
    clock.now += 20;
    gestures.add("opacity", value);
  }
  clock.now += 1000;
  gestures.add("opacity", 80);
  assert.deepEqual(gestures.take().map((gesture) => gesture.value), [30, 80]);
});

test("every change of a choice is kept, however quick", () => {
  const { gestures } = collector();
  for (const value of ["a", "b", "a"]) gestures.add("choose:final", value);
  assert.equal(gestures.take().length, 3);
});

test("the first interaction is told once a screen", () => {
  const { gestures } = collector();
  gestures.first("key");
  gestures.first("pointer");
  gestures.restart();
  gestures.first("pointer");
  assert.deepEqual(gestures.take().map((gesture) => gesture.value), ["key", "pointer"]);
});

test("the fold keeps the last value under each name", () => {
  const ui = [{ name: "side", value: 2 }, { name: "side", value: 1 }, { name: "away" }].reduce(fold, {});
  assert.deepEqual(ui, { side: 1, away: true });
});
