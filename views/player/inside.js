// The panel "inside the step": the rule's lines at the step that is shown, each symbol
// replaced by its number, in the colour of its arrow; and the step in slow motion.

import { digits, vector } from "./digits.js";
import { drawStep } from "./drawnstep.js";
import { placeWord } from "./inspection.js";
import { palette, wordStyle } from "./palette.js";
import { Panel } from "./panel.js";
import { source } from "./source.js";
import { hide, setData, write } from "./write.js";

/** @typedef {import("./inspection.js").Inspection} Inspection */
/** @typedef {import("./inspection.js").Line} Line */

const DIGITS = 5;
const WRITE_EVERY = 100; // milliseconds between two changes of the numbers
const STAGE_EVERY = 2200; // milliseconds of a stage in slow motion
const BLANK = /<mtext>@(\w+)(?::(\w+))?@<\/mtext>/g;

const TEMPLATE = `
  <header>
    <b class="name"></b><span class="at"></span>
    <span class="explain">
      <button data-act="back" title="One stage back (Shift+E)" aria-label="One stage back" hidden>‹</button>
      <button data-act="start" data-testid="explain" title="Plays this step in slow motion (E)">explain this step</button>
      <button data-act="next" title="One stage on (E)" aria-label="One stage on" hidden>›</button>
      <button data-act="end" title="Back to the whole step" aria-label="Back to the whole step" hidden>×</button>
    </span>
  </header>
  <p class="says" role="status" hidden></p>
  <table class="coordinates" hidden></table>
  <div class="quantities" tabindex="0" role="group" aria-label="What the step computes"></div>
  <p class="here"></p>
  <p class="none" hidden></p>`;
const OFF = "Choose an optimizer that is on.";
const COMPUTING = "computing…";
const KEPT = "This file has no numbers of these steps.";
const SMALLEST = 11; // pixels of letters that lines are made smaller to
const SMALLER = 0.04;
const HIDDEN = "The steps are shown once you have predicted.";

/**
 * The colour of a quantity, in the panel as on the map.
 * @param {Inspection} inspection
 * @param {string} name
 */
export function colourOf({ inside, run }, name) {
  if (name === "delta") return wordStyle(run.look.colour);
  const i = inside.lines.findIndex((line) => line.name === name);
  return `var(--quantity-${i % palette.quantities.length})`;
}

export class InsideView extends Panel {
  /** @type {?string} */
  #built = null; // what the rows were made for
  /** @type {HTMLElement[]} */
  #rows = [];
  /** @type {unknown[]} */
  #drawn = [];
  #written = 0;
  #scale = 1; // of the lines' letters
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {HTMLElement} host
   * @param {(act: "start" | "back" | "next" | "end") => void} onExplain
   */
  constructor(host, onExplain) {
    super(host);
    host.dataset.testid = "inside";
    host.innerHTML = TEMPLATE;
    this.onExplain = onExplain;
    for (const button of host.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        this.hold();
        onExplain(/** @type {"start" | "back" | "next" | "end"} */ (button.dataset.act));
      });
    }
  }

  /**
   * @param {Moment} moment
   * @returns {?Drawing}
   */
  drawing({ inspection, asked }) {
    if (!inspection || asked) return null;
    const { inside, run, steps } = inspection;
    return (paper) => {
      /** @type {number | undefined} */
      let size;
      return (step) => {
        const at = inspection.stepAt(step);
        const parts = inside.lines.map((line) => {
          const colour = colourOf(inspection, line.name);
          const numbers = line.numbers && filled(inspection, line, at);
          return { ...line, numbers, colour, result: mathOf(inspection.value(line.name, at), colour) };
        });
        const words = { at: stepText(inspection, at, step >= steps), here: placeText(inspection, at) };
        size = drawStep(paper, { name: inside.name, look: run.look, parts, ...words }, size);
      };
    };
  }

  /** Plays the stages one after the other. */
  play() {
    this.hold();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.#timer = window.setInterval(() => this.onExplain("next"), STAGE_EVERY);
  }

  /** Leaves the stage to who turns it. */
  hold() {
    window.clearInterval(this.#timer);
  }

  destroy() {
    this.hold();
  }

  /** @param {Moment} moment */
  draw({ inspection: inspected, step, stage, asked, computed }) {
    const inspection = asked ? null : inspected;
    const at = inspection ? inspection.stepAt(step) : 0;
    const runs = Boolean(computed?.runs.length);
    const drawn = [inspection, at, stage, runs];
    if (drawn.every((one, i) => one === this.#drawn[i])) return;
    const now = performance.now();
    if (stage === this.#drawn[2] && now - this.#written < WRITE_EVERY) return;
    this.#written = now;
    this.#drawn = drawn;
    const none = this.host.querySelector(".none");
    hide(none, Boolean(inspection));
    write(none, asked ? HIDDEN : source.kept ? KEPT : runs ? COMPUTING : OFF);
    for (const part of ["header", ".quantities", ".here"]) this.host.querySelector(part).hidden = !inspection;
    if (!inspection) for (const part of [".coordinates", ".says"]) this.host.querySelector(part).hidden = true;
    if (!inspection) return;
    this.#build(inspection);
    this.#write(inspection, at, step >= inspection.steps);
    this.#explain(inspection, stage);
    this.#fit();
  }

  resize() {
    this.#drawn = [];
    this.#rescale(1);
  }

  /** @param {number} scale */
  #rescale(scale) {
    this.#scale = scale;
    this.host.classList.toggle("tight", scale < 1);
    this.host.querySelector(".quantities").style.fontSize = scale < 1 ? `${scale}em` : "";
  }

  /** Makes the lines smaller until all are seen, and no larger again while they change. */
  #fit() {
    const lines = this.host.querySelector(".quantities");
    const least = SMALLEST / parseFloat(getComputedStyle(this.host).fontSize);
    const over = () => lines.scrollHeight > lines.clientHeight + 1 || lines.scrollWidth > lines.clientWidth + 1;
    while (this.#scale - SMALLER >= least && over()) this.#rescale(this.#scale - SMALLER);
  }

  /**
   * A row for each quantity.
   * @param {Inspection} inspection
   */
  #build(inspection) {
    const { inside } = inspection;
    const built = JSON.stringify([inside.entry, inside.lines.map(({ line, says }) => line + says)]);
    if (built === this.#built) return;
    this.#built = built;
    this.#rescale(1);
    this.#rows = inside.lines.map((line) => {
      const row = document.createElement("div");
      row.className = "quantity";
      row.dataset.quantity = line.name;
      row.title = line.meaning;
      row.style.setProperty("--colour", colourOf(inspection, line.name));
      row.innerHTML = `<span class="symbol">${line.symbol}</span>
        <span class="line">${line.line && `<i>=</i> ${line.line}`}</span>
        <span class="words"></span><span class="numbers"></span>`;
      row.querySelector(".words").textContent = line.meaning;
      return row;
    });
    this.host.querySelector(".quantities").replaceChildren(...this.#rows);
  }

  /**
   * @param {Inspection} inspection
   * @param {number} at
   * @param {boolean} over  whether no step follows the iterate that is shown
   */
  #write(inspection, at, over) {
    const { inside } = inspection;
    write(this.host.querySelector(".name"), inside.name);
    write(this.host.querySelector(".at"), stepText(inspection, at, over));
    inside.lines.forEach((line, i) => {
      const value = inspection.value(line.name, at);
      const row = this.#rows[i];
      setDigits(row, value);
      const result = mathOf(value, colourOf(inspection, line.name));
      row.querySelector(".numbers").innerHTML = line.numbers
        ? `<span><i>=</i> ${filled(inspection, line, at)}</span> <span><i>=</i> <math>${result}</math></span>`
        : `<span><i>=</i> <math>${result}</math></span>`;
    });
    this.#coordinates(inspection, at);
    write(this.host.querySelector(".here"), placeText(inspection, at));
  }

  /**
   * The step as texts print it: a row for each coordinate.
   * @param {Inspection} inspection
   * @param {number} at
   */
  #coordinates(inspection, at) {
    const table = this.host.querySelector(".coordinates");
    hide(table, !inspection.inside.by_coordinate);
    if (table.hidden) return;
    const { lines } = inspection.inside;
    const point = inspection.point(at);
    const values = lines.map(({ name }) => inspection.value(name, at));
    const head = ["", "w", ...lines.map(({ plain }) => plain)];
    const rows = ["x", "y"].map((name, i) => [name, digits(point[i], 8), ...values.map((v) => digits(v[i], 8))]);
    table.innerHTML = [head, ...rows]
      .map((row, i) => `<tr>${row.map((cell) => `<t${i ? "d" : "h"}>${cell}</t${i ? "d" : "h"}>`).join("")}</tr>`)
      .join("");
  }

  /**
   * Shows a stage of slow motion, or the whole step.
   * @param {Inspection} inspection
   * @param {?number} stage
   */
  #explain(inspection, stage) {
    const { host } = this;
    const explaining = stage !== null;
    if (!explaining) this.hold();
    const says = host.querySelector(".says");
    hide(says, !explaining);
    hide(host.querySelector("[data-act=start]"), explaining);
    for (const act of ["back", "next", "end"]) hide(host.querySelector(`[data-act=${act}]`), !explaining);
    this.#rows.forEach((row, i) => {
      row.classList.toggle("ahead", explaining && i > stage);
      row.classList.toggle("now", explaining && i === stage);
    });
    if (!explaining) return;
    const { lines } = inspection.inside;
    says.textContent = `${stage + 1} of ${lines.length}: ${lines[stage].says}`;
    this.#rows[stage].scrollIntoView({ block: "nearest" });
  }
}

/**
 * Which step is shown.
 * @param {Inspection} inspection
 * @param {number} at
 * @param {boolean} over  whether no step follows the iterate that is shown
 */
function stepText(inspection, at, over) {
  const alpha = inspection.alpha(at);
  return `step ${at} → ${at + 1}${over ? ", the last" : ""}${alpha === null ? "" : ` · α ${digits(alpha, 4)}`}`;
}

/**
 * The point that a step is taken at.
 * @param {Inspection} inspection
 * @param {number} at
 */
function placeText(inspection, at) {
  const { grads, losses } = inspection.arrays;
  const { low, high } = inspection.curvature(at);
  const [gx, gy] = grads.subarray(2 * at, 2 * at + 2);
  const condition = low > 0 ? `, condition number ${digits(high / low, 4)}` : "";
  return (
    `At w = ${vector(inspection.point(at))}: loss ${digits(losses[at])}, gradient norm ` +
    `${digits(Math.hypot(gx, gy))}; curvatures ${digits(low, 4)} and ${digits(high, 4)}: ${placeWord(low, high)}${condition}.`
  );
}

/**
 * A line with its numbers.
 * @param {Inspection} inspection
 * @param {Line} line
 * @param {number} at
 */
function filled(inspection, line, at) {
  return line.numbers.replace(BLANK, (_, kind, name) => {
    const colour = kind === "q" || kind === "p" ? colourOf(inspection, name) : null;
    return mathOf(inspection.blank(kind, name, at), colour);
  });
}

/**
 * The full digits of a value, for who reads them from the page.
 * @param {HTMLElement} row
 * @param {number[]} value
 */
function setDigits(row, value) {
  const names = { 1: ["value"], 2: ["x", "y"], 4: ["xx", "xy", "yx", "yy"] }[value.length];
  names?.forEach((name, i) => setData(row, name, String(value[i])));
  if (!names) setData(row, "values", finite(value).join());
}

/** @type {(value: number[]) => number[]} */
const finite = (value) => value.filter((one) => !Number.isNaN(one));

/**
 * A number, a vector, a matrix or the parts of a search, as MathML.
 * @param {number[]} value
 * @param {?string} colour
 */
function mathOf(value, colour) {
  const listed = value.length > 4;
  const numbers = (listed ? finite(value) : value).map((one) => `<mn>${digits(one, DIGITS)}</mn>`);
  const painted = colour ? ` style="color: ${colour}"` : "";
  if (listed) return `<mrow${painted}>${numbers.join("<mo>,</mo>")}</mrow>`;
  if (value.length === 1) return `<mrow${painted}>${numbers[0]}</mrow>`;
  if (value.length === 2) return `<mrow${painted}><mo>(</mo>${numbers.join("<mo>,</mo>")}<mo>)</mo></mrow>`;
  const rows = [numbers.slice(0, 2), numbers.slice(2)];
  const cells = rows.map((row) => `<mtr>${row.map((one) => `<mtd>${one}</mtd>`).join("")}</mtr>`);
  return `<mrow${painted}><mo>(</mo><mtable>${cells.join("")}</mtable><mo>)</mo></mrow>`;
}
