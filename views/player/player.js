// The player: keeps setup, race and timeline together and draws one frame at a time.

import { Cards } from "./cards.js";
import { Live } from "./live.js";
import { LossView } from "./losses.js";
import { MapView } from "./map.js";
import { unpack } from "./race.js";
import { SceneView } from "./scene.js";
import { Setup } from "./setup.js";
import { Timeline } from "./timeline.js";

const NARROW = 800; // pixels of width below which the player stacks
const WRITE_EVERY = 80; // milliseconds
const LOWEST = 520; // pixels of height it never goes below

const SKELETON = `
  <div class="map picture">
    <div class="plot"></div>
    <button class="fit" title="See the whole map">⤢</button>
    <div class="readout"></div>
  </div>
  <div class="scene picture"><div class="plot"></div></div>
  <div class="losses picture">
    <div class="playhead"></div>
    <div class="tip" hidden></div>
  </div>
  <div class="timeline"></div>
  <aside class="cards">
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
    <p class="status"></p>
  </aside>`;

export class Player {
  #setup = new Setup();
  #race = null;
  #fresh = false; // whether the race has not been shown yet
  #pictures = 0;
  #landscape = null;
  #looks = new Map();
  #panels = null;
  #last = 0;
  #written = 0;
  #odd = false;
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
    this.timeline = new Timeline(find(".timeline"));
    this.map = new MapView(find(".map"), (x, y, done) => this.#start(x, y, done));
    this.scene = new SceneView(find(".scene"));
    this.losses = new LossView(find(".losses"), (step) => this.timeline.seek(step));
    this.cards = new Cards(find(".cards"), {
      value: (key, value, done) => this.#value(key, value, done),
      toggle: (on) => this.#change({ on: on.join() }, true),
      share: (rate) => this.#share(rate),
      reset: (keys) => this.#change(Object.fromEntries(keys.map((key) => [key, null])), true),
      wrong: (sentence) => this.#say("typed", sentence),
    });
    this.races = new Live(
      async (response) => unpack(await response.arrayBuffer()),
      (race) => this.#receiveRace(race),
      (trouble) => this.#say("race", trouble),
    );
    this.landscapes = new Live(
      (response) => response.json(),
      (landscape) => this.#receiveLandscape(landscape),
      (trouble) => this.#say("landscape", trouble),
    );
    this.onKey = (event) => this.#key(event);
    document.addEventListener("keydown", this.onKey);
    this.sizes = new ResizeObserver(() => this.#resize());
    this.sizes.observe(document.documentElement);
    this.sizes.observe(this.root);
    // What stands above (a notice, say) moves the player without resizing it.
    this.sizes.observe(parent.closest(".stVerticalBlock") ?? parent);
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  /** Takes the page's description of a setup, and the way to answer. */
  receive(data, send) {
    const before = this.#setup.data;
    this.#setup.receive(data, send);
    this.#looks = new Map(data.cards.map(({ key, colour, mark, short }) => [key, { colour, mark, short }]));
    this.cards.receive(this.#merged(data));
    this.root.dataset.view = data.view;
    if (before.surface !== undefined && before.surface !== data.surface) {
      this.timeline.seek(0);
      this.timeline.playing = true;
    }
    this.#ask();
    this.#arrangePanels();
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
    document.removeEventListener("keydown", this.onKey);
    this.sizes.disconnect();
    this.races.stop();
    this.landscapes.stop();
    this.root.remove();
  }

  /** The page's description with what was changed here since. */
  #merged(data) {
    const now = (slider) => {
      const text = this.#setup.changed(slider.key);
      if (text === undefined) return slider;
      return { ...slider, value: text === null ? slider.default : Number(text) };
    };
    const shared = this.#setup.changed("lr");
    const on = this.#setup.changed("on")?.split(",");
    return {
      ...data,
      shared: shared === undefined ? data.shared : shared === null ? null : Number(shared),
      knobs: data.knobs.map(now),
      cards: data.cards.map((card) => ({
        ...card,
        on: on ? on.includes(card.key) : card.on,
        sliders: card.sliders.map(now),
      })),
    };
  }

  #ask() {
    const { query, landscapeQuery } = this.#setup;
    this.races.ask(`race?${query}`);
    this.landscapes.ask(`landscape?${landscapeQuery}`);
  }

  /** Changes settings: texts by key, null for a default; done when they are final. */
  #change(texts, done) {
    for (const [key, text] of Object.entries(texts)) this.#setup.change(key, text);
    this.#say("typed", null);
    this.#ask();
    if (!done) return;
    this.#setup.commit();
    this.cards.receive(this.#merged(this.#setup.data));
    this.#arrangePanels();
  }

  #value(key, value, done) {
    if (done) {
      this.#setup.commit();
      return;
    }
    const shared = this.#merged(this.#setup.data).shared !== null && key.endsWith(".lr");
    if (shared) for (const rate of this.cards.rates) if (rate !== key) this.cards.follow(rate, value);
    this.#change({ [shared ? "lr" : key]: String(value) }, false);
  }

  #share(rate) {
    this.#change({ lr: rate === null ? null : String(rate) }, true);
  }

  #start(x, y, done) {
    const { domain } = this.#setup.data;
    const within = (value, low, high) => Math.min(Math.max(value, low), high);
    const start = [within(x, domain[0], domain[1]), within(y, domain[2], domain[3])];
    this.#change({ start: start.join() }, done);
    if (done && this.timeline.playing) this.timeline.seek(0);
  }

  /** Where the start ring is: moved here, or as the page has it. */
  get #shownStart() {
    return this.#setup.changed("start")?.split(",").map(Number) ?? this.#setup.data.start;
  }

  #receiveRace(race) {
    for (const run of race.runs) run.look = this.#looks.get(run.key);
    this.#race = race;
    this.#fresh = true;
    this.timeline.steps = race.steps;
    const count = race.runs.length;
    const runs = `${count} ${count === 1 ? "run" : "runs"} × ${race.steps} steps`;
    this.#say("made", `${runs} on the ${race.device} in ${race.milliseconds.toFixed(1)} ms`);
  }

  async #receiveLandscape(landscape) {
    this.#landscape = landscape;
    this.#panels = null;
    await this.#arrangePanels();
    await this.scene.picture(landscape, this.#setup.data.surface);
  }

  async #arrangePanels() {
    if (!this.#landscape) return;
    const { cards, view, surface } = this.#merged(this.#setup.data);
    const panels = view === "side" ? cards.filter((card) => card.on) : [];
    const wanted = `${surface} ${panels.map((card) => card.key)}`;
    if (this.#panels === wanted) return;
    this.#panels = wanted;
    this.#resize();
    await this.map.picture(this.#landscape, panels, surface);
  }

  #say(topic, sentence) {
    this.#trouble.set(topic, sentence);
    if (!this.#race) this.#report();
  }

  #report() {
    const { typed, race, landscape, made } = Object.fromEntries(this.#trouble);
    const wrong = typed ?? race ?? landscape;
    const text = wrong ?? made ?? "";
    if (this.status.textContent === text) return;
    this.status.textContent = text;
    this.status.classList.toggle("wrong", Boolean(wrong));
    this.status.role = wrong ? "alert" : "note";
  }

  #key(event) {
    const { target } = event;
    const typing =
      target.isContentEditable ||
      target.closest?.("input, textarea, select, button, [role=combobox], [role=listbox]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.timeline.key(event.key)) event.preventDefault();
  }

  #resize() {
    const narrow = window.innerWidth < NARROW;
    this.root.classList.toggle("narrow", narrow);
    const top = this.root.getBoundingClientRect().top + window.scrollY;
    const height = Math.max(LOWEST, window.innerHeight - top - 8);
    this.root.style.height = narrow ? "" : `${height}px`;
    this.map.resize();
    this.scene.resize();
    this.losses.resize();
    this.cards.fit();
  }

  /** The range of a linear loss axis; null where the axis is logarithmic. */
  get #lossRange() {
    if (this.#setup.data.minima.length) return null;
    return this.#landscape.scene.layout.scene.zaxis.range;
  }

  #draw(now) {
    this.#frame = requestAnimationFrame((next) => this.#draw(next));
    const seconds = Math.min((now - this.#last) / 1000, 0.25);
    this.#last = now;
    const race = this.#race;
    if (!race || !this.#landscape) return;
    this.timeline.advance(seconds);
    const { step } = this.timeline;
    const whole = Math.floor(step);
    // The map shows every change at once; scene and curves, in turns, every other frame.
    // Heads move in every frame everywhere.
    this.#odd = !this.#odd;
    this.map.show(race, step, this.#shownStart);
    if (this.root.dataset.view === "race") this.scene.show(race, step, this.#odd);
    this.losses.show(race, step, this.#lossRange, !this.#odd);
    // Numbers nobody could read at 60 a second are written less often.
    if (now - this.#written >= WRITE_EVERY) {
      this.#written = now;
      this.timeline.show();
      this.cards.show(race, whole);
      this.map.annotate(race, whole);
      this.#report();
      this.#setup.remind();
    }
    if (this.#fresh) {
      this.#fresh = false;
      this.#pictures += 1;
    }
    this.#tell("surface", race.surface);
    this.#tell("step", String(whole));
    this.#tell("steps", String(race.steps));
    this.#tell("playing", String(this.timeline.playing));
    this.#tell("pictures", String(this.#pictures));
    this.#tell("start", race.start.join());
  }

  /** Keeps a data attribute of the root current. */
  #tell(name, text) {
    if (this.root.dataset[name] !== text) this.root.dataset[name] = text;
  }
}
