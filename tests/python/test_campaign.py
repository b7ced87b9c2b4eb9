"""Small versions of the campaigns of tools/campaign: kills at random moments, damaged files, random
configurations."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from campaigns.baskets import only_unverified, stored_as_they_are  # noqa: E402
from campaigns.drawing import draw_configuration, nested  # noqa: E402
from campaigns.recomputed_numbers import area_under_curve, threshold_of  # noqa: E402

VERBS = ("prepare", "train", "stats")
KINDS = ("ntuple-events", "shard-train", "part-train", "checkpoint", "manifest-split", "yaml-run")


def campaign(program: Path, work: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [ROOT / "tools" / "campaign", arguments[0], "--program", program, "--work", work]
    command += arguments[1:]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both campaigns use one sample."""
    return tmp_path_factory.mktemp("campaign")


def test_killed_runs_end_like_uninterrupted_ones(stationhit: Path, work: Path) -> None:
    verbs = [part for verb in VERBS for part in ("--verb", verb)]
    done = campaign(stationhit, work, "kill", "--kills", 2, *verbs)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(verb in done.stdout for verb in VERBS)
    assert " 0 faults" in done.stdout


def test_damaged_files_give_errors_or_right_results(stationhit: Path, work: Path) -> None:
    kinds = [part for kind in KINDS for part in ("--kind", kind)]
    done = campaign(stationhit, work, "flip", "--files", 24, *kinds)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0 faults" in done.stdout
    with (work / "flip.csv").open() as file:
        assert all(row["fails"] == "False" for row in csv.DictReader(file))


def test_one_damaged_file_can_be_run_again(stationhit: Path, work: Path) -> None:
    done = campaign(stationhit, work, "flip", "--only", "yaml-run:4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (work / "flip" / "yaml-run-4" / "run.yaml").read_bytes() != (
        work / "sample" / "run.yaml"
    ).read_bytes()


def test_records_without_checksum_are_found(work: Path) -> None:
    """Nearly all of the uncompressed ntuple, nearly nothing of the compressed one."""

    raw, compressed = ((work / "sample" / f"{n}.root").read_bytes() for n in ("raw", "events"))
    assert sum(map(len, stored_as_they_are(raw))) > 0.8 * len(raw)
    small = list(stored_as_they_are(compressed))
    assert 0 < sum(map(len, small)) < 0.01 * len(compressed)

    def zero(place: range) -> bytes:
        return compressed[: place.start] + bytes(len(place)) + compressed[place.stop :]

    assert only_unverified(compressed, zero(small[0]))
    assert not only_unverified(compressed, zero(range(small[0].start - 20, small[0].stop)))
    assert not only_unverified(compressed, compressed[:-1])


def test_random_configurations_agree_with_what_is_recomputed(stationhit: Path, work: Path) -> None:
    done = campaign(stationhit, work, "configurations", "--runs", 2, "--seed", 4, "--first", 2)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 configurations, 0 refused, 0 faults" in done.stdout
    for check in ("statistics", "neighbors", "numbers of the test", "permuted hits"):
        assert f"\n{check} " in done.stdout


def test_random_configurations_follow_from_seed_and_number() -> None:

    first, again, other = (draw_configuration(4, number) for number in (7, 7, 8))
    assert first.settings == again.settings != other.settings
    assert nested({"a.b": 1, "a.c": 2, "d": 3}) == {"a": {"b": 1, "c": 2}, "d": 3}


def test_recomputed_metrics_notice_other_numbers() -> None:

    score = np.array([0.5, 2, 2, 3], np.float32)
    signal = np.array([False, False, True, True])
    assert area_under_curve(score, signal) == 0.875
    assert threshold_of(score, signal, 0.5) < 3 and threshold_of(score, signal, 0.5) > 2.9
    assert threshold_of(score, signal, 0.9) < 2
