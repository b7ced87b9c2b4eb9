"""Work in pieces: simulate, prepare and prepare --materialize as jobs side by side make what one
call makes."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import uproot
from conftest import Run

USAGE, DATA = 2, 4
SIMULATION = {"events": 72, "events_per_file": 12, "mu": 10, "seed": 3, "threads": 1}
SPLIT = {"split.by": "event", "split.train": 0.6, "split.validation": 0.2, "threads": 1}
RUN = """
train_path: {prepared}/train
val_path: {prepared}/val
test_path: {prepared}/test
threads: 1
features: [localX, localY, driftR, neighbors]
"""


def simulation(folder: Path) -> list[str]:
    values = {**SIMULATION, "output": folder}
    return ["simulate", *(part for k, v in values.items() for part in ("--set", f"{k}={v}"))]


def preparation(toy: Path, folder: Path) -> list[str]:
    values = {**SPLIT, "events_per_shard": 5, "small_events": 3}
    options = (part for k, v in values.items() for part in ("--set", f"{k}={v}"))
    return ["prepare", str(toy), "-o", str(folder), *options]


def contents(folder: Path) -> dict[str, bytes]:
    """Files that are the same byte by byte in every set of the same content."""
    names = ("*.json", "*.yaml", "*.safetensors")
    files = [file for name in names for file in folder.rglob(name)]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def files_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))


def run_side_by_side(program: Path, command: list[str], pieces: int) -> None:
    jobs = [
        subprocess.Popen(
            [program, *command, "--shard", f"{number}/{pieces}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(1, pieces + 1)
    ]
    for job in jobs:
        _, errors = job.communicate(timeout=300)
        assert job.returncode == 0, errors


@pytest.fixture(scope="module")
def toy(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy") / "toy"
    run(*simulation(folder))
    return folder


@pytest.fixture(scope="module")
def whole(run: Run, toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "data"
    run(*preparation(toy, folder))
    return folder


def test_simulated_side_by_side(stationhit: Path, toy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    run_side_by_side(stationhit, simulation(folder), 4)
    assert files_in(folder) == files_in(toy)
    for file in toy.glob("*.root"):
        expected, found = (
            uproot.open(path)["MuonHitDump"].arrays(
                ["eventNumber", "spacePoint_PositionX"], library="np"
            )
            for path in (file, folder / file.name)
        )
        for name, values in expected.items():
            pairs = zip(values, found[name], strict=True)
            assert all(np.array_equal(a, b) for a, b in pairs), (file.name, name)


@pytest.mark.parametrize("pieces", [2, 5])
def test_prepared_side_by_side(
    run: Run, stationhit: Path, toy: Path, whole: Path, tmp_path: Path, pieces: int
) -> None:
    folder = tmp_path / "data"
    run_side_by_side(stationhit, preparation(toy, folder), pieces)
    assert not list(folder.rglob("manifest.json"))
    run(*preparation(toy, folder), "--merge")
    assert contents(folder) == contents(whole)
    assert files_in(folder) == files_in(whole)
    again = run(*preparation(toy, folder), "--shard", f"1/{pieces}")
    assert "already holds this set; nothing was done" in again.stdout


def test_a_killed_piece_goes_on(
    run: Run, stationhit: Path, toy: Path, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    command = preparation(toy, folder)
    run(*command, "--shard", "2/2")
    job = subprocess.Popen(
        [stationhit, *command, "--shard", "1/2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal = folder / "prepare.journal.1-of-2"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and job.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") >= 2:
            break
        time.sleep(0.002)
    job.kill()
    job.wait()
    error = run(*command, "--merge", code=DATA).stderr
    assert f"{folder}: piece 1/2 has finished " in error
    assert "run --shard 1/2 again, or prepare without --merge" in error
    run(*command, "--shard", "1/2")
    run(*command, "--merge")
    assert contents(folder) == contents(whole)


def test_materialized_side_by_side(run: Run, stationhit: Path, whole: Path, tmp_path: Path) -> None:
    config = tmp_path / "run.yaml"
    normalization = f"normalization_stats: {tmp_path / 'normalization.yaml'}\n"
    config.write_text(RUN.format(prepared=whole) + normalization)
    run("stats", "-c", config)
    command = ["prepare", "--materialize", str(config)]
    run(*command, "-o", tmp_path / "one")
    folder = tmp_path / "pieces"
    error = run(*command, "-o", folder, "--merge", code=DATA).stderr
    assert f"{folder}: holds no pieces to merge; make them with --shard 1/N to N/N" in error
    run(*command, "-o", folder, "--shard", "2/3")
    error = run(*command, "-o", folder, "--merge", code=DATA).stderr
    assert f"{folder}: piece 1/3 is missing; run --shard 1/3, or leave --merge out" in error
    error = run(*command, "-o", folder, "--shard", "1/2", code=DATA).stderr
    assert f"{folder}: holds piece 2/3, which overlaps with pieces of 2" in error
    other = ["--set", "normalization_stats=null"]
    error = run(*command, "-o", folder, "--shard", "1/3", *other, code=DATA).stderr
    assert f"{folder}: piece 2/3 was made with normalization_stats {tmp_path}" in error
    run_side_by_side(stationhit, [*command, "-o", str(folder)], 3)
    assert not list(folder.rglob("manifest.json"))
    run(*command, "-o", folder, "--merge")
    assert contents(folder) == contents(tmp_path / "one")
    assert files_in(folder) == files_in(tmp_path / "one")


def test_wrong_use_is_named(run: Run, toy: Path, tmp_path: Path) -> None:
    command = preparation(toy, tmp_path / "data")
    for text in ("3", "0/2", "3/2"):
        error = run(*command, "--shard", text, code=USAGE).stderr
        assert f"--shard {text}: expected I/N, the piece I of N" in error
    assert (
        "--shard excludes --merge" in run(*command, "--shard", "1/2", "--merge", code=USAGE).stderr
    )
    run(*command, "--shard", "1/2")
    error = run(*command, "--shard", "1/3", code=DATA).stderr
    assert f"{tmp_path / 'data'}: holds piece 1/2, which overlaps with piece 1/3" in error
    error = run(*command, "--shard", "2/2", "--set", "selection.min_pt=7", code=DATA).stderr
    assert "selection.min_pt is 5.0 there and 7.0 here" in error
    single = ["simulate", "--set", f"output={tmp_path / 'toy.root'}", "--shard", "1/2"]
    assert (
        "--shard is for a folder of files; set events_per_file" in run(*single, code=USAGE).stderr
    )
