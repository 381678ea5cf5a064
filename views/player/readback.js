// The mark by which a saved file names the setup it came from (views/mark.py): a text that
// stands uncompressed in it, whatever kind of file that is.

const BEGIN = "loss-surface-setup://?";
const END = ";";
const MARK = /loss-surface-setup:\/\/\?((?:&amp;|[\w.~*+%&=,-])+);/;
const MOST = 64 * 2 ** 20; // bytes of a file that is read
const PART = 2 ** 20; // and of it at once
const LONGEST = 2 ** 16; // bytes of a mark

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
