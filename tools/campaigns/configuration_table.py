"""What random configurations gave, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .configurations import Tried


def describe_tried(tried: Tried) -> str:
    """The faults of a configuration, or why it was refused."""
    place = f"{tried.index} ({tried.drawn.network}, {tried.drawn.interface})"
    lines = [f"fault: {place}: {fault}" for fault in tried.faults]
    return "\n".join(lines or [f"refused: {place}: {tried.refused}"])


def configuration_table(all_tried: Sequence[Tried]) -> str:
    """Every check with how often it was made and the largest difference that it found."""
    counts: Counter[str] = Counter()
    largest: dict[str, float] = {}
    for tried in all_tried:
        counts.update(tried.checks)
        for what, difference in tried.largest.items():
            largest[what] = max(largest.get(what, 0), difference)
    networks = Counter(tried.drawn.network for tried in all_tried if not tried.refused)
    lines = [", ".join(f"{name} {number}" for name, number in sorted(networks.items()))]
    features = sum(number for what, number in counts.items() if what.startswith("feature "))
    rows = {what: number for what, number in counts.items() if not what.startswith("feature ")}
    if features:
        rows["features of an event"] = features
    for what, number in sorted(rows.items()):
        text = f"  {largest[what]:.1e}" if what in largest else ""
        lines.append(f"{what:45} {number:7}{text}")
    return "\n".join(lines)
