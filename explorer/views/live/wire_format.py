"""One binary message per frame for the live view: a JSON head, then the arrays it names."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

ALIGN = 8

Glyphs = dict[str, np.ndarray]


def pack(head: dict[str, Any], arrays: Glyphs) -> bytes:
    """uint32 length of the head, the head, then float32 or uint8 arrays at multiples of 8 bytes.

    The head gains `arrays`: name -> [type, offset from the start, number of elements].
    """
    parts: list[bytes] = []
    index: dict[str, list[Any]] = {}
    size = 0
    for name, array in arrays.items():
        array = np.ascontiguousarray(array, dtype=np.uint8 if array.dtype == np.uint8 else np.float32)
        index[name] = ["u1" if array.dtype == np.uint8 else "f4", size, array.size]
        raw = array.tobytes()
        raw += b"\0" * (-len(raw) % ALIGN)
        parts.append(raw)
        size += len(raw)
    # The offsets count from the start of the message, whose head has to be long enough for them.
    length = len(json.dumps({**head, "arrays": index})) + 8 * len(index)
    length += -(length + 4) % ALIGN
    for entry in index.values():
        entry[1] += length + 4
    text = json.dumps({**head, "arrays": index}).encode()
    return b"".join([struct.pack("<I", length), text.ljust(length), *parts])
