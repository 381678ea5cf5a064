"""Update rules as text: a few lines of mathematics, read and never run as Python.

    >>> from optim import descend, typed_rule
    >>> from surfaces import SURFACES
    >>> rule = typed_rule('''
    ...     m = beta1*m + (1 - beta1)*g
    ...     w = w - alpha*sign(m)
    ... ''')
    >>> surface = SURFACES["ravine"]
    >>> run = descend(surface, rule, surface.start, rule.hypers(lr=0.01), 100)

A line gives a name a value; the last one moves the point w. Known are

    w              the point
    g              the gradient of the loss there
    t              the step, from 1
    f              the loss; f(p) is the loss at another point
    grad(p)        the gradient at another point
    hess(p)        the Hessian at a point
    rand, randn    random numbers of this step, one for each coordinate, from 0 to 1
                   or normally distributed; the seed is a hyperparameter
    eye            the matrix with 1 on its diagonal
    dot, norm      the product of two vectors, or of a matrix and a vector; the length
    solve(A, b)    what A times gives b
    where(a < b, c, d)   c where a < b, else d

and the functions of a formula, by coordinate. A name that is read before its own line
is memory: it holds the value of the step before, and zero at first. A name without a
line is a hyperparameter: the customary ones (names.py) have a default and a range, and
others are declared first, as in `gamma = 0.5 in 0..1`. alpha is the field `lr`.
"""

import re
from functools import lru_cache

from optim.base import NamedStep, Optimizer
from optim.typed.built_in import text_of
from optim.typed.examples import EXAMPLES
from optim.typed.kinds import rate_from
from optim.typed.reading import Program, read
from optim.typed.step import gradients_of, hypers_of, init_of, inside_of, quantities_of
from surfaces.compiled import prepare

LABEL = "Your own rule"
SHORT = "Own rule"

# Names stand in files of many kinds: none of these characters ends anything there.
_NOTE = re.compile(r"\s*#\s*(?P<label>[^\W_](?:[^\W_]|[ .+()-]){0,23})\s*(?:[\n;]|$)")


def label_of(text: str) -> str:
    """The name that a text gives its rule by a note in its first line, as `# Signs`.

    It has up to 24 letters, digits, blanks and signs of `.+-()`; else it is a note like
    any other, and the name is empty.
    """
    note = _NOTE.match(text)
    return " ".join(note["label"].split()) if note else ""


@lru_cache(maxsize=64)
def typed_rule(text: str, label: str = "") -> Optimizer:
    """The update rule that a text writes down.

    The same text is the same object, while it is among the latest.

    Args:
        text: Its lines, set off by line breaks or semicolons; behind a # are notes.
        label: Its name for a person; by default the note in its first line, if that
            can be a name (`label_of`).

    Returns:
        A rule like any other. Its hyperparameters are a NamedTuple with the text's
        defaults, and each line is a quantity of the step.

    Raises:
        surfaces.FormulaError: With one sentence: the line, the position in it, and what
            is allowed.
        NotReady: Within `only_ready`, if it is not among the latest.
    """
    prepare()
    program = read(text)
    quantities = quantities_of(program)
    hypers = hypers_of(program)
    label = label or label_of(text)
    return Optimizer(
        key="typed",
        label=label or LABEL,
        short=label or SHORT,
        formula=program.latex,
        source="Typed by the reader.",
        hypers=hypers,
        init=init_of(program),
        step=NamedStep(inside_of(program, quantities)),
        quantities=quantities,
        group="Your own",
        default_rate_from=rate_from(program),
        gradients=gradients_of(program),
        overhead=3.0,
        stochastic=program.random,
        text=text,
    )


__all__ = ["EXAMPLES", "LABEL", "Program", "label_of", "read", "text_of", "typed_rule"]
