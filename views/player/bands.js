// @ts-nocheck
// The losses of many runs: the band that holds most of them, their median and mean.

import { Axis, clipped, lossAxis, short } from "./axis.js";
import { follow } from "./canvas.js";
import { strokeLosses } from "./curves.js";
import { addMark, markPicture } from "./marks.js";
import { Panel } from "./panel.js";

const MARGIN = { left: 58, right: 12, top: 10, bottom: 22 };
/** What a study says of a setting that it has and the race has not. */
const OWN = {
  noise: (value) => `The race has no noise. This study adds some of its own: σ = ${short(value)}.`,
  batch: (value) => `The race takes all samples. This study takes batches of its own: ${value} at a time.`,
};
const MARK_EVERY = 110; // pixels between two marks of a line
const ROW = 19; // pixels of a line of the table below
const MEAN = [6, 4];
const RACE = [1, 3];

/** A loss in as few characters as a table has room for. */
const cell = (loss) => (loss === Infinity ? "> 3e38" : loss === -Infinity ? "< −3e38" : short(loss));

const ownNotes = ({ own }) => Object.entries(own).map(([key, value]) => OWN[key](value));

/** The parts of a run's band: its lower border, the median, its upper border. */
function partsOf({ steps }, { band }) {
  return [0, 1, 2].map((k) => band.subarray(k * (steps + 1), (k + 1) * (steps + 1)));
}

/** The table: what is left after the last step, and what a mean would be worth. */
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
  const rows = runs.map((run) => {
    const [low, median, high] = partsOf(study, run).map((part) => cell(base + part.at(-1)));
    const middle = run.middle ? cell(run.middle_loss) : "none";
    const mean = cell(base + run.mean.at(-1));
    return [run.look, median, `${low} to ${high}`, mean, middle, `${run.gone} of ${run.runs}`];
  });
  return { head, rows };
}

class BandsPicture {
  static size = (_study, width) => [width, 430];

  /** `below` are pixels that are kept free below. */
  constructor(study, { race }, paper, below = 0) {
    const { runs, steps, known } = study;
    Object.assign(this, { study, race, paper });
    const box = paper.box(MARGIN);
    box.bottom -= below;
    this.box = box;
    const along = { low: 0, high: steps, from: box.left, to: box.right };
    this.x = new Axis({ scale: "linear", ...along, label: "step" });
    // About what the runs begin with: the highest quantile there that is a number.
    const firsts = runs.map((run) => partsOf(study, run).findLast(([loss]) => Number.isFinite(loss)));
    this.y = lossAxis({
      series: runs.map((run) => run.band),
      first: Math.max(0, ...firsts.filter(Boolean).map(([loss]) => loss)),
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

  #band(run) {
    const { x, y, box, study } = this;
    const { context } = this.paper;
    const [low, , high] = partsOf(study, run);
    context.beginPath();
    // An infinite border lies beyond the picture, not nowhere.
    const row = (loss) => {
      if (loss === -Infinity) return box.bottom + 9;
      return Number.isFinite(loss) ? y.at(loss) : box.top - 9;
    };
    high.forEach((loss, step) => context.lineTo(x.at(step), row(loss)));
    for (let step = low.length - 1; step >= 0; step -= 1) context.lineTo(x.at(step), row(low[step]));
    context.globalAlpha = 0.2;
    context.fillStyle = run.look.colour;
    context.fill();
    context.globalAlpha = 1;
  }

  #lines(run, own) {
    const { x, y, paper } = this;
    const { context } = paper;
    const [, median] = partsOf(this.study, run);
    const stroke = (losses, width, dash) => {
      context.strokeStyle = run.look.colour;
      context.lineWidth = width;
      context.setLineDash(dash);
      strokeLosses(paper, losses, x, y);
    };
    stroke(median, 2.2, []);
    this.#marks(run, median);
    stroke(run.mean, 1.2, MEAN);
    if (own) stroke(own.excess, 1, RACE);
    context.setLineDash([]);
  }

  /** The optimizer's mark along its median: not by colour alone. */
  #marks(run, median) {
    const { x, y } = this;
    const { context } = this.paper;
    context.beginPath();
    const every = Math.max(1, Math.round((MARK_EVERY / (x.to - x.from)) * median.length));
    for (let step = every >> 1; step < median.length; step += every) {
      if (Number.isFinite(median[step])) addMark(context, run.look.mark, x.at(step), y.at(median[step]), 4);
    }
    context.fillStyle = run.look.colour;
    context.fill();
  }

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

  get notes() {
    return [...clipped(this.y, this.study.runs.map(({ band }) => band)), ...ownNotes(this.study)];
  }

  get table() {
    const { head, rows } = tableOf(this.study);
    return { head: Object.keys(head), rows };
  }
}

export class BandsView extends Panel {
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
    follow(host, () => this.picture && ((at) => this.picture && onSeek(this.#stepAt(at))));
  }

  clear() {
    super.clear();
    this.line.hidden = true;
    this.table.replaceChildren();
    this.said.textContent = "";
  }

  receive(study) {
    super.receive(study);
    this.said.textContent = study.runs.length ? ownNotes(study).join(" ") : "";
    const { head, rows } = tableOf(study);
    const titles = Object.values(head);
    const row = (cells, tag) => {
      const line = document.createElement("tr");
      line.append(
        ...cells.map((text, i) => Object.assign(document.createElement(tag), { textContent: text, title: titles[i] })),
      );
      return line;
    };
    this.table.replaceChildren(
      row(Object.keys(head), "th"),
      ...rows.map(([look, ...cells]) => {
        const line = row(["", ...cells], "td");
        line.firstChild.innerHTML = `${markPicture(look.mark, look.colour)} `;
        line.firstChild.append(look.label);
        line.firstChild.style.color = look.colour;
        return line;
      }),
    );
  }

  depends({ race }) {
    return [race];
  }

  pictured(moment) {
    const below = this.table.offsetHeight || ROW * (this.study.runs.length + 1);
    return new BandsPicture(this.study, moment, this.canvas, below);
  }

  /** Shows the bands, with the losses of the race. */
  show(moment) {
    super.show(moment);
    this.line.hidden = !this.picture;
    if (!this.picture) return;
    const { x, box } = this.picture;
    this.line.style.transform = `translateX(${x.at(moment.step)}px)`;
    this.line.style.bottom = `${this.canvas.height - box.bottom}px`;
  }

  #stepAt([px]) {
    const { steps } = this.study;
    return Math.round(Math.min(Math.max(this.picture.x.value(px), 0), steps));
  }

  read(at) {
    if (at[1] > this.picture.box.bottom) return null;
    const step = this.#stepAt(at);
    const { base, runs } = this.study;
    return [
      [`step ${step}: median (10–90%)`],
      ...runs.map((run) => {
        const [low, median, high] = partsOf(this.study, run).map((part) => short(base + part[step]));
        return [`${run.look.short} ${median} (${low} to ${high})`, run.look.colour];
      }),
    ];
  }
}
