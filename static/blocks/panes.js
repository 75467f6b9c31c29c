// The specimen and, beside it, a second panel of exactly the same size. Only the second panel's content differs.

import { opacity } from "../heat.js";
import { icon } from "../icons.js";
import { html, live, nothing, svg, vars } from "../lit.js";
import { address } from "../pictures.js";
import { renderingOf, strengthOf, tools } from "../tools.js";
import { drag, keys, placement, zoomButtons, zoomCycle } from "../zoom.js";

export const place = "stage";

/**
 * @typedef {import("../types").Panes} Panes
 * @typedef {import("../render.js").Context} Context
 */

/** @param {Panes} block */
export const images = (block) => [block.image, ...(block.overlay ? [block.overlay] : [])];

/** The side in front where one frame holds both. @param {Panes} block @param {Context} ctx */
const front = (block, { ui }) => (block.second === "none" ? 1 : Number(ui.side ?? 2));

/** @param {Panes} block @param {string} name @param {string} kind @param {string} alt */
const picture = ({ width, height }, name, kind, alt) =>
  html`<img class=${kind} src=${address(name)} width=${width} height=${height} alt=${alt} decoding="sync" draggable="false" />`;

/** @param {Panes} block */
function outlines({ width, height, outlines: lines }) {
  const path = (lines ?? []).map((line) => {
    const points = line.map((v, i) => ((i % 2 ? height : width) * v).toFixed(1));
    return points.length ? `M${points.join(" ")}Z` : "";
  }).join("");
  return html`<svg class="outlines" viewBox="0 0 ${width} ${height}" aria-hidden="true">
    ${svg`<path class="casing" d=${path} /><path class="line" d=${path} />`}
  </svg>`;
}

/** The map over a grey copy, or the finished picture as it is. @param {Panes} block @param {Context} ctx @param {string} alt */
function explained(block, { ui }, alt) {
  const strong = vars({ "--strength": opacity(strengthOf(ui)) });
  if (block.second === "picture") return picture(block, block.overlay ?? "", "", alt);
  return html`${picture(block, block.image, "is-grey", alt)}
    <span class="layer" ${strong}>${picture(block, block.overlay ?? "", "map", "")}</span>`;
}

/** @param {Panes} block @param {Context} ctx */
function firstPanel(block, ctx) {
  const rendering = renderingOf(block, ctx.ui);
  const alt = block.alt;
  if (rendering === "beside" || ctx.ui.peek === true) return picture(block, block.image, "", alt);
  if (rendering === "outline") return html`${picture(block, block.image, "", alt)}${outlines(block)}`;
  if (block.second === "picture") {
    const strong = vars({ "--strength": opacity(strengthOf(ctx.ui)) });
    return html`${picture(block, block.image, "", alt)}<span class="layer" ${strong}>${picture(block, block.overlay ?? "", "", "")}</span>`;
  }
  return explained(block, ctx, alt);
}

/** @param {Panes} block @param {Context} ctx */
function secondPanel(block, ctx) {
  if (block.second === "none") return nothing;
  if (block.second === "same") return picture(block, block.image, "", block.second_alt || block.alt);
  return explained(block, ctx, block.overlay_alt || block.second_alt || "");
}

/** @param {Context} ctx @param {1 | 2} side @param {boolean} isFront @param {string} caption @param {unknown} content @param {boolean} [empty] */
const pane = (ctx, side, isFront, caption, content, empty = false) => html`<figure class="pane pane--${side} ${isFront ? "is-front" : ""}">
  <div class="specimen ${empty ? "specimen--none" : ""} ${Number(ctx.ui.zoom ?? 1) > 1 ? "is-zoomed" : ""}" ${vars(placement(ctx.ui))}
    tabindex=${empty ? nothing : "0"} role=${empty ? nothing : "group"} aria-label=${empty ? nothing : caption}
    @keydown=${keys(ctx)} @pointerdown=${drag(ctx)}><div class="specimen__in">${content}</div></div>
  <figcaption>${caption}</figcaption>
</figure>`;

/** Two tabs that flip the one frame of a phone; ticks tell which side was looked at. @param {Panes} block @param {Context} ctx */
function flip(block, ctx) {
  const now = front(block, ctx);
  const mark = (/** @type {number} */ side) => {
    if (!block.gate_ms || block.second === "none") return nothing;
    return ctx.ui[`seen:${side}`] ? html`${icon("check")}<span class="vh">${ctx.words.seen}</span>` : html`<i class="unseen" aria-hidden="true"></i>`;
  };
  const tab = (/** @type {number} */ side, /** @type {string} */ caption) => html`<label class="ctl">
    <input type="radio" name="side" .value=${String(side)} .checked=${live(now === side)}
      @change=${() => ctx.emit({ name: "side", value: side })} />${mark(side)}<span>${caption}</span>
  </label>`;
  return html`<div class="flip only-phone" role="radiogroup" aria-label=${ctx.words.side ?? ""}>
    ${tab(1, block.caption)}
    ${block.second === "none" ? html`<span class="ctl is-off">${block.second_caption}</span>` : tab(2, block.second_caption)}
  </div>`;
}

/** @param {string} direction */
const scale = (direction) => html`<svg viewBox=${direction === "up" ? "0 0 14 200" : "0 0 200 14"} preserveAspectRatio="none" aria-hidden="true">
  <rect width="100%" height="100%" fill=${`url(#heat-${direction})`} />
</svg>`;

/** The gutter of a phone: the legend of the side in front, and the zoom. @param {Panes} block @param {Context} ctx */
function edge(block, ctx) {
  const legend = block.legend && (front(block, ctx) === 2 || renderingOf(block, ctx.ui) === "overlay");
  return html`<div class="edge only-phone">
    ${legend ? html`<span>${ctx.words.more}</span>${scale("up")}<span>${ctx.words.less}</span>` : html`<span class="edge__empty"></span>`}
    ${zoomCycle(ctx)}
  </div>`;
}

/** @param {Panes} block */
const legendRow = ({ legend, reading }) => html`<div class="under under--read">
  ${legend ? html`<div class="legend"><span>${legend[0]}</span>${scale("along")}<span>${legend[1]}</span></div>` : nothing}
  ${reading ? html`<p>${reading}</p>` : nothing}
</div>`;

/** @param {Panes} block @param {Context} ctx */
export function draw(block, ctx) {
  const now = front(block, ctx);
  return html`<section class="stage" aria-label=${ctx.words.stage ?? ""}>
    ${pane(ctx, 1, now === 1, block.caption, firstPanel(block, ctx))}
    ${pane(ctx, 2, now === 2, block.second_caption, secondPanel(block, ctx), block.second === "none")}
    ${edge(block, ctx)}${flip(block, ctx)}
    <div class="under">${block.label ? html`<div class="label">${block.label}</div>` : nothing}${zoomButtons(ctx)}</div>
    ${legendRow(block)}${tools(block, ctx)}
  </section>`;
}
