// Touch: one finger scrolls the page, two act on a picture; a slider follows a finger that
// goes sideways.

/**
 * Follows two fingers on a host; one alone is left to the browser, and no listener of a
 * library below the host hears of it.
 * @param {HTMLElement} host
 * @param {(middle: Pair) => ?((moved: {dx: number, dy: number, zoom: number}) => unknown)
 *   } take  is called when the second finger comes down, with the middle of both in the
 *   host; it returns what is to be called once a frame with how far the middle has moved
 *   and by which factor the distance of the fingers has grown; or null
 */
export function twoFingers(host, take) {
  /** @type {ReturnType<typeof take>} */
  let report = null;
  let begun = { x: 0, y: 0, spread: 1 };
  let frame = 0;
  /** @type {(touches: TouchList) => {x: number, y: number, spread: number}} */
  const at = ([a, b]) => ({
    x: (a.clientX + b.clientX) / 2,
    y: (a.clientY + b.clientY) / 2,
    spread: Math.max(Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), 1),
  });
  /** @param {TouchEvent} event */
  const hear = (event) => {
    event.stopPropagation();
    if (event.touches.length !== 2) {
      report = null;
      return;
    }
    if (event.cancelable) event.preventDefault();
    const now = at(event.touches);
    if (event.type === "touchstart") {
      const box = host.getBoundingClientRect();
      begun = now;
      report = take([now.x - box.left, now.y - box.top]);
    }
    if (event.type !== "touchmove" || !report) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() =>
      report?.({ dx: now.x - begun.x, dy: now.y - begun.y, zoom: now.spread / begun.spread }),
    );
  };
  for (const type of /** @type {const} */ (["touchstart", "touchmove", "touchend", "touchcancel"])) {
    host.addEventListener(type, hear, { capture: true, passive: false });
  }
}

/** Pixels to the side from which a finger means what it is on, and not the page. */
export const SIDEWAYS = 6;

/**
 * Lets a slider alone while a finger that came down on it does not go sideways: it may be
 * about to scroll the page. A tap sets it.
 * @param {HTMLInputElement} range
 */
export function sideways(range) {
  /**
   * The one that is down and has not yet gone sideways.
   * @type {?{x: number, y: number, value: string, tapped?: string, astray?: boolean}}
   */
  let finger = null;
  const back = () => {
    if (finger) range.value = finger.value;
  };
  range.addEventListener("pointerdown", ({ pointerType, clientX, clientY }) => {
    finger = pointerType === "touch" ? { x: clientX, y: clientY, value: range.value } : null;
  });
  range.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (!finger) return;
    const [dx, dy] = [Math.abs(clientX - finger.x), Math.abs(clientY - finger.y)];
    if (dx >= SIDEWAYS && dx > dy) finger = null;
    else finger.astray ||= dy >= SIDEWAYS;
  });
  range.addEventListener("pointerup", () => {
    if (!finger) return;
    const { tapped, astray } = finger;
    finger = null;
    if (tapped === undefined || astray) return;
    range.value = tapped;
    for (const type of ["input", "change"]) range.dispatchEvent(new Event(type, { bubbles: true }));
  });
  range.addEventListener("pointercancel", () => {
    back();
    finger = null;
  });
  /** @param {Event} event */
  const hold = (event) => {
    if (!finger) return;
    event.stopImmediatePropagation();
    if (event.type === "input") finger.tapped = range.value;
    back();
  };
  range.addEventListener("input", hold, { capture: true });
  range.addEventListener("change", hold, { capture: true });
}
