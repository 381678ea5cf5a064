"""The command `loss-surface`: starts the app with its settings, from any folder."""

import os
import re
import sys
import tomllib
from pathlib import Path

from streamlit.web import cli

_APP = Path(__file__).parents[1] / "app.py"
_SETTINGS = (
    _APP.parent / ".streamlit" / "config.toml",  # of a checkout
    Path(sys.prefix) / "share" / "loss-surface-visualizer" / "config.toml",
)


def _environment(settings: dict[str, dict[str, object]]) -> dict[str, str]:
    """Streamlit's settings as the environment variables that it reads."""
    return {
        re.sub(r"(?<=[a-z])(?=[A-Z])", "_", f"STREAMLIT_{section}_{key}").upper(): (
            str(value).lower() if isinstance(value, bool) else str(value)
        )
        for section, values in settings.items()
        for key, value in values.items()
    }


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
