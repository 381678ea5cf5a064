// What scrolls is reached by keys, and nothing else is.

import assert from "node:assert/strict";
import { test } from "node:test";

import { reach } from "../../views/player/reach.js";

/** As much of an element as is asked for. */
class Part {
  dataset = {};
  attributes = new Map();

  constructor(client, scroll) {
    Object.assign(this, { clientHeight: client, clientWidth: 100, scrollHeight: scroll, scrollWidth: 100 });
  }

  set tabIndex(index) {
    this.attributes.set("tabindex", index);
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }
}

test("a part is reached while it scrolls", () => {
  const [long, short] = [new Part(50, 200), new Part(50, 51)]; // one pixel is rounding
  globalThis.document = { querySelectorAll: () => [long, short] };
  reach();
  assert.equal(long.attributes.get("tabindex"), 0);
  assert.equal("reached" in long.dataset, true);
  assert.equal(short.attributes.size, 0);
  long.scrollHeight = 50;
  reach();
  assert.equal(long.attributes.size, 0);
  assert.equal("reached" in long.dataset, false);
});

test("what was reached by its own tabindex keeps it", () => {
  const own = new Part(50, 50);
  own.tabIndex = 3;
  globalThis.document = { querySelectorAll: () => [own] };
  reach();
  assert.equal(own.attributes.get("tabindex"), 3);
});
