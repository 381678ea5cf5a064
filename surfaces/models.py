"""Models with two weights, a and b, for data of one's own.

A model gives each sample a score, and a loss compares that with the target. Of one
input, that is of a slope and an intercept; of two inputs, each weight is that of an
input, and there is no intercept. A model may be typed, as `a*tanh(b*x)`: it is read as
a formula (formula/), and never run as Python.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from surfaces.formula import Expression, FormulaError, parse_declared
from surfaces.formula.nodes import Name, Node

MODELS = {
    "line": "Straight line",
    "logistic": "Logistic",
    "hinge": "Hinge",
    "tanh": "Tiny network",
    "typed": "Typed",
}
MODELS_OF_TWO = MODELS | {"line": "Plane", "tanh": "One neuron"}
"""What they are of two inputs."""
LOSSES = {"squared": "squared error", "logistic": "logistic loss"}
"""Those that a model which is typed may have."""
EXAMPLE = "a*tanh(b*x)"
EXAMPLE_OF_TWO = "tanh(a*x1 + b*x2)"
LONGEST = 200
"""Characters of a model that is typed."""

INPUTS = ("inputs",)
INPUTS_OF_TWO = ("inputs1", "inputs2")
"""What the columns of inputs are called in the formula of a loss."""

_CALLED = {"a": "x", "b": "y", "x": INPUTS[0]} | dict(
    zip(("x1", "x2"), INPUTS_OF_TWO, strict=True)
)
"""What a weight or an input is called in the formula of the loss, where the weights are
the point."""
_NAMES = ("a", "b", "x1", "x2")
_INDEX = re.compile(r"\bx_([12])\b", re.ASCII)
_SYMBOLS = {
    "inputs": "x_i",
    "inputs1": "x_{i1}",
    "inputs2": "x_{i2}",
    "targets": "y_i",
}
_NOTATIONS = {
    "squared": r"\tfrac{1}{n} \sum_i \tfrac{1}{2}\,(s_i - y_i)^2,\ s_i = ",
    "logistic": r"\tfrac{1}{n} \sum_i \log\left(1 + e^{s_i}\right) - y_i s_i,"
    r"\ s_i = ",
}
_FORMULAS = {
    "squared": "(s - targets)^2/2 where s = ",
    "logistic": "s - log(sigmoid(s)) - targets s where s = ",
}


@dataclass(frozen=True)
class Model:
    """A model and its loss, for arrays of NumPy or of JAX.

    Attributes:
        score: From the module, the weights a and b, and inputs: (n,) or (2, n).
        loss: From the module, scores and targets.
        curve: The key of the curve that a picture draws of it.
        notation: The mean loss in LaTeX.
        formula: The loss of a sample, in the language of formulas: of `inputs`, or of
            `inputs1` and `inputs2`, of `targets`, and of the weights, which are x and
            y.
        outputs: From the module and scores, what it predicts.
        smooth: Whether the gradient is continuous.
        labels: The targets that it takes, where those are labels.
        typed: Its score as it was typed: of weights x and y, and of the inputs.
    """

    score: Callable[[Any, Any, Any, Any], Any]
    loss: Callable[[Any, Any, Any], Any]
    curve: str
    notation: str
    formula: str
    outputs: Callable[[Any, Any], Any] = lambda m, score: score
    smooth: bool = True
    labels: tuple[float, ...] = ()
    typed: Expression | None = None


def _squared(m: Any, score: Any, y: Any) -> Any:
    return (score - y) ** 2 / 2


def _log_loss(m: Any, score: Any, y: Any) -> Any:
    # -log p for label 1, -log(1 - p) for label 0, without ever forming p.
    return m.logaddexp(score, 0.0) - y * score


def _hinge(m: Any, score: Any, y: Any) -> Any:
    return m.maximum(0.0, 1.0 - y * score)


def _sigmoid(m: Any, score: Any) -> Any:
    return m.exp(-m.logaddexp(0.0, -score))


def _line(m: Any, a: Any, b: Any, x: Any) -> Any:
    return a * x + b


def _tanh(m: Any, a: Any, b: Any, x: Any) -> Any:
    return b * m.tanh(a * x)


def _plane(m: Any, a: Any, b: Any, x: Any) -> Any:
    return a * x[0] + b * x[1]


def _neuron(m: Any, a: Any, b: Any, x: Any) -> Any:
    return m.tanh(_plane(m, a, b, x))


BUILT_IN = {
    "line": Model(
        _line,
        _squared,
        "line",
        r"\tfrac{1}{n} \sum_i \tfrac{1}{2}\,(x\,x_i + y - y_i)^2",
        "(x inputs + y - targets)^2/2",
    ),
    "logistic": Model(
        _line,
        _log_loss,
        "logistic",
        r"\tfrac{1}{n} \sum_i \log\left(1 + e^{s_i}\right) - y_i s_i,"
        r"\ s_i = x\,x_i + y",
        "s - log(sigmoid(s)) - targets s where s = x inputs + y",
        _sigmoid,
        labels=(0.0, 1.0),
    ),
    "hinge": Model(
        _line,
        _hinge,
        "line",
        r"\tfrac{1}{n} \sum_i \max(0,\ 1 - y_i\,(x\,x_i + y))",
        "max(0, 1 - targets (x inputs + y))",
        smooth=False,
        labels=(-1.0, 1.0),
    ),
    "tanh": Model(
        _tanh,
        _squared,
        "tanh",
        r"\tfrac{1}{n} \sum_i \tfrac{1}{2}\,(y \tanh(x\,x_i) - y_i)^2",
        "(y tanh(x inputs) - targets)^2/2",
    ),
}
"""Of one input, by their keys."""

BUILT_IN_OF_TWO = {
    "line": replace(
        BUILT_IN["line"],
        score=_plane,
        notation=r"\tfrac{1}{n} \sum_i \tfrac{1}{2}\,"
        r"(x\,x_{i1} + y\,x_{i2} - y_i)^2",
        formula="(x inputs1 + y inputs2 - targets)^2/2",
    ),
    "logistic": replace(
        BUILT_IN["logistic"],
        score=_plane,
        notation=_NOTATIONS["logistic"] + r"x\,x_{i1} + y\,x_{i2}",
        formula=_FORMULAS["logistic"] + "x inputs1 + y inputs2",
    ),
    "hinge": replace(
        BUILT_IN["hinge"],
        score=_plane,
        notation=r"\tfrac{1}{n} \sum_i "
        r"\max(0,\ 1 - y_i\,(x\,x_{i1} + y\,x_{i2}))",
        formula="max(0, 1 - targets (x inputs1 + y inputs2))",
    ),
    "tanh": replace(
        BUILT_IN["tanh"],
        score=_neuron,
        notation=r"\tfrac{1}{n} \sum_i \tfrac{1}{2}\,"
        r"(\tanh(x\,x_{i1} + y\,x_{i2}) - y_i)^2",
        formula="(tanh(x inputs1 + y inputs2) - targets)^2/2",
    ),
}
"""Of two inputs."""


def typed_model(text: str, loss: str) -> Model:
    """A model that is typed.

    Args:
        text: Its score, from x, or x1 and x2, by a and b.
        loss: One of `LOSSES`.

    Raises:
        FormulaError: If it cannot be read, in words that complete a sentence.
    """
    score = prediction(text)
    labelled = loss == "logistic"
    two = is_of_two(score)
    names = INPUTS_OF_TWO if two else INPUTS

    def scores(m: Any, a: Any, b: Any, x: Any) -> Any:
        columns = (x[0], x[1]) if two else (x,)
        shape = _shape(m, a, columns[0])
        a, b, *columns = (m.broadcast_to(each, shape) for each in (a, b, *columns))
        return score.evaluate(a, b, m, dict(zip(names, columns, strict=True)))

    return Model(
        scores,
        _log_loss if labelled else _squared,
        f"typed {loss}",
        _NOTATIONS[loss] + replace(score, symbols=_SYMBOLS).latex,
        _FORMULAS[loss] + score.text,
        _sigmoid if labelled else Model.outputs,
        labels=(0.0, 1.0) if labelled else (),
        typed=score,
    )


def _shape(m: Any, weight: Any, x: Any) -> tuple[int, ...]:
    # Weights of one point, or of many in a column.
    return (*m.shape(weight)[:-1], *m.shape(x))


def is_of_two(score: Expression) -> bool:
    """Whether a model that was typed is of two inputs."""
    return INPUTS[0] not in score.words


def prediction(text: str) -> Expression:
    """Reads a model: what it says of x, or of x1 and x2, by the weights a and b.

    Returns:
        The formula in x and y, which are the weights, and `inputs`; of two inputs,
        `inputs1` and `inputs2`.

    Raises:
        FormulaError: In words that complete a sentence.
    """
    if len("".join(text.split())) > LONGEST:
        raise FormulaError(f"the model is longer than {LONGEST} characters")
    text = _INDEX.sub(r"x\1", text.strip())
    read = parse_declared(text, {name: name for name in _NAMES})
    if read.definitions:
        raise FormulaError("write the model without `where`")
    if "y" in read.words:
        raise FormulaError(
            "the model uses y, which it is to predict; allowed are x, a and b, or x1, "
            "x2, a and b"
        )
    two = {"x1", "x2"} & read.words
    if two and "x" in read.words:
        raise FormulaError(
            f"the model uses x and {min(two)}; of one input it uses x, of two x1 and x2"
        )
    for name in ("a", "b", *(("x1", "x2") if two else ("x",))):
        if name not in read.words:
            what = "weight" if name in "ab" else "input"
            raise FormulaError(f"the model does not use the {what} {name}")
    return Expression(_renamed(read.node))


def _renamed(node: Node) -> Node:
    """A tree with the names that weights and inputs have in the loss."""
    if isinstance(node, Name):
        return Name(_CALLED.get(node.name, node.name))
    made: dict[str, Any] = {}
    for field in fields(node):
        part = getattr(node, field.name)
        if isinstance(part, tuple):
            made[field.name] = tuple(map(_renamed, part))
        elif isinstance(part, Node):
            made[field.name] = _renamed(part)
    return replace(node, **made)
