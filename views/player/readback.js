// Files that were saved open the setup they came from. Its mark (views/mark.py) is a text
// that stands uncompressed in each, whatever kind of file that is.

const BEGIN = "loss-surface-setup://?";
const END = ";";
const MARK = /loss-surface-setup:\/\/\?((?:&amp;|[\w.~*+%&=,-])+);/;
const MOST = 64 * 2 ** 20; // bytes of a file that is read
const PART = 2 ** 20; // and of it at once
const TABLE = /\.(csv|tsv|np[yz])$/i;
const LONGEST = 2 ** 16; // bytes of a mark

/** What is the page's own in an address, and stays (OF_THE_PAGE in views/fields.py). */
const OWN = ["theme", "speed", "loop", "hide", "lock", "room", "embed", "embed_options"];

/**
 * The mark of a setup: what a file holds as a comment, or in its metadata.
 * @param {string} query  of the page's address; not empty, even where all is by default
 */
export const markOf = (query) => BEGIN + new URLSearchParams(query).toString() + END;

/**
 * The query that a text names; null if there is none in it.
 * @param {string} text
 */
export function markedIn(text) {
  const found = MARK.exec(text);
  return found ? found[1].replaceAll("&amp;", "&") : null; // XML has another name for &
}

/**
 * The query that a file names; null if there is none in it. It stays in the browser.
 * @param {Blob} file
 */
export async function setupIn(file) {
  const end = Math.min(file.size, MOST);
  for (let at = 0; at < end; at += PART) {
    // A mark may begin in one part and end in the next.
    const part = await file.slice(at, Math.min(at + PART + LONGEST, end)).arrayBuffer();
    const query = markedIn(new TextDecoder("latin1").decode(part));
    if (query !== null) return query;
  }
  return null;
}

/**
 * The query of a page's address with the setup of a file in place of its own.
 * @param {string} query  that the file names
 * @param {string} search  of the page's address
 */
export function searchWith(query, search) {
  const [found, here] = [new URLSearchParams(query), new URLSearchParams(search)];
  for (const key of OWN) {
    found.delete(key);
    for (const value of here.getAll(key)) found.append(key, value);
  }
  return `?${found}`;
}

/**
 * The first query that one of some files names, and what is to be said where none does.
 * @param {File[]} files
 * @returns {Promise<{query: ?string, wrong: string}>}
 */
export async function firstSetup(files) {
  let wrong = "";
  for (const file of files) {
    try {
      const query = await setupIn(file);
      if (query !== null) return { query, wrong: "" };
      const own = TABLE.test(file.name) ? "; data or losses of your own are opened on their surfaces, at the end of the list" : "";
      wrong ||= `There is no setup in “${file.name}”${own}.`;
    } catch {
      wrong ||= `“${file.name}” could not be read.`; // a folder, or it is gone
    }
  }
  return { query: null, wrong };
}
