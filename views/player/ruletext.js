// A rule as text, to be changed: what is typed races as soon as typing stops. A built-in rule
// stays as it is: what is made of it is an entry of its own.

import { Refusal } from "./live.js";
import { fetched } from "./save.js";

const PAUSE = 400; // milliseconds without a key after which a text is read
const EMPTY = "# My rule\nw = w - alpha*g";
const UNREAD = "The rule could not be read just now; type on to try again.";

const TEMPLATE = `
  <div class="row"><b></b><button class="done">done</button></div>
  <label class="row">begin with <select class="examples" data-testid="rule-examples">
    <option value="" hidden>…</option></select></label>
  <textarea spellcheck="false" autocapitalize="off" autocomplete="off" maxlength="1000" rows="9"
    aria-label="The rule as text" data-testid="rule-text"></textarea>
  <p class="wrong" role="alert"></p>
  <div class="lines" data-testid="rule-lines"></div>
  <details><summary>What can be written</summary>
    <p>A line gives a name a value; the last one moves <code>w</code>. Known are
    <code>w</code> the point, <code>g</code> the gradient, <code>t</code> the step from 1,
    <code>f</code> the loss; <code>f(p)</code>, <code>grad(p)</code> and <code>hess(p)</code> are
    at another point. Vectors are taken by coordinate: <code>g^2</code>, <code>m*g</code>,
    <code>abs</code>, <code>sign</code>, <code>sqrt</code>, <code>exp</code>, <code>min</code>,
    <code>max</code>, <code>where(u*g &gt; 0, 1, 0)</code>. <code>dot(a, b)</code> sums a product,
    <code>norm(a)</code> is a length, <code>solve(A, b)</code> undoes a matrix;
    <code>rand</code> and <code>randn</code> are random.</p>
    <p>What is read before its own line is memory, zero at first; to begin it at w, write
    <code>z = where(t == 1, w, z) - alpha*g</code>. Sliders are <code>alpha</code>,
    <code>lr</code>, <code>eta</code>, <code>beta</code>, <code>beta1</code>, <code>beta2</code>,
    <code>mu</code>, <code>rho</code> and <code>eps</code>; declare others first:
    <code>gamma = 0.5 in 0..1</code>. The learning rate is <code>lr</code>, else <code>eta</code>,
    else <code>alpha</code>. A note in the first line, <code># My rule</code>, is the name.</p></details>`;

/** @typedef {Record<string, {low: number, high: number, default: number}>} Settings  by name, those of a rule */

/**
 * What it needs of the page.
 * @typedef {object} Around
 * @property {() => Pick<Page, "next_rule"> | null} page
 * @property {(entry: string, text: string, same: (name: string, value: number) => boolean) => string} race
 *   has a text race as an entry; what keeps it from that, in a sentence, or nothing. A value
 *   that a setting has by hand stays if the text leaves it the same
 * @property {() => void} close
 */

export class RuleText {
  #source = ""; // the entry that was opened; empty for none
  #entry = ""; // the typed entry that is changed; empty while there is none
  #shown = ""; // the text that was there to begin with
  #timer = 0;
  #asked = 0; // how often a text was asked for
  /** @type {Settings} */
  #settings = {}; // those of the text that was read last
  /** @type {Map<string, string>} */
  #drafts = new Map(); // what is wrong stays, by what was opened, to be mended

  /**
   * @param {HTMLElement} host
   * @param {Around} around
   */
  constructor(host, around) {
    this.host = host;
    this.around = around;
    host.innerHTML = TEMPLATE;
    this.area = host.querySelector("textarea");
    this.wrong = host.querySelector(".wrong");
    this.lines = host.querySelector(".lines");
    this.title = host.querySelector("b");
    this.examples = host.querySelector("select");
    this.area.addEventListener("input", () => this.#typed());
    host.querySelector(".done").addEventListener("click", () => around.close());
    this.examples.addEventListener("change", () => {
      this.#replace(this.examples.value);
      this.examples.value = "";
    });
    // Escape leaves; no other key is the timeline's here.
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") around.close();
    });
  }

  /**
   * Shows a text.
   * @param {string} source  the entry whose text it is; empty for one to begin with
   * @param {string} text
   * @param {boolean} own  whether that entry is a typed one
   */
  open(source, text, own) {
    this.#source = source;
    this.#entry = own ? source : "";
    this.#shown = source ? text : "";
    this.area.value = this.#drafts.get(source) ?? (text || EMPTY);
    this.#say("");
    this.#offer();
    this.#read();
    this.area.focus({ preventScroll: true });
  }

  /** The typed entry that is changed; empty while there is none. */
  get entry() {
    return this.#entry;
  }

  /** @param {string} label  what the entry is called */
  name(label) {
    if (this.title.textContent !== label) this.title.textContent = label;
  }

  /** Lists texts to begin with, once. */
  async #offer() {
    if (this.examples.options.length > 1) return;
    try {
      const { examples } = await (await fetched("read")).json();
      for (const [name, text] of Object.entries(examples)) this.examples.append(new Option(name, text));
    } catch (error) {
      console.error(error); // one can begin without
    }
  }

  /**
   * Puts another text in the place of what was typed, so that it can be undone.
   * @param {string} text
   */
  #replace(text) {
    this.area.focus({ preventScroll: true });
    this.area.select();
    // There is no other way that undoing knows of.
    if (!document.execCommand("insertText", false, text)) {
      this.area.value = text;
      this.#typed();
    }
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#read(), PAUSE);
  }

  /** Has what stands there read; and where it is another than it was, has it race. */
  async #read() {
    clearTimeout(this.#timer);
    const text = this.area.value;
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const response = await fetched(`read?rule=${encodeURIComponent(text)}`);
      const { lines, name, settings, wrong } = await response.json();
      if (mine !== this.#asked) return;
      if (wrong) {
        this.#refuse(text, wrong);
        return;
      }
      this.lines.innerHTML = lines.map((/** @type {string} */ line) => `<p>${line}</p>`).join("");
      this.name(name);
      this.#say("");
      this.#race(text, settings);
      this.#settings = settings;
    } catch (error) {
      if (mine !== this.#asked) return;
      this.#refuse(text, error instanceof Refusal ? error.message : UNREAD);
    }
  }

  /**
   * @param {string} text
   * @param {string} sentence  why it does not race
   */
  #refuse(text, sentence) {
    this.#drafts.set(this.#source, text);
    this.#say(sentence);
  }

  /**
   * @param {string} text
   * @param {Settings} settings
   */
  #race(text, settings) {
    this.#drafts.delete(this.#source);
    if (text.trim() === this.#shown.trim()) return;
    const entry = this.#entry || (this.around.page()?.next_rule ?? "");
    const why = entry ? this.around.race(entry, text, this.#stays(settings)) : "At most 4 rules of your own; remove one first.";
    this.#say(why);
    if (why) return;
    this.#source = this.#entry = entry;
    this.#shown = text;
  }

  /**
   * Whether a setting keeps a value: the text says the same of it as before, and allows it.
   * @param {Settings} settings
   * @returns {(name: string, value: number) => boolean}
   */
  #stays(settings) {
    const before = this.#settings;
    return (name, value) => {
      const now = settings[name];
      return Boolean(now) && now.default === before[name]?.default && now.low <= value && value <= now.high;
    };
  }

  /** @param {string} sentence */
  #say(sentence) {
    if (this.wrong.textContent !== sentence) this.wrong.textContent = sentence;
    this.area.ariaInvalid = String(Boolean(sentence));
  }
}
