"""What studies are estimated to cost, before they start."""

import pytest

from optim import OPTIMIZERS
from surfaces import SURFACES, Domain, typed_surface
from surfaces.compiled import NotReady, only_ready
from views.entries import MOST_ON
from views.result import pack
from views.setup import Setup
from views.studies import PARTS, answer
from views.studies.cost import FILES, cost, step_seconds
from views.studies.files import TYPES

every_part = pytest.mark.parametrize("study", PARTS)


def setup_of(**changes):
    setup, problems = Setup().edited({key: str(text) for key, text in changes.items()})
    assert not problems
    return setup


@every_part
def test_a_part_counts_the_runs_that_it_takes(study):
    setup = setup_of(steps=10, starts=20, seeds=10, budget=25, on="adam,newton,adagrad")
    size = 9 if PARTS[study].sized else None
    found = answer(study, setup, lambda part: None, size)
    counted = PARTS[study].runs(setup, size)
    assert counted.keys() == found.runs.keys()
    for key, arrays in found.runs.items():
        shapes = [array.shape for array in arrays.values()]
        assert any(
            counted[key] in (shape[0], shape[0] * shape[-1])
            for shape in shapes
            if shape
        )


@every_part
def test_no_answer_is_larger_than_was_estimated(study):
    for steps, starts in ((10, 16), (200, 100)):
        setup = setup_of(steps=steps, starts=starts, seeds=starts, budget=25)
        size = 16 if PARTS[study].sized else None
        estimate = cost(PARTS[study], setup, size).size
        assert len(pack(answer(study, setup, lambda part: None, size))) <= estimate


def test_each_kind_of_file_has_room():
    assert FILES.keys() == TYPES.keys()


@every_part
def test_more_costs_more(study):
    part = PARTS[study]
    few = setup_of(steps=100, on="adam", second="adam.beta1", fan="adam")
    many = few.edited({"steps": "200"})[0]
    assert cost(part, many).seconds > cost(part, few).seconds
    data = few.edited({"surface": "linear_regression"})[0]
    assert (
        cost(part, data.edited({"steps": "100"})[0]).seconds > cost(part, few).seconds
    )


def test_what_anybody_would_ask_for_is_allowed():
    for key in SURFACES:
        for part in PARTS.values():
            assert cost(part, Setup(key), 128 if part.sized else None).seconds < 30
            assert cost(part, Setup(key), 256 if part.sized else None).seconds < 120


def test_a_surface_is_not_counted_where_only_what_is_ready_is_asked_for():
    surface = typed_surface("x^2 + 7.125*y^2", Domain(-1.0, 1.0, -1.0, 1.0))
    with only_ready(), pytest.raises(NotReady):
        step_seconds(surface, OPTIMIZERS["adam"])
    counted = step_seconds(surface, OPTIMIZERS["adam"])
    with only_ready():
        assert step_seconds(surface, OPTIMIZERS["adam"]) == counted
    ravine = SURFACES["ravine"]
    step_seconds(ravine, OPTIMIZERS["adam"])
    with only_ready():
        step_seconds(ravine.with_params(kappa=12.5), OPTIMIZERS["newton"])


def test_a_step_costs_what_its_surface_takes():
    def step(key, optimizer="adam", **values):
        surface = SURFACES[key].with_params(**values)
        return step_seconds(surface, OPTIMIZERS[optimizer])

    # Sines are slow, but not those of a knob alone, which are computed once.
    assert step("rastrigin") > 5 * step("rosenbrock")
    assert step("ravine", angle=30) < 2 * step("rosenbrock")
    assert step("logistic_regression") > 100 * step("rosenbrock")
    assert step("levy", "newton") > 1.5 * step("levy")
    assert step("levy", "bfgs") < 3 * step("levy", "newton")
    assert step("rosenbrock", "bfgs") > 5 * step("rosenbrock", "newton")
    assert step("levy", "lbfgs") > 100 * step("levy")


def test_the_dearest_study_is_refused():
    dearest = sorted(OPTIMIZERS, key=lambda key: OPTIMIZERS[key].gradients)[-MOST_ON:]
    setup = setup_of(surface="levy", steps=5000, on=",".join(dearest))
    with pytest.raises(ValueError, match="seconds of computing, and 120 are allowed"):
        cost(PARTS["basins"], setup, 256).check(120)
    assert cost(PARTS["basins"], setup, 256).long
    coarse = cost(PARTS["basins"], setup, 8).check(120)
    assert not coarse.long or coarse.seconds < 120
