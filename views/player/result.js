// What the server has computed, a race or a study, read from the format it is sent in:
// safetensors (views/result.py), after its progress (views/stream.py).

import { Refusal } from "./live.js";

/**
 * @typedef {Float64ArrayConstructor | Float32ArrayConstructor | Int32ArrayConstructor
 *   | Uint32ArrayConstructor | Uint16ArrayConstructor | Uint8ArrayConstructor} Numbers
 * @typedef {{dtype: string, data_offsets: Pair}} Entry  of the header of safetensors
 * @typedef {{bytes: Uint8Array<ArrayBuffer>, refused: boolean}} Streamed
 */

/** @type {Record<string, Numbers>} */
const TYPES = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
};

const REFUSED = 255; // what comes before a sentence, in place of the zero

/**
 * Reads an answer: its bytes, and whether they are a sentence in place of a result.
 * @param {Response} response
 * @param {(part: number) => void} onProgress  the finished part, from 0 to 1
 * @returns {Promise<Streamed>}
 */
export async function readAnswer(response, onProgress) {
  const reader = response.body?.getReader();
  if (!reader) throw new TypeError("an answer without a body");
  /** @type {Uint8Array[]} */
  const chunks = [];
  let begun = false; // whether the progress is over
  let refused = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    let chunk = value;
    if (!begun) {
      const end = chunk.findIndex((byte) => byte === 0 || byte === REFUSED);
      const last = end < 0 ? chunk.at(-1) : chunk[end - 1];
      if (last) onProgress(last / 100);
      if (end < 0) continue;
      begun = true;
      refused = chunk[end] === REFUSED;
      chunk = chunk.subarray(end + 1);
    }
    chunks.push(chunk);
  }
  if (!begun) throw new TypeError("cut off before the answer");
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return { bytes, refused };
}

/**
 * The result that was read; a sentence in its place is a refusal.
 * @param {Streamed} streamed
 */
export function understand({ bytes, refused }) {
  if (refused) throw new Refusal(new TextDecoder().decode(bytes));
  return unpack(bytes.buffer);
}

/**
 * A result: the fields of its header, and its arrays by name. Those of an entry,
 * `adam~2/points`, are in its run; what arrays run along, `axes/lr`, are plain lists.
 * @param {ArrayBuffer} buffer
 * @returns {any}  a `Race` or a `Study`
 */
export function unpack(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, length));
  const { __metadata__: metadata, ...arrays } = JSON.parse(text);
  const result = JSON.parse(metadata.result);
  /** @type {string[]} */
  const order = result.axes;
  result.axes = Object.fromEntries(order.map((name) => [name, []]));
  /** @type {Map<string, any>} */
  const runs = new Map(result.runs.map((/** @type {{key: string}} */ run) => [run.key, run]));
  /** @type {[string, Entry][]} */
  const entries = Object.entries(arrays);
  for (const [name, { dtype, data_offsets: [from, to] }] of entries) {
    const values = viewOf(buffer, TYPES[dtype], 8 + length + from, to - from);
    const [first, ...rest] = name.split("/");
    if (first === "axes") result.axes[rest[0]] = Array.from(values);
    else if (runs.has(first)) put(runs.get(first), rest, values);
    else put(result, [first, ...rest], values);
  }
  return result;
}

/**
 * Puts a value where a path of names leads: `states/m` is m of its states.
 * @param {any} owner
 * @param {string[]} path
 * @param {unknown} value
 */
function put(owner, path, value) {
  const last = path.length - 1;
  const within = path.slice(0, last).reduce((one, name) => (one[name] ??= {}), owner);
  within[path[last]] = value;
}

/**
 * The numbers that lie in a buffer; a copy where no array can begin there.
 * @param {ArrayBuffer} buffer
 * @param {Numbers} Type
 * @param {number} start
 * @param {number} size  in bytes
 */
function viewOf(buffer, Type, start, size) {
  const count = size / Type.BYTES_PER_ELEMENT;
  if (start % Type.BYTES_PER_ELEMENT === 0) return new Type(buffer, start, count);
  return new Type(buffer.slice(start, start + size));
}
