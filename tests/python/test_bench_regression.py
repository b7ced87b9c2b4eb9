"""tools/bench_regression.py compares two builds: the build with itself, and with one that gives
other scores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, built_program

OPTIONS = ("--rounds", "2", "--events", "20", "--mu", "5", "--networks", "edgeconv")


def compare(new: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The build of these tests as the old one."""
    old = built_program("make_random_model").parent
    script = ROOT / "tools/bench_regression.py"
    command = [sys.executable, script, old, new, *OPTIONS, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_build_gives_its_own_answers(stationhit: Path) -> None:
    done = compare(stationhit.parent)
    assert done.returncode == 0, done.stderr
    assert "edgeconv: scores are the same bit for bit" in done.stdout
    assert "prepare: counts are the same" in done.stdout
    assert "training: losses are the same bit for bit" in done.stdout
    rows = [row.split(" | ") for row in done.stdout.splitlines() if row.startswith("| edgeconv")]
    assert [row[1] for row in rows] == ["preparation", "network", "total"]
    for row in rows:
        assert float(row[2]) > 0 and float(row[3]) > 0
        ratio, low, high = (float(text.strip("[], |")) for text in row[4].split()[:3])
        assert low <= ratio <= high


def test_other_answers_are_not_timed(stationhit: Path, random_model: Path, tmp_path: Path) -> None:
    """A build whose `infer` runs another model."""
    other = tmp_path / "stationhit"
    other.write_text(
        f'#!/bin/sh\nif [ "$1" = infer ]; then shift 2; set -- infer {random_model} "$@"; fi\n'
        f'exec {stationhit} "$@"\n'
    )
    other.chmod(0o755)
    done = compare(tmp_path, "--skip", "prepare", "training")
    assert done.returncode == 1
    assert "error: edgeconv: scores differ by" in done.stderr
    assert "new / old" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "usage: tools/bench_regression.sh OLD_COMMIT"),
        (["--rounds", "3"], "error: --rounds: the first argument is a commit"),
        (["no_such_branch"], "error: no_such_branch: no such commit"),
        (["HEAD", "--round"], "error: argument --rounds: expected one argument"),
        (["HEAD", "--rounds", "0"], "error: argument --rounds: expected at least 1, found 0"),
        (["HEAD", "--networks", "edgecon"], "argument --networks: invalid choice: 'edgecon'"),
        (["HEAD", "--skip", "all"], "argument --skip: invalid choice: 'all'"),
    ],
)
def test_wrong_arguments_are_named_before_anything_is_built(
    arguments: list[str], message: str
) -> None:
    regression = ROOT / "build/regression"
    before = sorted(regression.iterdir()) if regression.exists() else []
    done = subprocess.run(
        [ROOT / "tools/bench_regression.sh", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert message in done.stderr
    assert (sorted(regression.iterdir()) if regression.exists() else []) == before


def test_a_program_that_fails_is_named(tmp_path: Path) -> None:
    done = compare(tmp_path, "--skip", "prepare", "training")
    assert done.returncode == 2
    assert f"error: {tmp_path}/stationhit: no such program; build it first" in done.stderr
    (tmp_path / "stationhit").write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    (tmp_path / "stationhit").chmod(0o755)
    done = compare(tmp_path, "--skip", "prepare", "training")
    assert done.returncode == 2
    assert "the new build" in done.stderr and "ended with code 3" in done.stderr
