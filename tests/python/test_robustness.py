"""The comparison of a run on samples of other detectors: its counts and intervals against loops and
against the program, and a run of the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

SCRIPT = ROOT / "bench/results/robustness.py"
sys.path.insert(0, str(SCRIPT.parent))
from robustness import (  # noqa: E402
    FIXED,
    SAMPLES,
    Sample,
    SampleResult,
    differences,
    in_sector,
    toward_sector,
)
from scored_events import (  # noqa: E402
    COUNTS,
    ScoredEvents,
    align,
    paired_differences,
    read_scored_events,
)


def toy_events(seed: int, events: int = 200, shift: float = 0.0) -> ScoredEvents:
    """Two muons with five hits and thirty background hits per event."""
    random = np.random.default_rng(seed)
    muon = np.tile(np.array([0] * 5 + [1] * 5 + [-1] * 30), events)
    event = np.repeat(np.arange(events), 40)
    score = random.normal(size=len(muon)) + np.where(muon >= 0, 3 - shift, 0)
    return ScoredEvents(
        np.arange(events) + 10,
        score,
        event,
        np.where(muon >= 0, 2 * event + muon, -1),
        np.repeat(np.arange(events), 2),
        *(np.ones(2 * events) for _ in range(3)),
    )


def test_counts_are_those_of_loops() -> None:
    events = toy_events(1, events=5)
    counts = events.counts(1.5)
    for e in range(5):
        hits = [i for i in range(len(events.event)) if events.event[i] == e]
        kept = [i for i in hits if events.score[i] > 1.5]
        signal = [i for i in kept if events.muon[i] >= 0]
        muons = [sum(events.muon[i] == 2 * e + m for i in signal) >= 3 for m in (0, 1)]
        assert counts[e].tolist() == [len(signal), 10, len(kept), sum(muons), 2]


def test_counts_of_chosen_muons_leave_out_the_others() -> None:
    events = toy_events(1, events=3)
    chosen = np.array([True, False, False, False, True, True])
    counts, every = events.counts(1.5, chosen), events.counts(1.5)
    columns = {name: counts[:, i].tolist() for i, name in enumerate(COUNTS)}
    assert columns["muons"] == [1, 0, 2] and columns["signal"] == [5, 0, 10]
    assert columns["kept"] == every[:, COUNTS.index("kept")].tolist()
    assert counts[2].tolist() == every[2].tolist()
    assert columns["signal_kept"][1] == columns["muons_kept"][1] == 0


def test_muons_toward_a_sector() -> None:
    events = toy_events(1, events=4)
    events.muon_phi = np.array([np.pi / 2, np.pi / 2 + 0.19, np.pi / 2 - 0.2, 0, np.pi, -3.1, 3, 1])
    assert toward_sector(events, 5).tolist() == [True, True] + [False] * 6
    assert toward_sector(events, 9).tolist() == [False] * 4 + [True] * 3 + [False]
    assert toward_sector(events, 1).tolist() == [False] * 3 + [True] + [False] * 4


def test_the_same_sample_has_no_difference() -> None:
    counts = toy_events(1).counts(1.0)
    found = paired_differences(counts, counts, seed=0)
    assert all(entry == {"value": 0, "low": 0, "high": 0} for entry in found.values())


def test_difference_of_two_samples_lies_in_its_interval() -> None:
    inside = 0
    for seed in range(20):
        first, second = (toy_events(100 * seed + i, shift=i * 0.5).counts(1.0) for i in (0, 1))
        found = paired_differences(first, second, seed)["efficiency"]
        assert found["low"] < found["value"] < found["high"] < 0
        # Shares of the normal distribution above -2 and -1.5.
        inside += found["low"] < 0.93319 - 0.97725 < found["high"]
    assert 8 <= inside <= 19


def test_drawing_the_same_events_for_both_narrows_the_interval() -> None:
    """Events differ in how many background hits they keep, in both samples alike."""
    random = np.random.default_rng(5)
    counts = toy_events(1).counts(1.0).astype(float)
    counts[:, COUNTS.index("kept")] += random.integers(0, 60, len(counts))
    other = counts.copy()
    other[:, COUNTS.index("kept")] += 2
    paired = paired_differences(counts, other, seed=0)["purity"]
    shuffled = paired_differences(counts, random.permutation(other), seed=0)["purity"]
    assert paired["high"] - paired["low"] < 0.5 * (shuffled["high"] - shuffled["low"])
    assert paired["value"] == pytest.approx(shuffled["value"])


def test_events_are_matched_by_their_numbers() -> None:
    first = np.array([3, 1]), np.array([[30, 3], [10, 1]])
    second = np.array([2, 3]), np.array([[20, 2], [31, 4]])
    before, after = align(first, second)
    assert before.tolist() == [[10, 1], [0, 0], [30, 3]]
    assert after.tolist() == [[0, 0], [20, 2], [31, 4]]


def test_names_of_samples_are_different() -> None:
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)


def command(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stderr
    return done


def small(stationhit: Path, run: Path, folder: Path, *more: object) -> list[object]:
    """Samples of a few events at low pile-up."""
    options = ["--program", stationhit, "--samples", folder / "samples", "-o", folder / "tests"]
    return [run, *options, "--simulate", "mu=5", "--events", 12, "--only", "mu140", "shift5", *more]


def test_the_command_tests_what_is_missing(
    stationhit: Path, trained_run: Path, tmp_path: Path
) -> None:
    command(*small(stationhit, trained_run, tmp_path))
    folder = tmp_path / "tests"
    entries = json.loads((folder / "robustness.json").read_text())["samples"]
    assert [entry["name"] for entry in entries] == ["nominal", "mu140", "shift5"]
    nominal, pile_up, shifted = entries
    assert pile_up["hits"] > 5 * nominal["hits"]  # its own mu counts
    assert shifted["events"] == nominal["events"] >= 8
    for entry in entries:
        test = folder / entry["name"] / "test"
        metrics = json.loads((test / "metrics.json").read_text())
        scores = read_scored_events(test / "scores.root")
        for fixed in metrics["validation_thresholds"]:
            total = dict(zip(COUNTS, scores.counts(fixed["threshold"]).sum(axis=0), strict=True))
            assert total["signal_kept"] == fixed["true_positives"]
            assert total["kept"] == fixed["true_positives"] + fixed["false_positives"]
            assert total["signal"] == metrics["true_hits"]
            assert (total["muons_kept"], total["muons"]) == (fixed["muons_kept"], fixed["muons"])
            point = f"{fixed['working_point']:g}"
            for key in FIXED:
                assert entry["values"][point][key] == fixed[key]
                change = entry["differences"][point][key]["value"]
                before = nominal["values"][point][key]["value"]
                assert change == pytest.approx(fixed[key]["value"] - before)
    page = (folder / "robustness.md").read_text()
    assert "chambers shifted, 5 mm" in page and "At the threshold of 0.99 of" in page

    made = {path: path.stat().st_mtime for path in folder.glob("*/test/scores.root")}
    assert len(made) == 3
    again = command(*small(stationhit, trained_run, tmp_path))
    assert {path: path.stat().st_mtime for path in made} == made
    assert " test -c " not in again.stdout
    other = command(*small(stationhit, trained_run, tmp_path, "--seed", 7), code=1)
    assert "simulate ended with code" in other.stderr and "seed" in other.stderr


def test_a_folder_without_run_is_named(stationhit: Path, tmp_path: Path) -> None:
    done = command(*small(stationhit, tmp_path, tmp_path), code=1)
    assert f"{tmp_path}/checkpoints/best.safetensors: no such file; give a run" in done.stderr


def test_differences_without_interval_are_those_of_the_values() -> None:
    def tested(shift: float) -> SampleResult:
        events, interval = toy_events(3, shift=shift), {"value": 0.5 + shift, "low": 0, "high": 1}
        fixed = {"working_point": 0.99, "threshold": 1.0, **dict.fromkeys(FIXED, interval)}
        own = {"working_point": 0.99, "purity": interval}
        return SampleResult(
            Sample("x", "x"), {"validation_thresholds": [fixed], "working_points": [own]}, events
        )

    found = differences(tested(0.0), tested(0.25), seed=0)["0.99"]
    assert found["whole_segments_share"] == found["purity_at_own_threshold"] == {"value": 0.25}
    assert found["efficiency"]["value"] < 0


def test_muons_in_the_sector_of_a_missing_station() -> None:
    before, after = toy_events(3), toy_events(3)
    for events in (before, after):
        events.muon_phi = np.tile(np.array([np.pi / 2, 0.0]), 200)
    lost = (after.muon >= 0) & (after.muon % 2 == 0) & (np.arange(len(after.muon)) % 40 < 3)
    after.score[lost] = -9  # three of the five hits of every muon in the sector

    def result(events: ScoredEvents) -> SampleResult:
        metrics = {"validation_thresholds": [{"working_point": 0.99, "threshold": -5.0}]}
        return SampleResult(Sample("x", "x", sector=5), metrics, events)

    found = in_sector(result(before), result(after), seed=0)
    assert found is not None
    assert found["0.99"]["counts"]["muons"] == 200 and found["0.99"]["counts"]["muons_kept"] == 0
    assert found["0.99"]["efficiency"]["value"] == pytest.approx(-0.6)
    assert found["0.99"]["muons_kept_share"]["value"] == -1
