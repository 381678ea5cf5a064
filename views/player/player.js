// The player: keeps setup, race and timeline together, and draws one frame at a time.

import { Exchange } from "./exchange.js";
import { isFramed, shareHands, sized } from "./frame.js";
import { Groups, groupOf, groupOfKey } from "./groups.js";
import { Kept } from "./kept.js";
import { letGo, ownsKey } from "./keys.js";
import { Live } from "./live.js";
import { inspectionsOf } from "./inspection.js";
import { isOwn } from "./merged.js";
import { takesFiles } from "./own.js";
import { conditionsOf } from "./race.js";
import { BESIDE, OWN, Room, SEEN } from "./room.js";
import { reach } from "./reach.js";
import { lossAt } from "./relief.js";
import { readAnswer, understand } from "./result.js";
import { renewal } from "./renewal.js";
import { Setup, placeOf } from "./setup.js";
import { SlowMotion } from "./slowmotion.js";
import { source } from "./source.js";
import { linkTo } from "./share.js";
import { Spoken } from "./spoken.js";
import { Stage } from "./stage.js";
import { COMPUTING, Status } from "./status.js";
import { readLandscape } from "./still.js";
import { Studies } from "./studies.js";
import { AUTO, Theme } from "./theme.js";
import { ahead } from "./pen.js";
import { printed } from "./picture.js";
import { Guard, sentenceOf } from "./trouble.js";
import { LOWEST_FRAMED, WindowSize } from "./windowsize.js";
import { setData } from "./write.js";

const WRITE_EVERY = 80; // milliseconds between two frames in which texts are written
const REACH_EVERY = 400; // milliseconds between two looks at what scrolls
const UNDRAWN = "not drawn";
const IDLE = 500; // milliseconds after which it is not waited for any longer
const MOST_KEPT = 8000; // characters of an address that pages which follow are sent
const MOST_CAPTION = 200; // and of what its trails are called
const SAMPLE_EVERY = 700; // milliseconds between two minibatches' surfaces while playing

export class Player {
  #setup = new Setup();
  #here = ""; // the surface that is wanted, as addresses name it
  /** @type {?Race} */
  #race = null;
  /** @type {?Race} */
  #noRuns = null; // that race without its runs
  #fresh = false; // whether the race has not been shown yet
  #pictures = 0;
  /** @type {?Landscape} */
  #landscape = null;
  #unpictured = false; // whether it could not be drawn
  #raceShown = () => {}; // to be called when the first race is on the screen
  /** @type {Promise<void>} */
  #quiet; // until what is large may be loaded
  /** Until the first race is on the screen. */
  begun = new Promise((/** @type {(_: void) => void} */ done) => {
    this.#raceShown = done;
  });
  #sampledAt = 0; // when a minibatch's surface was last asked for
  /** @type {?string} */
  #split = null; // which maps there are, and of what
  /** @type {Moment["ownStarts"]} */
  #ownStarts = [];
  #last = 0;
  #written = 0;
  #reached = 0;
  #odd = false;
  #size = new WindowSize();
  #frame = 0;
  /** @type {import("./inspection.js").Inspection[]} */
  #inspections = []; // that of which numbers are shown first
  /** @type {?Moment} */
  #shown = null; // what panels showed last
  #keptThere = { address: "", caption: "" }; // trails that the page keeps which this one follows
  /** @type {?number} */
  #opensAt = null; // the step that the first race is to be shown at

  /**
   * @param {HTMLElement} parent  what to live in
   * @param {(sentence: string) => void} onUndefined  says where the surface has no value
   * @param {Promise<unknown>} [settled]  until when nothing large is to be loaded
   */
  constructor(parent, onUndefined, settled) {
    this.onUndefined = onUndefined;
    this.#quiet = this.begun.then(() => settled).then(idle);
    this.root = document.createElement("div");
    this.root.className = "player";
    this.root.dataset.testid = "player";
    this.framed = isFramed();
    this.root.classList.toggle("framed", this.framed);
    sized(this.root, this.framed);
    if (this.framed) this.root.style.setProperty("--lowest", `${LOWEST_FRAMED}px`);
    parent.append(this.root);
    this.theme = new Theme(this.root, () => this.#resize());
    this.groups = new Groups(this.root);
    this.guard = new Guard((sentence) => this.#setStatus("guard", sentence));
    this.stage = new Stage(this.root, this.guard, this.#events, () => this.#resize());
    if (this.framed) this.leaveHands = shareHands(this.root);
    this.map = this.stage.get("map");
    this.timeline = this.stage.get("timeline");
    this.cards = this.stage.get("cards");
    this.lesson = this.stage.get("lesson");
    this.help = this.stage.get("help");
    this.status = new Status(this.cards.host.querySelector(".status"));
    this.slow = new SlowMotion(this.timeline, this.stage.get("inside"));
    this.help.what.look = (at) => this.map.partAt(at);
    this.kept = new Kept(this.map.host, () => this.#keep());
    this.studies = new Studies({ setup: this.#setup, stage: this.stage, guard: this.guard, paper: () => this.theme.onPaper }, (topic, sentence) =>
      this.#setStatus(topic, sentence),
    );
    this.keptRaces = new Live(readAnswer, understand, (race, address) => this.#receiveKept(race, address), () => {});
    this.room = new Room(this.root, this.#roomPage);
    this.spoken = new Spoken(this.cards.host.querySelector(".news"), {
      map: this.map.trails.context.canvas,
      scene: this.stage.get("scene").trails.context.canvas,
      losses: this.stage.get("losses").trails.context.canvas,
      data: this.stage.get("data").canvas.context.canvas,
    });
    this.races = new Live(
      readAnswer,
      understand,
      (race, address) => this.#receiveRace(race, address),
      (trouble) => this.#setStatus("race", trouble),
      "askWhole",
    );
    this.landscapes = new Live(
      (response) => response.text(),
      readLandscape,
      (landscape, address) => this.#receiveLandscape(landscape, address),
      (trouble) => this.#setStatus("landscape", trouble),
    );
    /** @param {KeyboardEvent} event */
    this.onKey = (event) => this.#key(event);
    this.onBack = () => this.#setup.goneBack();
    window.addEventListener("popstate", this.onBack);
    // The document is as high as before in a window of another height.
    this.onSize = () => this.#size.higher && this.#resize();
    window.addEventListener("resize", this.onSize);
    this.onPrint = () => this.#print(true);
    this.onPrinted = () => this.#print(false);
    window.addEventListener("beforeprint", this.onPrint);
    window.addEventListener("afterprint", this.onPrinted);
    document.addEventListener("keydown", this.onKey, true); // before a closed list opens
    this.files = new Exchange({
      root: this.root,
      stage: this.stage,
      groups: this.groups,
      theme: this.theme,
      page: () => this.#setup.merged,
      address: (ending) => this.#raceAddress(ending),
      shown: () => (this.#raced ? this.#shown : null),
      seen: () => this.#seen,
      say: (topic, sentence) => this.#setStatus(topic, sentence),
    });
    takesFiles(this.root, (files, at) => this.files.take(files, at));
    this.root.addEventListener("click", ({ target }) => {
      if (target instanceof Element) letGo(target.closest("button"));
      if (target instanceof Element && target.closest(".timeline button")) this.room.takeOver();
    });
    this.timeline.scrub.addEventListener("input", () => this.room.takeOver());
    this.timeline.speed.addEventListener("change", () => this.room.takeOver());
    this.root.addEventListener("change", ({ target }) => {
      if (target instanceof Element && target.matches("select, [role=switch]")) letGo(target);
    });
    this.sizes = new ResizeObserver(() => this.#resize());
    this.sizes.observe(document.documentElement);
    this.sizes.observe(this.root);
    // What stands above the sweep takes what it needs, and that changes with what it shows.
    for (const { host } of this.stage.named(["bar", "sweep"])) this.sizes.observe(host);
    this.settle(parent);
    renewal.address = () => this.#address;
    renewal.say = (sentence) => this.#setStatus("renewal", sentence);
    this.#frame = requestAnimationFrame((now) => this.#draw(now));
  }

  /**
   * It stands in an element: what stands above there moves it without resizing it.
   * @param {HTMLElement} parent
   */
  settle(parent) {
    this.sizes.observe(parent.closest(".stVerticalBlock") ?? parent);
  }

  /**
   * What a choice in a panel does.
   * @returns {PanelEvents}
   */
  get #events() {
    return {
      start: (x, y, done, entry) => this.#start(x, y, done, entry),
      seek: (step) => {
        if (!this.groups.editable("timeline")) return;
        this.room.takeOver();
        this.timeline.seek(step);
      },
      rate: (key, rate, done) => this.#rate(key, rate, done),
      value: (key, value, done) => this.#value(key, value, done),
      pair: (pair, done) => this.#pair(pair, done),
      setRates: (rates) => {
        const { texts, before } = this.studies.textsOfRates(rates);
        this.#change(this.#editable(texts), true);
        return before;
      },
      setTexts: (texts) => this.#change(this.#editable(texts), true),
      toggle: (on, more = {}) => this.#change({ on: on.join(), ...more }, true),
      theme: (name) => {
        this.#change({ theme: name === AUTO ? null : name }, true);
        this.theme.receive(this.#setup.merged.theme, this.#setup.merged.themes);
      },
      share: (rate) => this.#change({ lr: rate === null ? null : String(rate) }, true),
      reset: (keys) => this.#change(this.#editable(Object.fromEntries(keys.map((key) => [key, null]))), true),
      wrong: (sentence) => this.#setStatus("typed", sentence),
      turn: () => this.#ask(),
      panels: (names) => this.#panels(names),
      show: (names) => this.#change({ show: names.join() || null }, true),
      inspect: (entry) => this.#inspect(entry),
      explain: (act) => this.#explain(act),
      lesson: (key, page) => this.#open(key, page),
      help: () => this.stage.get("help").ask(),
      lead: async (open) => {
        if (open) await this.room.open();
        else this.room.end();
      },
      join: (code) => this.room.join(code),
      led: () => this.room.led,
      link: () => this.stage.get("share").open(this.timeline.step, this.timeline.playing, this.#seen),
      query: () => {
        const link = linkTo(location.href, Math.round(this.timeline.step), undefined, this.#seen);
        return printed(link, this.#setup.merged.surface).split("?")[1];
      },
      guess: (guess) => this.lesson.take(guess),
      reveal: () => {
        this.room.takeOver();
        this.timeline.seek(0);
        this.timeline.playing = true;
      },
      select: (study) => this.#change({ study }, true),
      savePage: (address) => this.files.download(address, "html"),
      saveRace: (format) => this.files.save(format),
      saveStudy: (part, format) => this.studies.save(part, format),
      cancel: () => this.studies.cancel(),
      again: () => this.studies.again(),
    };
  }

  /**
   * What a room asks of this page.
   * @returns {import("./room.js").RoomPage}
   */
  get #roomPage() {
    return {
      shows: () => {
        const query = this.#setup.pageQuery;
        for (const [key, text] of Object.entries(this.#seen)) {
          if (text === null) query.delete(key);
          else query.set(key, text);
        }
        for (const key of OWN) query.delete(key);
        const { step, playing } = this.timeline;
        const { revealed } = this.lesson;
        return { query: query.toString(), step, playing, dragging: this.#setup.turning, revealed, ...this.#unsaid };
      },
      rate: () => this.timeline.rate,
      change: (texts, done) => {
        this.#change(texts, done);
        if (!done) this.#arrange(false);
      },
      pending: (key) => this.#setup.changed(key) !== undefined,
      turnable: (keys) => keys.every((key) => this.#setup.turnable.includes(key)),
      see: (texts) => {
        const [speed, loop, zoom, camera] = SEEN.map((key) => texts[key] ?? "");
        this.timeline.open({ speed: Number(speed) || null, loop: loop !== "0" });
        this.map.open(numbersOf(zoom));
        this.stage.get("scene").open(numbersOf(camera));
      },
      play: (step, playing, stage) => {
        const { timeline } = this;
        const slack = playing && timeline.playing ? timeline.rate / 2 : 0;
        if (Math.abs(timeline.step - step) > slack) timeline.seek(step);
        timeline.playing = playing;
        const [inspection] = this.#inspections;
        this.slow.go(stage === null || !inspection ? null : Math.min(stage, inspection.inside.lines.length - 1));
      },
      keep: (query, caption) => this.#keepThere(query && `race?${query}`, caption),
      sample: (on) => {
        this.cards.minibatch.checked = on;
        this.#ask();
      },
      reveal: () => this.lesson.show(),
      code: () => this.stage.get("share").toggleCode(this.#seen),
    };
  }

  /**
   * Takes the page's description of a setup, and the way to answer.
   * @param {Page} data
   * @param {Send} send
   */
  receive(data, send) {
    const before = this.#setup.data;
    this.#setup.receive(data, send);
    const { theme, themes } = this.#setup.merged;
    this.theme.receive(theme, themes);
    const prepared = this.groups.receive(data);
    const other = this.root.dataset.view !== data.view;
    this.root.dataset.view = data.view;
    this.#arrange(prepared || other || before.place !== data.place);
    if (before.place !== undefined && before.place !== data.place) {
      this.timeline.seek(0);
      this.timeline.playing = true;
    }
    this.room.receive(data, before.query ?? "");
    const turned = pageOf(before.lesson) !== pageOf(data.lesson);
    if (data.lesson && turned) this.kept.dismiss();
    if (before.place === undefined || (data.lesson && turned)) this.#opened(data);
    this.#ask();
    for (const live of [this.races, this.landscapes]) live.hurry(); // the server is there
    this.studies.hurry();
    this.#rearrange();
    this.room.again();
  }

  /**
   * A page was opened, or turned: its race begins as its address says, waits where the
   * reader is to predict, and stands at its end for who wants no motion.
   * @param {Page} page
   */
  #opened(page) {
    const { step, play, lesson } = page;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const asks = Boolean(lesson?.prediction);
    this.timeline.open(page);
    this.map.open(page.zoom);
    this.stage.get("scene").open(page.camera);
    if (lesson) this.#bringUp();
    this.#opensAt = step ?? (still && !asks ? Infinity : 0);
    this.timeline.seek(0);
    this.timeline.playing = play && !asks && !still;
  }

  /** On a phone, a lesson begins with its map: what is above it is not its matter. */
  async #bringUp() {
    await shown();
    if (this.root.classList.contains("narrow")) this.root.scrollIntoView();
  }

  /**
   * Gives the page's description to the panels, and shows those that it asks for.
   * @param {boolean} turned  whether others are shown than before
   */
  #arrange(turned) {
    const { merged } = this.#setup;
    const { dataset } = this.root;
    const before = dataset.study;
    this.studies.receive(merged);
    dataset.study = merged.study;
    const { layout } = this.studies.described;
    const studying = merged.view === "studies";
    if (studying) dataset.layout = layout;
    else delete dataset.layout;
    const others = this.stage.arrange(studying ? layout : merged.view, merged, this.studies.panels);
    this.stage.give({ page: merged });
    if (turned || others || before !== merged.study) this.#resize();
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
    document.removeEventListener("keydown", this.onKey, true);
    window.removeEventListener("popstate", this.onBack);
    window.removeEventListener("resize", this.onSize);
    window.removeEventListener("beforeprint", this.onPrint);
    window.removeEventListener("afterprint", this.onPrinted);
    this.theme.destroy();
    this.sizes.disconnect();
    this.groups.destroy();
    this.room.destroy();
    this.leaveHands?.();
    this.studies.stop();
    this.races.stop();
    this.keptRaces.stop();
    this.landscapes.stop();
    this.stage.destroy();
    this.root.remove();
  }

  /**
   * Shows other panels.
   * @param {string[]} names
   */
  #panels(names) {
    this.#change({ panels: names.join() || null }, true);
    this.#resize();
  }

  /**
   * Inspects an entry: its steps are shown from inside.
   * @param {string} entry
   */
  #inspect(entry) {
    if (this.root.dataset.view !== "race" || !this.#setup.merged.on.includes(entry)) return;
    if (!this.groups.editable("inside")) return;
    this.#change({ inspect: entry }, true);
    const [table] = this.stage.named(["table"]);
    if (!table.shown) this.stage.open("inside");
  }

  /**
   * Slow motion: from one quantity of the step to the next, and on to the next step.
   * @param {"start" | "back" | "next" | "end"} act
   */
  #explain(act) {
    const [inspection = null] = this.lesson.asked ? [] : this.#inspections;
    if (inspection) this.room.takeOver();
    this.slow.act(act, inspection);
  }

  /** Keeps the trails that are shown, or dismisses those that are kept. */
  #keep() {
    if (this.kept.race) this.kept.dismiss();
    else if (this.#race && this.#raced) this.kept.keep(this.#race, this.#setup.merged);
  }

  /**
   * Keeps the trails that the page keeps which this one follows.
   * @param {string} address  of their race; empty for none
   * @param {string} caption
   */
  #keepThere(address, caption) {
    if (address !== this.#keptThere.address) this.keptRaces.forget();
    this.#keptThere = { address, caption };
    const race = [this.#race, this.kept.race].find((one) => one?.address === address);
    if (!address) this.kept.dismiss();
    else if (race) this.kept.follow(race, caption);
    else this.keptRaces.ask(address);
  }

  /**
   * @param {Race} race
   * @param {string} address
   */
  #receiveKept(race, address) {
    if (!this.room.follows || address !== this.#keptThere.address) return;
    this.kept.follow({ ...race, place: placeOf(address), address }, this.#keptThere.caption);
  }

  /**
   * What is shown and no address says.
   * @returns {import("./leading.js").Unsaid}
   */
  get #unsaid() {
    const kept = this.kept.race?.address?.slice("race?".length) ?? "";
    return {
      ...(kept && kept.length <= MOST_KEPT && { kept, caption: this.kept.text.slice(0, MOST_CAPTION) }),
      ...(this.slow.stage !== null && { stage: this.slow.stage }),
      ...(this.#sampled && this.cards.minibatch.checked && { sampled: true }),
    };
  }

  #ask() {
    const { landscapeQuery, merged } = this.#setup;
    this.#ownStarts = ownStartsOf(merged);
    this.kept.compare(merged);
    this.#here = placeOf(landscapeQuery);
    this.races.ask(this.#raceAddress());
    this.studies.ask();
    const { minibatch } = this.cards;
    this.cards.offerMinibatch(this.#sampled, this.#setup.data.step_map);
    const one = this.#sampled && minibatch.checked;
    const step = Math.min(Math.floor(this.timeline.step), this.timeline.steps - 1);
    const of = one ? `&${this.#minibatchQuery}&minibatch=${step}` : "";
    this.landscapes.ask(`landscape?${landscapeQuery}${of}`);
    this.#sayUndefined();
  }

  /** Of another surface than that which is wanted, the still pictures say nothing. */
  #sayUndefined() {
    const { place, undefined: sentence = "" } = this.#landscape ?? {};
    this.onUndefined(place === this.#here ? sentence : "");
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

  /**
   * Follows the steps with the map, while a minibatch's surface is shown.
   * @param {number} now
   */
  #showMinibatch(now) {
    if (!this.cards.minibatch.checked || !this.#sampled) return;
    if (this.timeline.playing && now - this.#sampledAt < SAMPLE_EVERY) return;
    this.#sampledAt = now;
    this.#ask();
  }

  /**
   * Changes settings: texts by key, null for a default; done when they are final.
   * @param {Record<string, ?string>} texts
   * @param {boolean} done
   */
  #change(texts, done) {
    const turnable = this.#setup.data.kept?.turnable;
    if (!Object.keys(texts).every((key) => OWN.includes(key) || BESIDE.includes(key))) this.room.takeOver();
    for (const [key, text] of Object.entries(texts)) {
      if (turnable?.includes(key) ?? true) this.#setup.change(key, text);
    }
    this.studies.moved();
    this.#setStatus("typed", null);
    this.#ask();
    if (!done) return;
    this.#setup.commit();
    this.#arrange(false);
    this.#rearrange();
  }

  /** @type {PanelEvents["lesson"]} */
  #open(key, page) {
    if (!this.groups.editable("lessons")) return;
    this.#change({ lesson: key || null, page: key ? String(page) : null }, true);
  }

  /**
   * Of some texts, those of settings that a reader may change.
   * @param {Record<string, ?string>} texts
   */
  #editable(texts) {
    const { merged } = this.#setup;
    return Object.fromEntries(Object.entries(texts).filter(([key]) => this.groups.editable(groupOf(key, merged))));
  }

  /** @type {PanelEvents["value"]} */
  #value(key, value, done) {
    if (done) {
      this.#setup.commit();
      return;
    }
    const { merged } = this.#setup;
    const shared = merged.shared !== null && key.endsWith(".lr");
    if (shared) for (const rate of this.cards.rates) if (rate !== key) this.cards.follow(rate, value);
    const own = Object.values(merged.own).flat().find((setting) => setting.key === key);
    // What is as the race has it follows the race.
    const text = own && String(own.default) === String(value) ? null : String(value);
    this.#change({ [shared ? "lr" : key]: text }, false);
  }

  /**
   * Sets an optimizer's learning rate; all of them where they share one.
   * @type {PanelEvents["rate"]}
   */
  #rate(key, rate, done) {
    if (!this.groups.editable("rates")) return;
    this.cards.follow(`${key}.lr`, rate);
    this.#value(`${key}.lr`, rate, false);
    if (done) this.#setup.commit();
  }

  /** @type {PanelEvents["pair"]} */
  #pair(pair, done) {
    const { texts, refused } = this.studies.textsOfPair(pair);
    this.#change(this.#editable(texts), done);
    if (refused) this.#setStatus("typed", refused);
  }

  /** The learning rate of each optimizer that has one. */
  get #rates() {
    const { cards, shared } = this.#setup.merged;
    /** @type {Record<string, number>} */
    const rates = {};
    for (const { key, sliders } of cards) {
      const rate = sliders.find((slider) => slider.key === `${key}.lr`);
      if (rate) rates[key] = shared ?? rate.value;
    }
    return rates;
  }

  /**
   * Moves the start of all, or of one entry.
   * @type {PanelEvents["start"]}
   */
  #start(x, y, done, entry = this.cards.placing) {
    if (!this.groups.editable("start") || (entry && !this.groups.editable("conditions"))) return;
    const { domain } = this.#setup.data;
    /** @type {(value: number, low: number, high: number) => number} */
    const within = (value, low, high) => Math.min(Math.max(value, low), high);
    const start = [within(x, domain[0], domain[1]), within(y, domain[2], domain[3])];
    this.#change({ [entry ? `${entry}.start` : "start"]: start.join() }, done);
    if (done && this.timeline.playing) this.timeline.seek(0);
  }

  /**
   * @param {Race} race
   * @param {string} address
   */
  #receiveRace(race, address) {
    race.place = placeOf(address);
    race.address = address;
    this.#noRuns = { ...race, runs: [], batches: null };
    this.guard.again();
    for (const [key, value] of Object.entries(race.following)) {
      if (this.#setup.changed(key) === undefined) this.cards.follow(key, value);
    }
    const sampled = this.#sampled;
    this.#race = race;
    this.#inspections = inspectionsOf(race);
    setData(this.root, "inspected", race.inside?.entry ?? "");
    this.#fresh = true;
    this.stage.give({ race });
    if (this.#opensAt !== null && race.place === this.#here) this.timeline.seek(this.#opensAt);
    this.#opensAt = null;
    this.room.again();
    const count = race.runs.length;
    const runs = `${count} ${count === 1 ? "run" : "runs"} × ${race.steps} steps`;
    if (sampled !== this.#sampled) this.#ask();
    const made = source.kept ? "kept in this file" : `on the ${race.device} in ${race.milliseconds.toFixed(1)} ms`;
    this.#setStatus("made", `${runs} ${made}`);
  }

  /**
   * The address of what the page shows as a race, or as a file of it.
   * @param {string} [ending]
   */
  #raceAddress(ending = "") {
    const query = new URLSearchParams(ending ? this.#setup.query : this.#setup.raceQuery);
    for (const key of this.#setup.data.study_keys) query.delete(key);
    return `race${ending}?${query}`;
  }

  /**
   * @param {Landscape} landscape
   * @param {string} address
   */
  async #receiveLandscape(landscape, address) {
    landscape.place = placeOf(address);
    this.#landscape = landscape;
    this.#sayUndefined();
    this.guard.again();
    await this.#tried(this.#picture(landscape));
  }

  /**
   * Draws the still pictures.
   * @param {Landscape} landscape
   */
  async #picture(landscape) {
    this.#unpictured = false;
    try {
      const { wanted, split } = this.#maps(landscape);
      this.#split = wanted;
      this.#resize();
      const all = await this.stage.givePictures({ landscape, split }, async () => {
        await this.#quiet; // what the scene needs is large: first, trails move
        await shown(); // and the scene takes several times as long as the map
        return this.#landscape === landscape;
      });
      if (!all) return;
    } catch (error) {
      this.#unpictured = true;
      throw error;
    }
    this.#setStatus("drawn", null);
  }

  /**
   * The entries that have a map of their own, and what all maps are, as a text.
   * @param {Landscape} landscape
   */
  #maps({ place }) {
    const { on, view, looks } = this.#setup.merged;
    // An entry that the page does not know of yet comes with the next description.
    const known = view === "side" ? on.filter((key) => looks[key]) : [];
    const split = known.map((key) => ({ key, ...looks[key] }));
    return { split, wanted: `${place} ${split.map(({ key, label }) => key + label)} ${view}` };
  }

  /** Brings the maps up to date; what could not be drawn is tried again. */
  #rearrange() {
    const landscape = this.#landscape;
    if (!landscape) return;
    if (this.#unpictured) {
      this.#tried(this.#picture(landscape));
      return;
    }
    const { wanted, split } = this.#maps(landscape);
    if (this.#split === wanted) return;
    this.#split = wanted;
    this.#resize();
    this.#tried(this.stage.givePictures({ split }));
  }

  /**
   * Says what goes wrong with something that takes a while.
   * @param {void | Promise<unknown>} work
   */
  async #tried(work) {
    try {
      await work;
    } catch (error) {
      this.#setStatus("drawn", sentenceOf(error));
    }
  }

  /**
   * Says something of a topic in the status line, in place of what was said of it before.
   * @param {string} topic
   * @param {?string} sentence
   */
  #setStatus(topic, sentence) {
    this.status.set(topic, sentence);
    if (!this.#race) this.#report();
  }

  #report() {
    const studying = this.root.dataset.view === "studies";
    this.status.show(this.#raced, studying ? this.studies.computed : "");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.help.what.key(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if ((target instanceof HTMLElement || target instanceof Document) && ownsKey(target, event.key)) return;
    const group = groupOfKey(event.key);
    if (!this.groups.editable(group)) {
      if (group === "timeline") event.preventDefault(); // the page does not scroll, either
      return;
    }
    if (event.key.toLowerCase() === "k") this.#keep();
    else if (event.key.toLowerCase() === "e" && this.#inspections.length) {
      this.stage.get("inside").hold();
      this.#explain(event.shiftKey ? "back" : "next");
    }
    else if (event.key === "?") this.help.ask();
    else if (event.key.toLowerCase() === "q") this.stage.get("share").toggleCode(this.#seen);
    else if (event.key === "PageDown" || event.key === "PageUp") {
      if (!this.lesson.turn(event.key === "PageDown" ? 1 : -1)) return;
    } else {
      if (!this.timeline.key(event.key)) return;
      this.room.takeOver();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #resize() {
    if (matchMedia("print").matches) return; // it is as it was on the screen
    if (!this.root.clientWidth) return; // Streamlit hides it while it loads another part
    if (sized(this.root, this.framed)) this.stage.again();
    this.#size.fit(this.root, this.framed);
    this.stage.resize((work) => this.#tried(work));
  }

  /**
   * Draws all for paper, at once: the browser prints when this is done. Or for the screen.
   * @param {boolean} printing
   */
  #print(printing) {
    if (this.theme.print(printing)) for (let odd = 0; odd < 2; odd += 1) this.#show(performance.now());
  }

  /** Whether the race is one on the surface that is wanted. */
  get #raced() {
    return this.#race?.place === this.#here;
  }

  /** Whether the axis of the losses is that of the race, too. */
  get #charted() {
    return this.#raced && (this.#race?.known || this.#landscape?.place === this.#here);
  }

  /**
   * Whether a panel waits for what it needs, and whether all that it shows is of another
   * surface.
   * @param {import("./stage.js").Staged} staged
   */
  #waits({ row: { needs }, panel }) {
    if (needs.includes("lossRange")) return { waits: !this.#charted, other: !this.#charted };
    const other = needs.includes("landscape") && panel.place !== this.#here;
    return { waits: other || (needs.includes("race") && !this.#raced), other };
  }

  /**
   * Says over what is of another surface that its own is computed, or why it is not.
   * @param {import("./stage.js").Staged} staged
   * @param {string} word
   */
  #veil(staged, word) {
    if (staged.row.plain || staged.row.over) return;
    const { waits, other } = this.#waits(staged);
    const { classList, dataset } = staged.host;
    classList.toggle("other", other);
    if (dataset.waits === (waits ? word : undefined)) return;
    if (waits) dataset.waits = word;
    else delete dataset.waits;
    this.#written = 0; // so are the numbers
  }

  /**
   * The range of a linear loss axis; null where the axis is logarithmic.
   * @param {Race} race
   * @param {Landscape} landscape
   * @returns {?Pair}
   */
  #lossRange({ known, base }, { scene, relief }) {
    if (known) return null;
    /** @type {Pair} */
    const [low, high] = scene.layout.scene.zaxis.range;
    return [lossAt(relief, low) - base, lossAt(relief, high) - base];
  }

  /** @param {number} now */
  #draw(now) {
    this.#frame = requestAnimationFrame((next) => this.#draw(next));
    this.#show(now);
  }

  /** @param {number} now */
  #show(now) {
    const seconds = Math.min((now - this.#last) / 1000, 0.25);
    this.#last = now;
    const { guard } = this;
    if (this.#size.sharper) guard.do("sizes", () => this.#resize());
    if (!this.#race || !this.#noRuns || !this.#landscape) {
      guard.do("studies", () => this.studies.report()); // they may take long before that
      this.#report();
      if (this.races.refused) this.#raceShown(); // there will be none
      return;
    }
    if (this.#raced) this.timeline.advance(seconds);
    const word = this.#word;
    for (const staged of this.stage.shown) this.#veil(staged, word);
    const writes = now - this.#written >= WRITE_EVERY;
    if (writes) this.#written = now;
    this.#drawPanels(this.#moment(this.#race, this.#noRuns, this.#landscape, { writes, word }));
    if (writes) this.#write(now);
    if (this.#fresh) {
      this.#fresh = false;
      this.#pictures += 1;
      this.#raceShown();
    }
    setData(this.root, "surface", this.#race.surface);
    setData(this.root, "step", String(Math.floor(this.timeline.step)));
    setData(this.root, "steps", String(this.#race.steps));
    setData(this.root, "playing", String(this.timeline.playing));
    setData(this.root, "pictures", String(this.#pictures));
    setData(this.root, "start", this.#race.start.join());
    setData(this.root, "lesson", pageOf(this.#setup.data.lesson));
  }

  /** How the race is seen, as an address says it. */
  get #seen() {
    return { ...this.timeline.seen, zoom: this.map.seen, camera: this.stage.get("scene").seen };
  }

  /** The page's address with all that is set, and how it is seen: also what is not in it yet. */
  get #address() {
    const url = new URL(location.href);
    const paused = this.timeline.playing ? {} : { step: String(Math.floor(this.timeline.step)), play: "0" };
    for (const [key, text] of [...this.#setup.unconfirmed, ...Object.entries({ ...this.#seen, ...paused })]) {
      if (text === null) url.searchParams.delete(key);
      else url.searchParams.set(key, text);
    }
    url.hash = ""; // with one, the browser would only look for it in the page
    return url.href;
  }

  /** Why something that is waited for is not there. */
  get #word() {
    const { refused } = this.#raced ? this.landscapes : this.races;
    return refused ?? (this.#unpictured && this.#raced ? UNDRAWN : COMPUTING);
  }

  /**
   * What panels are to show in this frame.
   * @param {Race} race
   * @param {Race} noRuns
   * @param {Landscape} landscape
   * @param {{writes: boolean, word: string}} more
   * @returns {Moment}
   */
  #moment(race, noRuns, landscape, { writes, word }) {
    const { merged, data } = this.#setup;
    const studying = data.view === "studies";
    const { map, how } = this.studies.described;
    const { map: mapPanel, timeline, studies } = this;
    if (this.kept.race && this.kept.race.place !== this.#here) this.kept.dismiss();
    this.#odd = !this.#odd;
    this.slow.follow();
    const inspections = this.#raced && !studying ? this.#inspections : [];
    const every = merged.show.includes("every");
    const one = every || merged.show.includes("arrows") || merged.panels.some((name) => name === "inside" || name === "table");
    const { asked, guess } = this.lesson;
    ahead.shown = !asked;
    return {
      asked,
      guess,
      foresees: !asked && merged.show.includes("outcomes"),
      inspection: inspections[0] ?? null,
      stage: this.slow.stage,
      arrows: asked?.kind === "point" ? [] : every && this.slow.stage === null ? inspections : one ? inspections.slice(0, 1) : [],
      grid: () => mapPanel.still?.heights.grid ?? null,
      frameOf: (entry) => mapPanel.frameOf(entry) ?? null,
      namesOn: (picture) => (picture === "map" ? mapPanel : this.stage.get("scene")).trails.names,
      race: this.#raced && !(studying && map === "none") ? race : noRuns,
      computed: this.#raced ? race : null,
      // Without a timeline, a study shows whole races.
      step: timeline.host.hidden ? race.steps : timeline.step,
      start: merged.start,
      ownStarts: this.#ownStarts,
      entry: this.cards.placing,
      kept: studying ? null : this.kept.race,
      lossRange: this.#charted ? this.#lossRange(race, landscape) : null,
      odd: this.#odd,
      writes,
      waiting: word,
      rates: this.#rates,
      setting: (key, name) => studies.setting(key, name),
      get frame() {
        return mapPanel.frame ?? null;
      },
      domain: data.domain,
      place: data.place,
      dots: how === "dots",
      best: how === "best",
    };
  }

  /** @param {Moment} moment */
  #drawPanels(moment) {
    this.#shown = moment;
    if (this.root.dataset.view === "studies") this.studies.moment = moment;
    for (const staged of this.stage.shown) {
      const { needs } = staged.row;
      if (needs.includes("lossRange") && !this.#charted) continue;
      // No trails of this surface on a picture of another one.
      const apt = !needs.includes("landscape") || staged.panel.place === this.#here;
      this.stage.draw(staged, apt ? moment : { ...moment, race: this.#noRuns ?? moment.race });
    }
  }

  /**
   * Writes what is written less often than frames are drawn.
   * @param {number} now
   */
  #write(now) {
    const { guard } = this;
    const race = this.#race;
    if (race && this.#raced) guard.do("words", () => this.spoken.show(race, this.#setup.data.title, now, this.#secret));
    this.#report();
    this.#showMinibatch(now);
    guard.do("studies", () => this.studies.report());
    this.#setup.remind();
    guard.do("room", () => this.room.write(now));
    if (now - this.#reached < REACH_EVERY) return;
    this.#reached = now;
    reach();
  }

  /** Whether nothing says how runs end. */
  get #secret() {
    return Boolean(this.lesson.asked) || this.#setup.data.hide.includes("outcomes");
  }
}

/**
 * The starts that entries have of their own: whose, where and in which colour.
 * @param {Merged} merged
 */
function ownStartsOf({ own, looks }) {
  return Object.entries(own).flatMap(([entry, settings]) => {
    const start = settings.find((setting) => setting.common === "start");
    return start && isOwn(start) ? [{ entry, at: start.value, ...looks[entry] }] : [];
  });
}

/**
 * The numbers of a text that an address has.
 * @param {string} text
 */
const numbersOf = (text) => (text ? text.split(",").map(Number) : []);

/** @type {(lesson: ?import("./lesson.js").LessonPage | undefined) => string} */
const pageOf = (lesson) => (lesson ? `${lesson.key} ${lesson.number}` : "");

/** Lets what is there now come to the screen: drawn in one frame, seen by the next. */
async function shown() {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}

/** Waits until the browser has nothing to do, but not for long. */
async function idle() {
  await new Promise((done) => {
    if ("requestIdleCallback" in window) requestIdleCallback(done, { timeout: IDLE });
    else setTimeout(done, IDLE);
  });
}
