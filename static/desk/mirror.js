// The participant's screen at its own size, scaled into the page. It is another document, so that its width is the person's.

import { position } from "./time.js";

const FRAME = "/desk/frame";

export class Mirror {
  /** @param {HTMLElement} box @param {import("./film.js").Film} film @param {Readonly<Record<string, Record<string, string>>>} words @param {import("./words.js").Say} say */
  constructor(box, film, words, say) {
    this.box = box;
    this.film = film;
    this.words = words;
    this.say = say;
    this.ready = false;
    /** @type {object | null} */
    this.waiting = null;
    this.sent = "";
    this.asked = 0;
    this.drawn = 0;
    this.cap = this.#part("p", "cap num");
    this.empty = this.#part("p", "mirror__none");
    this.lost = this.#part("p", "mirror__lost");
    this.lost.setAttribute("role", "status");
    this.frame = document.createElement("iframe");
    this.frame.className = "mirror__frame";
    this.frame.tabIndex = -1;
    this.holder = this.#part("div", "mirror__holder");
    this.holder.append(this.frame);
    addEventListener("message", (event) => this.#heard(event));
    new ResizeObserver(() => this.#fit()).observe(box);
    this.size = { width: 0, height: 0 };
    this.frame.src = FRAME;
  }

  /** @param {string} tag @param {string} name */
  #part(tag, name) {
    const made = document.createElement(tag);
    made.className = name;
    this.box.append(made);
    return made;
  }

  /** @param {MessageEvent} event */
  #heard({ source, origin, data }) {
    if (source !== this.frame.contentWindow || origin !== location.origin) return;
    if (data?.ready) {
      this.ready = true;
      if (this.waiting) this.#post(this.waiting);
    }
    if (data?.drawn === undefined) return;
    this.drawn = data.drawn;
    this.#behind();
    this.lost.textContent = data.missing ? this.say("replay.missing") : "";
  }

  /** The frame draws a little later than this page: until then the mirror is busy. */
  #behind() {
    this.box.setAttribute("aria-busy", String(!this.holder.hidden && this.drawn < this.asked));
  }

  /** @param {object} message */
  #post(message) {
    this.waiting = message;
    if (this.ready) this.frame.contentWindow?.postMessage(message, location.origin);
  }

  /** @param {import("./player.js").Player} player */
  show({ ms, index }) {
    const screen = this.film.screenAt(ms);
    const view = screen && this.film.replay.views[screen.turn];
    const { width, height, theme } = this.film.sizeAt(ms);
    this.holder.hidden = !view;
    this.empty.textContent = view ? "" : this.say("replay.none");
    if (width !== this.size.width || height !== this.size.height) {
      this.size = { width, height };
      this.#fit();
    }
    const painted = screen?.painted || !screen ? "" : `, ${this.say("replay.unpainted")}`;
    this.cap.textContent = `${this.say("replay.size", this.size)}${painted}`;
    if (!screen || !view) return void this.#behind();
    this.frame.title = this.say("replay.frame", { session: this.film.replay.session, time: position(ms, false) });
    const left = (/** @type {number | undefined} */ limit) => (limit ? Math.max(0, Math.round((limit - (ms - screen.from_ms)) / 250) * 250) : undefined);
    // Clocks go in steps, so that the frame is not drawn anew for every millisecond.
    const clocks = { left_ms: left(view.within_ms), shift_left_ms: left(view.shift_ms), now_ms: Math.floor((this.film.replay.opened_at / 1000 + ms) / 60_000) * 60_000 };
    const shortcuts = !this.film.clientAt(ms).touch;
    const message = { number: this.asked + 1, view, ui: this.film.uiAt(screen, index), words: this.words[view.lang] ?? {}, theme, shortcuts, clocks };
    const key = JSON.stringify([view.turn, message.ui, theme, clocks, shortcuts]);
    if (key !== this.sent) {
      this.sent = key;
      this.asked = message.number;
      this.#post(message);
    }
    this.#behind();
  }

  /** Scale the frame into the box without changing its own size. */
  #fit() {
    const { width, height } = this.size;
    if (!width) return;
    const [free, tall] = [this.box.clientWidth - 32, this.box.clientHeight - 76];
    const scale = Math.max(0.1, Math.min(1, free / width, tall / height));
    this.frame.width = String(width);
    this.frame.height = String(height);
    this.holder.style.setProperty("--w", `${width * scale}px`);
    this.holder.style.setProperty("--h", `${height * scale}px`);
    this.holder.style.setProperty("--scale", String(scale));
  }
}
