"""A race as a value for notebooks: it shows itself, and gives tables and files.

Entries and surfaces are those of the page, or one's own: any JAX function of a point,
any optimizer of optax's. Settings are those of the page's address, by the same names.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import optax
import plotly.graph_objects as go

from optim import OPTIMIZERS, Optimizer, Trajectory
from optim.from_optax import as_rule
from optim.typed import LABEL, label_of, typed_rule
from optim.typed.reading import LONGEST
from surfaces import SURFACES, Domain, Grid, Surface, sample
from surfaces.own import own_surface
from views import theme
from views.entries import MARK, MOST_ON
from views.fields import fields
from views.films.alone import Shot, save_film
from views.own_rules import MOST_OWN, OWN_ENTRIES
from views.race import race_with, run_race
from views.render import FILMS
from views.setup import Setup
from views.studies.files import TYPES, file
from views.webpage import Options, parse_sliders, web_page

if TYPE_CHECKING:
    from views.widget import RaceWidget

DOMAIN = Domain(-3.0, 3.0, -3.0, 3.0)
"""Where a function of one's own is looked at, unless it is said."""

GRID = 161
"""Points of a figure's grid along a side."""

HEIGHT = 620
"""Pixels of the player in a notebook."""

_PLAIN = r"w \leftarrow w + \delta"

_counter = itertools.count(1)

_PAGES = frozenset(OPTIMIZERS)
"""The keys of the rules that every page has."""

Own = optax.GradientTransformation | Optimizer
"""What may race besides the rules of the page."""


class Entrant(NamedTuple):
    """An optimizer that is to race.

    Attributes:
        rule: Which.
        hypers: Its hyperparameters by name; others are as recommended.
        own: Whether no page has it.
    """

    rule: Optimizer
    hypers: Mapping[str, float]
    own: bool = False


def entrant(key: str) -> Callable[..., Entrant]:
    """The optimizer of a key as a function of its hyperparameters.

    Raises:
        AttributeError: If there is none.
    """
    if key not in OPTIMIZERS:
        raise AttributeError(f"there is no optimizer {key!r}; there are {_all()}")
    rule = OPTIMIZERS[key]

    def make(**hypers: float) -> Entrant:
        return Entrant(rule, _known(rule, hypers))

    make.__name__ = key
    make.__doc__ = f"{rule.label}, with {', '.join(rule.hypers._fields) or 'nothing'}."
    return make


@dataclass(frozen=True, eq=False)
class Raced:
    """A race that was run. In a notebook, it is the player.

    Attributes:
        setup: Of what: all that a page's address says.
        runs: The trajectories by entry, in float64.
        own: Whether the surface or an optimizer is one's own, and no address has it.
    """

    setup: Setup
    runs: Mapping[str, Trajectory]
    own: bool = False
    _page: dict[Options, str] = field(default_factory=dict, repr=False)

    @property
    def outcomes(self) -> dict[str, str]:
        """How each run ends, in words, by name."""
        return {self.setup.name(k): run.outcome.text for k, run in self.runs.items()}

    @property
    def address(self) -> str:
        """What stands behind the address of a page that shows it.

        Raises:
            ValueError: If the surface or an optimizer is one's own.
        """
        if self.own:
            raise ValueError("a function of your own has no address")
        return f"?{self.setup.query}"

    def to_html(self, *, scene: bool = True, sliders: tuple[str, ...] = ()) -> str:
        """The race as one HTML file that plays without a server.

        Args:
            scene: Whether the surface is in it in 3D, which takes 1.8 MB.
            sliders: Those that stay alive, such as "adam.lr": one an optimizer.

        Raises:
            ValueError: In a sentence, if a slider cannot, or the file is too large.
        """
        options = Options(scene, parse_sliders(self.setup, sliders))
        if options not in self._page:
            self._page[options] = web_page(self.setup, options).decode()
        return self._page[options]

    def to_dataframe(self) -> Any:
        """Each iterate of each run, a row each, as a table of pandas'."""
        import pandas as pd  # Half a second, which not everyone needs.

        steps = np.arange(self.setup["steps"] + 1)
        return pd.concat(
            [
                pd.DataFrame(
                    {
                        "entry": key,
                        "name": self.setup.name(key),
                        "step": steps,
                        "x": run.points[:, 0],
                        "y": run.points[:, 1],
                        "loss": run.losses,
                    }
                )
                for key, run in self.runs.items()
            ],
            ignore_index=True,
        )

    def figure(self) -> go.Figure:
        """The trails above the contours, as a figure of Plotly's."""
        surface, looks = self.setup.surface, self.setup.looks
        grid: Grid = sample(surface, GRID)
        figure = go.Figure(
            go.Contour(
                x=grid.x,
                y=grid.y,
                z=_relief(grid.z, surface),
                ncontours=24,
                colorscale=list(theme.MAP_SCALE),
                showscale=False,
                hoverinfo="skip",
                line={"width": 0.5},
            )
        )
        for key, run in self.runs.items():
            figure.add_scatter(
                x=run.points[:, 0],
                y=run.points[:, 1],
                mode="lines+markers",
                name=self.setup.name(key),
                marker={"size": 4},
                line={"color": looks[key].colour},
                customdata=np.column_stack((np.arange(len(run.losses)), run.losses)),
                hovertemplate="step %{customdata[0]}: (%{x}, %{y})"
                "<br>loss %{customdata[1]}",
            )
        low_x, high_x, low_y, high_y = surface.view_domain
        figure.update_xaxes(title="x", range=[low_x, high_x], showgrid=False)
        figure.update_yaxes(title="y", range=[low_y, high_y], showgrid=False)
        figure.update_layout(title=surface.label, template="plotly_dark")
        return figure

    def to_mp4(
        self,
        path: str | Path,
        *,
        what: str = "page",
        size: str = "1280x720",
        seconds: float = 10.0,
        fps: float | None = None,
        first: int = 0,
        last: int | None = None,
        colours: str | None = None,
        loop: bool = True,
    ) -> Path:
        """Writes a film of the race: MP4, or GIF or WebP where the name ends so.

        It is drawn by Chromium, which Playwright drives without a window.

        Args:
            path: Ends in .mp4, .gif or .webp.
            what: All of it: "page"; or "map", "scene", "losses".
            size: In pixels, such as "1920x1080".
            seconds: That it takes.
            fps: Frames a second.
            first: The step that it begins with.
            last: The step that it ends with; by default the last one.
            colours: "light", or "seen": those of the theme.
            loop: Whether a GIF or a WebP begins again at its end.

        Raises:
            ValueError: In a sentence, if there is no such film.
            RuntimeError: In a sentence, if Playwright or a browser is missing.
        """
        path = Path(path)
        shot = Shot(what, size, seconds, fps, first, last, colours, loop)
        save_film(self.setup, path, shot, named=not self.own)
        return path

    def widget(self, *, scene: bool = True) -> "RaceWidget":
        """The player with sliders that the kernel answers; needs anywidget.

        Args:
            scene: Whether the surface is shown in 3D, too.

        Raises:
            RuntimeError: In a sentence, if anywidget is missing.
        """
        try:
            from views.widget import RaceWidget
        except ImportError:
            raise RuntimeError("This needs anywidget: pip install anywidget.") from None
        saved = self._repr_html_()
        return RaceWidget(self.setup, saved=saved, height=HEIGHT, scene=scene)

    def save(self, path: str | Path) -> Path:
        """Writes a file as its name ends: html, a film, a table or arrays.

        Raises:
            ValueError: If there is no such kind.
        """
        path = Path(path)
        form = path.suffix.removeprefix(".").lower()
        if form == "html":
            path.write_text(self.to_html(), "utf-8")
        elif form in FILMS:
            self.to_mp4(path)
        elif form in TYPES:
            result = race_with(self.setup, _unseen, exact=True)
            path.write_bytes(file(result, form, _unseen))
        else:
            kinds = ", ".join(("html", *FILMS, *TYPES))
            raise ValueError(f"there are no {form!r} files; allowed: {kinds}")
        return path

    def _repr_html_(self) -> str:
        document = escape(self.to_html(scene=False))
        return (
            f'<iframe srcdoc="{document}" width="100%" height="{HEIGHT}" '
            'style="border: 0" title="Loss-surface visualizer"></iframe>'
        )


def race(
    surface: str | Surface | Callable[..., Any],
    *entrants: Entrant | Own,
    domain: tuple[float, float, float, float] | None = None,
    **settings: Any,
) -> Raced:
    """Runs optimizers down a surface.

    Args:
        surface: The key of one, such as "rosenbrock"; a formula, such as
            "x^2 + 3*y^2"; a `Surface`; or any JAX function of a point.
        *entrants: The optimizers, such as `adam(lr=0.2)`, any of optax's, or a
            rule of one's own; by default the five.
        domain: Of a formula or a function: x from, to, y from, to.
        **settings: What else an address says, by its names: `steps=800`,
            `start=(-1, 1)`, `noise=0.1`, `kappa=100`, `schedule="cosine"`.

    Raises:
        ValueError: In a sentence, for the first thing that is wrong.
    """
    key, texts = _surface(surface, domain, settings.get("start"))
    own = key != "formula" and not isinstance(surface, str)
    raced = [_own(one) for one in entrants]
    own = own or any(one.own for one in raced)
    texts |= _entries(raced) | {name: _text(value) for name, value in settings.items()}
    setup, problems = Setup(key).edited(texts)
    if problems:
        raise ValueError(problems[0])
    return Raced(setup, run_race(setup).runs, own)


def _surface(
    surface: str | Surface | Callable[..., Any],
    domain: tuple[float, float, float, float] | None,
    start: Any,
) -> tuple[str, dict[str, str | None]]:
    """The key of a surface, and what its address says besides."""
    if isinstance(surface, str):
        if surface in SURFACES:
            return surface, {}
        low_x, high_x, low_y, high_y = domain or DOMAIN
        texts = {"f": surface, "x": f"{low_x},{high_x}", "y": f"{low_y},{high_y}"}
        return "formula", dict(texts)
    if not isinstance(surface, Surface):
        if not callable(surface):
            raise ValueError(
                f"a surface is a name, a formula or a function, not {surface!r}"
            )
        where = Domain(*(domain or DOMAIN))
        surface = own_surface(surface, where, key=f"own{next(_counter)}", start=start)
    SURFACES.setdefault(surface.key, surface)
    if SURFACES[surface.key] is not surface:
        raise ValueError(f"there is another surface with the key {surface.key!r}")
    return surface.key, {}


def _own(one: Entrant | Own) -> Entrant:
    """An optimizer of one's own under a key of its own."""
    if isinstance(one, Entrant):
        return one
    if not isinstance(one, optax.GradientTransformation | Optimizer):
        raise ValueError(
            "an optimizer is one like adam(lr=0.1), optax's, or a rule such as "
            f"typed_rule makes, not {one!r}"
        )
    return named(one)


def named(optimizer: Own, label: str = "", **hypers: float) -> Entrant:
    """An optimizer of one's own, with a name; the same one keeps what it was called.

    A rule that `optim.typed_rule` has made is an entry of the page, and its text is in
    the address. Another has a key and a look for as long as Python runs.

    Args:
        optimizer: One of optax's, or a rule, such as `optim.typed_rule` makes.
        label: What it is called; by default the rule's own name, or a number.
        **hypers: Hyperparameters of the rule; one of optax's holds its own.

    Raises:
        TypeError: If it has no such hyperparameter.
    """
    rule = optimizer if isinstance(optimizer, Optimizer) else as_rule(optimizer)
    if typed := _typed(rule, label):
        return Entrant(typed, _known(typed, hypers))
    found = next((r for r in OPTIMIZERS.values() if r.step is rule.step), None)
    if found is None or (label and label != found.label):
        number = next(_counter)
        label = label or (f"optax {number}" if rule.key == "optax" else rule.label)
        formula = rule.formula or _PLAIN
        found = replace(rule, key=f"{rule.key}{number}", label=label, formula=formula)
        colour, mark = theme.FURTHER[number % len(theme.FURTHER)]
        theme.LOOKS[found.key] = theme.Look(colour, mark, label)
        OPTIMIZERS[found.key] = found
        fields.cache_clear()  # Its settings are there now, on every surface.
    return Entrant(found, _known(found, hypers), own=found.key not in _PAGES)


def _typed(rule: Optimizer, label: str) -> Optimizer | None:
    """A typed rule with its name in its text; None if that has no place there."""
    label = label or ("" if rule.label == LABEL else rule.label)
    if not rule.text or label in ("", label_of(rule.text)):
        return rule if rule.text else None
    text = f"# {label}\n{rule.text}"
    fits = len(text) <= LONGEST and label_of(text) == label
    return typed_rule(text) if fits else None


def _known(rule: Optimizer, hypers: Mapping[str, float]) -> Mapping[str, float]:
    """The hyperparameters, if the rule has them."""
    known = rule.hypers._fields
    for name in hypers:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise TypeError(f"{rule.key} has no {name!r}; there are {listed}")
    return hypers


def _entries(raced: list[Entrant]) -> dict[str, str | None]:
    """What an address says of the optimizers."""
    if not raced:
        return {}
    if len(raced) > MOST_ON:
        raise ValueError(f"{len(raced)} optimizers are too many; {MOST_ON} can race")
    counts: dict[str, int] = {}
    texts: dict[str, str | None] = {}
    keys = []
    for rule, hypers, _ in raced:
        counts[rule.key] = number = counts.get(rule.key, 0) + 1
        key = rule.key if number == 1 else f"{rule.key}{MARK}{number}"
        if rule.text and rule.key not in OPTIMIZERS:
            if number > MOST_OWN:
                raise ValueError(
                    f"{number} typed rules are too many; {MOST_OWN} can race"
                )
            key = OWN_ENTRIES[number - 1]
            texts[key] = rule.text
        keys.append(key)
        texts |= {f"{key}.{name}": _text(value) for name, value in hypers.items()}
    return {"on": ",".join(keys)} | texts


def _text(value: Any) -> str:
    """A value as an address has it."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list, np.ndarray)):
        return ",".join(map(_text, value))
    return repr(float(value)) if not isinstance(value, int) else str(value)


def _relief(losses: np.ndarray, surface: Surface) -> np.ndarray:
    """Heights that show the structure: logarithms where losses span magnitudes."""
    if surface.color_scale == "linear":
        return losses
    lowest = np.nanmin(losses)
    return np.log10(1.0 + losses - lowest)


def _unseen(_: float) -> None:
    """Takes the progress, where it is not shown."""


def _all() -> str:
    return ", ".join(OPTIMIZERS)
