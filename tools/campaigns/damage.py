"""Damaged copies of a file. Everything follows from (seed, kind, index)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

# What a length field claims: the edges of the integer types, and what no memory holds.
CLAIMS = (0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 1 << 40, 0x3FFFFFFF)
CLAIMED_TEXTS = (b"99999999999999999999999", b"4294967296", b"2000000000", b"-1", b"1e308")
NUMBER = re.compile(rb"\d+")


@dataclass(frozen=True)
class Damage:
    """One damaged file: what was done, from which byte on, and the bytes."""

    name: str
    offset: int
    data: bytes


def place(data: bytes, rng: random.Random) -> int:
    """Half of the places are in the first or last 1,024 bytes, where most formats have headers."""
    if rng.random() < 0.5 or len(data) <= 2048:
        return rng.randrange(len(data))
    near = rng.randrange(1024)
    return near if rng.random() < 0.5 else len(data) - 1 - near


def length(data: bytes, rng: random.Random) -> int:
    """1 byte to 4 kB, short ones as often as long ones, at most a quarter of the file."""
    return max(1, min(len(data) // 4, int(2 ** rng.uniform(0, 12))))


def replace(data: bytes, offset: int, new: bytes, old_length: int | None = None) -> bytes:
    after = offset + (len(new) if old_length is None else old_length)
    return data[:offset] + new + data[after:]


def flip_bit(data: bytes, rng: random.Random) -> tuple[int, bytes]:
    at = place(data, rng)
    return at, replace(data, at, bytes([data[at] ^ (1 << rng.randrange(8))]))


def change_bytes(data: bytes, rng: random.Random) -> tuple[int, bytes]:
    at = place(data, rng)
    return at, replace(data, at, rng.randbytes(min(rng.choice((1, 2, 4)), len(data) - at)))


def zero_range(data: bytes, rng: random.Random) -> tuple[int, bytes]:
    at = place(data, rng)
    return at, replace(data, at, bytes(min(length(data, rng), len(data) - at)))


def duplicate_range(data: bytes, rng: random.Random) -> tuple[int, bytes]:
    at, taken = place(data, rng), length(data, rng)
    return at, replace(data, at, data[at : at + taken] * 2, taken)


def truncate(data: bytes, rng: random.Random) -> tuple[int, bytes]:
    at = place(data, rng)
    return at, data[:at]


def insert(data: bytes, rng: random.Random) -> tuple[int, bytes]:
    at = place(data, rng)
    return at, replace(data, at, rng.randbytes(rng.choice((1, 2, 4, 8, 64))), 0)


def claim_size(data: bytes, rng: random.Random) -> tuple[int, bytes]:
    """A number becomes huge: 4 or 8 bytes of either order, or digits of a text."""
    numbers = list(NUMBER.finditer(data)) if is_text(data) else []
    if numbers:
        number = rng.choice(numbers)
        claim = rng.choice(CLAIMED_TEXTS)
        return number.start(), replace(data, number.start(), claim, number.end() - number.start())
    at = 0 if rng.random() < 0.1 else place(data, rng)
    width = rng.choice((4, 8))
    claim = (rng.choice(CLAIMS) & (256**width - 1)).to_bytes(width, rng.choice(("little", "big")))
    return at, replace(data, at, claim[: len(data) - at])


def is_text(data: bytes) -> bool:
    return b"\0" not in data[:4096] and not data.startswith(b"\x1f\x8b")


DAMAGES: tuple[Callable[[bytes, random.Random], tuple[int, bytes]], ...] = (
    flip_bit,
    flip_bit,
    flip_bit,
    change_bytes,
    change_bytes,
    zero_range,
    duplicate_range,
    truncate,
    insert,
    claim_size,
    claim_size,
)


def damage(data: bytes, seed: int, kind: str, index: int) -> Damage:
    """Damaged file number `index` of the kind; never equal to the undamaged one."""
    rng = random.Random(f"{seed}/{kind}/{index}")
    function = DAMAGES[index % len(DAMAGES)]
    while True:
        offset, damaged = function(data, rng)
        if damaged != data:
            return Damage(function.__name__, offset, damaged)
