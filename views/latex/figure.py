"""The whole LaTeX file of a race: it compiles by itself, and its parts can be copied.

The map has the page's own contours, every trail and what is marked; below it are the
losses, and the table of the run. Colours are those of the light theme.
"""

import re
from collections.abc import Iterable, Iterator

import numpy as np

from surfaces import Grid, sample
from views.figures import drawable, levels_of, relief_of
from views.latex.lines import around, contours, coordinates, cut, inside
from views.latex.marks import declared, mark_name
from views.latex.span import Span, part_of
from views.latex.text import colour, escaped, name_of, number, shown
from views.mark import mark
from views.palettes import LIGHT
from views.places import on_map
from views.result import Result
from views.setup import Setup
from views.studies.words import computed, title

MOST_POINTS = 10_000
"""Iterates of all entries together: TeX runs out of memory with about twice as many."""
GRID = 121
"""Points a side from which contours are drawn, as for the page's map."""

WHOLE_TICKS = 8
"""Steps of an axis of which each has a tick: of fewer, PGF marks halves."""

_PLACES = (
    ("minima", "minimum", "x", "3pt"),
    ("saddles", "saddle point", "loss-open-diamond", "2.6pt"),
    ("maxima", "maximum", "loss-open-triangle", "2.6pt"),
)
_OPEN = {
    "loss-open-diamond": ((0, 1.25), (1.25, 0), (0, -1.25), (-1.25, 0)),
    "loss-open-triangle": ((0, 1.3), (1.126, -0.65), (-1.126, -0.65)),
}
_HEAD = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[a4paper, margin=15mm]{geometry}
\usepackage{amsmath, array}
\usepackage{pgfplots}
\pgfplotsset{compat=1.17}
\usetikzlibrary{plotmarks}
\pagestyle{empty}
\setlength{\parindent}{0pt}"""
_STYLES = r"""\pgfplotsset{
  trail/.style={line width=1pt, line join=round, mark=none},
  contour line/.style={line width=0.3pt, contour-line, mark=none, forget plot},
  head/.style={only marks, mark size=2.6pt, forget plot},
  race axis/.style={
    scale only axis, axis line style={axis-line}, tick style={axis-line},
    tick label style={font=\footnotesize}, label style={font=\small},
    unbounded coords=jump, legend cell align=left, legend pos=outer north east,
    legend style={draw=none, font=\footnotesize, nodes={text width=38mm, text depth=}},
  },
}"""


def refuse_large(setup: Setup, span: Span) -> None:
    """Refuses steps of a race that TeX cannot hold, before it is run.

    Raises:
        ValueError: If they are too many, in one sentence.
    """
    points = len(setup["on"]) * (span.last - span.first + 1)
    if points > MOST_POINTS:
        raise ValueError(
            f"a figure of {points:,} iterates is too long for LaTeX, "
            f"{MOST_POINTS:,} are the most; take fewer steps or optimizers"
        )


def figure(race: Result, address: str, span: Span | None = None) -> str:
    """A race as a file of LaTeX.

    Args:
        race: As it was run, with its numbers in float64.
        address: Of the page that shows it.
        span: Which steps of it; else all.
    """
    setup = race.setup
    span = span or Span(0, setup["steps"])
    race = part_of(race, span)
    grid = drawable(sample(setup.surface, GRID))
    lines = [
        f"% {re.sub(r'[^!-~]', '', address)}",
        f"% {mark(setup.text)}",
        "% Needs pdflatex with pgfplots. What is between two lines of %% stands alone.",
        _HEAD,
        *_colours(race),
        *_marks(race),
        _STYLES,
        r"\begin{document}",
        rf"\textbf{{{escaped(title(race))}}}\\",
        " ".join(
            [f"{escaped(computed(race))}.", span.in_words(setup["steps"])]
        ).strip(),
        *_formula(setup),
        r"\bigskip",
        "",
        "%% the map",
        *_map(race, grid, span),
        "%% the losses",
        r"\bigskip",
        "",
        *_losses(race, grid, span),
        "%% the table",
        r"\bigskip",
        "",
        *_table(race, span),
        "%%",
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def _formula(setup: Setup) -> list[str]:
    latex = setup.plain_surface.latex
    return [rf"\[ {latex} \]"] if latex else []


def _colours(race: Result) -> Iterator[str]:
    yield colour("contour-line", LIGHT["contour"])
    yield colour("axis-line", LIGHT["faint"])
    yield colour("critical", LIGHT["critical"])
    yield colour("start", LIGHT["strong"])
    for key in race.runs:
        own = race.setup.looks[key].colour
        on_paper = LIGHT["trails"].get(own, {"line": own})
        name = name_of(key)
        yield colour(name, on_paper["line"])
        if "edge" in on_paper:
            yield colour(f"{name}-edge", on_paper["edge"])


def _marks(race: Result) -> Iterator[str]:
    for one in dict.fromkeys(race.setup.looks[key].mark for key in race.runs):
        yield from declared(one)
    for name, corners in _OPEN.items():
        moves = [
            rf"{'lineto' if k else 'moveto'}{{\pgfpoint{{{x}\pgfplotmarksize}}"
            rf"{{{y}\pgfplotmarksize}}}}"
            for k, (x, y) in enumerate(corners)
        ]
        path = "".join(rf"\pgfpath{move}" for move in moves)
        yield rf"\pgfdeclareplotmark{{{name}}}{{%"
        yield f"  {path}%"
        yield r"  \pgfpathclose\pgfusepathqstroke}"


def _line_of(race: Result, key: str) -> str:
    """How the line of an entry is drawn: in its colour, and with its edge."""
    own = race.setup.looks[key].colour
    name = name_of(key)
    edge = "edge" in LIGHT["trails"].get(own, {})
    under = f", preaction={{draw={name}-edge, line width=2.2pt}}" if edge else ""
    return f"trail, draw={name}{under}"


def _mark_of(race: Result, key: str) -> str:
    look, name = race.setup.looks[key], name_of(key)
    on_paper = LIGHT["trails"].get(look.colour, {})
    edge = f"{name}-edge" if "edge" in on_paper else "white"
    options = f"draw={edge}, fill={name}, line width=0.4pt"
    return f"mark={mark_name(look.mark)}, mark options={{{options}}}"


def _legend(race: Result, key: str) -> list[str]:
    name = escaped(race.setup.name(key))
    style = f"{_line_of(race, key)}, {_mark_of(race, key)}, mark size=2.6pt"
    return [
        rf"\addlegendimage{{{style}}}",
        rf"\addlegendentry{{{name}}}",
    ]


def _plot(options: str, texts: Iterable[str]) -> list[str]:
    return [rf"\addplot[{options}] coordinates {{", *(f"  {t}" for t in texts), "};"]


# -- the map --------------------------------------------------------------------------


def _map(race: Result, grid: Grid, span: Span) -> Iterator[str]:
    setup, surface = race.setup, race.setup.surface
    domain = surface.view_domain
    box = (domain.x_low, domain.x_high, domain.y_low, domain.y_high)
    x_low, x_high, y_low, y_high = map(number, box)
    yield r"\begin{tikzpicture}"
    yield r"\begin{axis}["
    yield r"  race axis, width=11cm, height=9cm, xlabel={$x$}, ylabel={$y$},"
    yield f"  xmin={x_low}, xmax={x_high}, ymin={y_low}, ymax={y_high},"
    yield "]"
    yield from _contours(race, grid)
    for key, run in race.runs.items():
        points = run["points"]
        off = int((~inside(points, box)).sum())
        yield f"% {setup.name(key)}: {len(points)} iterates" + (
            f", {off} of them off the map" if off else ""
        )
        yield from _plot(
            f"{_line_of(race, key)}, forget plot",
            coordinates(cut(points, around(box))),
        )
    for key, run in race.runs.items():
        last = run["points"][-1:]
        if inside(last, box).all():
            yield from _plot(f"head, {_mark_of(race, key)}", coordinates([last]))
    for name, _, sign, size in _PLACES:
        places = on_map(surface, getattr(surface, name))
        if len(places):
            style = f"only marks, mark={sign}, mark size={size}, draw=critical"
            style += ", mark options={line width=0.9pt}, forget plot"
            yield from _plot(style, coordinates([np.array(places, float)]))
    starts = dict.fromkeys([setup["start"], *map(setup.start_of, race.runs)])
    ring = "mark=o, mark size=3pt, draw=start, mark options={line width=0.9pt}"
    if span.first == 0:
        yield from _plot(
            f"only marks, {ring}, forget plot",
            coordinates([np.array([*starts], float)]),
        )
    for key in race.runs:
        yield from _legend(race, key)
    if span.first == 0:
        yield rf"\addlegendimage{{only marks, {ring}}}"
        yield r"\addlegendentry{start}"
    for name, word, sign, size in _PLACES:
        if len(getattr(surface, name)):
            style = f"only marks, mark={sign}, mark size={size}, draw=critical"
            yield rf"\addlegendimage{{{style}, mark options={{line width=0.9pt}}}}"
            yield rf"\addlegendentry{{{word}}}"
    yield r"\end{axis}"
    yield r"\end{tikzpicture}"


def _contours(race: Result, grid: Grid) -> Iterator[str]:
    relief = relief_of(race.setup.surface, grid, race.setup["level"])
    heights = relief.height(grid.z)
    first, step, count = levels_of(heights)
    levels = [first + k * step for k in range(count)]
    for level, lines in contours(grid, heights, levels).items():
        if lines:
            yield f"% contour at the height {level!r} ({relief.level})"
            yield from _plot("contour line", coordinates(lines))


# -- the losses -----------------------------------------------------------------------


def _losses(race: Result, grid: Grid, span: Span) -> Iterator[str]:
    """The loss at each step: above the lowest minimum, where that is known."""
    setup, known, base = race.setup, race.meta["known"], race.meta["base"]
    first, last = span.first, max(span.last, span.first + 1)
    curves = {key: _curve(run["losses"], base, known) for key, run in race.runs.items()}
    low, high = _range(curves.values(), known, grid)
    ends = (float(first), float(last), low, high)
    label = "loss above the lowest minimum" if known else "loss"
    yield r"\begin{tikzpicture}"
    yield r"\begin{axis}["
    yield rf"  race axis, width=11cm, height=5cm, xlabel={{step}}, ylabel={{{label}}},"
    mode = ", ymode=log" if known else ""
    mode += ", xtick distance=1" if last - first < WHOLE_TICKS else ""
    yield (
        f"  xmin={first}, xmax={last}, ymin={number(low)}, ymax={number(high)}{mode},"
    )
    yield "]"
    for key, curve in curves.items():
        steps = first + np.arange(len(curve), dtype=float)
        points = np.stack([steps, curve], axis=1)
        drawn = np.isfinite(curve) & ((curve > 0) | (not known))
        without = int((~drawn).sum())
        yield f"% {setup.name(key)}: {len(curve)} losses" + (
            f", {without} of them without a place on this axis" if without else ""
        )
        # Lengths of logarithms are small enough for TeX.
        parts = _stretches(points, drawn) if known else cut(points, around(ends))
        # A line of one point is none.
        style = f"only marks, {_mark_of(race, key)}" if len(curve) == 1 else ""
        yield from _plot(style or _line_of(race, key), coordinates(parts))
        yield rf"\addlegendentry{{{escaped(setup.name(key))}}}"
    yield r"\end{axis}"
    yield r"\end{tikzpicture}"


def _curve(losses: np.ndarray, base: float, known: bool) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return losses - base if known else losses


def _stretches(points: np.ndarray, drawn: np.ndarray) -> list[np.ndarray]:
    """The parts of a curve in which every point has a place."""
    breaks = np.flatnonzero(drawn[1:] != drawn[:-1]) + 1
    parts, kinds = np.split(points, breaks), np.split(drawn, breaks)
    return [part for part, so in zip(parts, kinds, strict=True) if so.all()]


def _range(
    curves: Iterable[np.ndarray], known: bool, grid: Grid
) -> tuple[float, float]:
    """What the axis spans: all losses, but what is far beyond those of the map."""
    lows, firsts, highs = [], [], []
    for curve in curves:
        there = curve[np.isfinite(curve) & ((curve > 0) | (not known))]
        if there.size:
            lows.append(float(there.min()))
            firsts.append(float(there[0]))
            highs.append(float(there.max()))
    if not lows:
        return (0.1, 1.0) if known else (0.0, 1.0)
    if known:
        high = min(max(highs), 1e3 * max(firsts))
        return max(min(lows), high * 1e-30) / 2, 2 * high
    on_map = grid.z[np.isfinite(grid.z)]
    low = max(min(lows), min(float(on_map.min(initial=np.inf)), *firsts))
    high = min(max(highs), max(float(on_map.max(initial=-np.inf)), *firsts))
    room = 0.05 * (high - low) or 0.5
    return low - room, high + room


# -- the table ------------------------------------------------------------------------


def _table(race: Result, span: Span) -> Iterator[str]:
    """Where each run is at the last step that is shown, and how it ended."""
    setup = race.setup
    whole = span.last == setup["steps"]
    x, y, loss = (
        ("last $x$", "last $y$", "last loss") if whole else ("$x$", "$y$", "loss")
    )
    at = "optimizer" if whole else f"at step {span.last}"
    yield r"\begin{tabular}{>{\raggedright\arraybackslash}p{3.4cm}rrr"
    yield r">{\raggedright\arraybackslash}p{5.2cm}}"
    yield r"\hline"
    yield rf"{at} & {x} & {y} & {loss} & outcome \\"
    yield r"\hline"
    for key, run in race.runs.items():
        x, y = run["points"][-1]
        cells = [
            escaped(setup.name(key)),
            *(shown(value) for value in (x, y, run["losses"][-1])),
            escaped(race.per_run[key]["text"]),
        ]
        yield " & ".join(cells) + r" \\"
    yield r"\hline"
    yield r"\end{tabular}"
