// The studies: which pictures a study shows, what they ask the server for, and what a
// choice in them sets in the race.

import { BandsView } from "./bands.js";
import { BasinsView } from "./basins.js";
import { Cloud } from "./cloud.js";
import { CurvesView } from "./curves.js";
import { FairView } from "./fair.js";
import { Live } from "./live.js";
import { PlaneView } from "./plane.js";
import { rateText, readStudy } from "./study.js";
import { StudyBar } from "./studybar.js";
import { SweepView } from "./sweep.js";

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
  #nobody = null;
  #coarse = { basins: COARSE[1], plane: COARSE[1] };
  #told = new Map(); // by name: what a study took

  /**
   * @param {HTMLElement} root  the player
   * @param {object} shared
   * @param {Setup} shared.setup
   * @param {MapView} shared.map
   * @param {object} on  what a choice in a study sets
   * @param {(x: number, y: number, done: boolean) => void} on.start
   * @param {(key: string, rate: number, done: boolean) => void} on.rate
   * @param {(texts: Object<string, ?string>, done: boolean) => void} on.change
   * @param {(key: string, value: ?(number|string), done: boolean) => void} on.value
   * @param {(step: number) => void} on.seek
   * @param {(topic: string, sentence: ?string) => void} on.say
   * @param {() => object} on.merged  the page's description with what was changed since
   */
  constructor(root, { setup, map }, on) {
    this.root = root;
    this.setup = setup;
    this.map = map;
    this.on = on;
    const find = (name) => root.querySelector(name);
    this.basins = new BasinsView(find(".basins"), on.start);
    this.sweep = new SweepView(find(".sweep"), on.rate);
    this.curves = new CurvesView(find(".curves"));
    this.bands = new BandsView(find(".bands"), on.seek);
    this.plane = new PlaneView(find(".plane"), (pair, done) => this.#pair(pair, done));
    this.cloud = new Cloud(find(".map"), find(".map .trails"));
    this.fair = new FairView(find(".fair"), {
      set: (rates) => this.#setAll(rates),
      back: (texts) => on.change(texts, true),
    });
    this.bar = new StudyBar(find(".bar"), {
      turn: (study) => on.change({ study }, true),
      value: on.value,
      wrong: (sentence) => on.say("typed", sentence),
      save: (name, format) => this.#save(name, format),
      cancel: () => this.#each((live) => live.cancel()),
      again: () => this.#each((live) => live.again()),
    });
    this.shown = {
      basins: [this.basins],
      sweep: [this.sweep, this.fair],
      curves: [this.curves],
      plane: [this.plane],
      fan: [this.cloud],
      swarm: [this.cloud, this.bands],
      luck: [this.cloud, this.bands],
    };
    for (const [name, shown] of Object.entries(this.shown)) {
      this.#live[name] = new Live(
        readStudy,
        (study) => {
          if (!(name in this.#asks)) return;
          this.#pace(name, study);
          for (const view of shown) view.receive(study, this.setup.data.looks);
          this.#told.set(name, study);
        },
        (trouble) => on.say(name, trouble),
      );
    }
    this.views = [...new Set(Object.values(this.shown).flat())];
  }

  /** The study that is shown. */
  get chosen() {
    return this.setup.changed("study") ?? this.setup.data.study;
  }

  get #study() {
    return this.setup.data.studies.find(({ key }) => key === this.chosen);
  }

  /** What the shown study asks for, by name. */
  get #asks() {
    return this.setup.data.view === "studies" ? this.#study.asks : {};
  }

  #each(act) {
    for (const name of Object.keys(this.#asks)) act(this.#live[name], name);
  }

  /** Takes the page's description of a setup. */
  receive(data) {
    const study = this.chosen;
    const place = `${data.place} ${data.view === "studies" ? study : ""}`;
    this.root.dataset.study = study;
    this.bar.receive(data.studies, study, !data.on.length);
    if (place === this.#place) return;
    this.#place = place;
    this.moved(); // something coarse first, soon
    this.#told.clear();
    for (const [name, live] of Object.entries(this.#live)) {
      live.forget();
      if (!(name in this.#asks)) this.on.say(name, null);
    }
    for (const view of this.views) view.clear();
  }

  /** What computed the study that is shown, and how fast. */
  get told() {
    const each = [...this.#told].map(([name, study]) => `${this.#asks[name]}: ${rateText(study)}`);
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
    this.#each((live, name) => live.ask(this.#address(name, moving ? this.#coarse[name] : FINE[name])));
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

  /** Shows the study with the race at a step; `rates` are the race's own. */
  show(race, step, start, rates) {
    const { chosen, map } = this;
    if (chosen === "basins") this.basins.show(race, start);
    if (["basins", "rates", "fair"].includes(chosen)) this.sweep.show(rates, chosen === "fair");
    if (chosen === "fair") this.fair.show(rates);
    if (chosen === "rates") {
      this.curves.show();
      map.show(race, race.steps, start);
      this.cloud.trails(map.frame, this.setup.data.domain);
    }
    if (chosen === "plane") {
      this.plane.show(this.#ownPair(rates));
      map.show(race, step, start);
    }
    if (chosen === "swarm") {
      if (this.#nobody?.of !== race) this.#nobody = { of: race, ...race, runs: [] };
      map.show(this.#nobody, step, start);
      this.cloud.dots(map.frame, step);
      this.bands.show(step, null);
    }
    if (chosen === "luck") {
      map.show(race, step, start);
      this.cloud.trails(map.frame);
      this.bands.show(step, race);
    }
  }

  /** Says how far long computations have come; what they will replace is dimmed. */
  report() {
    const long = [];
    const stale = new Set();
    let stopped = false;
    this.#each((live, name) => {
      live.look();
      const { progress, cancelled, refused, outdated } = live;
      if (progress !== null) long.push(progress);
      stopped ||= cancelled;
      if (progress === null && !cancelled && !refused) return;
      if (outdated) for (const view of this.shown[name]) stale.add(view.host);
    });
    this.bar.show(long.length ? Math.min(...long) : null, stopped);
    for (const { host } of this.views) {
      host.classList.toggle("stale", stale.has(host));
      host.dataset.stale = stopped ? "cancelled" : long.length ? "computing…" : "";
    }
  }

  resize() {
    for (const view of this.views) view.resize?.();
  }

  stop() {
    clearTimeout(this.#resting);
    for (const live of Object.values(this.#live)) live.stop();
  }

  /** The race's own pair of the settings that the plane spans. */
  #ownPair(rates) {
    const { key, second } = this.plane;
    const card = this.on.merged().cards.find((one) => one.key === key);
    const slider = card?.sliders.find((one) => one.key === `${key}.${second}`);
    return slider && card.on ? { lr: rates[key], value: slider.value } : null;
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
      if (!response.ok) throw new Error(response.status === 400 ? await response.text() : "");
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
