"""A race as the bytes the player reads.

    4 bytes   n, the length of the header, little-endian
    n bytes   the header, JSON in UTF-8, padded with spaces to a multiple of 4
    float32   little-endian: for each run of the header its points, (steps + 1, 2),
              and then its excess losses, (steps + 1,)
    float32   what the learning rate is multiplied by at each step, (steps,)
    uint8     where steps take minibatches: whether each sample is in each step's,
              (steps, samples)

The excess is the loss above the lowest known minimum, subtracted in float64: near
the minimum the difference keeps its digits, the loss itself would not. A value
beyond float32 becomes infinite, which the player shows as beyond its range.
"""

import json
import struct

import numpy as np

from optim.conditions import minibatches
from views.described import described_looks
from views.race import Race


def pack(race: Race) -> bytes:
    """Packs a race for the player."""
    steps, data, conditions = race.setup["steps"], race.surface.data, race.conditions
    sampled = data is not None and conditions.batch != data.size
    header = {
        "surface": race.setup.surface_key,
        "start": race.setup["start"],
        "steps": steps,
        "samples": data.size if data and sampled else 0,
        "base": race.base,
        "known": race.surface.lowest is not None,
        "minima": race.surface.minima,
        "following": race.setup.following,
        "device": race.device,
        "milliseconds": round(race.seconds * 1e3, 2),
        "runs": [
            {"key": key, "kind": run.outcome.kind, "text": run.outcome.text}
            | {"step": run.outcome.step, "look": look}
            for (key, run), look in zip(
                race.runs.items(), described_looks(race.setup, race.runs), strict=True
            )
        ],
    }
    text = json.dumps(header, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    parts = [struct.pack("<I", len(text)), text]
    with np.errstate(over="ignore"):
        for run in race.runs.values():
            parts.append(run.points.astype("<f4").tobytes())
            parts.append((run.losses - race.base).astype("<f4").tobytes())
        parts.append(conditions.factors(steps).astype("<f4").tobytes())
    if data and sampled:
        batches = minibatches(data.size, conditions.batch, conditions.seed, steps)
        parts.append((batches > 0).astype("u1").tobytes())
    return b"".join(parts)
