import assert from "node:assert/strict";
import { test } from "node:test";

import { groupOf, groupOfKey } from "../../views/player/groups.js";

const named = (...keys) => keys.map((key) => ({ key }));
const PAGE = {
  params: named("kappa"),
  conditions: named("seed", "schedule", "cosine.floor"),
  own_rules: ["rule~1", "rule~2"],
  cards: [{ sliders: named("adam.lr", "adam.beta1") }, { sliders: named("random_search.seed") }],
};

test("each setting has the group of the control that sets it", () => {
  const expected = {
    surface: "surface",
    kappa: "surface",
    steps: "steps",
    on: "optimizers",
    "rule~2": "optimizers",
    "rule~2.lr": "rates",
    start: "start",
    "adam~2.start": "start",
    lr: "rates",
    "adam.lr": "rates",
    "adam.beta1": "hyperparameters",
    "random_search.seed": "hyperparameters",
    seed: "conditions",
    "adam.seed": "conditions",
    "cosine.floor": "conditions",
    "adam.cosine.floor": "conditions",
    panels: "",
  };
  for (const [key, group] of Object.entries(expected)) assert.equal(groupOf(key, PAGE), group, key);
});

test("each key has the group of what it does", () => {
  assert.equal(groupOfKey("K"), "overlays");
  assert.equal(groupOfKey("e"), "inside");
  assert.equal(groupOfKey(" "), "timeline");
  assert.equal(groupOfKey("PageUp"), "lessons");
  assert.equal(groupOfKey("?"), "");
});
