// The dialog that saves what is shown as a picture or a film; its preview is drawn by what
// draws the file.

import { markOf } from "./readback.js";
import { Panel } from "./panel.js";
import { choicesOf, fitted, lettersOf } from "./picture.js";
import { keepFile, sentenceOfSaving } from "./save.js";
import { onCanvas, pngOf, svgOf } from "./savedfile.js";

/** @typedef {import("./picture.js").Choice} Choice */
/** @typedef {import("./picture.js").Savable} Savable */

const PREVIEW = [460, 320]; // pixels, at most

/** Formats by their endings, and what they are called. */
const PICTURES = { png: "PNG", svg: "SVG" };
/** @typedef {keyof typeof PICTURES} Format */

const TEMPLATE = `
  <h2>Save a picture</h2>
  <div class="columns">
    <section><canvas data-testid="preview" role="img"></canvas><p class="pixels"></p></section>
    <section class="choices">
      <label class="row"><span>what</span><select class="of-what" data-testid="picture-what"></select></label>
      <label class="row"><span>format</span><select class="of-format" data-testid="picture-format">
        ${Object.entries(PICTURES).map(([key, name]) => `<option value="${key}">${name}</option>`).join("")}
      </select></label>
      <label class="row" data-for="png"><span>scale</span><select class="of-scale" data-testid="picture-scale">
        <option value="1">1×</option><option value="2" selected>2×</option><option value="4">4×</option>
      </select></label>
      <label class="row"><span>colours</span><select class="of-colours" data-testid="picture-colours">
        <option value="light">light, for paper</option><option value="seen">as seen</option>
      </select></label>
      <p class="said" role="status"></p>
      <div class="row"><button class="keep-file" data-testid="picture-save">save</button>
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

  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    this.dialog = document.createElement("dialog");
    this.dialog.className = "picture-dialog";
    this.dialog.dataset.testid = "picture-dialog";
    this.dialog.ariaLabel = "Save a picture";
    this.dialog.innerHTML = TEMPLATE;
    host.append(this.dialog);
    /** @type {(name: string) => HTMLSelectElement} */
    const select = (name) => this.dialog.querySelector(`select.${name}`);
    this.what = select("of-what");
    this.format = select("of-format");
    this.scale = select("of-scale");
    this.colours = select("of-colours");
    this.canvas = this.dialog.querySelector("canvas");
    this.said = this.dialog.querySelector(".said");
    this.dialog.addEventListener("change", () => this.#changed());
    this.dialog.addEventListener("close", () => {
      this.#savable = null;
      this.#closed();
    });
    this.dialog.querySelector(".close").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector(".keep-file").addEventListener("click", () => this.#save());
  }

  /**
   * Shows what can be saved.
   * @param {Savable} savable
   * @param {() => void} closed  is called when the dialog is closed
   */
  open(savable, closed) {
    this.#savable = savable;
    this.#closed = closed;
    this.#choices = choicesOf(savable);
    const before = this.what.value;
    this.what.replaceChildren(...this.#choices.map(({ name, title }) => new Option(title, name)));
    if (this.#choices.some(({ name }) => name === before)) this.what.value = before;
    this.colours.value = savable.light ? "light" : "seen";
    this.dialog.showModal();
    this.#changed();
  }

  get #choice() {
    return this.#choices.find(({ name }) => name === this.what.value);
  }

  /**
   * How a choice is put on paper.
   * @param {Savable} savable
   * @param {Pair} size
   * @param {number} scale
   * @returns {import("./savedfile.js").Put}
   */
  #put({ palettes, text, root }, size, scale) {
    const palette = palettes[this.colours.value === "light" ? "light" : "seen"];
    const pixels = /** @type {Pair} */ (size.map((side) => Math.round(side * scale)));
    return { ...fitted(size, pixels), palette, text, letters: lettersOf(root) };
  }

  #changed() {
    const { value } = this.format;
    for (const part of this.dialog.querySelectorAll("[data-for]")) {
      if (part instanceof HTMLElement) part.hidden = part.dataset.for !== value;
    }
    this.said.textContent = "";
    this.#preview();
  }

  /** Draws what the file will show. */
  async #preview() {
    const savable = this.#savable;
    const choice = this.#choice;
    if (!savable || !choice) return;
    const number = (this.#drawn += 1);
    const [width, height] = choice.size;
    const scale = this.format.value === "png" ? Number(this.scale.value) : 1;
    const pixels = this.format.value === "png" ? "pixels" : "pixels, as lines at any size";
    this.dialog.querySelector(".pixels").textContent = `${Math.round(width * scale)} × ${Math.round(height * scale)} ${pixels}`;
    const fits = Math.min(PREVIEW[0] / width, PREVIEW[1] / height, 1);
    try {
      const put = this.#put(savable, choice.size, fits * (window.devicePixelRatio || 1));
      const { canvas, draw } = await onCanvas(choice.drawing, put);
      if (number !== this.#drawn) return;
      draw(savable.moment.step);
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
    const choice = this.#choice;
    if (!savable || !choice) return;
    this.said.textContent = "saving…";
    try {
      const { title, surface } = savable.page;
      const { step } = savable.moment;
      const description = markOf(new URL(savable.address).search);
      const about = { title: `${title}: ${choice.title} at step ${Math.floor(step)}`, description };
      const name = `race-${surface}${choice.name === "page" ? "" : `-${choice.name}`}.${this.format.value}`;
      const file =
        this.format.value === "svg"
          ? await svgOf(choice.drawing, step, this.#put(savable, choice.size, 1), about)
          : await pngOf(choice.drawing, step, this.#put(savable, choice.size, Number(this.scale.value)), about);
      keepFile(file, name);
      this.said.textContent = `Saved as ${name}.`;
    } catch (error) {
      this.said.textContent = sentenceOfSaving(error);
    }
  }
}
