// What can be saved as a picture or a film: the panels that are shown, the whole view, and
// how each is put on paper.

import { composed, sizeOf } from "./composed.js";
import { digits } from "./digits.js";

/** @typedef {import("./savedfile.js").Put} Put */

/**
 * A panel that is shown, with what draws it.
 * @typedef {{name: string, title: string, host: HTMLElement, drawing: Drawing}} Drawable
 */

/**
 * What the page shows, to be saved.
 * @typedef {object} Savable
 * @property {Drawable[]} panels
 * @property {HTMLElement} root  the player
 * @property {Moment} moment
 * @property {Merged} page
 * @property {{light: Palette, seen: Palette}} palettes
 * @property {boolean} light  whether a file is light unless another is asked for
 * @property {number} text  how large text on pictures is
 * @property {string} address  of the page as it is seen, at this step
 * @property {Latex[]} latex
 */

/**
 * What the server writes as LaTeX: its name, what it is called, its address and what is said
 * of it.
 * @typedef {{name: string, title: string, address: string, says: string}} Latex
 */

/** What is saved: its name, what it is called, its size on the screen, and what draws it. */
/** @typedef {{name: string, title: string, size: Pair, drawing: Drawing}} Choice */

export const WHOLE = "page";
const CHART = [640, 360]; // pixels of a chart's picture: on the page it is a strip

/**
 * All that can be saved.
 * @param {Savable} savable
 * @returns {Choice[]}
 */
export function choicesOf({ panels, root, moment, page, address }) {
  const letters = lettersOf(root);
  const box = root.getBoundingClientRect();
  const parts = panels.map(({ host, drawing }) => {
    const { left, top, width, height } = host.getBoundingClientRect();
    return { place: { left: left - box.left, top: top - box.top, width, height }, drawing };
  });
  fill(parts.map(({ place }) => place));
  if (!parts.length) return [];
  const words = {
    title: page.title,
    address: printed(address, page.surface),
    race: moment.race,
    foresees: moment.foresees,
    settings: settingsOf(page),
    beside: !root.classList.contains("narrow"),
  };
  const [first, ...others] = panels.map(({ name, title, host, drawing }) => ({
    ...{ name, title, drawing },
    size: /** @type {Pair} */ (
      name === "losses" || name.startsWith("chart-") ? CHART.map((n) => (n * letters) / 13) : [host.clientWidth, host.clientHeight]
    ),
  }));
  const whole = { name: WHOLE, title: "whole view", size: sizeOf(parts, words, letters), drawing: composed(parts, words) };
  return [first, ...others, whole];
}

/**
 * Widens places to where none stands beside them: what is not drawn leaves no hole.
 * @param {Place[]} places
 */
export function fill(places) {
  const [start, end] = [Math.min(...places.map(({ left }) => left)), Math.max(...places.map(({ left, width }) => left + width))];
  for (const one of places) {
    const beside = places.filter((other) => other !== one && other.top < one.top + one.height && one.top < other.top + other.height);
    const right = beside.some(({ left }) => left > one.left) ? one.left + one.width : end;
    if (!beside.some(({ left }) => left < one.left)) one.left = start;
    one.width = right - one.left;
  }
}

/** Names under which a machine knows itself, and no other one does. */
export const HERE = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * The address that stands on a picture: it names the surface, and no server that only this
 * machine has. In a file that plays there is none but that which the file is opened with.
 * @param {string} link
 * @param {string} surface
 */
export function printed(link, surface) {
  const { hostname, origin, pathname, protocol, search } = new URL(link);
  if (protocol === "file:" && !search) return "";
  const named = new URLSearchParams(search).has("surface") ? search : `?surface=${surface}&${search.slice(1)}`;
  const query = named.replace(/&$/, "");
  return HERE.test(hostname) || protocol === "file:" ? query : `${origin}${pathname}${query}`;
}

/**
 * Pixels of the page's own letters.
 * @param {HTMLElement} root
 */
export const lettersOf = (root) => parseFloat(getComputedStyle(root).fontSize) || 13;

/**
 * The settings of each entry, in words.
 * @param {Merged} page
 */
function settingsOf({ cards, shared }) {
  return cards
    .filter(({ on }) => on)
    .map(({ key, sliders }) => ({
      key,
      values: sliders
        .filter(({ scale }) => scale !== "switch" && scale !== "choice")
        .map(({ key: name, symbol, label, value }) => {
          const number = shared !== null && name.endsWith(".lr") ? shared : value;
          return `${symbol || label.toLowerCase()} ${typeof number === "number" ? digits(number) : number}`;
        })
        .join(", "),
    }));
}

/**
 * How a choice is put on a paper of so many pixels: as on the screen, and enlarged.
 * @param {Pair} size  on the screen
 * @param {Pair} pixels
 */
export function fitted([width, height], [wide, high]) {
  const ratio = Math.min(wide / width, high / height);
  return { width: wide / ratio, height: high / ratio, ratio };
}
