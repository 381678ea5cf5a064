// While servers are replaced by newer ones, a page and what answers it may be of different
// versions. What can be read is used, and the page reloads itself while no hand is on it: with
// all that is set, and never soon after it was loaded, as both versions may answer in turn.

const YOUNG = 30_000; // milliseconds for which a page that was loaded is not loaded again
const HELD = 30_000; // since the last move or key, for which what is held or typed is waited for
const PAUSE = 1000; // and anything else: a change may be on its way to the server
const LOOK = 200;

const COMES = "The server has a newer version of this page, which is loaded in a moment.";
const FIELDS = "input:not([type=range], [type=checkbox], [type=radio]), textarea";
const MOVES = ["pointerdown", "pointermove", "pointerup", "pointercancel", "keydown", "input"];

/** Waits until nothing has been moved or typed for a while. */
async function pause() {
  let held = false;
  let moved = performance.now();
  /** @param {Event} event */
  const onMove = (event) => {
    if (event instanceof PointerEvent) {
      if (event.type === "pointermove" && !event.buttons) return;
      held = event.buttons > 0;
    }
    moved = performance.now();
  };
  for (const type of MOVES) addEventListener(type, onMove, true);
  const busy = () => held || document.activeElement?.matches(FIELDS);
  while (performance.now() - moved < (busy() ? HELD : PAUSE)) {
    await new Promise((done) => {
      setTimeout(done, LOOK);
    });
  }
  for (const type of MOVES) removeEventListener(type, onMove, true);
}

export const renewal = {
  /** @type {string | undefined} */
  version: /\/player\/(\w+)\//.exec(import.meta.url)?.[1], // none in a file, or a notebook
  /** The page's address, with all that is set. */
  address: () => location.href,
  /** @type {(sentence: string) => void} */
  say: () => {},
  begun: false,

  /** Reloads the page as soon as nothing is held or typed. */
  async begin() {
    if (this.begun) return;
    this.begun = true;
    this.say(COMES);
    await new Promise((done) => {
      setTimeout(done, YOUNG - performance.now());
    });
    await pause();
    this.reload();
  },

  reload() {
    location.replace(this.address());
  },
};

/**
 * Whether an answer is of a server that has another version of these files.
 * @param {Response} response
 */
export function isOther({ headers }) {
  const { version } = renewal;
  return version !== undefined && (headers.get("x-player") ?? version) !== version;
}
