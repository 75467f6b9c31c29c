// Asks whoever does nothing for long whether they are still there. Whatever they do is an answer, and a sign of life.

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

export class Idle {
  /**
   * @param {number} seconds  0: never asks
   * @param {() => boolean} ask  tells whether it could be asked now
   * @param {() => void} here  they did something after they were asked
   */
  constructor(seconds, ask, here) {
    this.ms = seconds * 1000;
    this.ask = ask;
    this.here = here;
    this.asked = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  start() {
    if (!this.ms) return;
    for (const sign of SIGNS) addEventListener(sign, () => this.alive(), { capture: true, passive: true });
    this.alive();
  }

  alive() {
    if (!this.ms) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.silent(), this.ms);
    if (!this.asked) return;
    this.asked = false;
    this.here();
  }

  silent() {
    this.asked = this.ask();
    if (!this.asked) this.timer = setTimeout(() => this.silent(), this.ms);
  }

  stop() {
    this.ms = 0;
    clearTimeout(this.timer);
  }
}

/** How long the server waits before it asks, from the page. */
export const patience = () => Number(document.querySelector('meta[name="coplay-idle"]')?.getAttribute("content") ?? 0);
