// How trails are drawn on any paper: they are added to it as they grow. What is shown of
// them besides, heads and labels, is trails.js's on the screen and heads.js's in a file.

import { addSteps } from "./geometry.js";
import { traceMark } from "./marks.js";
import { fillAs, inkOf, wordsOf } from "./palette.js";
import { beginDots, firstDot, thinPath } from "./thin.js";

// A line two pixels wide. Browsers draw lines of one pixel ten times faster than wider
// ones, so where a pixel is a pixel two of them, side by side, make one.
//
// A line with an edge is lines beside it in the edge's colour, and over them its own: these
// without a gap, and in the middle twice, or the edge would shine through.
/** @typedef {{width: number, offsets: Pair[], around: Pair, beside: number[]}} Strokes */
/** @type {Strokes} */
export const FINE = { width: 2, offsets: [[0, 0]], around: [-1.3, 1.3], beside: [0] };
/** @type {Strokes} */
export const COARSE = {
  width: 1,
  around: [-1.3, 1.3],
  beside: [-0.5, 0.5, 0, 0],
  offsets: [
    [-0.35, -0.35],
    [0.35, 0.35],
  ],
};
// And wide ones, for a theme that asks for them: around themselves.
/** @type {Strokes} */
export const WIDE = {
  width: 2,
  around: [-1.5, 1.5],
  beside: [-0.8, 0.8],
  offsets: [
    [-0.8, -0.8],
    [0.8, 0.8],
    [-0.8, 0.8],
    [0.8, -0.8],
  ],
};
const EDGE = 2.6; // pixels by which a line in a file is wider with what lies around it
const COVERED = 4; // pixels of a trail that the edge of its next step may lie on
const MARK_EVERY = 70; // pixels of trail between two marks
const MARK = 3.6; // its radius
const DOT = 2.1;
const DASHES = [2, 3]; // pixels
const DOT_FROM = 9; // pixels between two iterates from which each is shown as a dot

/** Whether what is to come is shown: not while a reader predicts it. */
export const ahead = { shown: true };

/** @typedef {{context: DrawingContext, palette: Palette, file?: boolean, lines?: boolean}} Target */

export class Pen {
  strokes = FINE;
  /** @type {?Trail[]} */
  #tracks = null;
  /** @type {?Trail[]} */
  #kept = null;
  #drawn = 0; // steps that are drawn
  #ahead = true; // whether what is to come is, too
  /** @type {number[]} */
  #since = []; // by track: pixels since its last mark

  /**
   * @param {Target} on  a paper, or what is like one: each line of a `file` is one stroke,
   *   and in a file of `lines` each step is a point
   * @param {() => void} begin  draws what lies under the trails, over all that was there
   */
  constructor(on, begin) {
    this.on = on;
    this.begin = begin;
  }

  /** Draws all anew at the next occasion. */
  forget() {
    this.#tracks = null;
  }

  /**
   * Draws every track up to a step, and faintly what is to come; whether it began anew.
   * @param {Trail[]} tracks  drawn anew only if it is another array than before
   * @param {number} step  may lie between two iterates
   * @param {boolean} [eager]  whether trails must reach the step in this very frame
   * @param {?Trail[]} [kept]  tracks of another race, drawn as wholes below these
   */
  show(tracks, step, eager = true, kept = null) {
    const whole = Math.floor(step);
    const anew = tracks !== this.#tracks || kept !== this.#kept || whole < this.#drawn || this.#ahead !== ahead.shown;
    if (anew) {
      this.#ahead = ahead.shown;
      this.#tracks = tracks;
      this.#kept = kept;
      this.#since = tracks.map(() => 0);
      this.#drawn = 0;
      this.begin();
      if (kept) this.#drawKept(kept);
      for (const one of ahead.shown ? tracks : []) this.#drawRest(one, eager ? whole : 0);
    }
    if (eager && whole > this.#drawn) {
      tracks.forEach((one, i) => (one.dashed ? this.#growDashed(one, i, whole) : this.#grow(one, i, this.#drawn, whole)));
      this.#drawn = whole;
    }
    return anew;
  }

  /**
   * Steps of a track as a path: what can be seen of them or, in a file of lines, each.
   * @param {Float32Array} segments
   * @param {number} from
   * @param {number} to
   * @returns {Outline}
   */
  #path(segments, from, to) {
    const path = this.on.context.newPath?.() ?? new Path2D();
    if (this.on.lines) addSteps(path, segments, from, to);
    else thinPath(segments, from, to, path);
    return path;
  }

  /**
   * What is to come, faint: a drag changes that, too.
   * @param {Trail} trail
   * @param {number} from
   */
  #drawRest({ segments, colour, dashed }, from) {
    const { context, palette, file } = this.on;
    context.save();
    if (file) context.lineJoin = "round";
    if (dashed) context.setLineDash(DASHES);
    context.globalAlpha = 0.5;
    context.strokeStyle = wordsOf(colour, palette);
    context.lineWidth = palette.strokes;
    context.stroke(this.#path(segments, Math.min(from, segments.length / 4), segments.length / 4));
    context.restore();
  }

  /**
   * Paths of another race: dashed, so that none is taken for one of this race.
   * @param {Trail[]} kept
   */
  #drawKept(kept) {
    const { context, palette } = this.on;
    context.save();
    context.globalAlpha = 0.75;
    context.lineWidth = 1.2;
    context.setLineDash(DASHES);
    for (const { segments, colour } of kept) {
      context.strokeStyle = wordsOf(colour, palette);
      context.stroke(this.#path(segments, 0, segments.length / 4));
    }
    context.restore();
  }

  /**
   * @param {Trail} trail
   * @param {number} index
   * @param {number} from
   * @param {number} to
   */
  #grow({ segments, heads, colour, mark }, index, from, to) {
    const { context, palette, file } = this.on;
    const start = Math.max(0, Math.min(from, segments.length / 4));
    const grown = palette.strokes ** 0.5;
    const end = Math.min(to, segments.length / 4);
    const { line, edge } = inkOf(colour, palette);
    if (edge && !file) {
      const { width, around, beside } = this.strokes;
      const path = thinPath(segments, start, end, new Sides());
      this.#beside(path, edge, width, around);
      // The edge of what is new lies on the end of what was there.
      if (start) this.#beside(thinPath(segments, reaching(segments, start), start, new Sides()), line, width, beside);
      this.#beside(path, line, width, beside);
    } else if (file) {
      const path = this.#path(segments, start, end);
      const width = this.strokes === WIDE ? 3.6 : 2;
      if (edge) this.#stroke(path, edge, width + EDGE);
      if (edge && start) this.#stroke(this.#path(segments, reaching(segments, start), start), line, width);
      this.#stroke(path, line, width);
    } else {
      const { width, offsets } = this.strokes;
      this.#stroke(this.#path(segments, start, end), line, width, offsets);
    }

    beginDots(end - start);
    context.beginPath();
    let since = this.#since[index];
    for (let i = 4 * start; i < 4 * end; i += 4) {
      const x = segments[i + 2];
      const y = segments[i + 3];
      if (Number.isNaN(x)) continue;
      // Not Math.hypot: that takes longer, and no square of pixels overflows.
      const length = Math.sqrt((x - segments[i]) ** 2 + (y - segments[i + 1]) ** 2);
      since += length;
      // Where a step is cut by the border there is no iterate to mark.
      const k = i / 2 + 2;
      if (heads[k] !== x || heads[k + 1] !== y) continue;
      if (since >= MARK_EVERY) {
        if (firstDot(x, y, MARK)) traceMark(context, mark, x, y, MARK * grown);
        since = 0;
      } else if (length >= DOT_FROM) {
        if (firstDot(x, y, DOT)) traceMark(context, "circle", x, y, DOT * grown);
      }
    }
    this.#since[index] = since;
    fillAs(context, colour, palette);
  }

  /**
   * The same of a dashed one: where its last dash ended, the next piece goes on.
   * @param {Trail} trail
   * @param {number} index
   * @param {number} to
   */
  #growDashed({ segments, colour }, index, to) {
    const { context, palette } = this.on;
    const [start, end] = [this.#drawn, to].map((step) => Math.min(step, segments.length / 4));
    context.save();
    context.setLineDash(DASHES);
    context.lineDashOffset = this.#since[index];
    context.strokeStyle = wordsOf(colour, palette);
    context.lineWidth = palette.strokes;
    context.stroke(this.#path(segments, start, end));
    context.restore();
    for (let i = 4 * start; i < 4 * end; i += 4) {
      const length = Math.sqrt((segments[i + 2] - segments[i]) ** 2 + (segments[i + 3] - segments[i + 1]) ** 2);
      this.#since[index] = Number.isNaN(length) ? 0 : this.#since[index] + length; // a gap begins anew
    }
  }

  /**
   * @param {Sides} path
   * @param {string} colour
   * @param {number} width
   * @param {number[]} distances  pixels beside it
   */
  #beside({ flat, steep }, colour, width, distances) {
    for (const far of distances) {
      this.#stroke(flat, colour, width, [[0, far]]);
      this.#stroke(steep, colour, width, [[far, 0]]);
    }
  }

  /**
   * @param {Outline} path
   * @param {string} colour
   * @param {number} width
   * @param {Pair[]} [offsets]
   */
  #stroke(path, colour, width, offsets = FINE.offsets) {
    const { context, file } = this.on;
    context.strokeStyle = colour;
    context.lineWidth = width;
    if (file) context.lineJoin = "round";
    for (const [dx, dy] of offsets) {
      context.translate(dx, dy);
      context.stroke(path);
      context.translate(-dx, -dy);
    }
  }
}

/**
 * A path in two: pieces that go rather sideways, and those that go rather up or down. What
 * lies beside the first lies above and below them, and half of all lines is saved.
 */
class Sides {
  flat = new Path2D();
  steep = new Path2D();
  #x = 0;
  #y = 0;
  /** @type {?Path2D} */
  #on = null; // the part that goes on from there

  /**
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    this.#on = null;
    this.#x = x;
    this.#y = y;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  lineTo(x, y) {
    const part = Math.abs(x - this.#x) < Math.abs(y - this.#y) ? this.steep : this.flat;
    if (part !== this.#on) part.moveTo(this.#x, this.#y);
    part.lineTo(x, y);
    this.#on = part;
    this.#x = x;
    this.#y = y;
  }
}

/**
 * From which step on a trail is so near its end at another one that an edge there covers it.
 * @param {Float32Array} segments
 * @param {number} step
 */
function reaching(segments, step) {
  let [from, length] = [step, 0];
  while (from > 0 && length < COVERED) {
    const i = 4 * (from - 1);
    const more = Math.hypot(segments[i + 2] - segments[i], segments[i + 3] - segments[i + 1]);
    if (Number.isNaN(more)) break;
    length += more;
    from -= 1;
  }
  return from;
}
