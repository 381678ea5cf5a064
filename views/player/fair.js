// The fair race: what was searched for each optimizer, by which objective, and what was
// found; one button sets it.

import { short } from "./axis.js";
import { markPicture } from "./marks.js";

const NO_MINIMUM = {
  loss: "This surface has no known minimum: whatever flees fastest has the least loss.",
  steps: "This surface has no known minimum to come near to: ask for the loss instead.",
};

export class FairView {
  #study = null;
  #before = null; // the texts of the settings that were replaced, to go back to
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
      <p class="does">
        <button class="set" data-testid="fair-set">Set these rates</button>
        <button class="back" hidden>Undo</button>
        <span class="said" role="status"></span>
      </p>`;
    this.question = host.querySelector(".question");
    this.table = host.querySelector("table");
    this.said = host.querySelector(".said");
    this.back = host.querySelector(".back");
    this.set = host.querySelector(".set");
    this.set.addEventListener("click", () => {
      const found = this.#study?.runs.filter((run) => run.best) ?? [];
      if (!found.length) return;
      this.#before = on.set(Object.fromEntries(found.map((run) => [run.key, run.best.lr])));
      this.back.hidden = false;
      const all = this.#study.runs.length;
      this.said.textContent =
        found.length === all
          ? "Set. Every optimizer now races at its best."
          : `Set for ${found.length} of ${all}; for the others no rate was found.`;
    });
    this.back.addEventListener("click", () => {
      on.back(this.#before);
      this.back.hidden = true;
      this.said.textContent = "Back to the rates before.";
    });
  }

  clear() {
    this.#study = null;
    this.#drawn = "";
    this.table.replaceChildren();
    this.question.textContent = "";
    this.said.textContent = "";
    this.back.hidden = true;
  }

  receive(study) {
    this.#study = study;
    this.#drawn = "";
    this.said.textContent = "";
    this.back.hidden = true;
    this.set.disabled = !study.runs.some((run) => run.best);
  }

  /** Shows what was found, beside the race's rates. @param {Moment} moment */
  show({ rates }) {
    const study = this.#study;
    if (!study) return;
    const drawn = JSON.stringify(rates);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const { lr } = study.axes;
    const { known, start } = study;
    const goal =
      study.objective === "steps"
        ? `fewest steps to a loss within ${short(study.tolerance)} of the minimum`
        : `least loss after ${study.steps} steps`;
    this.question.textContent =
      `Objective: ${goal}. Budget: ${lr.length} learning rates from ${lr[0]} to ${lr.at(-1)} for each, ` +
      `${study.steps} steps each, from (${start.map((v) => short(v)).join(", ")}); all else as on the cards. ` +
      (known ? "Another objective, budget or start may crown another." : NO_MINIMUM[study.objective]);
    const winners = this.#winners();
    const head = ["", "best rate", `loss after ${study.steps}`, "steps to tolerance", "diverged", "rate now"];
    this.table.replaceChildren(
      row(head, "th"),
      ...study.runs.map((run) => this.#row(run, rates[run.key], winners.includes(run))),
    );
  }

  /** The best of all; several, where they are equal. */
  #winners() {
    const { objective, runs } = this.#study;
    const found = runs.filter((run) => run.best);
    const worth = ({ best }) => (objective === "steps" ? best.steps : best.loss);
    const least = Math.min(...found.map(worth));
    return found.filter((run) => worth(run) === least);
  }

  #row(run, now, won) {
    const { best } = run;
    const { axes, first_end: first, ends, steps } = this.#study;
    const gone = run.ends.filter((code) => ends[code - first] === "diverged").length;
    const cells = best
      ? [
          `${best.lr}${best.edge ? " (at the edge)" : ""}`,
          short(best.loss),
          best.steps === null ? `not within ${steps}` : best.steps,
        ]
      : ["none", "–", `not within ${steps}`];
    const line = row(["", ...cells, `${gone} of ${axes.lr.length}`, now === best?.lr ? "this" : (now ?? "–")], "td");
    line.classList.toggle("won", won);
    line.firstChild.innerHTML = `${markPicture(run.look.mark, run.look.colour)} `;
    line.firstChild.append(`${run.look.label}${won ? " · best" : ""}`);
    line.firstChild.style.color = run.look.colour;
    return line;
  }
}

function row(texts, tag) {
  const line = document.createElement("tr");
  line.append(...texts.map((text) => Object.assign(document.createElement(tag), { textContent: text })));
  return line;
}
