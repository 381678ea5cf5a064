// Files: what the server makes or the page draws, handed to the browser under a name.

import { Refusal } from "./live.js";
import { source } from "./source.js";

/** The kinds of files that the server makes of a race or a study (views/studies/files.py). */
export const DATA = {
  csv: "table (CSV)",
  npz: "arrays (NPZ)",
  json: "all of it (JSON)",
  parquet: "table (Parquet)",
};

/** The value of the line in lists that asks for a saved file. */
export const OPEN_FILE = "open";

const FAILED = "The file could not be made; try again.";

/**
 * The server's answer to an address.
 * @param {string} address
 * @param {RequestInit} [how]
 * @throws {Refusal} with the server's sentence where there is one
 */
export async function fetched(address, how) {
  const response = await source.ask(address, how);
  if (response.ok) return response;
  throw new Refusal([400, 403, 408, 413, 503].includes(response.status) ? await response.text() : FAILED);
}

/**
 * Hands a file to the browser.
 * @param {Blob} file
 * @param {string} name
 */
export function keepFile(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * What is said of a file that could not be had.
 * @param {unknown} error
 */
export function sentenceOfSaving(error) {
  if (error instanceof Refusal) return error.message;
  console.error(error);
  return FAILED;
}
