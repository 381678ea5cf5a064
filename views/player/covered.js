// Which of a picture trails cover, in coarse cells, and from which step on: labels keep off.

import { ahead } from "./pen.js";

const CELL = 6; // pixels in a small window
const MOST = 24_000; // cells that are entered at once: the rest follows with the next picture
const LONGEST = 400; // cells of a step
const FAINT = 0.4; // how bad it is to lie on what is to come
const NEVER = 0xffffffff;

export class Covered {
  /** @type {?Trail[]} */
  #tracks = null;
  #cells = new Uint32Array(0); // the first step that covers each
  #columns = 0;
  #rows = 0;
  #step = 0;
  /** @type {Pair[]} */
  #entered = []; // by track: from which of its steps to which

  /**
   * Enters what it can of tracks, the steps around the one that is shown first.
   * @param {Trail[]} tracks  entered anew only if it is another array than before
   * @param {number} step
   * @param {number} width  pixels of the picture
   * @param {number} height
   * @param {number} unit  pixels of labels to those in a small window
   */
  enter(tracks, step, width, height, unit) {
    const size = CELL * unit;
    const [columns, rows] = [Math.ceil(width / size), Math.ceil(height / size)];
    this.#step = Math.floor(step);
    if (tracks !== this.#tracks || columns !== this.#columns || rows !== this.#rows) {
      this.#tracks = tracks;
      [this.#columns, this.#rows] = [columns, rows];
      if (this.#cells.length !== columns * rows) this.#cells = new Uint32Array(columns * rows);
      this.#cells.fill(NEVER);
      this.#entered = tracks.map(({ segments }) => {
        const at = Math.min(this.#step, segments.length / 4);
        return [at, at];
      });
    }
    const each = MOST / (tracks.length || 1);
    tracks.forEach(({ segments }, i) => {
      const [from, to] = this.#entered[i];
      let [low, high, spent] = [from, to, 0];
      while (low > 0 && spent < each) spent += this.#enter(segments, --low, size);
      while (high < segments.length / 4 && spent < each) spent += this.#enter(segments, high++, size);
      this.#entered[i] = [low, high];
    });
  }

  /**
   * @param {Float32Array} segments
   * @param {number} at  the step
   * @param {number} size  of a cell
   */
  #enter(segments, at, size) {
    const [x, y] = [segments[4 * at] / size, segments[4 * at + 1] / size];
    const [dx, dy] = [segments[4 * at + 2] / size - x, segments[4 * at + 3] / size - y];
    const count = Math.min(Math.ceil(Math.max(Math.abs(dx), Math.abs(dy))), LONGEST) || 1;
    const [cells, columns, rows] = [this.#cells, this.#columns, this.#rows];
    for (let k = 1; k <= count; k += 1) {
      const column = Math.floor(x + (k / count) * dx);
      const row = Math.floor(y + (k / count) * dy);
      if (!(column >= 0 && row >= 0 && column < columns && row < rows)) continue;
      const cell = row * columns + column;
      if (cells[cell] > at + 1) cells[cell] = at + 1;
    }
    return count;
  }

  /**
   * How much of a box lies on trails, from 0 to 1.
   * @param {Box} box  in pixels of a small window
   */
  share({ left, top, right, bottom }) {
    const last = Math.min(Math.floor(right / CELL), this.#columns - 1);
    const lowest = Math.min(Math.floor(bottom / CELL), this.#rows - 1);
    const later = ahead.shown ? FAINT : 0;
    let [all, covered] = [0, 0];
    for (let row = Math.max(Math.floor(top / CELL), 0); row <= lowest; row += 1) {
      for (let column = Math.max(Math.floor(left / CELL), 0); column <= last; column += 1) {
        const since = this.#cells[row * this.#columns + column];
        all += 1;
        if (since !== NEVER) covered += since <= this.#step ? 1 : later;
      }
    }
    return all && covered / all;
  }
}
