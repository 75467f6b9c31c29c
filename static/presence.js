// Whether somebody is there, on which line and in which window: attention, silence, size, signs that a program answers.

import { watch } from "./gestures.js";
import { Idle, patience } from "./idle.js";
import { client } from "./preferences.js";
import { lay } from "./traps.js";

const size = () => `${innerWidth}x${innerHeight}`;

export class Presence {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    /** What the server knows of the window. */
    this.size = size();
    this.idle = new Idle(patience(), () => this.ask(), () => this.here());
  }

  start() {
    const { session } = this;
    watch((name, value) => session.note(name, value), () => session.trace(), () => this.sized());
    lay((sign) => session.gestures.add("trap", sign));
    this.idle.start();
  }

  stop() {
    this.idle.stop();
  }

  /** The window changed: the server decides by its size whether the study can be shown in it. */
  sized() {
    const { session } = this;
    if (!session.screen || this.size === size()) return;
    this.size = size();
    session.wire.send({ ...session.command("trace"), client: client() });
  }

  /** Nothing was done for long: ask, except where nothing is to be done. */
  ask() {
    const { screen, parts, words, wire } = this.session;
    const view = screen?.view;
    const rests = !view || view.layout === "end" || view.waits || view.paused || view.blocks.some((block) => block.kind === "wait");
    if (rests || wire.wasDown) return false;
    parts.banner.show("warn", words.idle, { label: words.idle_here ?? "", press: () => undefined });
    this.session.note("idle");
    return true;
  }

  /** Whatever they did, they are there: that is told at once. */
  here() {
    const { parts, wire } = this.session;
    if (wire.wasDown) return;
    parts.banner.hide();
    this.session.note("here");
    this.session.trace();
  }

  /** @param {"down" | "long" | "up"} state */
  line(state) {
    const { words, clock, wire, parts } = this.session;
    const { banner } = parts;
    if (state !== "up") clock.stand();
    if (state === "up") return banner.show("ok", words.online, { passing: true });
    const retry = { label: words.retry ?? "", press: () => wire.retry() };
    banner.show("warn", state === "long" ? words.offline_long : words.offline, state === "long" ? retry : {});
  }

  /** They leave for good and have everything erased: nothing is sent any more, and nothing stays in this tab. */
  part() {
    this.stop();
    this.session.screen = null;
    this.session.wire.close();
    sessionStorage.clear();
  }
}
