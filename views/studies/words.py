"""Results of studies in words, for headings and above tables."""

from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from parameters.digits import digits
from views import studies
from views.fields import PROJECTIONS, TYPED
from views.result import Result
from views.setup import Setup
from views.tabs import TABS

LONGEST = 40
"""Letters of a typed formula that still fits into a title."""


def words(result: Result) -> dict[str, Any]:
    """What a picture of a result says of it: the player draws and saves it."""
    return {
        "title": title(result),
        "computed": computed(result),
        "query": setup_text(result),
        "page": page_query(result),
    }


def setup_text(result: Result) -> str:
    """The text of a setup, which is never empty."""
    return result.setup.text


def page_query(result: Result) -> str:
    """The query of the address whose page shows a result: a study has its own view."""
    if result.kind == studies.RACE.key:
        return setup_text(result)
    named = [key for key, tab in TABS.items() if result.kind in tab.parts]
    study = result.setup["study"]
    study = study if study in named else named[0]
    setup, _ = result.setup.edited({"view": "studies", "study": study})
    return setup.query


def about(result: Result) -> dict[str, Any]:
    """What a file says of a result, as JSON values."""
    return {
        "title": title(result),
        "computed": computed(result),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Of what computed it."""
    return {"jax": jax.__version__, "numpy": np.__version__}


def title(result: Result) -> str:
    """What a result is of, in a few words."""
    setup = result.setup
    return f"{surface_name(setup)}: {studies.FILED[result.kind].title(result)}"


def surface_name(setup: Setup) -> str:
    """What a surface is called: a short formula is its own name."""
    if setup.surface_key == TYPED and len(setup["f"]) <= LONGEST:
        return setup["f"]
    return setup.surface.label


def computed(result: Result) -> str:
    """How much was computed, in words."""
    size = studies.FILED[result.kind].describe_size(result)
    return ", ".join(
        [size, f"{result.setup['steps']} steps", *conditions(result.setup, result.runs)]
    )


def conditions(setup: Setup, entries: Iterable[str]) -> list[str]:
    """The conditions of the runs, in words; nothing where there are none."""
    set_to = {
        f"{setup['schedule'].replace('_', ' ')} schedule": setup["schedule"]
        != "constant",
        f"warm-up {setup['warmup']}": setup["warmup"],
        f"noise {digits(setup['noise'])}": setup["noise"],
        f"L2 {digits(setup['l2'])}": setup["l2"],
        f"projected {PROJECTIONS[setup['project']]}": setup["project"] != "none",
    }
    samples = setup.declared_surface.sampled
    if samples is not None:
        set_to[f"batch {setup['batch']}"] = setup["batch"] != samples
    common = [words for words, so in set_to.items() if so]
    own = {setup.numbered(key): setup.own(key) for key in entries}
    return common + [f"{name}: {', '.join(of)}" for name, of in own.items() if of]
