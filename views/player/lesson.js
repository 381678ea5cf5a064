// Lessons: their list, and the page that is open, with what it asks its reader to predict.
// It stands above the cards.

import { letGo, menu } from "./keys.js";
import { OPEN, OWN_MARK, OwnLessons, sent } from "./own.js";
import { Panel } from "./panel.js";
import { isGuessed, judged, optionsOf } from "./prediction.js";

/** @typedef {import("./prediction.js").Prediction} Prediction */
/** @typedef {import("./prediction.js").Guess} Guess */

/**
 * The page of a lesson (views/describe_lessons.py).
 * @typedef {object} LessonPage
 * @property {string} key  of the lesson
 * @property {string} lesson  its title
 * @property {number} number
 * @property {number} pages
 * @property {string} title
 * @property {string} text  as HTML
 * @property {string} afterwards  as HTML
 * @property {?Prediction} prediction
 */

const SEEN = "loss-surface-lessons"; // in the browser's storage: the invitation was dismissed
const SWIPE = 60; // pixels

const TEMPLATE = `
  <span class="invite" hidden>New here? Begin with <button class="begin"></button>
    <button class="dismiss" title="Dismiss" aria-label="Dismiss this invitation">×</button></span>
  <article class="lesson" data-testid="lesson" aria-label="Lesson" hidden>
    <header>
      <span class="of"></span>
      <button class="back" title="Page before (Page Up)" aria-label="Page before">‹</button>
      <button class="next" data-testid="lesson-next" title="Next page (Page Down)" aria-label="Next page">›</button>
      <button class="close" title="Close the lesson" aria-label="Close the lesson">×</button>
    </header>
    <div class="page" tabindex="0" role="group" aria-label="Page of the lesson">
      <h2></h2>
      <div class="text"></div>
      <div class="predict" data-testid="predict" hidden>
        <p class="ask"></p>
        <div class="options" role="radiogroup"></div>
        <p class="how"></p>
        <button class="reveal" data-testid="reveal" disabled>play and see</button>
      </div>
      <p class="judged" role="status"></p>
      <div class="afterwards" hidden></div>
      <button class="again" title="The race of this page as it was">reset</button>
    </div>
  </article>`;

/** @type {Record<string, string>} */
const HOW = {
  point: "Click on the map, or move the mark with the arrow keys.",
  path: "Draw on the map, from the start.",
};

export class LessonView extends Panel {
  /** @type {?Merged} */
  #page = null;
  #shown = ""; // which page of which lesson
  /** @type {?Guess} */
  guess = null;
  revealed = false;
  /** @type {unknown[]} */
  #judged = []; // what the judgement was of
  #own = new OwnLessons();

  /**
   * @param {HTMLElement} host  the column of the cards
   * @param {PanelEvents} on
   */
  constructor(host, on) {
    super(host);
    this.on = on;
    const holder = document.createElement("div");
    holder.className = "lessons-area";
    holder.innerHTML = TEMPLATE;
    host.prepend(holder);
    this.list = document.createElement("select");
    this.list.className = "lessons";
    this.list.dataset.testid = "lessons";
    this.list.ariaLabel = this.list.title = "Lessons";
    host.querySelector(".tabs .add").before(this.list);
    host.querySelector(".foot").append(
      pressed("share", "share", "Link, QR code (Q) and frame", () => on.link()),
      pressed("?", "help-button", "How to read this page (?)", () => on.help()),
    );
    /** @param {string} selector */
    const find = (selector) => holder.querySelector(selector);
    this.holder = holder;
    this.file = document.createElement("input");
    Object.assign(this.file, { type: "file", accept: ".md,.markdown,.txt,text/markdown", multiple: true, hidden: true });
    this.file.dataset.testid = "lesson-file";
    this.file.ariaLabel = "Files of lessons";
    this.file.addEventListener("change", () => {
      this.takeFiles([...(this.file.files ?? [])]);
      this.file.value = ""; // the same file may be mended and opened again
    });
    holder.append(this.file);
    menu(this.list, (key) => {
      if (key === OPEN) this.file.click();
      else on.lesson(key, 1);
    });
    this.article = find("article");
    this.invite = find(".invite");
    this.reveal = /** @type {HTMLButtonElement} */ (holder.querySelector(".reveal"));
    this.options = find(".options");
    find(".dismiss").addEventListener("click", () => this.#dismiss());
    find(".begin").addEventListener("click", () => on.lesson(this.#page?.lessons[0]?.key ?? "", 1));
    find(".back").addEventListener("click", () => this.turn(-1));
    find(".next").addEventListener("click", () => this.turn(1));
    find(".close").addEventListener("click", () => on.lesson("", 1));
    find(".again").addEventListener("click", () => this.#open && on.lesson(this.#open.key, this.#open.number));
    this.reveal.addEventListener("click", () => {
      this.revealed = true;
      this.#write();
      // What follows the question is new, and comes into sight.
      find(".page").scrollTop = find(".ask").offsetTop - find(".page").offsetTop;
      on.reveal();
    });
    this.#swipes();
  }

  /** The page that is open. */
  get #open() {
    return this.#page?.lesson ?? null;
  }

  /** What is asked and not revealed yet; null if nothing is. */
  get asked() {
    return this.revealed ? null : (this.#open?.prediction ?? null);
  }

  /** @param {Given} given */
  receive({ page }) {
    if (!page) return;
    this.#page = page;
    const { lesson, lessons } = page;
    if (lesson?.key.startsWith(OWN_MARK)) this.#own.add({ key: lesson.key, title: lesson.lesson, summary: "" });
    this.#enlist(page);
    this.invite.hidden = Boolean(lesson) || !lessons.length || dismissed();
    this.article.hidden = !lesson;
    this.host.classList.toggle("taught", Boolean(lesson));
    const shown = lesson ? `${lesson.key} ${lesson.number}` : "";
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.guess = null;
      this.revealed = false;
      this.holder.querySelector(".page").scrollTop = 0;
      if (lesson) this.#dismiss();
    }
    if (lesson) this.#fill(lesson);
  }

  /**
   * Fills the list: the server's lessons, and below them those from files.
   * @param {Merged} page
   */
  #enlist({ lessons, uploads }) {
    const own = this.#own.rows;
    const names = [...lessons, ...own].map(({ key, summary }) => key + summary).join();
    if (this.list.dataset.lessons === names) return;
    this.list.dataset.lessons = names;
    /** @param {import("./own.js").LessonRow[]} rows */
    const options = (rows) => rows.map(({ key, title, summary }) => Object.assign(new Option(title, key), { title: summary }));
    const files = document.createElement("optgroup");
    files.label = "from files";
    files.append(...options(own));
    if (uploads) files.append(new Option("open a file…", OPEN));
    this.list.replaceChildren(new Option("lessons…", ""), ...options(lessons), ...(files.childElementCount ? [files] : []));
    this.holder.querySelector(".begin").textContent = lessons[0]?.title ?? "";
  }

  /**
   * Opens files as lessons: the first of them at once.
   * @param {File[]} files
   */
  async takeFiles(files) {
    if (!files.length) return;
    const { rows, wrong } = await sent(files);
    for (const row of rows) this.#own.add(row);
    if (this.#page) this.#enlist(this.#page);
    if (rows.length) this.on.lesson(rows[0].key, 1);
    if (wrong) this.on.wrong(wrong);
  }

  /** @param {LessonPage} lesson */
  #fill({ key, lesson, number, pages, title, text, prediction }) {
    /** @type {(selector: string) => HTMLElement} */
    const find = (selector) => this.holder.querySelector(selector);
    const source = key.startsWith(OWN_MARK) ? "from a file · " : "";
    find(".of").textContent = find(".of").title = `${source}${lesson} · ${number} of ${pages}`;
    /** @type {HTMLButtonElement} */ (find(".back")).disabled = number === 1;
    /** @type {HTMLButtonElement} */ (find(".next")).disabled = number === pages;
    find("h2").textContent = title;
    const body = find(".text");
    if (body.dataset.text !== text) {
      body.dataset.text = text;
      body.innerHTML = text; // made by the server from Markdown in which tags are text
    }
    find(".predict").hidden = !prediction;
    find(".ask").textContent = prediction?.ask ?? "";
    find(".how").textContent = (prediction && HOW[prediction.kind]) ?? "";
    this.#offer();
    this.#write();
  }

  /** The answers that there are to choose from. */
  #offer() {
    const prediction = this.#open?.prediction;
    const all = prediction && this.#page ? optionsOf(prediction, this.#page) : [];
    const offered = JSON.stringify(all);
    if (this.options.dataset.offered === offered) return;
    this.options.dataset.offered = offered;
    this.options.replaceChildren(
      ...all.map(([value, label]) => {
        const button = document.createElement("button");
        button.textContent = label;
        button.role = "radio";
        button.dataset.value = value;
        button.addEventListener("click", () => this.take(value));
        return button;
      }),
    );
  }

  /**
   * Takes what the reader guesses.
   * @param {Guess} guess
   */
  take(guess) {
    if (this.revealed) return;
    this.guess = guess;
    this.#write();
  }

  /** Shows what was chosen, and afterwards what is true. */
  #write() {
    for (const button of this.options.querySelectorAll("button")) {
      button.ariaChecked = String(button.dataset.value === this.guess);
      button.disabled = this.revealed;
    }
    this.article.classList.toggle("revealed", this.revealed);
    this.reveal.disabled = !isGuessed(this.guess);
    this.reveal.hidden = this.revealed;
    this.holder.querySelector(".how").hidden = this.revealed;
    const { afterwards = "", prediction = null } = this.#open ?? {};
    const part = this.holder.querySelector(".afterwards");
    part.hidden = !afterwards || Boolean(prediction && !this.revealed);
    if (part.hidden) part.replaceChildren();
    else if (part.dataset.text !== afterwards || !part.firstChild) {
      part.dataset.text = afterwards;
      part.innerHTML = afterwards;
    }
    this.#judged = [];
    if (!this.revealed) this.holder.querySelector(".judged").textContent = "";
  }

  /** Shows the answer, where it is shown in the room that this page follows. */
  show() {
    if (this.revealed || !this.#open) return;
    this.revealed = true;
    this.#write();
  }

  /** @param {Moment} moment */
  draw({ computed: race }) {
    const prediction = this.#open?.prediction;
    if (!this.revealed || !prediction || !race || !this.#page || this.guess === null) return;
    const now = [race, this.guess];
    if (now.every((one, i) => one === this.#judged[i])) return;
    this.#judged = now;
    const { right, text } = judged(prediction, this.guess, race, this.#page);
    const said = this.holder.querySelector(".judged");
    said.textContent = text;
    said.dataset.right = String(right);
  }

  /**
   * Goes to another page.
   * @param {number} by
   */
  turn(by) {
    const lesson = this.#open;
    const number = (lesson?.number ?? 0) + by;
    if (!lesson || number < 1 || number > lesson.pages) return false;
    this.on.lesson(lesson.key, number);
    return true;
  }

  #dismiss() {
    this.invite.hidden = true;
    try {
      localStorage.setItem(SEEN, "1");
    } catch {
      // A browser may keep nothing: then it invites again.
    }
    letGo(document.activeElement);
  }

  /** One finger to the side turns the page. */
  #swipes() {
    /** @type {?[number, number]} */
    let from = null;
    this.article.addEventListener("touchstart", ({ touches }) => {
      from = touches.length === 1 ? [touches[0].clientX, touches[0].clientY] : null;
    }, { passive: true });
    this.article.addEventListener("touchend", ({ changedTouches: [touch] }) => {
      if (!from || !touch) return;
      const [across, along] = [touch.clientX - from[0], touch.clientY - from[1]];
      from = null;
      if (Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(along)) this.turn(across < 0 ? 1 : -1);
    });
  }
}

/**
 * A button.
 * @param {string} text
 * @param {string} id  for tests
 * @param {string} title
 * @param {() => void} act
 */
function pressed(text, id, title, act) {
  const button = document.createElement("button");
  button.textContent = text;
  button.dataset.testid = id;
  button.title = title;
  if (text.length === 1) button.ariaLabel = title;
  button.addEventListener("click", act);
  return button;
}

function dismissed() {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return false;
  }
}
