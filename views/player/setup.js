// The setup as the browser sees it: what the page sent, and changes on top of it.
//
// A change takes effect here at once and is sent to the page when it is committed.
// It is kept until the page has confirmed it, so an answer that is behind, a lost
// connection or a restarted server never turns a slider back.

import { mergedWith } from "./merged.js";

const AGAIN = 2000; // milliseconds after which a commit that was refused is sent again
const LATE = 10_000; // and one that is not confirmed: a page that is slow has both
const DOUBLED = 3; // times that this is twice as long the next time: a run is not to be
// stopped by the next before it can confirm

const SURFACE_KEYS = ["surface", "f", "x", "y"]; // f, x and y: of a surface that is typed

/**
 * Which surface an address is of, and where; two pictures of one place fit together.
 * @param {string} address
 */
export function placeOf(address) {
  const query = new URLSearchParams(address.slice(address.indexOf("?") + 1));
  return SURFACE_KEYS.map((key) => query.get(key)).join("&");
}

/**
 * What there is before the page has sent anything.
 * @type {Partial<Page>}
 */
const UNSENT = { query: "", landscape: [], minibatch: [], edits_seen: 0 };

const SHOWN = [
  "view", "panels", "inspect", "show", "lesson", "page", "step", "play", "theme",
  "speed", "loop", "zoom", "camera", "hide", "lock", "room",
];

export class Setup {
  #data = /** @type {Page} */ (UNSENT);
  /** @type {Map<string, {text: ?string, edit: ?number}>} */
  #changes = new Map(); // by key; `edit` is the number of its commit, or null
  /** @type {?Merged} */
  #merged = null;
  #edit = 0;
  #sent = 0;
  #tries = 0; // to say the last commit again
  #refused = false; // whether Streamlit had no connection
  #backs = 0; // times that the browser's history was used
  /** @type {Send} */
  #send = () => {};

  /**
   * Takes what the page sent, and the way to answer it.
   * @param {Page} data
   * @param {Send} send
   */
  receive(data, send) {
    this.#data = data;
    this.#merged = null;
    if (send !== this.#send && this.#refused) this.#sent = -Infinity; // `remind` waits no longer
    this.#send = send;
    const seen = data.edits_seen ?? 0;
    for (const [key, change] of this.#changes) {
      if (change.edit !== null && change.edit <= seen) this.#changes.delete(key);
    }
  }

  /** What the page sent, with what was changed here since. */
  get merged() {
    if (!this.#merged) {
      /** @type {Map<string, ?string>} */
      const changes = new Map();
      for (const [key, { text }] of this.#changes) changes.set(key, text);
      this.#merged = mergedWith(this.#data, changes);
    }
    return this.#merged;
  }

  get data() {
    return this.#data;
  }

  /**
   * Changes a setting: its new text, or null for its default.
   * @param {string} key
   * @param {?string} text
   */
  change(key, text) {
    this.#changes.set(key, { text, edit: null });
    this.#merged = null;
  }

  /**
   * The text of a setting that was changed here; undefined if it was not.
   * @param {string} key
   */
  changed(key) {
    return this.#changes.get(key)?.text;
  }

  /** Sends all unconfirmed changes to the page. */
  commit() {
    if (!this.#changes.size) return;
    this.#edit += 1;
    for (const change of this.#changes.values()) change.edit = this.#edit;
    this.#tries = 0;
    this.#say();
  }

  #say() {
    /** @type {Record<string, ?string>} */
    const changes = {};
    for (const [key, { text, edit }] of this.#changes) if (edit !== null) changes[key] = text;
    this.#sent = performance.now();
    this.#refused = false;
    try {
      // Another try is another value, or Streamlit would not pass it on; its number stays,
      // so a page that has seen it does not take it twice.
      this.#send("edits", {
        n: this.#edit,
        changes,
        ...(this.#tries && { again: this.#tries }),
        ...(this.#backs && { backs: this.#backs }),
      });
    } catch {
      this.#refused = true; // it has no connection; `remind` tries again
    }
  }

  get #waiting() {
    return [...this.#changes.values()].some((change) => change.edit !== null);
  }

  /** Sends again what was committed and has not been confirmed for a while. */
  remind() {
    const patience = this.#refused ? AGAIN : LATE * 2 ** Math.min(this.#tries, DOUBLED);
    if (this.#waiting && performance.now() - this.#sent > patience) {
      this.#tries += 1;
      this.#say();
    }
  }

  /**
   * The browser's history was used. Where a commit was sent again, the page takes an
   * address from before it for one that the browser is late with, unless it is said.
   */
  goneBack() {
    this.#backs += 1;
    if (this.#tries && this.#waiting) this.#say();
  }

  /** What was changed here and not confirmed, by key; null for a default. */
  get unconfirmed() {
    return [...this.#changes].map(([key, { text }]) => /** @type {const} */ ([key, text]));
  }

  /** The query part of the address of the whole page. */
  get pageQuery() {
    const query = new URLSearchParams(this.#data.query);
    for (const [key, { text }] of this.#changes) {
      if (text === null) query.delete(key);
      else query.set(key, text);
    }
    return query;
  }

  /** Whether something is being turned, and not yet let go. */
  get turning() {
    return [...this.#changes.values()].some((change) => change.edit === null);
  }

  /** The query part of an address that describes this setup. */
  get query() {
    const query = this.pageQuery;
    for (const key of SHOWN) query.delete(key); // no study, and no picture, depends on it
    return query.toString();
  }

  /** The same with the panels of the race, whose numbers come with it. */
  get raceQuery() {
    const query = new URLSearchParams(this.query);
    const { panels, inspect, show } = this.merged;
    if (show.length) query.set("show", show.join());
    if (panels.length) query.set("panels", panels.join());
    if (inspect) query.set("inspect", inspect);
    return query.toString();
  }

  /**
   * The query without some of its settings.
   * @param {string[]} keys
   */
  without(...keys) {
    const query = new URLSearchParams(this.query);
    for (const key of keys) query.delete(key);
    return query.toString();
  }

  /** What can be turned without another description of the page. */
  get turnable() {
    const { cards, params, conditions, own } = this.#data;
    const settings = [...cards.flatMap(({ sliders }) => sliders), ...params, ...conditions, ...Object.values(own).flat()];
    return ["start", "lr", ...settings.map(({ key }) => key)];
  }

  /** The part of the query that the still pictures depend on. */
  get landscapeQuery() {
    return this.#only(this.#data.landscape);
  }

  /** What a minibatch's picture depends on besides. */
  get minibatchQuery() {
    return this.#only(this.#data.minibatch);
  }

  /** @param {string[]} keys */
  #only(keys) {
    const query = new URLSearchParams(this.query);
    for (const key of [...query.keys()]) if (!keys.includes(key)) query.delete(key);
    return query.toString();
  }
}
