"""The README's reference tables, written from the declarations.

    python -m views.reference     rewrites them in README.md

A test fails while README.md holds anything else.
"""

import re
from pathlib import Path
from typing import Any

from optim import OPTIMIZERS
from surfaces import SURFACES, params
from views.controls import plain
from views.setup import fields

README = Path(__file__).parents[1] / "README.md"
_MARKS = ("<!-- reference: begin -->", "<!-- reference: end -->")


def reference() -> str:
    """Markdown tables of the rules, their parameters and the surfaces."""
    rules = ["| Rule | Key | One step | After |", "| --- | --- | --- | --- |"]
    for rule in OPTIMIZERS.values():
        rules.append(
            f"| {rule.label} | `{rule.key}` | ${rule.formula}$ | {rule.source} |"
        )
    settings = [
        "| In the address | Means | Range | Default |",
        "| --- | --- | --- | --- |",
    ]
    for rule in OPTIMIZERS.values():
        for name, param in params(rule.hypers).items():
            default = "by surface" if name == "lr" else f"{_default(rule, name):g}"
            settings.append(
                f"| `{rule.key}.{name}` | {rule.label}: {param.label.lower()} "
                f"{plain(param.symbol)} | {param.low:g} to {param.high:g} | {default} |"
            )
    surfaces = [
        "| Surface | Key | f(x, y) | Minima | What it teaches | After |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for surface in SURFACES.values():
        minima = ", ".join(f"({x:.4g}, {y:.4g})" for x, y in surface.minima) or "none"
        surfaces.append(
            f"| {surface.label} | `{surface.key}` | ${surface.formula}$ | {minima} "
            f"| {surface.teaches} | {surface.source} |"
        )
        for name, param in params(type(surface.knobs)).items():
            default = fields(surface)[name].default
            settings.append(
                f"| `{name}` | {surface.label}: {param.label.lower()} "
                f"{plain(param.symbol)} | {param.low:g} to {param.high:g} "
                f"| {default:g} |"
            )
    return "\n\n".join("\n".join(table) for table in (rules, surfaces, settings))


def _default(rule: Any, name: str) -> float:
    return rule.hypers._field_defaults[name]


def written_into(readme: str) -> str:
    """The README's text with its reference tables as they should be."""
    begin, end = _MARKS
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n\n{reference()}\n\n{end}", readme)


if __name__ == "__main__":
    README.write_text(written_into(README.read_text("utf-8")), "utf-8")
