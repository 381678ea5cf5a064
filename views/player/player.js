// @ts-nocheck
// The player: keeps setup, race and timeline together and draws one frame at a time.

import { Cards } from "./cards.js";
import { FitView } from "./fit.js";
import { Kept } from "./kept.js";
import { letGo, ownsKey } from "./keys.js";
import { Live } from "./live.js";
import { LossView } from "./losses.js";
import { MapView } from "./map.js";
import { isOwn } from "./merged.js";
import { usePalette } from "./palette.js";
import { conditionsOf } from "./race.js";
import { reach } from "./reach.js";
import { lossAt } from "./relief.js";
import { readAnswer, understand } from "./result.js";
import { saveFile } from "./save.js";
import { SceneView } from "./scene.js";
import { Setup, placeOf } from "./setup.js";
import { Spoken } from "./spoken.js";
import { Studies } from "./studies.js";
import { Timeline } from "./timeline.js";
import { Guard, sentenceOf } from "./trouble.js";

const NARROW = 800; // pixels of width below which the player stacks
const LARGE = [1600, 900]; // pixels from which on everything is larger
const WRITE_EVERY = 80; // milliseconds
const REACH_EVERY = 400; // milliseconds between two looks at what scrolls
const LOWEST = 440; // pixels of height it never goes below
const COMPUTING = "computing…";
const UNDRAWN = "not drawn";
const LOOK_EVERY = 700; // milliseconds between two minibatches' surfaces while playing

const SKELETON = `
  <div class="map picture">
    <div class="plot"></div>
    <button class="fit" title="See the whole map" aria-label="See the whole map">⤢</button>
    <button class="keep" aria-pressed="false" data-testid="keep"
      title="Keep these trails, to compare with what follows (K)">keep trails</button>
    <p class="kept" hidden><span></span><button title="Dismiss the kept trails"
      aria-label="Dismiss the kept trails">×</button></p>
    <div class="readout"></div>
  </div>
  <div class="scene picture">
    <div class="plot"></div>
    <button class="fit" title="Back to the first view" aria-label="Back to the first view">⤢</button>
  </div>
  <div class="data picture"></div>
  <div class="beside" hidden>
    <button data-beside="data">data</button><button data-beside="scene">3D</button>
  </div>
  <div class="bar"></div>
  <div class="losses picture">
    <div class="playhead"></div>
    <div class="tip" hidden></div>
  </div>
  <div class="timeline"></div>
  <aside class="cards">
    <div class="tabs">
      <button data-leaf="optimizers" data-testid="leaf-optimizers">Optimizers</button>
      <button data-leaf="conditions" data-testid="leaf-conditions"
        title="Schedule, noise, regularization, scale">Conditions</button>
      <select class="add" aria-label="Add an optimizer" title="Add an optimizer"
        data-testid="add-optimizer"></select>
    </div>
    <div class="tools">
      <label class="shared" title="The same learning rate for all">
        <input type="checkbox" role="switch" data-testid="shared-lr"> same rate
      </label>
      <button class="recommend" data-testid="recommended"
        title="Back to the values recommended for this surface">recommended</button>
      <button class="more"></button>
    </div>
    <div class="knobs" hidden></div>
    <div class="list"></div>
    <div class="leaf">
      <div class="settings"></div>
      <label class="slider switch peek" hidden
        title="Draws the map of the loss over the samples that this step takes">
        <span class="words">Map of this step's minibatch</span>
        <input type="checkbox" role="switch" data-testid="peek">
      </label>
    </div>
    <p class="status"></p>
    <p class="news" role="status"></p>
  </aside>`;

export class Player {
  #setup = new Setup();
  #here = ""; // the surface that is wanted, as addresses name it
  #race = null;
  #nobody = {}; // that race without its runs
  #fresh = false; // whether the race has not been shown yet
  #pictures = 0;
  #landscape = null;
  #unpictured = false; // whether it could not be drawn
  #looked = 0; // when a minibatch's surface was last asked for
  #panels = null;
  #last = 0;
  #written = 0;
  #reached = 0;
  #odd = false;
  #ratio = 0; // of the screen's pixels to those of the page
  #frame = 0;
  #trouble = new Map();

  /** @param {HTMLElement} parent  what to live in */
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "player";
    this.root.dataset.testid = "player";
    this.root.innerHTML = SKELETON;
    parent.append(this.root);
    const find = (name) => this.root.querySelector(name);
    this.status = find(".status");
    this.guard = new Guard((sentence) => this.#say("guard", sentence));
    this.timeline = new Timeline(find(".timeline"), (format) => this.#save(format));
    this.map = new MapView(find(".map"), (x, y, done, entry) => this.#start(x, y, done, entry));
    this.scene = new SceneView(find(".scene"));
    this.fit = new FitView(find(".data"));
    this.kept = new Kept(find(".map"), () => this.#keep());
    this.beside = find(".beside");
    for (const button of this.beside.children) {
      button.addEventListener("click", () => this.#lay(button.dataset.beside));
    }
    this.peek = find(".peek input");
    this.peek.addEventListener("change", () => this.#ask());
    this.losses = new LossView(find(".losses"), (step) => this.timeline.seek(step));
    this.cards = new Cards(find(".cards"), {
      value: (key, value, done) => this.#value(key, value, done),
      toggle: (on, more = {}) => this.#change({ on: on.join(), ...more }, true),
      share: (rate) => this.#share(rate),
      reset: (keys) => this.#change(Object.fromEntries(keys.map((key) => [key, null])), true),
      wrong: (sentence) => this.#say("typed", sentence),
      turn: () => this.#ask(),
    });
    this.studies = new Studies(
      this.root,
      { setup: this.#setup, map: this.map, guard: this.guard },
      {
        start: (x, y, done, entry) => this.#start(x, y, done, entry),
        rate: (key, rate, done) => this.#rate(key, rate, done),
        change: (texts, done) => this.#change(texts, done),
        value: (key, value, done) => this.#value(key, value, done),
        seek: (step) => this.timeline.seek(step),
        say: (topic, sentence) => this.#say(topic, sentence),
        merged: () => this.#setup.merged,
      },
    );
    this.spoken = new Spoken(find(".news"), {
      map: this.map.trails.context.canvas,
      scene: this.scene.trails.context.canvas,
      losses: this.losses.trails.context.canvas,
      data: this.fit.context.canvas,
    });
    this.races = new Live(
      readAnswer,
      understand,
      (race, address) => this.#receiveRace(race, address),
      (trouble) => this.#say("race", trouble),
    );
    this.landscapes = new Live(
      (response) => response.text(),
      JSON.parse,
      (landscape, address) => this.#receiveLandscape(landscape, address),
      (trouble) => this.#say("landscape", trouble),
    );
    this.onKey = (event) => this.#key(event);
    document.addEventListener("keydown", this.onKey, true); // before a closed list opens
    this.root.addEventListener("click", ({ target }) => letGo(target.closest("button")));
    this.root.addEventListener("change", ({ target }) => {
      if (target.matches("select, [role=switch]")) letGo(target);
    });
    this.sizes = new ResizeObserver(() => this.#resize());
    this.sizes.observe(document.documentElement);
    this.sizes.observe(this.root);
    // What stands above the sweep takes what it needs, and that changes with what it shows.
    for (const part of [".bar", ".sweep"]) this.sizes.observe(find(part));
    // What stands above (a notice, say) moves the player without resizing it.
    this.sizes.observe(parent.closest(".stVerticalBlock") ?? parent);
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  /** Takes the page's description of a setup, and the way to answer. */
  receive(data, send) {
    const before = this.#setup.data;
    usePalette(data.palette);
    this.#setup.receive(data, send);
    const merged = this.#setup.merged;
    this.cards.receive(merged);
    const turned = this.root.dataset.view !== data.view;
    this.root.dataset.view = data.view;
    this.#turn(merged, turned);
    if (before.place !== data.place) {
      this.beside.hidden = !data.data;
      this.fit.receive(data.data);
      this.#lay(data.data ? "data" : "scene");
      if (before.place !== undefined) {
        this.timeline.seek(0);
        this.timeline.playing = true;
      }
    }
    this.#ask();
    for (const live of [this.races, this.landscapes]) live.hurry(); // the server is there
    this.studies.hurry();
    this.#rearrange();
  }

  /** Turns to the study that is chosen. */
  #turn(merged, turned) {
    const before = this.root.dataset.study;
    this.studies.receive(merged);
    if (turned || before !== this.root.dataset.study) this.#resize();
  }

  /** Lays the data or the scene beside the map. */
  #lay(beside) {
    this.root.dataset.beside = beside;
    for (const button of this.beside.children) {
      button.ariaPressed = String(button.dataset.beside === beside);
    }
    this.#resize();
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
    document.removeEventListener("keydown", this.onKey, true);
    this.sizes.disconnect();
    this.studies.stop();
    this.races.stop();
    this.landscapes.stop();
    this.root.remove();
  }

  /** Keeps the trails that are shown, or dismisses those that are kept. */
  #keep() {
    if (this.kept.race) this.kept.dismiss();
    else if (this.#raced) this.kept.keep(this.#race, this.#setup.merged);
  }

  #ask() {
    const { landscapeQuery } = this.#setup;
    this.map.ownStarts = this.#ownStarts;
    this.kept.compare(this.#setup.merged);
    this.#here = placeOf(landscapeQuery);
    this.races.ask(this.#raceAddress());
    this.studies.ask();
    this.peek.closest("label").hidden = !this.#sampled;
    const peeking = this.#sampled && this.peek.checked;
    const step = Math.min(Math.floor(this.timeline.step), this.timeline.steps - 1);
    const of = peeking ? `&${this.#minibatchQuery}&minibatch=${step}` : "";
    this.landscapes.ask(`landscape?${landscapeQuery}${of}`);
  }

  /** Whether minibatches are shown: of the entry whose conditions are, or of all. */
  get #sampled() {
    if (!this.#race || !this.#setup.data.minibatch.length) return false;
    return Boolean(conditionsOf(this.#race, this.cards.placing).batches);
  }

  /** What such a minibatch's picture depends on. */
  get #minibatchQuery() {
    const query = new URLSearchParams(this.#setup.minibatchQuery);
    const own = this.#setup.merged.own[this.cards.placing] ?? [];
    for (const { common, value } of own) {
      if (this.#setup.data.minibatch.includes(common)) query.set(common, value);
    }
    return query.toString();
  }

  /** Follows the steps with the map, while a minibatch's surface is shown. */
  #look(now) {
    if (!this.peek.checked || !this.#sampled) return;
    if (this.timeline.playing && now - this.#looked < LOOK_EVERY) return;
    this.#looked = now;
    this.#ask();
  }

  /** Changes settings: texts by key, null for a default; done when they are final. */
  #change(texts, done) {
    for (const [key, text] of Object.entries(texts)) this.#setup.change(key, text);
    this.studies.moved();
    this.#say("typed", null);
    this.#ask();
    if (!done) return;
    this.#setup.commit();
    const merged = this.#setup.merged;
    this.cards.receive(merged);
    this.#turn(merged, false);
    this.#rearrange();
  }

  #value(key, value, done) {
    if (done) {
      this.#setup.commit();
      return;
    }
    const merged = this.#setup.merged;
    const shared = merged.shared !== null && key.endsWith(".lr");
    if (shared) for (const rate of this.cards.rates) if (rate !== key) this.cards.follow(rate, value);
    const own = Object.values(merged.own).flat().find((setting) => setting.key === key);
    // What is as the race has it follows the race.
    const text = own && String(own.default) === String(value) ? null : String(value);
    this.#change({ [shared ? "lr" : key]: text }, false);
  }

  /** Sets an optimizer's learning rate; all of them where they share one. */
  #rate(key, rate, done) {
    this.cards.follow(`${key}.lr`, rate);
    this.#value(`${key}.lr`, rate, false);
    if (done) this.#setup.commit();
  }

  /** The learning rate of each optimizer that has one. */
  get #rates() {
    const { cards, shared } = this.#setup.merged;
    const rates = {};
    for (const { key, sliders } of cards) {
      const rate = sliders.find((slider) => slider.key === `${key}.lr`);
      if (rate) rates[key] = shared ?? rate.value;
    }
    return rates;
  }

  #share(rate) {
    this.#change({ lr: rate === null ? null : String(rate) }, true);
  }

  /** Moves the start of all, or of one entry. */
  #start(x, y, done, entry = this.cards.placing) {
    const { domain } = this.#setup.data;
    const within = (value, low, high) => Math.min(Math.max(value, low), high);
    const start = [within(x, domain[0], domain[1]), within(y, domain[2], domain[3])];
    this.#change({ [entry ? `${entry}.start` : "start"]: start.join() }, done);
    if (done && this.timeline.playing) this.timeline.seek(0);
  }

  /** The starts that entries have of their own: whose, where and in which colour. */
  get #ownStarts() {
    const { own, looks } = this.#setup.merged;
    return Object.entries(own).flatMap(([entry, settings]) => {
      const start = settings.find((setting) => setting.common === "start");
      return isOwn(start) ? [{ entry, at: start.value, ...looks[entry] }] : [];
    });
  }

  #receiveRace(race, address) {
    race.place = placeOf(address);
    this.#nobody = { ...race, runs: [], batches: null };
    this.guard.again();
    for (const [key, value] of Object.entries(race.following)) {
      if (this.#setup.changed(key) === undefined) this.cards.follow(key, value);
    }
    const sampled = this.#sampled;
    this.#race = race;
    this.#fresh = true;
    this.timeline.steps = race.steps;
    const count = race.runs.length;
    const runs = `${count} ${count === 1 ? "run" : "runs"} × ${race.steps} steps`;
    if (sampled !== this.#sampled) this.#ask();
    this.#say("made", `${runs} on the ${race.device} in ${race.milliseconds.toFixed(1)} ms`);
  }

  /** The address of what the page shows as a race, or as a file of it. */
  #raceAddress(ending = "") {
    return `race${ending}?${this.#setup.without(...this.#setup.data.study_keys)}`;
  }

  /** Saves the race as a file. */
  async #save(format) {
    this.#say("save", null);
    try {
      await saveFile(this.#raceAddress(`.${format}`), `race-${this.#setup.data.surface}.${format}`);
    } catch (error) {
      this.#say("save", error.message || "The file could not be made; try again.");
    }
  }

  async #receiveLandscape(landscape, address) {
    landscape.place = placeOf(address);
    this.#landscape = landscape;
    this.guard.again();
    await this.#tried(this.#picture());
  }

  /** Draws the still pictures. */
  async #picture() {
    const landscape = this.#landscape;
    this.#unpictured = false;
    this.#panels = null;
    try {
      await this.#arrangePanels();
      await shown(); // the scene takes several times as long as the map
      if (this.#landscape !== landscape) return;
      await this.scene.picture(landscape, landscape.place);
    } catch (error) {
      this.#unpictured = true;
      throw error;
    }
    this.#say("drawn", null);
  }

  async #arrangePanels() {
    if (!this.#landscape) return;
    const { on, view, looks } = this.#setup.merged;
    const { place } = this.#landscape;
    // An entry that the page does not know of yet comes with the next description.
    const known = view === "side" ? on.filter((key) => looks[key]) : [];
    const panels = known.map((key) => ({ key, ...looks[key] }));
    const wanted = `${place} ${panels.map(({ key, label }) => key + label)} ${view}`;
    if (this.#panels === wanted) return;
    this.#panels = wanted;
    this.#resize();
    await this.map.picture(this.#landscape, panels, place);
  }

  /** Brings the panels up to date; what could not be drawn is tried again. */
  #rearrange() {
    if (!this.#unpictured) this.#tried(this.#arrangePanels());
    else if (this.#landscape) this.#tried(this.#picture());
  }

  /** Says what goes wrong with something that takes a while. */
  async #tried(work) {
    try {
      await work;
    } catch (error) {
      this.#say("drawn", sentenceOf(error));
    }
  }

  #say(topic, sentence) {
    this.#trouble.set(topic, sentence);
    if (!this.#race) this.#report();
  }

  #report() {
    const { made, typed, ...others } = Object.fromEntries(this.#trouble);
    const wrong = typed ?? Object.values(others).find(Boolean);
    const studying = this.root.dataset.view === "studies";
    const told = (studying && this.studies.computed) || (this.#raced ? made : COMPUTING);
    const text = wrong ?? told ?? "";
    if (this.status.textContent === text) return;
    this.status.textContent = text;
    this.status.classList.toggle("wrong", Boolean(wrong));
    this.status.role = wrong ? "alert" : "note";
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (ownsKey(event.target, event.key)) return;
    if (event.key.toLowerCase() === "k") this.#keep();
    else if (!this.timeline.key(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #resize() {
    if (matchMedia("print").matches) return; // it is as it was on the screen
    const { innerWidth: wide, innerHeight: high } = window;
    const narrow = wide < NARROW;
    this.root.classList.toggle("narrow", narrow);
    this.root.classList.toggle("large", wide >= LARGE[0] && high >= LARGE[1]);
    const top = this.root.getBoundingClientRect().top + window.scrollY;
    const height = Math.max(LOWEST, window.innerHeight - top - 8);
    this.root.style.height = narrow ? "" : `${height}px`;
    // By these it is as wide on paper, too: pictures are not drawn anew there.
    this.root.style.setProperty("--wide", `${this.root.clientWidth}px`);
    this.root.style.setProperty("--vw", `${wide / 100}px`);
    this.root.style.setProperty("--vh", `${high / 100}px`);
    this.#ratio = window.devicePixelRatio;
    this.#tried(this.map.resize());
    this.#tried(this.scene.resize());
    this.fit.resize();
    this.studies.resize();
    this.losses.resize();
    this.cards.fit();
  }

  /** Whether the race is one on the surface that is wanted. */
  get #raced() {
    return this.#race?.place === this.#here;
  }

  /** Whether a picture is of that surface. */
  #shows(view) {
    return view.place === this.#here;
  }

  /** Whether the loss curves are, and their axis, too. */
  get #charted() {
    return this.#raced && (this.#race.known || this.#shows(this.#landscape));
  }

  /** Says over what is of another surface that its own is computed, or why it is not. */
  #veil(word) {
    const veils = [
      [this.map.host, !this.#raced || !this.#shows(this.map), !this.#shows(this.map)],
      [this.scene.host, !this.#raced || !this.#shows(this.scene), !this.#shows(this.scene)],
      [this.fit.host, !this.#raced, false],
      [this.losses.host, !this.#charted, true],
    ];
    for (const [host, waits, whole] of veils) {
      host.classList.toggle("other", waits && whole);
      if (host.dataset.waits === (waits ? word : undefined)) continue;
      if (waits) host.dataset.waits = word;
      else delete host.dataset.waits;
      this.#written = 0; // so do the numbers
    }
  }

  /** The range of a linear loss axis; null where the axis is logarithmic. */
  get #lossRange() {
    if (this.#race.known) return null;
    const { scene, relief } = this.#landscape;
    const base = this.#race.base;
    return scene.layout.scene.zaxis.range.map((h) => lossAt(relief, h) - base);
  }

  #draw(now) {
    this.#frame = requestAnimationFrame((next) => this.#draw(next));
    const seconds = Math.min((now - this.#last) / 1000, 0.25);
    this.#last = now;
    const { guard } = this;
    // Another screen may have other pixels, and the same size.
    if (window.devicePixelRatio !== this.#ratio) guard.do("sizes", () => this.#resize());
    if (!this.#race || !this.#landscape) {
      guard.do("studies", () => this.studies.report()); // they may take long before that
      this.#report();
      return;
    }
    this.#drawRace(now, seconds);
  }

  #drawRace(now, seconds) {
    const { guard } = this;
    const { view, beside } = this.root.dataset;
    const waits = !this.#raced;
    const { refused } = waits ? this.races : this.landscapes;
    const word = refused ?? (this.#unpictured && !waits ? UNDRAWN : COMPUTING);
    this.#veil(word);
    if (!waits) this.timeline.advance(seconds);
    const race = waits ? this.#nobody : this.#race;
    const raceOn = (picture) => (this.#shows(picture) ? race : this.#nobody);
    if (this.kept.race && this.kept.race.place !== this.#here) this.kept.dismiss();
    const kept = view === "studies" ? null : this.kept.race;
    for (const picture of [this.map, this.scene, this.losses]) picture.kept = kept;
    const { step } = this.timeline;
    const whole = Math.floor(step);
    // The map shows every change at once; scene and curves, in turns, every other frame.
    // Heads move in every frame everywhere.
    this.#odd = !this.#odd;
    const studying = view === "studies";
    const start = this.#setup.merged.start;
    if (!studying) guard.do("map", () => this.map.show(raceOn(this.map), step, start), this.map.host);
    if (view === "race") {
      if (beside === "data") guard.do("data", () => this.fit.show(race, whole, this.cards.placing), this.fit.host);
      else guard.do("3D surface", () => this.scene.show(raceOn(this.scene), step, this.#odd), this.scene.host);
    } else if (studying) {
      guard.do("study", () => this.studies.show(raceOn(this.map), step, start, this.#rates));
    }
    if (this.#charted) {
      guard.do("loss curves", () => this.losses.show(race, step, this.#lossRange, !this.#odd), this.losses.host);
    }
    // Numbers nobody could read at 60 a second are written less often.
    if (now - this.#written >= WRITE_EVERY) {
      this.#written = now;
      guard.do("timeline", () => this.timeline.show());
      // Without a timeline, a study shows whole races.
      const wholeRace = studying && !this.timeline.host.clientHeight;
      const until = wholeRace ? race.steps : whole;
      guard.do("cards", () => this.cards.show(waits ? null : race, until, word));
      guard.do("notes", () => this.map.annotate(raceOn(this.map), whole));
      if (!waits) guard.do("words", () => this.spoken.show(race, this.#setup.data.title, now));
      this.#report();
      this.#look(now);
      guard.do("studies", () => this.studies.report());
      this.#setup.remind();
      if (now - this.#reached >= REACH_EVERY) {
        this.#reached = now;
        reach();
      }
    }
    if (this.#fresh) {
      this.#fresh = false;
      this.#pictures += 1;
    }
    this.#tell("surface", this.#race.surface);
    this.#tell("step", String(whole));
    this.#tell("steps", String(this.#race.steps));
    this.#tell("playing", String(this.timeline.playing));
    this.#tell("pictures", String(this.#pictures));
    this.#tell("start", this.#race.start.join());
  }

  /** Keeps a data attribute of the root current. */
  #tell(name, text) {
    if (this.root.dataset[name] !== text) this.root.dataset[name] = text;
  }
}

/** Lets what is there now come to the screen: drawn in one frame, seen by the next. */
async function shown() {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}
