// Results as they arrive: progress, then safetensors.

import assert from "node:assert/strict";
import { test } from "node:test";

import { distanceToNearest, minibatch } from "../../views/player/race.js";
import { readAnswer, understand, unpack } from "../../views/player/result.js";
import { diverges, endOf, rateText } from "../../views/player/study.js";

/** A file of safetensors, put together by hand: name, type, shape and bytes of each array. */
function safetensors(result, arrays) {
  const header = { __metadata__: { result: JSON.stringify(result) } };
  let size = 0;
  for (const [name, dtype, shape, values] of arrays) {
    header[name] = { dtype, shape, data_offsets: [size, size + values.byteLength] };
    size += values.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const [, , , values] of arrays) {
    file.set(new Uint8Array(values.buffer), at);
    at += values.byteLength;
  }
  return file;
}

const FILE = safetensors(
  { kind: "race", steps: 2, axes: ["step", "lr"], runs: [{ key: "adam" }, { key: "adam~2" }] },
  [
    ["adam/points", "F32", [2, 2], Float32Array.of(1, 2, 3, 4)],
    ["adam~2/points", "F32", [2, 2], Float32Array.of(5, 6, NaN, Infinity)],
    ["axes/lr", "F64", [2], Float64Array.of(0.1, 1)],
    ["batches", "U8", [3], Uint8Array.of(0, 1, 1)],
    ["adam/steps", "U16", [2], Uint16Array.of(7, 65535)],
    ["adam~2/states/0/mu", "F32", [2], Float32Array.of(0.5, 0.25)],
    ["adam~2/states/t", "F32", [1], Float32Array.of(3)],
  ],
);

test("arrays go to their entry, axes become lists, and the rest is the result's", () => {
  const { kind, axes, runs, batches } = unpack(FILE.buffer);
  assert.equal(kind, "race");
  assert.deepEqual(Object.keys(axes), ["step", "lr"]);
  assert.deepEqual(axes.lr, [0.1, 1]);
  assert.deepEqual([...batches], [0, 1, 1]);
  assert.deepEqual([...runs[0].points], [1, 2, 3, 4]);
  assert.deepEqual([...runs[1].points], [5, 6, NaN, Infinity]);
  assert.deepEqual([...runs[0].steps], [7, 65535]);
  assert.deepEqual([...runs[1].states[0].mu], [0.5, 0.25]);
  assert.deepEqual([...runs[1].states.t], [3]);
  assert.equal(runs[0].states, undefined);
});

/** An answer that comes in pieces. */
const response = (...pieces) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(Uint8Array.from(piece));
        controller.close();
      },
    }),
  );

test("what comes before the zero is progress, in percent", async () => {
  const parts = [];
  const { bytes, refused } = await readAnswer(response([10, 25], [60, 0, 1], [2, 0]), (part) =>
    parts.push(part),
  );
  assert.deepEqual(parts, [0.25, 0.6]);
  assert.deepEqual([...bytes], [1, 2, 0]);
  assert.equal(refused, false);
});

test("a sentence in place of the result is a refusal", async () => {
  const answer = response([5, 255], new TextEncoder().encode("Too much work."));
  const read = await readAnswer(answer, () => {});
  assert.throws(() => understand(read), { message: "Too much work." });
});

test("an answer that was cut off is not one", async () => {
  await assert.rejects(readAnswer(response([10, 20]), () => {}), TypeError);
});

test("each step has its row of samples, and the last one stays", () => {
  const own = { key: "adam", own: true, batches: Uint8Array.of(0, 1, 1, 0, 0, 1) };
  const whole = { key: "newton", own: true };
  const runs = [{ key: "momentum", own: false }, own, whole];
  const race = { steps: 3, samples: 2, batches: Uint8Array.of(1, 0, 0, 1, 1, 1), runs };
  for (const entry of ["", "momentum"]) {
    assert.deepEqual([...minibatch(race, 0, entry)], [1, 0]);
    assert.deepEqual([...minibatch(race, 1, entry)], [0, 1]);
    assert.deepEqual([...minibatch(race, 3, entry)], [1, 1]);
    assert.equal(minibatch({ ...race, batches: null }, 0, entry), null);
  }
  assert.deepEqual([...minibatch(race, 1, "adam")], [1, 0]);
  assert.equal(minibatch(race, 1, "newton"), null, "it takes all of them");
});

test("the distance is to the nearest point", () => {
  const run = { points: Float32Array.of(0, 0, 3, 4) };
  assert.equal(distanceToNearest(run, 1, [[0, 0], [3, 2]]), 2);
  assert.equal(distanceToNearest(run, 1, [[0, 0]]), 5);
  assert.equal(distanceToNearest(run, 1, [[7.5], [5]]), 2);
  assert.equal(distanceToNearest(run, 1, []), null);
});

test("codes of ends: minima first, and then the ways of not reaching one", () => {
  const study = { first_end: 200, ends: ["descending", "undefined", "diverged"] };
  assert.equal(endOf(study, 0), null);
  assert.equal(endOf(study, 101), null);
  assert.equal(endOf(study, 200), "descending");
  assert.deepEqual([3, 200, 201, 202].map((code) => diverges(study, code)), [false, false, true, true]);
});

test("the speed of a study in words", () => {
  assert.equal(rateText({ steps_per_second: 1.2345e9, milliseconds: 3 }), "1230 million steps/s");
  assert.equal(rateText({ steps_per_second: 0, milliseconds: 3 }), "as computed before");
  assert.equal(rateText({ steps_per_second: null, milliseconds: 812.4 }), "812 ms with compiling");
});
