// A study as the server packs it (views/studies.py says how the bytes lie).

/**
 * Reads a packed study: the header's fields, and for each run its numbers.
 * @returns {object} with `runs`, each {key, losses?, steps, ends}
 */
export function unpackStudy(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const study = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const count = study.rates ?? study.size ** 2;
  let offset = 4 + length;
  const take = (kind) => {
    const part = new kind(buffer, offset, count);
    offset += part.byteLength;
    return part;
  };
  if (study.rates) for (const run of study.runs) run.losses = take(Float32Array);
  for (const run of study.runs) run.steps = take(Uint16Array);
  for (const run of study.runs) run.ends = take(Uint8Array);
  return study;
}

/** The word for how a run of a study ended; null if it came to a minimum. */
export function endOf(study, code) {
  return code < study.first_end ? null : study.ends[code - study.first_end];
}

/** What a study took: steps a second, once its code is compiled. */
export function rateText(study) {
  if (!study.rate) return `${study.milliseconds} ms with compiling`;
  return `${Number((study.rate / 1e6).toPrecision(3))} million steps/s`;
}
