// From time to place on the timeline and back. Long absences are cut to a fixed width. Pure.

export const WIDTH = 1400;
export const LEFT = 118;
const RIGHT = 1390;
const LONG_MS = 10_000;
const CUT = 46;
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 86_400].map((seconds) => seconds * 1000);
const MOST = 14;

/** @typedef {{from: number, until: number, x: number}} Cut */

export class Scale {
  /** @param {number} end @param {readonly {from_ms: number, until_ms: number}[]} gaps */
  constructor(end, gaps) {
    const long = gaps.filter((gap) => gap.until_ms - gap.from_ms > LONG_MS);
    const cut = long.reduce((sum, gap) => sum + gap.until_ms - gap.from_ms, 0);
    this.end = Math.max(1, end);
    this.per = (RIGHT - LEFT - long.length * CUT) / Math.max(1, this.end - cut);
    /** @type {Cut[]} */
    this.cuts = [];
    for (const gap of long) this.cuts.push({ from: gap.from_ms, until: gap.until_ms, x: this.x(gap.from_ms) });
  }

  /** @param {number} ms */
  x(ms) {
    let [x, at] = [LEFT, 0];
    for (const cut of this.cuts) {
      if (ms <= cut.from) break;
      if (ms < cut.until) return cut.x + (CUT * (ms - cut.from)) / (cut.until - cut.from);
      [x, at] = [cut.x + CUT, cut.until];
    }
    return x + (Math.min(ms, this.end) - at) * this.per;
  }

  /** @param {number} x */
  ms(x) {
    let [from, at] = [LEFT, 0];
    for (const cut of this.cuts) {
      if (x <= cut.x) break;
      if (x < cut.x + CUT) return cut.until;
      [from, at] = [cut.x + CUT, cut.until];
    }
    return Math.min(this.end, Math.max(0, at + (x - from) / this.per));
  }

  /** Full minutes (or the like) that are not inside a cut. @returns {number[]} */
  ticks() {
    const shown = (RIGHT - LEFT) / this.per;
    const step = STEPS.find((each) => shown / each <= MOST) ?? STEPS.at(-1) ?? 1;
    const all = Array.from({ length: Math.floor(this.end / step) + 1 }, (_, i) => i * step).slice(0, 2000);
    const free = all.filter((ms) => !this.cuts.some((cut) => ms > cut.from && ms < cut.until));
    let last = -Infinity;
    return free.filter((ms) => this.x(ms) - last > 56 && (last = this.x(ms)) > 0);
  }
}

export const CUT_WIDTH = CUT;
