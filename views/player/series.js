// A chart of what the page computes of each run, step by step (views/charts.py): the
// distance to the nearest minimum, the length of each step, and so on.

import { Axis, short, textScale } from "./axis.js";
import { track } from "./geometry.js";
import { Heads } from "./heads.js";
import { Layer, blank } from "./layer.js";
import { palette, wordStyle } from "./palette.js";
import { Panel } from "./panel.js";
import { Paper, drawPlayhead } from "./paper.js";
import { Trails } from "./trails.js";
import { setData } from "./write.js";

const MARGIN = { left: 58, right: 74, top: 8, bottom: 20 };
const NAMED = 230; // pixels of height from which an axis has the chart's name, too
const DECADES = 14; // at most, below the largest
const TEMPLATE = '<div class="playhead"></div><p class="lacking"></p><div class="tip" hidden></div>';

/**
 * @typedef {object} Scale
 * @property {Box} box
 * @property {Axis} x
 * @property {Axis} y
 * @property {string} key  which line is which, where a run has several
 */

export class SeriesView extends Panel {
  /** @type {?RaceChart} */
  #chart = null;
  /** @type {?Race} */
  #race = null;
  /** @type {?Scale} */
  #scale = null;
  /** @type {Trail[]} */
  #tracks = [];
  /** @type {unknown[]} */
  #drawn = [];
  #last = 0; // step of which the numbers may be read

  /**
   * @param {HTMLElement} host
   * @param {string} name  of the chart
   * @param {(step: number) => void} onSeek
   */
  constructor(host, name, onSeek) {
    super(host);
    this.name = name;
    host.innerHTML = TEMPLATE;
    host.dataset.testid = `chart-${name}`;
    this.trails = new Trails(host, () => this.#scale && this.paper && drawAxes(this.paper, this.#scale));
    this.line = host.querySelector(".playhead");
    this.lacking = host.querySelector(".lacking");
    this.tip = host.querySelector(".tip");
    /** @param {PointerEvent} event */
    const seek = (event) => {
      if (this.#scale && this.#race) onSeek(this.#stepAt(event, this.#race, this.#scale));
    };
    host.addEventListener("pointerdown", (event) => {
      host.setPointerCapture(event.pointerId);
      seek(event);
    });
    host.addEventListener("pointermove", (event) => {
      if (event.buttons) seek(event);
      this.#read(event);
    });
    host.addEventListener("pointerleave", () => {
      this.tip.hidden = true;
    });
  }

  /** @param {Given} given */
  receive({ page }) {
    if (page) this.#chart = page.charts[this.name];
    if (this.#chart) setData(this.host, "what", this.#chart.meaning);
    this.#drawn = [];
  }

  resize() {
    if (this.trails.resize(this.host.clientWidth, this.host.clientHeight)) {
      this.#drawn = [];
      this.#scale = null; // it is of another size, or theme
    }
  }

  /** @param {Moment} moment */
  draw({ race, step, odd, asked }) {
    this.#last = asked ? Math.floor(step) : race.steps;
    const chart = this.#chart;
    if (!this.trails.width || !chart) return;
    const eager = !odd;
    if (eager && race !== this.#drawn[0]) {
      this.#drawn = [race];
      this.#race = race;
      this.lacking.textContent = chart.lacking;
      this.#scale = this.#scaled(race, chart);
      this.#tracks = traced(race, this.name, chart, this.#scale);
    }
    if (!this.#scale) return;
    this.line.style.transform = `translateX(${this.#scale.x.at(step)}px)`;
    this.trails.show(this.#tracks, step, eager);
  }

  /**
   * A run's numbers, how many there are of each series, and how many series.
   * @param {Run} run
   */
  #series(run) {
    return seriesOf(run, this.name, this.#chart);
  }

  /**
   * @param {Race} race
   * @param {RaceChart} chart
   * @returns {Scale}
   */
  #scaled(race, chart) {
    const { context, width, height } = this.trails;
    this.paper = new Paper(context, { width, height, palette, text: textScale() });
    const scale = scaled(this.paper, race, this.name, chart);
    this.line.style.bottom = `${height - scale.box.bottom}px`;
    this.trails.besideList(areaOf(this.paper, scale), scale.box.right);
    return scale;
  }

  /**
   * @param {Moment} moment
   * @returns {?Drawing}
   */
  drawing({ race }) {
    const chart = this.#chart;
    if (!chart) return null;
    return (paper) => {
      const scale = scaled(paper, race, this.name, chart);
      const tracks = traced(race, this.name, chart, scale);
      const layer = new Layer(paper, (under) => {
        blank(under);
        drawAxes(under, scale);
        if (chart.lacking) under.notice(chart.lacking);
      });
      const heads = new Heads(paper);
      return (step) => {
        layer.draw(tracks, step);
        drawPlayhead(paper, scale.box, scale.x.at(step));
        heads.draw(tracks, step, areaOf(paper, scale));
      };
    };
  }

  /**
   * @param {PointerEvent} event
   * @param {Race} race
   * @param {Scale} scale
   */
  #stepAt(event, race, { box }) {
    const px = event.clientX - this.host.getBoundingClientRect().left;
    const part = (px - box.left) / (box.right - box.left);
    return Math.round(Math.min(Math.max(part, 0), 1) * race.steps);
  }

  /** @param {PointerEvent} event */
  #read(event) {
    const race = this.#race;
    if (!this.#scale || !race || !this.#chart) return;
    const { columns: names, factors } = this.#chart;
    const step = Math.min(this.#stepAt(event, race, this.#scale), this.#last);
    this.tip.replaceChildren(
      Object.assign(document.createElement("b"), { textContent: `step ${step} · ${this.#chart.label}` }),
      ...race.runs.map((run) => {
        const { values, columns, count } = this.#series(run);
        const at = Math.min(step, count - 1);
        const texts = Array.from({ length: columns }, (_, i) => {
          const value = values[at * columns + i];
          const next = at < this.#last ? values[(at + 1) * columns + i] : NaN;
          const factor = factors && value && Number.isFinite(next) ? ` (× ${short(next / value)})` : "";
          const text = value === undefined || Number.isNaN(value) ? "–" : short(value) + factor;
          return names.length ? `${names[i]} ${text}` : text;
        });
        return Object.assign(document.createElement("span"), {
          textContent: `${run.look.short} ${texts.join(" · ")}`,
          style: `color: ${wordStyle(run.look.colour)}`,
        });
      }),
    );
    this.tip.hidden = false;
    const at = this.#scale.x.at(step);
    const left = at < this.trails.width / 2;
    this.tip.style.left = left ? `${at + 10}px` : "";
    this.tip.style.right = left ? "" : `${this.trails.width - at + 10}px`;
  }
}

/**
 * A run's numbers, how many there are of each series, and how many series.
 * @param {Run} run
 * @param {string} name  of the chart
 * @param {?RaceChart} chart
 */
function seriesOf(run, name, chart) {
  const values = run.charts?.[name] ?? new Float32Array(0);
  const columns = Math.max(chart?.columns.length ?? 0, 1);
  return { values, columns, count: values.length / columns };
}

/**
 * Where labels may stand.
 * @param {Paper} paper
 * @param {Scale} scale
 * @returns {Box}
 */
const areaOf = ({ width }, { box }) => ({ left: box.left, top: 0, right: width, bottom: box.bottom });

/**
 * @param {Paper} paper
 * @param {Race} race
 * @param {string} name
 * @param {RaceChart} chart
 * @returns {Scale}
 */
function scaled(paper, race, name, chart) {
  const box = paper.box(MARGIN);
  const whole = chart.label.startsWith(chart.axis) ? chart.label : `${chart.label}, ${chart.axis}`;
  const places = { from: box.bottom, to: box.top, label: box.bottom - box.top > paper.grown(NAMED) ? whole : chart.axis };
  const [low, high] = rangeOf(race.runs.map((run) => seriesOf(run, name, chart).values), chart.log);
  const y = new Axis({ scale: chart.log ? "log" : "linear", low, high, ...places });
  const [solid, ...dashed] = chart.columns;
  const key = dashed.length ? `solid ${solid}, dashed ${dashed}` : "";
  return { box, x: new Axis({ scale: "linear", low: 0, high: race.steps, from: box.left, to: box.right }), y, key };
}

/**
 * The lines of a chart, as trails.
 * @param {Race} race
 * @param {string} name
 * @param {RaceChart} chart
 * @param {Scale} scale
 * @returns {Trail[]}
 */
function traced(race, name, chart, { x, y }) {
  /** @type {[Pair, Pair]} */
  const box = [[0, race.steps], [y.low, y.high]];
  const all = Array.from({ length: Math.max(chart.columns.length, 1) }, (_, i) => i);
  return all.flatMap((column) =>
    race.runs.map((run) => {
      const { values, columns, count } = seriesOf(run, name, chart);
      /** @type {(i: number) => number} */
      const place = (i) => y.place(values[i * columns + column]);
      return {
        ...track(
          count,
          (i, out) => {
            out[0] = i;
            out[1] = place(i);
          },
          box,
          (point, out, at) => {
            out[at] = x.at(point[0]);
            out[at + 1] = y.pixel(point[1]);
          },
        ),
        ...run.look,
        label: column ? null : run.look.short,
        dashed: column > 0,
        contains: (/** @type {number} */ i) => place(i) >= y.low && place(i) <= y.high,
      };
    }),
  );
}

/**
 * @param {Paper} paper
 * @param {Scale} scale
 */
function drawAxes(paper, { box, x, y, key }) {
  const { context, palette: colours } = paper;
  context.save();
  context.font = paper.font();
  context.fillStyle = colours.muted;
  paper.axes(box, x, y);
  context.textAlign = "right";
  context.textBaseline = "top";
  context.fillText("step", paper.width - 6, box.bottom + 5);
  context.fillText(key, box.right - 6, box.top + 3);
  context.restore();
}

/**
 * The range of an axis that holds all numbers of some series, as the axis counts: powers of
 * ten where it is logarithmic. Of what spans very many, the upper ones.
 * @param {Float32Array[]} series
 * @param {boolean} log
 * @returns {Pair}
 */
export function rangeOf(series, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of series) {
    for (const value of values) {
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return log ? [0, 1] : [0, 1];
  if (!log) return low === high ? [low - 1, high + 1] : [Math.min(low, 0), high];
  const top = Math.ceil(Math.log10(high) + 0.05);
  return [Math.max(Math.floor(Math.log10(low) - 0.05), top - DECADES), top];
}
