"""Hits of a prepared split as tables: label, event, technology and the features of the audit."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot

sys.path.append(str(Path(__file__).resolve().parents[1] / "peers"))
from tree_features import (  # noqa: E402
    OTHER_LAYER_THETA,
    PHI_DISTANCE,
    STATION_LAYERS,
    pairs_in_phi,
    station_layer,
)

TECHNOLOGIES = {"MDT": 0, "RPC": 2, "TGC": 3, "sTGC": 4, "MM": 5}
EVENTS_PER_STEP = 50
NEIGHBOUR_DISTANCE = 500.0  # mm, as the feature `neighbors`
SMALLEST_RANGE = 10.0  # mm, as the feature `bucket_density`
COUNTING = ("neighbors", "bucket_density", "isolation", "bucket_hits")
# Numbers of hits in the direction of the hit, by station layer and distance in theta; the cones are
# those of bench/peers/context_trees.py.
OTHER_STATIONS = tuple(
    f"hits_{name}_{theta:g}" for name in ("inner", "middle", "outer") for theta in OTHER_LAYER_THETA
)
CATEGORIES = ("technology", "stationIndex")


@dataclass
class Hits:
    """Rows are hits; columns of `values` are named by `names`."""

    names: list[str]
    values: np.ndarray  # float32 [n, len(names)]
    label: np.ndarray  # bool [n]
    event: np.ndarray  # running number of the event in the split
    technology: np.ndarray

    def __len__(self) -> int:
        return len(self.label)

    def select(self, rows: np.ndarray) -> Hits:
        """Some of the rows."""
        return Hits(
            self.names, self.values[rows], self.label[rows], self.event[rows], self.technology[rows]
        )

    def columns(self, names: list[str]) -> np.ndarray:
        """The values of some columns, in this order."""
        return self.values[:, [self.names.index(name) for name in names]]


def read_manifest(split: Path) -> dict[str, Any]:
    """The manifest that `stationhit prepare` wrote for a split."""
    path = split / "manifest.json"
    if not path.exists():
        raise SystemExit(
            f"error: {path}: no such file; give the folder that `stationhit prepare` wrote, "
            "with the splits train and test in it"
        )
    return json.loads(path.read_text())


def shard_files(split: Path) -> list[Path]:
    """The shards of a split in the order of its manifest."""
    return [split / shard["file"] for shard in read_manifest(split)["shards"]]


def event_numbers(split: Path) -> list[int]:
    """Event numbers of a split, sorted."""
    return sorted(
        int(n)
        for file in shard_files(split)
        for n in uproot.open(file)["events"].arrays(["eventNumber"])["eventNumber"]
    )


def close_pairs(x: np.ndarray, y: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """For every node the other nodes of its bucket that are closer than NEIGHBOUR_DISTANCE; buckets
    follow one another."""
    counts = np.zeros(len(x), dtype=np.float32)
    ends = np.cumsum(lengths)
    for size in np.unique(lengths[lengths > 0]):
        nodes = (ends[lengths == size] - size)[:, None] + np.arange(size)
        for block in np.array_split(nodes, max(1, len(nodes) * int(size) ** 2 // 4_000_000)):
            bx, by = x[block], y[block]
            near = (bx[:, :, None] - bx[:, None, :]) ** 2 + (
                by[:, :, None] - by[:, None, :]
            ) ** 2 < NEIGHBOUR_DISTANCE**2
            counts[block] = near.sum(axis=2) - 1
    return counts


def counting_features(events: ak.Array, offsets: np.ndarray) -> np.ndarray:
    """[n_hits, len(COUNTING)]; a hit that is in several buckets gets the largest value of each."""
    lengths = ak.to_numpy(ak.flatten(events["bucket_nSpacePoints"])).astype(np.int64)
    per_event = ak.to_numpy(ak.num(events["bucket_spacePoints"]))
    hit = ak.to_numpy(ak.flatten(events["bucket_spacePoints"])).astype(np.int64) + np.repeat(
        offsets[:-1], per_event
    )
    x, y = (ak.to_numpy(ak.flatten(events[f"spacePoint_Position{axis}"]))[hit] for axis in "XY")
    neighbors = close_pairs(x, y, lengths)
    span = ak.to_numpy(ak.flatten(events["bucket_xMax"] - events["bucket_xMin"]))
    density = np.repeat(lengths / np.maximum(span, SMALLEST_RANGE), lengths)
    node_values = np.stack(
        [neighbors, density, neighbors / density, np.repeat(lengths, lengths)], axis=1
    )
    values = np.zeros((offsets[-1], len(COUNTING)), dtype=np.float32)
    np.maximum.at(values, hit, node_values.astype(np.float32))
    return values


def hits_of_other_stations(
    phi: np.ndarray, theta: np.ndarray, station: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """[n_hits, len(OTHER_STATIONS)]: hits of the event in each station layer but the hit's own (NaN
    there) that are within PHI_DISTANCE in phi and within each distance in theta. Nothing but the
    place of the other hits counts."""
    layer = station_layer(station)
    values = np.full((offsets[-1], len(OTHER_STATIONS)), np.nan, dtype=np.float32)
    for begin, end in zip(offsets[:-1], offsets[1:], strict=True):
        hits = slice(begin, end)
        node, other, first = pairs_in_phi(phi[hits], PHI_DISTANCE)
        of_event, own = theta[hits], layer[hits]
        distance, other_layer = np.abs(of_event[node] - of_event[other]), own[other]
        column = 0
        for of_layer in STATION_LAYERS:
            in_layer = other_layer == of_layer
            for limit in OTHER_LAYER_THETA:
                if len(first):
                    near = np.add.reduceat(in_layer & (distance < limit), first, dtype=np.int32)
                    values[hits, column] = np.where(own == of_layer, np.nan, near)
                column += 1
    return values


def derived(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Quantities that a tree cannot easily derive from the columns."""
    low, high = (
        np.stack([columns[f"globEdge{end}{axis}"] for axis in "XYZ"]) for end in ("Low", "High")
    )
    radius = np.hypot(columns["globPosX"], columns["globPosY"])
    return {
        "edgeLength": np.sqrt(((high - low) ** 2).sum(axis=0)),
        "globR": radius,
        "globEta": np.arcsinh(columns["globPosZ"] / np.maximum(radius, 1e-3)),
        "globPhi": np.arctan2(columns["globPosY"], columns["globPosX"]),
    }


def make_hits(events: ak.Array, first_event: int, counting: bool, other_stations: bool) -> Hits:
    """The hits of some events; every column of a hit except its truth link is a feature."""
    per_event = ak.to_numpy(ak.num(events["spacePoint_truthLink"]))
    offsets = np.concatenate([[0], np.cumsum(per_event)])
    names = [
        name.removeprefix("spacePoint_") for name in events.fields if name.startswith("spacePoint_")
    ]
    columns = {
        name: ak.to_numpy(ak.flatten(events[f"spacePoint_{name}"])).astype(np.float32)
        for name in names
    }
    label = columns.pop("truthLink") >= 0
    columns |= derived(columns)
    if counting:
        columns |= dict(zip(COUNTING, counting_features(events, offsets).T, strict=True))
    if other_stations:
        theta = np.arctan2(columns["globR"], columns["globPosZ"])
        context = hits_of_other_stations(
            columns["globPhi"], theta, columns["stationIndex"], offsets
        )
        columns |= dict(zip(OTHER_STATIONS, context.T, strict=True))
    event = np.repeat(np.arange(first_event, first_event + len(events)), per_event)
    values = np.stack(list(columns.values()), axis=1)
    return Hits(list(columns), values, label, event, columns["technology"].astype(np.uint8))


def stream(split: Path, counting: bool = True, other_stations: bool = False) -> Iterator[Hits]:
    """The hits of a split, EVENTS_PER_STEP events at a time."""
    wanted = ["spacePoint_", "bucket_nSpacePoints", "bucket_spacePoints", "bucket_xM"]
    done = 0
    for file in shard_files(split):
        shard = uproot.open(file)["events"]
        fields = [
            name
            for name in shard.keys()  # noqa: SIM118
            if any(name.startswith(prefix) for prefix in wanted)
        ]
        for start in range(0, shard.num_entries, EVENTS_PER_STEP):
            events = shard.arrays(
                fields,
                entry_start=start,
                entry_stop=min(start + EVENTS_PER_STEP, shard.num_entries),
            )
            yield make_hits(events, done, counting, other_stations)
            done += len(events)


def concatenate(parts: list[Hits]) -> Hits:
    """Concatenates the parts."""
    if not parts:
        raise SystemExit("error: the split has no events; prepare more")
    joined = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("values", "label", "event", "technology")
    )
    return Hits(parts[0].names, *joined)


def training_sample(split: Path, background: int, seed: int, other_stations: bool = False) -> Hits:
    """All signal hits and about `background` others."""
    total = int(read_manifest(split)["counts"]["background_hits"])
    share = min(1.0, background / max(1, total))
    random = np.random.default_rng(seed)
    return concatenate(
        [
            part.select(np.flatnonzero(part.label | (random.random(len(part)) < share)))
            for part in stream(split, other_stations=other_stations)
        ]
    )
