// A file that plays: what views/webpage/ writes beside the player, in place of a server. It
// holds the race as it was, the steps of some entries from inside, and for some sliders the
// runs at so many of their values. Or it holds none of that, and asks the page around it.

import { gatherEntries } from "./address.js";
import { Kernel } from "./kernel.js";
import { Player } from "./player.js";
import { pack, partsOf } from "./result.js";
import { keepFile } from "./save.js";
import { nearestTo } from "./slider.js";
import { bySignificance, unsmooth } from "./smooth.js";
import { source } from "./source.js";
import { Story } from "./story.js";

/**
 * A slider whose runs are in the file.
 * @typedef {{key: string, entry: string, values: number[], value: number}} KeptSlider
 */

/**
 * A part of the file by its name, unpacked.
 * @typedef {(name: string) => Promise<ArrayBuffer>} Part
 */

/** @typedef {ReturnType<typeof partsOf>} Parts */

const ABSENT = "This file has no server to ask; it shows what was saved in it.";
/** What the map shows at an iterate needs its step from inside, as these panels do. */
const INSPECTING = ["inside", "table", "arrows", "every", "curvature", "contour", "samples"];

class Answers {
  /** @type {Map<string, Promise<Parts>>} */
  #parts = new Map();

  /**
   * @param {Page} page
   * @param {Part} part
   */
  constructor({ kept }, part) {
    this.kept = /** @type {NonNullable<Page["kept"]>} */ (kept);
    this.part = part;
  }

  /**
   * @param {string} address
   * @param {RequestInit} [how]
   * @returns {Promise<Response>}
   */
  async answer(address, how) {
    const [route, query] = address.split("?");
    if (route === "race") return new Response(await this.#race(new URLSearchParams(query)));
    if (route === "landscape") return new Response(await this.#landscape());
    if (route === "film" && how?.body instanceof Blob) {
      keepFile(how.body, "frames"); // Python encodes them (views/films/alone.py)
      return new Promise(() => {});
    }
    return new Response(ABSENT, { status: 400 });
  }

  /** The still pictures, with their heights as the server sends them. */
  async #landscape() {
    const { result, arrays } = await this.#partsOf("landscape");
    const [[, { bytes }]] = arrays;
    return JSON.stringify({ ...result, map: { ...result.map, heights: bySignificance(bytes) } });
  }

  /**
   * The race as it was saved, of the entries that are on, at the values of its sliders.
   * @param {URLSearchParams} query
   */
  async #race(query) {
    const { result, arrays } = await this.#partsOf("race");
    /** @type {Run[]} */
    const all = result.runs;
    const keys = query.get("on")?.split(",") ?? all.map(({ key }) => key);
    const runs = all.filter(({ key }) => keys.includes(key));
    const shared = arrays.filter(([name]) => !all.some(({ key }) => name.startsWith(`${key}/`)));
    /** @type {Race} */
    const whole = { ...result, runs: /** @type {Run[]} */ ([]), following: { ...result.following } };
    /** @type {Set<string>} */
    const moved = new Set();
    for (const run of runs) {
      const other = await this.#movedTo(run.key, query);
      if (other) moved.add(run.key);
      whole.runs.push(other ? { ...run, ...other.run } : run);
      Object.assign(whole.following, other?.following);
      const own = other?.arrays ?? arrays.filter(([name]) => name.startsWith(`${run.key}/`));
      shared.push(...own);
    }
    const names = [...(query.get("panels")?.split(",") ?? []), ...(query.get("show")?.split(",") ?? [])];
    if (names.some((name) => INSPECTING.includes(name))) {
      const on = whole.runs.map(({ key }) => key);
      const first = [query.get("inspect") ?? "", ...on].find((key) => on.includes(key)) ?? "";
      const others = names.includes("every") ? on.filter((key) => key !== first) : [];
      const insides = [];
      for (const entry of [first, ...others]) {
        if (moved.has(entry) || !this.kept.inside.includes(entry)) continue;
        const inside = await this.#partsOf(`inside-${entry}`);
        insides.push(inside.result);
        shared.push(...inside.arrays);
      }
      if (insides[0]?.entry === first) [whole.inside, ...whole.others] = insides;
    }
    const answer = pack(whole, shared);
    const bytes = new Uint8Array(1 + answer.length); // after a zero: the progress is over
    bytes.set(answer, 1);
    return bytes;
  }

  /**
   * The run of an entry at the value of its slider; null where it is as it was saved.
   * @param {string} entry
   * @param {URLSearchParams} query
   */
  async #movedTo(entry, query) {
    const slider = this.kept.sliders.find((one) => one.entry === entry);
    const text = slider ? query.get(slider.key) : null;
    if (!slider || text === null || Number(text) === slider.value) return null;
    const { result, arrays } = await this.#partsOf(`slider-${slider.key}`);
    const at = slider.values.indexOf(nearestTo(Number(text), slider.values));
    const { following, ...run } = result.runs[at];
    const mine = arrays.filter(([name]) => name.startsWith(`${at}/`));
    return {
      run: { ...run, key: entry },
      following,
      arrays: mine.map(([name, array]) => /** @type {typeof mine[0]} */ ([entry + name.slice(String(at).length), array])),
    };
  }

  /**
   * @param {string} name
   * @returns {Promise<Parts>}
   */
  #partsOf(name) {
    const found = this.#parts.get(name) ?? this.part(name).then((buffer) => {
      unsmooth(buffer);
      return partsOf(buffer);
    });
    this.#parts.set(name, found);
    return found;
  }
}

/**
 * Has the answers come from the page around, which is a notebook's.
 * @param {(page: Page) => void} onPage
 * @returns {Send}
 */
function askAround(onPage) {
  const kernel = new Kernel((message) => window.parent.postMessage(message, "*"), onPage);
  window.addEventListener("message", ({ source: from, data }) => {
    if (from === window.parent) kernel.receive(data);
  });
  source.ask = source.askWhole = (address, how) => kernel.ask(address, how);
  return (name, value) => kernel.send(name, value);
}

/**
 * Has the answers come from the file.
 * @param {Page} page
 * @param {Part} part
 * @returns {Send}
 */
function askFile(page, part) {
  const answers = new Answers(page, part);
  source.kept = true;
  source.ask = source.askWhole = (address, how) => answers.answer(address, how);
  return () => {};
}

/**
 * Shows what is in the file.
 * @param {HTMLElement} parent  what to stand in
 * @param {Page} page
 * @param {Part} part
 */
export function open(parent, page, part) {
  /** @param {Page} now */
  const show = (now) => {
    story.show(now.story);
    player.receive(now, send);
  };
  source.alone = true;
  source.saves = !page.hide.includes("save");
  const send = page.kept ? askFile(page, part) : askAround(show);
  source.script = async (name) => URL.createObjectURL(new Blob([await part(name.split(".")[0])], { type: "text/javascript" }));
  gatherEntries();
  const story = new Story(parent);
  const player = new Player(parent, (sentence) => story.showUndefined(sentence));
  show(page);
  send("edits", { n: 0, changes: {} }); // a page that is loaded again is behind
  // The page around is of the colour of the theme.
  const paint = () => {
    document.body.style.background = getComputedStyle(player.root).getPropertyValue("--page");
    document.body.style.color = getComputedStyle(player.root).getPropertyValue("--ink");
  };
  paint();
  new MutationObserver(paint).observe(player.root, { attributeFilter: ["data-theme"] });
}
