"""Files of earlier versions: the present program reads every format and gives the same numbers."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import uproot
import yaml
from safetensors.numpy import load_file

Run = Callable[..., subprocess.CompletedProcess[str]]

FORMATS = Path(__file__).resolve().parents[1] / "data" / "formats"
VERSIONS = sorted(path.name for path in FORMATS.iterdir() if path.is_dir())


def cases(pattern: str) -> list[str]:
    """All files of that pattern as v0.1/edgeconv/model.onnx."""
    return sorted(str(path.relative_to(FORMATS)) for path in FORMATS.glob(f"*/*/{pattern}"))


@pytest.fixture
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the folder of the version, which the program may write to."""
    version = str(
        request.node.callspec.params.get("version")
        or request.node.callspec.params["file"].split("/")[0]
    )
    return Path(shutil.copytree(FORMATS / version, tmp_path / version))


def scores_in(path: Path, tree: str, branch: str) -> np.ndarray:
    with uproot.open(path) as file:
        return np.concatenate(list(file[tree][branch].array(library="np")))


def expect_same_scores(actual: np.ndarray, files: Path, name: str) -> None:
    """Within the tolerance of equality between backends."""
    expected = load_file(files / "scores.safetensors")[name]
    assert actual.shape == expected.shape
    assert np.max(np.abs(actual - expected) / np.maximum(1, np.abs(expected))) < 1e-4


def expect_same_metrics(actual: dict, expected: dict) -> None:
    for count in ("events", "hits", "true_hits", "muons"):
        assert actual[count] == expected[count]
    assert actual["auc"]["value"] == pytest.approx(expected["auc"]["value"], abs=1e-4)
    for now, before in zip(actual["working_points"], expected["working_points"], strict=True):
        assert now["working_point"] == before["working_point"]
        assert now["threshold"] == pytest.approx(before["threshold"], abs=1e-4)


def test_every_format_is_there() -> None:
    for version in VERSIONS:
        networks = {path.parent.name for path in (FORMATS / version).glob("*/config.yaml")}
        assert networks == {"mlp", "edgeconv", "edgeconv_gat", "edgeconv_attention"}
        for model in ("model.onnx", "model_edges.onnx", "model.int8.onnx", "model_edges.int8.onnx"):
            assert (FORMATS / version / "edgeconv" / model).exists()


@pytest.mark.parametrize("file", cases("*.onnx"))
def test_onnx_model_scores_an_ntuple(run: Run, files: Path, file: str) -> None:
    name = file.split("/", 1)[1]
    run("infer", name, "events.root", "-o", "scored.root", cwd=files)
    scores = scores_in(files / "scored.root", "MuonHitDump", "spacePoint_score")
    expect_same_scores(scores, files, name)


@pytest.mark.parametrize("file", cases("config.yaml"))
def test_checkpoint_is_tested_on_the_prepared_split(run: Run, files: Path, file: str) -> None:
    network = file.split("/")[1]
    run("test", "-c", f"{network}/config.yaml", cwd=files)
    scores = scores_in(files / network / "test/scores.root", "scores", "score")
    expect_same_scores(scores, files, f"{network}/best.safetensors")
    measured = json.loads((files / network / "test/metrics.json").read_text())
    expect_same_metrics(measured, json.loads((files / network / "metrics.json").read_text()))


@pytest.mark.parametrize("file", cases("config.yaml"))
def test_checkpoint_is_exported(run: Run, files: Path, file: str) -> None:
    network = file.split("/")[1]
    done = run("export", "-c", f"{network}/config.yaml", "-o", "new.onnx", cwd=files)
    assert "ONNX Runtime, the engine and the network agree" in done.stdout
    run("infer", "new.onnx", "events.root", "-o", "scored.root", cwd=files)
    scores = scores_in(files / "scored.root", "MuonHitDump", "spacePoint_score")
    expect_same_scores(scores, files, f"{network}/model.onnx")


@pytest.mark.parametrize("version", VERSIONS)
def test_statistics_of_the_prepared_split(run: Run, files: Path, version: str) -> None:
    new = ("--set", "normalization_stats=new.yaml")
    run("stats", "-c", "edgeconv/config.yaml", *new, cwd=files)
    expected = yaml.safe_load((files / "normalization.yaml").read_text())
    measured = yaml.safe_load((files / "new.yaml").read_text())
    assert measured["events"] == expected["events"]
    for now, before in zip(measured["features"], expected["features"], strict=True):
        assert now.pop("name") == before.pop("name")
        assert now == pytest.approx(before, rel=1e-6)


@pytest.mark.parametrize("version", VERSIONS)
def test_materialized_set_gives_the_numbers_of_the_split(
    run: Run, files: Path, version: str
) -> None:
    paths = {split: f"{split}_path=materialised/{split}" for split in ("train", "val", "test")}
    sets = [part for path in paths.values() for part in ("--set", path)]
    normalization = ("--set", "normalization_stats=materialised/normalization.yaml")
    run("test", "-c", "edgeconv/config.yaml", *sets, *normalization, cwd=files)
    scores = scores_in(files / "edgeconv/test/scores.root", "scores", "score")
    expect_same_scores(scores, files, "edgeconv/best.safetensors")


@pytest.mark.parametrize("version", VERSIONS)
def test_training_continues_from_the_last_checkpoint(run: Run, files: Path, version: str) -> None:
    more = ("--set", "training.epochs=3")
    done = run("train", "-c", "edgeconv/config.yaml", *more, cwd=files)
    assert "epoch   3 " in done.stdout
    assert "epoch   1 " not in done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_training_starts_from_the_prepared_split(run: Run, files: Path, version: str) -> None:
    done = run("train", "-d", "-c", "mlp/config.yaml", cwd=files)
    assert "epoch   1 " in done.stdout
