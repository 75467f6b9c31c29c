// Commands on their way to the server: one in flight, kept in the tab's storage until acknowledged, re-sent under the same id.

const LIMIT = 8;

/**
 * @typedef {{id: string, seen: number, do: string, [more: string]: unknown}} Command
 * @typedef {{ok: boolean, code?: string, say?: string, screen?: any, seq?: number}} Reply
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Store
 */

export class Outbox {
  /**
   * @param {Store} store
   * @param {string} key
   * @param {(command: Command) => Promise<Reply | null>} transmit  null: not acknowledged, try again when the line is back
   * @param {(command: Command, reply: Reply) => void} settled
   */
  constructor(store, key, transmit, settled) {
    this.store = store;
    this.key = key;
    this.transmit = transmit;
    this.settled = settled;
    this.sending = false;
    /** @type {Command[]} */
    this.queue = this.restore();
  }

  /** @returns {Command[]} */
  restore() {
    try {
      const kept = JSON.parse(this.store.getItem(this.key) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  keep() {
    try {
      if (this.queue.length) this.store.setItem(this.key, JSON.stringify(this.queue));
      else this.store.removeItem(this.key);
    } catch {
      // A full or forbidden storage costs only the memory across reloads.
    }
  }

  get empty() {
    return this.queue.length === 0;
  }

  /** Whether an answer waits: the screen must not take another one. */
  get deciding() {
    return this.queue.some((command) => command.do !== "trace");
  }

  /** @param {Command} command */
  put(command) {
    if (this.queue.some((other) => other.id === command.id)) return;
    // Traces may be lost when the line is down for long; decisions may not.
    if (command.do === "trace" && this.queue.length >= LIMIT) return;
    this.queue.push(command);
    this.keep();
    void this.flush();
  }

  /** Send what waits, one after the other. Safe to call at any time. */
  async flush() {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let next = this.queue[0]; next; next = this.queue[0]) {
        const reply = await this.transmit(next);
        if (!reply) return;
        this.queue.shift();
        this.keep();
        this.settled(next, reply);
      }
    } finally {
      this.sending = false;
    }
  }
}
