import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { nearest } from "../../views/player/geometry.js";
import { MARKS, ON_MAP, PARTS } from "../../views/player/meanings.js";
import { sentence } from "../../views/player/whatis.js";

const PLAYER = new URL("../../views/player/", import.meta.url);
const WORDS = [...MARKS, ...PARTS].map(([, words]) => words).concat(Object.values(ON_MAP));

test("each meaning is a short sentence or two, and none is said twice of other parts", () => {
  for (const words of WORDS) {
    assert.match(words, /^[A-Z].*[.]$/, words);
    assert.ok(words.length <= 100, words);
    assert.ok(words.split(". ").length <= 2, words);
  }
  const selectors = [...MARKS, ...PARTS].map(([selector]) => selector);
  assert.equal(new Set(selectors).size, selectors.length);
});

test("each part that is named is made by some module", () => {
  const modules = readdirSync(PLAYER).filter((name) => name.endsWith(".js") && name !== "meanings.js");
  const text = modules.map((name) => readFileSync(new URL(name, PLAYER), "utf8")).join("\n");
  for (const [selector] of [...MARKS, ...PARTS]) {
    const names = selector.replaceAll(/\[(?:data-testid|data-tab|data-entry|style)[^\]]*\]|:not\([^)]*\)/g, "").match(/\.[\w-]+/g) ?? [];
    for (const name of names.filter((one) => !one.startsWith(".st"))) {
      assert.match(text, new RegExp(`\\b${name.slice(1)}\\b`), selector);
    }
    const ids = [...selector.matchAll(/data-testid=([\w-]+)/g)].map(([, id]) => id);
    for (const id of ids) assert.ok(text.includes(`"${id}"`), selector);
  }
});

test("what names a control becomes a sentence, without what the ticks say", () => {
  assert.equal(sentence("Restart (Home)"), "Restart (Home).");
  assert.equal(sentence("Is it?"), "Is it?");
  assert.equal(sentence("Rate: how far. From 0 to 1. Theory: unstable there from 0.1."), "Rate: how far. From 0 to 1.");
  assert.equal(sentence(" "), "");
  assert.equal(sentence(undefined), "");
});

test("the piece of a track that is nearest", () => {
  const segments = Float32Array.of(0, 0, 10, 0, NaN, NaN, NaN, NaN, 10, 0, 10, 10, 10, 10, 10, 10);
  assert.equal(nearest(segments, [5, 3], 4), 0);
  assert.equal(nearest(segments, [13, 6], 4), 2);
  assert.equal(nearest(segments, [5, 5], 4), -1);
  assert.equal(nearest(segments, [-3, 0], 4), 0, "beyond its end");
  assert.equal(nearest(new Float32Array(0), [0, 0], 4), -1);
});
