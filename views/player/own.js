// Lessons that a reader opens from files: the server checks them and keeps them for a while
// (views/lessons/upload.py); their lines of the list stay with the browser's tab.

import { PAGE } from "./live.js";

/** @typedef {{key: string, title: string, summary: string}} LessonRow */

export const OWN_MARK = "own-"; // how the key of such a lesson begins
export const OPEN = "open a file"; // the value of the list's line that asks for one
const STORED = "loss-surface-own-lessons";
const ROUTE = "lesson";
const MOST = 20; // lines that are kept
const MOST_FILES = 12; // at once
const LARGEST = 240_000; // bytes
const SENTENCES = [400, 403, 408, 413, 503]; // answers that are one
const FAILED = "The file could not be sent; try again.";

/** @param {unknown} row */
const isRow = (row) =>
  row !== null && typeof row === "object" && ["key", "title", "summary"].every((name) => typeof Reflect.get(row, name) === "string");

/** The lines of lessons that were opened in this tab. */
export class OwnLessons {
  /** @type {LessonRow[]} */
  rows = [];

  constructor() {
    try {
      const stored = JSON.parse(sessionStorage.getItem(STORED) ?? "[]");
      if (Array.isArray(stored)) this.rows = stored.filter(isRow).slice(-MOST);
    } catch {
      // A browser may keep nothing: the lines are then gone with the page.
    }
  }

  /**
   * Has a line for a lesson; a line with a summary takes the place of one without.
   * @param {LessonRow} row
   */
  add(row) {
    const before = this.rows.find(({ key }) => key === row.key);
    if (before && !row.summary) return;
    this.rows = [...this.rows.filter(({ key }) => key !== row.key), row].slice(-MOST);
    try {
      sessionStorage.setItem(STORED, JSON.stringify(this.rows));
    } catch {
      // As above.
    }
  }
}

/**
 * Sends files, one after the other.
 * @param {File[]} files
 * @returns {Promise<{rows: LessonRow[], wrong: ?string}>}  the lessons that they are, and a
 *   sentence about the first that is none
 */
export async function sent(files) {
  /** @type {LessonRow[]} */
  const rows = [];
  const wrong = [];
  for (const file of files.slice(0, MOST_FILES)) {
    try {
      rows.push(await rowOf(file));
    } catch (error) {
      wrong.push(`${file.name}: ${error instanceof Error ? error.message : FAILED}`);
    }
  }
  if (files.length > MOST_FILES) wrong.push(`At most ${MOST_FILES} files at once; the others were not opened.`);
  return { rows, wrong: inOneSentence(wrong) };
}

/** @param {string[]} wrong */
function inOneSentence(wrong) {
  const more = wrong.length - 1;
  if (more < 1) return wrong[0] ?? null;
  return `${wrong[0]} (${more} more ${more === 1 ? "problem" : "problems"}.)`;
}

/**
 * The line of the lesson that a file is.
 * @param {File} file
 * @throws {Error} with a sentence, if it is none
 */
async function rowOf(file) {
  if (file.size > LARGEST) throw new Error("A lesson has at most 60,000 characters.");
  let response;
  try {
    response = await fetch(new URL(ROUTE, document.baseURI), {
      method: "POST",
      body: await file.arrayBuffer(), // a file that has changed meanwhile fails here
      headers: { ...PAGE, "content-type": "text/markdown" },
    });
  } catch {
    throw new Error(FAILED);
  }
  if (response.ok) return /** @type {LessonRow} */ (await response.json());
  throw new Error(SENTENCES.includes(response.status) ? await response.text() : FAILED);
}

/**
 * Whether a file is one of a lesson, by its name.
 * @param {File} file
 */
export const isLesson = ({ name }) => /\.(md|markdown|txt)$/i.test(name);

/**
 * Takes files that are dropped on an element.
 * @param {HTMLElement} host
 * @param {(files: File[], at: ?EventTarget) => void} take
 */
export function takesFiles(host, take) {
  /** @param {DragEvent} event */
  const brings = ({ dataTransfer }) => dataTransfer?.types.includes("Files") ?? false;
  host.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    host.classList.add("taking");
  });
  for (const type of ["dragleave", "drop"]) {
    host.addEventListener(type, (event) => {
      const { relatedTarget } = /** @type {DragEvent} */ (event);
      if (type === "drop" || !(relatedTarget instanceof Node && host.contains(relatedTarget))) host.classList.remove("taking");
    });
  }
  host.addEventListener("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    take([...(event.dataTransfer?.files ?? [])], event.target);
  });
}
