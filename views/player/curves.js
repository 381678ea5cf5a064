// Loss curves for five learning rates of each optimizer, as textbooks print them: the
// race's own rate in the middle, bold, and four around it.

import { Axis, clipped, lossAxis } from "./axis.js";
import { strokeAs, wordsOf } from "./palette.js";
import { PicturePanel } from "./panel.js";
import { filledPlaces } from "./panels.js";

const MARGIN = { left: 46, right: 82, top: 22, bottom: 22 };
const RATIO = 1.5; // of a panel's width to its height
const MANY = 5; // panels above which names are short
const CAPTION = 14; // pixels of height
const MIDDLE = 2;
const COLUMN = 3; // pixels whose steps are drawn as one where they go up and down
const FAINT = 0.25; // of the boxes they are then drawn in

/**
 * From the smallest rate to the largest: dots, dashes, a line, and dashes with one dot
 * and with two between them. A piece of 18 pixels shows which.
 */
export const STYLES = [
  { light: 0.6, dash: [1.5, 3] },
  { light: 0.7, dash: [5, 3] },
  { light: 1, dash: [] },
  { light: 0.85, dash: [8, 3, 1.5, 3] },
  { light: 0.7, dash: [7, 2, 1.5, 2, 1.5, 2] },
];
/** @param {number} k */
const widthOf = (k) => (k === MIDDLE ? 2.4 : 1.4);

class CurvesPicture {
  /**
   * @param {CurvesStudy} study
   * @param {number} width
   * @returns {Pair}
   */
  static size({ runs }, width) {
    const columns = runs.length > 4 ? 3 : Math.min(runs.length, 2);
    return [width, runs.length === 1 ? 440 : 250 * Math.ceil(runs.length / columns)];
  }

  /**
   * @param {CurvesStudy} study
   * @param {Moment} _moment
   * @param {import("./paper.js").Paper} paper
   */
  constructor(study, _moment, paper) {
    this.study = study;
    this.paper = paper;
    const { runs, steps, known } = study;
    const { width, height } = paper;
    const room = paper.room(MARGIN);
    const places = filledPlaces(runs.length, RATIO, width, height - paper.grown(CAPTION), room);
    this.panels = runs.map((run, i) => {
      const { left, top, width: wide, height: high } = places[i];
      const box = { left, top, right: left + wide, bottom: top + high };
      const x = new Axis({ scale: "linear", low: 0, high: steps, from: box.left, to: box.right });
      const place = { from: box.bottom, to: box.top };
      const y = lossAxis({ series: [run.losses], first: run.losses[0], known, ...place });
      const curves = run.rates.map((rate, k) => ({
        rate,
        style: STYLES[k],
        losses: run.losses.subarray(k * (steps + 1), (k + 1) * (steps + 1)),
      }));
      return { run, box, x, y, curves };
    });
  }

  draw() {
    const { context, palette, width, height } = this.paper;
    for (const panel of this.panels) this.#panel(panel);
    context.font = this.paper.font();
    context.fillStyle = palette.muted;
    context.textAlign = "right";
    context.textBaseline = "bottom";
    const { base, known, without, runs } = this.study;
    const loss = known && base !== 0 ? "loss above the minimum" : "loss";
    const lost = runs.some(({ losses }) => !losses.every((value) => Number.isFinite(value))) ? "; ∞: no longer finite" : "";
    const others = without.length ? `; without a learning rate: ${without.join(", ")}` : "";
    context.fillText(`${loss} by step, for five learning rates${lost}${others}`, width - 6, height - 4);
  }

  /** @param {CurvesPicture["panels"][0]} panel */
  #panel({ run, box, x, y, curves }) {
    const { paper } = this;
    const { context } = paper;
    const { label, short, colour } = run.look;
    paper.axes(box, x, y, [60, 26]);
    curves.forEach(({ losses, style }, k) => {
      paper.within(box, () => {
        context.globalAlpha = style.light;
        context.lineWidth = widthOf(k);
        context.setLineDash(style.dash);
        strokeLosses(paper, losses, colour, x, y);
      });
    });
    paper.heading(this.study.runs.length > MANY ? short : label, run.look, box);
    this.#name(curves, colour, box);
  }

  /**
   * The rates beside the panel, each with a piece of its line.
   * @param {CurvesPicture["panels"][0]["curves"]} curves
   * @param {string} colour
   * @param {Box} box
   */
  #name(curves, colour, box) {
    const { paper } = this;
    const { context, palette } = paper;
    context.font = paper.font();
    context.textBaseline = "middle";
    context.textAlign = "left";
    // Beside the steps below the panel there is room, too.
    const high = box.bottom - box.top + paper.grown(MARGIN.bottom - 4);
    const spacing = Math.min(paper.grown(15), high / curves.length);
    curves.forEach(({ rate, style, losses }, k) => {
      if (spacing < paper.grown(10) && k % 2) return; // the smallest, the own and the largest
      const row = box.top + Math.min(paper.grown(8), spacing / 2) + spacing * k;
      paper.dash(box.right + 5, row, 18, { colour, width: widthOf(k), ...style });
      context.fillStyle = k === MIDDLE ? palette.ink : palette.muted;
      const lost = Number.isFinite(losses[losses.length - 1]) ? "" : " ∞";
      context.fillText(`${rateText(rate)}${lost}`, box.right + 27, row);
    });
  }

  /** @type {LegendItem[]} */
  legend = [];

  get notes() {
    return this.panels.flatMap(({ run, y }) => clipped(y, [run.losses], run.look.label));
  }
}

/** @extends {PicturePanel<CurvesStudy, CurvesPicture>} */
export class CurvesView extends PicturePanel {
  static Picture = CurvesPicture;
}

/**
 * A rate in two digits, and in few characters.
 * @param {number} rate
 */
const rateText = (rate) => {
  const round = Number(rate.toPrecision(2));
  return round < 1e-4 ? round.toExponential().replace("-", "−") : String(round);
};

/**
 * Strokes losses by step; what is not finite is left out. Where steps are many to a few
 * pixels, and go up and down, their strokes would run into a blot: there the line goes
 * through the middle one, and a faint box reaches from the least of them to the greatest.
 * @param {import("./paper.js").Paper} paper
 * @param {Float32Array} losses
 * @param {string} colour  of the entry
 * @param {Axis} x
 * @param {Axis} y
 */
export function strokeLosses(paper, losses, colour, x, y) {
  const { context } = paper;
  const [line, boxes] = [paper.path(), paper.path()];
  const each = Math.ceil((COLUMN * losses.length) / (x.to - x.from));
  let drawing = false;
  /** @type {(step: number, loss: number) => void} */
  const go = (step, loss) => {
    const draws = Number.isFinite(loss);
    if (draws && drawing) line.lineTo(x.at(step), y.at(loss));
    else if (draws) line.moveTo(x.at(step), y.at(loss));
    drawing = draws;
  };
  for (let from = 0; from < losses.length; from += each) {
    const some = losses.subarray(from, from + each);
    if (turns(some) < 2) {
      some.forEach((loss, i) => go(from + i, loss));
      continue;
    }
    const sorted = some.filter((loss) => Number.isFinite(loss)).sort();
    go(from + some.length / 2, sorted[sorted.length >> 1]);
    const [left, right] = [from, from + each].map((step) => Math.round(x.at(step)));
    const [top, bottom] = [y.at(sorted[sorted.length - 1]), y.at(sorted[0])];
    boxes.rect(left, top, right - left, bottom - top);
  }
  strokeAs(context, colour, line, paper.palette);
  context.save();
  context.globalAlpha *= FAINT;
  context.fillStyle = wordsOf(colour, paper.palette);
  context.fill(boxes);
  context.restore();
}

/**
 * How often values turn from going up to going down, or back.
 * @param {Float32Array} values
 */
const turns = (values) =>
  values.filter((v, i) => i && (v - values[i - 1]) * (values[i + 1] - v) < 0).length;
