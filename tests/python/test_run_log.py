"""The log file of a run directory."""

import os
import re
from pathlib import Path

import pytest
from conftest import Run, tiny_run

TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (info|warning|error|result) ", re.MULTILINE)


@pytest.fixture(name="options")
def run_options(prepared: Path, trained_run: Path, tmp_path: Path) -> list[str]:
    """Options of a run of one epoch in tmp_path/run."""
    settings = {"training.epochs": 1, "normalization_stats": trained_run / "normalization.yaml"}
    return tiny_run(tmp_path / "run", prepared, settings)


def test_a_training_and_a_test_leave_a_log(run: Run, options: list[str], tmp_path: Path) -> None:
    """What the terminal shows, with times; a training that goes on and a test append to it."""
    secret = "5ecret-0f-c0met"
    environment = {**os.environ, "COMET_API_KEY": secret}
    label = ["--set", f"sample_label=sample {secret}"]
    first = run("train", *options, *label, "--quiet", env=environment)
    log = (tmp_path / "run" / "run.log").read_text()
    assert TIME.match(log) and "info configuration:\n" in log and "figures\n" in log
    assert "sample <COMET_API_KEY>" in log and secret not in log
    assert first.stderr == "" or "configuration" not in first.stderr
    rest = TIME.sub("", log)
    for line in first.stdout.splitlines():
        assert f"{line}\n" in rest, line
    run("train", *options, *label, "--set", "training.epochs=2", env=environment)
    longer = (tmp_path / "run" / "run.log").read_text()
    assert longer.startswith(log)
    new = longer.removeprefix(log)
    assert "epoch   2  " in new and "epoch   1  " not in new and secret not in longer
    run("test", *options, *label, "--set", "training.epochs=2", env=environment)
    assert "info testing " in (tmp_path / "run" / "run.log").read_text().removeprefix(longer)


def test_a_training_that_is_replaced_takes_its_log_along(
    run: Run, options: list[str], tmp_path: Path
) -> None:
    """--force begins the log again; an error is in it, and a debug run leaves it alone."""
    run("train", *options)
    log = tmp_path / "run" / "run.log"
    run("train", *options, "-d")
    before = log.read_text()
    refused = run("train", *options, "--set", "model.width=24", code=3)
    assert refused.stderr and log.read_text() == before
    run("train", *options, "--set", "model.width=24", "--force")
    assert log.read_text().count("info configuration:\n") == 1


def test_errors_are_in_the_log_and_debug_tests_are_not(
    run: Run, options: list[str], tmp_path: Path
) -> None:
    """A test of a split that is not there ends with a line of the log."""
    run("train", *options)
    log = tmp_path / "run" / "run.log"
    before = log.read_text()
    run("test", *options, "-d")
    assert log.read_text() == before
    failed = run("test", *options, "--set", f"test_path={tmp_path / 'missing'}", code=4)
    said = failed.stderr.splitlines()[-1]
    assert said.startswith("error: ")
    assert log.read_text().splitlines()[-1].endswith(f" error {said.removeprefix('error: ')}")


def test_a_debug_run_leaves_no_log(run: Run, options: list[str], tmp_path: Path) -> None:
    """-d writes nothing."""
    run("train", *options, "-d")
    assert not (tmp_path / "run").exists()


def test_only_the_first_rank_writes_the_log(run: Run, options: list[str], tmp_path: Path) -> None:
    """Two ranks, one row of the epoch."""
    run("train", *options, "--set", "devices=cpu:2", "--set", "threads=2")
    log = (tmp_path / "run" / "run.log").read_text()
    assert log.count("result epoch   1  ") == 1 and log.count("info configuration:\n") == 1
