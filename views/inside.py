r"""The inside of a step, described for the page: each line in symbols and in numbers.

Lines are those that the rule declares (optim/quantities.py). In the form with numbers,
each symbol is a blank, `@q:m@` for the value of m at this step, `@p:m@` for that before
it, `@h:beta1@` for a hyperparameter; the page fills them from the arrays of the run.
What is in words, or about rows and columns, has no such form.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from optim import Optimizer, Trajectory
from optim.curvature import hessians_along
from optim.quantities import filled
from optim.slopes import sample_gradients
from surfaces import Surface, params
from views.mathml import mathml
from views.result import ArraySpec, single
from views.setup import Setup
from views.symbols import plain

INSPECTING = frozenset({"inside", "table"})
"""The panels that show the inside of one entry's steps."""
AT_ITERATE = frozenset({"arrows", "every", "curvature", "contour", "samples"})
"""What the map shows besides at an iterate."""

BLANK = re.compile(r"\{\\text\{@(\w+)(?::(\w+))?@\}\}")
"""A blank of a line with numbers: its kind, and of which name."""

_TOKEN = re.compile(
    r"\\text\{[^}]*\}|\\operatorname\{[^}]*\}|\\[A-Za-z]+(?:_\d)?|\\[,;:!]|<\w+>"
    r"|[A-Za-z](?:_\w)?|\d+|\s+|."
)
_WITHOUT_NUMBERS = re.compile(r"\\top|e_i|\\mathcal|\\text\{(?! if |, else )")
_ENDS_A_FACTOR = re.compile(r"[)}\d]$")
_BEGINS_A_FACTOR = re.compile(r"^(\(|\d|I|\\frac|\\sqrt|\\operatorname|\\lvert)")


def inspected(setup: Setup) -> str:
    """The entry whose steps are shown from inside; empty if none is."""
    on = setup["on"]
    asked = INSPECTING & set(setup["panels"]) or AT_ITERATE & set(setup["show"])
    if not on or not asked:
        return ""
    return setup["inspect"] if setup["inspect"] in on else on[0]


def all_inspected(setup: Setup) -> tuple[str, ...]:
    """The entries whose numbers of each step are shown: that one first, or all."""
    entry = inspected(setup)
    others = setup["on"] if "every" in setup["show"] else ()
    return (entry, *(one for one in others if one != entry)) if entry else ()


def inside(setup: Setup, entry: str) -> dict[str, Any]:
    """What the page needs to show an entry's steps from inside, as JSON values."""
    rule, hypers = setup.rule(entry), setup.hypers(entry)
    return {
        "entry": entry,
        "name": setup.name(entry),
        "by_coordinate": rule.by_coordinate,
        "l2": float(setup["l2"]),
        "hypers": [
            {
                "name": name,
                "symbol": plain(param.symbol),
                "value": float(getattr(hypers, name)),
            }
            for name, param in params(rule.hypers).items()
            if param.scale != "switch"
        ],
        "lines": _lines(rule, _switched(hypers)),
    }


def _switched(hypers: Any) -> Any:
    """The hyperparameters with all but the switches at their defaults."""
    switches = {
        name: getattr(hypers, name)
        for name, param in params(type(hypers)).items()
        if param.scale == "switch"
    }
    return type(hypers)(**switches)


@lru_cache(maxsize=128)
def _lines(rule: Optimizer, hypers: Any) -> list[dict[str, Any]]:
    """Each quantity of a rule, its switches set as in these hyperparameters."""
    symbols = {name: q.symbol for name, q in rule.named.items()}
    computed: set[str] = set()
    lines = []
    for name, quantity in rule.named.items():
        line = quantity.line_for(hypers)
        numbers = in_numbers(rule, line, computed)
        lines.append(
            {
                "name": name,
                "symbol": mathml(quantity.symbol),
                "plain": plain(quantity.symbol),
                "meaning": quantity.meaning,
                "says": quantity.says_for(hypers),
                "kind": quantity.kind,
                "memory": quantity.memory,
                "initial": np.ravel(quantity.initial).tolist(),
                "at": quantity.at,
                "search": quantity.search and quantity.search._asdict(),
                "line": mathml(filled(line, symbols)) if line else "",
                "numbers": mathml(numbers) if numbers else "",
            }
        )
        computed.add(name)
    return lines


def in_numbers(rule: Optimizer, line: str, computed: Collection[str]) -> str:
    """A line of a rule with blanks for its symbols, in LaTeX.

    Args:
        rule: Whose line it is.
        line: As its quantity has it.
        computed: The quantities that this step has computed before.

    Returns:
        The line; empty if it has no such form.
    """
    if not line or _WITHOUT_NUMBERS.search(line):
        return ""
    blanks = _blanks(rule)
    parts: list[str] = []
    for token in _TOKEN.findall(line):
        if token.isspace():
            continue
        part = token
        if len(token) > 1 and token.startswith("<"):
            name = token[1:-1]
            part = _blank(f"{'q' if name in computed else 'p'}:{name}")
        elif token in blanks:
            part = _blank(blanks[token])
        if parts and _factors(parts[-1], part):
            parts.append(r"\cdot")
        parts.append(part)
    return " ".join(parts)


def _blank(name: str) -> str:
    return rf"{{\text{{@{name}@}}}}"


def _blanks(rule: Optimizer) -> dict[str, str]:
    """By symbol, the blank that stands for it."""
    found = {"w": "w", "t": "t", r"\lambda": "l2"}
    for name, param in params(rule.hypers).items():
        found[param.symbol] = "alpha" if name == "lr" else f"h:{name}"
    return found


def _factors(left: str, right: str) -> bool:
    """Whether a dot belongs between two parts, as numbers side by side would be one."""
    if left.startswith((r"\operatorname", r"\text")):
        return False
    ends = bool(BLANK.match(left) or _ENDS_A_FACTOR.search(left))
    return ends and bool(BLANK.match(right) or _BEGINS_A_FACTOR.match(right))


def inside_arrays(
    surface: Surface, setup: Setup, entry: str, run: Trajectory
) -> dict[str, np.ndarray]:
    """The numbers of an entry's steps, in float64: every digit of the run.

    Returns:
        By name `inside/points` (n + 1, 2), `inside/losses` (n + 1,), `inside/grads` as
        the rule was given them (n + 1, 2), `inside/hessians` xx, xy and yy (n + 1, 3),
        `inside/alpha` (n,) if the rule has a learning rate, `inside/samples`, the
        gradient of each sample's loss (n + 1, samples, 2), in float32, if the map shows
        them, and each quantity, `quantities/m` (n, ...).
    """
    hypers = setup.hypers(entry)
    found = {
        "inside/points": run.points,
        "inside/losses": run.losses,
        "inside/grads": run.grads,
        "inside/hessians": hessians_along(surface, run.points),
    }
    if hasattr(hypers, "lr"):
        factors = setup.conditions_of(entry).factors(setup["steps"])
        found["inside/alpha"] = hypers.lr * factors
    if "samples" in setup["show"] and surface.sampled and entry == inspected(setup):
        found["inside/samples"] = single(sample_gradients(surface, run.points))
    quantities = run.quantities or {}
    return found | {f"quantities/{name}": array for name, array in quantities.items()}


INSIDE_SPECS: Mapping[str, ArraySpec] = {
    "inside/points": ArraySpec(("step", "xy"), "coordinates"),
    "inside/losses": ArraySpec(("step",), "losses"),
    "inside/grads": ArraySpec(("step", "xy"), "slopes"),
    "inside/hessians": ArraySpec(("step", "xx xy yy"), "curvatures"),
    "inside/alpha": ArraySpec(("step",), "learning rates"),
    "inside/samples": ArraySpec(("step", "sample", "xy"), "slopes"),
}
