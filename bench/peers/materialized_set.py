"""Reads materialized splits (docs/data.md) event by event: rows are taken from the parts as they
are needed, so memory does not grow with the size of a part or of the split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open


@dataclass
class Event:
    """One event of a materialized split with N nodes and G groups."""

    features: np.ndarray  # float32 [N, F]
    neighbors: np.ndarray | None  # int32 [N, k], padded with -1; None: fully connected groups
    offsets: np.ndarray  # [G + 1], first node of every group, then N
    hit: np.ndarray  # [N]
    is_true: np.ndarray  # bool, per hit

    def labels(self) -> np.ndarray:
        """bool [N]: nodes of signal hits."""
        return self.is_true[self.hit]

    def groups(self) -> np.ndarray:
        """[N]: the group of every node."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


class MaterializedSplit:
    """A folder that `stationhit prepare --materialize` wrote for a split."""

    def __init__(self, folder: Path) -> None:
        path = folder / "manifest.json"
        if not path.exists():
            raise SystemExit(
                f"error: {path}: no such file; give the folder that `stationhit prepare "
                "--materialize RUN.yaml -o FOLDER` wrote, with its splits train and test"
            )
        self.folder, self.manifest = folder, json.loads(path.read_text())
        if self.manifest.get("kind") != "materialised split":
            raise SystemExit(
                f"error: {path}: describes a {self.manifest.get('kind', 'file of another kind')}, "
                "not a materialized split; make one with `stationhit prepare --materialize`"
            )
        self.features: list[str] = self.manifest["features"]
        self.n_events: int = self.manifest["counts"]["events"]

    def columns(self, names: Sequence[str]) -> list[int]:
        """The columns of `features` with these names."""
        missing = [name for name in names if name not in self.features]
        if missing:
            raise SystemExit(
                f"error: {self.folder}/manifest.json: the set lacks the features "
                f"{', '.join(missing)}; add them to `features` of the run file and materialize "
                "again"
            )
        return [self.features.index(name) for name in names]

    def events(self, first: int = 0, last: int | None = None) -> Iterator[Event]:
        """The events first, first + 1, ..., last - 1 in the order of the split; all from `first` on
        without `last`. Parts before the first event are not opened."""
        last, part_first = self.n_events if last is None else last, 0
        for entry in self.manifest["parts"]:
            n = entry["counts"]["events"]
            begin, end = max(0, first - part_first), min(n, last - part_first)
            if begin < end:
                yield from read_part(self.folder / entry["file"], begin, end)
            part_first += n


def read_part(path: Path, begin: int, end: int) -> Iterator[Event]:
    """The events begin, ..., end - 1 of a part."""
    with safe_open(path, "numpy") as part:
        bounds = {
            what: part.get_tensor(f"event_{what}").astype(np.int64)
            for what in ("nodes", "groups", "hits")
        }
        with_table = "neighbours" in part.keys()  # noqa: SIM118
        for e in range(begin, end):
            yield read_event(part, bounds, e, with_table)


def read_event(part: Any, bounds: dict[str, np.ndarray], e: int, with_table: bool) -> Event:
    """Event e of an open part."""
    nodes, groups, hits = (bounds[what][e : e + 2] for what in ("nodes", "groups", "hits"))
    # The offsets of an event have one more entry than it has groups.
    offsets = part.get_slice("offsets")[int(groups[0]) + e : int(groups[1]) + e + 1]

    def rows(name: str, of: np.ndarray) -> np.ndarray:
        return part.get_slice(name)[int(of[0]) : int(of[1])]

    return Event(
        features=rows("features", nodes),
        neighbors=rows("neighbours", nodes) if with_table else None,
        offsets=offsets.astype(np.int64),
        hit=rows("hit", nodes).astype(np.int64),
        is_true=rows("truth_link", hits) >= 0,
    )
