"""Arrays for a file that is to be small: what changes smoothly is nearly all zeros.

Of the numbers' bits, as whole numbers, the differences of differences along the first
axis are kept, with their signs folded into the lowest bit, and the bytes are sorted by
significance: gzip makes a third of what it makes of the numbers themselves. Nothing is
rounded. `views/player/smooth.js` reads it.
"""

import json

import numpy as np
from safetensors.numpy import save

_WORDS = {4: (np.uint32, np.int32), 8: (np.uint64, np.int64)}


def smoothed(array: np.ndarray) -> np.ndarray:
    """An array of floats with its bytes in that order, of the same shape and type."""
    if array.dtype.kind != "f" or not array.size:
        return array
    unsigned, signed = _WORDS[array.itemsize]
    rows = len(array)
    words = np.ascontiguousarray(array).view(unsigned).reshape(rows, -1)
    for _ in range(2):
        words = np.diff(words, axis=0, prepend=np.zeros_like(words[:1]))
    changes = words.view(signed)
    bits = 8 * array.itemsize
    folded = ((changes << 1) ^ (changes >> (bits - 1))).astype(unsigned, order="C")
    planes = folded.view(np.uint8).reshape(rows, -1).T
    ordered = np.ascontiguousarray(planes)
    return ordered.reshape(-1).view(array.dtype).reshape(array.shape)


def pack_smoothly(header: object, arrays: dict[str, np.ndarray]) -> bytes:
    """A header and arrays as safetensors, as `views.result.pack` has them."""
    packed = {name: smoothed(array) for name, array in arrays.items()}
    return save(packed, {"result": json.dumps(header, allow_nan=False)})
