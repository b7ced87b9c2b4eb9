"""A network of two stages as a user trains, exports and runs it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import uproot
from conftest import ROOT, Run, built_program, set_options
from safetensors.numpy import load_file

EPOCHS = {"training.first_stage_epochs": 3, "training.epochs": 3, "working_points": "[0.9,0.95]"}
FIRST = {"model.first_stage.signal_kept": 0.97}


def options(folder: Path, prepared: Path, settings: dict[str, object] | None = None) -> list[str]:
    splits = {f"{split}_path": prepared / split for split in ("train", "val", "test")}
    place = {"experiment_dir": folder, "normalization_stats": folder.parent / "normalization.yaml"}
    values = {**place, **splits, **EPOCHS, **FIRST, **(settings or {})}
    return ["-c", str(ROOT / "configs" / "two_stage.yaml"), *set_options(values)]


@pytest.fixture(scope="module")
def trained(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two_stage") / "run"
    for verb in ("stats", "train", "export"):
        run(verb, *options(folder, prepared, {"trackers": "[tensorboard]"}))
    return folder


def test_both_stages_have_their_metrics_and_checkpoints(trained: Path) -> None:
    for folder in (trained, trained / "first_stage"):
        assert len((folder / "metrics.csv").read_text().splitlines()) == 4
        assert (folder / "checkpoints" / "best.safetensors").exists()
    tensors = load_file(str(trained / "checkpoints" / "best.safetensors"))
    first = load_file(str(trained / "first_stage" / "checkpoints" / "best.safetensors"))
    assert np.isfinite(tensors["first_stage_threshold"]).all()
    for name, values in first.items():
        assert np.array_equal(tensors[f"first_stage.{name}"], values)


def test_trackers_tell_the_stages_apart(trained: Path) -> None:
    (file,) = (trained / "tensorboard").iterdir()
    records = file.read_bytes()
    assert records.count(b"\x0a\x08val_loss\x15") == 3
    assert records.count(b"\x0a\x14first_stage/val_loss\x15") == 3


def test_the_file_gives_the_scores_of_the_test(run: Run, trained: Path, toy_file: Path) -> None:
    model = trained / "checkpoints" / "model.onnx"
    output, dump = trained.parent / "scored.root", trained.parent / "inputs.safetensors"
    run("infer", model, toy_file, "-o", output, "--dump-inputs", dump, "--dump-event", 3)
    inputs = load_file(str(dump))
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    assert names == ["features", "neighbours", "event_of_node"]
    logits = session.run(None, {name: inputs[name] for name in names})[0].reshape(-1)
    assert np.allclose(logits, inputs["logits"], atol=1e-4, rtol=1e-4)
    # Dropped hits are below all others, and there are some of both kinds.
    dropped = logits < -50.5
    assert 0.1 < dropped.mean() < 1
    assert logits[~dropped].min() >= -50
    with uproot.open(output) as file:
        scores = file["MuonHitDump"]["spacePoint_score"].array(library="np")
    assert len(scores) == 120


def test_it_finds_muons(trained: Path) -> None:
    metrics = json.loads((trained / "test" / "metrics.json").read_text())
    assert metrics["auc"]["value"] > 0.8


def test_bench_int8_and_prune_know_it(
    run: Run, trained: Path, prepared: Path, toy_file: Path
) -> None:
    given = options(trained, prepared)
    prune = {"prune.steps": 1, "prune.epochs": 1, "prune.events": 5}
    run("export", *given, "-q")
    run(
        "bench",
        trained / "checkpoints" / "onnx_benchmarking" / "model.int8.onnx",
        "--input",
        toy_file,
    )
    run("prune", *given, *set_options(prune))
    assert (trained / "checkpoints" / "onnx_benchmarking" / "model.int8.onnx").exists()
    smaller = load_file(str(trained / "prune" / "step_1" / "checkpoints" / "best.safetensors"))
    before = load_file(str(trained / "checkpoints" / "best.safetensors"))
    assert smaller["input.weight"].shape[0] < before["input.weight"].shape[0]
    # The first stage stays as it is.
    for name, values in before.items():
        if name.startswith("first_stage"):
            assert np.array_equal(smaller[name], values)


LARGE_EVENT = """
import resource, sys
import numpy as np, onnxruntime
random, n, k = np.random.default_rng(0), 60_000, 16
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
columns = [random.normal(0, 300, n) for _ in range(5)]
columns += [random.uniform(-3.1, 3.1, n), random.uniform(0, 3.1, n), random.integers(0, 4, n)]
features = np.stack([*columns, np.ones(n)], 1).astype(np.float32)
neighbors = (np.arange(n)[:, None] + random.integers(-20, 20, (n, k))).clip(0, n - 1)
inputs = {"features": features, "neighbours": neighbors.astype(np.int32)}
inputs["event_of_node"] = np.zeros(n, np.int32)
logits = session.run(None, inputs)[0]
print((logits >= -50).mean(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
"""


def test_an_event_of_60000_hits_takes_bounded_memory(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    subprocess.run([built_program("make_random_model"), "two_stage", model], check=True)
    command = [sys.executable, "-c", LARGE_EVENT, str(model)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    kept, gigabytes = map(float, done.stdout.split())
    assert kept > 0.9  # most hits reach the second stage
    assert gigabytes < 1


def test_a_debug_run_writes_nothing(run: Run, prepared: Path, trained: Path) -> None:
    folder = trained.parent / "debug"
    run("train", *options(folder, prepared), "-d")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"features": "[localX,localY,localZ,phi,theta,nBuckets]", "model.edge_features": "[]"},
            "model.encoding.features",
        ),
        (
            {"working_points": "[0.99]"},
            "working_points has 0.99, but the first stage keeps only model.first_stage.signal_kept"
            " = 0.97 of the signal hits; raise it",
        ),
        ({"graph.edges": "fully_connected"}, "two_stage needs a neighbor table"),
        (
            {"model.first_stage.neighbors": 32},
            "model.first_stage.neighbors is 32, but the table has only graph.k = 16 of them; lower "
            "it, or raise graph.k",
        ),
        ({"model.map.phi_cells": 1}, "model.map.phi_cells: expected an integer in 3..1024"),
    ],
)
def test_wrong_settings_are_named(
    run: Run, prepared: Path, tmp_path: Path, settings: dict[str, object], message: str
) -> None:
    result = run("train", *options(tmp_path / "run", prepared, settings), code=3)
    assert message in result.stderr
