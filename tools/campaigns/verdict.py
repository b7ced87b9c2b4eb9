"""How a run on a damaged file ended."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from pathlib import PurePath

from .program import GIB, Ended

PEAK_MEMORY = 2 * GIB  # resident; undamaged files of the sample take 0.6 GB at most
SIGNALS = 128  # ROOT's handlers end the program with 128 + signal
PROGRESS = re.compile(r"\((\d+)/\d+\)")
NO_MEMORY = ("bad_alloc", "Cannot allocate memory", "length_error", "not enough memory")


class Verdict(enum.Enum):
    """The first two are right. `unclear` are errors in other than one line, or that do not name
    the file; `silent` is success with another result."""

    ERROR = "error"
    RIGHT = "right"
    UNCLEAR = "unclear"
    SILENT = "silent"
    CRASH = "crash"
    INTERNAL = "internal"
    HANG = "hang"
    MEMORY = "memory"


FAULTS = (Verdict.CRASH, Verdict.INTERNAL, Verdict.HANG, Verdict.MEMORY)


@dataclass(frozen=True)
class Judged:
    verdict: Verdict
    message: str


def judge(ended: Ended, file: str, same_result: bool) -> Judged:
    """Verdict on a run that was given the damaged file of this path."""
    last = ended.stderr.strip().splitlines()[-1:] or [""]
    message = (ended.errors or last)[0]
    if ended.timed_out and goes_on(ended):
        return Judged(Verdict.SILENT, f"goes on with what it is asked for: {message}")
    if ended.timed_out:
        return Judged(Verdict.HANG, f"{ended.seconds:.0f} s: {message}")
    if ended.peak_memory > PEAK_MEMORY:
        return Judged(Verdict.MEMORY, f"{ended.peak_memory / GIB:.1f} GiB: {message}")
    if ended.code != 0 and any(text in ended.stderr for text in NO_MEMORY):
        return Judged(Verdict.MEMORY, message)
    if ended.code < 0 or ended.code > SIGNALS:
        return Judged(Verdict.CRASH, message)
    if ended.code == 0:
        return Judged(Verdict.RIGHT if same_result else Verdict.SILENT, message)
    if ended.code not in (2, 3, 4):
        return Judged(Verdict.INTERNAL, message)
    clear = len(ended.errors) == 1 and PurePath(file).name in ended.errors[0]
    return Judged(Verdict.ERROR if clear else Verdict.UNCLEAR, message)


def goes_on(ended: Ended) -> bool:
    """Whether the progress still moved at the end: a number of events became two billion."""
    done = [int(count) for count in PROGRESS.findall(ended.stderr)]
    return len(done) > 1 and done[-1] > done[-2]
