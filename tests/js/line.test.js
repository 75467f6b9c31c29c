// The line against a server that is played here, frame by frame, in the place of the browser's own WebSocket.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

/** @type {Peer[]} */
const peers = [];
/** @type {any} */
const world = globalThis;
let page = new EventTarget();
world.addEventListener = (/** @type {string} */ name, /** @type {() => void} */ heard) => page.addEventListener(name, heard);
world.location = new URL("https://study.example.org/p/token");

class Peer extends EventTarget {
  /** @param {URL} address */
  constructor(address) {
    super();
    this.address = String(address);
    /** @type {string[]} */
    this.sent = [];
    this.closed = false;
    peers.push(this);
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(text);
  }

  close() {
    this.closed = true;
  }

  /** @param {string} data */
  say(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  greet() {
    this.say('0{"sid":"x","pingInterval":20000,"pingTimeout":20000}');
    return this;
  }

  cut() {
    this.dispatchEvent(new Event("close"));
  }
}

world.WebSocket = Peer;
const { Line } = await import("../../static/line.js");

/** @returns {any} */
const last = () => peers.at(-1);

function dialled() {
  /** @type {unknown[]} */
  const heard = [];
  const line = new Line("/play", { s: "token" }, { v: 1 }, {
    connect: () => heard.push("connect"),
    lost: (byServer) => heard.push(["lost", byServer]),
    failed: (refusal) => heard.push(["failed", refusal]),
    told: (event, payload) => heard.push([event, payload]),
  });
  line.connect();
  return { line, heard };
}

beforeEach(() => {
  peers.length = 0;
  page = new EventTarget();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("it greets, asks and hears", async () => {
  const { line, heard } = dialled();
  assert.equal(last().address, "wss://study.example.org/socket.io/?EIO=4&transport=websocket&s=token");
  last().greet();
  const reply = line.ask("resume", { a: 1 }, 1000);
  last().say('40/play,{"sid":"y"}');
  last().say('42/play,["view",{"seq":3}]');
  last().say('43/play,0[{"ok":true}]');
  last().say("2");
  assert.deepEqual(await reply, { ok: true });
  assert.deepEqual(heard, ["connect", ["view", { seq: 3 }]]);
  assert.deepEqual(last().sent, ['40/play,{"v":1}', '42/play,0["resume",{"a":1}]', "3"]);
});

test("a cut line answers null at once, tells so and dials again, later each time", async () => {
  const { line, heard } = dialled();
  last().greet().say('40/play,{"sid":"y"}');
  const reply = line.ask("do", {}, 60_000);
  last().cut();
  assert.equal(await reply, null);
  assert.deepEqual(heard, ["connect", ["lost", false]]);
  for (const wait of [300, 600, 1200, 2400, 3000, 3000]) {
    const before = peers.length;
    mock.timers.tick(wait * 0.69);
    assert.equal(peers.length, before);
    mock.timers.tick(wait * 0.62);
    assert.equal(peers.length, before + 1);
    last().cut();
  }
  assert.equal(heard.length, 8);
});

test("a server that is silent is taken for lost, one that pings is not", () => {
  const { heard } = dialled();
  last().greet().say('40/play,{"sid":"y"}');
  mock.timers.tick(39_000);
  last().say("2");
  mock.timers.tick(39_000);
  assert.deepEqual(heard, ["connect"]);
  mock.timers.tick(2000);
  assert.deepEqual(heard, ["connect", ["lost", false]]);
  assert.equal(peers[0]?.closed, true);
});

test("a refusal ends it, with what the server said", async () => {
  const { line, heard } = dialled();
  last().greet();
  const reply = line.ask("resume", {}, 1000);
  last().say('44/play,{"message":"bad_token","data":{"code":"bad_token","say":"No."}}');
  assert.equal(await reply, null);
  assert.deepEqual(heard, ["connect", ["failed", { code: "bad_token", say: "No." }]]);
  mock.timers.tick(60_000);
  assert.equal(peers.length, 1);
});

test("a server that hangs up is not dialled again until asked to", () => {
  const { line, heard } = dialled();
  last().greet().say('40/play,{"sid":"y"}');
  last().say("41/play,");
  assert.deepEqual(heard, ["connect", ["lost", true]]);
  mock.timers.tick(60_000);
  assert.equal(peers.length, 1);
  line.connect();
  assert.equal(peers.length, 2);
});

test("the network's end and return are heeded at once", () => {
  const { heard } = dialled();
  last().greet().say('40/play,{"sid":"y"}');
  page.dispatchEvent(new Event("offline"));
  assert.deepEqual(heard, ["connect", ["lost", false]]);
  page.dispatchEvent(new Event("online"));
  assert.equal(peers.length, 2);
});

test("what is late from an old connection is not heard", () => {
  const { heard } = dialled();
  const old = last();
  old.greet().say('40/play,{"sid":"y"}');
  old.cut();
  old.say('42/play,["view",{}]');
  old.cut();
  assert.deepEqual(heard, ["connect", ["lost", false]]);
});
