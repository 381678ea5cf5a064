// Who uses the keyboard keeps its focus where it is. Who uses the mouse needs none, and
// the keys are the timeline's.

let typing = false; // whether the keyboard was used last

const note = (/** @type {Event} */ { type }) => {
  typing = type === "keydown";
};
for (const type of ["keydown", "pointerdown"]) document.addEventListener(type, note, true);

/**
 * Takes the focus from a control that the mouse has given it to.
 * @param {?Element} control
 */
export function letGo(control) {
  if (!typing && control instanceof HTMLElement) control.blur();
}

/**
 * Gives a control the focus of one that is gone.
 * @param {?Element} control
 */
export function follows(control) {
  if (typing && control instanceof HTMLElement) control.focus({ preventScroll: true });
}

const TYPED = "textarea, select, [role=listbox], [role=dialog], [role=menu], [role=radio]";

/**
 * Whether a key belongs to what has the focus, and not to the timeline.
 * @param {HTMLElement | Document} target
 * @param {string} key
 */
export function ownsKey(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  /** @param {string} selector */
  const closest = (selector) => target.closest(selector);
  // A number has no spaces, and the space bar does not move a slider.
  if (closest(".player :is(.typed, [type=range])")) return key !== " ";
  if (closest(".player .guess")) return key.startsWith("Arrow");
  if (closest(".player :is(button, [role=switch])")) return key === " ";
  // A closed list is opened by an arrow, and by typing.
  const list = closest("[role=combobox]");
  if (list) return key !== " " || list.ariaExpanded !== "false";
  return Boolean(closest(`input, button, [data-reached], ${TYPED}`));
}

/**
 * Makes a list do what is chosen from it. Keys that turn it while it is closed choose
 * nothing yet; Enter does.
 * @param {HTMLSelectElement} list  whose first option has no value
 * @param {(value: string) => void} choose
 */
export function menu(list, choose) {
  let turned = false; // by keys, while it was closed
  const reset = () => {
    turned = false;
    list.value = "";
  };
  const chosen = () => {
    const { value } = list;
    reset();
    if (value) choose(value);
  };
  list.addEventListener("change", () => {
    if (!turned) chosen();
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && turned && list.value) {
      event.preventDefault();
      chosen();
    } else if (event.key === "Escape") reset();
    else turned = !["Enter", " ", "Tab"].includes(event.key);
  });
  list.addEventListener("pointerdown", () => {
    turned = false;
  });
  list.addEventListener("blur", reset);
}
