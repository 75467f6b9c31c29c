// Draws a View. It decides nothing: what is shown comes from the view, how it stands comes from `ui`.
// Live play and replay use this same renderer. Each kind of block or ask is one module in blocks/, loaded by its name.

import { bar } from "./bar.js";
import { spoken } from "./clocks.js";
import { installSprite } from "./icons.js";
import { commit, html, keyed, nothing } from "./lit.js";
import { actsOf, blocksOf, cancelOf, inputsOf } from "./pieces.js";
import { decode } from "./pictures.js";

/**
 * @typedef {import("./types").View} View
 * @typedef {import("./pieces.js").Piece} Piece
 * @typedef {{name: string, value?: string | number | boolean}} Gesture
 * @typedef {object} Options
 * @property {import("./answers.js").Ui} ui  gestures folded: name -> last value
 * @property {Record<string, string>} words  interface texts
 * @property {boolean} [frozen]  nothing can be operated (replay)
 * @property {(gesture: Gesture) => void} [emit]
 * @property {(gesture: Gesture) => void} [hold]  keep a value on the screen without telling anybody yet
 * @property {(act: import("./types").Act) => void} [press]  an act was pressed, whether it can be or not
 * @property {() => void} [menu]  open the menu; without it there is no menu button
 * @property {(lang: string) => void} [speak]  switch the language
 * @property {boolean} [live]  the screen is painted; until then answers are inert
 * @property {"" | "sending" | "slow"} [busy]  a command is on its way
 * @property {boolean} [shortcuts]  key hints are shown
 * @property {string} [receipt]  the head of the hash chain, once the session is closed and stored
 * @property {number} [left_ms]  what is left of the screen's time
 * @property {number} [shift_left_ms]  what is left of the shift
 * @property {number} [now_ms]  the server's clock, milliseconds since 1970
 *
 * @typedef {"menu" | "speak" | "receipt" | "left_ms" | "shift_left_ms" | "now_ms"} Optional
 * @typedef {Required<Omit<Options, Optional>> & Pick<Options, Optional> & {view: View, sci: boolean, draw: (where: string) => unknown}} Context
 * @typedef {object} Drawer
 * @property {(piece: any, ctx: Context) => unknown} draw
 * @property {string | ((piece: any, view: View) => string)} [place]  stage, pinned (on the stage), side, wide, over, bar, end or (default) main
 * @property {(piece: any) => readonly string[]} [images]  blobs to decode before it is drawn
 * @property {string | readonly string[]} [sheet]  addresses of the style sheets that a rare block brings
 */

/** @type {Map<string, Drawer>} */
const drawers = new Map();

/** @param {string} kind */
async function load(kind) {
  if (drawers.has(kind)) return;
  /** @type {Drawer} */
  const drawer = await import(`./blocks/${kind}.js`);
  await Promise.all([drawer.sheet ?? []].flat().map(dress));
  drawers.set(kind, drawer);
}

/** @type {Map<string, Promise<unknown>>} */
const sheets = new Map();

/** A rare block's style sheet, once; a block without its style is still better than none. @param {string} sheet */
function dress(sheet) {
  const known = sheets.get(sheet) ?? linked(sheet);
  sheets.set(sheet, known);
  return known;
}

/** @param {string} sheet @returns {Promise<unknown>} */
function linked(sheet) {
  const link = document.createElement("link");
  const loaded = new Promise((done) => link.addEventListener("load", done));
  const failed = new Promise((done) => link.addEventListener("error", done));
  Object.assign(link, { rel: "stylesheet", href: sheet });
  document.head.append(link);
  return Promise.race([loaded, failed]);
}

/** @param {View} view @returns {Piece[]} */
const pieces = (view) => [...blocksOf(view), ...inputsOf(view), ...actsOf(view)];

/**
 * Fetch what a view needs, so that `render` is one synchronous write: block modules, and images decoded.
 * @param {View} view
 * @returns {Promise<{image_ms: number, overlay_ms: number}>} how long the specimen and its map took
 */
export async function prepare(view) {
  const start = performance.now();
  const took = () => Math.round(performance.now() - start);
  const times = { image_ms: 0, overlay_ms: 0 };
  await Promise.all([...new Set(pieces(view).map((piece) => piece.kind))].map(load));
  const names = pieces(view).flatMap((piece) => drawers.get(piece.kind)?.images?.(piece) ?? []);
  const panes = view.blocks.find((block) => block.kind === "panes");
  await Promise.all([...new Set(names)].map(async (name) => {
    await decode(name);
    if (name === panes?.image) times.image_ms = took();
    if (name === panes?.overlay) times.overlay_ms = took();
  }));
  return times;
}

/** @param {Piece} piece @param {View} view */
function placeOf(piece, view) {
  const place = drawers.get(piece.kind)?.place ?? "main";
  return typeof place === "function" ? place(piece, view) : place;
}

/** @param {Context} ctx @param {string} where @param {readonly Piece[]} list */
const draw = (ctx, where, list) => list.map((piece) => (placeOf(piece, ctx.view) === where ? drawers.get(piece.kind)?.draw(piece, ctx) ?? nothing : nothing));

/** Where the choice between acts is itself data, all have the same size. @param {View} view */
const equal = (view) => actsOf(view).length > 1 && !actsOf(view).some((act) => act.style === "primary");

/** Answers rest until the screen is painted, and while the guide lies over them. @param {Context} ctx */
const covered = ({ live, frozen, ui }) => !frozen && (!live || ui.guide === true);

/** Before there is a picture its place is kept. */
const EMPTY = html`<div class="stage" aria-hidden="true"><div class="pane pane--1 is-front"><div class="specimen specimen--none"></div></div>
  <div class="pane pane--2"><div class="specimen specimen--none"></div></div></div>`;

/** @param {Context} ctx */
function round(ctx) {
  const { view, frozen } = ctx;
  const blocks = blocksOf(view);
  const body = [...blocks, ...inputsOf(view)];
  const bare = blocks.every((block) => placeOf(block, view) !== "stage");
  return html`<main class="round" ?inert=${frozen}>
    ${bare ? EMPTY : draw(ctx, "stage", blocks)}
    <section class="panel" ?inert=${covered(ctx)}>${cancelOf(view) ? nothing : html`
      ${draw(ctx, "main", body)}${draw(ctx, "side", body)}${draw(ctx, "wide", body)}
      <div class="panel__end"><div class="actions actions--stack ${equal(view) ? "actions--equal" : ""}">${draw(ctx, "end", actsOf(view))}</div></div>`}
    </section>
    ${draw(ctx, "over", blocks)}
  </main>`;
}

/** Facts stand beside the text on a wide screen, so what comes before and after them is drawn apart. @param {Context} ctx */
function page(ctx) {
  const { view, frozen } = ctx;
  const blocks = blocksOf(view);
  const body = [...blocks, ...inputsOf(view)];
  const at = body.findIndex((piece) => piece.kind === "facts" && placeOf(piece, view) === "side");
  const cut = at < 0 ? body.length : at;
  const wide = body.some((piece) => placeOf(piece, view) === "wide" || placeOf(piece, view) === "stage");
  const shape = at >= 0 ? "paper--facts" : wide ? "paper--wide" : "";
  const column = (/** @type {Piece[]} */ list) => list.map((piece) => [draw(ctx, "main", [piece]), draw(ctx, "wide", [piece]), draw(ctx, "stage", [piece])]);
  return html`<main class="page page--${view.layout}" ?inert=${frozen}>
    <div class="paper ${shape}" ?inert=${covered(ctx)}>
      <div class="paper__top">${column(body.slice(0, cut))}</div>
      ${at >= 0 ? html`<aside class="paper__side">${draw(ctx, "side", body)}</aside>` : nothing}
      <div class="paper__rest">
        ${column(body.slice(cut))}
        <div class="actions actions--page ${equal(view) ? "actions--equal" : ""}">${draw(ctx, "end", actsOf(view))}
          ${view.leave ? html`<a class="btn btn--primary" href=${wayBack(view.leave)}>${ctx.words.leave}</a>` : nothing}</div>
        ${view.layout === "end" && ctx.menu && ctx.words.mine ? html`<p class="paper__own"><a href=${own()}>${ctx.words.mine}</a></p>` : nothing}
      </div>
    </div>
    ${draw(ctx, "over", blocks)}
  </main>`;
}

/** The person's own page of this session: the copy of the consent, erasing. */
const own = () => location.pathname.replace("/p/", "/mine/");

/** The study's own address, or the page of this session that leads back to whoever sent the person. @param {string} leave */
function wayBack(leave) {
  return leave === "/leave" ? location.pathname.replace("/p/", "/leave/") : leave;
}

let drawing = false;

/** Draw the view into `root` in one write. Call `prepare(view)` first. @param {View} view @param {HTMLElement} root @param {Options} options */
export function render(view, root, options) {
  // A field that is taken away may tell so in the midst of it.
  if (drawing) return;
  drawing = true;
  try {
    write(view, root, options);
  } finally {
    drawing = false;
  }
}

/** @param {View} view @param {HTMLElement} root @param {Options} options */
function write(view, root, options) {
  installSprite();
  const still = () => undefined;
  const base = { frozen: false, emit: still, hold: still, press: still, live: true, busy: /** @type {"" } */ (""), shortcuts: true };
  /** @type {Context} */
  const ctx = { ...base, ...options, view, sci: view.sci === true, draw: (where) => draw(ctx, where, blocksOf(view)) };
  const body = view.layout === "round" ? round(ctx) : page(ctx);
  root.classList.toggle("is-still", ctx.frozen);
  Object.assign(root.dataset, { place: view.place, layout: view.layout, live: String(ctx.live && !ctx.busy) });
  commit(html`${bar(ctx)}${spoken(ctx)}${view.paused ? html`<p class="paused" role="status">${view.paused}</p>` : nothing}${keyed(view.waits ? "auto" : view.place, body)}`, root);
}
