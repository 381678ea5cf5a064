// Touch: one finger scrolls the page, two act on a picture; a slider follows a finger that
// goes sideways.

/**
 * Follows two fingers on a host; one alone is left to the browser, and no listener of a
 * library below the host hears of it.
 * @param {HTMLElement} host
 * @param {(middle: [number, number]) => ?((moved: {dx: number, dy: number, apart: number})
 *   => void)} take  is asked when the second finger comes down, with the middle of both in
 *   the host; gives what is to be told, once a frame, how far the middle has moved and how
 *   far the fingers have parted, as a factor; or nothing
 */
export function twoFingers(host, take) {
  let tell = null;
  let begun = null;
  let frame = 0;
  const at = ([a, b]) => ({
    x: (a.clientX + b.clientX) / 2,
    y: (a.clientY + b.clientY) / 2,
    apart: Math.max(Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), 1),
  });
  const hear = (event) => {
    event.stopPropagation();
    if (event.touches.length !== 2) {
      tell = null;
      return;
    }
    if (event.cancelable) event.preventDefault();
    const now = at(event.touches);
    if (event.type === "touchstart") {
      const box = host.getBoundingClientRect();
      begun = now;
      tell = take([now.x - box.left, now.y - box.top]);
    }
    if (event.type !== "touchmove" || !tell) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() =>
      tell?.({ dx: now.x - begun.x, dy: now.y - begun.y, apart: now.apart / begun.apart }),
    );
  };
  for (const type of ["touchstart", "touchmove", "touchend", "touchcancel"]) {
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
  let finger = null; // the one that is down and has not yet gone sideways
  const back = () => (range.value = finger.value);
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
    if (finger) back();
    finger = null;
  });
  const hold = (event) => {
    if (!finger) return;
    event.stopImmediatePropagation();
    if (event.type === "input") finger.tapped = range.value;
    back();
  };
  range.addEventListener("input", hold, { capture: true });
  range.addEventListener("change", hold, { capture: true });
}
