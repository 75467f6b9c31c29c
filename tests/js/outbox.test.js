// Commands are sent one at a time, under one id until acknowledged, and survive a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../static/outbox.js";

class Store {
  constructor() {
    this.held = new Map();
  }

  getItem(key) {
    return this.held.get(key) ?? null;
  }

  setItem(key, value) {
    this.held.set(key, value);
  }

  removeItem(key) {
    this.held.delete(key);
  }
}

const answer = (id) => ({ id, seen: 1, do: "answer", values: { final: "b" } });
const turn = () => new Promise((done) => setTimeout(done, 5));

test("a command that is not acknowledged is kept and sent again under the same id", async () => {
  const store = new Store();
  const sent = [];
  let up = false;
  const settled = [];
  const transmit = async (command) => {
    sent.push(command.id);
    return up ? { ok: true, seq: 2 } : null;
  };
  const outbox = new Outbox(store, "k", transmit, (command) => settled.push(command.id));
  outbox.put(answer("first"));
  await turn();
  assert.ok(outbox.deciding);
  assert.equal(JSON.parse(store.getItem("k"))[0].id, "first");
  up = true;
  await outbox.flush();
  assert.deepEqual(sent, ["first", "first"]);
  assert.deepEqual(settled, ["first"]);
  assert.equal(store.getItem("k"), null);
});

test("after a reload the same command waits in the tab's storage", async () => {
  const store = new Store();
  new Outbox(store, "k", async () => null, () => undefined).put(answer("kept"));
  const sent = [];
  const again = new Outbox(store, "k", async (command) => (sent.push(command.id), { ok: true }), () => undefined);
  await again.flush();
  assert.deepEqual(sent, ["kept"]);
  assert.ok(again.empty);
});

test("one command is in flight at a time, in order", async () => {
  let inFlight = 0;
  let most = 0;
  const done = [];
  const transmit = async (command) => {
    most = Math.max(most, ++inFlight);
    await turn();
    inFlight -= 1;
    done.push(command.id);
    return { ok: true };
  };
  const outbox = new Outbox(new Store(), "k", transmit, () => undefined);
  for (const id of ["a", "b", "c"]) outbox.put(answer(id));
  await outbox.flush();
  while (!outbox.empty) await turn();
  assert.equal(most, 1);
  assert.deepEqual(done, ["a", "b", "c"]);
});

test("the same id is not queued twice", async () => {
  const outbox = new Outbox(new Store(), "k", async () => null, () => undefined);
  outbox.put(answer("one"));
  outbox.put(answer("one"));
  assert.equal(outbox.queue.length, 1);
});

test("a refusal settles the command: it is not sent again", async () => {
  const replies = [];
  const outbox = new Outbox(new Store(), "k", async () => ({ ok: false, code: "stale", say: "" }), (_, reply) => replies.push(reply.code));
  outbox.put(answer("late"));
  await turn();
  assert.deepEqual(replies, ["stale"]);
  assert.ok(outbox.empty);
});

test("traces do not pile up while the line is down; decisions are kept", async () => {
  const outbox = new Outbox(new Store(), "k", async () => null, () => undefined);
  for (let i = 0; i < 20; i += 1) outbox.put({ id: `t${i}`, seen: 1, do: "trace" });
  outbox.put(answer("kept"));
  assert.equal(outbox.queue.length, 9);
  assert.equal(outbox.queue.at(-1).id, "kept");
});

test("broken storage is as good as empty", () => {
  const store = new Store();
  store.setItem("k", "{not json");
  assert.ok(new Outbox(store, "k", async () => null, () => undefined).empty);
});
