// Arrays as a file that plays holds them (views/webpage/smooth.py): of numbers that change
// smoothly from row to row, the differences of differences, sorted by significance.

/** @typedef {{dtype: string, shape: number[], data_offsets: Pair}} Entry  of a header */

/** @type {Record<string, number>} */
const SIZES = { F64: 8, F32: 4 };

/**
 * Turns the arrays of such a file back into numbers, in place.
 * @param {ArrayBuffer} buffer  safetensors
 */
export function unsmooth(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const { __metadata__: _, ...arrays } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  for (const { dtype, shape, data_offsets: [from, to] } of /** @type {Entry[]} */ (Object.values(arrays))) {
    const size = SIZES[dtype];
    if (!size || from === to) continue;
    const bytes = new Uint8Array(buffer, 8 + length + from, to - from);
    const rows = shape[0];
    const columns = bytes.length / size / rows;
    bytes.set(size === 8 ? long(bytes, rows, columns) : short(bytes, rows, columns));
  }
}

/**
 * Numbers of four bytes as the server sends heights: the lowest byte of each, then the next
 * of each, in base64.
 * @param {Uint8Array} bytes
 */
export function bySignificance(bytes) {
  let planes = "";
  for (let byte = 0; byte < 4; byte += 1) {
    for (let at = byte; at < bytes.length; at += 4) planes += String.fromCharCode(bytes[at]);
  }
  return btoa(planes);
}

/**
 * The bytes of a column's numbers, which lie sorted by significance, the lowest first.
 * @param {Uint8Array} bytes
 * @param {number} rows
 * @param {number} columns
 * @param {number} size  in bytes, of a number
 */
function gathered(bytes, rows, columns, size) {
  const all = new Uint8Array(bytes.length);
  for (let plane = 0, from = 0; plane < columns * size; plane += 1) {
    for (let row = 0; row < rows; row += 1, from += 1) all[row * columns * size + plane] = bytes[from];
  }
  return all;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} rows
 * @param {number} columns
 */
function short(bytes, rows, columns) {
  const all = gathered(bytes, rows, columns, 4);
  const words = new Int32Array(all.buffer);
  for (let column = 0; column < columns; column += 1) {
    let value = 0;
    let change = 0;
    for (let at = column; at < words.length; at += columns) {
      const folded = words[at];
      change = (change + ((folded >>> 1) ^ -(folded & 1))) | 0;
      words[at] = value = (value + change) | 0;
    }
  }
  return all;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} rows
 * @param {number} columns
 */
function long(bytes, rows, columns) {
  const all = gathered(bytes, rows, columns, 8);
  const words = new BigInt64Array(all.buffer);
  for (let column = 0; column < columns; column += 1) {
    let value = 0n;
    let change = 0n;
    for (let at = column; at < words.length; at += columns) {
      const folded = BigInt.asUintN(64, words[at]);
      change = BigInt.asIntN(64, change + ((folded >> 1n) ^ -(folded & 1n)));
      words[at] = value = BigInt.asIntN(64, value + change);
    }
  }
  return all;
}
