// Labels keep off the trails: measured on races, picture by picture.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Covered } from "../../views/player/covered.js";
import { headAt, track } from "../../views/player/geometry.js";
import { placeLabels } from "../../views/player/labels.js";
import { ahead } from "../../views/player/pen.js";

const SIZE = 420; // pixels of a map
const AREA = { left: 0, top: 0, right: SIZE, bottom: SIZE };
const STEPS = 300;
const WIDTHS = [22, 70, 58, 64, 38, 56];

/** @typedef {(x: number, y: number) => Pair} Slope */

/** @type {Record<string, {slope: Slope, start: Pair, far: number, rate: number}>} */
const SURFACES = {
  bowl: { slope: (x, y) => [x, 12 * y], start: [-1.6, 1], far: 2, rate: 0.1 },
  saddle: { slope: (x, y) => [2 * x, 4 * y ** 3 - 2 * y], start: [-1.5, 0.01], far: 2, rate: 0.08 },
  valley: { slope: (x, y) => [-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)], start: [-1.2, 1], far: 2, rate: 0.005 },
  himmelblau: {
    slope: (x, y) => [4 * x * (x * x + y - 11) + 2 * (x + y * y - 7), 2 * (x * x + y - 11) + 4 * y * (x + y * y - 7)],
    start: [0.2, 4.2], far: 5, rate: 0.01,
  },
};

/**
 * The trails of six rules.
 * @param {{slope: Slope, start: Pair, far: number, rate: number}} surface
 */
function raced({ slope, start, far, rate }) {
  const rules = [
    { keep: 0, times: 1, signs: false }, { keep: 0.9, times: 0.4, signs: false }, { keep: 0, times: 0.2, signs: false },
    { keep: 0, times: 2 * far, signs: true }, { keep: 0.9, times: 0.4 * far, signs: true }, { keep: 0.95, times: 0.2, signs: false },
  ];
  return rules.map(({ keep, times, signs }) => {
    const points = [start];
    let speed = [0, 0];
    for (let i = 0; i < STEPS; i += 1) {
      const at = points[i];
      const g = slope(...at).map((one) => (signs ? Math.tanh(20 * one) : one));
      speed = speed.map((v, k) => keep * v - rate * times * g[k]);
      points.push([at[0] + speed[0], at[1] + speed[1]]);
    }
    const project = (/** @type {number[]} */ point, /** @type {Float32Array} */ out, /** @type {number} */ at) => {
      out[at] = ((point[0] + far) / (2 * far)) * SIZE;
      out[at + 1] = SIZE - ((point[1] + far) / (2 * far)) * SIZE;
    };
    const position = (/** @type {number} */ i, /** @type {number[]} */ out) => out.splice(0, 2, ...points[i]);
    const made = track(points.length, position, [[-far, far], [-far, far]], project);
    return /** @type {Trail} */ (/** @type {unknown} */ ({ ...made, contains: (/** @type {number} */ i) => points[i].every((one) => Math.abs(one) <= far) }));
  });
}

/**
 * How many points of the trails lie on labels, on average of all pictures of the races, and
 * how often a label moves in a hundred pictures.
 * @param {boolean} off  whether labels keep off the trails
 */
function measured(off) {
  let [lying, moves, pictures] = [0, 0, 0];
  for (const surface of Object.values(SURFACES)) {
    const tracks = raced(surface);
    const covered = new Covered();
    /** @type {{spot: ?number, rest?: number, x?: number, y?: number}[]} */
    const places = tracks.map(() => ({ spot: null }));
    for (let step = 0; step <= STEPS; step += 0.5) {
      covered.enter(tracks, step, SIZE, SIZE, 1);
      const heads = tracks.flatMap((one, i) => {
        const at = headAt(one, step);
        if (!at) return [];
        const { spot, rest, x = Infinity, y = 0 } = places[i];
        return [{ ...at, width: WIDTHS[i], spot, rest, moved: Math.hypot(at.x - x, at.y - y), i }];
      });
      const found = placeLabels(heads, AREA, [], off ? (box) => covered.share(box) : undefined);
      found.forEach((place, k) => {
        const { i, width } = heads[k];
        if (places[i].spot !== null && places[i].spot !== place.spot) moves += 1;
        places[i] = { ...place, x: heads[k].x, y: heads[k].y };
        pictures += 1;
        lying += crossed(tracks, Math.floor(step), { ...place, right: place.left + width, bottom: place.top + 14 });
      });
    }
  }
  return { lying: lying / pictures, moves: (100 * moves) / pictures };
}

/**
 * Pixels of trails up to a step that lie in a box, along them.
 * @param {Trail[]} tracks
 * @param {number} steps
 * @param {Box} box
 */
function crossed(tracks, steps, { left, top, right, bottom }) {
  const seen = new Set();
  for (const { segments } of tracks) {
    for (let i = 0; i < 4 * steps; i += 4) {
      const [x, y, toX, toY] = segments.subarray(i, i + 4);
      const count = Math.ceil(Math.hypot(toX - x, toY - y)) || 1;
      for (let k = 0; k <= count; k += 1) {
        const [a, b] = [x + (k / count) * (toX - x), y + (k / count) * (toY - y)];
        if (a > left && a < right && b > top && b < bottom) seen.add(Math.floor(a) * SIZE + Math.floor(b));
      }
    }
  }
  return seen.size;
}

test("names lie on trails a third as much as beside their heads, and move half as often", () => {
  const [before, after] = [measured(false), measured(true)];
  assert.ok(after.lying < before.lying / 3, `${after.lying} pixels of trails, ${before.lying} before`);
  assert.ok(after.moves < before.moves / 2, `${after.moves} moves in a hundred pictures, ${before.moves} before`);
});

test("what is to come is avoided, too, unless a reader predicts it", () => {
  const [one] = raced(SURFACES.bowl);
  const covered = new Covered();
  covered.enter([one], 0, SIZE, SIZE, 1);
  const whole = { left: 0, top: 0, right: SIZE - 1, bottom: SIZE - 1 };
  assert.ok(covered.share(whole) > 0);
  ahead.shown = false;
  assert.equal(covered.share(whole), 0);
  ahead.shown = true;
  covered.enter([one], STEPS, SIZE, SIZE, 1);
  assert.ok(covered.share(whole) > 0);
});

test("a long race is entered over several pictures, the steps around the one that is shown first", () => {
  const long = Float32Array.from({ length: 4 * 40_000 }, (_, i) => [(i / 4 / 100) % 400, Math.floor(i / 160_000)][i % 2]);
  const tracks = [/** @type {Trail} */ (/** @type {unknown} */ ({ segments: long }))];
  const covered = new Covered();
  const row = (/** @type {number} */ left) => ({ left, top: 0, right: left + 5, bottom: 5 });
  covered.enter(tracks, 20_000, SIZE, SIZE, 1);
  assert.equal(covered.share(row(198)), 1);
  const first = covered.share(row(396));
  for (let k = 0; k < 4; k += 1) covered.enter(tracks, 20_000, SIZE, SIZE, 1);
  assert.ok(covered.share(row(396)) > first);
});
