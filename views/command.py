"""The command `loss-surface`: starts the app with its settings, from any folder."""

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from streamlit.web import cli

_APP = Path(__file__).parents[1] / "app.py"
_SETTINGS = (
    _APP.parent / ".streamlit" / "config.toml",  # of a checkout
    Path(sys.prefix) / "share" / "loss-surface-visualizer" / "config.toml",
)


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


def main() -> None:
    """Starts the app; arguments are those of `streamlit run`.

    The app's settings are defaults: what is set in the environment or as an argument
    wins.
    """
    path = next((path for path in _SETTINGS if path.is_file()), None)
    if path is None:
        sys.exit(f"The app's settings are missing: {_SETTINGS[-1]}")
    for name, value in _environment(tomllib.loads(path.read_text())).items():
        os.environ.setdefault(name, value)
    sys.argv[1:1] = ["run", str(_APP)]
    cli.main(prog_name="streamlit")


if __name__ == "__main__":
    main()
