// Collects what the person does between two commands, and folds it into `ui`, which the renderer draws.

/** With the count of what was dropped it makes the 200 that one command may carry. */
const LIMIT = 199;
const CONTINUOUS = new Set(["opacity", "zoom", "pan"]);
const TOGETHER_MS = 250;

/**
 * @typedef {string | number | boolean} Value
 * @typedef {{name: string, value?: Value, ms: number}} Gesture
 * @typedef {import("./answers.js").Ui} Ui
 */

/** The same fold as on the server: the last value under each name. @param {Ui} ui @param {{name: string, value?: Value}} gesture @returns {Ui} */
export const fold = (ui, { name, value }) => ({ ...ui, [name]: value ?? true });

export class Gestures {
  /** @param {() => number} [now] */
  constructor(now = () => performance.now()) {
    this.now = now;
    this.painted = now();
    this.dropped = 0;
    this.touched = false;
    /** @type {Gesture[]} */
    this.held = [];
  }

  /** A new screen was painted: times count from here. */
  restart() {
    this.painted = this.now();
    this.touched = false;
  }

  ms() {
    return Math.max(0, Math.round(this.now() - this.painted));
  }

  /** @param {string} name @param {Value} [value] */
  add(name, value) {
    const gesture = { name, ms: this.ms(), ...(value === undefined ? {} : { value }) };
    const last = this.held.at(-1);
    // A slider moves many times a second; what it came to is what counts.
    if (last && last.name === name && CONTINUOUS.has(name) && gesture.ms - last.ms < TOGETHER_MS) this.held.pop();
    if (this.held.length < LIMIT) this.held.push(gesture);
    else this.dropped += 1;
  }

  /** The first thing done on a screen is logged once, with how. @param {string} how */
  first(how) {
    if (this.touched) return;
    this.touched = true;
    this.add("first", how);
  }

  get empty() {
    return this.held.length === 0 && this.dropped === 0;
  }

  /** Hand over everything collected. @returns {Gesture[]} */
  take() {
    const taken = this.held;
    if (this.dropped) taken.push({ name: "dropped", value: this.dropped, ms: this.ms() });
    this.held = [];
    this.dropped = 0;
    return taken;
  }
}

/** A window that is pulled, or a phone that is turned, changes many times before it rests. */
const RESTS_MS = 400;

/**
 * Attention and window, reported whatever is on the screen.
 * @param {(name: string, value?: Value) => void} add @param {() => void} leaving @param {() => void} sized  the window has another size
 */
export function watch(add, leaving, sized) {
  let away = false;
  const attend = () => {
    const now = document.visibilityState === "hidden" || !document.hasFocus();
    if (now !== away) add(now ? "away" : "back");
    away = now;
    if (document.visibilityState === "hidden") leaving();
  };
  document.addEventListener("visibilitychange", attend);
  addEventListener("focus", attend);
  addEventListener("blur", attend);
  addEventListener("pagehide", leaving);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  addEventListener("resize", () => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      add("resize", `${innerWidth}x${innerHeight}`);
      sized();
    }, RESTS_MS);
  });
}
