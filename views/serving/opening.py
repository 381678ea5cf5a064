"""Streamlit's page, with the player before Streamlit.

What Streamlit's page consists of keeps a processor busy for a second, the player for a
quarter of that. So the player comes first, and Streamlit when its trails move
(views/player/opening.js); or at once, where the player cannot be loaded.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from streamlit.config import get_option
from streamlit.file_util import get_static_dir

from views.player_files import PACKED, PLAYER_PATH

PAGE = "index.html"
"""Streamlit's page, in the folder of its files."""

_ENTRY = re.compile(r'<script type="module" crossorigin src="([^"<>\\]+)"></script>')
_PRELOADS = re.compile(r'[ \t]*<link rel="modulepreload"[^>]*>\n')
_START = """<style>
@media screen and (prefers-color-scheme: dark) {{ html {{ background: {dark}; }} }}
</style>
<template id="streamlit">
{preloads}</template>
<script type="module">
const start = () => {{
  document.head.append(document.getElementById("streamlit").content);
  return import("{entry}");
}};
import("./{player}").then(({{ open }}) => open()).then(start, start);
</script>"""


@cache
def page(scripts: tuple[str, ...] = ()) -> str:
    """The page, as it is sent.

    Args:
        scripts: The addresses of modules that are loaded beside those that it names.
    """
    return with_player((Path(get_static_dir()) / PAGE).read_text("utf-8"), scripts)


def with_player(text: str, scripts: Iterable[str] = ()) -> str:
    """Has a page of Streamlit's start the player before Streamlit.

    A module that is named is compiled, too, so none of Streamlit's is named before.

    Args:
        text: The page. One that names its script in another way stays as it is: the
            player then comes with Streamlit.
        scripts: The addresses of modules that are loaded beside those that it names.
    """
    if not _ENTRY.search(text):
        return text
    more = (f'<link rel="modulepreload" href="./{name}">\n' for name in scripts)
    preloads = "".join((*_PRELOADS.findall(text), *more))
    player = f"{PLAYER_PATH}/{PACKED}"

    def start(found: re.Match[str]) -> str:
        dark = get_option("theme.dark.backgroundColor") or "Canvas"
        return _START.format(
            dark=dark, player=player, entry=found[1], preloads=preloads
        )

    named = text.replace("<title>Streamlit<", "<title>Loss-surface visualizer<")
    return _ENTRY.sub(start, _PRELOADS.sub("", named), count=1)
