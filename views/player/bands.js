// The losses of many runs: the band that holds most of them, their median and mean.

import { Axis, clipped, lossAxis, short } from "./axis.js";
import { follow } from "./canvas.js";
import { strokeLosses } from "./curves.js";
import { addMark, markPicture } from "./marks.js";
import { fillAs, wordStyle, wordsOf } from "./palette.js";
import { PicturePanel } from "./panel.js";

const MARGIN = { left: 58, right: 12, top: 10, bottom: 22 };
/**
 * What a study says of a setting that it has and the race has not.
 * @type {Record<string, (value: number) => string>}
 */
const OWN = {
  noise: (value) => `The race has no noise. This study adds some of its own: σ = ${short(value)}.`,
  batch: (value) => `The race takes all samples. This study takes batches of its own: ${value} at a time.`,
};
const MARK_EVERY = 110; // pixels between two marks of a line
const ROW = 19; // pixels of a line of the table below
const MEAN = [6, 4];
const RACE = [1, 3];

/**
 * A loss in as few characters as a table has room for.
 * @param {number} loss
 */
const cell = (loss) => (loss === Infinity ? "> 3e38" : loss === -Infinity ? "< −3e38" : short(loss));

/** @param {CrowdStudy} study */
const ownNotes = ({ own }) => Object.entries(own).map(([key, value]) => OWN[key](value));

/**
 * The parts of a run's band: its lower border, the median, its upper border.
 * @param {CrowdStudy} study
 * @param {CrowdRun} run
 */
function partsOf({ steps }, { band }) {
  return [0, 1, 2].map((k) => band.subarray(k * (steps + 1), (k + 1) * (steps + 1)));
}

/**
 * The table: what is left after the last step, and what a mean would be worth.
 * @param {CrowdStudy} study
 */
function tableOf(study) {
  const { runs, base, quantiles } = study;
  const head = {
    optimizer: "",
    median: "The middle one of all last losses",
    [`${100 * quantiles[0]}–${100 * quantiles[2]}%`]: "Eight of ten last losses lie in this range",
    mean: "The mean of all last losses",
    "at mean point": "The loss at the mean of all last points: an ensemble's average",
    outside: "Runs that are outside the domain after the last step",
  };
  /** @type {(run: CrowdRun) => [Look, ...string[]]} */
  const row = (run) => {
    const [low, median, high] = partsOf(study, run).map((part) => cell(base + part[study.steps]));
    const middle = run.middle_loss === undefined ? "none" : cell(run.middle_loss);
    const mean = cell(base + run.mean[study.steps]);
    return [run.look, median, `${low} to ${high}`, mean, middle, `${run.gone} of ${run.runs}`];
  };
  return { head, rows: runs.map(row) };
}

class BandsPicture {
  /** @type {(study: CrowdStudy, width: number) => Pair} */
  static size = (_study, width) => [width, 430];

  /**
   * `below` are pixels that are kept free below.
   * @param {CrowdStudy} study
   * @param {Moment} moment
   * @param {import("./paper.js").Paper} paper
   * @param {number} [below]
   */
  constructor(study, { race }, paper, below = 0) {
    const { runs, steps, known } = study;
    this.study = study;
    this.race = race;
    this.paper = paper;
    const box = paper.box(MARGIN);
    box.bottom -= below;
    this.box = box;
    const along = { low: 0, high: steps, from: box.left, to: box.right };
    this.x = new Axis({ scale: "linear", ...along, label: "step" });
    // About what the runs begin with: the highest quantile there that is a number.
    const firsts = runs.map((run) => partsOf(study, run).findLast(([loss]) => Number.isFinite(loss)));
    this.y = lossAxis({
      series: runs.map((run) => run.band),
      first: Math.max(0, ...firsts.map((part) => part?.[0] ?? 0)),
      known,
      from: box.bottom,
      to: box.top,
      label: known ? "loss − minimum" : "loss",
    });
  }

  draw() {
    const { paper, box, x, y, study, race } = this;
    paper.axes(box, x, y);
    paper.within(box, () => {
      for (const run of study.runs) this.#band(run);
      for (const run of study.runs) this.#lines(run, race.runs.find(({ key }) => key === run.key));
    });
  }

  /** @param {CrowdRun} run */
  #band(run) {
    const { x, y, box, study } = this;
    const { context } = this.paper;
    const [low, , high] = partsOf(study, run);
    context.beginPath();
    // An infinite border lies beyond the picture, not nowhere.
    /** @param {number} loss */
    const row = (loss) => {
      if (loss === -Infinity) return box.bottom + 9;
      return Number.isFinite(loss) ? y.at(loss) : box.top - 9;
    };
    high.forEach((loss, step) => context.lineTo(x.at(step), row(loss)));
    for (let step = low.length - 1; step >= 0; step -= 1) context.lineTo(x.at(step), row(low[step]));
    context.globalAlpha = 0.2;
    context.fillStyle = wordsOf(run.look.colour, this.paper.palette);
    context.fill();
    context.globalAlpha = 1;
  }

  /**
   * @param {CrowdRun} run
   * @param {Run | undefined} own  the same entry in the race
   */
  #lines(run, own) {
    const { x, y, paper } = this;
    const { context } = paper;
    const [, median] = partsOf(this.study, run);
    /** @type {(losses: Float32Array, width: number, dash: number[]) => void} */
    const stroke = (losses, width, dash) => {
      context.lineWidth = width;
      context.setLineDash(dash);
      strokeLosses(paper, losses, run.look.colour, x, y);
    };
    stroke(median, 2.2, []);
    this.#marks(run, median);
    stroke(run.mean, 1.2, MEAN);
    if (own) stroke(own.excess, 1, RACE);
    context.setLineDash([]);
  }

  /**
   * The optimizer's mark along its median: not by colour alone.
   * @param {CrowdRun} run
   * @param {Float32Array} median
   */
  #marks(run, median) {
    const { x, y } = this;
    const { context } = this.paper;
    context.beginPath();
    const every = Math.max(1, Math.round((MARK_EVERY / (x.to - x.from)) * median.length));
    for (let step = every >> 1; step < median.length; step += every) {
      if (Number.isFinite(median[step])) addMark(context, run.look.mark, x.at(step), y.at(median[step]), 4);
    }
    fillAs(context, run.look.colour, this.paper.palette);
  }

  /** @returns {LegendItem[]} */
  get legend() {
    const { race, study, paper } = this;
    const { muted: colour } = paper.palette;
    const raced = race.runs.some(({ key }) => study.runs.some((run) => run.key === key));
    return [
      { line: true, colour, width: 2.2, text: "median" },
      { line: true, colour, width: 1.2, dash: MEAN, text: "mean" },
      { swatch: true, colour, light: 0.3, text: "10% to 90%" },
      ...(raced ? [{ line: true, colour, width: 1, dash: RACE, text: "the race itself" }] : []),
    ];
  }

  /** @returns {string[]} */
  get notes() {
    return [...clipped(this.y, this.study.runs.map(({ band }) => band)), ...ownNotes(this.study)];
  }

  /** @returns {NumberTable} */
  get table() {
    const { head, rows } = tableOf(this.study);
    return { head: Object.keys(head), rows };
  }
}

/** @extends {PicturePanel<CrowdStudy, BandsPicture>} */
export class BandsView extends PicturePanel {
  static Picture = BandsPicture;

  /**
   * @param {HTMLElement} host
   * @param {(step: number) => void} onSeek  a step was chosen
   */
  constructor(host, onSeek) {
    super(host);
    this.said = document.createElement("p");
    this.said.className = "said";
    this.line = document.createElement("div");
    this.line.className = "playhead";
    this.table = document.createElement("table");
    host.append(this.line, this.said, this.table);
    follow(host, () => {
      if (!this.picture) return null;
      return (at) => {
        if (this.picture) onSeek(stepAt(at, this.picture));
      };
    });
  }

  clear() {
    super.clear();
    this.line.hidden = true;
    this.table.replaceChildren();
    this.said.textContent = "";
  }

  /** @param {Given} given */
  receive(given) {
    super.receive(given);
    const { study } = this;
    if (!study) return;
    this.said.textContent = study.runs.length ? ownNotes(study).join(" ") : "";
    const { head, rows } = tableOf(study);
    const titles = Object.values(head);
    /** @type {(cells: string[], tag: "th" | "td") => HTMLElement[]} */
    const cellsOf = (cells, tag) =>
      cells.map((text, i) => Object.assign(document.createElement(tag), { textContent: text, title: titles[i] }));
    const lines = rows.map(([look, ...cells]) => {
      const [first, ...others] = cellsOf(["", ...cells], "td");
      first.innerHTML = `${markPicture(look.mark, look.colour)} `;
      first.append(look.label);
      first.style.color = wordStyle(look.colour);
      return [first, ...others];
    });
    this.table.replaceChildren(
      ...[cellsOf(Object.keys(head), "th"), ...lines].map((cells) => {
        const line = document.createElement("tr");
        line.append(...cells);
        return line;
      }),
    );
  }

  /** @param {Moment} moment */
  depends({ race }) {
    return [race];
  }

  /**
   * @param {Moment} moment
   * @param {CrowdStudy} study
   */
  pictured(moment, study) {
    const below = this.table.offsetHeight || ROW * (study.runs.length + 1);
    return new BandsPicture(study, moment, this.canvas, below);
  }

  /**
   * Shows the bands, with the losses of the race.
   * @param {Moment} moment
   */
  draw(moment) {
    super.draw(moment);
    this.line.hidden = !this.picture;
    if (!this.picture) return;
    const { x, box } = this.picture;
    this.line.style.transform = `translateX(${x.at(moment.step)}px)`;
    this.line.style.bottom = `${this.canvas.height - box.bottom}px`;
  }

  /**
   * @param {Pair} at
   * @param {BandsPicture} picture
   */
  read(at, picture) {
    if (at[1] > picture.box.bottom) return null;
    const { study } = picture;
    const { base, runs } = study;
    const step = stepAt(at, picture);
    /** @type {(run: CrowdRun) => TipLine} */
    const line = (run) => {
      const [low, median, high] = partsOf(study, run).map((part) => short(base + part[step]));
      return [`${run.look.short} ${median} (${low} to ${high})`, run.look.colour];
    };
    /** @type {TipLine[]} */
    const lines = [[`step ${step}: median (10–90%)`]];
    return lines.concat(runs.map(line));
  }
}

/**
 * The step at some pixels.
 * @param {Pair} at
 * @param {BandsPicture} picture
 */
const stepAt = ([px], { study, x }) => Math.round(Math.min(Math.max(x.value(px), 0), study.steps));
