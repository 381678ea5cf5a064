// Where labels stand that must leave something else free.

import assert from "node:assert/strict";
import { test } from "node:test";

import { placeLabels } from "../../views/player/labels.js";

const AREA = { left: 0, top: 0, right: 400, bottom: 120 };
const HEAD = { x: 300, y: 10, width: 60, spot: null };

test("a label stands beside its head, to the right", () => {
  const [{ left, top }] = placeLabels([HEAD], AREA);
  assert.deepEqual([left, top], [312, 3]);
});

test("and elsewhere where something covers that", () => {
  const list = { left: 305, top: 0, right: 400, bottom: 30 };
  const [{ left, top }] = placeLabels([HEAD], AREA, [list]);
  assert.ok(left + HEAD.width <= list.left || top >= list.bottom, `${left}, ${top}`);
  assert.deepEqual(list, { left: 305, top: 0, right: 400, bottom: 30 });
});

test("a label rests when its head does, and moves off trails when that moves on", () => {
  const covered = (/** @type {Box} */ { left }) => (left > 290 ? 1 : 0);
  const held = { ...HEAD, spot: 0, rest: -1 };
  const at = (/** @type {number} */ moved, rest = -1) => placeLabels([{ ...held, rest, moved }], AREA, [], covered)[0].spot;
  assert.equal(at(0), 0);
  assert.equal(at(1, 5), 0);
  assert.notEqual(at(1), 0);
  assert.notEqual(at(200, 5), 0);
});

test("a label is not where it would be read as that of another head", () => {
  // Two heads, one above the other; a trail goes on from the upper one to both sides.
  const heads = [60, 72].map((y) => ({ ...HEAD, x: 200, y }));
  const covered = (/** @type {Box} */ { top, bottom }) => Number(top < 60 && bottom > 60);
  for (const order of [heads, heads.toReversed()]) {
    const places = placeLabels(order, AREA, [], covered);
    places.forEach(({ left, top, aside }, i) => {
      const far = (/** @type {{x: number, y: number}} */ { x, y }) =>
        Math.hypot(Math.min(Math.max(x, left), left + 60) - x, Math.min(Math.max(y, top), top + 14) - y);
      assert.ok(aside || far(order[i]) <= far(order[1 - i]) + 2, `${i}: ${left}, ${top}`);
    });
  }
});
