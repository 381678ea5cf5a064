// Clipping and tracks, against values worked out by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { along, inside, track } from "../../views/player/geometry.js";

const SQUARE = [
  [-1, 1],
  [-1, 1],
];

test("a segment inside the box keeps all of itself", () => {
  assert.deepEqual(inside([0, 0], [0.5, -0.5], SQUARE), [0, 1]);
});

test("a segment is cut where it crosses the border", () => {
  assert.deepEqual(inside([0, 0], [4, 0], SQUARE), [0, 0.25]);
  assert.deepEqual(inside([-3, 0], [5, 0], SQUARE), [0.25, 0.5]);
  // It enters by the left side at x = -1 and leaves by the top at y = 1.
  assert.deepEqual(inside([-2, -1], [2, 3], SQUARE), [0.25, 0.5]);
});

test("a segment that passes the corner is not seen", () => {
  assert.equal(inside([0, 3], [3, 0], SQUARE), null);
  assert.equal(inside([2, -1], [2, 1], SQUARE), null);
});

test("a segment along the border counts as inside", () => {
  assert.deepEqual(inside([1, -2], [1, 2], SQUARE), [0.25, 0.75]);
});

test("a segment to nowhere is not drawn", () => {
  for (const to of [
    [NaN, 0],
    [Infinity, 0],
    [0, -Infinity],
  ]) {
    assert.equal(inside([0, 0], to, SQUARE), null);
  }
});

test("in three dimensions the third one cuts as well", () => {
  assert.deepEqual(inside([0, 0, 0], [0, 0, 2], [...SQUARE, [0, 1]]), [0, 0.5]);
});

test("a cut of a very long segment lies on the border itself", () => {
  const to = 1e300;
  const [, leave] = inside([0, 0], [to, 0], SQUARE);
  assert.equal(along(0, to, leave, [-1, 1]), 1);
  assert.equal(along(0, to, 0.5, [-1, 1]), 1);
  assert.equal(along(-2, 2, 0.5, [-1, 1]), 0);
});

/** A track of points in the square, drawn at ten pixels a unit. */
const drawn = (points, used) =>
  track(
    points.length,
    (i, out) => {
      [out[0], out[1]] = points[i];
    },
    SQUARE,
    ([x, y], out, at) => {
      out[at] = 10 * x;
      out[at + 1] = 10 * y;
    },
    used,
  );

test("a track has four numbers a step and two an iterate", () => {
  const { segments, heads } = drawn([
    [0, 0],
    [0.5, 0],
    [0.5, 0.5],
  ]);
  assert.deepEqual([...segments], [0, 0, 5, 0, 5, 0, 5, 5]);
  assert.deepEqual([...heads], [0, 0, 5, 0, 5, 5]);
});

test("what leaves the box is cut there, and the iterate stays where it is", () => {
  const { segments, heads } = drawn([
    [0, 0],
    [2, 0],
    [3, 0],
    [0, 0],
  ]);
  assert.deepEqual([...segments.subarray(0, 4)], [0, 0, 10, 0]);
  assert.ok([...segments.subarray(4, 8)].every(Number.isNaN), "the second step is outside");
  assert.deepEqual([...segments.subarray(8)], [10, 0, 0, 0]);
  assert.deepEqual([...heads], [0, 0, 20, 0, 30, 0, 0, 0]);
});

test("a run that becomes NaN ends, and no line leads there", () => {
  const { segments } = drawn([
    [0, 0],
    [NaN, NaN],
    [0.1, 0.1],
  ]);
  assert.ok([...segments].every(Number.isNaN));
});

test("a run of one iterate has no step", () => {
  const { segments, heads } = drawn([[0.5, 0.5]]);
  assert.equal(segments.length, 0);
  assert.deepEqual([...heads], [5, 5]);
});

test("arrays of a track that is gone are written again, all of them", () => {
  const before = drawn([
    [0, 0],
    [0.5, 0],
    [0.5, 0.5],
  ]);
  const points = [
    [0.1, 0],
    [NaN, 0],
    [0.2, 0],
  ];
  const again = drawn(points, before);
  assert.equal(again.segments, before.segments);
  assert.deepEqual(again, drawn(points));
  assert.notEqual(drawn(points.slice(1), before).segments, before.segments);
});
