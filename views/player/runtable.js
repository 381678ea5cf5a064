// The table of a run: every iterate of the entry that is inspected, with what its step
// computed, to the digits that homework is checked with. Only rows in sight are made.

import { digits } from "./digits.js";
import { drawTable, fitOf } from "./drawntable.js";
import { Panel } from "./panel.js";
import { markOf } from "./readback.js";
import { keepFile } from "./save.js";
import { source } from "./source.js";
import { hide, write } from "./write.js";

/** @typedef {import("./inspection.js").Inspection} Inspection */

const DIGITS = 9;
const SPARE = 6; // rows made above and below those in sight
const WRITE_EVERY = 100; // milliseconds between two places while playing

const TEMPLATE = `
  <header>
    <b class="name"></b>
    <span class="explain"><button data-act="copy">copy</button><button data-act="save">save CSV</button></span>
  </header>
  <div class="rows" tabindex="0" role="region" aria-label="Table of the run">
    <table><thead></thead><tbody></tbody></table>
  </div>
  <p class="none" hidden></p>`;

/**
 * A column: its heading, and its number in a row; null where a row has none.
 * @typedef {{head: string, name: string, at: (row: number) => ?number}} Column
 */

/**
 * The columns of a run's table.
 * @param {Inspection} inspection
 * @returns {Column[]}
 */
export function columnsOf(inspection) {
  const { arrays, inside, steps } = inspection;
  /** @type {Column[]} */
  const columns = [
    { head: "x", name: "x", at: (row) => arrays.points[2 * row] },
    { head: "y", name: "y", at: (row) => arrays.points[2 * row + 1] },
    { head: "loss", name: "loss", at: (row) => arrays.losses[row] },
  ];
  for (const { name, plain } of inside.lines) {
    const { length } = inspection.value(name, 0);
    const parts = { 1: [""], 2: ["x", "y"], 4: ["xx", "xy", "yx", "yy"] }[length] ?? numbered(length);
    parts.forEach((part, i) => {
      columns.push({
        head: part ? `${plain} ${part}` : plain,
        name: part ? `${name}_${part}` : name,
        at: (row) => (row < steps ? inspection.value(name, row)[i] : null),
      });
    });
  }
  return columns;
}

/** @type {(length: number) => string[]} */
const numbered = (length) => Array.from({ length }, (_, i) => String(i + 1));

/**
 * A run's table as text, every digit of it.
 * @param {Inspection} inspection
 * @param {string} separator
 */
export function tableText(inspection, separator) {
  const columns = columnsOf(inspection);
  const rows = [["step", ...columns.map(({ name }) => name)].join(separator)];
  for (let row = 0; row <= inspection.steps; row += 1) {
    rows.push([row, ...columns.map(({ at }) => at(row) ?? "")].join(separator));
  }
  return `${rows.join("\n")}\n`;
}

const OFF = "Choose an optimizer that is on.";
const COMPUTING = "computing…";
const KEPT = "This file has no numbers of these steps.";
const HIDDEN = "The whole run is shown once you have predicted.";

export class TableView extends Panel {
  /** @type {?Inspection} */
  #inspection = null;
  /** @type {Column[]} */
  #columns = [];
  #step = -1;
  #runs = false; // whether any run is computed
  #written = 0;
  #high = 18; // pixels of a row

  /**
   * @param {HTMLElement} host
   * @param {PanelEvents} on
   */
  constructor(host, on) {
    super(host);
    host.dataset.testid = "run-table";
    host.innerHTML = TEMPLATE;
    this.rows = host.querySelector(".rows");
    this.body = host.querySelector("tbody");
    this.rows.addEventListener("scroll", () => this.#fill());
    this.body.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest("tr") : null;
      if (row?.dataset.row) on.seek(Number(row.dataset.row));
    });
    host.querySelector("[data-act=copy]").addEventListener("click", async () => {
      if (!this.#inspection) return;
      try {
        await navigator.clipboard.writeText(tableText(this.#inspection, "\t"));
      } catch {
        on.wrong("The browser did not allow copying; save the table as CSV instead.");
      }
    });
    host.querySelector("[data-act=save]").addEventListener("click", () => {
      const one = this.#inspection;
      if (!one) return;
      const text = `# setup: ${markOf(on.query())}\n${tableText(one, ",")}`;
      keepFile(new Blob([text], { type: "text/csv" }), `run-${one.inside.entry}.csv`);
    });
  }

  resize() {
    this.#step = -1;
  }

  /**
   * @param {Moment} moment
   * @returns {?Drawing}
   */
  drawing({ inspection, asked }) {
    if (!inspection || asked) return null;
    const { inside, run, steps } = inspection;
    const table = { name: inside.name, look: run.look, columns: columnsOf(inspection), rows: steps + 1 };
    return (paper) => {
      const fit = fitOf(paper, table);
      return (step) => drawTable(paper, table, fit, Math.min(Math.floor(step), steps));
    };
  }

  /** @param {Moment} moment */
  draw({ inspection: inspected, step, asked, computed }) {
    const inspection = asked ? null : inspected;
    const at = Math.floor(step);
    const runs = Boolean(computed?.runs.length);
    if (inspection === this.#inspection && at === this.#step && runs === this.#runs) return;
    const now = performance.now();
    if (now - this.#written < WRITE_EVERY) return;
    this.#written = now;
    this.#step = at;
    this.#runs = runs;
    const none = this.host.querySelector(".none");
    hide(none, Boolean(inspection));
    write(none, asked ? HIDDEN : source.kept ? KEPT : runs ? COMPUTING : OFF);
    this.rows.hidden = this.host.querySelector("header").hidden = !inspection;
    if (!inspection) {
      this.#inspection = null;
      this.body.replaceChildren();
      return;
    }
    if (inspection !== this.#inspection) {
      this.#inspection = inspection;
      this.#columns = columnsOf(inspection);
      write(this.host.querySelector(".name"), inspection.inside.name);
      const head = document.createElement("tr");
      head.append(...["step", ...this.#columns.map(({ head: text }) => text)].map((text) => cell("th", text)));
      this.host.querySelector("thead").replaceChildren(head);
    }
    const place = at * this.#high;
    const { scrollTop, clientHeight } = this.rows;
    if (place < scrollTop || place > scrollTop + clientHeight - 3 * this.#high) {
      this.rows.scrollTop = place - clientHeight / 3;
    }
    this.#fill();
  }

  /** Makes the rows that are in sight. */
  #fill() {
    const inspection = this.#inspection;
    if (!inspection) return;
    const { scrollTop, clientHeight } = this.rows;
    const count = inspection.steps + 1;
    const first = Math.max(0, Math.floor(scrollTop / this.#high) - SPARE);
    const last = Math.min(count, first + Math.ceil(clientHeight / this.#high) + 2 * SPARE);
    const rows = [];
    for (let row = first; row < last; row += 1) {
      const line = document.createElement("tr");
      line.dataset.row = String(row);
      line.classList.toggle("now", row === this.#step);
      const texts = this.#columns.map(({ at }) => at(row)).map((value) => (value === null ? "" : digits(value, DIGITS)));
      line.append(...[String(row), ...texts].map((text) => cell("td", text)));
      rows.push(line);
    }
    this.body.replaceChildren(gap(first * this.#high), ...rows, gap((count - last) * this.#high));
    const high = rows[0]?.offsetHeight;
    if (high) this.#high = high;
  }
}

/**
 * @param {"th" | "td"} tag
 * @param {string} text
 */
const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

/**
 * A row as high as all that are not made.
 * @param {number} height
 */
function gap(height) {
  const row = document.createElement("tr");
  row.style.height = `${height}px`;
  return row;
}
