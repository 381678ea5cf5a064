// What lies on the map and on the surface besides, in a file: the very panels that show it on
// the page, of which each draws in an element off the screen.

import { AroundView } from "./around.js";
import { Arrows, MapArrows, onSurface } from "./arrows.js";
import { offscreen, replay } from "./replay.js";

const PAD = 7; // pixels beside the factors of arrows
const WIDE = 1.4; // times its height

/** @typedef {import("./paper.js").Paper} Paper */

/**
 * What lies on the map: fields and lines under the trails, arrows over them.
 * @param {HTMLElement} parent  what elements are put into
 * @param {Moment} moment
 * @param {Merged} page
 * @returns {import("./drawnmap.js").Shown["overlays"]}
 */
export const onMap = (parent, moment, page) => (paper, landscape, frameOf, heads) => {
  const shown = { ...moment, frameOf: (/** @type {string} */ entry) => frameOf(entry) ?? null, namesOn: () => heads.names };
  const around = page.show.length || moment.race.runs.some(({ region }) => region) ? new AroundView(offscreen(parent, paper), () => {}) : null;
  around?.receive({ page, landscape });
  const arrows = moment.arrows.length ? new MapArrows(offscreen(parent, paper)) : null;
  return {
    under: around ? [drawn(around, shown)] : [],
    over: arrows ? [drawn(arrows, shown), factors(arrows)] : [],
  };
};

/**
 * What lies on the surface.
 * @param {HTMLElement} parent
 * @param {Moment} moment
 * @returns {import("./drawnscene.js").ShownScene["overlays"]}
 */
export const onScene = (parent, moment) => (paper, matrix, box, heads) => {
  const grid = moment.arrows.length ? moment.grid() : null;
  if (!grid) return [];
  const arrows = new Arrows(offscreen(parent, paper));
  const toPixel = onSurface(grid, matrix, box);
  const { domain } = moment;
  const size = box.width / 2;
  /** @type {Draw} */
  const draw = (step, on = paper) => {
    arrows.paint(moment.arrows, step, moment.stage, matrix.join(), heads.names, () => ({
      unit: [size / (domain[1] - domain[0]), size / (domain[3] - domain[2])],
      placed: moment.arrows.map((inspection) => ({ inspection, at: inspection.stepAt(step), toPixel, frame: null })),
    }));
    replay(arrows.svg, on);
  };
  return [draw, factors(arrows)];
};

/**
 * What a panel shows at a step.
 * @param {AroundView | MapArrows} panel
 * @param {Moment} moment
 * @returns {Draw}
 */
const drawn = (panel, moment) => (step, paper) => {
  panel.draw({ ...moment, step });
  if (paper) replay(panel.svg, paper);
};

/**
 * What arrows are drawn larger or smaller by, as the page says it.
 * @param {Arrows} arrows
 * @returns {Draw}
 */
const factors = (arrows) => (_, paper) => {
  const text = arrows.factors.textContent;
  if (!text || !paper) return;
  const { context, palette, letters } = paper;
  context.save();
  context.font = `400 ${0.92 * letters}px 'Source Sans', sans-serif`;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const { width } = context.measureText(text);
  // A wide paper has room at the left of the map, and its scale at the right.
  const right = paper.width > WIDE * paper.height ? width + 2 * PAD : paper.width - 60 - PAD;
  const middle = paper.height - 36 * paper.text - 1.1 * letters;
  context.globalAlpha = 0.85;
  context.fillStyle = palette.page;
  context.fillRect(right - width - PAD, middle - 0.7 * letters, width + 2 * PAD, 1.4 * letters);
  context.globalAlpha = 1;
  context.fillStyle = palette.ink;
  context.fillText(text, right, middle);
  context.restore();
};
