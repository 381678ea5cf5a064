// In the frame of another page: what is shown of the player there, and who has wheel and keys.
//
// Who scrolls past a frame means the page around it. So the wheel is that page's until a
// picture has the focus; a press on the picture, or Tab, gives it that, and Escape takes it.

const NARROW = 800; // pixels of width below which the player stacks
const NARROW_FRAMED = 640; // and in a frame, which has few of them
const COMPACT = 1000; // pixels of width below which a frame has map, curves and cards only
const PICTURES = ".map, .scene"; // what the wheel zooms
const HINT = 1500; // milliseconds for which it is said
const HINTS = { map: "Click the map to zoom with the wheel.", scene: "Click the surface to zoom with the wheel." };

export const isFramed = () => new URLSearchParams(location.search).get("embed") === "true";

/**
 * Keeps the classes current that say what room there is; whether other panels fit now.
 * @param {HTMLElement} root  the player
 * @param {boolean} framed
 */
export function sized(root, framed) {
  const { innerWidth: wide } = window;
  const { classList } = root;
  const before = classList.contains("compact");
  classList.toggle("narrow", wide < (framed ? NARROW_FRAMED : NARROW));
  classList.toggle("compact", framed && wide < COMPACT);
  return before !== classList.contains("compact");
}

/**
 * Leaves wheel and space bar to the player only while they are meant for it.
 * @param {HTMLElement} root  the player
 * @returns {() => void}  to be called when the player is gone
 */
export function shareHands(root) {
  const hint = document.createElement("div");
  hint.className = "wheel-hint";
  hint.ariaHidden = "true";
  let timer = 0;
  /** @param {EventTarget | null} target */
  const pictureAt = (target) =>
    target instanceof Element ? /** @type {?HTMLElement} */ (target.closest(PICTURES)) : null;
  /** @param {HTMLElement} picture */
  const hasFocus = (picture) => document.hasFocus() && picture.contains(document.activeElement);

  root.addEventListener("wheel", (event) => {
    const picture = pictureAt(event.target);
    if (!picture || hasFocus(picture)) return;
    event.stopPropagation(); // before the picture hears of it
    hint.textContent = picture.matches(".map") ? HINTS.map : HINTS.scene;
    picture.append(hint);
    clearTimeout(timer);
    timer = window.setTimeout(() => hint.remove(), HINT);
  }, { capture: true, passive: true });

  root.addEventListener("pointerdown", ({ target }) => {
    const picture = pictureAt(target);
    if (!picture || (target instanceof Element && target.closest("button, select"))) return;
    picture.querySelector(".plot").focus({ preventScroll: true });
    hint.remove();
  }, true);

  for (const picture of root.querySelectorAll(PICTURES)) {
    const plot = picture.querySelector(".plot");
    plot.tabIndex = 0;
    plot.role = "group";
    plot.ariaLabel = picture.matches(".map") ? "Map: the wheel zooms" : "Surface: the wheel zooms";
  }

  /** @param {KeyboardEvent} event */
  const onKey = ({ key, target }) => {
    const picture = pictureAt(target);
    if (key === "Escape" && picture && hasFocus(picture)) {
      /** @type {HTMLElement} */ (document.activeElement).blur();
    }
  };
  /**
   * What is left of a space scrolls, and where nothing scrolls here, the page around.
   * @param {KeyboardEvent} event
   */
  const onSpace = (event) => {
    const { key, target } = event;
    if (key !== " " || event.defaultPrevented || !(target instanceof Element)) return;
    if (target.matches("button, select, input, textarea, summary, a")) return;
    const end = target.scrollHeight - target.clientHeight - 1;
    if (event.shiftKey ? target.scrollTop <= 0 : target.scrollTop >= end) event.preventDefault();
  };
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("keydown", onSpace);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("keydown", onSpace);
  };
}
