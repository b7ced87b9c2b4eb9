"""Training as a user sees it: tested twice, interrupted and continued, tried with -d; what the
program says to a checkpoint of another network."""

from __future__ import annotations

import csv
import fcntl
import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import TIMES, Run, set_options, small_run
from safetensors import safe_open
from safetensors.numpy import load_file

DATA = 4
EPOCHS = 5


@pytest.fixture(scope="module")
def config(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run(run, prepared, tmp_path_factory.mktemp("training"), f"epochs: {EPOCHS}")


def in_folder(config: Path, folder: Path) -> list[str]:
    return ["-c", str(config), "--set", f"experiment_dir={folder}"]


@pytest.fixture(scope="module")
def uninterrupted(run: Run, config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uninterrupted") / "run"
    run("train", *in_folder(config, folder))
    return folder


def rows_without_times(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return [
            {key: value for key, value in row.items() if key not in TIMES}
            for row in csv.DictReader(file)
        ]


def metadata_of(checkpoint: Path) -> dict:
    with safe_open(checkpoint, "numpy") as file:
        return json.loads(file.metadata()["stationhit"])


def assert_same_run(found: Path, expected: Path) -> None:
    """Epoch by epoch the same numbers, and bit by bit the same weights, optimizer state and
    thresholds."""
    assert rows_without_times(found) == rows_without_times(expected)
    for name in ("best.safetensors", "last.safetensors"):
        ours, theirs = (
            load_file(found / "checkpoints" / name),
            load_file(expected / "checkpoints" / name),
        )
        assert ours.keys() == theirs.keys()
        for key, tensor in theirs.items():
            assert ours[key].tobytes() == tensor.tobytes(), f"{name}: {key}"
        assert (
            metadata_of(found / "checkpoints" / name)["thresholds"]
            == metadata_of(expected / "checkpoints" / name)["thresholds"]
        )
    assert (found / "test" / "metrics.json").read_text() == (
        expected / "test" / "metrics.json"
    ).read_text()


def stop_after_epoch(
    stationhit: Path, arguments: list[str], epoch: int, how: signal.Signals
) -> tuple[int, str]:
    """Sends the signal a moment after the line of this epoch. Exit code and messages."""
    command = [str(stationhit), "train", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(f"epoch {epoch:3d} "):
                break
        time.sleep(0.02)
        process.send_signal(how)
        _, messages = process.communicate(timeout=60)
    return process.returncode, messages


def test_test_repeats_what_train_measured(run: Run, config: Path, uninterrupted: Path) -> None:
    metrics = uninterrupted / "test" / "metrics.json"
    after_training = metrics.read_text()
    metrics.unlink()
    run("test", *in_folder(config, uninterrupted))
    assert metrics.read_text() == after_training


def test_a_training_waits_for_a_test_of_its_run_directory(
    run: Run, stationhit: Path, config: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(uninterrupted, folder)
    (folder / "test" / "metrics.json").unlink()
    lock = folder / "test" / ".stationhit.lock"
    with lock.open("w") as other_test:
        fcntl.flock(other_test, fcntl.LOCK_EX)
        with subprocess.Popen(
            [stationhit, "train", *in_folder(config, folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as training:
            assert training.stderr
            told = next(line for line in training.stderr if "waiting: " in line)
            assert f"{folder / 'test'}: another program is writing into this folder" in told
            assert not (folder / "test" / "metrics.json").exists()
            lock.unlink()
            fcntl.flock(other_test, fcntl.LOCK_UN)
            training.communicate(timeout=120)
    assert training.returncode == 0
    expected = json.loads((uninterrupted / "test" / "metrics.json").read_text())
    assert json.loads((folder / "test" / "metrics.json").read_text()) == expected


def test_what_the_schedule_and_early_stopping_do_is_told(
    run: Run, config: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    settings = {
        "training.optimizer.learning_rate": 1e-12,
        "training.optimizer.weight_decay": 0,
        "training.scheduler.min_learning_rate": 0,
        "training.scheduler.patience": 0,
        "training.early_stopping.enabled": "true",
        "training.early_stopping.patience": 2,
        "training.early_stopping.min_delta": 0.1,
        "training.monitor": "val_purity_0.985",
        "training.callbacks": "[ema]",
    }
    output = run("train", *in_folder(config, folder), *set_options(settings))
    rate = "epoch 2: learning rate 1e-12 -> 5e-13, because val_purity_0.985 has not improved on the"
    end = f"early stopping after epoch 3 of {EPOCHS}: val_purity_0.985 has not improved on the "
    for text in (output.stderr, (folder / "run.log").read_text()):
        assert rate in text
        assert end in text and " of epoch 1 by more than 0.1 for 2 epochs" in text
    page = (folder / "report.html").read_text()
    for row in (
        f"<td>Epochs</td><td>3 of {EPOCHS}, ended by early stopping</td>",
        "<td>Weights</td><td>moving average (ema, decay 0.999)</td>",
        "<td>Schedule</td><td>reduce_lr_on_plateau of val_purity_0.985, factor 0.5, patience 0",
        "<td>Device</td><td>CPU, 1 rank</td>",
    ):
        assert row in page


def test_run_directory_holds_a_configuration_that_works(run: Run, uninterrupted: Path) -> None:
    before = (uninterrupted / "test" / "metrics.json").read_text()
    run("test", "-c", uninterrupted / "config.yaml")
    assert (uninterrupted / "test" / "metrics.json").read_text() == before


def test_killed_training_continues_exactly(
    run: Run, stationhit: Path, config: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    arguments = in_folder(config, tmp_path / "run")
    code, _ = stop_after_epoch(stationhit, arguments, 2, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert len(rows_without_times(tmp_path / "run")) < EPOCHS
    assert "continuing" in run("train", *arguments).stderr
    assert_same_run(tmp_path / "run", uninterrupted)


def test_interrupted_training_says_how_to_continue_and_does(
    run: Run, stationhit: Path, config: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    arguments = in_folder(config, tmp_path / "run")
    code, messages = stop_after_epoch(stationhit, arguments, 1, signal.SIGINT)
    assert code == 130
    done = len(rows_without_times(tmp_path / "run"))
    assert 1 <= done < EPOCHS
    assert f"stopped: the same command continues after epoch {done}" in messages
    assert not (tmp_path / "run" / "test").exists()
    run("train", *arguments)
    assert_same_run(tmp_path / "run", uninterrupted)


@pytest.mark.parametrize(
    "change",
    [
        "seed=8",
        "training.batch_size=3",
        "training.background_share=0.7",
        "training.monitor=val_auc",
        "training.loss.pos_weight=5",
        "training.loss.name=focal",
    ],
)
def test_a_run_is_not_continued_with_another_training(
    run: Run, config: Path, uninterrupted: Path, change: str
) -> None:
    before = {path: path.read_bytes() for path in uninterrupted.rglob("*") if path.is_file()}
    error = run("train", *in_folder(config, uninterrupted), "--set", change, code=3).stderr
    key, value = change.split("=")
    assert (
        f"was trained with {key}: " in error
        and f"the configuration has {value}; give another experiment_dir" in error
    )
    assert {
        path: path.read_bytes() for path in uninterrupted.rglob("*") if path.is_file()
    } == before


@pytest.mark.parametrize("verb", ["train", "test", "stats"])
def test_debug_run_leaves_nothing_behind(
    run: Run, config: Path, uninterrupted: Path, tmp_path: Path, verb: str
) -> None:
    checkpoint = ["--set", f"checkpoint_path={uninterrupted}/checkpoints/best.safetensors"]
    statistics = (
        ["--set", f"normalization_stats={tmp_path}/normalization.yaml"] if verb == "stats" else []
    )
    run(verb, "-d", *in_folder(config, tmp_path / "run"), *checkpoint, *statistics, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["test", "export"])
@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model.width=8", "made with model.width 16, the configuration has 8; "),
        (
            "model.architecture=mlp",
            'made with model.architecture "edgeconv", the configuration has "mlp"; ',
        ),
        (
            "features=[localX]",
            'made with features ["localX","localY","localZ","driftR"], the configuration has '
            '["localX"]; ',
        ),
        ("graph.k=7", "made with graph.k 6, the configuration has 7; "),
    ],
)
def test_configuration_of_another_network_is_named(
    run: Run, config: Path, uninterrupted: Path, verb: str, setting: str, message: str
) -> None:
    checkpoint = uninterrupted / "checkpoints" / "best.safetensors"
    before = sorted(uninterrupted.rglob("*"))
    error = run(verb, *in_folder(config, uninterrupted), "--set", setting, code=DATA).stderr
    assert f"error: {checkpoint}: made with " in error and message in error
    assert (
        "give the configuration that it was trained with (config.yaml of its run directory), "
        "or another checkpoint_path" in error
    )
    assert sorted(uninterrupted.rglob("*")) == before


def test_refused_training_changes_nothing(
    run: Run, config: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in uninterrupted.rglob("*") if path.is_file()}
    error = run("train", *in_folder(config, uninterrupted), "--set", "model.width=8", code=3).stderr
    assert (
        "was trained with model.width: 16, the configuration has 8; give another experiment_dir, "
        "or start again in this one with --force" in error
    )
    assert {
        path: path.read_bytes() for path in uninterrupted.rglob("*") if path.is_file()
    } == before
    for key in ("train_path", "val_path", "test_path"):
        error = run(
            "train",
            *in_folder(config, tmp_path / "run"),
            "--set",
            f"{key}={tmp_path}/none",
            code=DATA,
        ).stderr
        assert f"{tmp_path}/none/manifest.json: no such file" in error
    assert list(tmp_path.iterdir()) == []


def test_run_directory_that_cannot_be_made(run: Run, config: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    error = run("train", *in_folder(config, tmp_path / "file" / "run"), code=DATA).stderr
    assert error.splitlines()[-1] == (
        f"error: {tmp_path}/file/run: cannot make this folder: Not a directory; "
        "choose another folder"
    )


@pytest.mark.parametrize("verb", ["test", "export"])
def test_missing_checkpoint_says_what_to_do(
    run: Run, config: Path, tmp_path: Path, verb: str
) -> None:
    error = run(verb, *in_folder(config, tmp_path / "none"), code=DATA).stderr
    assert (
        "none/checkpoints/best.safetensors: no such checkpoint; run `stationhit train` first"
        in error
    )
    given = set_options({"checkpoint_path": tmp_path / "none.safetensors"})
    error = run(verb, *in_folder(config, tmp_path / "none"), *given, code=DATA).stderr
    assert (
        "none.safetensors: no such checkpoint; correct checkpoint_path, or leave it out to take "
        "the best one of experiment_dir" in error
    )
    assert not (tmp_path / "none").exists()


def test_report_names_the_sample(
    run: Run, config: Path, uninterrupted: Path, prepared: Path, tmp_path: Path
) -> None:
    assert "Toy simulation, &lt;&mu;&gt; = 20<" in (uninterrupted / "report.html").read_text()
    assert "sample: Toy simulation, mean pile-up: 20" in run("inspect", prepared / "test").stdout

    unlabeled = tmp_path / "test"
    shutil.copytree(prepared / "test", unlabeled)
    manifest = json.loads((unlabeled / "manifest.json").read_text())
    del manifest["sample"]
    (unlabeled / "manifest.json").write_text(json.dumps(manifest))

    def page(*settings: str) -> str:
        overrides = [part for setting in settings for part in ("--set", setting)]
        run(
            "test",
            *in_folder(config, tmp_path / "run"),
            "--set",
            f"checkpoint_path={uninterrupted}/checkpoints/best.safetensors",
            *overrides,
        )
        return (tmp_path / "run" / "report.html").read_text()

    assert "Toy" not in page(f"test_path={unlabeled}")
    assert '<p class="lead">Data of run 4</p>' in page(
        f"test_path={unlabeled}", "sample_label=Data of run 4"
    )
    assert "Toy simulation, &lt;&mu;&gt; = 20<" in page("sample_label=Data of run 4")
