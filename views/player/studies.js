// The studies: what they ask the server for, and what a choice in them sets in the race.

import { ChartView } from "./chart.js";
import { Live } from "./live.js";
import { PicturePanel } from "./panel.js";
import { readAnswer, understand } from "./result.js";
import { fetched, keepFile, sentenceOfSaving } from "./save.js";
import { fileOf } from "./sheet.js";
import { rateText } from "./study.js";
import { isPicture } from "./studybar.js";
import { setData } from "./write.js";

/** @typedef {import("./setup.js").Setup} Setup */
/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./trouble.js").Guard} Guard */
/** @typedef {import("./studybar.js").Format} Format */

const COARSE = [64, 128]; // values a side while something moves, as the server keeps up
const QUICK = 40; // milliseconds an answer may take to be asked for at the finer of them
/** @type {Record<string, number>} */
const FINE = { basins: 256, plane: 128 }; // values a side at rest
const SAVED = 256; // and in a file
const REST = 250; // milliseconds without a change that count as rest

export class Studies {
  /** @type {Record<string, Live>} */
  #live = {};
  /** @type {?string} */
  #place = null; // the surface and the study that are shown
  #moved = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resting;
  /** @type {Record<string, number>} */
  #coarse = { basins: COARSE[1], plane: COARSE[1] };
  /** @type {Map<string, Study>} */
  #received = new Map(); // by part: the study that is shown
  /** @type {?Moment} */
  moment = null; // what is shown besides, for a file

  /**
   * @param {object} shared
   * @param {Setup} shared.setup
   * @param {Stage} shared.stage
   * @param {Guard} shared.guard  does what may fail
   * @param {() => Palette} shared.paper  the colours for files
   * @param {(topic: string, sentence: ?string) => void} setStatus
   */
  constructor({ setup, stage, guard, paper }, setStatus) {
    this.setup = setup;
    this.stage = stage;
    this.guard = guard;
    this.paper = paper;
    this.setStatus = setStatus;
  }

  /** What the page says of the study that is chosen. */
  get described() {
    const { studies, study } = this.setup.merged;
    return studies.find(({ key }) => key === study) ?? studies[0];
  }

  /** The panels of the shown study, by the part that they show; none in other views. */
  get #parts() {
    return this.setup.data.view === "studies" ? this.described.panels : {};
  }

  /** The panels of the shown study. */
  get panels() {
    return Object.values(this.#parts).flat();
  }

  /** @param {(live: Live, part: string) => void} act */
  #each(act) {
    for (const part of Object.keys(this.#parts)) act(this.#live[part], part);
  }

  /**
   * Takes the page's description of a setup.
   * @param {Merged} page
   */
  receive(page) {
    for (const described of page.studies) this.#prepare(described);
    const place = `${page.place} ${page.view === "studies" ? page.study : ""}`;
    if (place === this.#place) return;
    this.#place = place;
    this.guard.clear();
    this.moved(); // something coarse first, soon
    this.#received.clear();
    for (const [part, live] of Object.entries(this.#live)) {
      live.forget();
      if (!(part in this.#parts)) this.setStatus(part, null);
    }
    for (const { panel } of this.#all) panel.clear();
  }

  /** All panels of studies. */
  get #all() {
    const names = this.setup.data.studies.flatMap(({ panels }) => Object.values(panels).flat());
    return this.stage.named([...new Set(names)]);
  }

  /**
   * Makes what a study needs, once: the charts it declares, and who asks for its parts.
   * @param {Tab} study
   */
  #prepare({ panels, charts }) {
    for (const [part, [name]] of Object.entries(panels)) {
      const chart = charts[part];
      if (chart && !this.stage.has(name)) {
        const row = { title: name, kind: "chart", area: "main", make: chartOf(chart) };
        this.stage.add(name, { ...row, needs: ["study"] }, "losses");
      }
      this.#live[part] ??= new Live(
        readAnswer,
        understand,
        (study) => this.#receiveStudy(part, study),
        (trouble) => this.setStatus(part, trouble),
      );
    }
  }

  /**
   * @param {string} part
   * @param {Study} study
   */
  #receiveStudy(part, study) {
    if (!(part in this.#parts)) return;
    this.#pace(part, study);
    const names = study.runs.map(({ look }) => look.label).join(", ") || "no optimizer";
    const words = `${this.described.asks[part]} of ${names} on ${this.setup.data.title}`;
    this.guard.again();
    this.stage.giveStudy(this.#parts[part], study);
    for (const { panel } of this.stage.named(this.#parts[part])) {
      if (panel instanceof PicturePanel) panel.canvas.describe(words);
    }
    this.#received.set(part, study);
  }

  /** What computed the study that is shown, and how fast. */
  get computed() {
    const { asks } = this.described;
    const each = [...this.#received].map(([part, study]) => `${asks[part]}: ${rateText(study)}`);
    const devices = new Set([...this.#received.values()].map(({ device }) => device));
    return each.length ? `${each.join(", ")} on ${[...devices].join(" and ")}` : "";
  }

  /**
   * As fine as can follow a finger: by how long the last answer took.
   * @param {string} part
   * @param {Study} study
   */
  #pace(part, { size, milliseconds, steps_per_second: speed }) {
    if (!size || speed === null) return;
    const fine = milliseconds * (COARSE[1] / size) ** 2 <= QUICK;
    this.#coarse[part] = COARSE[Number(fine)];
  }

  /** Says that something was changed. */
  moved() {
    this.#moved = performance.now();
  }

  /** Asks for the studies: coarse while something moves, fine when it rests. */
  ask() {
    const moving = performance.now() - this.#moved < REST;
    this.#each((live, part) => {
      const coarse = this.#address(part, this.#coarse[part]);
      live.ask(moving ? coarse : this.#address(part, FINE[part]), coarse);
    });
    clearTimeout(this.#resting);
    if (moving) this.#resting = setTimeout(() => this.ask(), REST);
  }

  /**
   * The address of a study; to be shown, with nothing that it does not depend on. A file
   * opens the study that it was saved from, with all of its settings.
   * @param {string} part
   * @param {number} size
   * @param {{saved?: boolean, format?: string}} [file]
   */
  #address(part, size, { saved = false, format = "" } = {}) {
    const { study_keys: keys, sized, depends, ignores } = this.setup.data;
    const named = saved ? ["study", ...this.described.settings.map(({ key }) => key)] : depends[part];
    const without = keys.filter((key) => !named.includes(key) && !depends[part].includes(key));
    if (!saved) without.push(...ignores[part]);
    const query = this.setup.without(...without);
    const values = sized.includes(part) ? `&size=${size}` : "";
    return `${part}${format}?${query}${values}`;
  }

  /** Asks at once for what is waited for: the server is there. */
  hurry() {
    this.#each((live) => live.hurry());
  }

  /** Gives up what takes long. */
  cancel() {
    this.#each((live) => live.cancel());
  }

  /** Asks again for what was given up. */
  again() {
    this.#each((live) => live.retry());
  }

  /** Says how far long computations have come; what they will replace is dimmed. */
  report() {
    /** @type {number[]} */
    const long = [];
    /** @type {Map<HTMLElement, string>} */
    const stale = new Map(); // by host: why it is not of what the page shows
    let stopped = false;
    this.#each((live, part) => {
      live.abortStale();
      const { progress, cancelled, refused, outdated } = live;
      if (progress !== null) long.push(progress);
      stopped ||= cancelled;
      const why = refused ?? (cancelled ? "cancelled" : progress === null ? null : "computing…");
      if (outdated && why) for (const { host } of this.stage.named(this.#parts[part])) stale.set(host, why);
    });
    // The server takes one after the other: what has not begun would hide what has.
    const begun = long.filter((progress) => progress > 0);
    this.stage.get("bar").report(long.length ? Math.min(...(begun.length ? begun : [0])) : null, stopped);
    for (const { host } of this.#all) {
      host.classList.toggle("stale", stale.has(host));
      setData(host, "stale", stale.get(host) ?? "");
    }
  }

  stop() {
    clearTimeout(this.#resting);
    for (const live of Object.values(this.#live)) live.stop();
  }

  /**
   * What a setting of an entry is; null where it has none, or is off.
   * @param {string} key
   * @param {string} name
   * @returns {?number}
   */
  setting(key, name) {
    const card = this.setup.merged.cards.find((one) => one.key === key);
    const slider = card?.sliders.find((one) => one.key === `${key}.${name}`);
    return slider && card?.on ? slider.value : null;
  }

  /**
   * The texts that set both settings of a pair, for an entry that is then on.
   * @param {Parameters<PanelEvents["pair"]>[0]} pair
   */
  textsOfPair({ key, lr, name, value }) {
    const { on, shared, most } = this.setup.merged;
    /** @type {Record<string, string>} */
    const texts = { [`${key}.${name}`]: String(value), [shared === null ? `${key}.lr` : "lr"]: String(lr) };
    if (!on.includes(key) && on.length < most) texts.on = [...on, key].join();
    const sentence = `At most ${most} optimizers; turn one off to race this one.`;
    return { texts, refused: on.includes(key) || on.length < most ? null : sentence };
  }

  /**
   * The texts that set learning rates, each entry its own, and those that were there.
   * @param {Record<string, number>} rates
   */
  textsOfRates(rates) {
    const { cards, shared } = this.setup.merged;
    /** @type {Record<string, ?string>} */
    const before = { lr: shared === null ? null : String(shared) };
    /** @type {Record<string, ?string>} */
    const texts = { lr: null };
    for (const { key, sliders } of cards) {
      const slider = sliders.find((one) => one.key === `${key}.lr`);
      if (!slider || !(key in rates)) continue;
      before[slider.key] = slider.value === slider.default ? null : String(slider.value);
      texts[slider.key] = String(rates[key]);
    }
    return { texts, before };
  }

  /**
   * Saves a part of the study as a file, computed at its finest.
   * @param {string} part
   * @param {Format} format
   */
  async save(part, format) {
    this.setStatus("save", null);
    try {
      const file = isPicture(format)
        ? await this.#picture(part, format)
        : await (await fetched(this.#address(part, SAVED, { saved: true, format: `.${format}` }))).blob();
      keepFile(file, `${part}-${this.setup.data.surface}.${format}`);
    } catch (error) {
      this.setStatus("save", sentenceOfSaving(error));
    }
  }

  /**
   * A picture, drawn here by what draws the panels.
   * @param {string} part
   * @param {import("./studybar.js").PictureFormat} format
   */
  async #picture(part, format) {
    if (!this.moment) throw new Error("nothing is shown yet");
    const panels = this.stage.named(this.#parts[part]).map(({ panel }) => panel);
    const pictures = panels.flatMap((panel) => (panel instanceof PicturePanel ? [panel.Picture] : []));
    const { still } = this.stage.get("map");
    const moment = { ...this.moment, saved: true, frame: null, still };
    const response = await fetched(this.#address(part, SAVED, { saved: true }));
    const study = understand(await readAnswer(response, () => {}));
    return fileOf(format, study, moment, pictures, this.paper());
  }
}

/** @type {(chart: ChartSpec) => (host: HTMLElement) => ChartView} */
const chartOf = (chart) => (host) => new ChartView(host, chart);
