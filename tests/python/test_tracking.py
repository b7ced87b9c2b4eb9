"""Trackers of a training (setting trackers). TensorBoard itself reads the event files."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest
from conftest import Run, tiny_run
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

EPOCHS = 2


@pytest.fixture(scope="module")
def tracked_run(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run directory of a tiny network that was trained, continued and tested with a tracker."""
    folder = tmp_path_factory.mktemp("tracked")
    settings = {"training.epochs": EPOCHS - 1, "trackers": "[tensorboard]"}
    options = tiny_run(folder, prepared, settings)
    for verb in ("stats", "train"):
        run(verb, *options)
    run("train", *options, "--set", f"training.epochs={EPOCHS}")
    return folder


def event_files(folder: Path) -> list[Path]:
    return sorted((folder / "tensorboard").glob("events.out.tfevents.*"))


def metric_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_part_of_a_training_has_its_file(tracked_run: Path) -> None:
    assert len(event_files(tracked_run)) == 2
    assert all(b"brain.Event:2" in file.read_bytes() for file in event_files(tracked_run))


def test_what_begins_again_removes_the_files_of_before(
    run: Run, prepared: Path, tmp_path: Path
) -> None:
    options = tiny_run(tmp_path, prepared, {"training.epochs": 1, "trackers": "[tensorboard]"})
    for verb in ("stats", "train"):
        run(verb, *options)
    before = event_files(tmp_path)
    run("train", *options, "--force")
    assert len(event_files(tmp_path)) == 1
    assert event_files(tmp_path) != before


def test_a_tracker_that_cannot_write_does_not_stop_a_training(
    run: Run, prepared: Path, tmp_path: Path
) -> None:
    options = tiny_run(tmp_path, prepared, {"training.epochs": 2, "trackers": "[tensorboard]"})
    run("stats", *options)
    (tmp_path / "tensorboard").write_text("in the way")
    done = run("train", *options)
    assert done.stderr.count("the tracker tensorboard records nothing more") == 1
    assert len(metric_rows(tmp_path)) == 2
    assert (tmp_path / "report.html").exists()


def test_a_debug_run_tracks_nothing(run: Run, prepared: Path, tmp_path: Path) -> None:
    options = tiny_run(tmp_path, prepared, {"trackers": "[tensorboard]"})
    run("stats", *options)
    run("train", *options, "-d")
    assert not (tmp_path / "tensorboard").exists()


def test_tensorboard_reads_metrics_figures_and_configuration(tracked_run: Path) -> None:
    events = EventAccumulator(
        str(tracked_run / "tensorboard"), size_guidance={"images": 0, "scalars": 0, "tensors": 0}
    )
    events.Reload()

    def scalar(tag: str) -> list[tuple[int, float]]:
        return [(event.step, event.value) for event in events.Scalars(tag)]

    rows = metric_rows(tracked_run)
    for name in set(rows[0]) - {"epoch"}:
        recorded = scalar(name)
        assert [step for step, _ in recorded] == list(range(1, EPOCHS + 1)), name
        for (_, value), row in zip(recorded, rows, strict=True):
            written = float(row[name])
            assert value == pytest.approx(written, rel=1e-6) or math.isnan(value + written), name

    results = json.loads((tracked_run / "test/metrics.json").read_text())
    assert scalar("test/auc")[-1][1] == pytest.approx(results["auc"]["value"], rel=1e-6)
    for point in results["working_points"]:
        recorded = scalar(f"test/purity_{point['working_point']:g}")
        assert recorded[-1][1] == pytest.approx(point["purity"]["value"], rel=1e-6)

    figures = {path.stem: path for path in (tracked_run / "plots").glob("*.png")}
    assert figures
    assert set(events.Tags()["images"]) == set(figures)
    for name, path in figures.items():
        assert events.Images(name)[-1].encoded_image_string == path.read_bytes()

    configuration = events.Tensors("configuration")[-1]
    text = configuration.tensor_proto.string_val[0].decode()
    assert (tracked_run / "config.yaml").read_text() in text
    assert events.Tensors("end_state")[-1].tensor_proto.string_val[0] == b"finished"
