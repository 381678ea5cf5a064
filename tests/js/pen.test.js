// Trails as a file has them: each step is a point, and a line is one stroke.

import assert from "node:assert/strict";
import { test } from "node:test";

import { headAt } from "../../views/player/geometry.js";
import { Heads } from "../../views/player/heads.js";
import { Paper } from "../../views/player/paper.js";
import { COARSE, FINE, Pen, WIDE, ahead } from "../../views/player/pen.js";
import { SvgContext } from "../../views/player/svg.js";

const measure = (font, text) => 6 * text.length;
const palette = { trails: { "#00d5ff": { line: "#006272", edge: "#00d5ff" } }, letters: 1, strokes: 1, edge: "#ffffff" };
const STEPS = 400;

/** A run that goes back and forth on one line, which the screen draws once. */
function trail(colour = "#123456") {
  const heads = Float32Array.from({ length: 2 * (STEPS + 1) }, (_, k) => (k % 2 ? 50 : 10 + 80 * ((k / 2) % 2)));
  const segments = Float32Array.from({ length: 4 * STEPS }, (_, k) => heads[2 * Math.floor(k / 4) + (k % 4)]);
  return { segments, heads, colour, mark: "circle", label: "run", contains: () => true };
}

function paths(step, { colour, lines = true } = {}) {
  const context = new SvgContext(measure);
  const pen = new Pen({ context, palette, file: true, lines }, () => {});
  pen.show([trail(colour)], step);
  const file = context.file({ width: 100, height: 100, title: "", description: "" });
  return [...file.matchAll(/<path d="([^"]*)"[^>]* stroke="([^"]*)" stroke-width="([^"]*)"/g)].map(([, d, stroke, width]) => ({
    points: d.match(/[ML]/g).length,
    stroke,
    width: Number(width),
  }));
}

test("in a file of lines each step of a trail is a point", () => {
  const [line] = paths(STEPS).filter(({ stroke, width }) => stroke === "#123456" && width === 2);
  assert.equal(line.points, STEPS + 1);
  assert.ok(paths(STEPS, { lines: false }).every(({ points }) => points < STEPS / 2), "pixels show no more than there is");
});

test("what is to come begins where the trail ends", () => {
  const [rest, line] = paths(150).filter(({ points }) => points > 10);
  assert.equal(line.points, 151);
  assert.equal(rest.points, STEPS - 150 + 1);
  assert.equal(rest.width, 1);
});

test("what is to come is not drawn while it is predicted", () => {
  ahead.shown = false;
  try {
    assert.deepEqual(paths(150).filter(({ points }) => points > 10).map(({ points }) => points), [151]);
  } finally {
    ahead.shown = true;
  }
});

test("an edge is one wider line below the trail", () => {
  const [edge, line] = paths(STEPS, { colour: "#00d5ff" }).filter(({ points }) => points > STEPS);
  assert.equal(edge.stroke, "#00d5ff");
  assert.equal(line.stroke, "#006272");
  assert.ok(edge.width > line.width + 2);
});

test("a trail grows from where it was, and begins anew where it goes back", () => {
  let begun = 0;
  const context = new SvgContext(measure);
  const pen = new Pen({ context, palette, file: true, lines: true }, () => (begun += 1));
  const tracks = [trail()];
  assert.deepEqual([10, 20, 20, 5].map((step) => pen.show(tracks, step)), [true, false, false, true]);
  assert.equal(begun, 2);
});

test("a head stands between two iterates, and its label beside it, off the trail", () => {
  const one = trail();
  assert.deepEqual(headAt(one, 0.5), { x: 50, y: 50 });
  const context = new SvgContext(measure);
  const paper = new Paper(context, { width: 200, height: 100, palette });
  new Heads(paper).draw([one], 0, { left: 0, top: 0, right: 200, bottom: 100 });
  const file = context.file({ width: 200, height: 100, title: "", description: "" });
  const texts = [...file.matchAll(/<text x="([^"]*)" y="([^"]*)"[^>]*>([^<]*)</g)].map(([, x, y, text]) => [text, Number(x), Number(y)]);
  assert.ok(texts.length > 0);
  for (const [text, x, y] of texts) {
    assert.equal(text, "run");
    assert.ok(x > 15 && x < 40 && Math.abs(y - 50) > 7 && Math.abs(y - 50) < 22, `${x}, ${y}`);
  }
});

/** A path that keeps its points. */
class Points {
  all = [];
  moveTo(...at) {
    this.all.push(at);
  }
  lineTo(...at) {
    this.all.push(at);
  }
}

/** How far each colour reaches beside a straight trail that goes at an angle. */
function reaches(strokes, angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const heads = Float32Array.of(50, 50, 50 + 8 * cos, 50 + 8 * sin);
  const far = {};
  let moved = [0, 0];
  const context = {
    ...{ save() {}, restore() {}, beginPath() {}, moveTo() {}, arc() {}, closePath() {}, fill() {} },
    translate: (x, y) => (moved = [moved[0] + x, moved[1] + y]),
    stroke(path) {
      if (!path?.all.length) return;
      const reach = Math.abs(moved[1] * cos - moved[0] * sin) + this.lineWidth / 2;
      far[this.strokeStyle] = Math.max(far[this.strokeStyle] ?? 0, reach);
    },
  };
  const pen = new Pen({ context, palette }, () => {});
  pen.strokes = strokes;
  ahead.shown = false;
  pen.show([{ ...trail("#00d5ff"), segments: heads, heads }], 1);
  ahead.shown = true;
  return far;
}

test("on a screen, an edge is seen beside its line at every slope", () => {
  globalThis.Path2D = Points;
  try {
    for (const strokes of [FINE, COARSE, WIDE]) {
      for (let degrees = 0; degrees < 180; degrees += 5) {
        const far = reaches(strokes, (degrees * Math.PI) / 180);
        assert.ok(far["#00d5ff"] > far["#006272"] + 0.3, `${degrees}: ${JSON.stringify(far)}`);
      }
    }
  } finally {
    delete globalThis.Path2D;
  }
});
