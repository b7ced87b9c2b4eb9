"""Callbacks and checks of a training as a user sees them: killed and continued, tested, tried."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import Run, set_options, small_run
from safetensors.numpy import load_file

EPOCHS = 4
TRAINING = f"""epochs: {EPOCHS}, batch_size: 2, accumulate_batches: 2,
  callbacks: [keep_best, ema, norms, steps, profile], keep_best: {{k: 2, metric: train_loss}},
  ema: {{decay: 0.8}}"""


@pytest.fixture(scope="module")
def config(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run(run, prepared, tmp_path_factory.mktemp("callbacks"), TRAINING)


def in_folder(config: Path, folder: Path, **settings: object) -> list[str]:
    options = {"experiment_dir": folder} | {
        key.replace("__", "."): value for key, value in settings.items()
    }
    return ["-c", str(config), *set_options(options)]


@pytest.fixture(scope="module")
def trained(run: Run, config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "run"
    output = run("train", *in_folder(config, folder)).stderr
    assert "profile of " in output and "keep_best: " in output
    return folder


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open() as lines:
        return list(csv.DictReader(lines))


def checkpoints_of(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    return {file.name: load_file(file) for file in (folder / "checkpoints").iterdir()}


def test_files_of_the_callbacks(trained: Path, prepared: Path) -> None:
    assert sorted(checkpoints_of(trained)) == [
        "best.safetensors",
        *[f"epoch_{epoch:03d}.safetensors" for epoch in (EPOCHS - 1, EPOCHS)],
        "last.safetensors",
    ]
    steps = rows_of(trained / "steps.csv")
    metrics = rows_of(trained / "metrics.csv")
    assert [row["epoch"] for row in metrics] == sorted({row["epoch"] for row in steps})
    assert {row["learning_rate"] for row in steps} == {"0.003"}
    norms = rows_of(trained / "norms.csv")
    last = load_file(trained / "checkpoints" / "last.safetensors")
    for row in norms:
        if row["epoch"] == str(EPOCHS) and row["tensor"] != "all":
            expected = np.linalg.norm(last[row["tensor"]].astype(float))
            assert float(row["weight_norm"]) == pytest.approx(expected, rel=1e-6)
    rows = {row["part"]: row for row in rows_of(trained / "profile.csv")}
    profile = {part: float(row["seconds"]) for part, row in rows.items()}
    assert 0 < profile["forward"] < profile["total"]
    assert 0 < profile["backward"] < profile["total"]
    assert rows["total"]["ms_per_event"] == rows["checkpoints"]["ms_per_event"] == ""
    for part, split in (("forward", "train"), ("validation", "val")):
        manifest = json.loads((prepared / split / "manifest.json").read_text())
        events = EPOCHS * manifest["counts"]["events"]
        assert float(rows[part]["ms_per_event"]) == pytest.approx(
            1000 * profile[part] / events, rel=1e-5
        )


def test_the_average_is_saved(trained: Path) -> None:
    checkpoints = checkpoints_of(trained)
    last, kept = checkpoints["last.safetensors"], checkpoints[f"epoch_{EPOCHS:03d}.safetensors"]
    prefix = "callbacks.ema."
    averages = {
        name.removeprefix(prefix): tensor
        for name, tensor in last.items()
        if name.startswith(prefix)
    }
    assert averages
    for name, tensor in averages.items():
        assert np.array_equal(kept[name], tensor), name
    assert not np.array_equal(kept["input.weight"], last["input.weight"])


def test_killed_training_continues_exactly(
    run: Run, stationhit: Path, config: Path, trained: Path, tmp_path: Path
) -> None:
    arguments = in_folder(config, tmp_path / "run")
    command = [str(stationhit), "train", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("epoch   2 "):
                break
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL
    assert "continuing" in run("train", *arguments).stderr
    ours, theirs = checkpoints_of(tmp_path / "run"), checkpoints_of(trained)
    assert ours.keys() == theirs.keys()
    for file, tensors in theirs.items():
        assert ours[file].keys() == tensors.keys()
        for name, tensor in tensors.items():
            assert ours[file][name].tobytes() == tensor.tobytes(), f"{file}: {name}"
    for name in ("steps.csv", "norms.csv", "test/metrics.json"):
        assert (tmp_path / "run" / name).read_text() == (trained / name).read_text()


def test_two_ranks_write_once_and_accumulate_alike(
    run: Run, config: Path, trained: Path, tmp_path: Path
) -> None:
    run(
        "train",
        *in_folder(
            config,
            tmp_path / "run",
            devices="cpu:2",
            training__batch_size=1,
        ),
    )
    for ours, theirs in zip(
        rows_of(tmp_path / "run" / "steps.csv"), rows_of(trained / "steps.csv"), strict=True
    ):
        assert ours["events"] == theirs["events"]
        assert float(ours["loss"]) == pytest.approx(float(theirs["loss"]), rel=1e-5)
    assert checkpoints_of(tmp_path / "run").keys() == checkpoints_of(trained).keys()


def test_a_training_that_begins_again_removes_the_files(
    run: Run, config: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    run("train", *in_folder(config, folder, training__epochs=1))
    plain = in_folder(config, folder, training__epochs=1, training__callbacks="[]")
    run("train", *plain, "--force")
    assert sorted(checkpoints_of(folder)) == ["best.safetensors", "last.safetensors"]
    assert not any((folder / name).exists() for name in ("steps.csv", "norms.csv", "profile.csv"))


def test_another_metric_or_callback_is_refused(run: Run, config: Path, tmp_path: Path) -> None:
    error = run(
        "train", *in_folder(config, tmp_path, training__keep_best__metric="seconds"), code=3
    ).stderr
    assert (
        "training.keep_best.metric: expected one of train_loss, val_loss, val_auc, "
        "val_purity_0.99, val_purity_0.985, val_purity_0.995, found 'seconds'" in error
    )
    error = run("train", *in_folder(config, tmp_path, training__callbacks="[emma]"), code=3).stderr
    assert "training.callbacks: " in error and "keep_best, ema, norms, steps, profile" in error


def test_overfitting_a_few_batches(run: Run, config: Path, tmp_path: Path) -> None:
    settings = {
        "training__overfit_batches": 2,
        "training__accumulate_batches": 1,
        "training__epochs": 30,
        "training__optimizer__learning_rate": 0.01,
        "training__callbacks": "[]",
        "model__dropout": 0,
    }
    run("train", *in_folder(config, tmp_path / "run", **settings))
    losses = [float(row["val_loss"]) for row in rows_of(tmp_path / "run" / "metrics.csv")]
    assert losses[-1] < 0.7 * losses[0]


def test_learning_rate_test_leaves_the_training_alone(
    run: Run, config: Path, trained: Path
) -> None:
    before = {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    output = run("train", "--find-lr", *in_folder(config, trained)).stdout
    assert "learning-rate test: " in output
    folder = trained / "find_lr"
    rows = rows_of(folder / "learning_rates.csv")
    rates = [float(row["learning_rate"]) for row in rows]
    assert rates[0] == pytest.approx(1e-6) and rates == sorted(rates) and len(rates) > 20
    if len(rates) == 100:
        assert rates[-1] == pytest.approx(1)
    assert (folder / "loss.png").stat().st_size > 1000
    assert (folder / "loss.pdf").exists() and (folder / "loss.csv").exists()
    after = {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    log = trained / "run.log"
    new = after.pop(log).removeprefix(before.pop(log)).decode()
    assert "result learning-rate test: " in new and "suggestion" in new
    assert {path: after[path] for path in before} == before
    assert all(path.parent == folder for path in after.keys() - before.keys())


def test_learning_rate_test_may_write_nothing(run: Run, config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    output = run("train", "--find-lr", "-d", *in_folder(config, folder), cwd=tmp_path).stdout
    assert "learning-rate test: " in output
    assert list(tmp_path.iterdir()) == []
