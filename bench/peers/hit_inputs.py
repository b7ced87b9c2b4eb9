"""The 18 inputs of the published hit filter for every hit, read from the shards of a prepared split
(one row per hit; a materialized set has one per hit and bucket)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot

sys.path.append(str(Path(__file__).resolve().parents[1] / "audit"))
from sample import read_manifest  # noqa: E402

EVENTS_PER_STEP = 50
# Columns of the ntuple, without `spacePoint_`.
COLUMNS = (
    *(f"globEdge{end}{axis}" for end in ("High", "Low") for axis in "XYZ"),
    *("driftR", "channel", "layer", "stationPhi", "stationEta", "stationIndex", "technology"),
)
DERIVED = ("r", "s", "theta", "phi", "eta")  # of the global position
INPUTS = (*COLUMNS, *DERIVED)
SMALLEST_RADIUS = 1e-3  # mm, as the feature `eta`


@dataclass
class HitEvent:
    """One event with n hits."""

    inputs: np.ndarray  # float32 [n, 18]
    is_true: np.ndarray  # bool [n]


def derived(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> list[np.ndarray]:
    """The columns DERIVED of positions in mm: mm and rad."""
    r = np.hypot(x, y)
    return [
        r,
        np.hypot(r, z),
        np.arctan2(r, z),
        np.arctan2(y, x),
        np.arcsinh(z / np.maximum(r, SMALLEST_RADIUS)),
    ]


class HitSplit:
    """A split that `stationhit prepare` wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.manifest = folder, read_manifest(folder)
        if self.manifest.get("kind") != "prepared split":
            raise SystemExit(
                f"error: {folder}/manifest.json: describes a {self.manifest.get('kind')}, not a "
                "prepared split; give a split of `stationhit prepare`, for example PREPARED/test"
            )
        lacking = {
            branch
            for file in self.manifest.get("missing_branches", [])
            for branch in file["branches"]
        }
        missing = sorted(lacking & {f"spacePoint_{name}" for name in COLUMNS})
        if missing:
            raise SystemExit(
                f"error: {folder}/manifest.json: its ntuples lack {', '.join(missing)}, which the "
                "hit filter needs; prepare files that have these branches"
            )
        self.n_events: int = self.manifest["counts"]["events"]

    def require(self, events: int, option: str) -> None:
        """Ends the program if there are fewer events."""
        if self.n_events < events:
            raise SystemExit(
                f"error: {self.folder} has {self.n_events} events, but {events} are asked for "
                f"({option}); lower the number or prepare a larger sample"
            )

    def events(self, events: int, order: np.random.Generator | None = None) -> Iterator[HitEvent]:
        """The first events of the split. With a generator they come in random order: the shards,
        and the events within each; only one shard is then in memory."""
        taken = self.events_per_shard(events)
        shards = np.arange(len(taken)) if order is None else order.permutation(len(taken))
        for shard in shards:
            path, n = self.folder / self.manifest["shards"][shard]["file"], taken[shard]
            if order is None:
                yield from read_shard(path, n)
            else:
                found = list(read_shard(path, n))
                for event in order.permutation(n):
                    yield found[event]

    def events_per_shard(self, events: int) -> list[int]:
        """How many of the first events are in each shard."""
        taken: list[int] = []
        for shard in self.manifest["shards"]:
            taken.append(min(shard["counts"]["events"], events - sum(taken)))
        return taken


def read_shard(path: Path, events: int) -> Iterator[HitEvent]:
    """Its first events."""
    names = [*COLUMNS, *(f"globPos{axis}" for axis in "XYZ"), "truthLink"]
    shard = uproot.open(path)["events"]
    for first in range(0, events, EVENTS_PER_STEP):
        table: Any = shard.arrays(
            [f"spacePoint_{name}" for name in names],
            entry_start=first,
            entry_stop=min(first + EVENTS_PER_STEP, events),
        )
        yield from split_events(table, names)


def split_events(table: Any, names: Sequence[str]) -> Iterator[HitEvent]:
    """The events of some entries of a shard."""
    ends = np.cumsum(ak.to_numpy(ak.num(table["spacePoint_truthLink"])))
    flat = {name: ak.to_numpy(ak.flatten(table[f"spacePoint_{name}"])) for name in names}
    columns = [flat[name] for name in COLUMNS] + derived(
        *(flat[f"globPos{axis}"] for axis in "XYZ")
    )
    inputs = np.stack(columns, axis=1, dtype=np.float32, casting="unsafe")
    for rows in np.split(np.arange(ends[-1] if len(ends) else 0), ends[:-1]):
        yield HitEvent(inputs[rows], flat["truthLink"][rows] >= 0)
