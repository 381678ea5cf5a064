// Leads a room: says what this page shows to the pages that follow it (views/rooms).

import { PAGE } from "./live.js";

/**
 * What a page shows, as rooms have it (views/rooms/message.py).
 * @typedef {{query: string, step: number, playing: boolean, dragging: boolean, revealed: boolean} & Unsaid} Shows
 */

/**
 * What no address says: the race whose trails are kept, by its query, and their caption; the
 * stage of a step in slow motion; and whether the map is that of the step's minibatch.
 * @typedef {{kept?: string, caption?: string, stage?: ?number, sampled?: boolean}} Unsaid
 */

const STORED = "loss-surface-room"; // in the tab's storage: the room that it has opened
const EVERY = 75; // milliseconds between two messages, at least
const BEAT = 4000; // and at most: who leads is still there
const AGAIN = 1000; // after one that failed
const SLACK = 0.4; // seconds of steps by which a race may be elsewhere than it was said to be
const FAILED = "The server could not be reached; try again.";

/** The room that this tab has opened: its code, and its key. A copy of the tab has them, too. */
export const opened = {
  /** @returns {?{code: string, key: string}} */
  get room() {
    try {
      const { code, key } = JSON.parse(sessionStorage.getItem(STORED) ?? "{}");
      return typeof code === "string" && typeof key === "string" ? { code, key } : null;
    } catch {
      return null;
    }
  },
  set room(room) {
    try {
      if (room) sessionStorage.setItem(STORED, JSON.stringify(room));
      else sessionStorage.removeItem(STORED);
    } catch {
      // A browser may keep nothing: the room then ends with the page.
    }
  },
};

/**
 * Sends something to the rooms.
 * @param {string} path
 * @param {string} key  of the room; empty for a new one
 * @param {?Shows} shows  null: the room ends
 */
const sent = (path, key, shows) =>
  fetch(new URL(path, document.baseURI), {
    method: "POST",
    body: JSON.stringify(shows),
    headers: { ...PAGE, ...(key && { "x-room-key": key }), "content-type": "application/json" },
  });

/**
 * Opens a room, or opens that of a key again.
 * @param {Shows} shows
 * @param {string} [key]
 * @returns {Promise<{code: string, key: string}>}
 * @throws {Error} with a sentence, if there is none
 */
export async function openRoom(shows, key = "") {
  let response;
  try {
    response = await sent("room", key, shows);
  } catch {
    throw new Error(FAILED);
  }
  if (!response.ok) throw new Error(response.status < 500 || response.status === 503 ? await response.text() : FAILED);
  return response.json();
}

export class Leading {
  followers = 0;
  #failed = 0; // messages that the server has not taken, one after the other
  refused = ""; // why what is shown is not taken
  elsewhere = false; // whether another tab, which has the key as well, leads since then
  /** @type {?Shows} */
  #said = null;
  #at = -Infinity; // when that was said
  #again = 0; // when something may be said again
  #busy = false;
  #over = false;

  /** @param {{code: string, key: string}} room */
  constructor(room) {
    this.room = room;
    this.channel = new BroadcastChannel(`loss-surface-room-${room.code}`);
    this.channel.postMessage("leads");
    this.channel.onmessage = () => {
      this.elsewhere = true;
    };
  }

  /** Whether the server does not answer; one message may get lost. */
  get lost() {
    return this.#failed > 1;
  }

  /**
   * Says what is shown, if it is something else than what was said.
   * @param {Shows} shows
   * @param {number} rate  steps a second, while it plays
   * @param {number} now
   */
  show(shows, rate, now) {
    if (this.#busy || this.#over || this.elsewhere || now < this.#again) return;
    if (this.#said && now - this.#at < BEAT && !differs(this.#said, shows, (rate * (now - this.#at)) / 1000, rate * SLACK)) return;
    this.#send(shows, now);
  }

  /**
   * @param {Shows} shows
   * @param {number} now
   */
  async #send(shows, now) {
    this.#busy = true;
    this.#again = now + AGAIN;
    try {
      const { code, key } = this.room;
      const response = await sent(`room/${code}`, key, shows);
      const lost = response.status >= 500;
      this.#failed = lost ? this.#failed + 1 : 0;
      if (response.ok) this.refused = "";
      if (response.ok) {
        [this.#said, this.#at, this.#again] = [shows, now, now + EVERY];
        this.followers = (await response.json()).followers;
      } else if (response.status === 404) await this.#reopen(shows);
      else if (!lost) this.refused = await response.text();
    } catch {
      this.#failed += 1;
    } finally {
      this.#busy = false;
    }
  }

  /**
   * The server has lost the room with its process: it is opened again.
   * @param {Shows} shows
   */
  async #reopen(shows) {
    try {
      await openRoom(shows, this.room.key);
    } catch {
      this.#failed += 1; // it is tried again
    }
  }

  /** Ends the room, for all who follow. */
  async end() {
    this.stop();
    opened.room = null;
    try {
      await sent(`room/${this.room.code}`, this.room.key, null);
    } catch {
      // It is over after a while by itself.
    }
  }

  /** Says no more: the page goes. */
  stop() {
    this.#over = true;
    this.channel.close();
  }
}

/**
 * Whether followers see something else than what is shown.
 * @param {Shows} said
 * @param {Shows} shows
 * @param {number} played  steps that they have played since
 * @param {number} slack  steps
 */
export function differs(said, shows, played, slack) {
  const { step, ...rest } = said;
  const { step: now, ...other } = shows;
  if (JSON.stringify(rest) !== JSON.stringify(other)) return true;
  return said.playing ? Math.abs(now - step - played) > Math.max(slack, 1) : now !== step;
}
