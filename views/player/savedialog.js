// The dialog that saves what is shown as a picture, a film or LaTeX; a preview is drawn by
// what draws the file.

import { filmOf, wrongSteps, wrongWith } from "./film.js";
import { Panel } from "./panel.js";
import { pdfOf } from "./pdf.js";
import { WHOLE, choicesOf, fitted, lettersOf, printed } from "./picture.js";
import { markOf } from "./readback.js";
import { fetched, keepFile, sentenceOfSaving } from "./save.js";
import { onCanvas, pngOf, svgOf } from "./savedfile.js";

/** @typedef {import("./film.js").Film} Film */
/** @typedef {import("./picture.js").Choice} Choice */
/** @typedef {import("./picture.js").Latex} Latex */
/** @typedef {import("./picture.js").Savable} Savable */
/** @typedef {"picture" | "film" | "tex"} Kind */

const PREVIEW = [460, 320]; // pixels, at most

/** Formats by their endings, and what they are called. */
const PICTURES = { png: "PNG", svg: "SVG", pdf: "PDF", tex: "LaTeX" };
/** @type {Record<Kind, string>} The formats that are offered first. */
const FIRST = { picture: "png", film: "mp4", tex: "tex" };
const FILMS = { mp4: "MP4", gif: "GIF", webp: "WebP" };
const SIZES = ["1280 × 720", "1920 × 1080", "1080 × 1080", "640 × 360"];
const RATES = { mp4: "25", gif: "12.5", webp: "12.5" }; // frames a second, at first

/** @type {(formats: Record<string, string>) => string} */
const options = (formats) => Object.entries(formats).map(([key, name]) => `<option value="${key}">${name}</option>`).join("");

const TEMPLATE = `
  <h2>Save a picture, a film or LaTeX</h2>
  <div class="columns">
    <section><canvas data-testid="preview" role="img"></canvas><p class="pixels"></p></section>
    <section class="choices">
      <label class="row"><span>what</span><select class="of-what" data-testid="picture-what"></select></label>
      <label class="row"><span>format</span><select class="of-format" data-testid="picture-format">
        <optgroup label="picture">${options(PICTURES)}</optgroup><optgroup label="film">${options(FILMS)}</optgroup>
      </select></label>
      <label class="row" data-for="png"><span>scale</span><select class="of-scale" data-testid="picture-scale">
        <option value="1">1×</option><option value="2" selected>2×</option><option value="4">4×</option>
      </select></label>
      <label class="row" data-for="png svg pdf film"><span>colours</span><select class="of-colours" data-testid="picture-colours">
        <option value="light">light, for paper</option><option value="seen">as seen</option>
      </select></label>
      <label class="row" data-for="film"><span>size</span><select class="of-size" data-testid="film-size">
        ${SIZES.map((size) => `<option>${size}</option>`).join("")}<option value="">as the picture</option>
      </select></label>
      <div class="row" data-for="film figure"><label><span>from step</span><input class="from" inputmode="numeric" data-testid="film-from"></label>
        <label>to <input class="to" inputmode="numeric" data-testid="film-to"></label></div>
      <div class="row" data-for="film"><label><span>seconds</span><input class="seconds" inputmode="decimal" value="10" data-testid="film-seconds"></label>
        <label>frames a second <select class="of-rate" data-testid="film-rate">
          ${["10", "12.5", "20", "25", "30"].map((rate) => `<option>${rate}</option>`).join("")}</select></label></div>
      <label class="row" data-for="loop"><span>loop</span><input type="checkbox" class="again" checked data-testid="film-loop"></label>
      <p class="said" role="status"></p>
      <progress hidden aria-label="Progress of the film"></progress>
      <div class="row"><button class="keep-file" data-testid="picture-save">save</button>
        <button class="cancel" data-testid="film-cancel" hidden>cancel</button>
        <button class="close" autofocus>close</button></div>
    </section>
  </div>`;

export class SaveView extends Panel {
  /** @type {?Savable} */
  #savable = null;
  /** @type {Choice[]} */
  #choices = [];
  #drawn = 0; // which preview is the latest
  #closed = () => {};
  /** @type {?AbortController} */
  #making = null; // ends the file that is being made

  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    this.dialog = document.createElement("dialog");
    this.dialog.className = "picture-dialog";
    this.dialog.dataset.testid = "picture-dialog";
    this.dialog.ariaLabel = "Save a picture, a film or LaTeX";
    this.dialog.innerHTML = TEMPLATE;
    host.append(this.dialog);
    /** @type {(name: string) => HTMLSelectElement} */
    const select = (name) => this.dialog.querySelector(`select.${name}`);
    this.what = select("of-what");
    this.format = select("of-format");
    this.scale = select("of-scale");
    this.colours = select("of-colours");
    this.size = select("of-size");
    this.rate = select("of-rate");
    /** @type {(name: string) => HTMLInputElement} */
    const input = (name) => this.dialog.querySelector(`input.${name}`);
    this.from = input("from");
    this.to = input("to");
    this.seconds = input("seconds");
    this.loop = input("again");
    this.progress = this.dialog.querySelector("progress");
    this.cancel = /** @type {HTMLButtonElement} */ (this.dialog.querySelector(".cancel"));
    this.keep = /** @type {HTMLButtonElement} */ (this.dialog.querySelector(".keep-file"));
    this.cancel.addEventListener("click", () => this.#making?.abort());
    this.format.addEventListener("change", () => {
      this.#offer();
      if (this.#films) this.rate.value = RATES[/** @type {Film["format"]} */ (this.format.value)];
    });
    this.canvas = this.dialog.querySelector("canvas");
    this.said = this.dialog.querySelector(".said");
    this.dialog.addEventListener("change", () => this.#changed());
    this.dialog.addEventListener("close", () => {
      this.#making?.abort();
      this.#savable = null;
      this.#closed();
    });
    this.dialog.querySelector(".close").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector(".keep-file").addEventListener("click", () => this.#save());
  }

  /**
   * Shows what can be saved.
   * @param {Savable} savable
   * @param {Kind} kind  which is asked for
   * @param {() => void} closed  is called when the dialog is closed
   */
  open(savable, kind, closed) {
    this.#savable = savable;
    if (this.#kind !== kind) {
      this.format.value = FIRST[kind];
      this.rate.value = RATES.mp4;
    }
    this.#closed = closed;
    this.#choices = choicesOf(savable);
    this.#offer();
    this.colours.value = savable.light ? "light" : "seen";
    this.dialog.showModal();
    this.#changed();
  }

  /** @returns {Kind} */
  get #kind() {
    const { value } = this.format;
    return value === "tex" ? value : value in FILMS ? "film" : "picture";
  }

  /** Whether a film is chosen. */
  get #films() {
    return this.#kind === "film";
  }

  /** Offers what there is in the chosen format, and the steps that it has at first. */
  #offer() {
    if (!this.#savable) return;
    const { latex, moment } = this.#savable;
    const before = this.what.value;
    const offered = this.#kind === "tex" ? latex : this.#choices;
    this.what.replaceChildren(...offered.map(({ name, title }) => new Option(title, name)));
    if (offered.some(({ name }) => name === before)) this.what.value = before;
    this.from.value = "0";
    this.to.value = String(this.#kind === "tex" ? moment.step : moment.race.steps);
  }

  /** What is chosen of what there is in LaTeX; undefined in another format. */
  get #latex() {
    return this.#kind === "tex" ? this.#savable?.latex.find(({ name }) => name === this.what.value) : undefined;
  }

  /** @returns {Film} */
  get #film() {
    /** @type {(input: HTMLInputElement | HTMLSelectElement) => number} */
    const number = ({ value }) => (value.trim() === "" ? NaN : Number(value.replace(",", ".")));
    const format = /** @type {Film["format"]} */ (this.format.value);
    return {
      ...{ format, from: number(this.from), to: number(this.to), seconds: number(this.seconds) },
      ...{ fps: number(this.rate), loop: this.loop.checked && format !== "mp4" },
    };
  }

  /**
   * How many pixels the file has.
   * @param {Choice} choice
   * @returns {Pair}
   */
  #pixels({ size }) {
    /** @type {(scale: number) => Pair} */
    const scaled = (scale) => [Math.round(size[0] * scale), Math.round(size[1] * scale)];
    if (!this.#films) return scaled(this.format.value === "png" ? Number(this.scale.value) : 1);
    const [width, height] = this.size.value ? this.size.value.split(" × ").map(Number) : scaled(1);
    return [width - (width % 2), height - (height % 2)]; // as MP4 needs it
  }

  get #choice() {
    return this.#choices.find(({ name }) => name === this.what.value);
  }

  /**
   * How a choice is put on paper.
   * @param {Savable} savable
   * @param {Choice} choice
   * @param {Pair} pixels
   * @param {number} [part]  of those pixels
   * @returns {import("./savedfile.js").Put}
   */
  #put({ palettes, text, root }, { size }, pixels, part = 1) {
    const palette = palettes[this.colours.value === "light" ? "light" : "seen"];
    const put = fitted(size, pixels);
    return { ...put, ratio: put.ratio * part, palette, text, letters: lettersOf(root) };
  }

  #changed() {
    const { value } = this.format;
    const kinds = [value, this.#kind];
    if (value === "gif" || value === "webp") kinds.push("loop");
    if (this.#latex?.name === WHOLE) kinds.push("figure");
    for (const part of this.dialog.querySelectorAll("[data-for]")) {
      if (part instanceof HTMLElement) part.hidden = !part.dataset.for?.split(" ").some((kind) => kinds.includes(kind));
    }
    this.said.textContent = "";
    this.#preview();
  }

  /** Draws what the file will show. */
  async #preview() {
    const savable = this.#savable;
    const number = (this.#drawn += 1);
    const latex = this.#latex;
    this.canvas.hidden = Boolean(latex);
    if (latex) {
      this.dialog.querySelector(".pixels").textContent = latex.says;
      this.dialog.dataset.previewed = String(number);
    }
    const choice = this.#choice;
    if (latex || !savable || !choice) return;
    const [width, height] = this.#pixels(choice);
    const more = ["svg", "pdf"].includes(this.format.value) ? ", sharp at any size" : "";
    const at = this.#films ? "" : ` · step ${Math.floor(savable.moment.step)}`;
    this.dialog.querySelector(".pixels").textContent = `${width} × ${height} pixels${more}${at}`;
    const fits = Math.min(PREVIEW[0] / width, PREVIEW[1] / height, 1);
    const { to } = this.#film;
    const last = Math.min(Math.max(to || 0, 0), savable.moment.race.steps);
    try {
      const put = this.#put(savable, choice, [width, height], fits * (window.devicePixelRatio || 1));
      const { canvas, draw } = await onCanvas(choice.drawing, put);
      if (number !== this.#drawn) return;
      draw(this.#films ? last : savable.moment.step);
      this.canvas.width = canvas.width;
      this.canvas.height = canvas.height;
      this.canvas.style.aspectRatio = `${canvas.width} / ${canvas.height}`;
      this.canvas.style.width = `${Math.round(width * fits)}px`;
      this.canvas.ariaLabel = `Preview: ${choice.title} of ${savable.page.title}`;
      this.canvas.getContext("2d")?.drawImage(canvas, 0, 0);
      this.dialog.dataset.previewed = String(number);
    } catch (error) {
      if (number === this.#drawn) this.said.textContent = sentenceOfSaving(error);
    }
  }

  async #save() {
    const savable = this.#savable;
    const latex = this.#latex;
    const choice = latex ?? this.#choice;
    if (!savable || !choice) return;
    const film = this.#film;
    const { steps } = savable.moment.race;
    const whole = latex?.name === WHOLE;
    const wrong = this.#films && "size" in choice ? wrongWith(film, steps, this.#pixels(choice)) : whole ? wrongSteps(film, steps) : "";
    this.said.textContent = wrong || (this.#films ? "drawing…" : "saving…");
    if (wrong) return;
    const making = new AbortController();
    this.#making = making;
    this.#busy(true);
    const { surface } = savable.page;
    const name = `race-${surface}${choice.name === WHOLE ? "" : `-${choice.name}`}.${this.format.value}`;
    let said = `Saved as ${name}.`;
    try {
      const file = "size" in choice ? await this.#file(savable, choice, making.signal) : await this.#texOf(choice, making.signal);
      if (!making.signal.aborted) keepFile(file, name);
    } catch (error) {
      said = making.signal.aborted ? "Cancelled." : sentenceOfSaving(error);
    }
    if (this.#making !== making) return;
    this.#making = null;
    this.#busy(false);
    this.said.textContent = said;
  }

  /**
   * @param {Latex} latex
   * @param {AbortSignal} signal
   */
  async #texOf({ name, address }, signal) {
    const { from, to } = this.#film;
    const steps = name === WHOLE ? `&first=${from}&step=${to}` : "";
    return (await fetched(`${address}${steps}`, { signal })).blob();
  }

  /**
   * @param {Savable} savable
   * @param {Choice} choice
   * @param {AbortSignal} signal
   */
  async #file(savable, choice, signal) {
    const { step } = savable.moment;
    const { surface } = savable.page;
    const pixels = this.#pixels(choice);
    const title = `${savable.page.title}: ${choice.title}`;
    const put = this.#put(savable, choice, pixels);
    const about = { title, description: markOf(printed(savable.address, surface).split("?")[1]) };
    if (this.#films) {
      return filmOf(choice.drawing, put, this.#film, about, (part) => this.#report(part), signal);
    }
    const still = { ...about, title: `${title} at step ${Math.floor(step)}` };
    if (this.format.value === "png") return pngOf(choice.drawing, step, put, still);
    const pdf = this.format.value === "pdf";
    const svg = await svgOf(choice.drawing, step, put, still, { font: !pdf });
    return pdf ? pdfOf(svg, signal) : svg;
  }

  /** @param {number} part  of a film that is done */
  #report(part) {
    this.progress.value = part;
    this.said.textContent = part < 0.7 ? "drawing…" : "encoding…";
  }

  /** @param {boolean} busy  whether a file is being made */
  #busy(busy) {
    this.progress.hidden = this.cancel.hidden = !busy || !this.#films;
    this.progress.value = 0;
    this.keep.disabled = busy;
    for (const part of this.dialog.querySelectorAll(".choices :is(select, input)")) {
      if (part instanceof HTMLSelectElement || part instanceof HTMLInputElement) part.disabled = busy;
    }
  }
}
