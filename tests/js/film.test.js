// The replay's film, scale and player: pure, so they are tested without a page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Film } from "../../static/desk/film.js";
import { Player } from "../../static/desk/player.js";
import { Scale } from "../../static/desk/scale.js";

const view = (turn, place) => ({ turn, lang: "en", layout: "round", place, title: place, bar: {}, blocks: [] });
const screen = (turn, from_ms, until_ms, more = {}) => ({ turn, from_ms, until_ms, painted: true, round: -1, ...more });

const REPLAY = {
  session: "p1", outcome: "", erased: false, opened_at: 0, end_ms: 40_000, conditions: [], titles: {},
  events: [
    { seq: 0, at_ms: 0, kind: "opened", by: "system" },
    { seq: 1, at_ms: 100, kind: "shown", by: "participant", turn: 0 },
    { seq: 3, at_ms: 2000, kind: "answered", by: "participant", turn: 0, name: "final", value: "a", step: "r1" },
    { seq: 4, at_ms: 2100, kind: "shown", by: "participant", turn: 3 },
    { seq: 5, at_ms: 3000, kind: "left", by: "system", turn: 3 },
    { seq: 6, at_ms: 33_000, kind: "joined", by: "system", turn: 3 },
    { seq: 8, at_ms: 40_000, kind: "answered", by: "participant", turn: 3, name: "final", value: "b", step: "r2" },
  ],
  ui: [
    { seq: 2, at_ms: 1000, turn: 0, name: "choose:final", value: "b" },
    { seq: 2, at_ms: 1500, turn: 0, name: "choose:final", value: "a" },
    { seq: 7, at_ms: 39_000, turn: 3, name: "zoom", value: 2 },
  ],
  screens: [screen(0, 100, 2100, { round: 0 }), screen(3, 2100, 40_000, { round: 1 }), screen(8, 40_000, 40_000, { painted: false })],
  views: { 0: view(0, "r1/decide"), 3: view(3, "r2/decide"), 8: view(8, "end/completed") },
  rounds: [
    { step: "r1", number: 1, start_ms: 100, end_ms: 2100, flags: ["wrong"] },
    { step: "r2", number: 2, start_ms: 2100, end_ms: 40_000, flags: ["change"] },
  ],
  clients: [{ at_ms: 0, client: { width: 390, height: 844, touch: true } }],
  gaps: [{ from_ms: 3000, until_ms: 33_000, why: "lost" }],
  starts: [100, 2100],
};

const ids = (film) => film.entries.map((entry) => entry.id);

test("events and gestures stand in one order, each with an address", () => {
  const film = new Film(REPLAY);
  assert.deepEqual(ids(film), ["0", "1", "2", "2.2", "3", "4", "5", "6", "7", "8"]);
  assert.equal(film.indexOf("2.2"), 3);
  assert.equal(film.indexOf("2.9"), 2);
  assert.equal(film.indexOf("nonsense"), -1);
  assert.equal(film.entries[film.indexOf("round=1")].id, "1", "a link names a round");
  assert.equal(film.entries[film.indexOf("round=2")].id, "4");
  assert.equal(film.indexOf("round=3"), -1);
  assert.equal(film.indexOf("round=0"), -1);
});

test("the screen is what was painted by then, with what was filled in by then", () => {
  const film = new Film(REPLAY);
  assert.equal(film.screenAt(50), undefined);
  assert.equal(film.screenAt(2050)?.turn, 0);
  assert.equal(film.screenAt(40_000)?.turn, 3, "a screen that nobody saw comes after what led to it");
  const first = film.screenAt(1000);
  assert.deepEqual(film.uiAt(first, film.indexOf("1")), {});
  assert.deepEqual(film.uiAt(first, film.indexOf("2")), { "choose:final": "b" });
  assert.deepEqual(film.uiAt(first, film.indexOf("2.2")), { "choose:final": "a" });
  assert.deepEqual(film.uiAt(film.screenAt(39_500), film.indexOf("8")), { zoom: 2 });
});

test("the frame has the person's size", () => {
  assert.deepEqual(new Film(REPLAY).sizeAt(1000), { width: 390, height: 844, theme: "" });
});

test("steps go by event and by round, jumps to the answer with the flag", () => {
  const film = new Film(REPLAY);
  const player = new Player(film, () => undefined);
  player.step(1);
  player.step(1);
  assert.equal(player.entry?.id, "2");
  assert.equal(player.stepRound(1), true);
  assert.equal(player.ms, 2100);
  player.go(0);
  assert.equal(player.jump("change"), true);
  assert.equal(player.entry?.id, "8");
  assert.equal(player.jump("change"), false);
  player.step(1);
  assert.equal(player.entry?.id, "8", "nothing after the last one");
});

test("a long absence is cut, and times come back as they went", () => {
  const scale = new Scale(REPLAY.end_ms, REPLAY.gaps);
  assert.equal(scale.cuts.length, 1);
  for (const ms of [0, 500, 2999, 33_500, 40_000]) assert.ok(Math.abs(scale.ms(scale.x(ms)) - ms) < 1, `${ms}`);
  assert.ok(scale.x(33_000) - scale.x(3000) < 60);
  assert.ok(scale.ticks().every((ms) => ms <= 3000 || ms >= 33_000));
});
