import assert from "node:assert/strict";
import { test } from "node:test";

import { firstSetup, markOf, markedIn, searchWith, setupIn } from "../../views/player/readback.js";

const QUERY = "surface=formula&f=x%5E2+%2B+3*sin%28x%3By%29&adam~2.lr=0.1";

test("what a mark is made of is found in it", () => {
  const mark = markOf(QUERY);
  assert.ok(mark.startsWith("loss-surface-setup://?surface=formula&"));
  const found = new URLSearchParams(markedIn(`<!-- ${mark} -->`) ?? "");
  assert.deepEqual([...found], [...new URLSearchParams(QUERY)]);
  assert.equal(found.get("f"), "x^2 + 3*sin(x;y)");
});

test("no setting ends a mark, a comment, a string or a tag", () => {
  const odd = new URLSearchParams({ f: '";<>\n--></title>\\%*/é', on: "" });
  const mark = markOf(odd.toString());
  assert.match(mark, /^[\w.~*+%&=,:/?-]+;$/);
  assert.equal(new URLSearchParams(markedIn(mark) ?? "").get("f"), odd.get("f"));
});

test("XML may write & by its name, and what follows the end is not part of it", () => {
  const mark = markOf("surface=ravine&kappa=100");
  assert.equal(markedIn(mark.replaceAll("&", "&amp;")), "surface=ravine&kappa=100");
  assert.equal(markedIn(`${mark}abc`), "surface=ravine&kappa=100");
  assert.equal(markedIn(mark.slice(0, -1)), null); // a file that was cut
  assert.equal(markedIn("loss-surface-setup://?;"), null);
});

test("a mark is found among bytes, also where two parts of a file meet", async () => {
  const mark = markOf("surface=ravine");
  const before = new Uint8Array(2 ** 20 - 9).fill(0xff);
  assert.equal(await setupIn(new Blob([before, mark, before])), "surface=ravine");
  assert.equal(await setupIn(new Blob([before])), null);
  assert.equal(await setupIn(new Blob([])), null);
});

test("at most 64 MB of a file are read", async () => {
  let read = 0;
  const huge = { size: 2 ** 40, slice: (/** @type {number} */ from, /** @type {number} */ to) => {
    read = Math.max(read, to);
    return new Blob([]);
  } };
  assert.equal(await setupIn(/** @type {any} */ (huge)), null);
  assert.equal(read, 64 * 2 ** 20);
});

test("the setup of a file takes the place of the page's, whose own settings stay", () => {
  const here = "?surface=beale&adam.lr=0.3&theme=light&hide=rates&embed=true";
  assert.equal(
    searchWith("surface=ravine&kappa=100&theme=dark&speed=80&on=adam%2Clion", here),
    "?surface=ravine&kappa=100&on=adam%2Clion&theme=light&hide=rates&embed=true",
  );
  assert.equal(searchWith("surface=ravine", ""), "?surface=ravine");
});

test("the first file with a setup counts; where there is none, the first is named", async () => {
  const with_ = new File([markOf("surface=ravine")], "a.npz");
  const without = new File(["x,y"], "x.csv");
  const gone = /** @type {any} */ ({ name: "folder", size: 9, slice: () => ({ arrayBuffer: async () => { throw new Error("gone"); } }) });
  assert.deepEqual(await firstSetup([without, gone, with_]), { query: "surface=ravine", wrong: "" });
  assert.deepEqual(await firstSetup([without, gone]), { query: null, wrong: "There is no setup in “x.csv”; data or losses of your own are opened on their surfaces, at the end of the list." });
  assert.deepEqual(await firstSetup([gone, without]), { query: null, wrong: "“folder” could not be read." });
});
