"""Every rule takes the path of torch, optax, SciPy and its paper.

A rule whose `equivalents` give code is compared with that; any other needs a row in
`REFERENCES` of `tests/references.py`.
"""

import re

import numpy as np
import optax
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from optim import OPTIMIZERS, descend
from surfaces import SURFACES
from tests.references import (
    REFERENCES,
    STEP_BY_STEP,
    compare,
    with_every_reference,
)
from tests.rule_runs import (
    AGREEMENT,
    MAX_DEVIATION,
    PROBLEMS,
    STEPS,
    deviations,
    first_false,
    note,
    perturbed_runs,
    points_in,
    with_every_rule,
)


def test_every_rule_has_references():
    rows = [(reference.rule, reference.library) for reference in REFERENCES]
    assert len(rows) == len(set(rows))
    compared = {rule for rule, _ in rows} | STEP_BY_STEP
    assert compared == set(OPTIMIZERS), "a row of REFERENCES for each, if no library"


@with_every_rule
def test_every_rule_says_how_torch_and_optax_take_its_path_or_why_not(optimizer):
    equivalents = optimizer.equivalents
    assert {"torch", "optax"} <= {one.library for one in equivalents}
    for one in equivalents:
        assert one.code or one.note.endswith(".")
        hypers = optimizer.hypers()._replace(**one.where)
        if not one.code:
            with pytest.raises(ValueError, match=re.escape(one.note)):
                one.code_for(hypers)
            continue
        # With the values in their slots it is code that can be copied.
        point = torch.zeros(2)
        made_of = eval(
            one.code_for(hypers), {"torch": torch, "optax": optax, "params": [point]}
        )
        kind = torch.optim.Optimizer if one.library == "torch" else tuple
        assert isinstance(made_of, kind)
        for name in one.where:
            other = hypers._replace(**{name: hypers._asdict()[name] + 0.5})
            with pytest.raises(ValueError, match=f"only where {name} is"):
                one.code_for(other)


@with_every_reference
def test_same_path_from_the_declared_start(reference, conformance):
    lengths = []
    for surface in PROBLEMS.values():
        hypers = OPTIMIZERS[reference.rule].recommended(surface.recommended)
        num_steps, worst = compare(reference, surface, surface.start, hypers)
        note(conformance, *reference[:2], surface, num_steps, worst)
        assert worst <= reference.agreement, surface.key
        lengths.append(num_steps)
    assert np.median(lengths) >= (5 if reference.shortest else 30)


@with_every_reference
def test_same_path_at_tame_rates(reference, conformance):
    optimizer = OPTIMIZERS[reference.rule]
    lengths = []

    @settings(max_examples=24)
    @given(data=st.data(), surface=st.sampled_from(list(PROBLEMS.values())))
    def check(data, surface):
        hypers = data.draw(st.from_type(optimizer.hypers))
        start = data.draw(points_in(surface))
        if "lr" in hypers._fields:
            tamer = 10.0 ** data.draw(st.floats(-2, 0))
            hypers = hypers._replace(lr=optimizer.rate(surface.learning_rates) * tamer)
        num_steps, worst = compare(reference, surface, start, hypers)
        note(conformance, *reference[:2], surface, num_steps, worst)
        assert worst <= reference.agreement
        lengths.append(num_steps)

    check()
    assert max(lengths) >= (10 if reference.shortest else 100)


def test_newton_goes_on_where_the_matrix_is_singular():
    # Which surface and start hypothesis draws changes with the list of surfaces.
    (reference,) = (one for one in REFERENCES if one.rule == "newton")
    surface, start = SURFACES["flat_valley"], (-2.997708, -2.996292)
    hypers = OPTIMIZERS["newton"].hypers(damping=0.0)
    num_steps, worst = compare(reference, surface, start, hypers)
    assert num_steps == STEPS
    assert worst <= AGREEMENT


@with_every_reference
def test_same_path_at_any_setting(reference, conformance):
    lengths = []

    @settings(max_examples=12)
    @given(data=st.data(), surface=st.sampled_from(list(PROBLEMS.values())))
    def check(data, surface):
        hypers = data.draw(st.from_type(OPTIMIZERS[reference.rule].hypers))
        values = data.draw(st.from_type(type(surface.params)))
        start = data.draw(points_in(surface))
        turned = surface.with_params(**values._asdict())
        num_steps, worst = compare(reference, turned, start, hypers)
        note(conformance, *reference[:2], surface, num_steps, worst)
        assert worst <= reference.agreement
        lengths.append(num_steps)

    check()
    assert max(lengths) >= 1


@pytest.mark.parametrize(
    "optimizer",
    [rule for key, rule in OPTIMIZERS.items() if key not in STEP_BY_STEP],
    ids=lambda rule: rule.key,
)
def test_the_driver_takes_the_same_path(optimizer):
    # What the other tests run is the rule alone, in a program of their own.
    surface = SURFACES["himmelblau"]
    hypers = optimizer.recommended(surface.recommended)
    (ours, *perturbed), _ = perturbed_runs(optimizer, surface, surface.start, hypers)
    deviation = np.max([deviations(points, ours) for points in perturbed], axis=0)
    num_rows = first_false(deviation <= MAX_DEVIATION)
    assert num_rows > 3
    run = descend(surface, optimizer, surface.start, hypers, STEPS)
    assert deviations(run.points, ours)[:num_rows].max() <= AGREEMENT
