// @ts-nocheck
// The studies: which panels a study shows, what they ask the server for, and what a choice
// in them sets in the race.

import { BandsView } from "./bands.js";
import { BasinsView } from "./basins.js";
import { ChartView } from "./chart.js";
import { Cloud } from "./cloud.js";
import { CurvesView } from "./curves.js";
import { FairView } from "./fair.js";
import { Live, Refusal } from "./live.js";
import { palette } from "./palette.js";
import { PlaneView } from "./plane.js";
import { readAnswer, understand } from "./result.js";
import { fileOf } from "./sheet.js";
import { stillOf } from "./still.js";
import { rateText } from "./study.js";
import { StudyBar } from "./studybar.js";
import { SweepView } from "./sweep.js";

/**
 * The panels, by name: where each lies in the layout of a study (style.css), and how it is
 * made. Which of them show a study is in views/tabs.py.
 */
const PANELS = {
  basins: { area: "main", make: (host, on) => new BasinsView(host, on.start) },
  plane: { area: "main", make: (host, on) => new PlaneView(host, on.pair) },
  fair: { area: "main", make: (host, on) => new FairView(host, on.fair) },
  curves: { area: "beside", make: (host) => new CurvesView(host) },
  bands: { area: "beside", make: (host, on) => new BandsView(host, on.seek) },
  sweep: { area: "low", make: (host, on) => new SweepView(host, on.rate) },
};

/**
 * What a panel is to show, besides the study it has received.
 * @typedef {object} Moment
 * @property {object} race  as the map has it
 * @property {number} step  may lie between two iterates
 * @property {number[]} start  where the ring is
 * @property {object[]} ownStarts  the starts that entries have of their own (map.js)
 * @property {Object<string, number>} rates  the race's own, by optimizer
 * @property {(key: string, name: string) => ?number} setting  another of its settings;
 *   null where that optimizer is off
 * @property {?object} frame  where the map is (panels.js)
 * @property {number[]} domain
 * @property {string} place  the surface, as the page names it
 * @property {boolean} dots  whether runs are points that move, not trails
 * @property {boolean} best  whether the best learning rates are marked
 * @property {boolean} [saved]  whether it is for a file
 * @property {?object} [still]  the map below it, which a file has to have (still.js)
 */

const COARSE = [64, 128]; // values a side while something moves, as the server keeps up
const QUICK = 40; // milliseconds an answer may take to be asked for at the finer of them
const FINE = { basins: 256, plane: 128 }; // values a side at rest
const SAVED = 256; // and in a file
const REST = 250; // milliseconds without a change that count as rest

export class Studies {
  #live = {};
  #place = null;
  #moved = -Infinity;
  #resting = 0;
  #noRuns = {}; // the race without its runs
  #moment = null; // what is shown
  #coarse = { basins: COARSE[1], plane: COARSE[1] };
  #received = new Map(); // by part: the study that is shown

  /**
   * @param {HTMLElement} root  the player
   * @param {object} shared
   * @param {Setup} shared.setup
   * @param {MapView} shared.map
   * @param {Guard} shared.guard  does what may fail
   * @param {object} on  what a choice in a study sets
   * @param {(x: number, y: number, done: boolean, entry: string) => void} on.start
   * @param {(key: string, rate: number, done: boolean) => void} on.rate
   * @param {(texts: Object<string, ?string>, done: boolean) => void} on.change
   * @param {(key: string, value: ?(number|string), done: boolean) => void} on.value
   * @param {(step: number) => void} on.seek
   * @param {(topic: string, sentence: ?string) => void} on.say
   * @param {() => object} on.merged  the page's description with what was changed since
   */
  constructor(root, { setup, map, guard }, on) {
    this.root = root;
    this.setup = setup;
    this.map = map;
    this.guard = guard;
    this.on = {
      ...on,
      pair: (pair, done) => this.#pair(pair, done),
      fair: { set: (rates) => this.#setAll(rates), back: (texts) => on.change(texts, true) },
    };
    const bar = root.querySelector(".bar");
    this.views = { cloud: new Cloud(map.host, map.host.querySelector(".trails")) };
    for (const [name, { area, make }] of Object.entries(PANELS)) {
      this.views[name] = make(this.#host(name, area), this.on);
    }
    this.bar = new StudyBar(bar, {
      select: (study) => on.change({ study }, true),
      value: on.value,
      wrong: (sentence) => on.say("typed", sentence),
      save: (name, format) => this.#save(name, format),
      cancel: () => this.#each((live) => live.cancel()),
      again: () => this.#each((live) => live.again()),
    });
  }

  /** A new panel's place on the page. */
  #host(name, area) {
    const host = document.createElement("div");
    host.className = `${name} panel picture`;
    host.style.gridArea = area;
    host.hidden = true;
    this.root.insertBefore(host, this.root.querySelector(".losses"));
    return host;
  }

  /** The study that is shown. */
  get chosen() {
    return this.setup.changed("study") ?? this.setup.data.study;
  }

  /** What the page says of it. */
  get #described() {
    return this.setup.data.studies.find(({ key }) => key === this.chosen);
  }

  /** The panels of the shown study, by the part that they show; none in other views. */
  get #parts() {
    return this.setup.data.view === "studies" ? this.#described.panels : {};
  }

  get #shown() {
    return Object.values(this.#parts).flat();
  }

  #each(act) {
    for (const name of Object.keys(this.#parts)) act(this.#live[name], name);
  }

  /** Takes the page's description of a setup. */
  receive(data) {
    const study = this.chosen;
    const studying = data.view === "studies";
    const place = `${data.place} ${studying ? study : ""}`;
    this.root.dataset.study = study;
    for (const described of data.studies) this.#prepare(described);
    this.#setLayout(studying);
    this.bar.receive(data.studies, study, !data.on.length);
    if (place === this.#place) return;
    this.#place = place;
    this.guard.clear();
    this.moved(); // something coarse first, soon
    this.#received.clear();
    for (const [name, live] of Object.entries(this.#live)) {
      live.forget();
      if (!(name in this.#parts)) this.on.say(name, null);
    }
    for (const view of Object.values(this.views)) view.clear();
  }

  /** Makes what a study needs, once: the charts it declares, and who asks for its parts. */
  #prepare({ panels, charts }) {
    for (const [part, names] of Object.entries(panels)) {
      const [name] = names;
      if (charts[part]) this.views[name] ??= new ChartView(this.#host("chart", "main"), charts[part]);
      this.#live[part] ??= new Live(
        readAnswer,
        understand,
        (study) => this.#receiveStudy(part, study),
        (trouble) => this.on.say(part, trouble),
      );
    }
  }

  /** Makes room for the panels that are to be shown. */
  #setLayout(studying) {
    const { layout, map } = this.#described;
    if (studying) this.root.dataset.layout = layout;
    else delete this.root.dataset.layout;
    this.bar.host.hidden = !studying;
    const hosts = this.#shown.map((name) => this.views[name].host);
    for (const { host } of Object.values(this.views)) host.hidden = !hosts.includes(host);
    this.map.host.hidden = studying && !map;
  }

  #receiveStudy(name, study) {
    if (!(name in this.#parts)) return;
    this.#pace(name, study);
    const { asks } = this.#described;
    const names = study.runs.map(({ look }) => look.label).join(", ") || "no optimizer";
    this.guard.again();
    for (const view of this.#parts[name]) {
      // A name of its own: what failed to take this study may still show the one before.
      this.guard.do(`new ${view}`, () => this.views[view].receive({ study }), this.views[view].host);
      this.views[view].canvas?.describe(`${asks[name]} of ${names} on ${this.setup.data.title}`);
    }
    this.#received.set(name, study);
  }

  /** What computed the study that is shown, and how fast. */
  get computed() {
    const { asks } = this.#described;
    const each = [...this.#received].map(([name, study]) => `${asks[name]}: ${rateText(study)}`);
    const devices = new Set([...this.#received.values()].map(({ device }) => device));
    return each.length ? `${each.join(", ")} on ${[...devices].join(" and ")}` : "";
  }

  /** As fine as can follow a finger: by how long the last answer took. */
  #pace(name, { size, milliseconds, rate }) {
    if (!size || rate === null) return;
    const fine = milliseconds * (COARSE[1] / size) ** 2 <= QUICK;
    this.#coarse[name] = COARSE[Number(fine)];
  }

  /** Says that something was changed. */
  moved() {
    this.#moved = performance.now();
  }

  /** Asks for the studies: coarse while something moves, fine when it rests. */
  ask() {
    const moving = performance.now() - this.#moved < REST;
    this.#each((live, name) => {
      const coarse = this.#address(name, this.#coarse[name]);
      live.ask(moving ? coarse : this.#address(name, FINE[name]), coarse);
    });
    clearTimeout(this.#resting);
    if (moving) this.#resting = setTimeout(() => this.ask(), REST);
  }

  /** The address of a study; to be shown, with nothing that it does not depend on. */
  #address(name, size, { saved = false, format = "" } = {}) {
    const { study_keys: keys, sized, depends, ignores } = this.setup.data;
    const without = keys.filter((key) => !depends[name].includes(key));
    if (!saved) without.push(...ignores[name]);
    const query = this.setup.without(...without);
    const values = sized.includes(name) ? `&size=${size}` : "";
    return `${name}${format}?${query}${values}`;
  }

  /** Asks at once for what is waited for: the server is there. */
  hurry() {
    this.#each((live) => live.hurry());
  }

  /** Shows the study with the race at a step; `rates` are the race's own. */
  show(race, step, start, rates) {
    const { map, how } = this.#described;
    if (this.#noRuns.of !== race) this.#noRuns = { ...race, of: race, runs: [] };
    const moment = {
      dots: how === "dots",
      best: how === "best",
      race: map === "none" ? this.#noRuns : race,
      step: map === "whole" ? race.steps : step,
      start,
      ownStarts: this.map.ownStarts,
      rates,
      setting: (key, name) => this.#setting(key, name),
      domain: this.setup.data.domain,
      place: this.setup.data.place,
    };
    if (map) this.guard.do("map", () => this.map.show(moment.race, moment.step, start), this.map.host);
    moment.frame = this.map.frame;
    this.#moment = moment;
    for (const name of this.#shown) {
      const view = this.views[name];
      this.guard.do(name, () => view.draw(moment), view.host);
    }
  }

  /** Says how far long computations have come; what they will replace is dimmed. */
  report() {
    const long = [];
    const stale = new Map(); // by host: why it is not of what the page shows
    let stopped = false;
    this.#each((live, name) => {
      live.look();
      const { progress, cancelled, refused, outdated } = live;
      if (progress !== null) long.push(progress);
      stopped ||= cancelled;
      const why = refused ?? (cancelled ? "cancelled" : progress === null ? null : "computing…");
      if (outdated && why) for (const view of this.#parts[name]) stale.set(this.views[view].host, why);
    });
    // The server takes one after the other: what has not begun would hide what has.
    const begun = long.filter((progress) => progress > 0);
    this.bar.show(long.length ? Math.min(...(begun.length ? begun : [0])) : null, stopped);
    for (const { host } of Object.values(this.views)) {
      host.classList.toggle("stale", stale.has(host));
      host.dataset.stale = stale.get(host) ?? "";
    }
  }

  resize() {
    for (const view of Object.values(this.views)) view.resize?.();
  }

  stop() {
    clearTimeout(this.#resting);
    for (const live of Object.values(this.#live)) live.stop();
  }

  /** What a setting of an optimizer is, if that is on. */
  #setting(key, name) {
    const card = this.on.merged().cards.find((one) => one.key === key);
    const slider = card?.sliders.find((one) => one.key === `${key}.${name}`);
    return slider && card.on ? slider.value : null;
  }

  /** Sets both settings of a pair, for an optimizer that is then on. */
  #pair({ key, lr, name, value }, done) {
    const { on, shared, most } = this.on.merged();
    const texts = { [`${key}.${name}`]: String(value) };
    texts[shared === null ? `${key}.lr` : "lr"] = String(lr);
    if (!on.includes(key) && on.length < most) texts.on = [...on, key].join();
    this.on.change(texts, done);
    if (on.includes(key) || on.length < most) return;
    this.on.say("typed", `At most ${most} optimizers; turn one off to race this one.`);
  }

  /** Sets learning rates, each optimizer its own; gives the texts that were there. */
  #setAll(rates) {
    const { cards, shared } = this.on.merged();
    const before = { lr: shared === null ? null : String(shared) };
    for (const { key, sliders } of cards) {
      const slider = sliders.find((one) => one.key === `${key}.lr`);
      if (key in rates) before[slider.key] = slider.value === slider.default ? null : String(slider.value);
    }
    const texts = Object.entries(rates).map(([key, rate]) => [`${key}.lr`, String(rate)]);
    this.on.change({ lr: null, ...Object.fromEntries(texts) }, true);
    return before;
  }

  /** Saves a part of the study as a file, computed at its finest. */
  async #save(name, format) {
    this.on.say("save", null);
    try {
      const file = await (format === "png" || format === "svg" ? this.#picture(name, format) : this.#data(name, format));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = `${name}-${this.setup.data.surface}.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (error) {
      console.error(error);
      this.on.say("save", error instanceof Refusal ? error.message : "The file could not be made; try again.");
    }
  }

  /** A table or arrays, which the server writes. */
  async #data(name, format) {
    return (await this.#fetched(this.#address(name, SAVED, { saved: true, format: `.${format}` }))).blob();
  }

  /** A picture, drawn here by what draws the panels. */
  async #picture(name, format) {
    const pictures = this.#parts[name].map((view) => this.views[view].Picture).filter(Boolean);
    const moment = { ...this.#moment, saved: true, frame: null, still: this.map.still && stillOf(this.map.plot) };
    const response = await this.#fetched(this.#address(name, SAVED, { saved: true }));
    const study = understand(await readAnswer(response, () => {}));
    return fileOf(format, study, moment, pictures, palette);
  }

  async #fetched(address) {
    const response = await fetch(new URL(address, document.baseURI));
    if (response.ok) return response;
    const explained = [400, 503].includes(response.status);
    throw new Refusal(explained ? await response.text() : "The file could not be made; try again.");
  }
}
