// Texts in a PNG file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";

import { withTexts } from "../../views/player/png.js";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** A file of a header, some texts, and what follows it. */
function written(texts) {
  const file = Uint8Array.from({ length: 60 }, (_, i) => SIGNATURE[i] ?? i);
  return { file, bytes: Buffer.concat(withTexts(file, texts)) };
}

/** The chunks that stand after the first 33 bytes: those of the signature and the header. */
function chunks(bytes, count) {
  let at = 33;
  return Array.from({ length: count }, () => {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    const sum = bytes.readUInt32BE(at + 8 + length);
    at += 12 + length;
    return { type: body.toString("latin1", 0, 4), text: body.subarray(4), right: !crc32 || crc32(body) === sum, end: at };
  });
}

test("a text stands after the header, and the rest is as it was", () => {
  const { file, bytes } = written({ Title: "Himmelblau", Description: "surface=himmelblau" });
  const [title, description] = chunks(bytes, 2);
  assert.equal(title.type, "tEXt");
  assert.equal(title.text.toString("latin1"), "Title\0Himmelblau");
  assert.equal(description.text.toString("latin1"), "Description\0surface=himmelblau");
  assert.ok(title.right && description.right, "their sums are right");
  assert.deepEqual([...bytes.subarray(0, 33)], [...file.subarray(0, 33)]);
  assert.deepEqual([...bytes.subarray(description.end)], [...file.subarray(33)]);
});

test("letters that Latin-1 has not are written in UTF-8", () => {
  const [title] = chunks(written({ Title: "Adam, α 0.01" }).bytes, 1);
  assert.equal(title.type, "iTXt");
  assert.equal(title.text.toString("utf8"), "Title\0\0\0\0\0Adam, α 0.01");
  assert.ok(title.right);
});

test("the sum is the published one", () => {
  // Of "tEXt" and "a\0b", by zlib's crc32.
  const [chunk] = chunks(written({ a: "b" }).bytes, 1);
  const sum = written({ a: "b" }).bytes.readUInt32BE(chunk.end - 4);
  assert.equal(sum, 0xdc49a23b);
});
