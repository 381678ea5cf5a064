// Texts in a PNG file: what it shows, and of which setup.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** @param {Uint8Array} bytes  of which this is the CRC-32 that PNG has */
function checksum(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * A chunk of text: tEXt in Latin-1, or iTXt in UTF-8 where that has not all letters.
 * @param {string} key
 * @param {string} text
 */
function chunk(key, text) {
  const latin = [...text].every((letter) => letter.charCodeAt(0) < 256);
  const body = latin
    ? Uint8Array.from(`tEXt${key}\0${text}`, (letter) => letter.charCodeAt(0))
    : new TextEncoder().encode(`iTXt${key}\0\0\0\0\0${text}`);
  const bytes = new Uint8Array(body.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length - 4);
  bytes.set(body, 4);
  view.setUint32(body.length + 4, checksum(body));
  return bytes;
}

const HEADER = 33; // bytes of a PNG's signature and first chunk

/**
 * A PNG file with texts, by key.
 * @param {Uint8Array<ArrayBuffer>} file
 * @param {Object<string, string>} texts
 * @returns {Uint8Array<ArrayBuffer>[]}  its parts, in their order
 */
export function withTexts(file, texts) {
  const chunks = Object.entries(texts).map(([key, text]) => chunk(key, text));
  return [file.subarray(0, HEADER), ...chunks, file.subarray(HEADER)];
}
