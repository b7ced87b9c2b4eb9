"""Toy events: validation against the published statistics, files that a killed run leaves, bad
settings."""

import csv
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import uproot
from conftest import Run

CONFIG, DATA = 3, 4


def test_validation_prints_the_table_and_draws_it(run: Run, tmp_path: Path) -> None:
    done = run("simulate", "--validate", tmp_path, "--sigmas", 3, "--set", "events=300")
    assert "hits / event" in done.stdout and "FAIL" not in done.stdout
    assert "true hits with less than 3 others of their muon" in done.stdout
    segments = done.stdout.split("within 0.12 rad in phi")[1].splitlines()
    muons = next(line for line in segments if line.startswith("signal muon")).split()
    confirmed = float(muons[8])  # within 0.06 rad in theta
    assert confirmed > 80
    with (tmp_path / "validation.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 29 and all(row["result"] == "pass" for row in rows)
    hits = next(row for row in rows if row["quantity"] == "hits / event")
    assert float(hits["published"]) == 6896
    for figure in (
        "hits_per_event",
        "hits_per_muon",
        "drift_radius",
        "rate_by_eta",
        "background_origins",
        "event_xy_barrel",
        "event_zy",
        "event_zx",
    ):
        for extension in ("png", "pdf", "csv"):
            assert (tmp_path / f"{figure}.{extension}").stat().st_size > 0
    assert not (tmp_path / "toy.root").exists()


def test_validation_fails_with_the_names_of_what_is_outside(run: Run, tmp_path: Path) -> None:
    error = run("simulate", "--validate", tmp_path, "--set", "events=2", code=DATA).stderr
    assert (
        "the toy sample is outside the accepted ranges in: " in error and "give --sigmas 3" in error
    )


def test_validation_needs_the_published_conditions(run: Run, tmp_path: Path) -> None:
    error = run("simulate", "--validate", tmp_path, "--set", "mu=60", code=CONFIG).stderr
    assert (
        "--validate with mu = 60, source = generator and process = mix: the published "
        "statistics are those of mu = 200" in error
    )


def test_validation_takes_no_varied_detector(run: Run, tmp_path: Path) -> None:
    settings = ("--set", "variation.dead_channels=0.01")
    error = run("simulate", "--validate", tmp_path, *settings, code=CONFIG).stderr
    assert "--validate with variation.dead_channels = 0.01" in error
    assert "leave the variation out" in error


def test_a_missing_layer_has_no_hits_in_its_sector(run: Run, tmp_path: Path) -> None:
    layer = ("--set", "variation.missing_layer=BO", "--set", "variation.missing_sector=3")
    for name, settings in (("default", ()), ("missing", layer)):
        output = ("--set", f"output={tmp_path / name}.root", "--set", "events=4")
        run("simulate", *output, *settings)
    in_layer = []
    for name in ("default", "missing"):
        tree = uproot.open(tmp_path / f"{name}.root")["MuonHitDump"]
        station, phi = (
            np.concatenate(list(tree[f"spacePoint_station{column}"].array(library="np")))
            for column in ("Index", "Phi")
        )
        in_layer.append(np.count_nonzero((station == 4) & (phi == 2)))  # BOL, large sector 3
    assert in_layer[0] > 50 and in_layer[1] == 0


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("mu=-1", "mu"),
        ("variation.missing_layer=BX", "one of none, BI, BM, BO, EE, EI, EM, EO"),
        ("variation.chamber_shift=-1", "variation.chamber_shift: expected a number in 0..100"),
        ("mu=251", "mu"),
        ("process=zmumuu", "zmumu"),
        (
            "first_event=18446744073709551615",
            "the last event number does not fit 64 bits; choose a smaller first_event",
        ),
    ],
)
def test_bad_settings_are_named(run: Run, tmp_path: Path, setting: str, message: str) -> None:
    assert message in run("simulate", "--set", setting, code=CONFIG, cwd=tmp_path).stderr


def production(folder: Path, *more: str) -> list[str]:
    settings = [f"output={folder}", "events=90", "events_per_file=15", "mu=40", "seed=5", *more]
    return [part for setting in settings for part in ("--set", setting)]


def contents(folder: Path) -> dict[str, np.ndarray]:
    """Hit positions of every file."""
    files = sorted(folder.glob("*.root"))
    return {
        file.name: uproot.open(file)["MuonHitDump"]["spacePoint_PositionX"].array(library="np")
        for file in files
    }


def test_a_killed_run_leaves_no_half_file_and_goes_on(
    run: Run, stationhit: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    run("simulate", *production(whole))
    folder = tmp_path / "killed"
    process = subprocess.Popen(
        [stationhit, "simulate", *production(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while (
        not list(folder.glob("*.root")) and process.poll() is None and time.monotonic() < deadline
    ):
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = {file.name: file.stat().st_mtime_ns for file in folder.glob("*.root")}
    assert finished, "the run was killed before its first file"
    for file in finished:
        assert uproot.open(folder / file)["MuonHitDump"].num_entries == 15

    error = run("simulate", *production(folder)).stderr
    assert f"{len(finished)} files are there already" in error
    assert {name: (folder / name).stat().st_mtime_ns for name in finished} == finished, (
        "finished files stay"
    )
    again, reference = contents(folder), contents(whole)
    assert again.keys() == reference.keys() and len(again) == 6
    for name, hits in reference.items():
        assert all(np.array_equal(a, b) for a, b in zip(hits, again[name], strict=True)), name


def test_a_damaged_file_is_made_again(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    run("simulate", *production(folder))
    victim = sorted(folder.glob("*.root"))[2]
    good = contents(folder)[victim.name]
    victim.write_bytes(victim.read_bytes()[:2000])
    run("simulate", *production(folder))
    assert all(
        np.array_equal(a, b) for a, b in zip(good, contents(folder)[victim.name], strict=True)
    )


def test_a_folder_holds_one_production(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    run("simulate", *production(folder, "events=15"))
    run("simulate", *production(folder, "events=30", "threads=1"))
    assert len(list(folder.glob("*.root"))) == 2, "more events of the same production"
    error = run("simulate", *production(folder, "seed=6"), code=CONFIG).stderr
    assert (
        "the files of this folder were made with another configuration or version (seed: 5, "
        "now 6); choose another output, or remove the folder" in error
    )
