"""The command `loss-surface`: starts the app with its settings, from any folder.

`loss-surface race.csv` also says the address of the setup that a saved file names.
"""

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from streamlit.web import cli

from views.mark import marked

_APP = Path(__file__).parents[1] / "app.py"
_SETTINGS = (
    _APP.parent / ".streamlit" / "config.toml",  # of a checkout
    Path(sys.prefix) / "share" / "loss-surface-visualizer" / "config.toml",
)

_MOST = 64 * 2**20
"""Bytes of a file that is read."""


def _environment(settings: dict[str, Any], name: str = "STREAMLIT") -> dict[str, str]:
    """Streamlit's settings as the environment variables that it reads."""
    found: dict[str, str] = {}
    for key, value in settings.items():
        path = f"{name}_{key}"
        if isinstance(value, dict):
            found |= _environment(value, path)
            continue
        variable = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path).upper()
        found[variable] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _address(path: str, arguments: list[str]) -> str:
    """The address of the setup that a file names, on the port that is asked for."""
    with Path(path).open("rb") as file:
        query = marked(file.read(_MOST))
    if query is None:
        sys.exit(f"There is no setup in {path}.")
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    words = " ".join(arguments).replace("=", " ").split()
    if "--server.port" in words[:-1]:
        port = words[words.index("--server.port") + 1]
    return f"http://localhost:{port}/?{query}"


def main() -> None:
    """Starts the app; arguments are those of `streamlit run`.

    Before them may be a file that was saved: the address of its setup is printed.

    The app's settings are defaults: what is set in the environment or as an argument
    wins. `render` makes a file of what an address shows (render.py), `study` one of
    the study that it asks for (study.py).
    """
    if sys.argv[1:2] == ["render"]:
        from views.render import main as render

        render(sys.argv[2:])
        return
    if sys.argv[1:2] == ["study"]:
        from views.study import main as study

        study(sys.argv[2:])
        return
    path = next((path for path in _SETTINGS if path.is_file()), None)
    if path is None:
        sys.exit(f"The app's settings are missing: {_SETTINGS[-1]}")
    for name, value in _environment(tomllib.loads(path.read_text())).items():
        os.environ.setdefault(name, value)
    if sys.argv[1:] and Path(sys.argv[1]).is_file():
        path = sys.argv.pop(1)
        sys.stdout.write(f"{path}: {_address(path, sys.argv[1:])}\n")
        sys.stdout.flush()
    sys.argv[1:1] = ["run", str(_APP)]
    cli.main(prog_name="streamlit")


if __name__ == "__main__":
    main()
