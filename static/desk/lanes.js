// The timeline: a strip of rounds and a lane each for the person, the AI, the explanation and attention. Drawn once; the head moves.

import { html, nothing, svg } from "../lit.js";
import { CUT_WIDTH, Scale, WIDTH } from "./scale.js";
import { position } from "./time.js";

/**
 * @typedef {import("./film.js").Film} Film
 * @typedef {import("./words.js").Say} Say
 */

const ROW = { you: 60, ai: 90, explanation: 120, attention: 150 };
const HEIGHT = 194;
const NARROW = 22;

/** @param {import("./replay").Span} span @param {Scale} scale @param {Say} say */
function cell(span, scale, say) {
  const mode = span.mode ?? "a";
  const [x, width] = [scale.x(span.start_ms), Math.max(2, scale.x(span.end_ms) - scale.x(span.start_ms) - 1.5)];
  const letter = mode.toUpperCase();
  const label = span.number && width > 40 ? `${span.number} ${letter}` : width > NARROW ? letter : "";
  const right = x + width;
  return svg`<g>
    <title>${span.number ? say("replay.round", { n: span.number }) : say("replay.practice")}, ${say(`mode.${mode}`)}</title>
    <rect class=${`f-${mode}`} x=${x} y="4" width=${width} height="30" />
    ${label ? svg`<text class=${`l-cell t-${mode}`} x=${x + width / 2} y="24">${label}</text>` : nothing}
    ${span.flags?.includes("wrong") ? svg`<path class=${`t-${mode}`} d=${`M${right - 9} 4h9v9Z`} />` : nothing}
  </g>`;
}

/** @param {Film} film @param {Scale} scale */
const person = ({ replay }, scale) => [
  ...replay.ui.filter(({ name }) => name.startsWith("choose:")).map(({ at_ms: at }) => svg`<circle class="l-you-o" cx=${scale.x(at)} cy=${ROW.you} r="5" />`),
  ...replay.events.filter(({ kind, by, name }) => kind === "answered" && by === "participant" && (name === "own" || name === "final"))
    .map(({ at_ms: at }) => svg`<circle class="l-you" cx=${scale.x(at)} cy=${ROW.you} r="5" />`),
];

/** @param {Film} film @param {Scale} scale */
const machine = ({ replay }, scale) =>
  replay.screens.filter(({ advice, painted }) => advice && painted).map(({ advice, from_ms: from, until_ms: until = from, explained }) => {
    const [x, width] = [scale.x(from), Math.max(3, scale.x(until) - scale.x(from))];
    return svg`<path class="l-ai" d=${`M${x} ${ROW.ai - 7}l7 7-7 7-7-7Z`} />
      ${advice === "decides" ? svg`<rect class="l-ai-band" x=${x} y=${ROW.ai - 5} width=${width} height="10" />` : nothing}
      ${explained ? svg`<rect class="l-ai-band" x=${x} y=${ROW.explanation - 7} width=${width} height="14" /><rect class="l-ai" x=${x} y=${ROW.explanation - 7} width="3" height="14" />` : nothing}`;
  });

/** @param {number} x @param {number} width @param {number} y */
const wave = (x, width, y) => `M${x} ${y}q4 -7 8 0${"t8 0".repeat(Math.max(1, Math.min(60, Math.round(width / 8) - 1)))}`;

/** @param {Film} film @param {Scale} scale */
function attention({ replay, end }, scale) {
  const marks = replay.ui.filter(({ name }) => name === "away" || name === "back");
  const joined = replay.events.filter(({ kind }) => kind === "joined");
  const ends = [...marks.filter(({ name }) => name === "back"), ...joined].map(({ at_ms: at }) => at);
  const waves = marks.filter(({ name }) => name === "away").map((away) => {
    const until = Math.min(...ends.filter((at) => at >= away.at_ms), end);
    return svg`<path class="l-blur" d=${wave(scale.x(away.at_ms), scale.x(until) - scale.x(away.at_ms), ROW.attention)} />`;
  });
  const crosses = replay.gaps.map((gap) => svg`<path class="l-net" d=${`M${scale.x(gap.from_ms) - 6} ${ROW.attention - 6}l12 12m0-12l-12 12`} />`);
  return [...waves, ...crosses];
}

/** @param {Scale} scale */
const cuts = (scale) => scale.cuts.map(({ x }) => svg`<rect class="l-gap" x=${x} y="40" width=${CUT_WIDTH} height="122" />
  <path class="l-slash" d=${`M${x + 17} 112l6-18m4 18l6-18`} />`);

/** @param {Scale} scale */
const ticks = (scale) => scale.ticks().map((ms) => svg`<line class="l-grid" x1=${scale.x(ms)} x2=${scale.x(ms)} y1="166" y2="171" />
  <text class="l-tick" x=${scale.x(ms)} y="186" text-anchor="middle">${position(ms, false)}</text>`);

/** The lanes that do not move. @param {Film} film @param {Scale} scale @param {Say} say */
function still(film, scale, say) {
  const lane = (/** @type {keyof typeof ROW} */ name) => svg`<text class="l-name" x="0" y=${ROW[name] + 5}>${say(`lane.${name}`)}</text>
    <line class="l-base" x1="112" x2="1390" y1=${ROW[name]} y2=${ROW[name]} />`;
  return svg`<text class="l-name" x="0" y="25">${say("lane.rounds")}</text>${film.replay.rounds.map((span) => cell(span, scale, say))}
    ${Object.keys(ROW).map((name) => lane(/** @type {keyof typeof ROW} */ (name)))}
    ${cuts(scale)}${person(film, scale)}${machine(film, scale)}${attention(film, scale)}${ticks(scale)}`;
}

export class Lanes {
  /** @param {Film} film @param {Say} say @param {import("./player.js").Player} player */
  constructor(film, say, player) {
    this.scale = new Scale(film.end, film.replay.gaps);
    this.film = film;
    this.say = say;
    this.player = player;
    this.still = still(film, this.scale, say);
  }

  /** @param {PointerEvent} event */
  point(event) {
    if (event.type === "pointermove" && !(event.buttons & 1)) return;
    const box = /** @type {SVGElement} */ (event.currentTarget).getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
    const ms = this.scale.ms(x);
    const round = y < 38 && event.type === "pointerdown" ? this.film.roundAt(ms) : undefined;
    this.player.seek(round ? round.start_ms : ms);
  }

  draw() {
    const { ms } = this.player;
    const x = this.scale.x(ms);
    const round = this.film.roundAt(ms);
    const [from, width] = round ? [this.scale.x(round.start_ms), this.scale.x(round.end_ms) - this.scale.x(round.start_ms)] : [0, 0];
    const key = Math.min(WIDTH - 37, Math.max(37, x));
    return html`<svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" @pointerdown=${(/** @type {PointerEvent} */ e) => this.point(e)} @pointermove=${(/** @type {PointerEvent} */ e) => this.point(e)}>
      ${this.still}
      ${round ? svg`<rect class="l-sel" x=${from - 1.5} y="1.500" width=${Math.max(5, width + 1.5)} height="35" />` : nothing}
      <line class="l-head" x1=${x} x2=${x} y1="38" y2="170" />
      <rect class="l-head-k" x=${key - 36} y="169" width="72" height="23" rx="3" />
      <text class="l-head-t" x=${key} y="186">${position(ms)}</text>
    </svg>`;
  }
}
