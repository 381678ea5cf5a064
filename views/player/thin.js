// What can be seen of many steps: those that fall on one place of the screen are drawn as
// one, so that a run of thousands that has come to rest costs what is there to be seen.

const FINE = 4; // parts of a pixel: ends that differ by less are at one place
const MOST = 32; // of equal strokes: one more over them changes no pixel
const EMPTY = new Int32Array(0);

/** Counts how often what has four numbers came before, to a part of a pixel. */
class Counts {
  #keys = EMPTY; // four of each place in the table
  #counts = EMPTY;
  #rounds = EMPTY; // in which round a place was written: what is older is empty
  #round = 0;

  /**
   * Begins anew.
   * @param {number} most  how many may come
   */
  begin(most) {
    const size = 2 ** Math.ceil(Math.log2(2 * most + 2));
    if (size > this.#counts.length) {
      this.#keys = new Int32Array(4 * size);
      this.#counts = new Int32Array(size);
      this.#rounds = new Int32Array(size);
      this.#round = 0;
    }
    this.#round += 1;
  }

  /**
   * How often it came before.
   * @param {number} x0
   * @param {number} y0
   * @param {number} x1
   * @param {number} y1
   */
  before(x0, y0, x1, y1) {
    const a = Math.round(FINE * x0) | 0;
    const b = Math.round(FINE * y0) | 0;
    const c = Math.round(FINE * x1) | 0;
    const d = Math.round(FINE * y1) | 0;
    const keys = this.#keys;
    const mask = this.#counts.length - 1;
    const hash = Math.imul(Math.imul(Math.imul(a, 31) + b, 31) + c, 31) + d;
    let place = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    place = (place ^ (place >>> 13)) & mask;
    for (; this.#rounds[place] === this.#round; place = (place + 1) & mask) {
      const k = 4 * place;
      if (keys[k] === a && keys[k + 1] === b && keys[k + 2] === c && keys[k + 3] === d) {
        return this.#counts[place]++;
      }
    }
    keys[4 * place] = a;
    keys[4 * place + 1] = b;
    keys[4 * place + 2] = c;
    keys[4 * place + 3] = d;
    this.#rounds[place] = this.#round;
    this.#counts[place] = 1;
    return 0;
  }
}

const strokes = new Counts();
const dots = new Counts();

/**
 * The steps of a track from one to another, as a path.
 * @param {Float32Array} segments
 * @param {number} from
 * @param {number} to
 * @template {Pick<Outline, "moveTo" | "lineTo">} Path
 * @param {Path} path  they are added to
 */
export function thinPath(segments, from, to, path) {
  strokes.begin(to - from);
  let [x, y] = [NaN, NaN]; // where the last stroke ended
  let [endX, endY] = [NaN, NaN]; // where the last step did
  let begun = false; // whether the path has come to where that stroke ended
  const finish = () => {
    if (Number.isNaN(x) || (endX === x && endY === y)) return;
    if (!begun) path.moveTo(x, y);
    path.lineTo(endX, endY);
  };
  for (let i = 4 * from; i < 4 * to; i += 4) {
    if (Number.isNaN(segments[i])) continue;
    if (segments[i] !== endX || segments[i + 1] !== endY) {
      finish();
      x = segments[i];
      y = segments[i + 1];
      begun = false;
    }
    endX = segments[i + 2];
    endY = segments[i + 3];
    if (Math.abs(endX - x) < 1 / FINE && Math.abs(endY - y) < 1 / FINE) continue;
    if (strokes.before(x, y, endX, endY) < MOST) {
      if (!begun) path.moveTo(x, y);
      path.lineTo(endX, endY);
      begun = true;
    } else {
      begun = false;
    }
    x = endX;
    y = endY;
  }
  finish();
  return path;
}

/**
 * Begins to count dots.
 * @param {number} most  how many may come
 */
export const beginDots = (most) => dots.begin(most);

/**
 * Whether a dot, or a mark, is the first at its place.
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export const firstDot = (x, y, radius) => dots.before(x, y, radius, 0) === 0;
