// Streamlit makes each address that the page shows an entry of the browser's history. Of
// addresses that follow one another soon and change the same settings the last is kept:
// ten moves of a slider are one step back. What comes from a room is none at all.

const SOON = 2000; // milliseconds

/**
 * The settings in which two queries differ.
 * @param {string} before
 * @param {string} after
 */
export function differing(before, after) {
  const [one, other] = [new URLSearchParams(before), new URLSearchParams(after)];
  const keys = new Set([...one.keys(), ...other.keys()]);
  return [...keys].filter((key) => one.get(key) !== other.get(key));
}

export const gathering = {
  /** Whether the page follows another one, whose steps are not its reader's. */
  following: () => false,
};

/** Makes the entries that `history.pushState` adds as few as that. */
export function gatherEntries() {
  const push = history.pushState.bind(history);
  /** @type {{keys: string[], at: number}} */
  let last = { keys: [], at: -Infinity };
  history.pushState = (state, title, address) => {
    const url = new URL(address ?? "", location.href);
    const keys = differing(location.search, url.search);
    const at = performance.now();
    const same =
      url.pathname === location.pathname &&
      at - last.at < SOON &&
      keys.every((key) => last.keys.includes(key));
    last = { keys: same ? last.keys : keys, at };
    if (same || gathering.following()) history.replaceState(state, title, address);
    else push(state, title, address);
  };
  // Who went back wants to be able to go there again.
  window.addEventListener("popstate", () => {
    last = { keys: [], at: -Infinity };
  });
}
