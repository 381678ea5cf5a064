"""Where the figures come from, in one line."""

import os
import platform
import subprocess
from importlib.metadata import version

from playwright.sync_api import sync_playwright

from benchmarks.browser import MORE_FLAGS, executable


def machine() -> str:
    """Cores and the versions that matter."""
    packages = {"JAX": "jax", "Streamlit": "streamlit", "plotly.py": "plotly"}
    return " · ".join(
        [
            f"{platform.system()}, {os.cpu_count()} cores",
            f"Python {platform.python_version()}",
            *(f"{name} {version(package)}" for name, package in packages.items()),
            _browser(),
        ]
    )


def _browser() -> str:
    path = executable()
    if path is None:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True)
    except OSError:
        return "no Chromium"
    name = answer.stdout.split(" built")[0].strip()
    return ", ".join([name, "software WebGL", *MORE_FLAGS])
