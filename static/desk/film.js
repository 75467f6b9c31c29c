// A session as a film: its events and gestures in one order, and what stood on the screen at any of them. Pure.

import { fold } from "../gestures.js";

/**
 * @typedef {import("./replay").Replay} Replay
 * @typedef {import("./replay").Moment} Moment
 * @typedef {import("./replay").Touch} Touch
 * @typedef {import("./replay").Screen} Screen
 * @typedef {import("./replay").Span} Span
 * @typedef {"answers" | "ai" | "gestures" | "attention" | "session"} Group
 * @typedef {{id: string, at: number, seq: number, turn: number, group: Group, moment?: Moment, touch?: Touch}} Entry
 *   `id` is the row, and for gestures after the first of a row also which one: "17", "17.2"
 * @typedef {import("../answers.js").Ui} Ui
 */

const ATTENTION = new Set(["away", "back", "resize", "first"]);
const SILENT = new Set(["seen:1", "seen:2"]);
const QUIET_MS = 5000;
const BREATH_MS = 1000;

/** @param {Moment} moment @param {Map<number, Screen>} screens @returns {Group} */
function groupOf(moment, screens) {
  if (moment.kind === "shown") return screens.get(moment.turn ?? -1)?.advice ? "ai" : "session";
  if (moment.kind === "answered") return moment.by === "ai" ? "ai" : "answers";
  return moment.kind === "joined" || moment.kind === "left" ? "attention" : "session";
}

export class Film {
  /** @param {Replay} replay */
  constructor(replay) {
    this.replay = replay;
    this.end = replay.end_ms;
    /** @type {Map<number, Screen>} */
    this.screens = new Map(replay.screens.map((screen) => [screen.turn, screen]));
    this.entries = this.#entries();
    this.pauses = this.#pauses();
  }

  /** @returns {Entry[]} */
  #entries() {
    const { events, ui } = this.replay;
    /** @type {Map<number, number>} */
    const seen = new Map();
    /** @type {Entry[]} */
    const gestures = ui.map((touch) => {
      const n = (seen.get(touch.seq) ?? 0) + 1;
      seen.set(touch.seq, n);
      const id = n === 1 ? `${touch.seq}` : `${touch.seq}.${n}`;
      return { id, at: touch.at_ms, seq: touch.seq, turn: touch.turn, group: ATTENTION.has(touch.name) ? "attention" : "gestures", touch };
    });
    /** @type {Entry[]} */
    const lines = events.map((moment) => ({
      id: `${moment.seq}`, at: moment.at_ms, seq: moment.seq, turn: moment.turn ?? -1, group: groupOf(moment, this.screens), moment,
    }));
    return [...lines, ...gestures.filter(({ touch }) => touch && !SILENT.has(touch.name))].sort((a, b) => a.at - b.at || a.seq - b.seq);
  }

  /** Stretches that are passed over: nobody there, or nothing done for a while. @returns {{from: number, until: number}[]} */
  #pauses() {
    const found = this.replay.gaps.map((gap) => ({ from: gap.from_ms, until: gap.until_ms }));
    this.entries.forEach((entry, i) => {
      const next = this.entries[i + 1];
      if (next && next.at - entry.at > QUIET_MS) found.push({ from: entry.at + 2 * BREATH_MS, until: next.at - BREATH_MS });
    });
    return found.filter(({ from, until }) => until > from).sort((a, b) => a.from - b.from);
  }

  /** The last entry at or before a time. @param {number} ms */
  indexAt(ms) {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.at ?? 0) <= ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Number of the round that a link names as `round=7`, undefined where it names none. @param {string} id */
  static roundOf(id) {
    const found = /^round=(\d+)$/.exec(id);
    return found ? Number(found[1]) : undefined;
  }

  /**
   * Index of the entry that a link names: its own, or the first of its row, or the last before it; for `round=7` the painting of the
   * seventh round that the person met, as data count them.
   * @param {string} id
   */
  indexOf(id) {
    const round = Film.roundOf(id);
    if (round !== undefined) {
      const start = this.replay.starts[round - 1];
      return start === undefined ? -1 : this.indexAt(start);
    }
    const exact = this.entries.findIndex((entry) => entry.id === id);
    if (exact >= 0) return exact;
    const seq = Number.parseInt(id, 10);
    if (!Number.isFinite(seq)) return -1;
    const same = this.entries.findIndex((entry) => entry.seq === seq);
    return same >= 0 ? same : this.entries.findLastIndex((entry) => entry.seq <= seq);
  }

  /** What stood on the screen; a screen that was never painted follows the event that made it. @param {number} ms @returns {Screen | undefined} */
  screenAt(ms) {
    return this.replay.screens.findLast((screen) => (screen.painted ? screen.from_ms <= ms : screen.from_ms < ms));
  }

  /** What was filled in and opened: gestures on this place, up to this entry. @param {Screen} screen @param {number} index @returns {Ui} */
  uiAt(screen, index) {
    const place = this.placeOf(screen.turn);
    const ids = this.replay.screens.map(({ turn }) => turn);
    let first = ids.indexOf(screen.turn);
    while (first > 0 && this.placeOf(ids[first - 1] ?? -1) === place) first -= 1;
    const turns = new Set(ids.slice(first, ids.indexOf(screen.turn) + 1));
    const at = this.entries[index]?.at ?? -1;
    return this.replay.ui
      .filter((touch) => turns.has(touch.turn) && touch.at_ms <= at && !this.#later(touch, index))
      .reduce((/** @type {Ui} */ ui, touch) => this.#folded(ui, touch), {});
  }

  /** Gestures at the very time of the entry, but after it in the list. @param {Touch} touch @param {number} index */
  #later(touch, index) {
    return this.entries.findIndex((entry, i) => i > index && entry.touch === touch) >= 0;
  }

  /** @param {Ui} ui @param {Touch} touch @returns {Ui} */
  #folded(ui, { name, value }) {
    const next = fold(ui, { name, value: value ?? undefined });
    return name === "zoom" && value === 1 ? fold(next, { name: "pan", value: "0,0" }) : next;
  }

  /** @param {number} turn */
  placeOf(turn) {
    return this.replay.views[turn]?.place;
  }

  /** @param {number} ms @returns {Span | undefined} */
  roundAt(ms) {
    const screen = this.screenAt(ms);
    return screen && (screen.round ?? -1) >= 0 ? this.replay.rounds[screen.round ?? -1] : undefined;
  }

  /** @param {number} ms */
  clientAt(ms) {
    const { clients } = this.replay;
    return (clients.findLast((seat) => seat.at_ms <= ms) ?? clients[0])?.client ?? {};
  }

  /** The size of the person's window at a time: as painted, else as the browser said when it connected. @param {number} ms */
  sizeAt(ms) {
    const [screen, client] = [this.screenAt(ms), this.clientAt(ms)];
    return { width: screen?.width || client.width || 1280, height: screen?.height || client.height || 720, theme: screen?.theme || client.theme || "" };
  }
}
