// Results packed again, and arrays as a file that plays holds them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pack, partsOf, unpack } from "../../views/player/result.js";
import { nearestTo } from "../../views/player/slider.js";
import { bySignificance, unsmooth } from "../../views/player/smooth.js";

/** @param {Float64Array | Float32Array | Uint8Array} values */
const bytesOf = ({ buffer, byteOffset, byteLength }) =>
  new Uint8Array(/** @type {ArrayBuffer} */ (buffer), byteOffset, byteLength);

test("a result that is put together again is the same", () => {
  const points = Float32Array.of(1, NaN, -Infinity, 0.1);
  const header = { axes: ["lr"], runs: [{ key: "adam" }], steps: 1 };
  const file = pack(header, [
    ["batches", { dtype: "U8", bytes: Uint8Array.of(1, 0, 1) }],
    ["adam/points", { dtype: "F32", bytes: bytesOf(points) }],
    ["axes/lr", { dtype: "F64", bytes: bytesOf(Float64Array.of(0.5, 1)) }],
  ]);
  const { result, arrays } = partsOf(file.buffer);
  assert.deepEqual(result, header);
  assert.deepEqual(arrays.map(([name]) => name), ["batches", "adam/points", "axes/lr"]);
  const race = unpack(file.buffer);
  assert.deepEqual(race.runs[0].points, points);
  assert.deepEqual(race.axes.lr, [0.5, 1]);
  assert.deepEqual(race.batches, Uint8Array.of(1, 0, 1));
});

/**
 * The bytes of numbers as views/webpage/smooth.py orders them, in big whole numbers.
 * @param {Uint8Array} bytes
 * @param {number} size
 * @param {number} columns
 */
function ordered(bytes, size, columns) {
  const bits = 8 * size;
  const count = bytes.length / size;
  const words = Array.from({ length: count }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n));
  for (let turn = 0; turn < 2; turn += 1) {
    for (let i = count - 1; i >= columns; i -= 1) words[i] = BigInt.asUintN(bits, words[i] - words[i - columns]);
  }
  const folded = words.map((word) => {
    const change = BigInt.asIntN(bits, word);
    return change < 0n ? -2n * change - 1n : 2n * change;
  });
  const rows = count / columns;
  const all = new Uint8Array(bytes.length);
  let at = 0;
  for (let column = 0; column < columns; column += 1) {
    for (let place = 0; place < size; place += 1) {
      for (let row = 0; row < rows; row += 1, at += 1) {
        all[at] = Number((folded[row * columns + column] >> BigInt(8 * place)) & 255n);
      }
    }
  }
  return all;
}

test("arrays come back to the last bit, whatever they hold", () => {
  const odd = [0, -0, NaN, Infinity, -Infinity, 5e-324, 1.7e308, 1 / 3, -2, 1e-30];
  for (const [dtype, Type, size] of /** @type {const} */ ([["F64", Float64Array, 8], ["F32", Float32Array, 4]])) {
    for (const columns of [1, 2, 5]) {
      const bytes = bytesOf(Type.from(odd));
      const file = pack({}, [["a", { dtype, bytes: ordered(bytes, size, columns) }]]);
      // The shape is what Python writes besides.
      const text = new TextDecoder().decode(file).replace('"data_offsets"', `"shape":[${odd.length / columns},${columns}],"data_offsets"`);
      const header = text.slice(8, text.indexOf("}}") + 2);
      const whole = new Uint8Array(8 + header.length + bytes.length);
      new DataView(whole.buffer).setBigUint64(0, BigInt(header.length), true);
      whole.set(new TextEncoder().encode(header), 8);
      whole.set(ordered(bytes, size, columns), 8 + header.length);
      unsmooth(whole.buffer);
      assert.deepEqual(whole.slice(8 + header.length), bytes, `${dtype} ${columns}`);
    }
  }
});

test("the nearest value is the nearest on the slider", () => {
  assert.equal(nearestTo(0.4, [0, 1]), 0);
  assert.equal(nearestTo(3, [0.1, 1, 10]), 1);
  assert.equal(nearestTo(4, [0.1, 1, 10], Math.log10), 10);
});

test("heights go by significance, as the server sends them", () => {
  const heights = Float32Array.of(1.5, NaN, -2.25);
  const bytes = bytesOf(heights);
  const planes = Uint8Array.from(atob(bySignificance(bytes)), (sign) => sign.charCodeAt(0));
  assert.equal(planes.length, 12);
  planes.forEach((byte, i) => assert.equal(byte, bytes[4 * (i % 3) + Math.floor(i / 3)]));
});
