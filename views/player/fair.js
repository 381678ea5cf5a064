// @ts-nocheck
// The fair race: what was searched for each optimizer, by which objective, and what was
// found; one button sets it.

import { short } from "./axis.js";
import { follows } from "./keys.js";
import { markPicture } from "./marks.js";
import { diverges } from "./study.js";

const NO_MINIMUM = {
  loss: "This surface has no known minimum: a run that diverges fastest has the lowest loss.",
  steps: "This surface has no known minimum; choose the loss objective.",
};
const ISOLATED = "Isolated: the rates beside it need more than twice the steps, or do not arrive.";
const ROUNDING = 1e-15; // what losses differ by that are as good as equal

export class FairView {
  #study = null;
  #set = null; // the rates that were set, where, and the texts they replaced
  #place = ""; // the surface, as the page names it
  #drawn = "";

  /**
   * @param {HTMLElement} host
   * @param {object} on
   * @param {(rates: Object<string, number>) => Object<string, ?string>} on.set  sets
   *   learning rates, and gives the texts that were there
   * @param {(texts: Object<string, ?string>) => void} on.back
   */
  constructor(host, on) {
    this.host = host;
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
    this.button = host.querySelector(".set");
    this.button.addEventListener("click", () => {
      const found = this.#study?.runs.filter((run) => run.best) ?? [];
      if (!found.length) return;
      const rates = Object.fromEntries(found.map((run) => [run.key, run.best.lr]));
      this.#set = { rates, place: this.#place, before: on.set(rates) };
      const all = this.#study.runs.length;
      this.said.textContent =
        found.length === all
          ? "Set. Each with a learning rate now races at its best."
          : `Set for ${found.length} of ${all}; for the others no rate was found.`;
    });
    this.back.addEventListener("click", () => {
      on.back(this.#set.before);
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

  receive(study) {
    this.#study = study;
    this.#drawn = "";
    this.said.textContent = "";
    this.button.disabled = !study.runs.some((run) => run.best);
  }

  /** Shows what was found, beside the race's rates. @param {Moment} moment */
  show({ rates, race, place }) {
    const study = this.#study;
    if (!study) return;
    this.#place = place;
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
      `Objective: ${goal}. Budget: ${lr.length} learning rates from ${lr[0]} to ${lr.at(-1)} for each, ` +
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
      ...study.runs.map((run) => this.#row(run, rates[run.key], best.includes(run))),
    );
  }

  /** Whether what was set here is still what races. */
  #still(rates) {
    if (this.#set?.place !== this.#place) return false;
    return Object.entries(this.#set.rates).every(([key, rate]) => rates[key] === rate);
  }

  #row(run, now, won) {
    const { best } = run;
    const { axes, known } = this.#study;
    const gone = run.ends.filter((code) => diverges(this.#study, code)).length;
    const never = known ? "not reached" : "–";
    const isolated = best?.isolated ? " (isolated)" : "";
    const cells = best
      ? [
          `${best.lr}${best.edge ? " (at the edge)" : ""}`,
          short(best.loss),
          best.steps === null ? never : `${best.steps}${isolated}`,
        ]
      : ["none", "–", never];
    const line = row(["", ...cells, `${gone} of ${axes.lr.length}`, now === best?.lr ? "this" : (now ?? "–")], "td");
    line.classList.toggle("won", won);
    line.firstChild.innerHTML = `${markPicture(run.look.mark, run.look.colour)} `;
    line.firstChild.append(`${run.look.label}${won ? " · best" : ""}`);
    line.firstChild.style.color = run.look.colour;
    return line;
  }
}

/** The best of all; several, where they are equal but for rounding. */
export function winners({ objective, runs, known, base }) {
  const found = runs.filter((run) => run.best);
  const least = known ? ROUNDING * Math.max(1, Math.abs(base)) : -Infinity;
  const worth = ({ best }) => (objective === "steps" ? best.steps : Math.max(best.loss - base, least));
  const best = Math.min(...found.map(worth));
  return found.filter((run) => worth(run) === best);
}

function row(texts, tag) {
  const line = document.createElement("tr");
  line.append(...texts.map((text) => Object.assign(document.createElement(tag), { textContent: text })));
  return line;
}
