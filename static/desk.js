// Entry of the desk's pages: the overview and the table of sessions, looked at again every few seconds.

import { installIcons } from "./desk/icons.js";
import { overview } from "./desk/overview.js";
import { Table } from "./desk/table.js";
import { get, Refused, words } from "./desk/words.js";
import { html, render } from "./lit.js";
import { preferences } from "./preferences.js";

const EVERY_MS = 5000;
const root = /** @type {HTMLElement} */ (document.getElementById("board"));

preferences.load();
installIcons();

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const { copy = "", done = "" } = /** @type {HTMLElement} */ (button).dataset;
    const field = /** @type {HTMLInputElement} */ (document.getElementById(copy));
    field.select();
    await navigator.clipboard.writeText(field.value).then(() => { button.textContent = done; }, () => undefined);
  });
}

const say = await words();
root.replaceChildren();
const table = new Table(root, say);

/** @param {string} text */
const tell = (text) => render(html`<p class="tag tag--warn tag--wrap" role="status">${text}</p>`, /** @type {HTMLElement} */ (document.getElementById("verdict")));

async function look() {
  try {
    /** @type {import("./desk/replay").Board} */
    const board = await get("/desk/api/board");
    render("", /** @type {HTMLElement} */ (document.getElementById("verdict")));
    if (document.body.dataset.page === "sessions") table.show(board);
    else render(overview(board, say), root);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return tell(say("out"));
    tell(say("lost"));
  }
  setTimeout(() => void look(), document.hidden ? EVERY_MS * 4 : EVERY_MS);
}

void look();
