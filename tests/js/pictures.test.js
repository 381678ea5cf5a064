// Pictures of studies on a paper that writes SVG: what they show, in which colours.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BandsView } from "../../views/player/bands.js";
import { ChartView } from "../../views/player/chart.js";
import { CurvesView } from "../../views/player/curves.js";
import { Paper } from "../../views/player/paper.js";
import { SvgContext } from "../../views/player/svg.js";
import { SweepView } from "../../views/player/sweep.js";

/** A palette like no other: what is drawn in any other colour has one of its own. */
const named = (prefix) => new Proxy({}, { get: (_, name) => `${prefix}-${String(name)}` });
const LOOK = { label: "Adam, α 0.1", short: "Adam", colour: "look-colour", mark: "star" };
const STUDY = {
  study: "sweep",
  steps: 4,
  known: true,
  base: 0,
  never: 65535,
  first_end: 200,
  ends: ["descending", "diverged", "undefined"],
  objective: "loss",
  tolerance: 0.1,
  without: [],
  own: {},
  quantiles: [0.1, 0.5, 0.9],
};
const sweep = {
  ...STUDY,
  axes: { lr: [0.001, 0.01, 0.1, 1, 10] },
  runs: [
    {
      key: "adam",
      look: LOOK,
      losses: Float32Array.of(5, 1, 1e-3, 2, NaN),
      within: Uint16Array.of(65535, 65535, 3, 65535, 65535),
      ends: Uint8Array.of(200, 200, 0, 200, 201),
      best: { index: 2, lr: 0.1, loss: 1e-3, steps: 3, isolated: false, edge: false },
    },
  ],
};
const moment = { rates: { adam: 0.01 }, best: false, saved: true, race: { runs: [] } };

function pictured(Picture, study, prefix = "palette") {
  const context = new SvgContext((_, text) => 6 * text.length);
  const paper = new Paper(context, { width: 600, height: 400, palette: named(prefix) });
  const picture = new Picture(study, moment, paper);
  picture.draw();
  const svg = context.file({ width: 600, height: 400, title: "", description: "" });
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text);
  const colours = new Set([...svg.matchAll(/ (?:fill|stroke)="([^"]*)"/g)].map(([, colour]) => colour));
  colours.delete("none");
  return { picture, svg, texts, colours };
}

test("a sweep has axes, a line, what diverges, the own rate and the best", () => {
  const { picture, svg, texts } = pictured(SweepView.Picture, sweep);
  for (const words of ["learning rate α", "loss − minimum after 4 steps", "diverges", "0.1"]) assert.ok(texts.includes(words), words);
  assert.ok(!svg.includes("NaN") && !svg.includes("Infinity"));
  const line = svg.match(/<path d="([^"]*)"[^>]*stroke="look-colour"[^>]*stroke-width="1.7"/)[1];
  assert.equal(line.match(/[ML]/g).length, 4, "a point for each rate that does not diverge");
  const [entry, best] = picture.legend;
  assert.equal(entry.text, "Adam, α 0.1: own rate 0.01, best 0.1 (loss 0.001)");
  assert.equal(best.text, "best");
  assert.ok(svg.includes('stroke="palette-critical"'), "a ring around the best");
});

test("a ring around what lies below a sweep leaves the numbers free", () => {
  const [run] = sweep.runs;
  const lowest = { ...sweep, runs: [{ ...run, losses: Float32Array.of(5, 1, 0, 2, NaN), best: { ...run.best, loss: 0 } }] };
  const { picture, svg } = pictured(SweepView.Picture, lowest);
  const clip = svg.match(/<g clip-path="url\(#([^)]*)\)">(?:(?!<\/g>).)*palette-critical/s);
  assert.ok(clip, "the ring is clipped");
  const [, id] = clip;
  const shape = svg.match(new RegExp(`<clipPath id="${id}">.*?</clipPath>`, "s"))[0];
  const rows = [...shape.matchAll(/[ML]([\d.-]+)[ ,]([\d.-]+)/g)].map(([, , y]) => Number(y));
  assert.ok(Math.max(...rows) <= picture.box.bottom + 5, shape);
});

test("a sweep that counts steps says so, and what never arrives has no line", () => {
  const { picture, texts } = pictured(SweepView.Picture, { ...sweep, objective: "steps" });
  assert.ok(texts.includes("steps until within 0.1"));
  assert.match(picture.legend[0].text, /best 0\.1 \(3 steps\)$/);
  const none = { ...sweep.runs[0], within: Uint16Array.from({ length: 5 }, () => 65535), best: null };
  const without = pictured(SweepView.Picture, { ...sweep, objective: "steps", runs: [none] });
  assert.ok(without.texts.includes("no run arrives within 4 steps"));
  assert.match(without.picture.legend[0].text, /none arrives$/);
  const unknown = pictured(SweepView.Picture, { ...sweep, objective: "steps", known: false });
  assert.ok(unknown.texts.some((text) => text.includes("no known minimum")));
});

test("what a picture clips is said below it", () => {
  const high = { ...sweep.runs[0], losses: Float32Array.of(5, 1e9, 1e-3, 2, NaN) };
  assert.deepEqual(pictured(SweepView.Picture, sweep).picture.notes, []);
  const [note] = pictured(SweepView.Picture, { ...sweep, runs: [high] }).picture.notes;
  assert.match(note, /^Losses above 10+ are clipped\.$/);
});

const curves = {
  ...STUDY,
  study: "curves",
  axes: { step: [0, 1, 2, 3, 4] },
  runs: [
    {
      key: "adam",
      look: LOOK,
      rates: [0.001, 0.003, 0.01, 0.03, 0.1],
      losses: Float32Array.from({ length: 25 }, (_, i) => (i === 24 ? Infinity : 10 ** -(i % 5))),
    },
  ],
};

test("five rates have five patterns and their numbers", () => {
  const { svg, texts } = pictured(CurvesView.Picture, curves);
  for (const rate of ["0.001", "0.003", "0.01", "0.03", "0.1 ∞"]) assert.ok(texts.includes(rate), rate);
  const dashes = new Set([...svg.matchAll(/stroke-dasharray="([^"]*)"/g)].map(([, dash]) => dash));
  assert.equal(dashes.size, 4, "and one is a line");
  assert.ok(texts.some((text) => text.endsWith("∞: no longer finite")));
});

const bands = {
  ...STUDY,
  study: "swarm",
  axes: { run: [0, 1], step: [0, 1, 2, 3, 4] },
  own: { noise: 0.5 },
  runs: [
    {
      key: "adam",
      look: LOOK,
      band: Float32Array.of(3, 2, 1, 0.5, 0.1, 4, 3, 2, 1, 0.2, 5, 4, 3, 2, Infinity),
      mean: Float32Array.of(4, 3, 2, 1, 0.3),
      middle: null,
      gone: 1,
      runs: 2,
    },
  ],
};

test("a band has its median, its mean and its numbers", () => {
  const { picture, svg } = pictured(BandsView.Picture, bands);
  assert.ok(!svg.includes("NaN"));
  assert.match(svg, /fill="look-colour" fill-opacity="0.2"/);
  assert.deepEqual(picture.table.rows[0].slice(1), ["0.2", "0.1 to > 3e38", "0.3", "none", "1 of 2"]);
  assert.equal(picture.table.head.length, picture.table.rows[0].length);
  assert.ok(picture.notes.some((note) => note.includes("σ = 0.5")));
});

const values = { ...STUDY, axes: { a: [1, 2, 3], b: [1, 10] }, study: "values" };
const runs = [{ key: "adam", look: LOOK, loss: Float32Array.of(1, 100, NaN) }];
const chartOf = (chart) =>
  Object.getOwnPropertyDescriptor(ChartView.prototype, "Picture").get.call({ chart });

test("a declared chart has lines or points, on the axes that it names", () => {
  const chart = { x: "a", y: "loss", x_label: "budget", y_label: "last loss", log_x: false, log_y: true };
  const lines = pictured(chartOf({ kind: "lines", ...chart }), { ...values, runs });
  for (const words of ["budget", "last loss", "1", "10", "100"]) assert.ok(lines.texts.includes(words), words);
  const line = (svg) => svg.match(/<path d="([^"]*)"[^>]*stroke="look-colour"/);
  assert.equal(line(lines.svg)[1].match(/[ML]/g).length, 2);
  assert.equal(lines.picture.legend[0].text, LOOK.label);
  assert.equal(lines.picture.notes.length, 1, "a value is left out");
  const points = pictured(chartOf({ kind: "points", ...chart }), { ...values, runs });
  assert.equal(line(points.svg), null);
  assert.match(points.svg, /fill="look-colour"/);
  assert.deepEqual(lines.picture.read([lines.picture.x.at(2.1), 0])[1], ["Adam 100", "look-colour"]);
});

test("all colours are those of the palette and of the entries", () => {
  const chart = chartOf({ kind: "lines", x: "a", y: "loss" });
  const all = [
    [SweepView.Picture, sweep],
    [CurvesView.Picture, curves],
    [BandsView.Picture, bands],
    [chart, { ...values, runs }],
  ];
  for (const [Picture, study] of all) {
    for (const prefix of ["one", "other"]) {
      const { colours } = pictured(Picture, study, prefix);
      assert.ok(colours.size > 2);
      for (const colour of colours) assert.ok(colour === "look-colour" || colour.startsWith(`${prefix}-`), colour);
    }
  }
});
