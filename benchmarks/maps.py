"""Live basins: pictures a second while a learning rate is dragged.

Measured: the Studies view on a projector's screen, basins of Himmelblau, one input in
each frame; while a finger moves, maps have 128 x 128 starts, or 64 x 64 where the
server cannot keep up. Against: the same maps drawn as plotly.js heat maps, in the same
page, from the same route, each asked for when the last is on the screen.
"""

from benchmarks.browser import chromium, script
from benchmarks.pages import our_page
from benchmarks.server import OURS, warm
from benchmarks.table import Table, number, times

SURFACE = "surface=himmelblau"
SLIDER = {"slider": "lr-adam", "low": -2.0, "high": -0.5, "step": 0.01}
SECONDS = 6.0
SIZE = 128
MODES = {
    "five optimizers, one rate moving": ("", "", "adam.lr"),
    "five optimizers, the same rate for all": ("", "&lr=0.02", "lr"),
    "one optimizer": ("&on=adam", "", "adam.lr"),
}
"""What of the setup stays, what moves, and the key that plotly's maps move it by."""


def tables() -> list[Table]:
    """The one table of this benchmark."""
    rows = []
    with chromium() as browser, warm(OURS) as server:
        for name, (query, moving, key) in MODES.items():
            address = f"{SURFACE}&view=studies{query}{moving}"
            with our_page(browser, server, address) as page:
                page.wait_for_function(
                    "document.querySelector('.legend').textContent.includes('256 ×')"
                )
                page.evaluate(script("drag_maps"), SLIDER | {"seconds": 2.0})
                page.wait_for_timeout(1000)
                ours = page.evaluate(script("drag_maps"), SLIDER | {"seconds": SECONDS})
                page.wait_for_timeout(1000)
                theirs = page.evaluate(
                    script("plotly_maps"),
                    {
                        "query": f"{SURFACE}{query}",
                        "key": key,
                        "size": SIZE,
                        "seconds": SECONDS,
                    },
                )
            fine = ours["maps"].get(str(SIZE), 0) / ours["seconds"]
            coarse = ours["maps"].get("64", 0) / ours["seconds"]
            drawn = theirs["count"] / theirs["seconds"]
            rows.append(
                (
                    name,
                    number(ours["inputs"] / ours["seconds"]),
                    number(fine),
                    number(coarse),
                    f"{number(drawn)} ({times(drawn, fine + coarse)})",
                )
            )
    return [
        Table(
            "Live basins of Himmelblau, 200 steps",
            ("", "inputs/s", "128² maps/s", "64² maps/s", "plotly.js, 128² maps/s"),
            rows,
            "× is against our maps of either size together. Beside ours, the race is "
            "computed and drawn in every picture; plotly draws nothing else anew.",
        )
    ]
