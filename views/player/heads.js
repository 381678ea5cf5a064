// The heads of trails and their labels, as a file has them; on the screen they are elements
// (trails.js).

import { Covered } from "./covered.js";
import { headAt } from "./geometry.js";
import { BEGINS, HIGH, leader, placeLabels } from "./labels.js";
import { wordsOf } from "./palette.js";

const SIZE = 6.7; // pixels of a mark's radius in a small window
const EDGE = 2.2;
const LABEL = 12;
const SMALL = 13; // pixels of the page's letters in a small window

/** Heads on a paper; labels stay where they were while that is free. */
export class Heads {
  /** @type {Map<Trail, import("./labels.js").Spot & {x: number, y: number}>} */
  #places = new Map(); // and where the heads were then
  #covered = new Covered();
  /** @type {Box[]} */
  names = []; // where they stand

  /** @param {import("./paper.js").Paper} paper */
  constructor(paper) {
    this.paper = paper;
  }

  /**
   * @param {Trail[]} tracks
   * @param {number} step
   * @param {Box} area  where labels may stand
   */
  draw(tracks, step, area) {
    const { paper } = this;
    const { context, palette } = paper;
    const unit = paper.letters / SMALL;
    const placed = tracks.flatMap((track) => {
      const at = track.dashed ? null : headAt(track, step);
      return at ? { track, ...at } : [];
    });
    context.save();
    context.font = `600 ${LABEL * unit}px 'Source Sans', sans-serif`;
    const named = placed.flatMap((one) => (one.track.label ? { ...one, label: one.track.label } : []));
    const heads = named.map(({ track, label, x, y }) => {
      const was = this.#places.get(track);
      return {
        ...{ x: x / unit, y: y / unit },
        width: context.measureText(label).width / unit,
        spot: was?.spot ?? null,
        rest: was?.rest,
        moved: was && Math.hypot(x - was.x, y - was.y) / unit,
      };
    });
    const { left, top, right, bottom } = area;
    const small = { left: left / unit, top: top / unit, right: right / unit, bottom: bottom / unit };
    this.#covered.enter(tracks, step, paper.width, paper.height, unit);
    const places = placeLabels(heads, small, [], (box) => this.#covered.share(box));
    this.names = places.map(({ left: from, top: above }, i) => {
      const box = { left: from, top: above, right: from + heads[i].width, bottom: above + HIGH };
      return { left: box.left * unit, top: box.top * unit, right: box.right * unit, bottom: box.bottom * unit };
    });
    named.forEach(({ track, x, y }, i) => {
      const place = places[i];
      this.#places.set(track, { ...place, x, y });
      if (!place.aside) return;
      const { length, turned } = leader(heads[i], place);
      const [cos, sin] = [Math.cos(turned), Math.sin(turned)];
      const [from, to] = [BEGINS * unit, (BEGINS + Math.max(length, 0)) * unit];
      context.lineWidth = 1;
      context.strokeStyle = wordsOf(track.colour, palette);
      context.beginPath();
      context.moveTo(x + from * cos, y + from * sin);
      context.lineTo(x + to * cos, y + to * sin);
      context.stroke();
    });
    for (const { track, x, y, away } of placed) {
      context.save();
      context.translate(x, y);
      if (away !== undefined) context.rotate(away + Math.PI / 2);
      paper.mark(away === undefined ? track.mark : "triangle", 0, 0, SIZE * unit, track.colour, EDGE * unit);
      context.restore();
    }
    context.textBaseline = "middle";
    context.textAlign = "left";
    named.forEach(({ track, label }, i) => {
      const { left: from, top: above } = places[i];
      paper.words(label, from * unit, (above + HIGH / 2) * unit, wordsOf(track.colour, palette));
    });
    context.restore();
  }
}
