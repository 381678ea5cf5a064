"""The best of a study, by either objective, on ends made up for the purpose."""

import numpy as np
import pytest

from optim.studies import KINDS, Study, best


def ends(losses, hits=None, kinds=None):
    """A study of which only losses, hits and kinds count."""
    losses = np.array(losses, float)
    none = np.full(losses.shape, -1)
    kinds = np.full(losses.shape, "descending") if kinds is None else np.array(kinds)
    return Study(
        points=np.zeros((*losses.shape, 2)),
        losses=losses,
        kinds=np.vectorize(KINDS.index)(kinds),
        minima=none,
        arrived=none,
        hit=none if hits is None else np.array(hits),
        gone=none,
        taken=0,
    )


def test_objectives_differ():
    found = ends([3, 1, 2], [5, 9, 7])
    assert best(found, "loss") == 1
    assert best(found, "steps") == 0


def test_of_equals_the_one_better_by_the_other_objective():
    assert best(ends([1, 1, 1], [9, 4, 6]), "loss") == 1
    assert best(ends([1, 1, 1], [9, -1, 6]), "loss") == 2
    assert best(ends([3, 2, 1, 0], [4, 4, 4, 8]), "steps") == 2


def test_of_equals_in_both_the_first():
    for objective in ("loss", "steps"):
        assert best(ends([2, 1, 1, 1], [5, 3, 3, 3]), objective) == 1


def test_what_diverged_does_not_come_into_question():
    kinds = ["diverged", "undefined", "left", "stopped", "descending"]
    found = ends([0, 1, 3, 2, 4], [1, 2, 4, 3, 5], kinds)
    assert best(found, "loss") == 3
    assert best(found, "steps") == 3


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_no_number_is_no_best(loss):
    assert best(ends([loss, 7, loss], [1, 5, 2]), "loss") == 1
    assert best(ends([loss, 7, loss], [1, 5, 2]), "steps") == 1
    assert best(ends([loss], [1]), "loss") is None


def test_none_is_able():
    assert best(ends([1, 2], [3, 4], ["diverged", "diverged"]), "loss") is None
    assert best(ends([1, 2], [-1, -1]), "steps") is None
    assert best(ends([1, 2], [-1, -1]), "loss") == 0


def test_runs_are_counted_row_by_row():
    found = ends([[5, 4, 3], [2, 1, 6]], [[-1, 7, 8], [9, 10, -1]])
    assert best(found, "loss") == 4
    assert best(found, "steps") == 1
    assert np.unravel_index(4, found.kinds.shape) == (1, 1)
