"""Small versions of the campaigns of tools/campaign: kills at random moments, damaged files."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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
    sys.path.insert(0, str(ROOT / "tools"))
    from campaigns.baskets import only_unverified, stored_as_they_are

    raw, compressed = ((work / "sample" / f"{n}.root").read_bytes() for n in ("raw", "events"))
    assert sum(map(len, stored_as_they_are(raw))) > 0.8 * len(raw)
    small = list(stored_as_they_are(compressed))
    assert 0 < sum(map(len, small)) < 0.01 * len(compressed)

    def zero(place: range) -> bytes:
        return compressed[: place.start] + bytes(len(place)) + compressed[place.stop :]

    assert only_unverified(compressed, zero(small[0]))
    assert not only_unverified(compressed, zero(range(small[0].start - 20, small[0].stop)))
    assert not only_unverified(compressed, compressed[:-1])
