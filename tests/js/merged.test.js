// What the page sent, with what was changed in the browser since.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isOwn, mergedWith } from "../../views/player/merged.js";

const number = (key, value, recommended = value) => ({ key, scale: "log", value, default: recommended });

const PAGE = {
  study: "basins",
  start: [1, 2],
  recommended_start: [0, 0],
  shared: null,
  panels: ["inside", "angle"],
  inspect: "adam",
  show: [],
  cards: [
    { key: "adam", on: true, sliders: [number("adam.lr", 0.2, 0.1)] },
    { key: "momentum", on: false, sliders: [number("momentum.lr", 0.3)] },
  ],
  params: [number("kappa", 10)],
  conditions: [
    { key: "schedule", scale: "choice", value: "constant", default: "constant" },
    number("noise", 0.5, 0),
  ],
  own: {
    adam: [
      { key: "adam.start", common: "start", scale: "pair", value: [1, 2], default: [1, 2] },
      { key: "adam.noise", common: "noise", scale: "root", value: 3, default: 0.5 },
      { key: "adam.schedule", common: "schedule", scale: "choice", value: "constant", default: "constant" },
    ],
  },
  theme: "auto",
  studies: [{ key: "basins", settings: [number("budget", 100)] }],
};

const merged = (changes = {}) => mergedWith(PAGE, new Map(Object.entries(changes)));
const own = (changes) => Object.fromEntries(merged(changes).own.adam.map((one) => [one.common, one]));

test("without changes it is what the page sent, and which entries are on", () => {
  assert.deepEqual(merged(), { ...PAGE, on: ["adam"] });
});

test("a change takes the place of a value, and null of the recommended one", () => {
  assert.equal(merged({ "adam.lr": "0.05" }).cards[0].sliders[0].value, 0.05);
  assert.equal(merged({ "adam.lr": null }).cards[0].sliders[0].value, 0.1);
  assert.equal(merged({ schedule: "cosine" }).conditions[0].value, "cosine");
  assert.equal(merged({ kappa: "30" }).params[0].value, 30);
  assert.equal(merged({ budget: "25" }).studies[0].settings[0].value, 25);
  assert.deepEqual(merged({ start: "-1,0.5" }).start, [-1, 0.5]);
  assert.deepEqual(merged({ start: null }).start, [0, 0]);
  assert.equal(merged({ lr: "0.01" }).shared, 0.01);
  assert.equal(merged({ lr: null }).shared, null);
});

test("entries come and go", () => {
  const { on, cards } = merged({ on: "momentum" });
  assert.deepEqual(on, ["momentum"]);
  assert.deepEqual(cards.map((card) => card.on), [false, true]);
  assert.deepEqual(merged({ on: "" }).on, []);
});

test("what is an entry's own stays, what is not follows the race", () => {
  const before = own();
  assert.deepEqual(Object.values(before).map(isOwn), [false, true, false]);
  const { start, noise, schedule } = own({ start: "5,6", noise: "0.1", schedule: "cosine" });
  assert.deepEqual([start.value, start.default], [[5, 6], [5, 6]]);
  assert.deepEqual([noise.value, noise.default], [3, 0.1]);
  assert.equal(schedule.value, "cosine");
  const changed = own({ "adam.start": "7,8", "adam.noise": null });
  assert.deepEqual(changed.start.value, [7, 8]);
  assert.ok(isOwn(changed.start));
  assert.equal(changed.noise.value, 0.5);
  assert.ok(!isOwn(changed.noise));
});

test("nothing of what the page sent is changed by it", () => {
  const copy = structuredClone(PAGE);
  merged({ "adam.lr": "9", on: "", start: "1,1", noise: "1", "adam.noise": "2" });
  assert.deepEqual(PAGE, copy);
});

test("panels and the entry that is inspected are what was chosen last", () => {
  assert.deepEqual(merged().panels, ["inside", "angle"]);
  assert.deepEqual(merged({ panels: "table" }).panels, ["table"]);
  assert.deepEqual(merged({ panels: null }).panels, []);
  assert.equal(merged().inspect, "adam");
  assert.equal(merged({ inspect: "momentum" }).inspect, "momentum");
  assert.equal(merged({ inspect: null }).inspect, "");
  assert.deepEqual(merged({ show: "field,flow" }).show, ["field", "flow"]);
});
