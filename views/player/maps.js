// Where maps stand on a picture, which starts they have, and the trails on them.

import { enlarged } from "./axis.js";
import { track } from "./geometry.js";
import { panelPlaces, projection, within } from "./panels.js";

export const BAR = 48; // pixels beside maps for the scale of the loss
/**
 * Around the one map of all runs: on the left and below for its numbers, at the top for
 * half of the last one, and on the right for the scale of the loss.
 */
const MARGIN = { left: 44, right: BAR, top: 9, bottom: 34 };
/** Around panels: with a note above each of them, or beside it. */
const ABOVE = { left: 40, right: 8, top: 48, bottom: 20 };
const ASIDE = { left: 40, right: 132, top: 10, bottom: 20 };
const BRIEF_ABOVE = { ...ABOVE, top: 24 }; // where large letters leave room for one line
const TIGHT = 420; // pixels of width below which margins are smaller
const SAVED = [6, 1]; // there, on the left and on the right, where four digits need the rest
const BELOW = 22; // and below that, where the button is

/** The end of a run in a word or two, where there is no room for more. */
/** @type {Record<string, string>} */
const WORDS = {
  trapped: "local minimum",
  no_progress: "no progress",
  left: "off the map",
  descending: "still descending",
};
/** @type {(run: {kind: string, step: ?number}) => string} */
export const inShort = ({ kind, step }) => `${WORDS[kind] ?? kind}${step === null ? "" : `, step ${step}`}`;

/** @typedef {(Look & {key: string})[]} Split  the entries that have a map of their own */

/** @type {(range: Pair) => Pair} */
const sorted = ([a, b]) => [Math.min(a, b), Math.max(a, b)];

/**
 * Margins of panels, for small text.
 * @param {boolean} aside  whether notes stand beside them
 * @param {Palette} palette
 */
export const marginOf = (aside, { letters }) => (aside ? ASIDE : letters > 1 ? BRIEF_ABOVE : ABOVE);

/**
 * Where the panels of a map are: each as large as it can be with equal scales, so that a
 * gradient is seen to be normal to its contour.
 * @param {import("./still.js").Still} still
 * @param {number} count  of those that are side by side; 0: there is one for all
 * @param {{width: number, height: number, text: number, palette: Palette}} on
 * @param {number} ratio  pixels of the picture to those here
 */
export function arranged({ x, y }, count, { width, height, text, palette }, ratio) {
  /** @param {number} value */
  const whole = (value) => Math.round(value * ratio) / ratio;
  /** @type {(place: Place) => Place} */
  const onPixels = (place) => ({
    ...{ left: whole(place.left), top: whole(place.top) },
    ...{ width: whole(place.width), height: whole(place.height) },
  });
  const shape = (x[1] - x[0]) / (y[1] - y[0]);
  if (!count) {
    const { left, right, top, bottom } = enlarged(MARGIN, text);
    const [before, after] = width < TIGHT ? SAVED : [0, 0];
    const room = [width - left - right + before + after, height - top - bottom];
    const side = Math.max(Math.min(room[0] / shape, room[1]), 20);
    const place = {
      left: left - before + (room[0] - side * shape) / 2,
      top: top + (room[1] - side) / 2,
      width: side * shape,
      height: side,
    };
    return { places: [onPixels(place)], aside: false, scale: null };
  }
  // As large as they can be, whether their notes stand above or beside them.
  const wide = width - text * BAR;
  const both = [false, true].map((aside) => panelPlaces(count, shape, wide, height, enlarged(marginOf(aside, palette), text)));
  const aside = both[1][0].height > both[0][0].height;
  const places = both[Number(aside)];
  const top = Math.min(...places.map((place) => place.top));
  const bottom = Math.max(...places.map((place) => place.top + place.height));
  const scale = { left: wide, top, width: 0, height: bottom - top - text * BELOW };
  return { places: places.map(onPixels), aside, scale };
}

/**
 * The starts of each panel: that of all, if any run of it begins there, and those that
 * entries have of their own.
 * @param {Race} race
 * @param {Split} split
 * @param {Pair} start
 * @param {import("./map.js").OwnStart[]} ownStarts
 * @returns {import("./map.js").Ring[]}
 */
export function startsOf(race, split, start, ownStarts) {
  const panels = split.length ? split : [null];
  return panels.flatMap((card, panel) => {
    const own = ownStarts.filter(({ entry }) => !card || card.key === entry);
    const runs = card ? 1 : Math.max(race.runs.length, 1);
    const common = { entry: "", at: start, label: "", colour: "" };
    return [...(own.length < runs ? [common] : []), ...own].map((one) => ({ panel, ...one }));
  });
}

/**
 * The trails of a race, in the frame of each.
 * @param {Race} race
 * @param {Split} split
 * @param {Frame[]} frames
 * @param {?Trail[]} [used]  whose arrays are written again
 */
export function traced(race, split, frames, used = null) {
  /** @type {Trail[]} */
  const tracks = [];
  for (const run of race.runs) {
    const panel = split.findIndex((card) => card.key === run.key);
    if (split.length && panel < 0) continue;
    const frame = frames[Math.max(panel, 0)];
    const { points } = run;
    const rows = points.length / 2;
    const box = [sorted(frame.x), sorted(frame.y)];
    /** @type {(i: number, out: number[]) => void} */
    const position = (i, out) => {
      out[0] = points[2 * i];
      out[1] = points[2 * i + 1];
    };
    tracks.push({
      ...track(rows, position, box, projection(frame), used?.[tracks.length]),
      ...run.look,
      entry: run.key,
      label: split.length ? null : run.look.short,
      contains: (i) => within(points[2 * i], box[0]) && within(points[2 * i + 1], box[1]),
    });
  }
  return tracks;
}
