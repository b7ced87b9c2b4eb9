"""Where a ROOT file has no checksum although it is compressed: records stored as they are.

A ROOT file is a sequence of records. Each begins with a key: number of bytes of the record
(negative for a gap), version, number of bytes of the unpacked object, time, length of the key,
cycle, two positions, then the names of the class, the object and its title, each after its
length."""

from __future__ import annotations

import struct
from collections.abc import Iterator

BEGIN = 100  # first record of every ROOT file
KEY = struct.Struct(">ihiIhh")
LARGE = 1000  # versions of keys with 8-byte positions are above this
POSITIONS = 8, 16  # bytes of the two positions


def stored_as_they_are(data: bytes) -> Iterator[range]:
    """The bytes of the baskets that compression did not make smaller."""
    at = BEGIN
    while at + KEY.size < len(data):
        size, version, unpacked, _, key, _ = KEY.unpack_from(data, at)
        if size == 0:
            return
        name = at + KEY.size + POSITIONS[version > LARGE]
        if size > 0 and size - key == unpacked and data.startswith(b"\x07TBasket", name):
            yield range(at + key, at + size)
        at += abs(size)


def only_unverified(data: bytes, damaged: bytes) -> bool:
    """Whether the damage to a ROOT file lies in one such basket."""
    if not data.startswith(b"root") or len(data) != len(damaged):
        return False
    changed = [at for at, (old, new) in enumerate(zip(data, damaged, strict=True)) if old != new]
    baskets = stored_as_they_are(data)
    return any(changed[0] in basket and changed[-1] in basket for basket in baskets)
