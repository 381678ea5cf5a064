"""What is chosen of a file that plays, and what making it takes."""

from collections.abc import Iterable
from typing import NamedTuple

from surfaces import switch
from views.setup import Setup, wrong
from views.studies.cost import COMPILING, Cost, race_seconds
from views.webpage.sliders import KeptSlider, parse_sliders

MOST = 8_000_000
"""Bytes of the largest file."""

PACKING = 3e-7
"""Seconds that a number takes, to be compressed and written."""

NUMBERS = 30
"""Numbers of a step that is seen from inside, at most."""

_SCENE = switch("s", "Scene", "Whether the surface is in the file in 3D.")


class Options(NamedTuple):
    """What is chosen of a file.

    Attributes:
        scene: Whether the surface is in it in 3D.
        sliders: Those that stay alive.
        saving: Whether films are drawn in it, of which it gives the frames.
    """

    scene: bool = True
    sliders: tuple[KeptSlider, ...] = ()
    saving: bool = False


def parse_options(
    setup: Setup, scene: Iterable[str], sliders: Iterable[str]
) -> Options:
    """What an address chooses.

    Raises:
        ValueError: In one sentence, for the first thing that is wrong.
    """
    asked = [*scene][:1]
    try:
        with_scene = bool(_SCENE.parse(asked[0])) if asked else True
    except ValueError as error:
        raise ValueError(wrong("scene", asked[0], error)) from None
    return Options(with_scene, parse_sliders(setup, sliders))


def web_page_cost(setup: Setup, options: Options) -> Cost:
    """What making a file takes: its race with all steps from inside, and its runs."""
    every, _ = setup.edited({"show": "every", "panels": "inside"})
    seconds, numbers = race_seconds(every), NUMBERS * len(setup["on"])
    for slider in options.sliders:
        alone, _ = setup.edited({"on": slider.entry, "show": None, "panels": None})
        seconds += len(slider.values) * race_seconds(alone)
        numbers += 3 * len(slider.values)
    seconds += PACKING * numbers * setup["steps"] + COMPILING * len(setup["on"])
    return Cost(seconds, MOST)
