// One person's session in this tab: the screen that is drawn, what they have done on it, and what is on its way.

import { actOf, missing, valuesOf } from "./answers.js";
import { obstacle } from "./blocks/act.js";
import { Clock } from "./clock.js";
import { Drafts } from "./drafts.js";
import { farewell } from "./farewell.js";
import { Gate } from "./gate.js";
import { fold, Gestures } from "./gestures.js";
import { meaning } from "./keys.js";
import { prefetch } from "./pictures.js";
import { client, preferences, renewed } from "./preferences.js";
import { Presence } from "./presence.js";
import { prepare, render } from "./render.js";
import { Wire, newId } from "./wire.js";

const QUIET_MS = 5000;
const SLOW_MS = 1000;
const LOST_MS = 3000;
/** Refusals after which this tab has nothing more to say. */
const FINAL = new Set(["elsewhere", "upgrade", "erased", "bad_token"]);
const ALWAYS = new Set(["Enter", "NumpadEnter", "Escape"]);
/** Where the focus goes when something that was opened is closed again. @type {Readonly<Record<string, string>>} */
const OPENERS = { guide: ".bar__guide" };

/**
 * @typedef {import("./wire.js").Screen} Screen
 * @typedef {{root: HTMLElement, banner: import("./banner.js").Banner, menu: import("./menu.js").Menu}} Parts
 */

/** Resolves in the frame after the one that was painted. */
const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

export class Session {
  /** @param {string} token @param {Parts} parts */
  constructor(token, parts) {
    this.parts = parts;
    /** @type {Screen | null} */
    this.screen = null;
    /** @type {Screen | null} the newest one, perhaps still being decoded */
    this.newest = null;
    /** @type {import("./answers.js").Ui} */
    this.ui = {};
    /** @type {Record<string, string>} */
    this.words = {};
    this.live = false;
    /** @type {"" | "sending" | "slow"} */
    this.busy = "";
    /** @type {Record<string, unknown> | null} goes with the next command, once a screen */
    this.shown = null;
    /** Taking back control must not be lost to the clock: pressed again on the next screen. */
    this.again = false;
    this.gestures = new Gestures();
    this.clock = new Clock();
    this.presence = new Presence(this);
    this.drafts = new Drafts(sessionStorage, `coplay.drafts.${token}`);
    this.gate = new Gate((side) => this.emit({ name: `seen:${side}`, value: true }));
    /** @type {Record<string, ReturnType<typeof setTimeout>>} */
    this.timers = {};
    this.wire = new Wire(token, {
      client,
      lang: () => this.screen?.view.lang ?? "",
      screen: (screen) => void this.show(screen),
      settled: (command, reply) => this.settled(command, reply),
      bye: (bye) => this.bye(bye),
      line: (state) => this.presence.line(state),
    });
  }

  start() {
    addEventListener("keydown", (event) => this.key(event));
    addEventListener("pointerdown", () => this.gestures.first("pointer"), true);
    this.presence.start();
    this.wire.open();
  }

  /** Draw a screen once its images are decoded; a newer one that arrives meanwhile wins. @param {Screen} screen */
  async show(screen) {
    if (this.newest && screen.seq < this.newest.seq) return;
    this.newest = screen;
    if (screen.words) this.words = screen.words;
    if (this.screen?.hash === screen.hash) {
      // The same again, perhaps while it is still being painted: that goes on.
      this.screen = screen;
      // What the page brought may be older than what was told while it was loading; what was done here since is newer.
      this.ui = { ...screen.ui, ...this.ui };
      this.clock.set(screen.view, screen.elapsed ?? 0, screen.at);
      if (this.live) this.clock.run();
      return this.settle();
    }
    const times = await prepare(screen.view);
    if (this.newest !== screen) return;
    // Leaving a field tells what was done in it, so it is left before the screen goes.
    const field = document.activeElement;
    if (field instanceof HTMLElement && field.matches("input, textarea") && this.screen?.view.place !== screen.view.place) field.blur();
    this.trace();
    const before = this.screen?.view;
    // While the AI plays, screens pass by themselves: they are new, but take no focus.
    const passing = before?.waits === true && screen.view.waits === true;
    const same = before?.place === screen.view.place;
    this.screen = screen;
    this.ui = { ...(same ? this.ui : {}), ...screen.ui, ...this.drafts.of(screen.view.turn) };
    this.clock.set(screen.view, screen.elapsed ?? 0, screen.at);
    this.live = false;
    this.settle();
    await painted();
    if (this.screen.hash === screen.hash && !this.live) this.painted(screen, before?.turn === screen.view.turn ? null : times, same || passing);
  }

  /** @param {Screen} screen @param {{image_ms: number, overlay_ms: number} | null} times  null: not a new turn @param {boolean} same */
  painted({ view, hash }, times, same) {
    this.live = true;
    this.clock.run();
    if (times) {
      this.gestures.restart();
      this.shown = { turn: view.turn, hash, ...times };
    }
    this.draw();
    document.documentElement.lang = view.lang;
    document.documentElement.dir = view.dir || "ltr";
    document.title = view.title;
    if (!same) {
      scrollTo(0, 0);
      const { root } = this.parts;
      /** @type {HTMLElement | null} */ (root.querySelector("dialog [data-stay]") ?? root.querySelector("[data-focus]"))?.focus({ preventScroll: true });
    }
    this.gate.start(view, () => this.ui);
    prefetch(view.next ?? [], view.blocks.find((block) => block.kind === "panes")?.image);
    clearInterval(this.timers.clock);
    // The server's clock runs from the painting on, so it is told at once.
    if (view.within_ms || view.shift_ms) this.trace();
    if (this.clock.ticks) this.timers.clock = setInterval(() => this.draw(), this.clock.ticks);
    this.insist(view);
  }

  /** @param {import("./types").View} view */
  insist(view) {
    const back = this.again ? actOf(view, "handover", "me") : undefined;
    this.again = false;
    if (back) this.press(back);
  }

  /** Nothing is on its way any more: the screen can be answered. */
  settle() {
    clearTimeout(this.timers.slow);
    clearTimeout(this.timers.lost);
    this.busy = this.wire.outbox.deciding ? this.busy || "sending" : "";
    this.draw();
  }

  draw() {
    if (!this.screen) return;
    const { view } = this.screen;
    render(view, this.parts.root, {
      ui: this.ui, words: this.words, live: this.live, busy: this.busy, shortcuts: preferences.shortcuts,
      receipt: this.screen.receipt ?? "",
      ...this.clock.told(),
      emit: (gesture) => this.emit(gesture),
      hold: (gesture) => this.hold(gesture),
      press: (act) => this.press(act),
      menu: () => this.parts.menu.show(view, this.words),
      speak: (lang) => this.send("localise", { lang }),
    });
  }

  /** A gesture that changes how the screen stands. @param {{name: string, value?: string | number | boolean}} gesture */
  emit(gesture) {
    if (this.busy || this.screen?.view.paused) return this.draw();
    const { plane } = this.ui;
    this.ui = fold(this.ui, gesture);
    if (gesture.name === "zoom" && gesture.value === 1) this.ui = fold(this.ui, { name: "pan", value: "0,0" });
    this.note(gesture.name, gesture.value);
    this.draw();
    const opener = OPENERS[gesture.name] ?? (gesture.name === "plane" ? `[data-plane="${plane}"]` : "");
    if (gesture.name === "guide" && gesture.value) this.focus("#guide-title");
    else if (opener && !gesture.value) this.focus(opener);
  }

  /** @param {string} selector */
  focus(selector) {
    /** @type {HTMLElement | null} */ (this.parts.root.querySelector(selector))?.focus();
  }

  /** Something that is being written: drawn and kept in this tab, told when it is confirmed. @param {{name: string, value?: string | number | boolean}} gesture */
  hold(gesture) {
    if (!this.screen || this.busy || this.screen.view.paused) return this.draw();
    this.ui = fold(this.ui, gesture);
    this.drafts.put(this.screen.view.turn, gesture.name, gesture.value ?? true);
    this.draw();
  }

  /** @param {string} name @param {string | number | boolean} [value] */
  note(name, value) {
    this.gestures.add(name, value);
    clearTimeout(this.timers.quiet);
    this.timers.quiet = setTimeout(() => this.trace(), QUIET_MS);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Tab" && event.key !== "Shift") this.gestures.first("key");
    if (!this.screen || !this.live || this.parts.menu.open) return;
    if (!preferences.shortcuts && !ALWAYS.has(event.code)) return;
    const meant = meaning(event, this.screen.view, this.ui);
    if (!meant) return;
    event.preventDefault();
    if ("act" in meant) this.press(meant.act);
    else this.emit(meant.gesture);
  }

  /** @param {import("./types").Act} act */
  press(act) {
    if (!this.screen || !this.live) return;
    const { view } = this.screen;
    if (obstacle(act, { view, ui: this.ui, busy: this.busy, words: this.words, now_ms: this.clock.told().now_ms }) !== null) {
      const name = act.confirms && !this.busy ? missing(view, this.ui)?.name : undefined;
      return name ? this.focus(`main [name="${CSS.escape(name)}"]`) : undefined;
    }
    this.decide(act);
  }

  /** @param {import("./types").Act} act */
  decide(act) {
    if (!this.screen) return;
    this.presence.sized();
    this.send("answer", { values: valuesOf(this.screen.view, act, this.ui), ms: this.gestures.ms() });
  }

  /** A command that is waited for: the screen takes no other one until it is settled. @param {string} what @param {object} more */
  send(what, more = {}) {
    if (!this.screen || this.busy) return;
    this.busy = "sending";
    this.timers.slow = setTimeout(() => {
      this.busy = this.busy && "slow";
      this.draw();
    }, SLOW_MS);
    this.wire.send({ ...this.command(what), ...more });
    this.draw();
  }

  /** Send what was collected by itself: after a quiet while, when the page is left, when another screen comes. */
  trace() {
    clearTimeout(this.timers.quiet);
    if (this.screen && !this.wire.outbox.deciding && (this.shown || !this.gestures.empty)) this.wire.send(this.command("trace"));
  }

  /** @param {string} what @returns {import("./outbox.js").Command} */
  command(what) {
    clearTimeout(this.timers.quiet);
    const command = { id: newId(), seen: this.screen?.view.turn ?? 0, do: what, ...this.showing() };
    const gestures = this.gestures.take();
    return gestures.length ? { ...command, gestures } : command;
  }

  /** What was painted and how, once a screen. */
  showing() {
    if (!this.shown) return {};
    const panel = this.parts.root.querySelector(".pane.is-front .specimen");
    const { width, height, dpr, theme } = client();
    const shown = { ...this.shown, ago_ms: this.gestures.ms(), width, height, dpr, theme, side: panel?.clientWidth ?? 0 };
    this.shown = null;
    return { shown };
  }

  /** @param {import("./outbox.js").Command} command @param {import("./outbox.js").Reply} reply */
  settled(command, reply) {
    if (!reply.ok && FINAL.has(reply.code ?? "")) return this.wire.leave({ code: reply.code ?? "", say: reply.say });
    if (!reply.ok && reply.say) this.parts.banner.show("warn", reply.say, { passing: true });
    if (reply.code === "stale" && /** @type {any} */ (command.values)?.handover === "me") this.again = true;
    if (reply.screen) return void this.show(reply.screen);
    if (command.do === "trace") return;
    if (!reply.ok || this.screen?.view.turn !== command.seen) return this.settle();
    // The next screen is pushed; should it get lost, ask for it.
    this.timers.lost = setTimeout(() => this.busy && void this.wire.resume(), LOST_MS);
  }

  /** @param {import("./wire.js").Bye} bye */
  bye(bye) {
    this.presence.stop();
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.gate.stop();
    this.parts.menu.close();
    this.parts.banner.hide();
    if (bye.code === "upgrade" && renewed()) return;
    // A link that was good here and is unknown now went with its session: nothing of it stays in this tab either.
    const gone = bye.code === "erased" || (bye.code === "bad_token" && this.screen !== null);
    if (gone) sessionStorage.clear();
    farewell(this.parts.root, gone ? { ...bye, code: "erased" } : bye, this.words);
  }
}
