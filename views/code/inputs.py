"""Schedule, noise and minibatches of an entry, as code.

What differs from step to step has a name in the script: `factor(t)`, `NOISE[t]` and
`WEIGHTS[t]`; of entries with conditions of their own, `factor_2(t)` and so on.
"""

from dataclasses import dataclass

from optim import Conditions
from optim.conditions import BOX
from views.code.lines import docstring, indented, statement
from views.code.target import Target

MINIBATCHES = (
    "def minibatches(samples, batch, seed):",
    '    """The weight of each sample in each step: every epoch has a new order."""',
    "    random = np.random.RandomState([seed, 2])",
    "    rows = []",
    "    while len(rows) < STEPS:",
    "        order = random.permutation(samples)",
    "        for first in range(0, samples, batch):",
    "            chosen = order[first : first + batch]",
    "            row = np.zeros(samples)",
    "            row[chosen] = 1 / len(chosen)",
    "            rows.append(row)",
    "    return np.array(rows[:STEPS])",
)


@dataclass(frozen=True)
class StepNames:
    """What an entry calls what differs from step to step; empty where nothing does."""

    factor: str = ""
    noise: str = ""
    weights: str = ""
    noisy_loss: str = ""
    project: str = ""
    forwards: bool = False


class StepCode:
    """The lines of all conditions in a race.

    Attributes:
        functions: What is needed.
        losses: By name, losses with noise: not every rule asks for them.
        constants: Noise and minibatches.
    """

    def __init__(
        self, target: Target, samples: int | None, steps: int, *, forwards: bool = False
    ) -> None:
        """Of a race of a number of steps, on a surface of so many samples.

        Args:
            target: The library.
            samples: Of the surface.
            steps: Of the race.
            forwards: Whether slopes are found forwards.
        """
        self._target, self._samples, self._steps = target, samples, steps
        self._forwards = forwards
        self._factors: dict[object, str] = {}
        self._noises: dict[object, str] = {}
        self._weights: dict[object, str] = {}
        self._losses: dict[object, str] = {}
        self._regions: dict[object, str] = {}
        self.losses: dict[str, list[str]] = {}
        self.functions: list[list[str]] = []
        self.constants: list[str] = []

    def names(self, conditions: Conditions) -> StepNames:
        """What conditions are called, written with the others."""
        noise, weights = self._noise(conditions), self._batch(conditions)
        return StepNames(
            self._factor(conditions),
            noise,
            weights,
            self._noisy_loss(noise, weights),
            self._project(conditions),
            self._forwards,
        )

    def _project(self, conditions: Conditions) -> str:
        region = conditions.region
        if region is None:
            return ""
        if region not in self._regions:
            self._regions[region] = name = _numbered("project", self._regions)
            self.functions.append(_projection(name, region, self._target))
        return self._regions[region]

    def _factor(self, conditions: Conditions) -> str:
        schedule, warmup = conditions.schedule, conditions.warmup
        if schedule.key == "constant" and not warmup:
            return ""
        key = schedule.key, tuple(conditions.schedule_hypers), warmup
        if key not in self._factors:
            self._factors[key] = name = _numbered("factor", self._factors)
            self.functions.append(
                factor_function(name, conditions, self._steps, self._target)
            )
        return self._factors[key]

    def _noise(self, conditions: Conditions) -> str:
        if not conditions.noise:
            return ""
        key = conditions.noise, conditions.seed
        if key not in self._noises:
            self._noises[key] = name = _numbered("NOISE", self._noises)
            random = f"np.random.RandomState([{int(conditions.seed)}, 1])"
            drawn = f"{random}.standard_normal((STEPS, 2))"
            self._constant(name, f"{float(conditions.noise)!r} * {drawn}")
        return self._noises[key]

    def _batch(self, conditions: Conditions) -> str:
        size = self._samples
        if size is not None and conditions.in_turn:
            self._weights[None] = name = "WEIGHTS"
            if f"{name} = " not in "".join(self.constants):
                self._constant(name, f"np.eye({size})[np.arange(STEPS) % {size}]")
            return name
        if size is None or conditions.batch in (None, size):
            return ""
        key = conditions.batch, conditions.seed
        if key not in self._weights:
            self._weights[key] = name = _numbered("WEIGHTS", self._weights)
            if list(MINIBATCHES) not in self.functions:
                self.functions.insert(0, list(MINIBATCHES))
            of = f"{size}, {int(conditions.batch or size)}, {int(conditions.seed)}"
            self._constant(name, f"minibatches({of})")
        return self._weights[key]

    def _noisy_loss(self, noise: str, weights: str) -> str:
        if not noise:
            return ""
        key = noise, weights
        if key not in self._losses:
            self._losses[key] = name = _numbered("noisy_loss", self._losses)
            of = f"w, {weights}[t]" if weights else "w"
            self.losses[name] = [
                f"def {name}(w, t):",
                '    """The loss of step t: noise in the gradient tilts it."""',
                f"    return loss({of}) + {noise}[t] @ w",
            ]
        return self._losses[key]

    def _constant(self, name: str, value: str) -> None:
        if make := self._target.from_numpy:
            value = f"{make}({value})"
        self.constants += statement(f"{name} = ", value, indent=0)


def _numbered(name: str, known: dict[object, str]) -> str:
    return f"{name}_{len(known) + 1}" if known else name


def _projection(name: str, region: tuple[float, ...], target: Target) -> list[str]:
    """The function from a point to the nearest one of a region."""
    m, make = target.module, target.array
    if len(region) == BOX:
        low, high = ([*map(float, part)] for part in (region[:2], region[2:]))
        lines = [
            '    """The nearest point of the box."""',
            f"    low, high = {make}({low}), {make}({high})",
            f"    return {m}.minimum({m}.maximum(w, low), high)",
        ]
    else:
        x, y, radius = map(float, region)
        lines = [
            '    """The nearest point of the disc."""',
            f"    center, radius = {make}([{x!r}, {y!r}]), {make}({radius!r})",
            "    away = w - center",
            f"    length = {m}.sqrt((away * away).sum())",
            f"    nearest = center + away * (radius / {m}.maximum(length, radius))",
            f"    return {m}.where(length > radius, nearest, w)",
        ]
    return [f"def {name}(w):", *lines]


def factor_function(
    name: str, conditions: Conditions, steps: int, target: Target
) -> list[str]:
    """The function from a step to what the learning rate is multiplied by."""
    schedule, warmup = conditions.schedule, int(conditions.warmup)
    says = f"The factor of the learning rate at step t: {schedule.label.lower()}"
    says += f", after {warmup} of warm-up." if warmup else "."
    traced = target.key == "optax"
    m = "math" if target.key == "torch" else target.module
    h = {k: repr(float(v)) for k, v in conditions.schedule_hypers._asdict().items()}
    horizon = max(steps - warmup, 1)
    after = {
        "constant": lambda: "1.0",
        "step_decay": lambda: f"{h['drop']} ** {m}.floor(t / {h['every']})",
        "exponential": lambda: f"0.5 ** (t / {h['half_life']})",
        "inverse_time": lambda: f"1 / (1 + {h['rate']} * t)",
        "cosine": lambda: (
            f"{h['end']} + (1 - {h['end']}) / 2 * (1 + {m}.cos({m}.pi * t / {horizon}))"
        ),
    }[schedule.key]()
    rising = f"(t + 1) / {warmup}"
    if traced:
        lines = ["t = jnp.asarray(t, float)"]
        if warmup:
            lines += [f"rising, t = {rising}, jnp.maximum(t - {warmup}, 0)"]
            lines += [f"after = {after}"]
            lines += ["return jnp.where(rising <= 1, rising, after)"]
        else:
            lines += [f"return {after}"]
    else:
        lines = []
        if warmup:
            lines = [f"if t < {warmup}:", f"    return {rising}", f"t = t - {warmup}"]
        lines += [f"return {after}"]
    return [f"def {name}(t):", *indented([*docstring(says), *lines])]
