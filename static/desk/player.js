// Where the replay stands: a time and an entry of the film; plays, steps and jumps. Knows no page.

/** @typedef {import("./film.js").Film} Film */

export const SPEEDS = [0.5, 1, 2, 4, 8, 16];

export class Player {
  /** @param {Film} film @param {() => void} changed */
  constructor(film, changed) {
    this.film = film;
    this.changed = changed;
    this.ms = 0;
    this.index = film.entries.length ? 0 : -1;
    this.playing = false;
    this.speed = 1;
    this.skips = true;
    this.last = 0;
  }

  get entry() {
    return this.film.entries[this.index];
  }

  /** Go to an entry; what plays goes on from there. @param {number} index */
  go(index) {
    const held = Math.min(this.film.entries.length - 1, Math.max(0, index));
    const entry = this.film.entries[held];
    if (entry) [this.index, this.ms] = [held, entry.at];
    this.changed();
  }

  /** Go to a time. @param {number} ms */
  seek(ms) {
    this.ms = Math.min(this.film.end, Math.max(0, ms));
    this.index = this.film.indexAt(this.ms);
    this.changed();
  }

  /** @param {1 | -1} by @param {(entry: import("./film.js").Entry) => boolean} [wanted] */
  step(by, wanted = () => true) {
    this.pause();
    let at = this.index + by;
    for (let entry = this.film.entries[at]; entry && !wanted(entry); entry = this.film.entries[at]) at += by;
    if (this.film.entries[at]) this.go(at);
  }

  /** To the start of the next or previous round; back goes first to the start of this one. @param {1 | -1} by */
  stepRound(by) {
    const starts = this.film.replay.rounds.map((round) => round.start_ms);
    const to = by > 0 ? starts.find((start) => start > this.ms) : starts.findLast((start) => start < this.ms - 500);
    if (to === undefined) return false;
    this.seek(to);
    return true;
  }

  /** To the moment of the answer that carries a flag, in the next round that has one. @param {string} flag */
  jump(flag) {
    const round = this.film.replay.rounds.find((span) => span.flags?.includes(flag) && this.#decided(span) > this.index);
    if (!round) return false;
    this.pause();
    this.go(this.#decided(round));
    return true;
  }

  /** Index of a round's final answer. @param {import("./replay").Span} span */
  #decided(span) {
    return this.film.entries.findLastIndex(({ moment }) => moment?.kind === "answered" && moment.name === "final" && moment.step === span.step);
  }

  toggle() {
    if (this.playing) return this.pause();
    if (this.ms >= this.film.end) this.seek(0);
    this.playing = true;
    this.last = 0;
    this.changed();
    requestAnimationFrame((now) => this.#tick(now));
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.changed();
  }

  /** @param {number} now */
  #tick(now) {
    if (!this.playing) return;
    const passed = this.last ? Math.min(250, now - this.last) * this.speed : 0;
    this.last = now;
    let ms = this.ms + passed;
    const pause = this.skips ? this.film.pauses.find(({ from, until }) => ms > from && ms < until) : undefined;
    if (pause) ms = pause.until;
    this.playing = ms < this.film.end;
    this.seek(ms);
    if (this.playing) requestAnimationFrame((next) => this.#tick(next));
  }
}
