// What is said on the line to the server: whole screens come in, commands go out through the outbox.

import { Line } from "./line.js";
import { Outbox } from "./outbox.js";

const VERSION = 1;
const ACK_MS = 8000;
const BUSY_MS = 1000;
const LONG_MS = 20_000;
/** Refusals that say "send it again". */
const AGAIN = new Set(["busy", "unavailable", "too_fast"]);

/**
 * @typedef {{seq: number, hash: string, at: number, view: import("./types").View, words?: Record<string, string>, ui?: import("./answers.js").Ui, elapsed?: number, receipt?: string}} Screen
 * @typedef {{code: string, say?: string, url?: string}} Bye
 * @typedef {object} Listener
 * @property {() => object} client  what the server may know of this browser
 * @property {() => string} lang  the language whose words are known here, or none
 * @property {(screen: Screen) => void} screen
 * @property {(command: import("./outbox.js").Command, reply: import("./outbox.js").Reply) => void} settled
 * @property {(bye: Bye) => void} bye
 * @property {(state: "down" | "long" | "up") => void} line
 */

/** 128 random bits as a UUID; `crypto.randomUUID` exists on secure origins only. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 15) | 64;
  bytes[8] = ((bytes[8] ?? 0) & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** @param {Storage} store */
function tabId(store) {
  try {
    const known = store.getItem("coplay.tab") ?? newId();
    store.setItem("coplay.tab", known);
    return known;
  } catch {
    return newId();
  }
}

export class Wire {
  /** @param {string} token @param {Listener} listener @param {Storage} [store] */
  constructor(token, listener, store = sessionStorage) {
    this.listener = listener;
    this.over = false;
    this.wasDown = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.patience = undefined;
    this.outbox = new Outbox(store, `coplay.outbox.${token}`, (command) => this.transmit(command), listener.settled);
    this.line = new Line("/play", { s: token }, { v: VERSION, token, tab: tabId(store) }, {
      connect: () => void this.resume(),
      lost: (byServer) => this.lost(byServer),
      failed: (refusal) => this.failed(refusal),
      told: (event, payload) => event === "view" ? listener.screen(payload) : event === "bye" && this.leave(payload),
    });
  }

  open() {
    this.line.connect();
  }

  /** @param {string} event @param {unknown} payload @returns {Promise<any>} null when it was not acknowledged */
  ask(event, payload) {
    return this.line.ask(event, payload, ACK_MS);
  }

  /** Commands that waited go first, so that the screen drawn is the one after them. */
  async resume() {
    const reply = await this.ask("resume", { client: this.listener.client(), words: this.listener.lang() });
    if (!reply) {
      if (this.line.connected) void this.resume();
      return;
    }
    if (!reply.ok && AGAIN.has(reply.code)) return void setTimeout(() => this.line.connected && void this.resume(), BUSY_MS);
    if (!reply.ok) return this.leave(reply);
    clearTimeout(this.patience);
    this.patience = undefined;
    if (this.wasDown) this.listener.line("up");
    this.wasDown = false;
    if (Object.keys(reply.words).length === 0) delete reply.words;
    this.listener.screen(reply);
    await this.outbox.flush();
  }

  /** @param {import("./outbox.js").Command} command @returns {Promise<import("./outbox.js").Reply | null>} */
  async transmit(command) {
    while (this.line.connected && !this.over) {
      const reply = await this.ask("do", command);
      if (reply && !AGAIN.has(reply.code ?? "")) return reply;
      if (reply) await new Promise((done) => setTimeout(done, BUSY_MS));
    }
    return null;
  }

  /** @param {import("./outbox.js").Command} command */
  send(command) {
    this.outbox.put(command);
  }

  /** Try now instead of waiting for the next attempt. */
  retry() {
    this.line.disconnect();
    this.line.connect();
  }

  /** @param {boolean} byServer  then the line does not try again by itself */
  lost(byServer) {
    if (this.over) return;
    this.down();
    if (byServer) setTimeout(() => !this.over && this.line.connect(), BUSY_MS);
  }

  down() {
    this.wasDown = true;
    if (this.patience !== undefined) return;
    this.listener.line("down");
    this.patience = setTimeout(() => this.listener.line("long"), LONG_MS);
  }

  /** A refused handshake is final unless it says "again"; anything else is the network, and the line tries by itself. @param {Bye} [refusal] */
  failed(refusal) {
    if (this.over) return;
    if (!refusal) return this.down();
    if (AGAIN.has(refusal.code)) return this.lost(true);
    this.leave(refusal);
  }

  /** Say and hear nothing more. */
  close() {
    this.over = true;
    clearTimeout(this.patience);
    this.line.disconnect();
  }

  /** @param {Bye} bye */
  leave(bye) {
    if (bye.code !== "paused") this.close();
    this.listener.bye(bye);
  }
}
