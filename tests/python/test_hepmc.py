"""Muons from a HepMC file, checked against a reading of the file that uses no HepMC library."""

import gzip
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Any]
SAMPLE = ROOT / "tests/data/pythia8_mix.hepmc3.gz"
DATA, CONFIG = 4, 3


def muons_of(path: Path) -> list[list[tuple[float, float, float, int]]]:
    """(pt, eta, phi, charge) of the final-state muons of every event that the simulation
    records."""
    events: list[list[tuple[float, float, float, int]]] = []
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        fields = line.split()
        if fields[:1] == ["E"]:
            events.append([])
        if fields[:1] == ["P"] and fields[3] in ("13", "-13") and fields[9] == "1":
            px, py, pz = map(float, fields[4:7])
            pt = math.hypot(px, py)
            if pt > 3.5 and abs(math.asinh(pz / pt)) < 2.72:
                events[-1].append(
                    (pt, math.asinh(pz / pt), math.atan2(py, px), -int(fields[3]) // 13)
                )
    return events


@pytest.fixture(scope="module")
def simulated(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hepmc") / "toy.root"
    run(
        "simulate",
        "-c",
        ROOT / "configs/simulate_hepmc.yaml",
        "--set",
        f"output={path}",
        "--set",
        "mu=5",
        cwd=ROOT,
    )
    return path


def test_truth_muons_are_those_of_the_file(simulated: Path) -> None:
    names = [f"truthMuon_{name}" for name in ("pt", "eta", "phi", "q")]
    table = uproot.open(simulated)["MuonHitDump"].arrays(
        [*names, "mcChannelNumber", "eventNumber"], library="np"
    )
    expected = muons_of(SAMPLE)
    assert len(expected) == 300 and sum(map(len, expected)) > 300
    for n, muons in enumerate(expected):
        found = np.stack([table[name][n] for name in names], axis=1) if muons else np.zeros((0, 4))
        np.testing.assert_allclose(found, np.reshape(muons, (-1, 4)), rtol=1e-5, atol=1e-6)
    assert list(table["eventNumber"]) == list(range(300))
    assert list(table["mcChannelNumber"]) == [999001 + n % 3 for n in range(300)]


def test_muons_of_the_file_leave_hits(simulated: Path) -> None:
    table = uproot.open(simulated)["MuonHitDump"].arrays(
        ["truthMuon_pt", "spacePoint_truthLink"], library="np"
    )
    counts: list[int] = []
    for pt, links in zip(table["truthMuon_pt"], table["spacePoint_truthLink"], strict=True):
        counts += [
            int(np.count_nonzero(np.asarray(links, dtype=np.int8) == m)) for m in range(len(pt))
        ]
    assert 15 < np.mean(counts) < 40


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        (
            ["events=301"],
            DATA,
            "has 300 events, but first_event = 0 and events = 301 ask for more; set events to "
            "at most 300",
        ),
        (["hepmc_file=none.hepmc3"], DATA, "none.hepmc3: cannot be read: No such file"),
        (["hepmc_file=README.md"], DATA, "README.md: not a HepMC ascii file"),
        (["hepmc_file=''"], CONFIG, "hepmc_file is not set; give the file to read"),
        (["source=hepmcs"], CONFIG, "did you mean 'hepmc'?"),
    ],
)
def test_messages(run: Run, tmp_path: Path, settings: list[str], code: int, message: str) -> None:
    output = tmp_path / "toy.root"
    overrides = [part for setting in [f"output={output}", *settings] for part in ("--set", setting)]
    error = run(
        "simulate", "-c", ROOT / "configs/simulate_hepmc.yaml", *overrides, code=code, cwd=ROOT
    ).stderr
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_event_stops_the_run_and_leaves_no_half_file(run: Run, tmp_path: Path) -> None:
    lines = gzip.decompress(SAMPLE.read_bytes()).decode().splitlines(keepends=True)
    cut = next(i for i, line in enumerate(lines) if line.startswith("E 200 ")) + 6
    broken = tmp_path / "broken.hepmc3"
    broken.write_text("".join(lines[:cut]))
    arguments = [f"output={tmp_path / 'toy.root'}", f"hepmc_file={broken}", "events=201", "mu=5"]
    error = run(
        "simulate",
        "-c",
        ROOT / "configs/simulate_hepmc.yaml",
        *[p for a in arguments for p in ("--set", a)],
        code=DATA,
    ).stderr
    assert (
        f"{broken}: event 200 of 201 cannot be parsed: the file is truncated or damaged there"
        in error
    )
    assert list(tmp_path.iterdir()) == [broken]
