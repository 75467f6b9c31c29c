// The line to the server: one namespace of Socket.IO over a websocket, which is all of it that is needed here.
// Protocol: https://socket.io/docs/v4/socket-io-protocol/ (5) over https://socket.io/docs/v4/engine-io-protocol/ (4), text only.

const OPEN = "0";
const PING = "2";
const PONG = "3";
const CONNECT = "40";
const DISCONNECT = "41";
const EVENT = "42";
const ACK = "43";
const REFUSED = "44";

const FIRST_MS = 300;
const MOST_MS = 3000;
const SPREAD = 0.3;
const OPENING_MS = 20_000;
/** Until the server has said how often it pings. */
const SILENCE_MS = 45_000;

/**
 * @typedef {object} Hearer
 * @property {() => void} connect  the server was greeted; what is asked now it answers after it has let us in
 * @property {(byServer: boolean) => void} lost  by the server: then the line does not try again by itself
 * @property {(refusal?: any) => void} failed  with a refusal the line has ended, without one it goes on trying
 * @property {(event: string, payload: any) => void} told
 */

export class Line {
  /** @param {string} namespace @param {Record<string, string>} query @param {object} auth @param {Hearer} hearer */
  constructor(namespace, query, auth, hearer) {
    this.namespace = namespace;
    this.query = new URLSearchParams({ EIO: "4", transport: "websocket", ...query });
    this.auth = auth;
    this.hearer = hearer;
    this.connected = false;
    this.wanted = false;
    this.tries = 0;
    this.count = 0;
    this.silence = SILENCE_MS;
    /** @type {Map<number, (reply: any) => void>} */
    this.asked = new Map();
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {Record<string, ReturnType<typeof setTimeout>>} */
    this.timers = {};
    addEventListener("offline", () => this.socket && this.drop(false));
    addEventListener("online", () => this.wanted && !this.socket && this.open());
  }

  connect() {
    this.wanted = true;
    if (!this.socket) this.open();
  }

  disconnect() {
    this.wanted = false;
    if (this.connected) this.socket?.send(`${DISCONNECT}${this.namespace},`);
    this.end();
  }

  open() {
    clearTimeout(this.timers.again);
    const address = new URL(`/socket.io/?${this.query}`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    this.timers.opening = setTimeout(() => this.socket === socket && this.drop(false), OPENING_MS);
    socket.addEventListener("message", ({ data }) => this.socket === socket && this.read(String(data)));
    socket.addEventListener("close", () => this.socket === socket && this.drop(false));
  }

  /** @param {string} text */
  read(text) {
    this.listen();
    if (text.startsWith(OPEN)) return this.greet(JSON.parse(text.slice(1)));
    if (text === PING) return this.socket?.send(PONG);
    const prefix = this.namespace + ",";
    const kind = text.slice(0, 2);
    if (!text.startsWith(prefix, 2)) return;
    const [, number = "", body = ""] = /^(\d*)([^]*)$/.exec(text.slice(2 + prefix.length)) ?? [];
    if (kind === CONNECT) this.tries = 0;
    else if (kind === EVENT) this.hearer.told(.../** @type {[string, any]} */ (JSON.parse(body)));
    else if (kind === ACK) this.answered(Number(number), JSON.parse(body)[0]);
    else if (kind === DISCONNECT) this.drop(true);
    else if (kind === REFUSED) this.refused(JSON.parse(body));
  }

  /** @param {{pingInterval: number, pingTimeout: number}} manners */
  greet({ pingInterval, pingTimeout }) {
    clearTimeout(this.timers.opening);
    this.silence = pingInterval + pingTimeout;
    this.listen();
    this.socket?.send(`${CONNECT}${this.namespace},${JSON.stringify(this.auth)}`);
    this.connected = true;
    this.hearer.connect();
  }

  /** A server that says nothing for so long is gone, though nobody may have told. */
  listen() {
    clearTimeout(this.timers.silence);
    this.timers.silence = setTimeout(() => this.drop(false), this.silence);
  }

  /** @param {{message?: string, data?: any}} refusal */
  refused({ data, message }) {
    this.wanted = false;
    this.end();
    this.hearer.failed(data ?? { code: message ?? "closed" });
  }

  /** The connection is over. @param {boolean} byServer */
  drop(byServer) {
    const had = this.connected;
    if (byServer) this.wanted = false;
    this.end();
    if (this.wanted) {
      const wait = Math.min(MOST_MS, FIRST_MS * 2 ** this.tries) * (1 + SPREAD * (2 * Math.random() - 1));
      this.tries += 1;
      this.timers.again = setTimeout(() => this.wanted && !this.socket && this.open(), wait);
    }
    if (had) this.hearer.lost(byServer);
    else this.hearer.failed();
  }

  /** Close, and let nobody wait for an answer that cannot come. */
  end() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    const { socket, asked } = this;
    this.socket = null;
    this.connected = false;
    this.asked = new Map();
    socket?.close();
    for (const done of asked.values()) done(null);
  }

  /** @param {string} event @param {unknown} payload @param {number} ms @returns {Promise<any>} null when nothing came in that time */
  ask(event, payload, ms) {
    if (!this.connected) return Promise.resolve(null);
    const number = this.count++;
    return new Promise((done) => {
      const timer = setTimeout(() => this.answered(number, null), ms);
      this.asked.set(number, (reply) => {
        clearTimeout(timer);
        done(reply);
      });
      this.socket?.send(`${EVENT}${this.namespace},${number}${JSON.stringify([event, payload])}`);
    });
  }

  /** @param {number} number @param {any} reply */
  answered(number, reply) {
    const done = this.asked.get(number);
    this.asked.delete(number);
    done?.(reply);
  }
}
