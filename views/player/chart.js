// Charts that a part of a study declares (views/studies/chart.py): lines, points or heat
// maps of its arrays, which need no drawing code of their own.

import { Axis, short } from "./axis.js";
import { cellAt, cellPicture, drawCells, mixed, rgb } from "./canvas.js";
import { addMark } from "./marks.js";
import { fillAs } from "./palette.js";
import { PicturePanel } from "./panel.js";
import { panelPlaces } from "./panels.js";

const MARGIN = { left: 58, right: 14, top: 12, bottom: 22 };
const AROUND = { left: 58, right: 14, top: 24, bottom: 46 }; // one of several panels
const RATIO = 1.3; // of such a panel's width to its height
const MARK_EVERY = 90; // pixels between two marks of a line
/** @type {Record<string, (value: number) => boolean>} */
const SEEN = { log: (value) => value > 0 && value < Infinity, linear: Number.isFinite };

/** @typedef {number[] | Float32Array} Values */

/**
 * The values of an array of a run.
 * @param {ChartRun} run
 * @param {string} name
 */
const valuesOf = (run, name) => /** @type {Values} */ (run[name]);

/**
 * An axis over all values that can be seen on it.
 * @param {Iterable<number>} values
 * @param {boolean} log
 * @param {number} from
 * @param {number} to
 * @param {string} label
 */
function axisOver(values, log, from, to, label) {
  const scale = log ? "log" : "linear";
  /** @type {(value: number) => number} */
  const place = log ? Math.log10 : (value) => value;
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!SEEN[scale](value)) continue;
    low = Math.min(low, place(value));
    high = Math.max(high, place(value));
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  return new Axis({ scale, low, high, from, to, label });
}

/**
 * With some room beyond the highest and the lowest.
 * @param {Axis} axis
 */
function roomy(axis) {
  const room = 0.05 * (axis.high - axis.low);
  axis.low -= room;
  axis.high += room;
  return axis;
}

class SeriesPicture {
  /** @type {(study: ChartStudy, width: number) => Pair} */
  static size = (_study, width) => [width, 470];

  /**
   * @param {ChartStudy} study
   * @param {ChartSpec} chart
   * @param {import("./paper.js").Paper} paper
   */
  constructor(study, chart, paper) {
    this.study = study;
    this.chart = chart;
    this.paper = paper;
    const box = (this.box = paper.box(MARGIN));
    this.xs = study.axes[chart.x];
    this.x = axisOver(this.xs, chart.log_x, box.left, box.right, chart.x_label || chart.x);
    const all = study.runs.flatMap((run) => [...valuesOf(run, chart.y)]);
    this.y = roomy(axisOver(all, chart.log_y, box.bottom, box.top, chart.y_label || chart.y));
  }

  draw() {
    const { paper, box, x, y, study } = this;
    paper.axes(box, x, y);
    paper.within(box, () => {
      for (const run of study.runs) this.#run(run);
    });
  }

  /** @param {ChartRun} run */
  #run(run) {
    const { paper, chart, box, x, y } = this;
    const { context } = paper;
    const { colour, mark } = run.look;
    const points = chart.kind === "points";
    const path = paper.path();
    let drawing = false;
    let marked = box.left - MARK_EVERY;
    context.beginPath();
    valuesOf(run, chart.y).forEach((value, i) => {
      const seen = SEEN[y.scale](value);
      if (seen) {
        /** @type {Pair} */
        const at = [x.at(this.xs[i]), y.at(value)];
        if (drawing) path.lineTo(...at);
        else path.moveTo(...at);
        if (points || at[0] - marked >= MARK_EVERY) {
          marked = at[0];
          addMark(context, mark, ...at, 4);
        }
      }
      drawing = seen;
    });
    fillAs(context, colour, paper.palette);
    if (!points) paper.stroke(path, colour, 0.35);
  }

  /**
   * @param {Pair} at
   * @returns {TipLine[]}
   */
  read([px]) {
    const { study, chart, xs, x } = this;
    const at = x.value(px);
    /** @param {number} i */
    const near = (i) => Math.abs(x.at(xs[i]) - x.at(at));
    const i = Array.from(xs, (_, k) => k).reduce((best, k) => (near(k) < near(best) ? k : best), 0);
    /** @type {(run: ChartRun) => TipLine} */
    const line = (run) => [`${run.look.short} ${short(valuesOf(run, chart.y)[i])}`, run.look.colour];
    return [[`${x.label} ${short(xs[i])}`], ...study.runs.map(line)];
  }

  get legend() {
    const line = this.chart.kind === "lines";
    return this.study.runs.map(({ look }) => ({ ...look, line, text: look.label }));
  }

  get notes() {
    const hidden = this.study.runs.some((run) => ![...valuesOf(run, this.chart.y)].every(SEEN[this.y.scale]));
    return hidden ? ["Values that this axis cannot show are left out."] : [];
  }
}

class HeatMapPicture {
  /** @type {(study: ChartStudy, width: number) => Pair} */
  static size = ({ runs }, width) => [width, 60 + 330 * Math.ceil(runs.length / 3)];

  /**
   * @param {ChartStudy} study
   * @param {ChartSpec} chart
   * @param {import("./paper.js").Paper} paper
   */
  constructor(study, chart, paper) {
    this.study = study;
    this.chart = chart;
    this.paper = paper;
    const { axes, runs } = study;
    const name = (this.name = chart.z ?? "");
    const every = runs.flatMap((run) => [...valuesOf(run, name)]);
    this.z = axisOver(every, Boolean(chart.log_z), 0, 1, chart.z_label || name);
    const room = paper.room(AROUND);
    this.panels = panelPlaces(runs.length, RATIO, paper.width, paper.height, room).map((place, i) => {
      const { left, top, width, height } = place;
      const box = { left, top, right: left + width, bottom: top + height };
      const x = axisOver(axes[chart.x], chart.log_x, left, box.right, chart.x_label || chart.x);
      const y = axisOver(axes[chart.y], chart.log_y, box.bottom, top, chart.y_label || chart.y);
      return { run: runs[i], place, box, x, y };
    });
  }

  draw() {
    const { paper, study, z } = this;
    const { context, palette } = paper;
    for (const { run, place, box, x, y } of this.panels) {
      paper.axes(box, x, y, [60, 30]);
      paper.heading(study.runs.length > 5 ? run.look.short : run.look.label, run.look, box);
      paper.within(box, () => drawCells(context, this.#cells(run), place));
      const row = box.bottom + paper.grown(24);
      const wide = Math.min(90, (box.right - box.left) / 3);
      paper.bar(palette.steps, box.left, row, wide, 9);
      context.font = paper.font();
      context.textBaseline = "middle";
      context.textAlign = "left";
      context.fillStyle = palette.muted;
      const ends = [0, 1].map((at) => short(z.value(at))).join(" to ");
      context.fillText(`${z.label} ${ends}`, box.left + wide + 8, row + 5, box.right - box.left - wide - 8);
    }
  }

  /** @param {ChartRun} run */
  #cells(run) {
    const { study, chart, z, paper } = this;
    const [width, height] = [study.axes[chart.x].length, study.axes[chart.y].length];
    const image = new ImageData(width, height);
    const ramp = paper.palette.steps.map(rgb);
    const none = rgb(paper.palette.ends.descending);
    valuesOf(run, this.name).forEach((value, i) => {
      const row = height - 1 - Math.floor(i / width);
      const colour = SEEN[z.scale](value) ? mixed(ramp, z.at(value)) : none;
      image.data.set([...colour, 255], 4 * (row * width + (i % width)));
    });
    return cellPicture(image);
  }

  /**
   * @param {Pair} at
   * @returns {?TipLine[]}
   */
  read([px, py]) {
    const { study, chart } = this;
    const panel = this.panels.find(
      ({ box }) => px >= box.left && px <= box.right && py >= box.top && py <= box.bottom,
    );
    if (!panel) return null;
    const { run, box, x, y } = panel;
    const [xs, ys] = [study.axes[chart.x], study.axes[chart.y]];
    const column = cellAt((px - box.left) / (box.right - box.left), xs.length);
    const row = cellAt((box.bottom - py) / (box.bottom - box.top), ys.length);
    return [
      [`${this.z.label} ${short(valuesOf(run, this.name)[row * xs.length + column])}`, run.look.colour],
      [`${x.label} ${short(xs[column])}`],
      [`${y.label} ${short(ys[row])}`],
    ];
  }

  /** @type {LegendItem[]} */
  legend = [];
  /** @type {string[]} */
  notes = [];
}

/** @typedef {Study<ChartRun>} ChartStudy */

/** @extends {PicturePanel<ChartStudy, SeriesPicture | HeatMapPicture>} */
export class ChartView extends PicturePanel {
  /**
   * @param {HTMLElement} host
   * @param {ChartSpec} chart  the declaration
   */
  constructor(host, chart) {
    super(host);
    this.chart = chart;
  }

  get Picture() {
    const { chart } = this;
    if (chart.kind !== "heatmap") {
      return class extends SeriesPicture {
        /**
         * @param {ChartStudy} study
         * @param {Moment} _moment
         * @param {import("./paper.js").Paper} paper
         */
        constructor(study, _moment, paper) {
          super(study, chart, paper);
        }
      };
    }
    return class extends HeatMapPicture {
      /**
       * @param {ChartStudy} study
       * @param {Moment} _moment
       * @param {import("./paper.js").Paper} paper
       */
      constructor(study, _moment, paper) {
        super(study, chart, paper);
      }
    };
  }

  /**
   * @param {Pair} at
   * @param {SeriesPicture | HeatMapPicture} picture
   */
  read(at, picture) {
    return picture.read(at);
  }
}
