// A film of what is shown: drawn here frame by frame by what draws the screen, and encoded
// by the server (views/films).

import { PAGE, Refusal } from "./live.js";
import { readAnswer } from "./result.js";
import { fetched } from "./save.js";
import { onCanvas } from "./savedfile.js";

const KIND = "application/x-loss-surface-film";
const TURN = 40; // milliseconds of work after which the page gets a turn
export const MOST_SECONDS = 60;
const MOST_COLOURS = 100;
const MOST_PIXELS = 700e6; // of all frames together, as the server has it

/**
 * What a film is.
 * @typedef {object} Film
 * @property {"gif" | "webp" | "mp4"} format
 * @property {number} from  the first step
 * @property {number} to  the last
 * @property {number} seconds
 * @property {number} fps
 * @property {boolean} loop
 */

/** @type {Record<Film["format"], string>} */
export const TYPES = { gif: "image/gif", webp: "image/webp", mp4: "video/mp4" };

/**
 * The steps that the frames of a film show; they may lie between two iterates.
 * @param {Pick<Film, "from" | "to" | "seconds" | "fps">} film
 */
export function stepsOf({ from, to, seconds, fps }) {
  const count = Math.max(Math.round(seconds * fps), 1);
  return Array.from({ length: count }, (_, i) => (count > 1 ? from + ((to - from) * i) / (count - 1) : to));
}

/**
 * What is wrong with the steps from one to another, in a sentence; empty if nothing is.
 * @param {Pick<Film, "from" | "to">} film
 * @param {number} steps  of the race
 */
export function wrongSteps({ from, to }, steps) {
  const whole = [from, to].every((step) => Number.isInteger(step) && step >= 0 && step <= steps);
  if (!whole) return `The steps of a file are whole numbers from 0 to ${steps}.`;
  return from > to ? "The first step is after the last." : "";
}

/**
 * What is wrong with a film, in a sentence; empty if nothing is.
 * @param {Film} film
 * @param {number} steps  of the race
 * @param {Pair} pixels
 */
export function wrongWith({ from, to, seconds, fps }, steps, [width, height]) {
  const wrong = wrongSteps({ from, to: Math.max(from, to) }, steps);
  if (wrong) return wrong;
  if (from >= to) return "A film begins at an earlier step than its last.";
  if (!(seconds >= 0.5 && seconds <= MOST_SECONDS)) return `A film takes 0.5 to ${MOST_SECONDS} seconds.`;
  if (Math.round(seconds * fps) * width * height > MOST_PIXELS) {
    return "This film has too many pixels; make it smaller or shorter, or take fewer frames a second.";
  }
  return "";
}

const BAND = 16; // rows that are looked at together

/**
 * What differs between two pictures: how many rectangles, and of each its first row, the
 * number of rows, its first column and the number of columns, and its pixels by exclusive
 * or.
 * @param {Uint32Array} before
 * @param {Uint32Array} now
 * @param {number} width
 */
export function difference(before, now, width) {
  const height = now.length / width;
  /** @type {[top: number, rows: number, left: number, columns: number][]} */
  const found = [];
  let size = 1;
  for (let top = 0; top < height; top += BAND) {
    const bottom = Math.min(top + BAND, height);
    let [left, right, first, last] = [width, 0, -1, -1];
    for (let row = top; row < bottom; row += 1) {
      const start = row * width;
      const end = start + width;
      let i = start;
      while (i < end && now[i] === before[i]) i += 1;
      if (i === end) continue;
      let k = end - 1;
      while (now[k] === before[k]) k -= 1;
      if (first < 0) first = row;
      last = row;
      if (i - start < left) left = i - start;
      if (k - start >= right) right = k - start + 1;
    }
    if (first < 0) continue;
    found.push([first, last - first + 1, left, right - left]);
    size += 4 + (last - first + 1) * (right - left);
  }
  const changes = new Uint32Array(size);
  changes[0] = found.length;
  let at = 1;
  for (const rectangle of found) {
    const [top, rows, left, columns] = rectangle;
    changes.set(rectangle, at);
    at += 4;
    for (let row = top; row < top + rows; row += 1) {
      for (let i = row * width + left, end = i + columns; i < end; i += 1, at += 1) changes[at] = now[i] ^ before[i];
    }
  }
  return changes;
}

/**
 * The colours of a theme that a race is drawn in: a GIF has few, and keeps these.
 * @param {Palette} palette
 */
function coloursOf({ trails, map, page, panel, ink, muted, line, edge, strong, critical, contour }) {
  const entries = Object.entries(trails).flatMap(([name, { line: stroke, edge: around }]) => [name, stroke, around ?? stroke]);
  const all = [page, panel, ink, muted, line, edge, strong, critical, contour, ...map, ...entries];
  return [...new Set(all.filter((colour) => /^#[0-9a-f]{6}$/i.test(colour)))].slice(0, MOST_COLOURS);
}

/**
 * @param {Drawing} drawing
 * @param {import("./savedfile.js").Put} put
 * @param {Film} film
 * @param {import("./savedfile.js").About} about
 * @param {(part: number) => void} onProgress  the finished part, from 0 to 1
 * @param {AbortSignal} signal
 */
export async function filmOf(drawing, put, film, about, onProgress, signal) {
  const steps = stepsOf(film);
  const { canvas, context, draw } = await onCanvas(drawing, put, { film: true });
  const { width, height } = canvas;
  const { format, fps, loop } = film;
  const text = JSON.stringify({
    ...{ format, width, height, frames: steps.length, fps, loop },
    ...{ title: about.title, mark: about.description, colours: coloursOf(put.palette) },
  });
  const stream = new CompressionStream("deflate");
  const compressed = new Response(stream.readable).blob();
  compressed.catch(() => {}); // it fails where the film is cancelled, which is known
  const writer = stream.writable.getWriter();
  let before = new Uint32Array(width * height);
  let turned = performance.now();
  for (const [i, step] of steps.entries()) {
    draw(step);
    const now = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
    await writer.write(new Uint8Array(difference(before, now, width).buffer));
    before = now;
    if (performance.now() - turned > TURN) {
      onProgress((0.7 * (i + 1)) / steps.length);
      await new Promise((done) => {
        setTimeout(done);
      });
      turned = performance.now();
    }
    if (signal.aborted) {
      await writer.abort();
      signal.throwIfAborted();
    }
  }
  await writer.close();
  const description = new TextEncoder().encode(text);
  const body = new Blob([Uint32Array.of(description.length), description, await compressed]);
  const headers = { "content-type": KIND, ...PAGE };
  const response = await fetched("film", { method: "POST", body, headers, signal });
  const { bytes, refused } = await readAnswer(response, (part) => onProgress(0.7 + 0.3 * part));
  if (refused) throw new Refusal(new TextDecoder().decode(bytes));
  return new Blob([bytes], { type: TYPES[format] });
}
