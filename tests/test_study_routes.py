"""What the studies' routes answer: each cell is the study's, and so the race's."""

import json
import struct

import numpy as np
import pytest

from optim import OPTIMIZERS, descend
from optim.studies import KINDS, basins
from surfaces import SURFACES
from views.setup import TYPED, Setup
from views.studies import ENDS, FIRST_END, NEVER, RATES, pack_basins, pack_sweep

DTYPES = {"losses": "<f4", "steps": "<u2", "ends": "u1"}


def unpack(data):
    """Reads a packed study as the docstring of views/studies.py describes it."""
    (length,) = struct.unpack_from("<I", data)
    assert length % 4 == 0
    header = json.loads(data[4 : 4 + length])
    sweep = "rates" in header
    count = header["rates"] if sweep else header["size"] ** 2
    offset, runs = 4 + length, {run["key"]: {} for run in header["runs"]}
    for name, dtype in DTYPES.items():
        if name == "losses" and not sweep:
            continue
        for run in runs.values():
            run[name] = np.frombuffer(data, dtype, count, offset)
            offset += run[name].nbytes
    assert offset == len(data)
    return header, runs


def setup_of(**changes):
    setup, problems = Setup().edited({k: str(v) for k, v in changes.items()})
    assert problems == ()
    return setup


def test_basins_are_the_engines():
    setup = setup_of(surface="himmelblau", on="gradient_descent,adam", steps=120)
    header, runs = unpack(pack_basins(setup, 24))
    surface = SURFACES["himmelblau"]
    assert header["size"] == 24
    assert header["minima"] == [list(at) for at in surface.minima]
    assert header["window"] == list(surface.window)
    assert list(runs) == ["gradient_descent", "adam"]
    for key, run in runs.items():
        found = basins(surface, OPTIMIZERS[key], setup.hypers(key), 24, 120).study
        there = found.minima.ravel() >= 0
        assert there.any()
        np.testing.assert_array_equal(run["ends"][there], found.minima.ravel()[there])
        for i in np.flatnonzero(~there):
            kind = KINDS[found.kinds.ravel()[i]]
            assert ENDS[run["ends"][i] - FIRST_END] == kind


def test_a_cell_of_the_basins_is_the_race_from_there():
    setup = setup_of(surface="himmelblau", on="adam", steps=150)
    _, runs = unpack(pack_basins(setup, 16))
    surface, adam = SURFACES["himmelblau"], OPTIMIZERS["adam"]
    x = np.linspace(surface.window.x_low, surface.window.x_high, 16)
    y = np.linspace(surface.window.y_low, surface.window.y_high, 16)
    agree = []
    for i, j in [(1, 2), (3, 11), (5, 5), (8, 14), (12, 3), (14, 14), (10, 9), (0, 7)]:
        run = descend(surface, adam, (x[i], y[j]), setup.hypers("adam"), 150)
        end = runs["adam"]["ends"].reshape(16, 16)[j, i]
        reached = run.outcome.kind == "reached"
        agree.append(reached == (end < FIRST_END))
        if reached and end < FIRST_END:
            assert surface.minima[end] == run.outcome.at
    assert all(agree)


def test_a_sweep_is_the_races_at_its_rates():
    setup = setup_of(surface="ravine", on="gradient_descent,newton,adam", steps=100)
    header, runs = unpack(pack_sweep(setup))
    assert header["rates"] == len(RATES) == 241
    assert list(runs) == ["gradient_descent", "adam"], "Newton has no learning rate"
    surface = SURFACES["ravine"]
    for key in runs:
        for i in (0, 90, 150, 170, 240):
            optimizer = OPTIMIZERS[key]
            run = descend(
                surface, optimizer, surface.start, optimizer.hypers(lr=RATES[i]), 100
            )
            end, loss = runs[key]["ends"][i], runs[key]["losses"][i]
            if run.outcome.kind == "diverged":
                assert ENDS[end - FIRST_END] == "diverged"
            else:
                assert loss == pytest.approx(run.losses[-1], rel=1e-2, abs=1e-9)
    # Stable up to 2 / kappa, and not beyond.
    stable = runs["gradient_descent"]["ends"] != FIRST_END + ENDS.index("diverged")
    assert RATES[stable].max() == pytest.approx(2 / 30, rel=0.06)


def test_what_never_came_about_has_no_step():
    setup = setup_of(surface="saddle", on="gradient_descent", steps=10)
    _, runs = unpack(pack_basins(setup, 8))
    run = runs["gradient_descent"]
    assert (run["steps"][run["ends"] == FIRST_END] == NEVER).all()


def test_studies_follow_knobs_penalty_and_typed_formulas():
    plain = pack_basins(setup_of(surface="ravine", on="momentum"), 8)
    turned = pack_basins(setup_of(surface="ravine", on="momentum", kappa=900), 8)
    assert unpack(plain)[1]["momentum"]["ends"].tolist() != (
        unpack(turned)[1]["momentum"]["ends"].tolist()
    )
    header, _ = unpack(pack_basins(setup_of(surface="booth", on="adam", l2=1), 8))
    assert header["minima"] != [[1.0, 3.0]]
    typed = setup_of(surface=TYPED, f="x^2 + y^2", on="adam")
    header, runs = unpack(pack_sweep(typed))
    assert header["known"] is False
    assert np.isfinite(runs["adam"]["losses"]).any()


def test_nobody_on_is_a_study_of_nobody():
    for pack in (lambda s: pack_basins(s, 8), pack_sweep):
        header, runs = unpack(pack(setup_of(on="")))
        assert header["runs"] == []
        assert runs == {}


def test_what_a_study_leaves_out_is_said():
    header, _ = unpack(pack_basins(setup_of(on="adam"), 8))
    assert header["left_out"] == []
    noisy = {"noise": 2, "schedule": "cosine", "warmup": 5, "on": "adam"}
    header, _ = unpack(pack_basins(setup_of(**noisy), 8))
    assert header["left_out"] == ["the schedule", "the warm-up", "noise"]
    sampled = setup_of(surface="linear_regression", batch=2, on="adam")
    assert unpack(pack_sweep(sampled))[0]["left_out"] == ["minibatches"]
