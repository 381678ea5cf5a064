// Where the letters of arrows stand: at their tips, and not on one another, on an arrow or
// on a name beside a head.

import { inside } from "./geometry.js";

const HIGH = 15; // pixels of a letter in a small window
const WIDE = 8;
const FAR = [11, 20, 30]; // pixels from the tip to the middle of the letter, nearest it
const TURNS = [30, -30, 0, 75, -75, 120, -120, 180]; // degrees from where the arrow points
const SAME = 0.5; // how much better another place has to be than that of the step before

/**
 * A letter at the tip of an arrow.
 * @typedef {object} Letter
 * @property {string} key  of the arrow
 * @property {string} text
 * @property {Pair} begin  of the arrow
 * @property {Pair} end
 * @property {?Frame} frame  in which it has to be; null: anywhere
 */

/**
 * Finds a place for each letter.
 * @param {Letter[]} letters
 * @param {number} unit  pixels of letters to those in a small window
 * @param {Map<string, number>} had  the number of the place of each, by key, which is set
 * @param {Box[]} [names]  what else they must not lie on
 * @returns {Box[]}
 */
export function placeLetters(letters, unit, had, names = []) {
  const taken = [...names];
  return letters.map(({ key, text, begin, end, frame }) => {
    const [wide, high] = [(WIDE * text.length * unit) / 2, (HIGH * unit) / 2];
    const points = Math.atan2(end[1] - begin[1], end[0] - begin[0]);
    /** @type {{bad: number, k: number, box: Box}[]} */
    const places = FAR.flatMap((far, ring) =>
      TURNS.map((turn, i) => {
        const angle = points + (turn * Math.PI) / 180;
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
        const reach = far * unit + Math.abs(cos) * (wide - high / 2);
        const [x, y] = [end[0] + reach * cos, end[1] + reach * sin];
        const box = { left: x - wide, top: y - high, right: x + wide, bottom: y + high };
        const k = ring * TURNS.length + i;
        const bad = ring + i * 0.1 + crowded(box, taken, letters, frame) - (had.get(key) === k ? SAME : 0);
        return { bad, k, box };
      }),
    );
    const best = places.reduce((one, other) => (other.bad < one.bad ? other : one));
    taken.push(best.box);
    had.set(key, best.k);
    return best.box;
  });
}

/** @type {(one: Box, other: Box) => boolean} */
export const overlap = (one, other) =>
  one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;

/**
 * How much of a box lies on letters, arrows and beyond the frame.
 * @param {Box} box
 * @param {Box[]} taken
 * @param {Letter[]} letters
 * @param {?Frame} frame
 */
function crowded({ left, top, right, bottom }, taken, letters, frame) {
  let bad = 0;
  for (const one of taken) {
    const across = Math.min(right, one.right) - Math.max(left, one.left);
    const down = Math.min(bottom, one.bottom) - Math.max(top, one.top);
    if (across > 0 && down > 0) bad += 4 + (across * down) / (bottom - top);
  }
  for (const { begin, end } of letters) {
    const part = inside(begin, end, [[left, right], [top, bottom]]);
    if (part) bad += 0.5 + ((part[1] - part[0]) * Math.hypot(end[0] - begin[0], end[1] - begin[1])) / (bottom - top);
  }
  if (!frame) return bad;
  const off = left < frame.left || right > frame.left + frame.width || top < frame.top || bottom > frame.top + frame.height;
  return off ? bad + 6 : bad;
}
