// The map as a file has it: all that the page shows of it, on one paper.

import { Heads } from "./heads.js";
import { Layer, blank } from "./layer.js";
import { BAR, arranged, marginOf, startsOf, traced } from "./maps.js";
import { drawNote } from "./notes.js";
import { wordsOf } from "./palette.js";
import { pixel } from "./panels.js";
import { enlarged } from "./axis.js";
import { drawScale } from "./scale.js";
import { drawStill } from "./still.js";

/**
 * What a map shows, at any step.
 * @typedef {object} Shown
 * @property {Landscape} landscape
 * @property {import("./maps.js").Split} split
 * @property {?{x: Pair, y: Pair}} range  the part that is shown; null: all
 * @property {Moment} moment
 * @property {(paper: import("./paper.js").Paper, landscape: Landscape, frameOf: (entry: string) => Frame | undefined, heads: Heads) => Overlays} overlays
 *   what lies on the map besides
 */

/** @typedef {{under: Draw[], over: Draw[]}} Overlays  under the trails, and over them */

/**
 * @param {import("./paper.js").Paper} paper
 * @param {Shown} shown
 * @returns {Draw}
 */
export function drawnMap(paper, { landscape, split, range, moment, overlays }) {
  const { map: still } = landscape;
  const { race, kept, start, ownStarts, foresees } = moment;
  const { places, aside, scale } = arranged(still, split.length, paper, paper.ratio);
  const { x, y } = range ?? still;
  const frames = places.map((place) => ({ ...place, x, y }));
  const tracks = traced(race, split, frames);
  const keptTracks = kept && traced(kept, split, frames);
  const heads = new Heads(paper);
  const more = overlays(paper, landscape, (entry) => {
    const panel = split.findIndex(({ key }) => key === entry);
    return split.length && panel < 0 ? undefined : frames[Math.max(panel, 0)];
  }, heads);
  // What moves under the trails cannot be drawn once for a film.
  const beneath = paper.film && more.under.length > 0;
  /** @param {import("./paper.js").Paper} under */
  const backdrop = (under) => {
    blank(under);
    for (const frame of frames) drawStill(under, frame, still, split.length > 0);
  };
  let at = 0;
  const layer = new Layer(paper, (under) => {
    backdrop(under);
    for (const draw of more.under) draw(at, under);
  });
  const [{ left, top, width, height }] = frames;
  const area = { left, top, right: left + width, bottom: top + height };
  return (step) => {
    at = step;
    if (beneath) layer.pen.forget();
    layer.draw(tracks, step, keptTracks);
    heads.draw(tracks, step, area);
    for (const draw of more.over) draw(step, paper);
    for (const ring of startsOf(race, split, start, ownStarts)) drawRing(paper, frames[ring.panel], ring);
    drawScale(paper, landscape, scale ?? frames[0]);
    const { top: above, right: beside } = enlarged(marginOf(aside, paper.palette), paper.text);
    split.forEach((card, i) => {
      const frame = frames[i];
      const next = frames.find((other) => other.top === frame.top && other.left > frame.left);
      const place = aside
        ? { left: frame.left + frame.width + 6, top: frame.top, width: beside - 8, height: frame.height }
        : {
            ...{ left: frame.left, top: frame.top - above },
            ...{ width: (next?.left ?? paper.width - paper.text * BAR) - frame.left - 8, height: above - 2 },
          };
      drawNote(paper, place, card, { race, step: Math.floor(step), foresees, aside });
    });
  };
}

/**
 * The ring around a start, where that is on the map.
 * @param {import("./paper.js").Paper} paper
 * @param {Frame} frame
 * @param {import("./map.js").Ring} ring
 */
function drawRing(paper, frame, { at, entry, colour }) {
  const [x, y] = pixel(frame, ...at);
  const { left, top, width, height } = frame;
  if (x < left || x > left + width || y < top || y > top + height) return;
  paper.ring(x, y, entry ? wordsOf(colour, paper.palette) : paper.palette.strong);
}
