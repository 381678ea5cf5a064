"""The figures of a notebook, by matplotlib: the map with all trails, and the losses.

Colours are those of the light theme, marks those of the page.
"""

import json
import textwrap
from collections.abc import Collection, Iterable

from views.code.lines import WIDTH, indented, statement
from views.code.program import place
from views.code.target import Target
from views.figures import LEVELS
from views.latex.marks import CORNERS
from views.palettes import LIGHT
from views.places import on_map
from views.setup import Setup
from views.studies.words import surface_name

GRID = 121
"""Points a side from which contours are drawn, as for the page's map."""

MARKERS = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "star": "*",
    "hexagon": "h",
    "down": "v",
    "plus": "P",
    "cross": "X",
    "left": "<",
    "right": ">",
    "pentagon": "p",
}
"""What matplotlib calls a mark of the page; it is given the corners of others."""

PLACES = {
    "minima": ("MINIMA", "minimum", "x"),
    "saddles": ("SADDLES", "saddle point", "D"),
    "maxima": ("MAXIMA", "maximum", "^"),
}
"""What is marked on the map: its name in code and in words, and its marker."""


def map_cell(setup: Setup, entries: Iterable[str], target: Target) -> str:
    """The code that draws the map; what draws the losses needs it.

    Args:
        setup: Of what.
        entries: Those that have a trail.
        target: The library of the loss.
    """
    surface, domain = setup.surface, setup.surface.view_domain
    entries = list(entries)
    found = {name: on_map(surface, getattr(surface, name)) for name in PLACES}
    marked = {name: places for name, places in found.items() if places}
    starts = dict.fromkeys([setup["start"], *map(setup.start_of, entries)])
    lines = [
        "# The map: contours of the loss, and the trail of each optimizer.",
        "import matplotlib.pyplot as plt",
        "from matplotlib.colors import LinearSegmentedColormap",
        "from matplotlib.patheffects import withStroke",
        *(["from matplotlib.ticker import FuncFormatter"] if _is_log(setup) else []),
        "",
        f"X = {place((domain.x_low, domain.x_high))}  # what the page shows",
        f"Y = {place((domain.y_low, domain.y_high))}",
        *_points("STARTS", starts),
        *(line for n, of in marked.items() for line in _points(PLACES[n][0], of)),
        *_marks(setup, entries),
        "LOOKS = {  # a line, its edge, and the mark at its end",
        *indented(line for key in entries for line in _look(setup, key)),
        "}",
        *_losses(setup, target),
        *_DRAW,
        f"x, y = np.linspace(*X, {GRID}), np.linspace(*Y, {GRID})",
        "points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)",
        f"z = losses(points).reshape({GRID}, {GRID})",
        "z = np.where(abs(z) < 1e300, z, np.nan)",
        *_height(setup),
        "",
        'fig, ax = plt.subplots(figsize=(9, 6), layout="constrained")',
        *statement("shades = ", _shades(), 0),
        f"filled = ax.contourf(x, y, height, {LEVELS}, cmap=shades)",
        f'lines = {{"colors": "{LIGHT["contour"]}", "linewidths": 0.6}}',
        'ax.contour(filled, linestyles="solid", **lines)',
        *_bar(setup),
        'ax.set(xlim=X, ylim=Y, xlabel="x", ylabel="y")',
        f"ax.set_title({_text(surface_name(setup))})",
        "for name, path in paths.items():",
        "    draw(ax, name, *path.T)",
        f"ring = {_ring(LIGHT['strong'])}",
        'ax.plot(*np.transpose(STARTS), "o", ms=9, label="start", **ring)',
        *_places(marked),
        'fig.legend(loc="outside right upper")',
        "plt.show()",
    ]
    return "\n".join(lines)


def losses_cell(setup: Setup) -> str:
    """The code that draws the losses against the steps, below that of the map."""
    known = setup.surface.lowest is not None
    if known:
        lines = [
            "far = 1e3 * np.nanmax(z - LOWEST)",
            "for name, path in paths.items():",
            "    above = losses(path) - LOWEST",
            "    above = np.where(above <= far, above, np.nan)",
            "    draw(ax, name, np.arange(len(path)), above)",
            'ax.set_yscale("log", nonpositive="mask")',
            "ax.margins(y=0.01)",
            "low, high = ax.get_ylim()",
            "ax.set_ylim(max(low, high * 1e-14), high)",
        ]
    else:
        lines = [
            "far = 10 * np.nanmax(abs(z))",
            "for name, path in paths.items():",
            "    seen = losses(path)",
            "    seen = np.where(abs(seen) <= far, seen, np.nan)",
            "    draw(ax, name, np.arange(len(path)), seen)",
            'ax.set_yscale("symlog", linthresh=1)',
        ]
    label = "loss above the lowest minimum" if known else "loss"
    return "\n".join(
        [
            "# The loss at each step: what is far above the losses of the map is cut"
            + (", and so is" if known else "."),
            *(["# what is more than fourteen powers of ten lower."] if known else []),
            'fig, ax = plt.subplots(figsize=(9, 4), layout="constrained")',
            *lines,
            f'ax.set(xlim=(0, STEPS), xlabel="step", ylabel="{label}")',
            "ax.xaxis.get_major_locator().set_params(integer=True)",
            'fig.legend(loc="outside right upper")',
            "plt.show()",
        ]
    )


_DRAW = [
    "",
    "",
    "def draw(ax, name, x, y):",
    '    """A line in the colours of an optimizer."""',
    "    line, edge, mark = LOOKS[name]",
    "    outline = [withStroke(linewidth=3, foreground=edge)]",
    '    ends = {"marker": mark, "markevery": [-1], "ms": 8}',
    "    ax.plot(x, y, color=line, path_effects=outline, label=name, **ends)",
    "",
    "",
]


def _is_log(setup: Setup) -> bool:
    level = setup["level"]
    return (setup.surface.color_scale if level == "auto" else level) == "log"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _points(name: str, points: Iterable[tuple[float, float]]) -> list[str]:
    return statement(f"{name} = ", f"[{', '.join(map(place, points))}]", 0)


def _shades() -> str:
    colours = ", ".join(f'"{colour}"' for colour in LIGHT["map"])
    return f'LinearSegmentedColormap.from_list("page", [{colours}])'


# -- entries --------------------------------------------------------------------------


def _marks(setup: Setup, entries: Iterable[str]) -> list[str]:
    """The corners of marks that matplotlib does not have."""
    lines = []
    for mark in dict.fromkeys(setup.looks[key].mark for key in entries):
        if mark not in MARKERS:
            corners = [*CORNERS[mark], CORNERS[mark][0]]
            text = ", ".join(f"({x:.3g}, {y:.3g})" for x, y in corners)
            wrapped = textwrap.wrap(f"{text},", WIDTH - 4)
            lines += [f"{mark.upper()} = [", *indented(wrapped), "]"]
    return lines


def _look(setup: Setup, key: str) -> list[str]:
    look = setup.looks[key]
    drawn = LIGHT["trails"].get(look.colour, {"line": look.colour})
    mark = f'"{MARKERS[look.mark]}"' if look.mark in MARKERS else look.mark.upper()
    edge = drawn.get("edge", LIGHT["edge"])
    name, value = _text(setup.name(key)), f'("{drawn["line"]}", "{edge}", {mark})'
    line = f"{name}: {value},"
    return (
        [line]
        if len(line) <= WIDTH - 4
        else [f"{name}: (", f"    {value[1:-1]},", "),"]
    )


# -- the loss -------------------------------------------------------------------------


def _losses(setup: Setup, target: Target) -> list[str]:
    """The function of the losses at many points."""
    of_many = {
        "torch": "torch.func.vmap(loss)(torch.tensor(points)).numpy()",
        "optax": "np.asarray(jax.vmap(loss)(jnp.array(points)))",
    }
    each = "np.array([loss(w) for w in points])"
    one = (
        each
        if setup.plain_surface.data
        else ("np.broadcast_to(loss(points.T), len(points))")
    )
    return [
        "",
        "",
        "def losses(points):",
        '    """The loss at each of some points, one a row."""',
        f"    return {of_many.get(target.key, one)}",
    ]


def _height(setup: Setup) -> list[str]:
    """The heights of contours: losses, or as the page's colours by their logarithm."""
    lowest = setup.surface.lowest
    lines = [] if lowest is None else [f"LOWEST = {float(lowest)!r}"]
    if not _is_log(setup):
        return [*lines, "height = z"]
    return [
        *lines,
        f"base = {'np.nanmin(z)' if lowest is None else 'LOWEST'}",
        "unit = max(np.nanmedian(z - base) / 100, 1e-12)",
        "# As the page's colours: by the logarithm, but for what is close to the base.",
        "height = np.sign(z - base) * np.log10(1 + abs(z - base) / unit)",
    ]


def _bar(setup: Setup) -> list[str]:
    if not _is_log(setup):
        return ['fig.colorbar(filled, label="loss")']
    return [
        "",
        "",
        "def in_words(height, _):",
        '    """The loss at a height."""',
        '    return f"{base + np.sign(height) * unit * (10 ** abs(height) - 1):.3g}"',
        "",
        "",
        'fig.colorbar(filled, label="loss", format=FuncFormatter(in_words))',
    ]


def _places(marked: Collection[str]) -> list[str]:
    lines = [f"cross = {_ring(LIGHT['critical'])}"] if marked else []
    for name in marked:
        constant, word, sign = PLACES[name]
        lines.append(
            f'ax.plot(*np.transpose({constant}), "{sign}", label="{word}", **cross)'
        )
    return lines


def _ring(colour: str) -> str:
    return f'{{"mfc": "none", "mec": "{colour}", "mew": 1.5, "zorder": 5}}'
