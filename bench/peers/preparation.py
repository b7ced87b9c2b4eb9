"""Preparation of ROOT ntuples: the Python chain (uproot, awkward, cuts, padded HDF5 with gzip) and
`stationhit prepare`, both from the start of the work to the finished files.

    .deps/venv/bin/python bench/peers/preparation.py NTUPLE... [--threads 1 2] [--repetitions 3]

The numbers of events and of signal hits that are kept must agree before a table is printed."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import uproot

from timing import machine

HIT_BRANCHES = [
    *(
        "globEdgeHighX",
        "globEdgeHighY",
        "globEdgeHighZ",
        "globEdgeLowX",
        "globEdgeLowY",
        "globEdgeLowZ",
        "time",
        "driftR",
        "readOutSide",
    ),
    *(
        "covXX",
        "covXY",
        "covYX",
        "covYY",
        "channel",
        "layer",
        "stationPhi",
        "stationEta",
        "stationIndex",
        "technology",
        "truthLink",
    ),
]
MUON_BRANCHES = ("pt", "eta", "phi", "q")
MAX_MUONS = 6


def select(events: ak.Array) -> tuple[np.ndarray, ak.Array, ak.Array]:
    """The cuts pT >= 5 GeV, |eta| <= 2.7, >= 3 hits: events kept, links after the cuts (not
    renumbered), muons kept."""
    link, n_hits = events["spacePoint_truthLink"], ak.num(events["spacePoint_truthLink"])
    n_muons = ak.to_numpy(ak.num(events["truthMuon_pt"]))
    first = np.concatenate([[0], np.cumsum(n_muons)])
    flat = ak.to_numpy(ak.flatten(link)).astype(np.int64)
    linked = flat >= 0
    muon = np.where(linked, flat + np.repeat(first[:-1], n_hits), 0)
    counts = np.bincount(muon[linked], minlength=first[-1])
    pt, eta = (ak.to_numpy(ak.flatten(events[f"truthMuon_{name}"])) for name in ("pt", "eta"))
    good = (pt >= 5) & (np.abs(eta) <= 2.7) & (counts >= 3)
    kept = (
        np.bincount(np.repeat(np.arange(len(n_muons)), n_muons), good, minlength=len(n_muons)) > 0
    )
    return (
        kept,
        ak.unflatten(np.where(linked & good[muon], flat, -1), n_hits),
        ak.unflatten(good, n_muons),
    )


def python_chain(ntuple: Path, output: Path) -> tuple[int, int]:
    """ROOT -> padded HDF5. Returns events and signal hits kept."""
    names = [f"spacePoint_{name}" for name in HIT_BRANCHES] + [
        f"truthMuon_{name}" for name in MUON_BRANCHES
    ]
    with uproot.open(ntuple) as file:
        events = file["MuonHitDump"].arrays(names)
    kept, link, good = select(events)
    n = ak.to_numpy(ak.num(link))[kept].astype(np.int32)
    hits = np.full((len(n), n.max(), len(HIT_BRANCHES)), np.nan, np.float32)
    mask = np.arange(n.max())[None] < n[:, None]
    for column, name in enumerate(HIT_BRANCHES):
        values = link if name == "truthLink" else events[f"spacePoint_{name}"]
        hits[:, :, column][mask] = ak.to_numpy(ak.flatten(values[kept]))
    muons = [
        ak.to_numpy(
            ak.fill_none(
                ak.pad_none(events[f"truthMuon_{name}"][good][kept], MAX_MUONS, clip=True), np.nan
            )
        )
        for name in MUON_BRANCHES
    ]
    with h5py.File(output, "w") as file:
        for name, value in (
            ("hits", hits),
            ("tracks", np.stack(muons, -1).astype(np.float32)),
            ("num_hits", n),
        ):
            file.create_dataset(
                name, data=value, compression="gzip", compression_opts=6, shuffle=True, chunks=True
            )
    return len(n), int(ak.sum(link[kept] >= 0))


def ours(program: Path, ntuples: list[Path], threads: int, folder: Path) -> tuple[int, int]:
    """`stationhit prepare`. Returns events and signal hits kept."""
    output = folder / "prepared"
    config = folder / "prepare.yaml"
    config.write_text(
        f"input: {json.dumps([str(ntuple) for ntuple in ntuples])}\noutput: {output}\n"
        f"threads: {threads}\nevents_per_shard: 100\nsplit: {{by: event}}\n"
    )
    subprocess.run([program, "prepare", "-c", config], check=True, capture_output=True)
    splits = json.loads((output / "manifest.json").read_text())["splits"]
    kept = [splits[name] for name in ("train", "val", "test")]
    return sum(split["events"] for split in kept), sum(split["true_hits"] for split in kept)


def python_files(ntuples: list[Path], folder: Path) -> tuple[int, int]:
    kept = [python_chain(ntuple, folder / f"{i}.h5") for i, ntuple in enumerate(ntuples)]
    return sum(events for events, _ in kept), sum(hits for _, hits in kept)


def count_hits(ntuple: Path) -> int:
    with uproot.open(ntuple) as file:
        return int(ak.sum(ak.num(file["MuonHitDump"]["spacePoint_technology"].array())))


def run(
    program: Path, ntuples: list[Path], threads: tuple[int, ...] = (1,), repetitions: int = 3
) -> None:
    """Takes turns; prints hits/s of the input and the ratios of the best times."""
    n_hits = sum(count_hits(ntuple) for ntuple in ntuples)
    ways: dict[str, Callable[[Path], tuple[int, int]]] = {
        "Python chain, 1 thread": partial(python_files, ntuples)
    }
    for n in threads:
        name = f"stationhit prepare, {n} thread{'s' if n > 1 else ''}"
        ways[name] = partial(ours, program, ntuples, n)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    kept: dict[str, tuple[int, int]] = {}
    for _ in range(repetitions):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                kept[name] = way(Path(folder))
                seconds[name].append(time.perf_counter() - start)
    if len(set(kept.values())) != 1:
        sys.exit(f"events and signal hits kept differ: {kept}")
    best = {name: min(values) for name, values in seconds.items()}
    events, signal_hits = next(iter(kept.values()))
    print(
        f"\n### Preparation of {n_hits} hits ({events} events and {signal_hits} signal hits kept)\n"
        f"{machine()}, best of {repetitions}\n"
    )
    print("| | s | M hits/s | ratio |\n|---|---|---|---|")
    slowest = next(iter(best.values()))
    for name, value in best.items():
        print(f"| {name} | {value:.2f} | {n_hits / value / 1e6:.2f} | {slowest / value:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ntuples", nargs="+", type=Path)
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/stationhit"))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()
    run(
        arguments.program.absolute(),
        [ntuple.absolute() for ntuple in arguments.ntuples],
        tuple(arguments.threads),
        arguments.repetitions,
    )


if __name__ == "__main__":
    main()
