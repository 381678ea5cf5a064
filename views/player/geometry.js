// Clipping, after Liang and Barsky (ACM Trans. Graphics 3, 1984): which part of a
// segment lies in a box. Only the drawing is clipped; the numbers stay as they are.

/**
 * The parameters [enter, leave] at which a segment is inside a box, or null.
 * @param {number[]} from  its first end
 * @param {number[]} to    its second end
 * @param {Pair[]} box  [low, high] for each dimension
 * @returns {?Pair}
 */
export function inside(from, to, box) {
  let enter = 0;
  let leave = 1;
  for (let i = 0; i < box.length; i += 1) {
    const delta = to[i] - from[i];
    const low = box[i][0] - from[i];
    const high = box[i][1] - from[i];
    if (!Number.isFinite(delta)) return null;
    if (delta === 0) {
      if (low > 0 || high < 0) return null;
      continue;
    }
    const a = low / delta;
    const b = high / delta;
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  return enter <= leave ? [enter, leave] : null;
}

/**
 * Where a cut lies: on the border, however far off rounding would carry a long step.
 * @param {number} from
 * @param {number} to
 * @param {number} t  the part of the way
 * @param {Pair} range
 */
export function along(from, to, t, [low, high]) {
  return Math.min(Math.max(from + t * (to - from), low), high);
}

/**
 * A track: a run made ready for drawing, in pixels.
 *
 * `segments` holds four numbers a step, from (x, y) to (x, y), cut to the box and NaN
 * where nothing of the step is visible; `heads` holds every iterate, cut to nothing.
 *
 * @param {number} rows  how many iterates there are
 * @param {(i: number, out: number[]) => void} position  writes an iterate, box's space
 * @param {Pair[]} box  what is visible, in the same space
 * @param {(point: number[], out: Float32Array, at: number) => void} project  writes the
 *   pixel of a point of that space
 * @param {Track} [used]  a track that nothing draws any more: its arrays are written again
 * @returns {Track}
 */
export function track(rows, position, box, project, used) {
  const size = box.length;
  const segments = sized(used?.segments, 4 * Math.max(rows - 1, 0));
  const heads = sized(used?.heads, 2 * rows);
  let from = new Array(size).fill(0);
  let to = new Array(size).fill(0);
  const cut = new Array(size).fill(0);
  /** @param {number[]} point */
  const visible = (point) => {
    for (let k = 0; k < size; k += 1) {
      if (!(point[k] >= box[k][0] && point[k] <= box[k][1])) return false;
    }
    return true;
  };
  /** @param {number} t */
  const between = (t) => {
    for (let k = 0; k < size; k += 1) cut[k] = along(from[k], to[k], t, box[k]);
    return cut;
  };
  position(0, from);
  project(from, heads, 0);
  let began = visible(from);
  for (let i = 1; i < rows; i += 1) {
    const at = 4 * (i - 1);
    position(i, to);
    project(to, heads, 2 * i);
    const ends = visible(to);
    const span = began && ends ? WHOLE : inside(from, to, box);
    if (span === WHOLE) {
      segments[at] = heads[2 * i - 2];
      segments[at + 1] = heads[2 * i - 1];
      segments[at + 2] = heads[2 * i];
      segments[at + 3] = heads[2 * i + 1];
    } else if (span) {
      project(span[0] === 0 ? from : between(span[0]), segments, at);
      project(span[1] === 1 ? to : between(span[1]), segments, at + 2);
    } else {
      segments.fill(NaN, at, at + 4);
    }
    const before = from;
    from = to;
    to = before;
    began = ends;
  }
  return { segments, heads };
}

/** @type {Pair} */
const WHOLE = [0, 1];

/**
 * An array of so many numbers: this one, if it has as many.
 * @param {Float32Array|undefined} array
 * @param {number} length
 */
const sized = (array, length) => (array?.length === length ? array : new Float32Array(length));

/**
 * The steps of a track from one to another, as a path.
 * @param {Float32Array} segments
 * @param {number} [from]
 * @param {number} [to]
 */
export function pathOf(segments, from = 0, to = segments.length / 4) {
  const path = new Path2D();
  addSteps(path, segments, from, to);
  return path;
}

/**
 * Adds steps of a track to a path of any kind.
 * @param {Outline} path
 * @param {Float32Array} segments
 * @param {number} [from]
 * @param {number} [to]
 */
export function addSteps(path, segments, from = 0, to = segments.length / 4) {
  let x = NaN;
  let y = NaN;
  for (let i = 4 * from; i < 4 * to; i += 4) {
    if (Number.isNaN(segments[i])) continue;
    if (segments[i] !== x || segments[i + 1] !== y) {
      path.moveTo(segments[i], segments[i + 1]);
    }
    x = segments[i + 2];
    y = segments[i + 3];
    path.lineTo(x, y);
  }
}

/**
 * Which piece of a track is nearest to a place, by the number of its step; −1 if none is
 * within reach.
 * @param {Float32Array} segments
 * @param {Pair} at
 * @param {number} reach
 */
export function nearest(segments, [x, y], reach) {
  let [found, least] = [-1, reach ** 2];
  for (let i = 0; i < segments.length; i += 4) {
    const [px, py] = [x - segments[i], y - segments[i + 1]];
    const [dx, dy] = [segments[i + 2] - segments[i], segments[i + 3] - segments[i + 1]];
    const square = dx * dx + dy * dy;
    const part = square ? Math.min(Math.max((px * dx + py * dy) / square, 0), 1) : 0;
    const away = (px - part * dx) ** 2 + (py - part * dy) ** 2;
    if (away <= least) [found, least] = [i / 4, away]; // not where a step is not seen: NaN
  }
  return found;
}

/**
 * Where a track's head is at a step, or where it left the picture.
 * @param {Trail} trail
 * @param {number} step
 * @returns {?{x: number, y: number, away?: number}}  `away` is the direction it left
 *   in, in radians
 */
export function headAt({ segments, heads, contains }, step) {
  const last = heads.length / 2 - 1;
  const whole = Math.min(Math.floor(step), last);
  const part = whole < last ? step - whole : 0;
  const x = heads[2 * whole];
  const y = heads[2 * whole + 1];
  if (contains(whole)) {
    const i = 4 * whole;
    if (part === 0 || Number.isNaN(segments[i])) return { x, y };
    const dx = segments[i + 2] - segments[i];
    const dy = segments[i + 3] - segments[i + 1];
    return { x: x + part * dx, y: y + part * dy };
  }
  for (let i = 4 * (Math.min(whole, segments.length / 4) - 1); i >= 0; i -= 4) {
    const x1 = segments[i + 2];
    const y1 = segments[i + 3];
    if (Number.isNaN(x1)) continue;
    return { x: x1, y: y1, away: Math.atan2(y1 - segments[i + 1], x1 - segments[i]) };
  }
  return null;
}
