"""Trainings, tests and exports from Python, by the program in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, Run, package_variables

TINY = ROOT / "configs" / "tiny.yaml"


@pytest.fixture(autouse=True)
def program(stationhit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONHIT_PROGRAM", str(stationhit))


@pytest.fixture
def settings(run: Run, prepared: Path, tmp_path: Path) -> dict[str, Any]:
    """Of a run in a folder whose name needs quotes."""
    folder = tmp_path / 'a run: "1"'
    return {
        "experiment_dir": folder,
        "normalization_stats": tmp_path / "normalization.yaml",
        "features": ["localX", "localY", "driftR"],
        "training.epochs": np.int64(2),
        **{f"{split}_path": prepared / split for split in ("train", "val", "test")},
    }


def test_a_network_is_trained_tested_exported_and_used(
    stationhit_package: ModuleType, settings: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    stationhit_package.run("stats", TINY, settings, show=None)
    assert capsys.readouterr().out == ""
    shown: list[str] = []
    trained = stationhit_package.train(TINY, settings, show=shown.append)
    assert trained.folder == settings["experiment_dir"]
    assert [row["epoch"] for row in trained.history] == [1, 2]
    assert [file.name for file in trained.files] == ["best.safetensors", "last.safetensors"]
    assert all(file.exists() for file in trained.files)
    assert trained.metrics == json.loads((trained.folder / "test" / "metrics.json").read_text())
    text = "\n".join(shown)
    assert "epoch   1  train loss" in text and "test 100 %" in text
    # The log repeats the configuration, which need not be shown.
    assert "architecture: edgeconv" not in text
    assert any("architecture: edgeconv" in line for line in trained.messages)
    assert trained.lines[0].startswith("epoch   1")

    tested = stationhit_package.test(TINY, settings, show=None)
    assert tested.metrics == trained.metrics
    exported = stationhit_package.export(TINY, settings)
    assert "agree: largest difference" in capsys.readouterr().out
    (model,) = exported.files
    assert model == trained.folder / "checkpoints" / "model.onnx"
    classifier = stationhit_package.HitClassifier(model)
    assert classifier.feature_names == settings["features"]
    other = trained.folder / "other.onnx"
    exported = stationhit_package.export(TINY, settings, output=other, interface="edges", show=None)
    assert exported.files == [other]
    again = stationhit_package.train(TINY, settings, force=True, test=False, show=None)
    assert again.metrics is None and again.history[1]["train_loss"] > 0


def test_errors_of_the_program_are_exceptions(
    stationhit_package: ModuleType, settings: dict[str, Any], tmp_path: Path
) -> None:
    def fails(code: int, text: str, verb: str, *arguments: Any, **keywords: Any) -> None:
        with pytest.raises(stationhit_package.ProgramError, match=text) as error:
            stationhit_package.run(verb, *arguments, show=None, **keywords)
        assert error.value.code == code
        assert not str(error.value).startswith("error")

    fails(2, "unknown option '--nothing'", "train", TINY, settings, ["--nothing"])
    fails(3, "training.epochs: expected an integer", "train", TINY, {"training.epochs": "many"})
    fails(3, "(?s)foo: unknown key.*bar: unknown key", "train", TINY, {"foo": 1, "bar": [1, "x"]})
    fails(4, "nowhere/manifest.json: no such file", "train", TINY, {"train_path": "nowhere"})
    fails(3, "missing.yaml", "test", tmp_path / "missing.yaml")
    with pytest.raises(TypeError, match="a setting is <object"):
        stationhit_package.run("train", TINY, {"seed": object()})


def test_a_program_that_is_missing_or_dies(
    stationhit_package: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage_error = stationhit_package.UsageError
    with pytest.raises(usage_error, match="program is /nowhere/stationhit: no program"):
        stationhit_package.run("models", program="/nowhere/stationhit")
    monkeypatch.setenv("STATIONHIT_PROGRAM", "/nowhere/else")
    with pytest.raises(usage_error, match="STATIONHIT_PROGRAM is /nowhere/else"):
        stationhit_package.find_program()
    monkeypatch.delenv("STATIONHIT_PROGRAM")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(usage_error, match="was not found; install it"):
        stationhit_package.find_program()
    dying = tmp_path / "stationhit"
    dying.write_text("#!/bin/bash\necho begun >&2\nkill -9 $$\n")
    dying.chmod(0o755)
    assert stationhit_package.find_program() == dying
    with pytest.raises(stationhit_package.ProgramError, match="SIGKILL.*\nbegun") as error:
        stationhit_package.run("models", show=None)
    assert error.value.code == -signal.SIGKILL
    assert error.value.lines == ["begun"]


def test_an_exception_of_the_caller_ends_the_program(
    stationhit_package: ModuleType, settings: dict[str, Any], tmp_path: Path
) -> None:
    script = tmp_path / "endless"
    script.write_text(f"#!/bin/bash\necho $$ > {tmp_path}/pid\necho line\nexec sleep 600\n")
    script.chmod(0o755)

    def show(line: str) -> None:
        raise ZeroDivisionError(line)

    with pytest.raises(ZeroDivisionError, match="line"):
        stationhit_package.run("models", program=script, show=show)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


LONG_TRAINING = """
import sys, stationhit
try:
    stationhit.train(sys.argv[1], {settings}, test=False)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_saves_the_training(
    python_package: Path, stationhit_package: ModuleType, settings: dict[str, Any]
) -> None:
    given = {**settings, "training.epochs": 100000, "training.early_stopping.enabled": False}
    given = {
        key: value if isinstance(value, (list, bool, int)) else str(value)
        for key, value in given.items()
    }
    stationhit_package.run("stats", TINY, given, show=None)
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", LONG_TRAINING.replace("{settings}", repr(given)), str(TINY)],
        env={**os.environ, **package_variables(python_package)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch   2"):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(timeout=60) == 0
    assert rest.splitlines()[-1] == "interrupted"
    folder = Path(given["experiment_dir"])
    assert (folder / "checkpoints" / "last.safetensors").exists()
    # The process was waited for, so its folder is free: the same call goes on.
    done = len((folder / "metrics.csv").read_text().splitlines()) - 1
    begin = time.monotonic()
    more = {**given, "training.epochs": done + 1}
    result = stationhit_package.train(TINY, more, test=False, show=None)
    assert len(result.history) == done + 1
    assert time.monotonic() - begin < 60
