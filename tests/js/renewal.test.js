// A page of an older version reloads itself once: late enough, and while nothing is held or typed.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { isOther, renewal } from "../../views/player/renewal.js";

/** @type {Map<string, (event: object) => void>} */
let listeners = new Map();
let now = 0;
let loaded = [];
let field = null; // whether what has the focus is a field for text

class PointerEvent {
  constructor(type, buttons) {
    Object.assign(this, { type, buttons });
  }
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(performance, "now", () => now);
  [listeners, now, loaded, field] = [new Map(), 60_000, [], false];
  Object.assign(renewal, { begun: false, say: () => {}, address: () => "/?steps=3" });
  Object.assign(globalThis, {
    PointerEvent,
    location: { replace: (address) => loaded.push([address, now]) },
    document: { get activeElement() { return { matches: () => field }; } },
    addEventListener: (type, act) => listeners.set(type, act),
    removeEventListener: (type) => listeners.delete(type),
  });
});

/** Lets time pass. */
async function pass(milliseconds) {
  for (const end = now + milliseconds; now < end;) {
    now += 100;
    mock.timers.tick(100);
    for (let k = 0; k < 10; k += 1) await Promise.resolve();
  }
}

const moved = (event) => listeners.get(event.type)?.(event);

test("it reloads a moment later, with all that is set, and says so", async () => {
  const said = [];
  renewal.say = (sentence) => said.push(sentence);
  renewal.begin();
  renewal.begin();
  await pass(3000);
  assert.deepEqual(loaded.map(([address]) => address), ["/?steps=3"]);
  assert.equal(said.length, 1);
  assert.match(said[0], /newer version/);
});

test("a page that was loaded just now waits: two versions may answer in turn", async () => {
  now = 2000;
  renewal.begin();
  await pass(27_000);
  assert.deepEqual(loaded, []);
  await pass(5000);
  assert.equal(loaded.length, 1);
});

test("what is held is not taken out of the hand", async () => {
  renewal.begin();
  await pass(500);
  moved(new PointerEvent("pointerdown", 1));
  await pass(5000);
  moved(new PointerEvent("pointermove", 1));
  await pass(20_000);
  assert.deepEqual(loaded, []);
  moved(new PointerEvent("pointerup", 0));
  await pass(2000);
  assert.equal(loaded.length, 1);
  assert.equal(listeners.size, 0);
});

test("a hand that only passes by keeps nothing", async () => {
  renewal.begin();
  for (let k = 0; k < 30; k += 1) {
    moved(new PointerEvent("pointermove", 0));
    await pass(100);
  }
  assert.equal(loaded.length, 1);
});

test("what is being typed is waited for, but not for ever", async () => {
  field = true;
  renewal.begin();
  await pass(20_000);
  moved({ type: "input" });
  await pass(20_000);
  assert.deepEqual(loaded, []);
  await pass(15_000);
  assert.equal(loaded.length, 1);
});

test("what is typed and sent off is waited for no longer", async () => {
  field = true;
  renewal.begin();
  await pass(5000);
  field = false;
  await pass(1500);
  assert.equal(loaded.length, 1);
});

test("an answer without a version, and any in a file, is of no other one", () => {
  const of = (version) => new Response("", version ? { headers: { "x-player": version } } : {});
  renewal.version = undefined;
  assert.equal(isOther(of("b")), false);
  renewal.version = "a";
  assert.deepEqual([of(), of("a"), of("b")].map(isOther), [false, false, true]);
});
