// The marks by which optimizers differ where colours do not show it.

import { edgeStyle, lineStyle } from "./palette.js";

/** @type {(corners: number, radius: number, first?: number) => Pair[]} */
const turn = (corners, radius, first = -90) =>
  Array.from({ length: corners }, (_, i) => {
    const angle = ((first + (360 * i) / corners) * Math.PI) / 180;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });

/** @type {(points: number, outer: number, inner: number) => Pair[]} */
const star = (points, outer, inner) =>
  turn(2 * points, 1).map(([x, y], i) => {
    const radius = i % 2 ? inner : outer;
    return [x * radius, y * radius];
  });

const arm = 0.4;
/** @type {Pair[]} */
const plus = [
  [-arm, -1.1], [arm, -1.1], [arm, -arm], [1.1, -arm], [1.1, arm], [arm, arm],
  [arm, 1.1], [-arm, 1.1], [-arm, arm], [-1.1, arm], [-1.1, -arm], [-arm, -arm],
];
/** @type {Pair[]} */
const hourglass = [[-1, -1.2], [1, -1.2], [0.2, 0], [1, 1.2], [-1, 1.2], [-0.2, 0]];

/**
 * Corners of each mark around (0, 0), of about unit radius; null is a circle.
 * @type {Record<string, ?Pair[]>}
 */
const CORNERS = {
  circle: null,
  square: turn(4, 1.2, 45),
  triangle: turn(3, 1.3),
  diamond: turn(4, 1.25),
  star: star(5, 1.3, 0.5),
  hexagon: turn(6, 1.1),
  down: turn(3, 1.3, 90),
  plus,
  cross: plus.map(([x, y]) => [(x - y) * 0.75, (x + y) * 0.75]),
  left: turn(3, 1.3, 180),
  right: turn(3, 1.3, 0),
  pentagon: turn(5, 1.15),
  hourglass,
  bowtie: hourglass.map(([x, y]) => [y, x]),
  star4: star(4, 1.4, 0.45),
  star6: star(6, 1.3, 0.65),
  chevron: [[-1.1, 0.2], [0, -1.1], [1.1, 0.2], [1.1, 1.1], [0, -0.1], [-1.1, 1.1]],
  house: [[-1, 1], [-1, -0.2], [0, -1.2], [1, -0.2], [1, 1]],
  bar: [[-1.3, -0.5], [1.3, -0.5], [1.3, 0.5], [-1.3, 0.5]],
  pillar: [[-0.5, -1.3], [0.5, -1.3], [0.5, 1.3], [-0.5, 1.3]],
  trapezoid: [[-0.6, -0.9], [0.6, -0.9], [1.3, 0.9], [-1.3, 0.9]],
  kite: [[0, -1.3], [0.8, -0.4], [0, 1.4], [-0.8, -0.4]],
};

/**
 * Adds a mark to the current path of a context; a saltire is two lines.
 * @param {Outline} context
 * @param {string} mark
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function addMark(context, mark, x, y, radius) {
  if (traceMark(context, mark, x, y, radius)) context.closePath();
}

/**
 * Adds a mark to a path that is only filled; whether its last line is still open. Browsers
 * look at the whole path to close it: among thousands of marks, that is the most work.
 * @param {Outline} context
 * @param {string} mark
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function traceMark(context, mark, x, y, radius) {
  if (mark === "saltire") {
    for (const turned of [-1, 1]) {
      context.moveTo(x - radius, y - turned * radius);
      context.lineTo(x + radius, y + turned * radius);
    }
    return false;
  }
  const corners = CORNERS[mark];
  if (!corners) {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return false;
  }
  corners.forEach(([a, b], i) => {
    if (i) context.lineTo(x + radius * a, y + radius * b);
    else context.moveTo(x + radius * a, y + radius * b);
  });
  return true;
}

/**
 * A mark as a small inline picture for a card.
 * @param {string} mark
 * @param {string} colour
 */
export function markPicture(mark, colour) {
  const corners = CORNERS[mark];
  const shape = corners
    ? `<polygon points="${corners.map(([x, y]) => `${6 * x},${6 * y}`).join(" ")}"/>`
    : '<circle r="6"/>';
  const style = `fill: ${lineStyle(colour)}; stroke: ${edgeStyle(colour, "none")}`;
  return `<svg viewBox="-9 -9 18 18" aria-hidden="true" class="mark" style="${style}">${shape}</svg>`;
}
