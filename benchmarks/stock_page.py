"""The alternative: the same race, shown the way Streamlit and Plotly suggest.

A slider for each learning rate, a figure with native animation frames, every fifth
step, and a play button. The numbers come from our own `surfaces` and `optim`, so
only the front end differs. It is kept light: what can be cached is, and trails are
sent as float32, like ours.

    streamlit run benchmarks/stock_page.py        ?view=3d   ?steps=2000
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from optim import OPTIMIZERS, Trajectory, descend
from surfaces import SURFACES, sample

SURFACE = SURFACES["rosenbrock"]
FIVE = [OPTIMIZERS[key] for key in SURFACE.learning_rates]
COLOURS = ("#00d0f4", "#fc2cf0", "#ffffff", "#3dff74", "#5b8dff")
EVERY = 5


@st.cache_data
def grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The surface, its heights as logarithms, sampled once."""
    x, y, z = sample(SURFACE, 121)
    return x.astype("f4"), y.astype("f4"), np.log10(z + 1).astype("f4")


def race(rates: dict[str, float], steps: int) -> list[Trajectory]:
    """The five runs."""
    return [
        descend(
            SURFACE,
            optimizer,
            SURFACE.start,
            optimizer.hypers(lr=rates[optimizer.key]),
            steps,
        )
        for optimizer in FIVE
    ]


def map_trail(run: Trajectory, rows: int, **look: Any) -> go.Scatter:
    """The first rows of a run, on the contour map."""
    x, y = run.points[:rows].T.astype("f4")
    return go.Scatter(x=x, y=y, mode="lines", **look)


def scene_trail(run: Trajectory, rows: int, **look: Any) -> go.Scatter3d:
    """The first rows of a run, on the surface."""
    x, y = run.points[:rows].T.astype("f4")
    z = np.log10(run.losses[:rows] + 1).astype("f4")
    return go.Scatter3d(x=x, y=y, z=z, mode="lines", **look)


def figure(
    surface: go.Contour | go.Surface,
    trail: Callable[..., Any],
    runs: list[Trajectory],
    steps: int,
) -> go.Figure:
    """The surface, the whole trails, and a frame for every fifth step."""
    looks = [
        {"line": {"color": colour, "width": 3}, "name": optimizer.label}
        for colour, optimizer in zip(COLOURS, FIVE, strict=False)
    ]
    frames = [
        go.Frame(
            data=[trail(run, step + 1) for run in runs],
            traces=list(range(1, len(runs) + 1)),
            name=str(step),
        )
        for step in range(0, steps + 1, EVERY)
    ]
    trails = [
        trail(run, steps + 1, **look) for run, look in zip(runs, looks, strict=False)
    ]
    # Without a redraw, frames erase the contour and leave the scene as it is.
    pace = {"frame": {"duration": 16, "redraw": True}, "mode": "immediate"}
    play = {"label": "Play", "method": "animate", "args": [None, pace]}
    x_low, x_high, y_low, y_high = SURFACE.domain
    x, y = {"range": [x_low, x_high]}, {"range": [y_low, y_high]}
    return go.Figure(
        [surface, *trails],
        {
            "height": 560,
            "xaxis": x,
            "yaxis": y,
            "scene": {"xaxis": x, "yaxis": y, "zaxis": {"range": [0, 3.5]}},
            "updatemenus": [{"type": "buttons", "buttons": [play]}],
            "uirevision": "same",
        },
        frames,
    )


def page() -> None:
    """The script."""
    st.set_page_config("Stock page", layout="wide")
    in_space = st.query_params.get("view") == "3d"
    steps = int(st.query_params.get("steps", "500"))
    powers = {}
    for column, optimizer in zip(st.columns(5), FIVE, strict=False):
        usual = float(np.log10(SURFACE.learning_rates[optimizer.key]))
        powers[optimizer.key] = column.slider(
            f"{optimizer.label}: log10 of the rate", -5.0, 1.0, usual, 0.01
        )
    runs = race({key: 10**power for key, power in powers.items()}, steps)
    x, y, z = grid()
    if in_space:
        surface: go.Contour | go.Surface = go.Surface(x=x, y=y, z=z, showscale=False)
        drawn = figure(surface, scene_trail, runs, steps)
    else:
        surface = go.Contour(x=x, y=y, z=z, showscale=False, ncontours=22)
        drawn = figure(surface, map_trail, runs, steps)
    # By this a measurement knows which setting a picture shows.
    drawn.update_layout(meta={"powers": list(powers.values())})
    st.plotly_chart(drawn, key="race")


if __name__ == "__main__":
    page()
