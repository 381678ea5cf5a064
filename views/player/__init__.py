"""The player: one Streamlit component that shows a setup and lets it be turned.

Its modules are one file of a route (views/packed.py), which browsers keep, so
that a change of setup carries a few kilobytes and no code. What a person changes in
it comes back as state, `edits`: a running number `n`, and `changes`, by address key,
that the page has not yet confirmed by sending `n` back.
"""

from typing import Any

from streamlit.components import v2 as components

from views.describe import for_player
from views.setup import Setup

KEY = "player"

_LOADER = """
const MISSING = "The player did not load; check the connection and reload the page.";
const REPLACED = "The server is being updated; the page reloads itself in a minute.";
const AGAIN = 2000; // milliseconds after which it is asked for once more
const YOUNG = 30_000; // for which a loaded page is not loaded again (renewal.js)

const loading = {};

function load(address) {
  loading[address] ??= import(address)
    // What failed once may stay failed at its address.
    .catch(() => new Promise((done) => setTimeout(done, AGAIN))
      .then(() => import(`${address}?again`)))
    .catch((error) => {
      delete loading[address];
      throw error;
    });
  return loading[address];
}

function show(element, sentence) {
  const said = element.querySelector(".missing") ?? document.createElement("p");
  said.className = "missing";
  said.role = "alert";
  said.textContent = sentence;
  element.append(said);
}

// A server of another version has other files, and these are gone for good.
async function missing(element, address) {
  const { status } = await fetch(address).catch(() => ({ status: 0 }));
  show(element, status === 404 ? REPLACED : MISSING);
  if (status !== 404) return;
  const pause = Math.max(AGAIN, YOUNG - performance.now());
  await new Promise((done) => setTimeout(done, pause));
  if (element.isConnected && element.querySelector(".missing")) location.reload();
}

export default function (component) {
  // Streamlit runs this text as a blob, which has no address to import relative to.
  const { data: [data], parentElement, setStateValue } = component;
  const { dataset } = document.documentElement;
  if ((dataset.player ?? data.path) !== data.path) {
    // Where the server runs in another folder, Streamlit has made the element anew.
    const detail = { gone: !parentElement.querySelector(".player") };
    window.dispatchEvent(new CustomEvent("outdated", { detail })); // main.js
    return () => {};
  }
  const address = new URL(data.path + "/packed.js", document.baseURI);
  let leave = () => {};
  load(address).then(
    (main) => {
      dataset.player = data.path;
      parentElement.querySelector(".missing")?.remove();
      leave = main.show({ data, parentElement, setStateValue });
    },
    () => missing(parentElement, address),
  );
  return () => leave();
}
"""

_component = components.component("player", js=_LOADER, isolate_styles=False)


def player(setup: Setup, edits_seen: int) -> Any:
    """Shows a setup.

    Args:
        setup: What to show.
        edits_seen: The number of the player's last edits that the setup contains.

    Returns:
        The edits that the player holds, as it sent them; None before the first.
    """
    result = _component(
        key=KEY,
        # Of a mapping, Streamlit looks for data frames among the values, with pandas:
        # half a second of a server's start.
        data=[for_player(setup, edits_seen)],
        on_edits_change=lambda: None,
    )
    return result.get("edits")
