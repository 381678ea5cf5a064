// The layout: every area of a view has a place in the style sheet, wide and narrow.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (name) => readFileSync(new URL(`../../views/player/${name}`, import.meta.url), "utf-8");
const [layout, sheet] = [read("layout.js"), read("style.css")];

/** What VIEWS declares, as [view, areas]. */
const views = [...layout.split("export const VIEWS = {")[1].split("\n};")[0].matchAll(/(\w+): \[(.*)\],/g)].map(
  ([, view, areas]) => [view, areas.match(/\w+/g)],
);

/** The style sheet's rules, as [selector, declarations]. */
const rules = [...sheet.replace(/\/\*.*?\*\//gs, "").matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(
  ([, selector, declarations]) => [selector.trim(), declarations],
);

/** The areas that the rules of exactly this selector place. */
function areasOf(selector) {
  const texts = rules.filter(([one]) => one === selector).map(([, declarations]) => declarations);
  const template = texts.join("").match(/grid-template-areas:([^;]*);/)?.[1] ?? "";
  return [...new Set(template.match(/\w+/g) ?? [])].sort();
}

/** The selector by which the style sheet knows a view. */
const selectorOf = (view) =>
  ({ race: "", side: '[data-view="side"]' })[view] ?? `[data-layout="${view}"]`;

test("all views are found", () => {
  assert.deepEqual(
    views.map(([view]) => view),
    ["race", "side", "stacked", "whole", "split", "film", "raced"],
  );
});

for (const [view, areas] of views) {
  test(`the areas of ${view} are those of its grid`, () => {
    const selector = selectorOf(view);
    assert.deepEqual(areasOf(`.player${selector}`), [...areas].sort());
    // The parts of the bar have areas of their own where it is narrow.
    const narrow = areasOf(`.player.narrow${selector}`).filter((area) => !["turn", "work"].includes(area));
    assert.deepEqual(narrow, [...areas].sort());
  });
}

test("every panel stands in an area of some view", () => {
  const known = new Set(views.flatMap(([, areas]) => areas));
  const used = [...layout.matchAll(/^ {4}area: "(\w+)"/gm)].map(([, area]) => area);
  assert.ok(used.length > 10);
  assert.deepEqual(used.filter((area) => !known.has(area)), []);
});
