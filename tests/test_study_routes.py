"""What the studies answer: each cell is the study's, and so the race's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from staying import staying

from optim import OPTIMIZERS, descend
from optim.base import LEARNING_RATE
from optim.studies import KINDS, Trails, basins, stability_limit
from surfaces import SURFACES, params
from views import old_names, result
from views.fields import (
    OBJECTIVES,
    START_LAYOUTS,
    STUDY_KEYS,
    TYPED,
    StudyParams,
    fields,
)
from views.result import pack
from views.setup import Setup
from views.studies import PARTS, answer, work
from views.studies.codes import ENDS, FIRST_END, FIRST_NEAR, NEVER
from views.studies.ensemble import _mean, _mean_endpoint
from views.studies.fan import FAN
from views.studies.plane import _theory
from views.studies.seeds import own_noise
from views.studies.swarm import swarm_starts
from views.tabs import TABS


def unpack(data):
    """A packed study: its header with its axes, and by run its arrays by name."""
    header, arrays = result.unpack(data)
    header["axes"] = dict.fromkeys(header["axes"])
    runs = {run["key"]: {} for run in header["runs"]}
    for name, array in arrays.items():
        owner, _, own = name.partition("/")
        if owner == "axes":
            header["axes"][own] = array.tolist()
        else:
            runs[owner][own] = array
    for run in runs.values():
        for name, array in run.items():
            axes, _ = header["arrays"][name].values()
            assert len(axes) == array.ndim
            for axis, length in zip(axes, array.shape, strict=True):
                assert len(header["axes"].get(axis, range(length))) == length
    return header, runs


def setup_of(**changes):
    """A setup; of `adam__lr`, the setting adam.lr."""
    texts = {key.replace("__", "."): str(value) for key, value in changes.items()}
    setup, problems = Setup().edited(texts)
    assert problems == ()
    return setup


def ask(study, size=None, **changes):
    """The answer, with its packed form read back; progress has to go up."""
    parts = []
    found = answer(study, setup_of(**changes), parts.append, size)
    assert parts == sorted(parts)
    assert all(0 <= part <= 1 for part in parts)
    header, runs = unpack(pack(found))
    assert header["kind"] == study
    return header, runs


def raced(setup, key, conditions_seed=None, **hypers):
    """The race of one optimizer under a setup's conditions, or with another seed."""
    conditions = setup.conditions
    if conditions_seed is not None:
        conditions = replace(conditions, seed=conditions_seed)
    return descend(
        setup.surface,
        OPTIMIZERS[key],
        hypers.pop("start", setup["start"]),
        setup.hypers(key)._replace(**hypers),
        setup["steps"],
        conditions=conditions,
    )


def word(code):
    """How a run ended, in the words of `Outcome`; a number for a minimum."""
    if code < FIRST_NEAR:
        return int(code)
    return "near descending" if code < FIRST_END else ENDS[code - FIRST_END]


def same_end(code, run, surface):
    """Whether an end of a study is that of a race."""
    if code < FIRST_NEAR:
        return run.outcome.at == surface.minima[code]
    if word(code).endswith("descending"):
        still = ("oscillating", "settled", "stalled")
        return run.outcome.at is None or run.outcome.kind in still
    return run.outcome.kind == word(code)


# -- basins ----------------------------------------------------------------------------


def test_basins_are_the_engines():
    setup = setup_of(surface="himmelblau", on="gradient_descent,adam", steps=120)
    header, runs = ask(
        "basins", 24, surface="himmelblau", on="gradient_descent,adam", steps=120
    )
    surface = SURFACES["himmelblau"]
    assert header["size"] == 24
    assert header["minima"] == [list(at) for at in surface.minima]
    assert header["saddles"] == [list(at) for at in surface.saddles]
    assert header["window"] == list(surface.view_domain)
    assert list(header["axes"]) == ["y", "x"]
    assert list(runs) == ["gradient_descent", "adam"]
    for key, run in runs.items():
        found = basins(surface, OPTIMIZERS[key], setup.hypers(key), 24, 120).study
        there = found.minima >= 0
        assert there.any()
        np.testing.assert_array_equal(run["ends"][there], found.minima[there])
        for cell in np.argwhere(~there):
            kind = KINDS[found.kinds[*cell]]
            assert word(run["ends"][*cell]) in (kind, f"near {kind}")


def test_what_goes_around_a_minimum_is_near_it():
    query = {"surface": "himmelblau", "on": "gradient_descent,momentum", "noise": 2}
    setup = setup_of(**query)
    header, runs = ask("basins", 24, **query)
    surface, minima = setup.surface, np.array(header["minima"])
    for key, run in runs.items():
        found = basins(
            surface, OPTIMIZERS[key], setup.hypers(key), 24, setup["steps"],
            conditions=setup.conditions,
        ).study  # fmt: skip
        distances = np.linalg.norm(found.points[..., None, :] - minima, axis=-1)
        around = distances <= 0.01 * surface.view_domain.diagonal
        near = (FIRST_NEAR <= run["ends"]) & (run["ends"] < FIRST_END)
        np.testing.assert_array_equal(
            near, around.any(axis=-1) & (found.kinds == KINDS.index("descending"))
        )
        assert 0.05 < near.mean() < 1
        assert around[near, run["ends"][near] - FIRST_NEAR].all()
        assert (run["steps"][near] == NEVER).all()


def test_a_cell_of_the_basins_is_the_race_from_there():
    query = {"surface": "himmelblau", "on": "adam", "steps": 150}
    setup = setup_of(**query)
    header, runs = ask("basins", 24, **query)
    x, y = header["axes"]["x"], header["axes"]["y"]
    for i, j in [(1, 2), (3, 11), (5, 5), (8, 14), (12, 3), (23, 22), (10, 9), (0, 7)]:
        run = raced(setup, "adam", start=(x[i], y[j]))
        end, step = runs["adam"]["ends"][j, i], runs["adam"]["steps"][j, i]
        assert same_end(end, run, setup.surface)
        if end < FIRST_NEAR:
            assert step == run.outcome.step


def test_what_never_came_about_has_no_step():
    _, runs = ask("basins", 8, surface="saddle", on="gradient_descent", steps=10)
    run = runs["gradient_descent"]
    assert (run["steps"][run["ends"] == FIRST_END] == NEVER).all()


# -- learning rates --------------------------------------------------------------------


@pytest.fixture(scope="module")
def ravine_sweep():
    query = {"surface": "ravine", "on": "gradient_descent,newton,adam", "steps": 100}
    return setup_of(**query), *ask("sweep", **query)


def test_a_sweep_is_the_races_at_its_rates(ravine_sweep):
    setup, header, runs = ravine_sweep
    rates = np.array(header["axes"]["lr"])
    assert len(rates) == 241
    assert header["tolerance"] == 1e-3
    assert list(runs) == ["gradient_descent", "adam"], "Newton has no learning rate"
    for key, found in runs.items():
        for i in (0, 90, 150, 170, 240):
            run = raced(setup, key, lr=rates[i])
            end, loss, since = (found[name][i] for name in ("ends", "losses", "within"))
            there = staying(run.losses, header["base"] + header["tolerance"])
            assert since == (NEVER if there < 0 else there)
            if run.outcome.kind == "diverged":
                assert word(end) == "diverged"
            else:
                assert same_end(end, run, setup.surface)
                excess = run.losses[-1] - header["base"]
                assert loss == pytest.approx(excess, rel=1e-5, abs=1e-30)
    # Stable up to 2 / kappa, and not beyond.
    diverged = FIRST_END + ENDS.index("diverged")
    stable = runs["gradient_descent"]["ends"] != diverged
    assert rates[stable].max() == pytest.approx(2 / 30, rel=0.06)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_best_of_a_sweep_is_the_best_of_all_its_races(objective):
    query = {"surface": "ravine", "steps": 100, "budget": 150, "tolerance": 0.01}
    query |= {"on": "gradient_descent,adam", "objective": objective}
    setup = setup_of(**query)
    header, _ = ask("sweep", **query)
    rates = header["axes"]["lr"]
    assert len(rates) == 150
    for known in header["runs"]:
        ranked = []
        for i, lr in enumerate(rates):
            run = raced(setup, known["key"], lr=lr)
            since = staying(run.losses, header["base"] + 0.01)
            since = np.inf if since < 0 else since
            able = run.outcome.kind != "diverged"
            if objective == "steps":
                able &= since < np.inf
            order = (run.losses[-1], since)
            if able:
                ranked.append((order if objective == "loss" else order[::-1], i))
        _, i = min(ranked)
        best = known["best"]
        assert (best["index"], best["lr"]) == (i, rates[i])
        assert best["edge"] == (i in (0, 149))
        there = raced(setup, known["key"], lr=rates[i])
        assert best["loss"] == pytest.approx(there.losses[-1], rel=1e-6)


@pytest.mark.parametrize("surface", ["rosenbrock", "six_hump_camel"])
def test_what_is_said_of_the_best_is_what_its_race_shows(surface):
    setup = setup_of(surface=surface)
    header, runs = ask("sweep", surface=surface)
    for known in header["runs"]:
        best = known["best"]
        run = raced(setup, known["key"], lr=best["lr"])
        assert best["loss"] == run.losses[-1]
        since = staying(run.losses, header["base"] + header["tolerance"])
        assert best["steps"] == (None if since < 0 else since)
        assert same_end(runs[known["key"]]["ends"][best["index"]], run, setup.surface)


def test_a_best_rate_at_the_edge_is_said_to_be_there():
    """Of two steps on a gentle slope, the longest lead lowest."""
    header, _ = ask("sweep", surface="saddle", on="adam", steps=10, budget=25)
    assert header["known"] is False
    assert header["base"] == 0
    (known,) = header["runs"]
    assert known["best"]["edge"] is True
    assert known["best"]["steps"] is None
    header, _ = ask(
        "sweep", surface="saddle", on="adam", steps=10, budget=25, objective="steps"
    )
    assert header["runs"][0]["best"] is None


# -- two settings ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def ravine_plane():
    query = {"surface": "ravine", "steps": 500}
    return setup_of(**query), *ask("plane", **query)


def test_a_plane_is_the_races_at_its_pairs(ravine_plane):
    setup, header, runs = ravine_plane
    assert list(runs) == ["momentum"]
    assert header["size"] == 128
    assert header["second"] == "beta"
    assert list(header["axes"]) == ["beta", "lr"]
    rates, betas = header["axes"]["lr"], header["axes"]["beta"]
    assert len(rates) == len(betas) == 128
    found = runs["momentum"]
    assert {array.shape for array in found.values()} == {(128, 128)}
    for row, column in [(0, 70), (20, 40), (60, 90), (30, 127), (100, 60), (10, 5)]:
        run = raced(setup, "momentum", lr=rates[column], beta=betas[row])
        end, since = found["ends"][row, column], found["within"][row, column]
        assert same_end(end, run, setup.surface)
        there = staying(run.losses, header["tolerance"])
        assert since == (NEVER if there < 0 else there)


def test_where_momentum_diverges_is_where_theory_says(ravine_plane):
    setup, header, runs = ravine_plane
    rates, betas = (np.array(header["axes"][name]) for name in ("lr", "beta"))
    theory = header["runs"][0]["theory"]
    assert theory["at"] == list(setup.surface.minima[0])
    np.testing.assert_allclose(theory["curvatures"], [1, 30])
    np.testing.assert_allclose(theory["limit"], stability_limit([1, 30], betas))
    gone = runs["momentum"]["ends"] == FIRST_END + ENDS.index("diverged")
    first = gone.argmax(axis=1)
    expected = np.searchsorted(rates, theory["limit"])
    # What forgets within a tenth of the steps has had the time to settle.
    soon = betas < 1 - 10 / setup["steps"]
    assert soon.sum() > 50
    assert np.abs(first - expected)[soon].max() <= 1
    assert (first <= expected).all(), "what theory lets go has gone"
    best, (lr, beta) = header["runs"][0]["best"], theory["optimum"]
    within = runs["momentum"]["within"]
    assert best["steps"] == within.min()
    assert not best["isolated"]
    row, column = betas.tolist().index(best["second"]), np.argmin(rates < best["lr"])
    assert within[row, column] == within.min()
    assert best["lr"] == pytest.approx(lr, rel=0.5)
    assert best["second"] == pytest.approx(beta, abs=0.25)


def test_theory_keeps_to_what_it_is_of():
    def theory(**query):
        return _theory(setup_of(**query), np.array([0, 0.5]))

    assert theory(surface="ravine")["limit"] == pytest.approx([2 / 30, 3 / 30])
    assert theory(surface="linear_regression") is not None
    assert theory(surface="linear_regression", batch=2) is None
    assert theory(surface="ravine", second="nesterov.beta") is None
    assert theory(surface="ravine", noise=1) is None
    assert theory(surface="ravine", schedule="cosine") is None
    assert theory(surface="saddle") is None, "no minimum"
    assert theory(surface="flat_valley") is None, "no curvature along the valley"
    rough = [key for key, surface in SURFACES.items() if not surface.smooth]
    assert rough
    for key in rough:
        assert theory(surface=key) is None


def test_a_plane_without_a_known_minimum_has_no_best():
    header, runs = ask("plane", 8, surface="saddle", steps=10)
    assert header["runs"][0]["best"] is None
    assert (runs["momentum"]["within"] == NEVER).all()


# -- every step ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "fan", "shown"),
    [
        ("gradient_descent,adam", None, "gradient_descent"),
        ("newton,adam", None, "adam"),
        ("adam", "gradient_descent", "gradient_descent"),
        ("adam~2", None, "adam~2"),
        ("newton", None, "gradient_descent"),
    ],
)
def test_a_fan_is_of_the_first_that_is_on_unless_one_is_chosen(on, fan, shown):
    query = {"surface": "booth", "steps": 10, "on": on} | ({"fan": fan} if fan else {})
    header, runs = ask("fan", **query)
    assert list(runs) == [shown]
    name = setup_of(**query).name(shown)
    assert header["title"] == f"Booth: {name} at every learning rate"


def test_a_fan_is_the_races_at_its_rates():
    query = {"surface": "beale", "steps": 40, "fan": "adam", "noise": 0.5}
    setup = setup_of(**query)
    header, runs = ask("fan", **query)
    rates = header["axes"]["lr"]
    assert list(runs) == ["adam"]
    assert rates == pytest.approx(LEARNING_RATE.spaced(FAN))
    assert runs["adam"]["points"].shape == (61, 41, 2)
    for i in (0, 25, 40, 60):
        run = raced(setup, "adam", lr=rates[i])
        close(runs["adam"]["points"][i], run.points)


def close(points, expected):
    """Whether a trail in float32 is one in float64, what flies off included."""
    with np.errstate(over="ignore"):
        expected = expected.astype("f4")
    np.testing.assert_allclose(points, expected, rtol=1e-5, atol=1e-6)


def test_curves_are_the_races_at_their_rates():
    query = {"surface": "beale", "steps": 40, "ratio": 2, "on": "adam,newton"}
    setup = setup_of(**query, adam__lr=0.123456)
    header, runs = ask("curves", **query, adam__lr=0.123456)
    assert list(runs) == ["adam"], "Newton has no learning rate"
    assert header["axes"]["step"] == list(range(41))
    (known,) = header["runs"]
    assert known["rates"] == [0.03086, 0.06173, 0.123456, 0.2469, 0.4938]
    for lr, losses in zip(known["rates"], runs["adam"]["losses"], strict=True):
        run = raced(setup, "adam", lr=lr)
        np.testing.assert_allclose(losses, run.losses - header["base"], rtol=1e-5)


@pytest.mark.parametrize("kind", START_LAYOUTS)
def test_a_swarm_starts_as_asked(kind):
    setup = setup_of(surface="beale", swarm=kind, starts=100, start="4.4,4.4")
    starts = swarm_starts(setup)
    assert starts.shape == (100, 2)
    assert len(np.unique(starts, axis=0)) == 100
    assert setup.surface.domain.contains(starts).all()
    if kind != "cloud":
        assert setup.surface.view_domain.contains(starts).all()
    np.testing.assert_array_equal(swarm_starts(setup), starts)
    other = swarm_starts(
        setup_of(surface="beale", swarm=kind, starts=100, start="4.4,4.4", seed=1)
    )
    assert np.array_equal(other, starts) == (kind == "grid")


def test_a_grid_is_even_and_a_cloud_as_wide_as_asked():
    grid = swarm_starts(setup_of(surface="beale", starts=25))
    np.testing.assert_allclose(np.unique(grid[:, 0]), [-3.6, -1.8, 0, 1.8, 3.6])
    np.testing.assert_allclose(grid.mean(axis=0), 0, atol=1e-12)
    setup = setup_of(
        surface="beale", swarm="cloud", cloud=0.02, starts=1024, start="1,-1"
    )
    cloud = swarm_starts(setup)
    np.testing.assert_allclose(cloud.mean(axis=0), (1, -1), atol=0.03)
    width = 0.02 * setup.surface.view_domain.diagonal
    np.testing.assert_allclose(cloud.std(axis=0), width, rtol=0.1)


@given(st.integers(16, 1024))
def test_a_grid_has_as_many_starts_as_asked(starts):
    setup = setup_of(surface="beale", starts=starts)
    grid = swarm_starts(setup)
    assert len(np.unique(grid, axis=0)) == starts
    np.testing.assert_allclose(grid.mean(axis=0), 0, atol=0.2)
    _, rows = np.unique(grid[:, 1], return_counts=True)
    assert np.ptp(rows) <= 1
    assert abs(len(rows) - rows.mean()) < 2


def test_a_swarm_is_its_races_and_their_quantiles():
    query = {"surface": "beale", "on": "adam,gradient_descent", "steps": 30}
    query |= {"starts": 16, "swarm": "random", "gradient_descent__lr": 0.01}
    setup = setup_of(**query)
    header, runs = ask("swarm", **query)
    assert header["quantiles"] == [0.1, 0.5, 0.9]
    assert header["own"] == {}
    starts = swarm_starts(setup)
    known = {run["key"]: run for run in header["runs"]}
    assert known["gradient_descent"]["gone"] > 0, "the walls throw some out"
    for key, found in runs.items():
        each = [raced(setup, key, start=start) for start in starts]
        losses = np.stack([run.losses for run in each])
        last = np.stack([run.points[-1] for run in each])
        for points, run in zip(found["points"], each, strict=True):
            close(points, run.points)
        gone = ~setup.surface.domain.contains(last)
        assert known[key]["runs"] == 16
        assert known[key]["gone"] == gone.sum()
        high = np.where(np.isnan(losses), np.inf, losses) - header["base"]
        band = np.quantile(high, [0.1, 0.5, 0.9], axis=0, method="inverted_cdf")
        with np.errstate(over="ignore"):
            np.testing.assert_allclose(found["band"], band.astype("f4"), rtol=1e-5)
            mean = high.mean(axis=0).astype("f4")
        np.testing.assert_allclose(found["mean"], mean, rtol=1e-5)
        if (
            np.isfinite(last).all()
            and np.isfinite(known[key]["middle"] or np.nan).all()
        ):
            np.testing.assert_allclose(known[key]["middle"], last.mean(axis=0))
            here = setup.surface.fn(last.mean(axis=0))
            assert known[key]["middle_loss"] == pytest.approx(float(here))
    assert known["adam"]["middle"] is not None
    assert known["adam"]["gone"] == 0


def test_runs_that_are_gone_have_no_middle_and_count_as_infinitely_high():
    losses = np.array([[4.0, 3.0], [np.nan, np.inf], [2.0, np.nan]])
    points = np.array([[[0, 0], [1, 1]], [[0, 0], [9, np.inf]], [[0, 0], [0, np.nan]]])
    found = Trails(points.astype(float), losses)
    known = _mean_endpoint(SURFACES["beale"], found)
    assert known == {"runs": 3, "gone": 2, "middle": None}
    np.testing.assert_array_equal(
        found.quantiles(0.1, 0.5, 0.9), [[2, 3], [4, np.inf], [np.inf, np.inf]]
    )
    np.testing.assert_array_equal(_mean(losses), [np.inf, np.inf])


def test_a_run_is_gone_where_its_loss_is_no_number():
    points = np.ones((3, 2, 2))
    losses = np.array([[4.0, 3.0], [4.0, np.nan], [4.0, np.inf]])
    known = _mean_endpoint(SURFACES["beale"], Trails(points, losses))
    assert known["gone"] == 2


def test_the_noise_fan_is_the_race_under_each_seed():
    query = {"surface": "beale", "steps": 30, "seeds": 10, "noise": 2}
    query |= {"on": "adam,random_search"}
    setup = setup_of(**query)
    header, runs = ask("seeds", **query)
    assert header["own"] == {}
    assert runs["adam"]["points"].shape == (10, 31, 2)
    for seed in (0, 3, 9):
        close(runs["adam"]["points"][seed], raced(setup, "adam", seed).points)
        run = raced(setup, "random_search", seed, seed=float(seed))
        close(runs["random_search"]["points"][seed], run.points)
    ends = runs["adam"]["points"][:, -1]
    assert len(np.unique(ends, axis=0)) == 10


def test_the_noise_fan_of_the_order_of_minibatches():
    query = {"surface": "linear_regression", "steps": 20, "seeds": 10, "batch": 2}
    setup = setup_of(**query, on="momentum")
    header, runs = ask("seeds", **query, on="momentum")
    assert header["own"] == {}
    for seed in (0, 7):
        close(runs["momentum"]["points"][seed], raced(setup, "momentum", seed).points)


def test_where_nothing_is_left_to_chance_the_study_has_noise_of_its_own():
    query = {"surface": "beale", "steps": 30, "seeds": 10}
    header, runs = ask("seeds", **query, on="adam")
    noise = header["own"]["noise"]
    assert 0.01 <= noise <= 100
    assert len(np.unique(runs["adam"]["points"][:, -1], axis=0)) == 10
    _, noisy = ask("seeds", **query, on="adam", noise=noise)
    close(runs["adam"]["points"], noisy["adam"]["points"])
    header, runs = ask("seeds", **query, on="adam,random_search")
    assert header["own"] == {}, "random search is random at each seed"
    assert len(np.unique(runs["random_search"]["points"][:, -1], axis=0)) > 5


def test_on_data_the_study_has_a_batch_of_its_own():
    query = {"surface": "linear_regression", "steps": 20, "seeds": 10, "on": "adam"}
    header, runs = ask("seeds", **query)
    batch = header["own"]["batch"]
    assert 1 <= batch < SURFACES["linear_regression"].samples / 2
    assert len(np.unique(runs["adam"]["points"][:, -1], axis=0)) > 1


# A floor, a slope, a surface that is undefined nearly everywhere.
@pytest.mark.parametrize("formula", ["0*x", "x", "1e300*x*y", "log(x-3.9)*y"])
def test_the_noise_of_its_own_can_be_set(formula):
    setup = setup_of(surface="formula", f=formula)
    noisy, problems = setup.edited(own_noise(setup))
    assert not problems
    assert noisy.conditions.is_stochastic(None)


# -- all of them -----------------------------------------------------------------------

SMALL = {
    "steps": 10, "budget": 25, "starts": 16, "seeds": 10, "on": "adam", "fan": "adam",
    "second": "adam.beta1",
}  # fmt: skip
CONDITIONS = {
    "noise": {"noise": 20},
    "schedule": {"schedule": "cosine", "warmup": 3},
    "minibatch": {"surface": "linear_regression", "batch": 1},
}


def small(study):
    """The size of a small answer, where it has one."""
    return 8 if PARTS[study].sized else None


@pytest.mark.parametrize("study", PARTS)
def test_a_study_runs_under_the_races_conditions(study):
    for name, conditions in CONDITIONS.items():
        where = {"surface": "linear_regression", "adam__lr": 0.3, **SMALL}
        plain = answer(study, setup_of(**where), lambda part: None, small(study))
        changed = answer(
            study, setup_of(**where | conditions), lambda part: None, small(study)
        )
        arrays, others = plain.runs["adam"], changed.runs["adam"]
        assert any(
            not np.array_equal(arrays[key], others[key], equal_nan=array.dtype == "f4")
            for key, array in arrays.items()
        ), name


@pytest.mark.parametrize(
    ("study", "changed"),
    [
        ("basins", {"start": "1,1"}),
        ("sweep", {"adam__lr": 0.3}),
        ("sweep", {"lr": 0.3}),
    ],
)
def test_what_a_part_ignores_changes_nothing_of_it(monkeypatch, study, changed):
    (name,) = PARTS[study].ignores
    assert all(key.rpartition("__")[2] == name for key in changed)
    _, before = ask(study, small(study), on="adam", steps=20)
    monkeypatch.setattr(work, "_kept", work.Latest(64))  # Nothing is known again.
    _, after = ask(study, small(study), on="adam", steps=20, **changed)
    for key, array in before["adam"].items():
        np.testing.assert_array_equal(array, after["adam"][key])


def test_every_part_is_on_a_tab_and_depends_on_what_is_asked_there():
    asked = {part: set() for part in PARTS}
    for tab in TABS.values():
        assert set(tab.settings) <= set(fields(SURFACES["linear_regression"]))
        for part in tab.parts:
            asked[part] |= {*tab.settings} & {*STUDY_KEYS}
    for key, part in PARTS.items():
        assert part.key == key
        assert asked[key] >= set(part.depends)
    nowhere = set(STUDY_KEYS) - {"study"} - set().union(*asked.values())
    assert not nowhere, "settings that no tab shows"


@pytest.mark.parametrize("study", sorted({*PARTS} - {"plane", "fan"}))
def test_no_optimizer_on_is_an_empty_study(study):
    header, runs = ask(study, small(study), on="")
    assert header["runs"] == []
    assert runs == {}


def test_studies_follow_parameters_penalty_and_typed_formulas():
    small = {"on": "momentum", "steps": 100}
    _, plain = ask("basins", 8, surface="ravine", **small)
    _, turned = ask("basins", 8, surface="ravine", kappa=900, **small)
    assert (plain["momentum"]["ends"] != turned["momentum"]["ends"]).any()
    _, punished = ask("basins", 8, surface="ravine", l2=100, **small)
    assert (plain["momentum"]["steps"] != punished["momentum"]["steps"]).any()
    header, _ = ask("sweep", surface=TYPED, f="x^2 + y^2", **small)
    assert header["known"] is True
    header, runs = ask("sweep", surface=TYPED, f="x^2 - y^2", **small)
    assert header["known"] is False
    assert np.isfinite(runs["momentum"]["losses"]).any()


def varied(surfaces, steps):
    """Setups in which everything that a study can be asked is valid."""
    numbers = {}
    for name, param in params(StudyParams).items():
        numbers[name] = st.floats(param.low, param.high)
        if param.whole:
            numbers[name] = st.integers(int(param.low), min(int(param.high), 30))
    return st.fixed_dictionaries(
        {
            "surface": st.sampled_from(surfaces),
            "steps": st.just(steps),
            "on": st.sampled_from(["adam", ""]),
            "second": st.sampled_from(["adam.beta1", "adam.beta2", "adam.eps"]),
            "fan": st.just("adam"),
            "objective": st.sampled_from(list(OBJECTIVES)),
            "swarm": st.sampled_from(list(START_LAYOUTS)),
            "noise": st.sampled_from([0, 0.1, 100]),
            "seed": st.integers(0, 9999),
            "lr": st.floats(-5, 1).map(lambda power: 10**power),
            "schedule": st.sampled_from(["constant", "cosine"]),
            **numbers,
        }
    )


@settings(max_examples=25)
@given(study=st.sampled_from(list(PARTS)), query=varied(["beale"], 15))
def test_any_study_of_any_setup_can_be_packed(study, query):
    header, runs = ask(study, small(study), **query)
    found = answer(study, setup_of(**query), print, small(study))
    assert list(runs) == list(found.runs)
    for key, arrays in found.runs.items():
        assert runs[key].keys() == arrays.keys() == header["arrays"].keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(runs[key][name], array, strict=True)


# -- over the wire ---------------------------------------------------------------------


@pytest.mark.parametrize("study", PARTS)
def test_a_route_sends_its_progress_and_answers(get, study):
    size = {"size": "8"} if PARTS[study].sized else {}
    response = get(f"/{study}", **{k: str(v) for k, v in SMALL.items()}, **size)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["cache-control"] == "no-store"
    progress, _, packed = response.content.partition(b"\0")
    assert list(progress) == sorted(progress)
    header, runs = unpack(packed)
    assert header["kind"] == study
    assert header["steps"] == 10
    assert len(header["axes"]["x"]) == 8 if study == "basins" else True
    assert list(runs) == ["adam"]


def refusal(response):
    """The one sentence of an answer that refuses."""
    assert response.status_code == 400
    assert response.text.endswith((".", "?"))
    assert response.text.count(". ") == 0
    return response.text


@pytest.mark.parametrize("name", old_names.STUDIES)
def test_a_study_answers_under_its_earlier_name(get, name):
    query = {"surface": "saddle", "steps": 10, "on": "adam", "seeds": 10, "noise": 1}
    files = [get(f"/{study}.csv", **query) for study in (name, old_names.STUDIES[name])]
    assert [file.status_code for file in files] == [200, 200]
    assert files[0].content == files[1].content
    assert get(f"/{name}", **query).status_code == 200
    assert get(f"/{name}.svg").status_code == 404


def test_a_swarm_too_large_is_refused_in_one_sentence(get):
    sentence = refusal(get("/swarm", starts="1024", steps="5000", on="adam"))
    assert "4,194,304" in sentence
    sentence = refusal(get("/seeds", seeds="400", steps="5000"))
    assert "400 runs by 5,000 steps of 5 optimizers" in sentence


@pytest.mark.parametrize(
    ("path", "query", "word"),
    [
        ("/sweep", {"budget": "2"}, "budget"),
        ("/plane", {"second": "adam.lr"}, "second"),
        ("/basins", {"size": "7"}, "size"),
        ("/plane", {"size": "1000"}, "size"),
        ("/fan", {"fan": "newton"}, "fan"),
        ("/seeds", {"seeds": "1e9"}, "seeds"),
        ("/seeds", {"size": "8"}, "Size is not a setting of seeds"),
    ],
)
def test_what_is_wrong_with_a_study_is_said_in_one_sentence(get, path, query, word):
    assert refusal(get(path, **query)).startswith(word)


# -- numbers that float32 is too coarse for --------------------------------------------


def test_two_settings_resolve_tolerances_that_float32_cannot():
    setup = setup_of(surface="six_hump_camel", tolerance=1e-8, steps=150)
    header, runs = ask("plane", 32, surface="six_hump_camel", tolerance=1e-8, steps=150)
    within = runs["momentum"]["within"]
    assert (within != NEVER).any()
    rates, betas = header["axes"]["lr"], header["axes"]["beta"]
    goal = min(setup.surface.minimum_losses) + 1e-8
    for row, column in zip(*np.nonzero(within != NEVER), strict=True):
        run = raced(setup, "momentum", lr=rates[column], beta=betas[row])
        assert within[row, column] == staying(run.losses, goal)


def test_basins_of_differences_of_losses_are_those_of_the_race():
    changes = {"surface": "ravine", "on": "numeric_gradient", "steps": 150}
    changes["numeric_gradient__h"] = 1e-9
    _, runs = ask("basins", 8, **changes)
    assert (runs["numeric_gradient"]["ends"] < FIRST_NEAR).all()


# -- what is kept ----------------------------------------------------------------------


@pytest.fixture
def empty(monkeypatch):
    """Nothing kept from before."""
    monkeypatch.setattr(work, "_kept", work.Latest(64))
    monkeypatch.setattr(work, "_compiled", work.Latest(64))


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("study", ["basins", "sweep"])
@pytest.mark.parametrize(
    "change",
    [
        {"noise": 0.7},
        {"seed": 5},
        {"batch": 7},
        {"warmup": 9},
        {"schedule": "cosine"},
        {"l2": 0.3},
        {"lr": 0.01},
        {"adam__beta1": 0.5},
        {"adam__bias_correction": 0},
        {"steps": 41},
        {"start": "0.1,0.2"},
        {"surface": "logistic_regression"},
        {"tolerance": 1},
        {"budget": 26},
    ],
    ids=str,
)
def test_what_was_computed_before_is_never_another_setups(study, change):
    base = {"surface": "linear_regression", "batch": 4, "steps": 40, "budget": 25}
    base |= {"on": "adam", "noise": 0.1}
    size = small(study)
    ask(study, size, **base)
    kept = answer(study, setup_of(**base | change), print, size)
    work._kept = work.Latest(64)
    fresh = answer(study, setup_of(**base | change), print, size)
    assert kept.per_run == fresh.per_run
    for name, array in fresh.runs["adam"].items():
        np.testing.assert_array_equal(kept.runs["adam"][name], array)


@pytest.mark.usefixtures("empty")
def test_only_what_has_moved_is_computed_again():
    base = {"surface": "ravine", "on": "adam,momentum", "steps": 20}
    first = answer("basins", setup_of(**base), print, 8)
    assert first.steps_per_second is None, "there was compiling to do"
    again = answer("basins", setup_of(**base), print, 8)
    assert again.steps_per_second == 0
    moved = answer("basins", setup_of(**base, adam__lr=0.3), print, 8)
    assert moved.steps_per_second > 0
    assert moved.runs["momentum"] is first.runs["momentum"]
    assert moved.runs["adam"] is not first.runs["adam"]


def test_only_the_latest_are_kept():
    kept = work.Latest(2)
    for name in "abc":
        kept.put(name, name.upper())
    assert [kept.get(name) for name in "abc"] == [None, "B", "C"]
    kept.put("b", "B")
    kept.put("d", "D")
    assert [kept.get(name) for name in "bcd"] == ["B", None, "D"]


# -- a swarm's cloud -------------------------------------------------------------------


def test_a_cloud_is_normal_around_the_start_and_stays_in_the_domain():
    wide = setup_of(swarm="cloud", starts=1024, cloud=0.02, start="0,1")
    starts = swarm_starts(wide)
    width = 0.02 * wide.surface.view_domain.diagonal
    np.testing.assert_allclose(starts.mean(axis=0), [0, 1], atol=4 * width / 32)
    np.testing.assert_allclose(starts.std(axis=0), width, rtol=0.1)
    thin = setup_of(
        surface=TYPED, f="x^2 + y^2", x="-0.5,0.5", y="-1e6,1e6",
        swarm="cloud", starts=1024, cloud=0.5,
    )  # fmt: skip
    starts = swarm_starts(thin)
    assert starts.shape == (1024, 2)
    assert thin.surface.domain.contains(starts).all()
    assert starts[:, 0].std() == pytest.approx(1 / 12**0.5, rel=0.1), "nearly even"
