// Sharing what is shown: its link, a QR code of it for a class, and a frame for a page of
// one's own; and what who opens it may change there.

import { Panel } from "./panel.js";
import { HERE } from "./picture.js";

const FRAME = [850, 450]; // pixels

/** What is done with a group of controls, by the key that lists it in the address. */
const STATES = { "": "editable", lock: "locked", hide: "hidden" };

const LISTS = ["hide", "lock"];
const ONLY_HERE = "Only this computer can open this link. For others, open the page at its address in the network.";
const CODE = /^[a-z0-9]{6}$/;

/** @typedef {keyof typeof STATES} State */

/** @typedef {Record<string, ?string>} Seen  how it is seen, by key: zoom, camera, speed and loop; null: as at first */

const TEMPLATE = `
  <h2>Share this page</h2>
  <div class="columns"><section>
  <div class="row"><input type="text" readonly aria-label="Link" data-testid="link">
    <button class="copy">copy</button></div>
  <label class="row at-step"><input type="checkbox" class="at"> <span></span></label>
  <label class="row lead"><input type="checkbox" data-testid="lead">
    <span>follow me: pages that open this link show what this one shows</span></label>
  <img data-testid="qr" alt="QR code of the link">
  <p class="row" style="justify-content: center"><button class="full">full screen (Q)</button></p>
  <div class="row"><textarea readonly aria-label="Code of a frame"></textarea>
    <button class="copy">copy</button></div>
  <p>The frame shows the page in a course system.</p>
  <form class="row join"><label>Follow a room <input type="text" size="8" maxlength="12" autocomplete="off" spellcheck="false" data-testid="room-code"></label>
    <button>follow</button></form>
  <p class="said" role="status"></p>
  </section><section class="preparing">
  <table class="prepare" data-testid="prepare"><caption>What readers may change</caption>
    <thead></thead><tbody></tbody></table>
  <p>A courtesy, no lock for an exam: who edits the address can change everything.</p>
  </section></div>
  <div class="row"><button class="close" autofocus>close</button></div>`;

/**
 * The link to a page, at a step or as it opens by itself.
 * @param {string} href  the page's address
 * @param {?number} step
 * @param {Record<string, State>} [states]  of groups of controls; else they are as they are
 * @param {Seen} [seen]  else as the address says
 */
export function linkTo(href, step, states, seen = {}) {
  const url = new URL(href);
  for (const key of ["step", "play", "embed", "room"]) url.searchParams.delete(key);
  // A projector is the room's, and not the reader's.
  if (url.searchParams.get("theme") === "projector") url.searchParams.delete("theme");
  for (const [key, text] of Object.entries(seen)) {
    if (text === null) url.searchParams.delete(key);
    else url.searchParams.set(key, text);
  }
  for (const key of states ? LISTS : []) url.searchParams.delete(key);
  for (const key of LISTS) {
    const names = Object.entries(states ?? {}).filter(([, state]) => state === key).map(([name]) => name);
    if (names.length) url.searchParams.set(key, names.join());
  }
  if (step !== null) {
    url.searchParams.set("step", String(step));
    url.searchParams.set("play", "0");
  }
  url.hash = "";
  return url.href.replaceAll("%2C", ",").replaceAll("%7E", "~");
}

/**
 * The code of a frame that shows a page.
 * @param {string} link
 */
export function frameOf(link) {
  const [width, height] = FRAME;
  const address = `${link}${link.includes("?") ? "&" : "?"}embed=true`.replaceAll("&", "&amp;").replaceAll('"', "%22");
  return `<iframe src="${address}" width="${width}" height="${height}" title="Loss surfaces" loading="lazy" style="border: 0"></iframe>`;
}

/**
 * The link with which a page follows another one.
 * @param {string} href  the page's address
 * @param {string} code  of the room
 */
export function linkToRoom(href, code) {
  const url = new URL(href);
  url.search = url.hash = "";
  url.searchParams.set("room", code);
  return url.href;
}

export class ShareView extends Panel {
  #step = 0;
  /** @type {Seen} */
  #seen = {};
  /** @type {?Merged} */
  #page = null;
  /** @type {Record<string, State>} */
  #states = {}; // of the groups of controls, as they are to be where the link is opened

  /**
   * @param {HTMLElement} host
   * @param {Pick<PanelEvents, "lead" | "join" | "led">} on
   */
  constructor(host, on) {
    super(host);
    this.on = on;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "share";
    this.dialog.innerHTML = TEMPLATE;
    this.dialog.ariaLabel = "Share this page";
    this.code = document.createElement("dialog");
    this.code.className = "code";
    this.code.ariaLabel = "QR code of this page";
    this.code.innerHTML = `<img alt="QR code of this page" title="Close (Q or Escape)"><p></p>`;
    host.append(this.dialog, this.code);
    this.link = this.dialog.querySelector("input");
    this.frame = this.dialog.querySelector("textarea");
    this.at = /** @type {HTMLInputElement} */ (this.dialog.querySelector(".at"));
    this.said = this.dialog.querySelector(".said");
    this.at.addEventListener("change", () => this.#write());
    this.lead = /** @type {HTMLInputElement} */ (this.dialog.querySelector(".lead input"));
    this.lead.addEventListener("change", () => this.#lead(this.lead.checked));
    this.dialog.querySelector(".join").addEventListener("submit", (event) => this.#join(event));
    this.dialog.querySelector(".close").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector(".full").addEventListener("click", () => this.toggleCode());
    this.code.addEventListener("click", () => this.code.close());
    for (const button of this.dialog.querySelectorAll(".copy")) {
      const field = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (button.previousElementSibling);
      button.addEventListener("click", () => this.#copy(field));
    }
    for (const field of [this.link, this.frame]) field.addEventListener("focus", () => field.select());
  }

  /** @param {Given} given */
  receive({ page }) {
    if (!page) return;
    const moved = page.room !== this.#page?.room;
    this.#page = page;
    if (moved && this.dialog.open) this.#write(); // the room was left, or followed, meanwhile
  }

  /** The groups of controls, each with a choice of its state. */
  #prepare() {
    const { groups = {}, hide = [], lock = [] } = this.#page ?? {};
    this.#states = {};
    const table = this.dialog.querySelector(".prepare");
    const all = Object.entries(STATES).map(([state, word]) => {
      const button = document.createElement("button");
      button.textContent = word;
      button.title = `All ${word}`;
      button.addEventListener("click", () => {
        for (const one of table.querySelectorAll("input")) {
          if (one.value === state) one.click();
        }
      });
      return button;
    });
    const rows = Object.entries(groups).map(([name, words]) => {
      const now = hide.includes(name) ? "hide" : lock.includes(name) ? "lock" : "";
      this.#states[name] = now;
      const choices = Object.entries(STATES).map(([state, word]) => {
        const choice = Object.assign(document.createElement("input"), {
          type: "radio", name: `group ${name}`, value: state, checked: state === now, ariaLabel: `${words}: ${word}`,
        });
        choice.addEventListener("change", () => {
          this.#states[name] = /** @type {State} */ (state);
          this.#write();
        });
        const label = document.createElement("label");
        label.append(choice);
        return label;
      });
      return rowOf(words, choices, "td");
    });
    table.querySelector("thead").replaceChildren(rowOf("", all, "th"));
    table.querySelector("tbody").replaceChildren(...rows);
  }

  /**
   * Shows the link to what is shown.
   * @param {number} step
   * @param {boolean} playing
   * @param {Seen} seen
   */
  open(step, playing, seen) {
    this.#step = Math.floor(step);
    this.#seen = seen;
    this.at.checked = !playing;
    this.dialog.querySelector("label span").textContent = `at step ${this.#step}, paused`;
    this.#prepare();
    this.#write();
    this.dialog.showModal();
    this.dialog.scrollTop = 0; // its last button has the focus
  }

  /**
   * Shows the code alone, as large as the screen, or no longer.
   * @param {Seen} [seen]
   */
  toggleCode(seen = this.#seen) {
    if (this.code.open) {
      this.code.close();
      return;
    }
    const code = this.on.led();
    const link = code ? linkToRoom(location.href, code) : linkTo(location.href, null, undefined, seen);
    this.#draw(this.code, this.dialog.open ? this.link.value : link);
    this.code.querySelector("p").textContent = code;
    this.code.showModal();
  }

  /**
   * Opens a room that this page leads, or ends it.
   * @param {boolean} open
   */
  async #lead(open) {
    this.lead.disabled = true;
    try {
      await this.on.lead(open);
      this.#write();
    } catch (error) {
      this.#write();
      this.said.textContent = error instanceof Error ? error.message : "";
    } finally {
      this.lead.disabled = false;
    }
  }

  /** @param {Event} event */
  #join(event) {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (this.dialog.querySelector(".join input"));
    const code = field.value.replace(/[\s-]/g, "").toLowerCase();
    if (CODE.test(code)) {
      this.dialog.close();
      this.on.join(code);
    } else this.said.textContent = "A room's code has 6 letters and digits, such as kd37xw.";
  }

  #write() {
    const code = this.on.led();
    const { rooms = false, room = "" } = this.#page ?? {};
    const other = Boolean(room && !code); // that this page follows
    this.dialog.querySelector(".lead").hidden = !rooms || other;
    this.dialog.querySelector(".join").hidden = !rooms || other || Boolean(code);
    this.lead.checked = Boolean(code);
    // In a room, the step and what may be changed are those of the page that leads.
    this.dialog.querySelector(".at-step").hidden = Boolean(code);
    this.dialog.querySelector(".preparing").hidden = Boolean(code);
    const link = code ? linkToRoom(location.href, code) : linkTo(location.href, this.at.checked ? this.#step : null, this.#states, this.#seen);
    this.link.value = link;
    this.frame.value = frameOf(link);
    this.said.textContent = HERE.test(location.hostname) ? ONLY_HERE : "";
    this.#draw(this.dialog, link);
  }

  /**
   * @param {HTMLDialogElement} dialog
   * @param {string} link
   */
  #draw(dialog, link) {
    const picture = dialog.querySelector("img");
    picture.src = new URL(`qr?${new URLSearchParams({ link })}`, document.baseURI).href;
    picture.onerror = () => {
      this.said.textContent = "There is no QR code of this link: it may be too long.";
    };
  }

  /** @param {HTMLInputElement | HTMLTextAreaElement} field */
  async #copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      this.said.textContent = "Copied.";
    } catch {
      field.focus();
      field.select();
      this.said.textContent = "The browser does not let the page copy; it is selected: press Ctrl+C.";
    }
  }
}

/**
 * A row of a table: what it is of, and a cell for each choice.
 * @param {string} words
 * @param {HTMLElement[]} parts
 * @param {"td" | "th"} tag  of the cells
 */
function rowOf(words, parts, tag) {
  const row = document.createElement("tr");
  // What heads nothing is no heading.
  const head = document.createElement(words ? "th" : "td");
  head.textContent = words;
  if (head instanceof HTMLTableCellElement && words) head.scope = "row";
  const cells = parts.map((part) => {
    const cell = document.createElement(tag);
    cell.append(part);
    return cell;
  });
  row.append(head, ...cells);
  return row;
}
