// What leaves the page as a file, and what a file brings.

import { textScale } from "./axis.js";
import { onMap, onScene } from "./overlays.js";
import { isLesson } from "./own.js";
import { WHOLE } from "./picture.js";
import { firstSetup, searchWith } from "./readback.js";
import { OPEN_FILE, fetched, keepFile, sentenceOfSaving } from "./save.js";
import { linkTo } from "./share.js";
import { source } from "./source.js";
import { SCRIPTS } from "./timeline.js";

const PREPARED = "This page is prepared: its setup cannot be replaced by that of a file.";
const KEPT_HERE = "This page has only its own race; open the file on a page that a server shows.";
const SETUP_GROUPS = ["surface", "start", "steps", "view", "studies", "optimizers", "rates", "hyperparameters", "conditions"];
const RACE_IN_LATEX = "A file for pdflatex: PGFPlots figures of the map and of the losses, and the table of the run at its last step.";
const STEP_IN_LATEX = "A file for pdflatex: each line of the rule in symbols and with the numbers of the step that is shown.";

/**
 * What it takes of the player.
 * @typedef {object} Given
 * @property {HTMLElement} root
 * @property {import("./stage.js").Stage} stage
 * @property {import("./groups.js").Groups} groups
 * @property {import("./theme.js").Theme} theme
 * @property {() => Merged} page  what is set
 * @property {(ending: string) => string} address  of the race as such a file
 * @property {() => ?Moment} shown  what panels show, once it is the race that is wanted
 * @property {() => Record<string, ?string>} seen  how it is seen, as an address says it
 * @property {(topic: string, sentence: ?string) => void} say
 */

export class Exchange {
  /** @param {Given} given */
  constructor(given) {
    this.given = given;
    this.chooser = Object.assign(document.createElement("input"), { type: "file", hidden: true, ariaLabel: "A saved file" });
    this.chooser.dataset.testid = "setup-file";
    this.chooser.addEventListener("change", () => {
      this.take([...(this.chooser.files ?? [])], this.chooser);
      this.chooser.value = ""; // the same file may be opened again
    });
    given.root.append(this.chooser);
  }

  // -- what a file brings --------------------------------------------------------------

  /**
   * Opens the setup that a saved file names, as its address would be opened; or lessons.
   * @param {File[]} files
   * @param {?EventTarget} at  on which element they were dropped
   */
  async take(files, at) {
    const { stage, say } = this.given;
    if (!files.length) return;
    say("file", null);
    const { query, wrong } = await firstSetup(files);
    const toLessons = () => files.some(isLesson) || (at instanceof Node && stage.get("cards").host.contains(at));
    if (query !== null) this.#open(query);
    else if (toLessons()) stage.get("lesson").takeFiles(files);
    else say("file", wrong);
  }

  /** @param {string} query */
  #open(query) {
    const { groups, say } = this.given;
    if (source.alone) say("file", KEPT_HERE);
    else if (!SETUP_GROUPS.every((name) => groups.editable(name))) say("file", PREPARED);
    else location.assign(searchWith(query, location.search));
  }

  // -- what leaves it ------------------------------------------------------------------

  /**
   * Saves the race in a format; of code, that is the library and the file's ending.
   * @param {string} format
   */
  async save(format) {
    const { stage, address, seen } = this.given;
    if (format === OPEN_FILE) this.chooser.click();
    else if (format === "html") stage.get("file").open(seen());
    else if (format === "picture" || format === "film" || format === "tex") this.#offer(format);
    else {
      const [name, ending = name] = format.split(".");
      const target = name in SCRIPTS ? `&target=${name}` : "";
      await this.download(`${address(`.${ending}`)}${target}`, ending);
    }
  }

  /**
   * Fetches a file of the race, and hands it to the browser.
   * @param {string} address
   * @param {string} ending
   */
  async download(address, ending) {
    const { page, say } = this.given;
    say("save", null);
    try {
      const response = await fetched(address);
      keepFile(await response.blob(), `race-${page().surface}.${ending}`);
    } catch (error) {
      say("save", sentenceOfSaving(error));
    }
  }

  /**
   * Offers what is shown as a picture, a film or LaTeX; the race waits so long.
   * @param {"picture" | "film" | "tex"} kind
   */
  #offer(kind) {
    const { root, stage, theme, page, shown, seen } = this.given;
    const moment = shown();
    if (!moment) return;
    const timeline = stage.get("timeline");
    const { playing, step } = timeline;
    timeline.playing = false;
    const still = { ...moment, step: Math.round(step) };
    const merged = page();
    const offstage = document.createElement("div");
    offstage.className = "offstage";
    offstage.ariaHidden = "true";
    root.append(offstage);
    const overlays = { map: onMap(offstage, still, merged), scene: onScene(offstage, still) };
    const savable = {
      panels: stage.drawable(still, overlays),
      root,
      moment: still,
      page: merged,
      palettes: { light: theme.light, seen: theme.seen },
      light: theme.prefersPaper,
      text: textScale(),
      address: linkTo(location.href, kind === "film" ? null : still.step, undefined, seen()),
      latex: this.#latexOf(still.step),
    };
    stage.get("picture").open(savable, kind, () => {
      offstage.remove();
      timeline.playing = playing;
    });
  }

  /**
   * What can be had in LaTeX: the race, and the step of an optimizer.
   * @param {number} step
   */
  #latexOf(step) {
    const { page, address } = this.given;
    const { on, inspect, looks } = page();
    const query = new URLSearchParams(address(".tex").split("?")[1]);
    query.set("play", "0");
    const entry = [inspect, ...on].find((key) => on.includes(key));
    const race = { name: WHOLE, title: "map, losses and table", address: `race.tex?${query}`, says: RACE_IN_LATEX };
    if (!entry) return [race];
    for (const [key, text] of Object.entries({ step: String(step), inspect: entry, panels: "inside" })) query.set(key, text);
    return [race, { name: "inside", title: `inside the step of ${looks[entry].label}`, address: `step.tex?${query}`, says: STEP_IN_LATEX }];
  }
}
