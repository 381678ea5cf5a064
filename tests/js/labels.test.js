// Where labels stand that must leave something else free.

import assert from "node:assert/strict";
import { test } from "node:test";

import { placeLabels } from "../../views/player/labels.js";

const AREA = { left: 0, top: 0, right: 400, bottom: 120 };
const HEAD = { x: 300, y: 10, width: 60, spot: null };

test("a label stands beside its head, to the right", () => {
  const [{ left, top }] = placeLabels([HEAD], AREA);
  assert.deepEqual([left, top], [312, 3]);
});

test("and elsewhere where something covers that", () => {
  const list = { left: 305, top: 0, right: 400, bottom: 30 };
  const [{ left, top }] = placeLabels([HEAD], AREA, [list]);
  assert.ok(left + HEAD.width <= list.left || top >= list.bottom, `${left}, ${top}`);
  assert.deepEqual(list, { left: 305, top: 0, right: 400, bottom: 30 });
});
