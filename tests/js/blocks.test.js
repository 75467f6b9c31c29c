// Each kind of block and ask: that it is drawn, and that it shows what `ui` says and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CHOICE, CONFIRM, drawn, PANES, RATE, viewOf } from "./page.js";

const BLOCKS = [
  [{ kind: "heading", text: "Which species?" }, "h1", "Which species?"],
  [{ kind: "prose", paragraphs: ["One.", "Two."] }, ".prose p:last-child", "Two."],
  [{ kind: "notice", text: "Mind this.", tone: "warn" }, ".note--warn", "Mind this."],
  [{ kind: "facts", rows: [["Time", "12 minutes"]] }, ".facts dd", "12 minutes"],
  [{ kind: "details", summary: "More", paragraphs: ["Text."] }, "details summary", "More"],
  [{ kind: "guide", title: "Guide", plates: [{ image: "p", title: "Ardena", note: "Round." }] }, ".plate h3", "Ardena"],
  [{ kind: "teammate", state: "suggests", title: "AI suggests", label: "Corvira", meter: 15 }, ".ai-card .name", "Corvira"],
  [{ kind: "teammate", state: "absent", title: "No AI here" }, ".ai-card--none", "No AI here"],
  [{ kind: "own", text: "Your first answer: B" }, ".own", "Your first answer: B"],
  [{ kind: "verdict", good: false, title: "Not this time", labels: [{ who: "truth", title: "It is", label: "A" }] }, ".det--truth .name", "A"],
  [{ kind: "tally", title: "Right", right: 2, of: 3, text: "2 of 3" }, ".tally p:last-child", "2 of 3"],
  [{ kind: "receipt", title: "Code", code: "p7k2m9", text: "Keep it." }, "code", "p7k2m9"],
];

for (const [block, selector, text] of BLOCKS) {
  for (const layout of ["round", "page"]) {
    test(`${block.kind} is drawn in a ${layout}`, async () => {
      const root = await drawn(viewOf([block], [], { layout }));
      assert.equal(root.querySelector(selector)?.textContent.trim(), text);
    });
  }
}

test("a receipt shows the head of the chain in short, once there is one", async () => {
  const view = viewOf([{ kind: "receipt", title: "Code", code: "p7k2m9", text: "Keep it." }], [], { layout: "end" });
  const receipt = "0123456789abcdef".repeat(4);
  const root = await drawn(view, { receipt, words: { receipt: "Receipt" } });
  assert.equal(root.querySelector(".receipt__head")?.textContent, "Receipt 0123 4567 89ab cdef");
  assert.equal((await drawn(view)).querySelector(".receipt__head"), null);
});

test("no block leaves a style attribute or a script behind but what the object model set", async () => {
  const root = await drawn(viewOf([PANES], [CHOICE, RATE, CONFIRM]));
  assert.equal(root.querySelectorAll("script").length, 0);
  for (const element of root.querySelectorAll("[style]")) assert.match(element.getAttribute("style"), /^\s*--/);
});

test("the second panel differs, the first does not", async () => {
  const first = async (second) => (await drawn(viewOf([{ ...PANES, second }]))).querySelector(".pane--1 .specimen__in").innerHTML;
  const map = await first("map");
  assert.equal(await first("same"), map);
  assert.equal(await first("none"), map);
});

test("an empty second panel holds no picture and its tab is no control", async () => {
  const root = await drawn(viewOf([{ ...PANES, second: "none" }]));
  assert.equal(root.querySelectorAll(".pane--2 img").length, 0);
  assert.equal(root.querySelectorAll(".flip input").length, 1);
});

const OUTLINES = [[0, 0, 1, 0, 1, 1]];
const BOXES = [[0, 0, 0.5, 0.5]];
const DISPLAYS = ["beside", "overlay", "outline", "mask", "boxes"];
const FULL = { ...PANES, outlines: OUTLINES, boxes: BOXES };
const inside = (root, pane) => root.querySelector(`.pane--${pane} .specimen__in`).innerHTML.replaceAll(/lit\$\d+\$/g, "");

for (const palette of ["inferno", "cividis", "coolwarm"]) {
  for (const display of DISPLAYS) {
    test(`${display} in ${palette} changes the first panel alone, by study or by hand`, async () => {
      const plain = await drawn(viewOf([{ ...FULL, palette }]));
      const set = await drawn(viewOf([{ ...FULL, palette, display }]));
      const chosen = await drawn(viewOf([{ ...FULL, palette, tools: true }]), { ui: { rendering: display } });
      assert.equal(inside(set, 2), inside(plain, 2));
      assert.equal(inside(chosen, 1), inside(set, 1));
      assert.equal(inside(set, 1) === inside(plain, 1), display === "beside");
      assert.ok(set.querySelector(`.pane--2 .map--${palette}`));
      assert.equal(set.querySelector(".legend rect").getAttribute("fill"), `url(#scale-${palette}-along)`);
      assert.equal(set.querySelectorAll(".stage__bar button").length, display === "beside" ? 0 : 1);
      const peek = await drawn(viewOf([{ ...FULL, palette, display }]), { ui: { peek: true } });
      assert.equal(inside(peek, 1), inside(plain, 1));
    });
  }
}

test("the tools offer what can be drawn and no more", async () => {
  const offered = async (block) => [...(await drawn(viewOf([{ ...block, tools: true }]))).querySelectorAll("[name=rendering]")].map((input) => input.value);
  assert.deepEqual(await offered(FULL), DISPLAYS);
  assert.deepEqual(await offered(PANES), ["beside", "overlay", "mask"]);
  assert.deepEqual(await offered({ ...PANES, second: "picture" }), ["beside", "overlay"]);
});

test("side, rendering, strength and peek come from ui", async () => {
  const view = viewOf([{ ...PANES, tools: true, outlines: [[0, 0, 1, 0, 1, 1]] }]);
  const at = async (ui) => drawn(view, { ui });
  assert.ok((await at({ side: 1 })).querySelector(".pane--1.is-front"));
  assert.ok((await at({})).querySelector(".pane--2.is-front"));
  assert.ok((await at({ rendering: "overlay" })).querySelector(".pane--1 .map"));
  assert.ok(!(await at({ rendering: "overlay", peek: true })).querySelector(".pane--1 .map"));
  assert.ok((await at({ rendering: "outline" })).querySelector(".pane--1 .outlines .line"));
  assert.equal((await at({ opacity: 100 })).querySelector(".layer").style.getPropertyValue("--strength"), "1");
});

test("tools stay away where the study does not grant them, whatever ui says", async () => {
  const root = await drawn(viewOf([PANES]), { ui: { rendering: "overlay" } });
  assert.ok(!root.querySelector(".pane--1 .map"));
  assert.equal(root.querySelector(".stage__bar").children.length, 0);
});

test("the folded guide opens by ui alone and covers the answers", async () => {
  const view = viewOf([{ kind: "guide", title: "Guide", folded: true, plates: [] }], [CHOICE]);
  assert.ok(!(await drawn(view)).querySelector(".guide-sheet"));
  const open = await drawn(view, { ui: { guide: true } });
  assert.ok(open.querySelector(".guide-sheet"));
  assert.ok(open.querySelector(".panel").hasAttribute("inert"));
});

test("the drawer has a compartment a round", async () => {
  const bar = { long: "Round 3 of 5", short: "3/5", cells: [{ state: "done", n: 2 }, { state: "now", n: 1 }, { state: "todo", n: 2 }] };
  const root = await drawn(viewOf([], [], { bar }));
  assert.equal(root.querySelectorAll(".drawer__cells i").length, 5);
  assert.equal(root.querySelectorAll(".drawer__cells .now").length, 1);
});

test("a frozen screen cannot be operated and has no menu", async () => {
  const root = await drawn(viewOf([], [CHOICE]), { frozen: true });
  assert.ok(root.querySelector("main").hasAttribute("inert"));
  assert.equal(root.querySelector("[aria-haspopup]"), null);
});
