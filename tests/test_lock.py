"""What the JavaScript tools are pinned to."""

import json
import re
from pathlib import Path

TOOLS = Path(__file__).parent / "js"


def test_each_tool_is_pinned():
    wanted = json.loads((TOOLS / "package.json").read_text())["devDependencies"]
    locked = json.loads((TOOLS / "package-lock.json").read_text())["packages"]
    assert {"eslint", "typescript"} <= set(wanted)
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert locked[f"node_modules/{name}"]["version"] == version


def test_the_lock_file_names_no_registry():
    """Each machine asks the registry that it is set up for."""
    locked = json.loads((TOOLS / "package-lock.json").read_text())["packages"]
    assert len(locked) > 10
    for name, package in locked.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-")
