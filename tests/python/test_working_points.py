"""Working points of the run file, from the training to the int8 model."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import onnxruntime
import pytest
from conftest import tiny_run
from safetensors import safe_open

POINTS = [0.9, 0.97]
NAMES = {"0.9", "0.97"}

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(
    run: Run, prepared: Path, trained_run: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Run directory of a tiny network that was trained for these working points, and tested."""
    folder = tmp_path_factory.mktemp("points")
    settings = {
        "normalization_stats": trained_run / "normalization.yaml",
        "training.epochs": 1,
        "working_points": POINTS,
    }
    run("train", *tiny_run(folder, prepared, settings))
    return folder


@pytest.fixture(scope="module")
def exported(run: Run, folder: Path) -> tuple[Path, str]:
    """Its onnx_benchmarking/ and what export -q prints."""
    done = run(
        "export",
        "-q",
        "-c",
        folder / "config.yaml",
        "--latency-events",
        3,
        "--set",
        "quantization.tolerance=1",
    )
    return folder / "checkpoints" / "onnx_benchmarking", done.stdout


def test_checkpoint_and_test_have_them(folder: Path) -> None:
    assert "working_points: [0.9, 0.97]" in (folder / "config.yaml").read_text()
    with safe_open(folder / "checkpoints" / "best.safetensors", "numpy") as file:
        thresholds = json.loads(file.metadata()["stationhit"])["thresholds"]
    assert thresholds.keys() == NAMES
    metrics = json.loads((folder / "test" / "metrics.json").read_text())
    for key in ("working_points", "validation_thresholds"):
        assert [point["working_point"] for point in metrics[key]] == POINTS
    assert [point["threshold"] for point in metrics["validation_thresholds"]] == pytest.approx(
        [thresholds["0.9"], thresholds["0.97"]]
    )
    assert metrics["reference_threshold"] == metrics["working_points"][1]["threshold"]
    with (folder / "test" / "technologies.csv").open() as file:
        assert {row["working_point"] for row in csv.DictReader(file)} == {"0.9", "0.97"}
    assert "Technologies at working point 0.97" in (folder / "report.html").read_text()
    with (folder / "metrics.csv").open() as file:
        assert "val_purity_0.99" in next(csv.reader(file))


def test_exported_models_and_their_comparison_have_them(
    folder: Path, exported: tuple[Path, str]
) -> None:
    models, printed = exported
    for name in ("model.onnx", "model.int8.onnx"):
        session = onnxruntime.InferenceSession(
            str(models / name), providers=["CPUExecutionProvider"]
        )
        assert json.loads(session.get_modelmeta().custom_metadata_map["thresholds"]).keys() == NAMES
    assert "| purity at 0.97 |" in printed
    assert "0.985" not in printed
    numbers = json.loads((models / "comparison.json").read_text())
    for model in ("before", "after"):
        for key in ("working_points", "validation_thresholds"):
            assert [point["working_point"] for point in numbers[model]["metrics"][key]] == POINTS


def test_infer_takes_them(
    run: Run, exported: tuple[Path, str], toy_file: Path, tmp_path: Path
) -> None:
    model = exported[0] / "model.onnx"
    run("infer", model, toy_file, "-o", tmp_path / "scores.root")
    run(
        "infer",
        model,
        toy_file,
        "-o",
        tmp_path / "filtered.root",
        "--mode",
        "filter",
        "--working-point",
        "0.9",
    )
    refused = run(
        "infer",
        model,
        toy_file,
        "-o",
        tmp_path / "refused.root",
        "--mode",
        "filter",
        "--working-point",
        "0.99",
        code=2,
    )
    assert "it has 0.9, 0.97" in refused.stderr


def test_a_checkpoint_keeps_its_own(run: Run, folder: Path, tmp_path: Path) -> None:
    done = run(
        "test",
        "-c",
        folder / "config.yaml",
        "--set",
        f"experiment_dir={tmp_path}",
        "--set",
        f"checkpoint_path={folder / 'checkpoints' / 'best.safetensors'}",
        "--set",
        "working_points=[0.5]",
    )
    assert "working_points: [0.5]" in done.stderr
    metrics = json.loads((tmp_path / "test" / "metrics.json").read_text())
    assert [point["working_point"] for point in metrics["working_points"]] == POINTS
