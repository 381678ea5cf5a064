"""Films of a race in a notebook: of one's own function, too, and while a loop runs."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import optax
import pytest
from PIL import Image

from loss_surface import named, race
from optim import OPTIMIZERS
from surfaces import SURFACES
from views import theme
from views.mark import marked


@pytest.fixture
def own():
    """A race of one's own, of which the registries know for one test."""
    tables = (SURFACES, OPTIMIZERS, theme.LOOKS)
    before = [dict(table) for table in tables]
    mine = named(optax.sgd(0.05), "mine")
    yield race(lambda w: (w[0] - 1) ** 2 + 3 * w[1] ** 2, mine, steps=20)
    for table, then in zip(tables, before, strict=True):
        table.clear()
        table.update(then)


def test_a_race_of_ones_own_becomes_a_film_while_a_loop_runs(own, tmp_path):
    async def film():
        shot = {"what": "map", "size": "640x360", "seconds": 1, "fps": 10}
        return own.to_mp4(tmp_path / "race.mp4", **shot)

    with ThreadPoolExecutor(1) as other:  # One runs here where a browser is driven.
        path = other.submit(lambda: asyncio.run(film())).result()
    with av.open(path) as video:
        frames = [one.to_ndarray(format="rgb24") for one in video.decode(video=0)]
    assert [one.shape for one in frames] == [(360, 640, 3)] * 10
    assert np.abs(frames[0].astype(int) - frames[-1]).max() > 60, "nothing moves"
    with pytest.raises(RuntimeError, match="earlier step than its last"):
        own.to_mp4(tmp_path / "no.mp4", what="losses", first=9, last=3)
    assert not (tmp_path / "no.mp4").exists()


def test_a_film_of_an_address_names_it(tmp_path):
    path = race("booth", steps=20).to_mp4(
        tmp_path / "race.gif", what="losses", size="640x360", seconds=0.5, fps=10
    )
    assert "surface=booth" in marked(path.read_bytes())
    with Image.open(path) as film:
        assert film.n_frames == 5
