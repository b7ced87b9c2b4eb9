"""The verbs export, bench and infer on a network trained for a moment."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import uproot
import xxhash

Run = Callable[..., subprocess.CompletedProcess[str]]

CONFIG = """
experiment_dir: {folder}/run
train_path: {prepared}/train
val_path: {prepared}/val
test_path: {prepared}/test
normalization_stats: {folder}/run/normalization.yaml
features: [localX, localY, localZ, driftR]
graph: {{k: 6}}
model: {{architecture: edgeconv, width: 8, blocks: 2, encoding: {{scales: [-1, 0, 1]}}}}
training: {{epochs: 1}}
"""


@pytest.fixture(scope="module")
def trained(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose run directory has a checkpoint."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "run").mkdir()
    config = folder / "run.yaml"
    config.write_text(CONFIG.format(folder=folder, prepared=prepared))
    run("stats", "-c", config)
    run("train", "-c", config)
    return config


@pytest.fixture(scope="module")
def exported(run: Run, trained: Path) -> Path:
    run("export", "-c", trained)
    model = trained.parent / "run" / "checkpoints" / "model.onnx"
    assert model.exists()
    return model


def test_export_compares_with_the_network(run: Run, trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "other.onnx"
    done = run("export", "-c", trained, "-o", output)
    assert "ONNX Runtime, the engine and the network agree" in done.stdout
    assert "0.99:" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["other.onnx"]


def test_export_names_what_is_missing(run: Run, trained: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.safetensors"
    assert (
        str(missing)
        in run("export", "-c", trained, "--set", f"checkpoint_path={missing}", code=4).stderr
    )
    assert (
        "missing/model.onnx"
        in run("export", "-c", trained, "-o", tmp_path / "missing" / "model.onnx", code=4).stderr
    )


def check_profile(content: dict[str, Any], printed: str) -> None:
    """Stages, operations, memory and machine in a report of five events and two passes."""
    profile = content["profile"]
    assert content["reading_ms"]["n"] == 5
    for stage in ("nodes", "features", "tables", "network", "scores"):
        assert profile[f"{stage}_ms"]["n"] == 10
        assert f"\n  {stage} " in printed
    stages = [operation["stage"] for operation in profile["operations"]]
    assert stages == ["input", "blocks.0", "blocks.1", "head"]
    of_operations = sum(operation["ms"]["mean"] for operation in profile["operations"])
    assert of_operations <= profile["network_ms"]["mean"]
    # The engine works in memory that it keeps; ONNX Runtime shows that the counter counts.
    assert profile["allocations_per_event"]["network"] < 1
    assert content["profile_compare"]["allocations_per_event"]["network"] > 10
    assert "operations" not in content["profile_compare"]
    assert profile["workspace_bytes"] > 0
    model = Path(content["model"]).read_bytes()
    assert profile["file_xxh3_64"] == xxhash.xxh3_64_hexdigest(model)
    assert content["machine"]["cores"] >= 1
    assert content["onnxruntime_version"] in printed


def test_bench_proves_the_scores_and_writes_its_report(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    report = tmp_path / "bench.json"
    done = run(
        "bench",
        exported,
        "--input",
        toy_file,
        "--events",
        5,
        "--repetitions",
        2,
        "--compare",
        exported,
        "--compare-backend",
        "onnxruntime",
        "--threads",
        2,
        "-o",
        report,
    )
    assert "best.safetensors: largest difference" in done.stdout
    content = json.loads(report.read_text())
    assert content["events"] == 5
    assert content["checkpoint"]["largest_difference"] <= 1e-4
    assert [latency["threads"] for latency in content["latency"]] == [1, 2]
    check_profile(content, done.stdout)
    for latency in content["latency"]:
        assert latency["calls"] == 10
        assert latency["peak_memory"] > 2**20
        assert (
            latency["total_ms"]["p50"] <= latency["total_ms"]["p99"] <= latency["total_ms"]["max"]
        )


def test_bench_refuses_to_compare_other_scores(
    run: Run, trained: Path, exported: Path, prepared: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.onnx"
    run("train", "-c", trained, "--set", f"experiment_dir={tmp_path}/run", "--set", "seed=5")
    run("export", "-c", trained, "--set", f"experiment_dir={tmp_path}/run", "-o", other)
    same = run(
        "bench",
        exported,
        "--compare",
        exported,
        "--input",
        prepared / "test",
        "--repetitions",
        1,
        "-o",
        tmp_path / "same.json",
    )
    assert "ratio" in same.stdout
    failed = run(
        "bench",
        exported,
        "--compare",
        other,
        "--input",
        prepared / "test",
        "-o",
        tmp_path / "bench.json",
        code=4,
    )
    assert "give different scores" in failed.stderr
    assert not (tmp_path / "bench.json").exists()
    wrong = run(
        "bench",
        other,
        "--checkpoint",
        exported.parent / "best.safetensors",
        "--input",
        prepared / "test",
        code=4,
    )
    assert "give different scores" in wrong.stderr


def test_infer_uses_the_thresholds_of_the_file(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    kept = {}
    for point in ("0.985", "0.995"):
        done = run(
            "infer",
            exported,
            toy_file,
            "-o",
            tmp_path / "out.root",
            "--mode",
            "filter",
            "--working-point",
            point,
        )
        kept[point] = int(done.stdout.split("hits above the cut")[1].split(":")[1].split(",")[0])
    assert 0 < kept["0.985"] <= kept["0.995"]
    done = run("infer", exported, toy_file, "-o", tmp_path / "out.root", "--cut", "1000")
    assert "reduction by 100.000 %" in done.stdout


def test_infer_names_an_event_and_a_cut_that_cannot_be(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    output, dump = tmp_path / "out.root", tmp_path / "inputs.safetensors"
    error = run(
        "infer",
        exported,
        toy_file,
        "-o",
        output,
        "--dump-inputs",
        dump,
        "--dump-event",
        1000000,
        code=2,
    ).stderr
    assert f"--dump-event 1000000: {toy_file} has " in error and "events, counted from 0" in error
    assert (
        "--cut: expected a finite logit, found nan"
        in run("infer", exported, toy_file, "-o", output, "--cut", "nan", code=2).stderr
    )
    assert list(tmp_path.iterdir()) == []


def test_infer_refuses_to_overwrite_its_input(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "toy.root"
    shutil.copy(toy_file, copy)
    size = copy.stat().st_size
    assert str(copy) in run("infer", exported, copy, "-o", copy, code=4).stderr
    assert copy.stat().st_size == size


def test_prune_makes_smaller_networks_and_a_curve(run: Run, trained: Path) -> None:
    settings = (
        "--set",
        "prune.steps=2",
        "--set",
        "prune.keep=0.5",
        "--set",
        "prune.epochs=1",
        "--set",
        "prune.events=5",
    )
    done = run("prune", "-c", trained, *settings)
    folder = trained.parent / "run" / "prune"
    rows = [line.split(",") for line in (folder / "curve.csv").read_text().splitlines()]
    assert [row[0] for row in rows[1:]] == ["step_0", "step_1", "step_2"]
    sizes = [int(row[1]) for row in rows[1:]]
    assert sizes[0] > sizes[1] > sizes[2]
    assert "width 4, 2 scales" in done.stdout
    for figure in ("purity_and_latency", "purity_and_parameters"):
        assert (folder / f"{figure}.png").stat().st_size > 0
    again = run("prune", "-c", trained, *settings)
    assert "importance of" not in again.stderr, "a finished step is not pruned again"


def test_pruned_networks_are_exported_exactly(run: Run, trained: Path, prepared: Path) -> None:
    step = trained.parent / "run" / "prune" / "step_1"
    done = run(
        "bench",
        step / "checkpoints" / "model.onnx",
        "--input",
        prepared / "test",
        "--events",
        3,
        "--repetitions",
        1,
        "-o",
        step / "bench.json",
    )
    assert "best.safetensors: largest difference" in done.stdout


def test_prune_names_what_it_cannot_take_away(run: Run, trained: Path) -> None:
    wrong = run(
        "prune",
        "-c",
        trained,
        "--set",
        "prune.parts=[heads]",
        "--set",
        "prune.steps=1",
        "--set",
        "experiment_dir=elsewhere",
        code=4,
    )
    assert "elsewhere/checkpoints/best.safetensors: no such checkpoint" in wrong.stderr
    assert (
        "edgeconv has no attention heads"
        in run("prune", "-d", "-c", trained, "--set", "prune.parts=[heads]", code=3).stderr
    )
    assert (
        "prune.keep: expected a number in 0.05..0.99"
        in run("prune", "-c", trained, "--set", "prune.keep=2", code=3).stderr
    )


def test_both_backends_give_the_same_scores(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    scores = []
    for backend in ("engine", "onnxruntime"):
        output = tmp_path / f"{backend}.root"
        done = run("infer", exported, toy_file, "-o", output, "--backend", backend)
        name = "the engine" if backend == "engine" else "ONNX Runtime"
        assert f"run by {name}" in done.stderr
        with uproot.open(output) as file:
            jagged = file["MuonHitDump"]["spacePoint_score"].array()
        scores.append(np.concatenate([np.asarray(event) for event in jagged]))
    engine, session = scores
    assert np.any(engine != session)  # two programs, not one twice
    assert np.all(np.abs(engine - session) <= 1e-5 * np.maximum(1, np.abs(session)))


def test_bfloat16_is_chosen_on_the_command_line(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    scores = []
    for precision in ("float32", "bfloat16"):
        output = tmp_path / f"{precision}.root"
        done = run("infer", exported, toy_file, "-o", output, "--precision", precision)
        assert ("run by the engine in bfloat16" in done.stderr) == (precision == "bfloat16")
        with uproot.open(output) as file:
            jagged = file["MuonHitDump"]["spacePoint_score"].array()
        scores.append(np.concatenate([np.asarray(event) for event in jagged]))
    exact, rounded = scores
    difference = np.abs(exact - rounded)
    assert 0 < difference.max() <= 0.1 * np.maximum(1, np.abs(exact)).max()
    compared = run(
        "bench", exported, "--input", toy_file, "--events", 2, "--repetitions", 1,
        "--compare", exported, "--compare-precision", "bfloat16", "-o", tmp_path / "bench.json",
    )  # fmt: skip
    assert "(reduced precision, not checked)" in compared.stdout
    assert "hits on the other side of the cut:" in compared.stdout
    report = json.loads((tmp_path / "bench.json").read_text())
    assert [report["precision"], report["compare"]["precision"]] == ["float32", "bfloat16"]
    refused = run(
        "infer", exported, toy_file, "-o", tmp_path / "out.root",
        "--precision", "bfloat16", "--backend", "onnxruntime", code=2,
    )  # fmt: skip
    assert "the precision bfloat16 is one of the engine" in refused.stderr
    dumped = run(
        "infer", exported, toy_file, "-o", tmp_path / "out.root", "--precision", "bfloat16",
        "--dump-inputs", tmp_path / "inputs.safetensors", code=2,
    )  # fmt: skip
    assert "--dump-inputs shows what ONNX Runtime gets" in dumped.stderr


def test_files_that_the_engine_cannot_run_say_why(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "edited.onnx"
    model = onnx.load(exported)
    for entry in model.metadata_props:
        if entry.key == "thresholds":
            entry.value = '{"0.99": 0.5}'
    onnx.save(model, edited)
    arguments = ["infer", edited, toy_file, "-o", tmp_path / "out.root", "--allow-modified"]
    assert "run by ONNX Runtime, because it is not as it was written" in run(*arguments).stderr
    refused = run(*arguments, "--backend", "engine", code=4)
    assert "edited.onnx: the engine cannot run this file, because" in refused.stderr
    dumped = run(
        "infer", exported, toy_file, "-o", tmp_path / "other.root",
        "--backend", "engine", "--dump-inputs", tmp_path / "inputs.safetensors", code=2,
    )  # fmt: skip
    assert "--dump-inputs shows what ONNX Runtime gets" in dumped.stderr
