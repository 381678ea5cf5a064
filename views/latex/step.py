"""The equations of a step as LaTeX: each line of the rule, in symbols and in numbers.

They are those of the panel "inside the step", to as many digits. A line that is longer
than its column is broken by TeX, behind a sign.
"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from optim import Trajectory
from optim.curvature import curvatures_along
from optim.quantities import Quantity, filled
from views.inside import BLANK, in_numbers
from views.latex.text import digits, escaped
from views.mark import mark
from views.race import Race
from views.setup import Setup
from views.studies.words import surface_name

LISTED = 4
"""How many numbers a quantity has at most that is no list: those of a matrix."""

_WHOLE = re.compile(r"\\(frac|sqrt|left)\b")
_ARGUMENT = re.compile(rf"\( *({BLANK.pattern}) *\)")
_HEAD = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[a4paper, margin=15mm]{geometry}
\usepackage{amsmath, array, graphicx, longtable}
\pagestyle{empty}
\setlength{\parindent}{0pt}
\setlength{\LTleft}{0pt}
\newsavebox{\wide}
\newcommand{\fitted}[1]{\sbox{\wide}{#1}\ifdim\wd\wide>\linewidth
  \resizebox{\linewidth}{!}{\usebox{\wide}}\else\usebox{\wide}\fi}
\newcolumntype{L}{>{\raggedright\arraybackslash\everypar{\hangindent=1.5em}%
  \setlength{\parskip}{4pt}}p{10.6cm}}
\newcolumntype{M}{>{\raggedright\arraybackslash\footnotesize}p{2.9cm}}"""


def entry_of(setup: Setup) -> str:
    """The entry whose step is shown: the one that is inspected, or the first.

    Raises:
        ValueError: If none is on.
    """
    if not setup["on"]:
        raise ValueError("No optimizer is on: there is no step to write down.")
    return setup["inspect"] if setup["inspect"] in setup["on"] else setup["on"][0]


def step_of(setup: Setup) -> int:
    """The step that follows the iterate which a setup opens at, or else the last."""
    last = setup["steps"] - 1
    return last if setup["step"] is None else min(int(setup["step"]), last)


def equations(race: Race, address: str) -> str:
    """The step that a setup opens at, as a file of LaTeX.

    Args:
        race: As it was run, with the quantities of the entry that is inspected.
        address: Of the page that shows it.
    """
    setup = race.setup
    entry, at = entry_of(setup), step_of(setup)
    run = race.runs[entry]
    name = f"{surface_name(setup)}: {setup.name(entry)}"
    lines = [
        f"% {re.sub(r'[^!-~]', '', address)}",
        f"% {mark(setup.text)}",
        "% Needs pdflatex. What is between two lines of %% stands alone.",
        _HEAD,
        r"\begin{document}",
        rf"\textbf{{{escaped(name)}}}\\",
        rf"Step ${at} \to {at + 1}$ of {setup['steps']}{_rate(setup, entry, at)}.",
        "",
        "%% the equations",
        r"\begin{longtable}{>{$\displaystyle}r<{$}@{}LM}",
        *(rf"  {row} \\ \noalign{{\medskip}}" for row in _rows(setup, entry, run, at)),
        r"\end{longtable}",
        "%% the point",
        _here(race, run, at),
        "%%",
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def _rate(setup: Setup, entry: str, at: int) -> str:
    alpha = _alpha(setup, entry, at)
    return "" if alpha is None else rf", $\alpha = {digits(alpha)}$"


def _alpha(setup: Setup, entry: str, at: int) -> float | None:
    """The learning rate of a step; None for a rule without one."""
    lr = getattr(setup.hypers(entry), "lr", None)
    if lr is None:
        return None
    return float(lr * setup.conditions_of(entry).factors(setup["steps"])[at])


def _rows(setup: Setup, entry: str, run: Trajectory, at: int) -> Iterator[str]:
    """A row for each quantity, and one for the point that follows."""
    rule, hypers = setup.rule(entry), setup.hypers(entry)
    symbols = {name: quantity.symbol for name, quantity in rule.named.items()}
    blanks = _Blanks(setup, entry, run, at)
    computed: set[str] = set()
    for name, quantity in rule.named.items():
        line = quantity.line_for(hypers)
        numbers = in_numbers(rule, line, computed)
        found = [
            filled(line, symbols),
            blanks.filled(numbers),
            _value(blanks.value("q", name)),
        ]
        yield _row(quantity.symbol, found, quantity.meaning)
        computed.add(name)
    if setup.conditions_of(entry).region is None:
        pair = (run.points[at], blanks.value("q", "delta"))
        found = [
            r"w + \delta",
            " + ".join(map(_value, pair)),
            _value(run.points[at + 1]),
        ]
        yield _row(r"w_{\text{next}}", found, "the next point")
    else:
        found = [_value(run.points[at + 1])]
        yield _row(r"w_{\text{next}}", found, "the next point, after the projection")


def _row(symbol: str, found: list[str], meaning: str) -> str:
    lines = r" \par ".join(map(_line, filter(None, found)))
    return f"{symbol} & {lines} & {escaped(meaning)}"


def _line(right: str) -> str:
    """What a quantity equals: TeX cannot break a fraction, but make it smaller."""
    line = rf"$\displaystyle {{}}= {right}$"
    return rf"\fitted{{{line}}}" if _WHOLE.search(right) else line


class _Blanks:
    """What stands for the blanks of a line at a step of a run."""

    def __init__(self, setup: Setup, entry: str, run: Trajectory, at: int) -> None:
        self.setup, self.entry, self.run, self.at = setup, entry, run, at

    def value(self, kind: str, name: str | None) -> Any:
        """Of a kind and a name, as `in_numbers` has them."""
        setup, at = self.setup, self.at
        match kind:
            case "q":
                return self._quantity(str(name), at)
            case "p":
                return self._before(str(name))
            case "w":
                return self.run.points[at]
            case "t":
                return at + 1
            case "alpha":
                return _alpha(setup, self.entry, at)
            case "h":
                return getattr(setup.hypers(self.entry), str(name))
        return setup["l2"]

    def _quantity(self, name: str, at: int) -> np.ndarray:
        return np.asarray((self.run.quantities or {})[name][at])

    def _before(self, name: str) -> np.ndarray:
        """A memory as the step found it."""
        if self.at:
            return self._quantity(name, self.at - 1)
        declared: Quantity = self.setup.rule(self.entry).named[name]
        shape = self._quantity(name, 0).shape
        return np.broadcast_to(np.asarray(declared.initial, float), shape)

    def filled(self, line: str) -> str:
        """A line with numbers in its blanks."""
        line = _ARGUMENT.sub(self._argument, line)
        return BLANK.sub(self._number, line)

    def _argument(self, found: re.Match[str]) -> str:
        """What stands alone in parentheses: a vector has its own."""
        value = np.asarray(self.value(found[2], found[3]))
        return f" {found[1]} " if value.size > 1 else found[0]

    def _number(self, blank: re.Match[str]) -> str:
        """What stands for a blank: in parentheses if it has a sign or two powers."""
        value = np.asarray(self.value(*blank.groups()), float)
        text, after = _value(value), blank.string[blank.end() :].lstrip()
        twice = r"\cdot" in text and after.startswith("^")
        alone = value.size == 1 and (text.startswith("-") or twice)
        return rf"{{({text})}}" if alone else f"{{{text}}}"


def _value(value: Any) -> str:
    """A number, a vector, a matrix or the parts of a search."""
    array = np.asarray(value, float)
    numbers = [digits(one) for one in array.ravel().tolist()]
    if array.size > LISTED:
        return r",\allowbreak ".join(
            digits(one) for one in array.ravel().tolist() if not np.isnan(one)
        )
    if array.size == LISTED:
        a, b, c, d = numbers
        return rf"\begin{{pmatrix}} {a} & {b} \\ {c} & {d} \end{{pmatrix}}"
    joined = ", ".join(numbers)
    return f"({joined})" if array.size > 1 else joined


def _here(race: Race, run: Trajectory, at: int) -> str:
    """The point that the step is taken at, and how the surface is there."""
    point = run.points[at]
    low, high = curvatures_along(race.surface, point[None])[0].tolist()
    norm = float(np.hypot(*run.grads[at]))
    return (
        rf"At $w = {_value(point)}$: loss ${digits(float(run.losses[at]))}$, "
        rf"gradient norm ${digits(norm)}$, curvatures ${digits(low)}$ and "
        rf"${digits(high)}$."
    )
