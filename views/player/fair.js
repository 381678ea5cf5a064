// The fair race: what was searched for each optimizer, by which objective, and what was
// found; one button sets it.

import { short } from "./axis.js";
import { follows } from "./keys.js";
import { markPicture } from "./marks.js";
import { wordStyle } from "./palette.js";
import { Panel } from "./panel.js";
import { diverges } from "./study.js";

const NO_MINIMUM = {
  loss: "This surface has no known minimum: a run that diverges fastest has the lowest loss.",
  steps: "This surface has no known minimum; choose the loss objective.",
};
const ISOLATED = "Isolated: the rates beside it need more than twice the steps, or do not arrive.";
const ROUNDING = 1e-15; // what losses differ by that are as good as equal

/**
 * What was set: the rates, on which surface, and the texts that they replaced.
 * @typedef {{rates: Record<string, number>, surface: string, before: Record<string, ?string>}} Setting
 */

export class FairView extends Panel {
  /** @type {?SweepStudy} */
  #study = null;
  /** @type {?Setting} */
  #set = null;
  #surface = ""; // as the page names it
  #drawn = "";

  /**
   * @param {HTMLElement} host
   * @param {Pick<PanelEvents, "setRates" | "setTexts">} on
   */
  constructor(host, on) {
    super(host);
    host.innerHTML = `
      <p class="question"></p>
      <table></table>
      <p class="without"></p>
      <p class="does">
        <button class="set" data-testid="fair-set">Set these rates</button>
        <button class="back" hidden>Undo</button>
        <span class="said" role="status"></span>
      </p>`;
    this.question = host.querySelector(".question");
    this.table = host.querySelector("table");
    this.without = host.querySelector(".without");
    this.said = host.querySelector(".said");
    this.back = host.querySelector(".back");
    this.button = /** @type {HTMLButtonElement} */ (host.querySelector(".set"));
    this.button.addEventListener("click", () => {
      const runs = this.#study?.runs ?? [];
      /** @type {Record<string, number>} */
      const rates = {};
      for (const { key, best } of runs) if (best) rates[key] = best.lr;
      const count = Object.keys(rates).length;
      if (!count) return;
      this.#set = { rates, surface: this.#surface, before: on.setRates(rates) };
      this.said.textContent =
        count === runs.length
          ? "Set. Each with a learning rate now races at its best."
          : `Set for ${count} of ${runs.length}; for the others no rate was found.`;
    });
    this.back.addEventListener("click", () => {
      if (this.#set) on.setTexts(this.#set.before);
      this.#set = null;
      this.back.hidden = true;
      follows(this.button);
      this.said.textContent = "Back to the rates before.";
    });
  }

  clear() {
    this.#study = null;
    this.#drawn = "";
    this.table.replaceChildren();
    this.question.textContent = "";
    this.without.textContent = "";
    this.said.textContent = "";
    this.back.hidden = true;
  }

  /** @param {Given} given */
  receive({ study: given }) {
    if (!given) return;
    const study = /** @type {SweepStudy} */ (given);
    this.#study = study;
    this.#drawn = "";
    this.said.textContent = "";
    this.button.disabled = !study.runs.some((run) => run.best);
  }

  /**
   * Shows what was found, beside the race's rates.
   * @param {Moment} moment
   */
  draw({ rates, race, place }) {
    const study = this.#study;
    if (!study) return;
    this.#surface = place;
    const still = this.#still(rates);
    if (!still && !this.back.hidden) this.said.textContent = "";
    this.back.hidden = !still;
    const others = race.runs.filter(({ key }) => !(key in rates)).map(({ look }) => look.label);
    const drawn = JSON.stringify([rates, others]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const { lr } = study.axes;
    const { known, start, own_starts: own } = study;
    const goal =
      study.objective === "steps"
        ? `fewest steps until the loss stays within ${short(study.tolerance)} of the minimum`
        : `lowest loss after ${study.steps} steps`;
    this.question.textContent =
      `Objective: ${goal}. Budget: ${lr.length} learning rates from ${lr[0]} to ${lr[lr.length - 1]} for each, ` +
      `${study.steps} steps each, from (${start.map((v) => short(v)).join(", ")})${own ? " or its own start" : ""}; ` +
      "all else as on the cards. " +
      (known ? "Another objective, budget or start can change the winner." : NO_MINIMUM[study.objective]);
    const best = winners(study);
    const head = ["optimizer", "best rate", `loss after ${study.steps}`, `steps to ${short(study.tolerance)}`, "diverged", "rate now"];
    const besides = [];
    if (others.length) besides.push(`Without a learning rate: ${others.join(", ")}.`);
    if (study.runs.some((run) => run.best?.isolated)) besides.push(ISOLATED);
    this.without.textContent = besides.join(" ");
    this.table.replaceChildren(
      row(head, "th"),
      ...study.runs.map((run) => rowOf(study, run, rates[run.key], best.includes(run))),
    );
  }

  /**
   * Whether what was set here is still what races.
   * @param {Record<string, number>} rates
   */
  #still(rates) {
    if (this.#set?.surface !== this.#surface) return false;
    return Object.entries(this.#set.rates).every(([key, rate]) => rates[key] === rate);
  }
}

/**
 * What was found for an entry, as a row of the table.
 * @param {SweepStudy} study
 * @param {SweptRun} run
 * @param {number | undefined} now  its rate in the race
 * @param {boolean} won  whether it is the best of all
 */
function rowOf(study, run, now, won) {
  const { best } = run;
  const gone = run.ends.filter((code) => diverges(study, code)).length;
  const never = study.known ? "not reached" : "–";
  const isolated = best?.isolated ? " (isolated)" : "";
  const cells = best
    ? [
        `${best.lr}${best.edge ? " (at the edge)" : ""}`,
        short(best.loss),
        best.steps === null ? never : `${best.steps}${isolated}`,
      ]
    : ["none", "–", never];
  const rate = now === best?.lr ? "this" : String(now ?? "–");
  const line = row(["", ...cells, `${gone} of ${study.axes.lr.length}`, rate], "td");
  line.classList.toggle("won", won);
  const name = line.querySelector("td");
  name.innerHTML = `${markPicture(run.look.mark, run.look.colour)} `;
  name.append(`${run.look.label}${won ? " · best" : ""}`);
  name.style.color = wordStyle(run.look.colour);
  return line;
}

/**
 * The best of all; several, where they are equal but for rounding.
 * @param {Pick<SweepStudy, "objective" | "runs" | "known" | "base">} study
 */
export function winners({ objective, runs, known, base }) {
  const least = known ? ROUNDING * Math.max(1, Math.abs(base)) : -Infinity;
  /** @param {SweptRun} run */
  const worth = ({ best }) => {
    if (!best) return Infinity;
    return objective === "steps" ? (best.steps ?? 0) : Math.max(best.loss - base, least);
  };
  const found = runs.filter((run) => run.best);
  const best = Math.min(...found.map(worth));
  return found.filter((run) => worth(run) === best);
}

/**
 * @param {string[]} texts
 * @param {"td" | "th"} tag
 */
function row(texts, tag) {
  const line = document.createElement("tr");
  line.append(...texts.map((text) => Object.assign(document.createElement(tag), { textContent: text })));
  return line;
}
