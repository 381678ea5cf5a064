// What the server has computed, a race or a study, read from the format it is sent in:
// safetensors (views/result.py), after its progress (views/stream.py).

import { Refusal } from "./live.js";

/**
 * @typedef {Float64ArrayConstructor | Float32ArrayConstructor | Int32ArrayConstructor
 *   | Uint32ArrayConstructor | Uint16ArrayConstructor | Uint8ArrayConstructor} Numbers
 * @typedef {{dtype: string, data_offsets: Pair}} Entry  of the header of safetensors
 * @typedef {{dtype: string, bytes: Uint8Array<ArrayBuffer>}} Packed  an array as it lies in a result
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
  const { result, arrays } = partsOf(buffer);
  /** @type {string[]} */
  const order = result.axes;
  result.axes = Object.fromEntries(order.map((name) => [name, []]));
  /** @type {Map<string, any>} */
  const runs = new Map(result.runs.map((/** @type {{key: string}} */ run) => [run.key, run]));
  for (const [name, { dtype, bytes }] of arrays) {
    const values = viewOf(bytes, TYPES[dtype]);
    const [first, ...rest] = name.split("/");
    if (first === "axes") result.axes[rest[0]] = Array.from(values);
    else if (runs.has(first)) put(runs.get(first), rest, values);
    else put(result, [first, ...rest], values);
  }
  return result;
}

/**
 * The parts of a result: the fields of its header, and its arrays as they lie there.
 * @param {ArrayBuffer} buffer
 * @returns {{result: any, arrays: [string, Packed][]}}
 */
export function partsOf(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, length));
  const { __metadata__: metadata, ...arrays } = JSON.parse(text);
  /** @type {[string, Entry][]} */
  const entries = Object.entries(arrays);
  return {
    result: JSON.parse(metadata.result),
    arrays: entries.map(([name, { dtype, data_offsets: [from, to] }]) => [
      name,
      { dtype, bytes: new Uint8Array(buffer, 8 + length + from, to - from) },
    ]),
  };
}

/**
 * Puts a result together again.
 * @param {any} result  the fields of its header
 * @param {[string, Packed][]} arrays
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function pack(result, arrays) {
  /** @type {Record<string, unknown>} */
  const header = { __metadata__: { result: JSON.stringify(result) } };
  let size = 0;
  for (const [name, { dtype, bytes }] of arrays) {
    header[name] = { dtype, data_offsets: [size, (size += bytes.length)] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8; // so that arrays can begin where they lie
  const file = new Uint8Array(8 + length + size).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  let at = 8 + length;
  for (const [, { bytes }] of arrays) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
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
 * The numbers that lie in bytes; a copy where no array can begin there.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {Numbers} Type
 */
function viewOf({ buffer, byteOffset, length }, Type) {
  const count = length / Type.BYTES_PER_ELEMENT;
  if (byteOffset % Type.BYTES_PER_ELEMENT === 0) return new Type(buffer, byteOffset, count);
  return new Type(buffer.slice(byteOffset, byteOffset + length));
}
