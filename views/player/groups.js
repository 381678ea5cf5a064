// What a reader may change: the controls of each group (views/groups.py), of which an address
// locks some and hides others.

/**
 * The controls of a group: locked, they are disabled; hidden, they are not shown, nor is
 * what else is only there for them.
 * @typedef {{controls?: string[], besides?: string[]}} Part
 */

/**
 * By group, what of the player belongs to it, as selectors. Panels name theirs in layout.js;
 * the widgets of the page above are in views/page.
 * @type {Record<string, Part>}
 */
export const PARTS = {
  surface: { controls: [".params"] },
  start: { besides: [".map .start"] },
  steps: {},
  view: {},
  studies: { controls: [".bar nav", ".bar .settings"] },
  optimizers: {
    controls: [".name > [role=switch]", ".tabs .add", ...["duplicate", "only", "text", "remove"].map(act)],
    besides: [".card.off", ".written"],
  },
  rates: { controls: [".tools .shared", ".card .slider:has([data-testid^=lr-])", ".fair .does"] },
  hyperparameters: { controls: [".card .slider:not(:has([data-testid^=lr-]))"], besides: [".more"] },
  conditions: {
    controls: [".tab .settings", ".whose button", ".minibatch", act("conditions")],
    besides: [".tabs [data-tab=conditions]", ".tab"],
  },
  lessons: { controls: [".tabs .lessons", ".lesson header button", ".lesson .again"], besides: [".invite"] },
  timeline: { controls: [".timeline > :not(.save)"] },
  overlays: { controls: [".shows", ".keep", ".kept button"] },
  "3d": { controls: [".scene .fit"] },
  inside: { controls: [".chooser:has([data-shows=inside])", ".inside .explain", act("inside")] },
  charts: { controls: ["[data-testid=charts-losses]"] },
  outcomes: { controls: [".shows [value=outcomes]"], besides: [".card .outcome", ".note .state"] },
  check: {},
  save: { controls: [".timeline .save", ".bar .save", ".runtable .explain"] },
  share: { controls: ["[data-testid=share]"] },
};

/** What goes with several groups, and is editable while one of them is. */
const SHARED = {
  ".recommend": ["rates", "hyperparameters"],
  ".acts": ["optimizers", "inside", "conditions"],
};

/** What needs a server; the rest of its groups works in a file, too. */
const SERVED = [".tabs .add", ".tools .shared", ".recommend", ...["duplicate", "text", "remove", "conditions"].map(act)];

/** @type {Record<string, string>} */
const KEYS = {
  k: "overlays",
  e: "inside",
  q: "share",
  PageUp: "lessons",
  PageDown: "lessons",
  " ": "timeline",
  ArrowLeft: "timeline",
  ArrowRight: "timeline",
  Home: "timeline",
  End: "timeline",
};

/**
 * The group of a key that is pressed; empty where it has none.
 * @param {string} key
 */
export const groupOfKey = (key) => KEYS[key.length === 1 ? key.toLowerCase() : key] ?? "";

/**
 * The group of a setting, by its key in the address; empty where it has none.
 * @param {string} key
 * @param {Pick<Page, "params" | "conditions" | "cards" | "own_rules">} page
 */
export function groupOf(key, { params, conditions, cards, own_rules }) {
  const name = key.slice(key.indexOf(".") + 1);
  /** @param {Param[]} settings */
  const among = (settings) => settings.some((setting) => setting.key === key);
  if (name === "lr") return "rates";
  if (name === "start") return "start";
  if (key === "on" || own_rules.includes(key)) return "optimizers";
  if (among(params)) return "surface";
  if (cards.some(({ sliders }) => among(sliders))) return "hyperparameters";
  if (conditions.some((setting) => setting.key === key || setting.key === name)) return "conditions";
  return key === "steps" || key === "surface" ? key : "";
}

/**
 * The menu entry of a card that does something.
 * @param {string} name
 */
function act(name) {
  return `.acts [value=${name}]`;
}

const FORM = "button, select, input";

export class Groups {
  #hide = /** @type {string[]} */ ([]);
  #lock = /** @type {string[]} */ ([]);
  /** @type {Set<Element & {disabled: boolean}>} */
  #held = new Set(); // what was disabled here
  #kept = false; // whether all there is lies in a file
  #sheet = new CSSStyleSheet();

  /** @param {HTMLElement} root  the player */
  constructor(root) {
    this.root = root;
    const rules = Object.entries(PARTS).map(([name, { controls = [], besides = [] }]) => {
      const all = [...controls, ...besides];
      return all.length ? `.player[data-hide~="${name}"] :is(${all}) { display: none !important; }` : "";
    });
    for (const [selector, groups] of Object.entries(SHARED)) {
      const hidden = groups.map((name) => `[data-hide~="${name}"]`).join("");
      rules.push(`.player${hidden} ${selector} { display: none !important; }`);
    }
    this.#sheet.replaceSync(rules.join("\n"));
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
    // Panels make new controls at any time, and enable their own.
    this.observer = new MutationObserver((records) => {
      const fresh = records.some(({ type, addedNodes }) =>
        type === "attributes" || [...addedNodes].some((node) => node instanceof HTMLElement));
      if (fresh) this.#disable();
    });
  }

  /**
   * Takes what is hidden and what is locked; whether that is other than before.
   * @param {Pick<Page, "hide" | "lock" | "kept">} page
   */
  receive({ hide, lock, kept }) {
    const { dataset } = this.root;
    this.#kept = Boolean(kept);
    this.root.classList.toggle("kept-in-file", this.#kept);
    if (dataset.hide === hide.join(" ") && dataset.lock === lock.join(" ")) return false;
    this.observer.disconnect();
    for (const control of this.#held) control.disabled = false;
    this.#held.clear();
    [this.#hide, this.#lock] = [hide, lock];
    dataset.hide = hide.join(" ");
    dataset.lock = lock.join(" ");
    if (!hide.length && !lock.length) return true;
    this.#disable();
    this.observer.observe(this.root, { subtree: true, childList: true, attributeFilter: ["disabled"] });
    return true;
  }

  /**
   * Whether a group may be changed.
   * @param {string} group
   */
  editable(group) {
    return !this.#hide.includes(group) && !this.#lock.includes(group);
  }

  /** Disables the controls of all groups that may not be changed. */
  #disable() {
    const selectors = Object.entries(PARTS).flatMap(([name, { controls = [] }]) => (this.editable(name) ? [] : controls));
    for (const [selector, groups] of Object.entries(SHARED)) {
      if (!groups.some((name) => this.editable(name))) selectors.push(selector);
    }
    if (this.#kept) selectors.push(...SERVED);
    if (!selectors.length) return;
    for (const part of this.root.querySelectorAll(selectors.join())) {
      const itself = part.matches(`${FORM}, option`) ? [part] : [];
      for (const control of [...itself, ...part.querySelectorAll(FORM)]) {
        const one = /** @type {HTMLElement & {disabled: boolean}} */ (control);
        if (one.disabled) continue;
        one.disabled = true;
        this.#held.add(one);
      }
    }
  }

  destroy() {
    this.observer.disconnect();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
  }
}
