// A picture as PDF: its SVG, drawn by the server (views/pdf), which has the page's fonts.

import { PAGE, Refusal } from "./live.js";
import { readAnswer } from "./result.js";
import { fetched } from "./save.js";

/**
 * @param {Blob} svg  without a font inside
 * @param {AbortSignal} [signal]
 */
export async function pdfOf(svg, signal) {
  const headers = { "content-type": svg.type, ...PAGE };
  const response = await fetched("pdf", { method: "POST", body: svg, headers, signal });
  const { bytes, refused } = await readAnswer(response, () => {});
  if (refused) throw new Refusal(new TextDecoder().decode(bytes));
  return new Blob([bytes], { type: "application/pdf" });
}
