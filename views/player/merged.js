// The page's description of a setup, with what was changed in the browser since.

/**
 * @param {Page} data  as the page sent it
 * @param {ReadonlyMap<string, ?string>} changes  by key, the new text; null for the default
 * @returns {Merged}
 */
export function mergedWith(data, changes) {
  /**
   * @template {Param} P
   * @param {P} setting
   * @returns {P}
   */
  const now = (setting) => {
    const text = changes.get(setting.key);
    if (text === undefined) return setting;
    return { ...setting, value: text === null ? setting.default : valueOf(setting, text) };
  };
  const on = changes.get("on")?.split(",").filter(Boolean);
  const shown = on ?? data.cards.filter((card) => card.on).map((card) => card.key);
  const rate = changes.get("lr");
  const conditions = data.conditions.map(now);
  const start = pairOf(changes.get("start"), data);
  return {
    ...data,
    on: shown,
    start,
    conditions,
    own: ownConditions(data, start, conditions, now),
    study: changes.get("study") ?? data.study,
    studies: data.studies.map((study) => ({ ...study, settings: study.settings.map(now) })),
    panels: namesOf(changes.get("panels"), data.panels),
    theme: changes.get("theme") ?? (changes.has("theme") ? "auto" : data.theme),
    inspect: changes.get("inspect") ?? (changes.has("inspect") ? "" : data.inspect),
    show: namesOf(changes.get("show"), data.show),
    shared: rate === undefined ? data.shared : numberOf(rate),
    params: data.params.map(now),
    cards: data.cards.map((card) => ({
      ...card,
      on: shown.includes(card.key),
      sliders: card.sliders.map(now),
    })),
  };
}

/**
 * The conditions of each entry. What is not its own follows the race's, changed or not.
 * @param {Page} data
 * @param {Pair} start
 * @param {Param[]} conditions
 * @param {(setting: OwnParam) => OwnParam} now
 */
function ownConditions(data, start, conditions, now) {
  const common = new Map(conditions.map(({ key, value }) => [key, value]));
  common.set("start", start);
  /** @param {OwnParam} setting */
  const changed = (setting) => {
    const value = common.get(setting.common) ?? setting.default;
    return now({ ...setting, value: isOwn(setting) ? setting.value : value, default: value });
  };
  return Object.fromEntries(
    Object.entries(data.own).map(([entry, settings]) => [entry, settings.map(changed)]),
  );
}

/**
 * Whether a setting has another value than it would have by itself.
 * @param {Param} setting
 */
export const isOwn = ({ value, default: common }) => String(value) !== String(common);

/**
 * The value that a text stands for.
 * @param {Param} setting
 * @param {string} text
 */
function valueOf({ scale }, text) {
  if (scale === "choice") return text;
  return scale === "pair" ? text.split(",").map(Number) : Number(text);
}

/**
 * The names in a text; those of the page where it was not changed.
 * @param {?string | undefined} text
 * @param {string[]} before
 */
const namesOf = (text, before) => (text === undefined ? before : (text ?? "").split(",").filter(Boolean));

/** @param {?string} text */
const numberOf = (text) => (text === null ? null : Number(text));

/**
 * @param {?string | undefined} text
 * @param {Page} data
 * @returns {Pair}
 */
function pairOf(text, data) {
  if (text === undefined) return data.start;
  if (text === null) return data.recommended_start;
  const [x, y] = text.split(",").map(Number);
  return [x, y];
}
