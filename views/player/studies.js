// @ts-nocheck
// The studies: which pictures a study shows, what they ask the server for, and what a
// choice in them sets in the race.

import { BandsView } from "./bands.js";
import { BasinsView } from "./basins.js";
import { Cloud } from "./cloud.js";
import { CurvesView } from "./curves.js";
import { FairView } from "./fair.js";
import { Live } from "./live.js";
import { PlaneView } from "./plane.js";
import { readAnswer, understand } from "./result.js";
import { rateText } from "./study.js";
import { StudyBar } from "./studybar.js";
import { SweepView } from "./sweep.js";

/**
 * The studies, by key: how their pictures are laid out (style.css), what the map shows
 * if it is there ("race" at its step, the "whole" race, or "nobody" of it), which views
 * show each part that the server computes, and how (see `Moment`).
 */
export const STUDIES = {
  basins: { layout: "stacked", parts: { basins: ["basins"], sweep: ["sweep"] } },
  rates: {
    layout: "split",
    map: "whole",
    parts: { sweep: ["sweep"], fan: ["cloud"], curves: ["curves"] },
    lost: true,
  },
  plane: { layout: "raced", map: "race", parts: { plane: ["plane"] } },
  swarm: { layout: "film", map: "nobody", parts: { swarm: ["cloud", "bands"] }, dots: true },
  luck: { layout: "film", map: "race", parts: { luck: ["cloud", "bands"] } },
  fair: { layout: "stacked", parts: { sweep: ["sweep", "fair"] }, best: true },
};

/**
 * What a view is to show, besides the study it has received.
 * @typedef {object} Moment
 * @property {object} race  as the map has it
 * @property {number} step  may lie between two iterates
 * @property {number[]} start  where the ring is
 * @property {Object<string, number>} rates  the race's own, by optimizer
 * @property {(key: string, name: string) => ?number} setting  another of its settings;
 *   null where that optimizer is off
 * @property {?object} frame  where the map is (panels.js)
 * @property {number[]} domain
 * @property {string} place  the surface, as the page names it
 * @property {boolean} [dots]  whether runs are points that move, not trails
 * @property {boolean} [lost]  whether trails that leave the domain have another colour
 * @property {boolean} [best]  whether the best learning rates are marked
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
  #nobody = {};
  #coarse = { basins: COARSE[1], plane: COARSE[1] };
  #told = new Map(); // by name: what a study took

  /**
   * @param {HTMLElement} root  the player
   * @param {object} shared
   * @param {Setup} shared.setup
   * @param {MapView} shared.map
   * @param {Guard} shared.guard  does what may fail
   * @param {object} on  what a choice in a study sets
   * @param {(x: number, y: number, done: boolean) => void} on.start
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
    this.on = on;
    const find = (name) => root.querySelector(name);
    this.views = {
      basins: new BasinsView(find(".basins"), on.start),
      sweep: new SweepView(find(".sweep"), on.rate),
      curves: new CurvesView(find(".curves")),
      bands: new BandsView(find(".bands"), on.seek),
      plane: new PlaneView(find(".plane"), (pair, done) => this.#pair(pair, done)),
      cloud: new Cloud(find(".map"), find(".map .trails")),
      fair: new FairView(find(".fair"), {
        set: (rates) => this.#setAll(rates),
        back: (texts) => on.change(texts, true),
      }),
    };
    this.bar = new StudyBar(find(".bar"), {
      turn: (study) => on.change({ study }, true),
      value: on.value,
      wrong: (sentence) => on.say("typed", sentence),
      save: (name, format) => this.#save(name, format),
      cancel: () => this.#each((live) => live.cancel()),
      again: () => this.#each((live) => live.again()),
    });
    for (const name of Object.values(STUDIES).flatMap(({ parts }) => Object.keys(parts))) {
      this.#live[name] ??= new Live(
        readAnswer,
        understand,
        (study) => this.#receiveStudy(name, study),
        (trouble) => on.say(name, trouble),
      );
    }
  }

  /** The study that is shown. */
  get chosen() {
    return this.setup.changed("study") ?? this.setup.data.study;
  }

  /** The views of the shown study, by the part that they show; none in other views. */
  get #parts() {
    return this.setup.data.view === "studies" ? STUDIES[this.chosen].parts : {};
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
    this.#lay(studying, STUDIES[study]);
    this.bar.receive(data.studies, study, !data.on.length);
    if (place === this.#place) return;
    this.#place = place;
    this.guard.clear();
    this.moved(); // something coarse first, soon
    this.#told.clear();
    for (const [name, live] of Object.entries(this.#live)) {
      live.forget();
      if (!(name in this.#parts)) this.on.say(name, null);
    }
    for (const view of Object.values(this.views)) view.clear();
  }

  /** Makes room for the pictures that are to be shown. */
  #lay(studying, { layout, map }) {
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
    const { asks } = this.setup.data.studies.find(({ key }) => key === this.chosen);
    const names = study.runs.map(({ look }) => look.label).join(", ") || "nobody";
    this.guard.again();
    for (const view of this.#parts[name]) {
      this.guard.do(view, () => this.views[view].receive(study));
      this.views[view].canvas?.describe(`${asks[name]} of ${names} on ${this.setup.data.title}`);
    }
    this.#told.set(name, study);
  }

  /** What computed the study that is shown, and how fast. */
  get told() {
    const { asks } = this.setup.data.studies.find(({ key }) => key === this.chosen);
    const each = [...this.#told].map(([name, study]) => `${asks[name]}: ${rateText(study)}`);
    const devices = new Set([...this.#told.values()].map(({ device }) => device));
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

  /** The address of a study, with nothing that it does not depend on. */
  #address(name, size, format = "") {
    const { studied, sized, rates } = this.setup.data;
    const own = this.setup.data.depends[name];
    const without = studied.filter((key) => !own.includes(key));
    if (name === "basins" && !format) without.push("start");
    if (name === "sweep" && !format) without.push(...rates, "lr");
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
    const { map, ...how } = STUDIES[this.chosen];
    if (this.#nobody.of !== race) this.#nobody = { ...race, of: race, runs: [] };
    const moment = {
      ...how,
      race: map === "nobody" ? this.#nobody : race,
      step: map === "whole" ? race.steps : step,
      start,
      rates,
      setting: (key, name) => this.#setting(key, name),
      domain: this.setup.data.domain,
      place: this.setup.data.place,
    };
    if (map) this.guard.do("map", () => this.map.show(moment.race, moment.step, start));
    moment.frame = this.map.frame;
    for (const name of this.#shown) this.guard.do(name, () => this.views[name].show(moment));
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
    this.on.say("typed", `${most} optimizers fit on one screen; switch one off to race this one.`);
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
      const address = new URL(this.#address(name, SAVED, `.${format}`), document.baseURI);
      const response = await fetch(address);
      if (!response.ok) throw new Error([400, 503].includes(response.status) ? await response.text() : "");
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await response.blob());
      link.download = `${name}-${this.setup.data.surface}.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (error) {
      this.on.say("save", error.message || "The file could not be made; try again.");
    }
  }
}
