"""Sliders that stay alive in a file: the runs at so many values, computed ahead.

A run depends on no other optimizer, so each slider has the runs of its own one alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from surfaces import Param
from views.panels import charts_of
from views.race import race_shown
from views.setup import Setup, wrong

VALUES = 41
"""Values of a slider that has any number of them."""


class KeptSlider(NamedTuple):
    """A slider of an entry.

    Attributes:
        key: Of the setting, as addresses name it.
        entry: Whose it is.
        value: What it is set to.
        values: Those of which there are runs, from low to high.
    """

    key: str
    entry: str
    value: float
    values: tuple[float, ...]


class KeptRun(NamedTuple):
    """A run at one of the values.

    Attributes:
        header: What is known of it, as JSON values.
        arrays: As the player reads them, by name.
    """

    header: dict[str, Any]
    arrays: Mapping[str, np.ndarray]


def parse_sliders(setup: Setup, texts: Iterable[str]) -> tuple[KeptSlider, ...]:
    """The sliders that an address names.

    Raises:
        ValueError: In one sentence, if there is no such slider in the race, or if the
            runs of two would depend on each other.
    """
    found: list[KeptSlider] = []
    for key in dict.fromkeys(name for text in texts for name in text.split(",")):
        if not key:
            continue
        entry = key.partition(".")[0]
        setting = setup.fields.get(key)
        own = [f"{one}.{name}" for one in setup["on"] for name in _names(setup, one)]
        if setting is None or setting.param is None or key not in own:
            raise _refused(key, f"is no slider of this race; there are {_listed(own)}")
        if key.endswith(".lr") and setup["lr"] is not None:
            raise _refused(key, "follows the rate that all share")
        if any(slider.entry == entry for slider in found):
            raise _refused(key, "is the second of its optimizer; one stays alive")
        same = [one for one in setup["on"] if setup.rule(one) is setup.rule(entry)]
        if len(same) > 1:  # They are named by what differs.
            raise _refused(key, f"is one of {len(same)} of a rule, named by its value")
        found.append(
            KeptSlider(key, entry, setup[key], _values(setting.param, setup, key))
        )
    return tuple(found)


def runs_of(slider: KeptSlider, setup: Setup) -> Iterator[KeptRun]:
    """The run at each of its values."""
    alone = {
        "on": slider.entry,
        "panels": ",".join(charts_of(setup["panels"])),
        "show": None,
        "inspect": None,
    }
    text = setup.fields[slider.key].format
    for value in slider.values:
        there, problems = setup.edited({**alone, slider.key: text(value)})
        assert not problems, problems
        result = race_shown(there)
        (run,) = result.header["runs"]
        del run["look"]  # It is as in the race.
        yield KeptRun(run | {"following": there.following}, result.runs[slider.entry])


def _names(setup: Setup, entry: str) -> tuple[str, ...]:
    return setup.rule(entry).hypers._fields


def _values(param: Param, setup: Setup, key: str) -> tuple[float, ...]:
    """So many values, with that which it is set to and the recommended one."""
    if param.scale == "switch":
        return (0.0, 1.0)
    spaced = (float(f"{value:.3g}") for value in param.spaced(VALUES))
    inside = {min(max(value, param.low), param.high) for value in spaced}
    return tuple(sorted({*inside, setup[key], setup.fields[key].default}))


def _refused(key: str, why: str) -> ValueError:
    return ValueError(wrong("sliders", key, ValueError(why)))


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
