"""Interleaved timing of several ways to compute the same thing: A B C A B C ..., so that changes in
the speed of the machine affect all alike."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Timing:
    """Milliseconds per call."""

    minimum: float
    median: float
    repetitions: int

    def __str__(self) -> str:
        return f"{self.minimum:.2f} / {self.median:.2f}"


def interleaved(
    calls: dict[str, Callable[[], object]], repetitions: int = 9, warmup: int = 2
) -> dict[str, Timing]:
    """Times every call `repetitions` times, taking turns."""
    for _ in range(warmup):
        for call in calls.values():
            call()
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repetitions):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            samples[name].append((time.perf_counter() - start) * 1e3)
    return {name: Timing(min(s), statistics.median(s), repetitions) for name, s in samples.items()}


def machine() -> str:
    """Processor and its relevant vector extensions, for the heading of a table."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next(
        (line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")),
        platform.processor(),
    )
    flags = set(next((line for line in text.splitlines() if line.startswith("flags")), "").split())
    wanted = [
        f for f in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile") if f in flags
    ]
    return f"{model} ({' '.join(wanted)})"


def print_table(title: str, timings: dict[str, Timing], reference: str, note: str = "") -> None:
    """One Markdown table: ms min / median and the ratio of medians to the row `reference`."""
    print(
        f"\n### {title}\n{machine()}, one thread, {next(iter(timings.values())).repetitions} "
        f"repetitions, ms min / median{note}\n"
    )
    print("| | ms | ratio |\n|---|---|---|")
    for name, timing in timings.items():
        print(f"| {name} | {timing} | {timing.median / timings[reference].median:.2f} |")
