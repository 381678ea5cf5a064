// Addresses that follow one another soon become one entry of the browser's history.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { gatherEntries, gathering } from "../../views/player/address.js";

const SITE = "http://site.test";
let entries = [];
let now = 0;
let back = () => {};

beforeEach(() => {
  const at = new URL(`${SITE}/?surface=ravine`);
  entries = [at.search];
  now = 10_000;
  mock.method(performance, "now", () => now);
  const go = (address) => {
    globalThis.location = new URL(address, SITE);
    return globalThis.location.search;
  };
  go(at.href);
  globalThis.history = {
    pushState: (state, title, address) => entries.push(go(address)),
    replaceState: (state, title, address) => (entries[entries.length - 1] = go(address)),
  };
  globalThis.window = { addEventListener: (type, act) => (back = act) };
  gathering.following = () => false;
  gatherEntries();
});

const push = (query) => globalThis.history.pushState(null, "", `/${query}`);

test("moves of one slider are one step back", () => {
  for (let k = 1; k <= 10; k += 1) {
    push(`?surface=ravine&adam.lr=0.${k}`);
    now += 300;
  }
  assert.deepEqual(entries, ["?surface=ravine", "?surface=ravine&adam.lr=0.10"]);
});

test("another setting is another step back", () => {
  push("?surface=ravine&adam.lr=0.1");
  push("?surface=ravine&adam.lr=0.1&steps=100");
  assert.equal(entries.length, 3);
});

test("so is the same setting after a while", () => {
  push("?surface=ravine&adam.lr=0.1");
  now += 2001;
  push("?surface=ravine&adam.lr=0.2");
  assert.equal(entries.length, 3);
});

test("who went back can go there again", () => {
  push("?surface=ravine&adam.lr=0.1");
  back();
  push("?surface=ravine&adam.lr=0.2");
  assert.equal(entries.length, 3);
});

test("another page is another step back", () => {
  push("?surface=ravine&adam.lr=0.1");
  globalThis.history.pushState(null, "", "/about?surface=ravine&adam.lr=0.2");
  assert.equal(entries.length, 3);
});

test("what comes from a room is no step back, and what its follower does then is one", () => {
  gathering.following = () => true;
  for (const surface of ["saddle", "beale", "levy"]) push(`?surface=${surface}&room=kd37xw`);
  assert.deepEqual(entries, ["?surface=levy&room=kd37xw"]);
  gathering.following = () => false;
  now += 2001;
  push("?surface=saddle&room=kd37xw");
  assert.equal(entries.length, 2);
});
