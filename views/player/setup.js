// @ts-nocheck
// The setup as the browser sees it: what the page sent, and changes on top of it.
//
// A change takes effect here at once and is sent to the page when it is committed.
// It is kept until the page has confirmed it, so an answer that is behind, a lost
// connection or a restarted server never turns a slider back.

import { mergedWith } from "./merged.js";

const AGAIN = 2000; // milliseconds after which an unconfirmed commit is sent again

const GROUND = ["surface", "f", "x", "y"]; // f, x and y: of a surface that is typed

/** Which surface an address is of, and where; two pictures of one place fit together. */
export function placeOf(address) {
  const query = new URLSearchParams(address.slice(address.indexOf("?") + 1));
  return GROUND.map((key) => query.get(key)).join("&");
}

export class Setup {
  #data = { query: "", landscape: [], minibatch: [], edits_seen: 0 };
  #changes = new Map(); // key -> {text, edit}: edit is its commit's number, or null
  #merged = null;
  #edit = 0;
  #sent = 0;
  #send = () => {};

  /** Takes what the page sent, and the way to answer it. */
  receive(data, send) {
    this.#data = data;
    this.#merged = null;
    this.#send = send;
    const seen = data.edits_seen ?? 0;
    for (const [key, change] of this.#changes) {
      if (change.edit !== null && change.edit <= seen) this.#changes.delete(key);
    }
  }

  /** What the page sent, with what was changed here since. */
  get merged() {
    if (!this.#merged) {
      const changes = [...this.#changes].map(([key, { text }]) => [key, text]);
      this.#merged = mergedWith(this.#data, new Map(changes));
    }
    return this.#merged;
  }

  get data() {
    return this.#data;
  }

  /** Changes a setting: its new text, or null for its default. */
  change(key, text) {
    this.#changes.set(key, { text, edit: null });
    this.#merged = null;
  }

  /** The text of a setting that was changed here; undefined if it was not. */
  changed(key) {
    return this.#changes.get(key)?.text;
  }

  /** Sends all unconfirmed changes to the page. */
  commit() {
    if (!this.#changes.size) return;
    this.#edit += 1;
    const changes = {};
    for (const [key, change] of this.#changes) {
      change.edit = this.#edit;
      changes[key] = change.text;
    }
    this.#sent = performance.now();
    try {
      this.#send("edits", { n: this.#edit, changes });
    } catch {
      // Streamlit refuses while it has no connection; `remind` tries again.
    }
  }

  /** Sends again what was committed and has not been confirmed for a while. */
  remind() {
    const waiting = [...this.#changes.values()].some((change) => change.edit !== null);
    if (waiting && performance.now() - this.#sent > AGAIN) this.commit();
  }

  /** The query part of an address that describes this setup. */
  get query() {
    const query = new URLSearchParams(this.#data.query);
    for (const [key, { text }] of this.#changes) {
      if (text === null) query.delete(key);
      else query.set(key, text);
    }
    query.delete("view"); // no route's answer depends on it
    return query.toString();
  }

  /** The query without some of its settings. */
  without(...keys) {
    const query = new URLSearchParams(this.query);
    for (const key of keys) query.delete(key);
    return query.toString();
  }

  /** The part of the query that the still pictures depend on. */
  get landscapeQuery() {
    return this.#only(this.#data.landscape);
  }

  /** What a minibatch's picture depends on besides. */
  get minibatchQuery() {
    return this.#only(this.#data.minibatch);
  }

  #only(keys) {
    const query = new URLSearchParams(this.query);
    for (const key of [...query.keys()]) if (!keys.includes(key)) query.delete(key);
    return query.toString();
  }
}
