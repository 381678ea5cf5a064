// What iterates are projected onto, as the map outlines it.

import { pixel } from "./panels.js";

const ROUND = 120; // corners that a circle is drawn with

/**
 * What the iterates in each frame are projected onto, each once.
 * @param {Race} race
 * @param {Moment["frameOf"]} frameOf
 */
export function regionsOf({ runs }, frameOf) {
  /** @type {Map<string, {frame: Frame, region: number[]}>} */
  const found = new Map();
  for (const { key, region } of runs) {
    const frame = frameOf(key);
    if (frame && region) found.set(JSON.stringify([frame, region]), { frame, region });
  }
  return [...found.values()];
}

/**
 * The outline of a box or a disc as a path.
 * @param {Frame} frame
 * @param {number[]} region
 */
export function outline(frame, region) {
  /** @type {Pair[]} */
  let corners;
  if (region.length === 4) {
    const [left, low, right, high] = region;
    corners = [[left, low], [right, low], [right, high], [left, high]];
  } else {
    const [x, y, radius] = region;
    const angles = Array.from({ length: ROUND }, (_, i) => (2 * Math.PI * i) / ROUND);
    corners = angles.map((angle) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]);
  }
  return `M${[...corners, corners[0]].map(([x, y]) => pixel(frame, x, y).map((one) => one.toFixed(1)).join()).join("L")}`;
}
