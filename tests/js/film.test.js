// What a film is made of: its steps, what differs between frames, and what is wrong with it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { difference, stepsOf, wrongSteps, wrongWith } from "../../views/player/film.js";

test("the frames of a film go from the first step to the last", () => {
  const steps = stepsOf({ from: 10, to: 20, seconds: 2, fps: 10.5 });
  assert.equal(steps.length, 21);
  assert.equal(steps[0], 10);
  assert.equal(steps.at(-1), 20);
  assert.ok(steps.every((step, i) => i === 0 || Math.abs(step - steps[i - 1] - 0.5) < 1e-9));
  assert.deepEqual(stepsOf({ from: 3, to: 7, seconds: 0.01, fps: 10 }), [7]);
});

test("only what differs is sent, in rectangles", () => {
  const [width, height] = [6, 40];
  const before = Uint32Array.from({ length: width * height }, (_, i) => i);
  const now = before.slice();
  assert.deepEqual([...difference(before, now, width)], [0]);
  now[2 * width + 3] ^= 0xff;
  now[4 * width + 1] = 7;
  now[39 * width + 5] ^= 2 ** 31;
  const found = difference(before, now, width);
  assert.deepEqual([...found.subarray(0, 5)], [2, 2, 3, 1, 3]);
  assert.equal(found.length, 1 + 4 + 9 + 4 + 1);
  const again = before.slice();
  for (let [at, part] = [1, 0]; part < found[0]; part += 1) {
    const [top, rows, left, columns] = found.subarray(at, (at += 4));
    for (let row = top; row < top + rows; row += 1) {
      for (let column = left; column < left + columns; column += 1, at += 1) again[row * width + column] ^= found[at];
    }
  }
  assert.deepEqual(again, now);
});

test("what is wrong with a film is a sentence", () => {
  const film = { format: "gif", from: 0, to: 100, seconds: 10, fps: 25, loop: true };
  const size = [1280, 720];
  assert.equal(wrongWith(film, 200, size), "");
  for (const wrong of [{ to: 201 }, { from: NaN }, { from: 100 }, { seconds: 0 }, { seconds: 61 }, { seconds: 60, fps: 30 }]) {
    assert.match(wrongWith({ ...film, ...wrong }, 200, size), /^[A-Z].*\.$/, JSON.stringify(wrong));
  }
});

test("the steps of a file are those of the race, and may be one", () => {
  assert.equal(wrongSteps({ from: 0, to: 40 }, 40), "");
  assert.equal(wrongSteps({ from: 40, to: 40 }, 40), "");
  assert.match(wrongSteps({ from: 0, to: 41 }, 40), /from 0 to 40/);
  assert.match(wrongSteps({ from: NaN, to: 4 }, 40), /whole numbers/);
  assert.match(wrongSteps({ from: 5, to: 4 }, 40), /after the last/);
});
