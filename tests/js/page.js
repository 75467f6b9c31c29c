// A page for tests without a browser: happy-dom's globals, set before any module of static/ is loaded.

import { createRequire } from "node:module";

const require = createRequire(new URL("../../static/package.json", import.meta.url));
const { Window } = await import(require.resolve("happy-dom"));

const window = new Window({ url: "http://localhost/p/token", width: 1366, height: 768 });
const NAMES = [
  "document", "HTMLElement", "Element", "Node", "Comment", "Text", "DocumentFragment", "SVGElement", "customElements",
  "MutationObserver", "Event", "CustomEvent", "KeyboardEvent", "location", "sessionStorage", "localStorage", "CSS", "getComputedStyle",
];
for (const name of NAMES) globalThis[name] = window[name];
globalThis.window = globalThis;
globalThis.Image = class {
  async decode() {}
};
globalThis.matchMedia = () => ({ matches: false });
globalThis.requestAnimationFrame = (done) => setTimeout(done, 0);

export const { render, prepare } = await import("../../static/render.js");

/** A view with the given blocks and asks. */
export function viewOf(blocks, asks = [], more = {}) {
  return { turn: 3, lang: "en", layout: "round", place: "main-01/answer", title: "coplay", bar: {}, blocks, asks, ...more };
}

/** Draw a view and return its root. */
export async function drawn(view, options = {}, root = document.createElement("div")) {
  await prepare(view);
  document.body.append(root);
  render(view, root, { ui: {}, words: {}, ...options });
  return root;
}

export const CHOICE = {
  kind: "choice", name: "final", legend: "Your answer", missing: "Choose an answer",
  options: ["a", "b", "c"].map((value) => ({ value, label: value.toUpperCase() })),
};
export const RATE = {
  kind: "rate", name: "sure", legend: "How sure?", missing: "Say how sure",
  options: ["1", "2", "3"].map((value) => ({ value, label: `step ${value}` })),
};
export const CONFIRM = { kind: "act", name: "", value: "", label: "Confirm", style: "primary", confirms: true, key: "Enter", by: "final", labels: { b: "Keep B" } };
export const PANES = {
  kind: "panes", image: "one", width: 100, height: 100, alt: "Specimen", caption: "Image", label: "Specimen 01",
  second: "map", second_caption: "What influenced the AI", overlay: "two", legend: ["less", "more"],
};
