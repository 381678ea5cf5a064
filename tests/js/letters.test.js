// The letters of arrows.

import assert from "node:assert/strict";
import { test } from "node:test";

import { overlap, placeLetters } from "../../views/player/letters.js";

const AT = [200, 200];

/**
 * Arrows from one point, as those of a step.
 * @param {Pair[]} ends
 * @param {?Frame} [frame]
 */
const arrowsTo = (ends, frame = null) =>
  ends.map((end, i) => ({ key: `adam ${i}`, text: "abcdefgh"[i], begin: /** @type {Pair} */ (AT), end, frame }));

/**
 * How many pairs of letters lie on one another.
 * @param {Box[]} places
 */
const overlaps = (places) =>
  places.flatMap((one, i) => places.slice(i + 1).filter((other) => overlap(one, other))).length;

test("no letter lies on another, however close the tips of arrows are", () => {
  for (let turn = 0; turn < 360; turn += 15) {
    for (const length of [3, 30, 90]) {
      const [c, s] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
      const ends = [0, 2, 4, 6, 8].map((k) => /** @type {Pair} */ ([200 + (length + k) * c - k * s, 200 + (length + k) * s + k * c]));
      assert.equal(overlaps(placeLetters(arrowsTo(ends), 1, new Map())), 0, `${turn} ${length}`);
    }
  }
});

test("a letter keeps its place while the arrow turns a little", () => {
  const had = new Map();
  let moves = 0;
  let before = null;
  for (let k = 0; k <= 90; k += 1) {
    const angle = (k * Math.PI) / 180;
    placeLetters(arrowsTo([[200 + 60 * Math.cos(angle), 200 + 60 * Math.sin(angle)], [260, 200]]), 1, had);
    const now = [...had.values()].join();
    if (before !== null && now !== before) moves += 1;
    before = now;
  }
  assert.ok(moves <= 4, String(moves));
});

test("a letter stays in the frame of its map", () => {
  const frame = /** @type {Frame} */ ({ left: 100, top: 100, width: 110, height: 110, x: [0, 1], y: [0, 1] });
  const [{ right, bottom }] = placeLetters(arrowsTo([[208, 208]], frame), 1, new Map());
  assert.ok(right <= 210 && bottom <= 210, `${right} ${bottom}`);
});

test("no letter lies on a name, which stands where the letter would", () => {
  const arrows = arrowsTo([[260, 200], [200, 140], [150, 250]]);
  const had = new Map();
  const names = placeLetters(arrows, 1, had).map(({ left, top }) => ({ left: left - 10, top, right: left + 40, bottom: top + 14 }));
  const places = placeLetters(arrows, 1, had, names);
  assert.ok(places.every((one) => !names.some((name) => overlap(one, name))), JSON.stringify(places));
});
