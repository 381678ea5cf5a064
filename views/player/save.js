// A file that the server makes, saved under a name.

/**
 * Fetches a file and hands it to the browser.
 * @param {string} address
 * @param {string} name  of the file
 * @throws {Error} whose message is the server's sentence where it makes none; else empty
 */
export async function saveFile(address, name) {
  const response = await fetch(new URL(address, document.baseURI));
  if (!response.ok) throw new Error([400, 503].includes(response.status) ? await response.text() : "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
