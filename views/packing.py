"""A race as the bytes the player reads.

    4 bytes   n, the length of the header, little-endian
    n bytes   the header, JSON in UTF-8, padded with spaces to a multiple of 4
    the rest  float32, little-endian: for each run of the header its points,
              (steps + 1, 2), and then its excess losses, (steps + 1,)

The excess is the loss above the lowest known minimum, subtracted in float64: near
the minimum the difference keeps its digits, the loss itself would not. A value
beyond float32 becomes infinite, which the player shows as beyond its range.
"""

import json
import struct

import numpy as np

from views.race import Race


def pack(race: Race) -> bytes:
    """Packs a race for the player."""
    header = {
        "surface": race.setup.surface_key,
        "start": race.setup["start"],
        "steps": race.setup["steps"],
        "base": race.base,
        "device": race.device,
        "milliseconds": round(race.seconds * 1e3, 2),
        "runs": [
            {"key": key, "kind": run.outcome.kind, "text": run.outcome.text}
            | {"step": run.outcome.step}
            for key, run in race.runs.items()
        ],
    }
    text = json.dumps(header, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    parts = [struct.pack("<I", len(text)), text]
    with np.errstate(over="ignore"):
        for run in race.runs.values():
            parts.append(run.points.astype("<f4").tobytes())
            parts.append((run.losses - race.base).astype("<f4").tobytes())
    return b"".join(parts)
