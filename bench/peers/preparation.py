"""Preparation of a ROOT ntuple: the Python chain (uproot, awkward, cuts, padded HDF5 with gzip) and
`stationhit prepare`, one thread each."""

from __future__ import annotations

import subprocess
import tempfile
import time
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


def ours(program: Path, ntuple: Path, folder: Path) -> float:
    """Seconds of `stationhit prepare` with one thread."""
    config = folder / "prepare.yaml"
    config.write_text(
        f"input: [{ntuple}]\noutput: {folder / 'prepared'}\nthreads: 1\nsplit: {{by: event}}\n"
    )
    start = time.perf_counter()
    subprocess.run([program, "prepare", "-c", config], check=True, capture_output=True)
    return time.perf_counter() - start


def run(program: Path, ntuple: Path, repetitions: int = 3) -> None:
    """Takes turns; prints hits/s of the input and the ratio of the best times."""
    with uproot.open(ntuple) as file:
        n_hits = int(ak.sum(ak.num(file["MuonHitDump"]["spacePoint_technology"].array())))
    seconds: dict[str, list[float]] = {"stationhit prepare": [], "Python chain": []}
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            seconds["stationhit prepare"].append(ours(program, ntuple, folder))
            start = time.perf_counter()
            kept = python_chain(ntuple, folder / "padded.h5")
            seconds["Python chain"].append(time.perf_counter() - start)
    best = {name: min(values) for name, values in seconds.items()}
    print(
        f"\n### Preparation of {n_hits} hits ({kept[0]} events and {kept[1]} signal hits kept)\n"
        f"{machine()}, one thread, best of {repetitions}\n"
    )
    print("| | s | M hits/s |\n|---|---|---|")
    for name, value in best.items():
        print(f"| {name} | {value:.2f} | {n_hits / value / 1e6:.2f} |")
    print(f"\nratio {best['Python chain'] / best['stationhit prepare']:.1f}")
