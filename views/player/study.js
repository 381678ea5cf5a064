// A study as the server packs it (views/studies/answer.py says how the bytes lie, and
// views/stream.py what comes before them).

import { Refusal } from "./live.js";

const TYPES = { float32: Float32Array, uint16: Uint16Array, uint8: Uint8Array };

const REFUSED = 255; // what comes before a sentence, in place of the zero

/**
 * Reads a streamed study: its bytes, and whether they are a sentence in its place.
 * @param {Response} response
 * @param {(part: number) => void} onProgress  the finished part, from 0 to 1
 */
export async function readStudy(response, onProgress) {
  const reader = response.body.getReader();
  const chunks = [];
  let told = false; // whether the progress is over
  let refused = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    let chunk = value;
    if (!told) {
      const end = chunk.findIndex((byte) => byte === 0 || byte === REFUSED);
      const last = end < 0 ? chunk.at(-1) : chunk[end - 1];
      if (last) onProgress(last / 100);
      if (end < 0) continue;
      told = true;
      refused = chunk[end] === REFUSED;
      chunk = chunk.subarray(end + 1);
    }
    chunks.push(chunk);
  }
  if (!told) throw new TypeError("cut off before the answer");
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return { bytes, refused };
}

/** The study that was read; a sentence in its place is a refusal. */
export function understandStudy({ bytes, refused }) {
  if (refused) throw new Refusal(new TextDecoder().decode(bytes));
  return unpackStudy(bytes.buffer);
}

/** Reads a packed study: the header's fields, and for each run its arrays by name. */
export function unpackStudy(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const study = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let offset = 4 + length;
  for (const type of Object.keys(TYPES)) {
    for (const run of study.runs) {
      for (const [name, own, shape] of run.arrays) {
        if (own !== type) continue;
        run[name] = new TYPES[type](buffer, offset, shape.reduce((a, b) => a * b, 1));
        offset += run[name].byteLength;
      }
    }
  }
  return study;
}

/** The word for how a run of a study ended; null if it came to a minimum. */
export function endOf(study, code) {
  return code < study.first_end ? null : study.ends[code - study.first_end];
}

/** Whether a run went to infinity, or to where the loss is no number. */
export const diverges = (study, code) => ["diverged", "undefined"].includes(endOf(study, code));

/** What a study took: steps a second, once its code is compiled. */
export function rateText(study) {
  if (study.rate === 0) return "as computed before";
  if (!study.rate) return `${Math.round(study.milliseconds)} ms with compiling`;
  return `${Number((study.rate / 1e6).toPrecision(3))} million steps/s`;
}
