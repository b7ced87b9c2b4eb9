"""The events that random configurations are tried on: toy ntuples, prepared sets of them that
differ in shards and in the order of the files, and the same events with hits and buckets in
another order."""

from __future__ import annotations

from pathlib import Path

import awkward
import numpy as np
import uproot

from .program import Program, settings
from .recomputed_inputs import Event, event_of

SPLIT = settings(split__train=0.5, split__validation=0.25, split__by="event")


def make_configuration_sample(program: Program, folder: Path) -> None:
    """100 toy events with about 170 hits each in two files."""
    folder.mkdir(parents=True)
    toy = settings(output="toy", events=100, events_per_file=50, mu=4, seed=11, threads=1)
    program.make(["simulate", *toy], folder)
    files = sorted(str(path.relative_to(folder)) for path in folder.glob("toy/*.root"))
    program.make(
        ["prepare", *files, "-o", "prepared", *SPLIT, *settings(events_per_shard=20)], folder
    )
    other = settings(events_per_shard=7, threads=2)
    program.make(["prepare", *reversed(files), "-o", "other", *SPLIT, *other], folder)
    write_permuted([folder / name for name in files], folder / "permuted.root")


def write_permuted(files: list[Path], path: Path) -> None:
    """All events, with their hits, buckets and hits of buckets in a random order, as RNTuple."""
    random = np.random.default_rng(5)
    events = awkward.concatenate([uproot.open(file)["MuonHitDump"].arrays() for file in files])
    hits = [random.permutation(n) for n in awkward.num(events.spacePoint_time)]
    buckets = [random.permutation(n) for n in awkward.num(events.bucket_xMin)]

    def reorder(name: str, column: awkward.Array) -> awkward.Array:
        if name == "bucket_spacePoints":
            lists = [
                [random.permutation(np.argsort(order)[np.asarray(row[b])]) for b in places]
                for row, order, places in zip(column, hits, buckets, strict=True)
            ]
            return awkward.values_astype(awkward.Array(lists), np.uint16)
        orders = {"spacePoint": hits, "bucket": buckets}.get(name.split("_")[0])
        if orders is None:
            return column
        return awkward.Array(
            [np.asarray(row)[order] for row, order in zip(column, orders, strict=True)]
        )

    with uproot.recreate(path) as file:
        file.mkrntuple("MuonHitDump", {name: reorder(name, events[name]) for name in events.fields})
    with uproot.recreate(path.with_suffix(".order.root")) as file:
        file.mkrntuple("order", {"eventNumber": events.eventNumber, "hit": awkward.Array(hits)})


def read_order(path: Path) -> dict[int, np.ndarray]:
    """Which hit of the ntuples every hit of the permuted one is, by event number."""
    with uproot.open(path.with_suffix(".order.root")) as file:
        table = file["order"].arrays()
    return {int(row.eventNumber): np.asarray(row.hit) for row in table}


def read_events(split: Path) -> dict[int, Event]:
    """Events of a prepared split by their number, in the order of the split."""
    events = {}
    for shard in sorted(split.glob("shard_*.root")):
        with uproot.open(shard) as file:
            for row in file["events"].arrays():
                events[int(row.eventNumber)] = event_of(row)
    return events


def read_scores(path: Path) -> dict[int, np.ndarray]:
    """By event number, of the result of `infer` or `test`."""
    with uproot.open(path) as file:
        names = {name.split(";")[0] for name in file}
        if "scores" in names:
            table = file["scores"].arrays(["event_number", "score"])
            return {int(row.event_number): np.asarray(row.score) for row in table}
        table = file["MuonHitDump"].arrays(["eventNumber", "spacePoint_score"])
    return {int(row.eventNumber): np.asarray(row.spacePoint_score) for row in table}
