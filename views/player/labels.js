// Where the labels of heads stand: beside their heads, not on one another, on a head or off
// the picture, and off the trails where there is room.

export const HIGH = 14; // pixels of a label
const HEAD = 8; // from the middle of a head to its border
const GAP = 2; // pixels between two labels
const BACK = 8; // pixels that have to be free around another place to go there
const FARTHER = 0.15; // how bad the next ring is, beside 1 for lying on trails altogether
const OTHERS = 0.25; // how bad it is to stand nearer to another head, and no line leads there
const NEARER = 2; // pixels
const BETTER = 0.14; // how much better another place has to be to go there
const RESTS = 24; // pictures for which a label stays where it can
const JUMP = 30; // pixels that a head moves at once, after which it does not

/** Pixels from a head, and the directions there; the first are liked best. */
const RINGS = [12, 26, 42, 60, 80, 102, 128, 160];
const NEAR = [0, 180, 45, -45, 135, -135, 90, -90];
const FAR = [...NEAR, 22, -22, 158, -158, 67, -67, 113, -113];

const SPOTS = RINGS.flatMap((far, ring) =>
  (ring ? FAR : NEAR).map((angle) => {
    const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    // Which part of the label's width lies to the left of its nearest point.
    const before = Math.abs(c) < 0.3 ? 0.5 : Number(c < 0);
    const lift = Math.abs(s) < 0.3 ? 0.5 : Number(s < 0);
    return { ring, x: c * far, y: s * far, before, lift: lift * HIGH };
  }),
);

/**
 * A head with a label.
 * @typedef {object} Head
 * @property {number} x  where it is
 * @property {number} y
 * @property {number} width  of its label
 * @property {?number} spot  the number of the place that the label had; null at first
 * @property {number} [rest]  for how many more pictures it stays there
 * @property {number} [moved]  pixels that the head has moved since the last one: a label
 *   rests when its head does
 */

/**
 * Where a label stands.
 * @typedef {object} Spot
 * @property {number} spot  the number of the place
 * @property {number} left
 * @property {number} top
 * @property {boolean} aside  whether it is so far from its head that a line has to lead
 *   there
 * @property {number} rest
 */

/**
 * Finds a place for each label; it stays where it was while that is free, and goes after a
 * while to one that is nearer, lies less on trails or cannot be read as another head's.
 * @param {Head[]} heads
 * @param {Box} area  where labels may be
 * @param {Box[]} [others]  what else they must not lie on
 * @param {(box: Box) => number} [covered]  how much of a box lies on trails, from 0 to 1
 * @returns {Spot[]}
 */
export function placeLabels(heads, area, others = [], covered = () => 0) {
  const taken = [...others];
  /** @type {(own: Head, at: Pair, room: number) => boolean} */
  const free = (own, [left, top], room) => {
    const { width } = own;
    const [right, bottom] = [left + width, top + HIGH];
    if (left < area.left || right > area.right || top < area.top || bottom > area.bottom) return false;
    for (const one of heads) {
      const { x, y } = one;
      const reach = HEAD + (one === own ? 0 : room);
      if (left < x + reach && right > x - reach && top < y + reach && bottom > y - reach) return false;
    }
    const gap = GAP + room;
    return !taken.some(
      (one) =>
        left < one.right + gap && right > one.left - gap && top < one.bottom + gap && bottom > one.top - gap,
    );
  };
  return heads.map((head) => {
    /** @type {(k: number) => Pair} */
    const at = (k) => {
      const { x, y, before, lift } = SPOTS[k];
      return [head.x + x - before * head.width, head.y + y - lift];
    };
    /** @type {(k: number) => Box} */
    const box = (k) => {
      const [left, top] = at(k);
      return { left, top, right: left + head.width, bottom: top + HIGH };
    };
    /** @type {(k: number) => number} */
    const badness = (k) => {
      const there = box(k);
      const nearer = pixelsTo(there, head) - NEARER;
      const misread = SPOTS[k].ring === 0 && heads.some((one) => one !== head && pixelsTo(there, one) < nearer);
      return SPOTS[k].ring * FARTHER + covered(there) + (misread ? OTHERS : 0);
    };
    const had = head.spot;
    const held = had !== null && free(head, at(had), 0) ? had : null; // where it can stay
    let [spot, rest] = [held ?? 0, Math.max((head.rest ?? 0) - 1, -1)];
    const { moved = Infinity } = head;
    if (held === null || moved > JUMP || (moved > 0 && rest < 0)) {
      rest = RESTS;
      let least = held === null ? Infinity : badness(held) - BETTER;
      for (let k = 0; k < SPOTS.length && SPOTS[k].ring * FARTHER < least; k += 1) {
        if (!free(head, at(k), held === null ? 0 : BACK)) continue;
        const bad = badness(k);
        if (bad < least) [spot, least] = [k, bad];
      }
    }
    const found = box(spot);
    taken.push(found);
    return { spot, left: found.left, top: found.top, aside: SPOTS[spot].ring > 0, rest };
  });
}

/**
 * How far a head is from a label.
 * @param {Box} box
 * @param {{x: number, y: number}} head
 */
function pixelsTo({ left, top, right, bottom }, { x, y }) {
  return Math.hypot(Math.min(Math.max(x, left), right) - x, Math.min(Math.max(y, top), bottom) - y);
}

/**
 * The line that leads from a head to its label, relative to the head.
 * @param {Omit<Head, "spot">} head
 * @param {{left: number, top: number}} label
 */
export function leader({ x, y, width }, { left, top }) {
  const to = [
    Math.min(Math.max(x, left), left + width) - x,
    Math.min(Math.max(y, top + 3), top + HIGH - 3) - y,
  ];
  return { length: Math.hypot(...to) - HEAD, turned: Math.atan2(to[1], to[0]) };
}

/** Pixels from the middle of a head at which a line begins. */
export const BEGINS = HEAD;
