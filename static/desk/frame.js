// The page inside the replay's frame: draws the views it is given with the participant's renderer, frozen. It can send nothing:
// its content security policy allows no connection.

import { prepare, render } from "../render.js";

const root = /** @type {HTMLElement} */ (document.getElementById("root"));
const nothing = () => undefined;
let newest = 0;

/** @param {{number: number, view: import("../types").View, ui: import("../answers.js").Ui, words: Record<string, string>, theme: string, shortcuts: boolean, clocks: {left_ms?: number, shift_left_ms?: number, now_ms?: number}}} message */
async function show({ number, view, ui, words, theme, shortcuts, clocks }) {
  const mine = (newest += 1);
  await prepare(view);
  if (mine !== newest) return;
  const page = document.documentElement;
  const moved = page.dataset.place !== view.place;
  page.lang = view.lang;
  page.dir = view.dir || "ltr";
  page.dataset.place = view.place;
  if (theme === "light" || theme === "dark") page.dataset.theme = theme;
  else delete page.dataset.theme;
  render(view, root, { ui, words, shortcuts, ...clocks, frozen: true, live: true, menu: nothing, speak: nothing });
  if (moved) scrollTo(0, 0);
  const missing = [...document.images].filter((image) => image.complete && image.naturalWidth === 0).length;
  parent.postMessage({ drawn: number, missing }, location.origin);
}

addEventListener("message", (event) => {
  if (event.source === parent && event.origin === location.origin && event.data?.view) void show(event.data);
});
parent.postMessage({ ready: true }, location.origin);
