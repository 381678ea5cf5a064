"""The README's reference tables, written from the declarations.

    python -m views.reference     rewrites them in README.md

A test fails while README.md holds anything else.
"""

import re
from pathlib import Path
from typing import Any

from optim import OPTIMIZERS, SCHEDULES
from optim.conditions import NoiseAndWarmup
from surfaces import SURFACES, Domain, params
from views.fields import Penalty, StudyParams
from views.groups import GROUPS
from views.symbols import plain

README = Path(__file__).parents[1] / "README.md"
CONFORMANCE = README.with_name("docs") / "conformance.md"


def reference() -> str:
    """Markdown tables of rules, conditions, surfaces and groups of controls."""
    rules = _table("Rule", "Key", "One step", "Settings", "After")
    for rule in OPTIMIZERS.values():
        rules.append(
            _row(
                rule.label,
                f"`{rule.key}`",
                f"${rule.formula}$",
                _settings(rule.hypers, lr="by surface"),
                rule.source,
            )
        )
    conditions = _table("Condition", "Settings", "Formula")
    for schedule in SCHEDULES.values():
        conditions.append(
            _row(
                f"`schedule={schedule.key}`",
                _settings(schedule.hypers, f"{schedule.key}."),
                f"${schedule.formula}$",
            )
        )
    conditions.append(_row("Noise and warm-up", _settings(NoiseAndWarmup), ""))
    conditions.append(_row("Regularization", _settings(Penalty), ""))
    conditions.append(_row("Studies", _settings(StudyParams), ""))
    surfaces = _table(
        "Surface", "Key", "f(x, y)", "Domain", "Minima", "What it teaches", "After"
    )
    for surface in SURFACES.values():
        minima = [f"({x:.4g}, {y:.4g})" for x, y in surface.minima]
        if not surface.lists_all_critical_points:
            minima.append("…")
        surfaces.append(
            _row(
                f"{surface.family}: {surface.label}",
                f"`{surface.key}`",
                f"${surface.latex}$ {_settings(type(surface.params))}",
                _domain(surface.domain),
                ", ".join(minima) or "none",
                surface.teaches,
                surface.source,
            )
        )
    groups = _table("Group", "What belongs to it")
    groups += [_row(f"`{name}`", words) for name, words in GROUPS.items()]
    tables = (rules, conditions, surfaces, groups)
    return "\n\n".join("\n".join(table) for table in tables)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _table(*heads: str) -> list[str]:
    return [_row(*heads), _row(*("---" for _ in heads))]


def _settings(declared: type[Any], prefix: str = "", **defaults: str) -> str:
    """The parameters of a declaration: key, symbol, range and default of each."""
    words = []
    for name, param in params(declared).items():
        default = defaults.get(name) or f"{declared._field_defaults[name]:g}"
        symbol = "" if plain(param.symbol) == name else f" {plain(param.symbol)}"
        words.append(
            f"`{prefix}{name}`{symbol} {param.low:g} to {param.high:g} ({default})"
        )
    return "; ".join(words)


def _domain(domain: Domain) -> str:
    return (
        f"{domain.x_low:g} to {domain.x_high:g}, {domain.y_low:g} to {domain.y_high:g}"
    )


def conformance() -> str:
    """The table of how far the rules deviate from their references."""
    text = CONFORMANCE.read_text("utf-8")
    return text[text.index("| rule") :].strip()


def written_into(readme: str) -> str:
    """The README's text with its tables as they should be."""
    for name, table in (("reference", reference()), ("conformance", conformance())):
        begin, end = (f"<!-- {name}: {word} -->" for word in ("begin", "end"))
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        new = f"{begin}\n\n{table}\n\n{end}"
        readme = pattern.sub(lambda _, new=new: new, readme)
    return readme


if __name__ == "__main__":
    README.write_text(written_into(README.read_text("utf-8")), "utf-8")
