"""The table of the baselines: purity at working points per node and per hit, with bootstrap
intervals over events. Purity and interval are those of the shortcut audit
(bench/audit/measures.py)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "audit"))
from measures import Measure, measure  # noqa: E402

DEFAULT_POINTS = (0.985, 0.99, 0.995)


@dataclass
class Sample:
    """Scores of the nodes or hits of some events, collected event by event. Rows that an earlier
    stage has rejected have the score -inf: a working point above the share of the signal that is
    left keeps every row."""

    scores: list[np.ndarray] = field(default_factory=list)
    labels: list[np.ndarray] = field(default_factory=list)

    def add(self, score: np.ndarray, label: np.ndarray) -> None:
        """The rows of the next event."""
        self.scores.append(score.astype(np.float32))
        self.labels.append(label)

    def events(self) -> np.ndarray:
        """The event of every row."""
        return np.repeat(np.arange(len(self.labels)), [len(label) for label in self.labels])

    def measures(self, points: Sequence[float]) -> dict[str, Measure | None]:
        """By working point; None without signal or without background."""
        score, label, event = (
            np.concatenate(self.scores),
            np.concatenate(self.labels),
            self.events(),
        )
        return {f"{point:g}": measure(score, label, event, point) for point in points}


def origin_of(manifest: dict[str, Any]) -> str:
    """What the sample of a split is, for headings."""
    return manifest["sample"].get("origin") or "Sample of unknown origin"


def hit_scores(score: np.ndarray, hit: np.ndarray, n_hits: int) -> np.ndarray:
    """float32 [n_hits]: the largest score of the nodes of every hit, -inf for one without node."""
    best = np.full(n_hits, -np.inf, np.float32)
    np.maximum.at(best, hit, score.astype(np.float32))
    return best


@dataclass
class Row:
    """One line of the table."""

    model: str
    per: str  # "node" or "hit"
    measures: dict[str, Measure | None]

    def cells(self) -> list[str]:
        """For Markdown."""
        values = [
            "{:.3f} [{:.3f}, {:.3f}]".format(*found.purity) if found else "-"
            for found in self.measures.values()
        ]
        return [self.model, self.per, *values]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        points = {name: found and found.as_dict() for name, found in self.measures.items()}
        return {"model": self.model, "per": self.per, "working_points": points}


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    head = ["model", "per", *(f"purity at {name}" for name in rows[0].measures)]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def write_results(path: Path, settings: dict[str, Any], rows: Sequence[Row]) -> None:
    """One JSON file, written aside and renamed."""
    content = {**settings, "results": [row.as_dict() for row in rows]}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n")
    partial.rename(path)


def number(text: str) -> float:
    """NaN if it is none."""
    try:
        return float(text)
    except ValueError:
        return np.nan


def working_point(text: str) -> float:
    """The type of options that take working points."""
    if not 0 < number(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: expected a number between 0 and 1, such as 0.99")
    return number(text)


def share(text: str) -> float:
    """The type of options that take a part of something."""
    if not 0 < number(text) <= 1:
        raise argparse.ArgumentTypeError(f"{text}: expected a number above 0 and at most 1")
    return number(text)


def positive(text: str) -> float:
    """The type of options that take a size."""
    if not 0 < number(text) < np.inf:
        raise argparse.ArgumentTypeError(f"{text}: expected a number above 0")
    return number(text)


def count(text: str) -> int:
    """The type of options that take a number of events or rows."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 1")
    return int(text)
