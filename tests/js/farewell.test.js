// The calm page of a tab that stops: said in the person's own language where the words are known.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";
const { farewell } = await import("../../static/farewell.js");

/** @param {object} bye @param {Record<string, string>} words */
function told(bye, words) {
  const root = document.createElement("div");
  farewell(root, bye, words);
  return [...root.querySelectorAll("h1, p, button, a")].map((part) => part.textContent.trim());
}

test("a tab whose session was erased says so kindly, not with a bare code", () => {
  const words = { bye_erased: "Closed for good", bye_erased_text: "You can close this page.", bye_closed: "Closed" };
  assert.deepEqual(told({ code: "erased", say: "raw" }, words), ["Closed for good", "You can close this page."]);
  assert.deepEqual(told({ code: "erased", say: "It was erased." }, { bye_closed: "Closed" }), ["Closed", "It was erased."]);
});

test("a tab that another one took over from can take over again", () => {
  const words = { bye_elsewhere: "Elsewhere", bye_here: "Here" };
  assert.deepEqual(told({ code: "elsewhere", say: "It goes on there." }, words), ["Elsewhere", "It goes on there.", "Here"]);
});
