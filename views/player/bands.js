// @ts-nocheck
// The losses of many runs: the band that holds most of them, their median and mean.

import { Axis, boxIn, drawAxes, lossAxis, short } from "./axis.js";
import { Canvas, Tip, follow } from "./canvas.js";
import { strokeLosses } from "./curves.js";
import { addMark, markPicture } from "./marks.js";

const MARGIN = { left: 58, right: 12, top: 10, bottom: 22 };
/** What a study says of a setting that it has and the race has not. */
const OWN = {
  noise: (value) => `The race has no noise. This study adds some of its own: σ = ${short(value)}.`,
  batch: (value) => `The race takes all samples. This study takes batches of its own: ${value} at a time.`,
};
const MARK_EVERY = 110; // pixels between two marks of a line
const ROW = 19; // pixels of a line of the table below

/** A loss in as few characters as a table has room for. */
const cell = (loss) => (loss === Infinity ? "> 3e38" : loss === -Infinity ? "< −3e38" : short(loss));

export class BandsView {
  #study = null;
  #scale = null;
  #drawn = {};

  /**
   * @param {HTMLElement} host
   * @param {(step: number) => void} onSeek  a step was chosen
   */
  constructor(host, onSeek) {
    this.host = host;
    this.canvas = new Canvas(host);
    this.said = document.createElement("p");
    this.said.className = "said";
    this.line = document.createElement("div");
    this.line.className = "playhead";
    this.table = document.createElement("table");
    host.append(this.line, this.said, this.table);
    this.tip = new Tip(host, (at) => this.#read(at));
    follow(host, () => this.#scale && ((at) => onSeek(this.#stepAt(at))));
  }

  clear() {
    this.#study = null;
    this.#scale = null;
    this.line.hidden = true;
    this.canvas.clear();
    this.table.replaceChildren();
    this.said.textContent = "";
    this.tip.hide();
  }

  /** Takes a swarm, or a cloud of seeds. */
  receive(study) {
    this.#study = study;
    this.#drawn = {};
    this.#tell();
  }

  resize() {
    if (this.canvas.resize()) this.#drawn = {};
  }

  /** Shows the bands, with the losses of the race. @param {Moment} moment */
  show({ step, race }) {
    if (!this.#study || !this.canvas.width) return;
    if (this.#drawn.study !== this.#study || this.#drawn.race !== race) {
      this.#drawn = { study: this.#study, race };
      this.#draw(race);
    }
    this.line.hidden = false;
    this.line.style.transform = `translateX(${this.#scale.x.at(step)}px)`;
    this.line.style.bottom = `${this.canvas.height - this.#scale.box.bottom}px`;
  }

  #draw(race) {
    const { runs, steps, known } = this.#study;
    const box = boxIn(this.canvas, MARGIN);
    box.bottom -= this.table.offsetHeight || ROW * (runs.length + 1);
    const place = { from: box.bottom, to: box.top };
    const x = new Axis({
      spread: "linear",
      low: 0,
      high: steps,
      from: box.left,
      to: box.right,
      label: "step",
    });
    const y = lossAxis({
      series: runs.map((run) => run.band),
      first: this.#first(),
      known,
      ...place,
      label: known ? "loss − minimum" : "loss",
    });
    this.#scale = { box, x, y };
    this.canvas.clear();
    drawAxes(this.canvas.context, box, x, y);
    this.canvas.within(box, () => {
      for (const run of runs) this.#band(run);
      for (const run of runs) this.#lines(run, race.runs.find(({ key }) => key === run.key));
    });
  }

  /** About what the runs begin with: the highest quantile there that is a number. */
  #first() {
    const { runs } = this.#study;
    const firsts = runs.map((run) => this.#parts(run).findLast(([loss]) => Number.isFinite(loss)));
    return Math.max(0, ...firsts.filter(Boolean).map(([loss]) => loss));
  }

  /** The parts of a run's band: its lower border, the median, its upper border. */
  #parts(run) {
    const rows = this.#study.steps + 1;
    return [0, 1, 2].map((k) => run.band.subarray(k * rows, (k + 1) * rows));
  }

  #band(run) {
    const { context } = this.canvas;
    const { x, y, box } = this.#scale;
    const [low, , high] = this.#parts(run);
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
    const { context } = this.canvas;
    const { x, y } = this.#scale;
    const [, median] = this.#parts(run);
    const stroke = (losses, width, dash) => {
      context.strokeStyle = run.look.colour;
      context.lineWidth = width;
      context.setLineDash(dash);
      strokeLosses(context, losses, x, y);
    };
    stroke(median, 2.2, []);
    this.#marks(run, median);
    stroke(run.mean, 1.2, [6, 4]);
    if (own) stroke(own.excess, 1, [1, 3]);
    context.setLineDash([]);
  }

  /** The optimizer's mark along its median: not by colour alone. */
  #marks(run, median) {
    const { context } = this.canvas;
    const { x, y } = this.#scale;
    context.beginPath();
    const every = Math.max(1, Math.round((MARK_EVERY / (x.to - x.from)) * median.length));
    for (let step = every >> 1; step < median.length; step += every) {
      if (Number.isFinite(median[step])) addMark(context, run.look.mark, x.at(step), y.at(median[step]), 4);
    }
    context.fillStyle = run.look.colour;
    context.fill();
  }

  /** The table: what is left after the last step, and what a mean would be worth. */
  #tell() {
    const { runs, base, own, quantiles } = this.#study;
    const said = Object.entries(own).map(([key, value]) => OWN[key](value));
    this.said.textContent = runs.length ? said.join(" ") : "";
    const head = ["optimizer", "median", `${100 * quantiles[0]}–${100 * quantiles[2]}%`, "mean", "at mean", "gone"];
    const titles = [
      "",
      "The middle one of all last losses",
      "Eight of ten last losses lie in this range",
      "The mean of all last losses",
      "The loss at the mean of all last points: an ensemble's average",
      "Runs that are outside the domain after the last step",
    ];
    const row = (cells, tag) => {
      const line = document.createElement("tr");
      line.append(
        ...cells.map((text, i) => Object.assign(document.createElement(tag), { textContent: text, title: titles[i] })),
      );
      return line;
    };
    this.table.replaceChildren(
      row(head, "th"),
      ...runs.map((run) => {
        const [low, median, high] = this.#parts(run).map((part) => cell(base + part.at(-1)));
        const middle = run.middle ? cell(run.middle_loss) : "none";
        const line = row(
          ["", median, `${low} to ${high}`, cell(base + run.mean.at(-1)), middle, `${run.gone} of ${run.runs}`],
          "td",
        );
        line.firstChild.innerHTML = `${markPicture(run.look.mark, run.look.colour)} `;
        line.firstChild.append(run.look.label);
        line.firstChild.style.color = run.look.colour;
        return line;
      }),
    );
  }

  #stepAt([px]) {
    const { steps } = this.#study;
    return Math.round(Math.min(Math.max(this.#scale.x.value(px), 0), steps));
  }

  #read(at) {
    if (!this.#scale || at[1] > this.#scale.box.bottom) {
      this.tip.hide();
      return;
    }
    const step = this.#stepAt(at);
    const { base } = this.#study;
    this.tip.show(at, [
      [`step ${step}: median (10–90%)`],
      ...this.#study.runs.map((run) => {
        const [low, median, high] = this.#parts(run).map((part) => short(base + part[step]));
        return [`${run.look.short} ${median} (${low} to ${high})`, run.look.colour];
      }),
    ]);
  }
}
