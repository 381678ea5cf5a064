// An answer that comes whole. `fetch` hands over its head, then its body, and while a slider
// is dragged on a slow machine each of the two waits until another frame is drawn: there, a
// picture came with every second frame. A request of the older kind waits once.

/**
 * The server's answer to an address, once all of it is there.
 * @param {string} address
 * @param {RequestInit} [how]  its signal and headers
 * @returns {Promise<Response>}
 * @throws {TypeError} where the server cannot be reached, as `fetch` does
 */
export function whole(address, { signal, headers } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", new URL(address, document.baseURI));
    request.responseType = "arraybuffer";
    for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value);
    request.onload = () => {
      const { status, response } = request;
      resolve(new Response(response, { status, headers: headersOf(request.getAllResponseHeaders()) }));
    };
    request.onerror = () => reject(new TypeError("the server cannot be reached"));
    request.onabort = () => reject(new DOMException("given up", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send();
  });
}

/**
 * The headers of an answer, of the lines in which they come.
 * @param {string} lines
 */
export function headersOf(lines) {
  const headers = new Headers();
  for (const line of lines.split("\r\n").filter(Boolean)) {
    const [name, ...rest] = line.split(": ");
    headers.append(name, rest.join(": "));
  }
  return headers;
}
