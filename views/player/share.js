// Sharing what is shown: its link, a QR code of it for a class, and a frame for a page of
// one's own.

import { Panel } from "./panel.js";

const FRAME = [850, 450]; // pixels

const TEMPLATE = `
  <h2>Share this page</h2>
  <div class="row"><input type="text" readonly aria-label="Link" data-testid="link">
    <button class="copy">copy</button></div>
  <label class="row"><input type="checkbox" class="at"> <span></span></label>
  <img data-testid="qr" alt="QR code of the link">
  <p class="row" style="justify-content: center"><button class="full">full screen (Q)</button></p>
  <div class="row"><textarea readonly aria-label="Code of a frame"></textarea>
    <button class="copy">copy</button></div>
  <p>The frame shows the page in a course system. Who opens a link can change everything.</p>
  <p class="said" role="status"></p>
  <div class="row"><button class="close" autofocus>close</button></div>`;

/**
 * The link to a page, at a step or as it opens by itself.
 * @param {string} href  the page's address
 * @param {?number} step
 */
export function linkTo(href, step) {
  const url = new URL(href);
  for (const key of ["step", "play", "embed"]) url.searchParams.delete(key);
  // A projector is the room's, and not the reader's.
  if (url.searchParams.get("theme") === "projector") url.searchParams.delete("theme");
  if (step !== null) {
    url.searchParams.set("step", String(step));
    url.searchParams.set("play", "0");
  }
  url.hash = "";
  return url.href.replaceAll("%2C", ",").replaceAll("%7E", "~");
}

/**
 * The code of a frame that shows a page.
 * @param {string} link
 */
export function frameOf(link) {
  const [width, height] = FRAME;
  const address = `${link}${link.includes("?") ? "&" : "?"}embed=true`.replaceAll("&", "&amp;").replaceAll('"', "%22");
  return `<iframe src="${address}" width="${width}" height="${height}" title="Loss surfaces" loading="lazy" style="border: 0"></iframe>`;
}

export class ShareView extends Panel {
  #step = 0;

  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    this.dialog = document.createElement("dialog");
    this.dialog.innerHTML = TEMPLATE;
    this.dialog.ariaLabel = "Share this page";
    this.code = document.createElement("dialog");
    this.code.className = "code";
    this.code.ariaLabel = "QR code of this page";
    this.code.innerHTML = `<img alt="QR code of this page" title="Close (Q or Escape)">`;
    host.append(this.dialog, this.code);
    this.link = this.dialog.querySelector("input");
    this.frame = this.dialog.querySelector("textarea");
    this.at = /** @type {HTMLInputElement} */ (this.dialog.querySelector(".at"));
    this.said = this.dialog.querySelector(".said");
    this.at.addEventListener("change", () => this.#write());
    this.dialog.querySelector(".close").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector(".full").addEventListener("click", () => this.toggleCode());
    this.code.addEventListener("click", () => this.code.close());
    for (const button of this.dialog.querySelectorAll(".copy")) {
      const field = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (button.previousElementSibling);
      button.addEventListener("click", () => this.#copy(field));
    }
    for (const field of [this.link, this.frame]) field.addEventListener("focus", () => field.select());
  }

  /**
   * Shows the link to what is shown.
   * @param {number} step
   * @param {boolean} playing
   */
  open(step, playing) {
    this.#step = Math.floor(step);
    this.at.checked = !playing;
    this.dialog.querySelector("label span").textContent = `at step ${this.#step}, paused`;
    this.#write();
    this.dialog.showModal();
  }

  /** Shows the code alone, as large as the screen, or no longer. */
  toggleCode() {
    if (this.code.open) {
      this.code.close();
      return;
    }
    const link = this.dialog.open ? this.link.value : linkTo(location.href, null);
    this.#draw(this.code, link);
    this.code.showModal();
  }

  #write() {
    const link = linkTo(location.href, this.at.checked ? this.#step : null);
    this.link.value = link;
    this.frame.value = frameOf(link);
    this.said.textContent = "";
    this.#draw(this.dialog, link);
  }

  /**
   * @param {HTMLDialogElement} dialog
   * @param {string} link
   */
  #draw(dialog, link) {
    const picture = dialog.querySelector("img");
    picture.src = new URL(`qr?${new URLSearchParams({ link })}`, document.baseURI).href;
    picture.onerror = () => {
      this.said.textContent = "There is no QR code of this link: it may be too long.";
    };
  }

  /** @param {HTMLInputElement | HTMLTextAreaElement} field */
  async #copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      this.said.textContent = "Copied.";
    } catch {
      field.focus();
      field.select();
      this.said.textContent = "The browser does not let the page copy; it is selected: press Ctrl+C.";
    }
  }
}
