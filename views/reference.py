"""The tables of docs/reference.md, written from the declarations.

    python -m views.reference     rewrites them there

A test fails while the page holds anything else.
"""

from pathlib import Path
from typing import Any

from optim import OPTIMIZERS, SCHEDULES
from optim.conditions import NoiseAndWarmup
from surfaces import SURFACES, Domain, params
from views.fields import PROJECTIONS, Penalty, StudyParams
from views.groups import GROUPS
from views.places import in_words
from views.symbols import plain

REFERENCE = Path(__file__).parents[1] / "docs" / "reference.md"
BEGIN, END = "<!-- reference: begin -->", "<!-- reference: end -->"


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
    nearest = r"$w \leftarrow \arg\min_{v \in D} \lVert v - w \rVert$"
    conditions += [
        _row(f"`project={key}`: {where}", "", nearest)
        for key, where in PROJECTIONS.items()
        if key != "none"
    ]
    conditions.append(_row("Regularization", _settings(Penalty), ""))
    conditions.append(_row("Studies", _settings(StudyParams), ""))
    surfaces = _table(
        "Surface", "Key", "f(x, y)", "Domain", "Minima", "What it teaches", "After"
    )
    for surface in SURFACES.values():
        minima = in_words(surface, surface.minima, 1e-5)
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
    tables = {
        "Rules": rules,
        "Conditions": conditions,
        "Surfaces": surfaces,
        "Groups of controls": groups,
    }
    return "\n\n".join(
        f"## {title}\n\n" + "\n".join(table) for title, table in tables.items()
    )


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


def written_into(page: str) -> str:
    """The page's text with its tables as they should be."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{reference()}\n\n{END}{after}"


if __name__ == "__main__":
    REFERENCE.write_text(written_into(REFERENCE.read_text("utf-8")), "utf-8")
