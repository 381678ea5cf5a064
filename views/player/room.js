// A room: this page leads it, and others show what it shows; or it follows one, until its
// reader takes over. A line above the pictures says which.

import { differing, gathering } from "./address.js";
import { Following } from "./following.js";
import { Leading, openRoom, opened } from "./leading.js";

/** @typedef {import("./leading.js").Shows} Shows */

/**
 * What a room asks of the page.
 * @typedef {object} RoomPage
 * @property {() => Shows} shows
 * @property {() => number} rate  steps a second, while it plays
 * @property {(texts: Record<string, ?string>, done: boolean) => void} change
 * @property {(texts: Record<string, ?string>) => void} see  speed, loop, zoom and camera
 * @property {(step: number, playing: boolean, stage: ?number) => void} play
 * @property {(query: string, caption: string) => void} keep  trails of a race; of none, if empty
 * @property {(on: boolean) => void} sample  whether the map is that of the step's minibatch
 * @property {() => void} reveal  the answer to a lesson's question
 * @property {(key: string) => boolean} pending  whether a change is not confirmed yet
 * @property {(keys: string[]) => boolean} turnable  whether the page need not be described anew
 * @property {() => void} code  shows the QR code
 */

/** What each page has for itself. */
export const OWN = ["theme", "room", "step", "play", "embed", "embed_options"];
/** How it plays, and how it is seen. */
export const SEEN = ["speed", "loop", "zoom", "camera"];
/** What a follower may choose and go on following. */
export const BESIDE = ["panels", "inspect", "show", "zoom", "camera"];
const FIELDS = ":is(.st-key-bar, .st-key-typed) :is(input, textarea, [data-testid=stButtonGroup] button)";
const SOON = [0, 300]; // milliseconds after which pages take a change that their server describes
const LATER = [400, 2500]; // and one that it need not
const HIDDEN = 1000; // milliseconds between two messages of a page that is not seen
const EACH = 30; // milliseconds that a server takes to describe a page, so that many pages wait longer

export class Room {
  /** @type {?Leading} */
  leading = null;
  /** @type {?Following} */
  #following = null;
  #alone = false; // whether a follower has taken over
  #code = ""; // the room in the address
  #applying = false; // whether what changes here comes from the room
  /** @type {?{shows: Shows, at: number}} */
  #last = null; // what was shown last
  /** @type {?Record<string, ?string>} */
  #beside = null; // how it was then seen
  /** @type {Set<string>} */
  #taken = new Set(); // keys that came from the room, until the page has confirmed them
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #commit;
  #written = "";

  /**
   * @param {HTMLElement} root  the player, above which the line stands
   * @param {RoomPage} page
   */
  constructor(root, page) {
    this.page = page;
    this.line = document.createElement("div");
    this.line.className = "room";
    this.line.dataset.testid = "room";
    this.line.hidden = true;
    this.words = document.createElement("span");
    this.words.role = "status";
    this.buttons = document.createElement("span");
    this.line.append(this.words, this.buttons);
    root.parentElement?.prepend(this.line);
    gathering.following = () => this.follows;
    // Who goes to Streamlit's fields wants to change something, and no room is to get in between.
    this.onFocus = (/** @type {FocusEvent} */ { target }) => {
      if (target instanceof Element && target.closest(FIELDS)) this.takeOver();
    };
    document.addEventListener("focusin", this.onFocus);
    // Where the page is not seen, no frames are drawn, and the race stands.
    this.beat = setInterval(() => document.hidden && this.write(performance.now()), HIDDEN);
  }

  /** The code of the room that this page leads; empty if it leads none. */
  get led() {
    return this.leading?.room.code ?? "";
  }

  /** Whether this page shows what another one does. */
  get follows() {
    return this.#following !== null && !this.#alone;
  }

  /**
   * Takes what the page's address says.
   * @param {Page} page
   * @param {string} before  the query of the page until now
   */
  receive({ room, query }, before) {
    if (room !== this.#code && !this.page.pending("room")) this.#enter(room);
    if (!this.follows) return;
    const keys = differing(before, query).filter((key) => ![...OWN, ...BESIDE].includes(key));
    const others = keys.filter((key) => !this.#taken.has(key));
    // Another surface, or a page of a lesson, brings settings of its own.
    const brought = ["surface", "lesson", "page", "on"].some((key) => this.#taken.has(key));
    for (const key of [...this.#taken]) if (!this.page.pending(key)) this.#taken.delete(key);
    if (before && others.length && !brought) this.takeOver();
    else this.again();
  }

  /** @param {string} code */
  #enter(code) {
    this.#leave();
    this.#code = code;
    const own = opened.room;
    if (code && own?.code === code) this.leading = new Leading(own);
    else if (code) this.#following = new Following(code, (shows) => this.#take(shows), () => this.#write());
    this.#write();
  }

  #leave() {
    clearTimeout(this.#commit);
    this.leading?.stop();
    this.#following?.stop();
    [this.leading, this.#following, this.#last, this.#alone] = [null, null, null, false];
    this.#beside = null;
  }

  /**
   * Opens a room that this page leads.
   * @throws {Error} with a sentence, if there is none
   */
  async open() {
    const room = await openRoom(this.page.shows(), opened.room?.key);
    opened.room = room;
    this.#enter(room.code);
    this.#join(room.code);
    return room.code;
  }

  /** Ends the room that this page leads. */
  end() {
    this.leading?.end();
    this.#enter("");
    this.#join(null);
  }

  /**
   * Joins a room, or leaves it.
   * @param {?string} code
   */
  join(code) {
    this.#enter(code ?? "");
    this.#join(code);
  }

  /** @param {?string} code */
  #join(code) {
    this.#apply(() => this.page.change({ room: code }, true));
  }

  /** The reader plays: what is shown in the room is not shown here any more. */
  takeOver() {
    if (this.#applying || !this.follows || !this.#last) return;
    clearTimeout(this.#commit);
    this.#alone = true;
    this.#write();
  }

  /** Shows again what is shown in the room. */
  follow() {
    this.#alone = false;
    this.#beside = null;
    if (this.#last) this.#take(this.#last.shows, this.#last.at);
    this.#write();
  }

  /**
   * Says what this page shows, if it leads.
   * @param {number} now
   */
  write(now) {
    if (!this.leading) return;
    const shows = this.page.shows();
    this.leading.show({ ...shows, playing: shows.playing && !document.hidden }, this.page.rate(), now);
    this.#write();
  }

  /** The race, or the page's description, has come: the step is that of the room. */
  again() {
    if (this.follows && this.#last) this.#apply(() => this.#play());
  }

  /**
   * Takes what the room shows.
   * @param {Shows} shows
   * @param {number} [at]  when it was shown
   */
  #take(shows, at = performance.now()) {
    const was = this.#beside && this.#last?.shows;
    this.#last = { shows, at };
    if (this.#alone) return;
    const here = new URLSearchParams(this.page.shows().query);
    const there = new URLSearchParams(shows.query);
    const beside = Object.fromEntries(BESIDE.map((key) => [key, there.get(key)]));
    const before = this.#beside;
    this.#beside = beside;
    const keys = differing(here.toString(), shows.query).filter((key) => !OWN.includes(key));
    // What a follower has chosen stays until the page that leads chooses something else.
    const turned = keys.filter((key) => !before || !BESIDE.includes(key) || beside[key] !== before[key]);
    const texts = Object.fromEntries(turned.filter((key) => !SEEN.includes(key)).map((key) => [key, there.get(key)]));
    const seen = Object.fromEntries(SEEN.map((key) => [key, (turned.includes(key) ? there : here).get(key)]));
    this.#apply(() => {
      for (const key of Object.keys(texts)) this.#taken.add(key);
      if (Object.keys(texts).length) this.page.change(texts, false);
      if (turned.some((key) => SEEN.includes(key))) this.page.see(seen);
      if (shows.revealed) this.page.reveal();
      const { kept = "", caption = "", sampled = false } = shows;
      if (kept !== (was?.kept ?? "") || caption !== (was?.caption ?? "")) this.page.keep(kept, caption);
      if (sampled !== (was?.sampled ?? false)) this.page.sample(sampled);
      this.#play();
    });
    if (shows.dragging) clearTimeout(this.#commit);
    else if (this.page.shows().dragging) this.#commitLater([...this.#taken]);
    this.#write();
  }

  /**
   * Not all pages at once: a server has to describe a hundred.
   * @param {string[]} keys
   */
  #commitLater(keys) {
    clearTimeout(this.#commit);
    const [low, soon] = this.page.turnable(keys) ? LATER : SOON;
    const high = Math.max(soon, EACH * (this.#following?.followers ?? 0));
    this.#commit = setTimeout(
      () => this.#apply(() => this.page.change({}, true)),
      low + Math.random() * (high - low),
    );
  }

  #play() {
    if (!this.#last) return;
    const { shows, at } = this.#last;
    // While the page that leads is away, this one stands.
    const playing = shows.playing && this.#following?.state !== "away";
    const played = playing ? ((performance.now() - at) / 1000) * this.page.rate() : 0;
    this.page.play(shows.step + played, playing, shows.stage ?? null);
  }

  /** @param {() => void} work */
  #apply(work) {
    this.#applying = true;
    try {
      work();
    } finally {
      this.#applying = false;
    }
  }

  destroy() {
    clearInterval(this.beat);
    document.removeEventListener("focusin", this.onFocus);
    this.#leave();
    this.line.remove();
  }

  /** Says what the page does, and offers what can be done. */
  #write() {
    const { words, acts } = this.#says();
    this.line.hidden = !words;
    const written = words + Object.keys(acts).join();
    if (written === this.#written) return;
    this.#written = written;
    this.words.textContent = words;
    const names = Object.keys(acts).join();
    if (this.buttons.dataset.acts === names) return;
    this.buttons.dataset.acts = names;
    this.buttons.replaceChildren(
      ...Object.entries(acts).map(([name, act]) => {
        const button = document.createElement("button");
        button.textContent = name;
        button.addEventListener("click", act);
        return button;
      }),
    );
  }

  /** @returns {{words: string, acts: Record<string, () => void>}} */
  #says() {
    if (this.leading) {
      const { refused, elsewhere, lost, followers, room } = this.leading;
      const acts = { "QR code": () => this.page.code(), "end the room": () => this.end() };
      if (elsewhere) return { words: `Another tab leads room ${room.code} now.`, acts: { "lead here": () => this.#enter(room.code), "leave the room": () => this.join(null) } };
      if (refused) return { words: refused, acts };
      if (lost) return { words: `Room ${room.code}: reconnecting to the server…`, acts };
      return { words: `Room ${room.code}: ${followers} ${followers === 1 ? "page has" : "pages have"} joined.`, acts };
    }
    const room = this.#following;
    if (!room) return { words: "", acts: {} };
    const leave = { "leave the room": () => this.join(null) };
    const take = this.#last ? { "take over": () => this.takeOver() } : leave;
    if (room.state === "over") return { words: `${room.sentence} This page stays as it is.`, acts: { close: () => this.join(null) } };
    if (this.#alone) return { words: `You have taken over; room ${room.code} goes on without this page.`, acts: { "follow again": () => this.follow(), ...leave } };
    if (room.state === "joining") return { words: `Joining room ${room.code}…`, acts: leave };
    if (room.state === "lost") return { words: room.sentence || `Room ${room.code}: reconnecting to the server…`, acts: take };
    if (room.state === "away") return { words: `Room ${room.code}: the page that leads is away; this one stays as it is.`, acts: take };
    return { words: `This page follows room ${room.code}.`, acts: take };
  }
}
