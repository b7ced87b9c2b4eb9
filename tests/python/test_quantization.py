"""`stationhit export -q` on a network trained for a moment, beside onnxruntime.quantization on the
same matrix products."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import uproot
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from safetensors.numpy import load_file

Run = Callable[..., subprocess.CompletedProcess[str]]
Inputs = dict[str, np.ndarray]
FIGURES = ("roc", "rejection_vs_efficiency", "score_difference", "latency")


@pytest.fixture(scope="module")
def quantize(run: Run, trained_run: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """export -q of the trained network with a few events, and what is given."""

    def call(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        return run(
            "export",
            "-q",
            "-c",
            trained_run / "config.yaml",
            "--latency-events",
            3,
            *arguments,
            code=code,
        )

    return call


@pytest.fixture(scope="module")
def exported(quantize: Callable[..., subprocess.CompletedProcess[str]], trained_run: Path) -> Path:
    """onnx_benchmarking/ of the trained network."""
    done = quantize("--set", "quantization.tolerance=1")
    assert "| purity at 0.99 |" in done.stdout
    assert "int8 is " in done.stdout
    return trained_run / "checkpoints" / "onnx_benchmarking"


def session(model: Path, optimized: Path | None = None) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    if optimized:
        options.optimized_model_filepath = str(optimized)
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def inputs(
    run: Run, exported: Path, toy_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Inputs]:
    """What the program gives to the model for some events."""
    folder = tmp_path_factory.mktemp("inputs")
    names = [value.name for value in session(exported / "model.onnx").get_inputs()]
    events = []
    for event in range(12):
        dump = folder / f"{event}.safetensors"
        run(
            "infer",
            exported / "model.onnx",
            toy_file,
            "-o",
            folder / "out.root",
            "--dump-inputs",
            dump,
            "--dump-event",
            event,
        )
        tensors = load_file(str(dump))
        events.append({name: tensors[name] for name in names})
    return events


def logits(model: Path, events: list[Inputs]) -> np.ndarray:
    runner = session(model)
    return np.concatenate([runner.run(["output"], event)[0].reshape(-1) for event in events])


def test_everything_is_written(exported: Path) -> None:
    names = {path.name for path in exported.iterdir()}
    assert {"model.onnx", "model.int8.onnx", "table.md", "table.csv", "comparison.json"} <= names
    assert all(f"{stem}.png" in names for stem in FIGURES)
    assert not [name for name in names if "partial" in name]
    numbers = json.loads((exported / "comparison.json").read_text())
    assert (
        numbers["after"]["file_bytes"]
        == (exported / "model.int8.onnx").stat().st_size
        < numbers["before"]["file_bytes"]
    )
    assert numbers["before"]["metrics"]["hits"] == numbers["after"]["metrics"]["hits"]
    assert numbers["logits"]["correlation"] > 0.99


def test_int8_file_is_standard_onnx_and_runs_in_integers(exported: Path, tmp_path: Path) -> None:
    proto = onnx.load(str(exported / "model.int8.onnx"))
    onnx.checker.check_model(proto, full_check=True)
    assert [(entry.domain, entry.version) for entry in proto.opset_import] == [("", 18)]
    assert proto.ir_version == 8
    assert all(node.domain in ("", "ai.onnx") for node in proto.graph.node)
    session(exported / "model.int8.onnx", tmp_path / "optimized.onnx")
    operators = Counter(
        node.op_type for node in onnx.load(str(tmp_path / "optimized.onnx")).graph.node
    )
    products = sum(
        node.op_type == "Gemm" for node in onnx.load(str(exported / "model.onnx")).graph.node
    )
    assert operators["QGemm"] == products - 1
    assert operators["Gemm"] + operators["FusedGemm"] == 1  # the last layer


def test_metadata_say_how_it_was_made(exported: Path) -> None:
    before = session(exported / "model.onnx").get_modelmeta().custom_metadata_map
    after = session(exported / "model.int8.onnx").get_modelmeta().custom_metadata_map
    assert int(after["property_count"]) == len(after)
    said = json.loads(after.pop("quantization"))
    assert said["method"] == "static"
    assert said["reduce_range"] is True
    assert {product["name"] for product in said["products"] if product["type"] == "float32"} == {
        "head.0.weight"
    }
    thresholds = json.loads(after["thresholds"])
    assert thresholds.keys() == json.loads(before["thresholds"]).keys()
    assert thresholds != json.loads(before["thresholds"])
    assert after["feature_names"] == before["feature_names"]


class Reader(CalibrationDataReader):
    """Events one after the other."""

    def __init__(self, events: list[Inputs]) -> None:
        self.events = iter(events)

    def get_next(self) -> Inputs | None:
        return next(self.events, None)


def test_not_worse_than_onnxruntime_quantization(
    exported: Path, inputs: list[Inputs], tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.onnx"
    quantize_static(
        str(exported / "model.onnx"),
        str(theirs),
        Reader(inputs),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Gemm"],
        per_channel=True,
        reduce_range=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    expected = logits(exported / "model.onnx", inputs)
    error_of_ours = np.sqrt(np.mean((logits(exported / "model.int8.onnx", inputs) - expected) ** 2))
    error_of_theirs = np.sqrt(np.mean((logits(theirs, inputs) - expected) ** 2))
    assert 0 < error_of_ours <= error_of_theirs
    assert error_of_ours < 0.05 * np.std(expected)


def test_static_scores_do_not_depend_on_the_batch(exported: Path, inputs: list[Inputs]) -> None:
    first, second = inputs[:2]
    shifted = np.where(
        second["neighbours"] < 0, -1, second["neighbours"] + len(first["features"])
    ).astype(np.int32)
    together = {
        "features": np.concatenate([first["features"], second["features"]]),
        "neighbours": np.concatenate([first["neighbours"], shifted]),
    }
    np.testing.assert_allclose(
        logits(exported / "model.int8.onnx", [together]),
        logits(exported / "model.int8.onnx", [first, second]),
        atol=1e-4,
    )
    empty = {name: tensor[:0] for name, tensor in first.items()}
    assert logits(exported / "model.int8.onnx", [empty]).shape == (0,)


def test_inspect_infer_and_bench_take_the_int8_file(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    assert "quantization" in run("inspect", exported / "model.int8.onnx").stdout
    run(
        "infer",
        exported / "model.int8.onnx",
        toy_file,
        "-o",
        tmp_path / "out.root",
        "--working-point",
        "0.99",
    )
    both = (
        "bench",
        exported / "model.onnx",
        "--compare",
        exported / "model.int8.onnx",
        "--input",
        toy_file,
        "--events",
        2,
        "-o",
        tmp_path / "b.json",
    )
    done = run(*both)
    assert "ratio" in done.stdout
    assert "(reduced precision, not checked)" in done.stdout


def test_both_backends_run_the_int8_file(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    """Sums are exact in both. What is left are the last bits of sines, which move a few of the
    millions of activations to the next level."""
    scores = {}
    for backend, name in (("engine", "the engine"), ("onnxruntime", "ONNX Runtime")):
        output = tmp_path / f"{backend}.root"
        done = run(
            "infer", exported / "model.int8.onnx", toy_file, "-o", output, "--backend", backend
        )
        assert f"run by {name} in int8" in done.stderr
        with uproot.open(output) as file:
            jagged = file["MuonHitDump"]["spacePoint_score"].array()
        scores[backend] = np.concatenate([np.asarray(event) for event in jagged])
    difference = np.abs(scores["engine"] - scores["onnxruntime"])
    assert np.sqrt(np.mean(difference**2)) < 2e-3
    assert difference.max() < 0.1
    refused = run(
        "infer", exported / "model.int8.onnx", toy_file, "-o", tmp_path / "out.root",
        "--precision", "bfloat16", code=2,
    )  # fmt: skip
    assert "the precision bfloat16 is for float32 files, and this one is int8" in refused.stderr


def test_an_int8_file_that_was_edited_is_refused(
    run: Run, exported: Path, toy_file: Path, tmp_path: Path
) -> None:
    model = onnx.load(str(exported / "model.int8.onnx"))
    weights = next(t for t in model.graph.initializer if t.name.endswith("/weights_int8"))
    weights.raw_data = bytes([weights.raw_data[0] ^ 1]) + weights.raw_data[1:]
    edited = tmp_path / "edited.onnx"
    onnx.save(model, str(edited))
    arguments = ("infer", edited, toy_file, "-o", tmp_path / "out.root")
    assert "edited.onnx" in run(*arguments, code=4).stderr
    done = run(*arguments, "--allow-modified")
    assert "run by ONNX Runtime in int8, because it is not as it was written" in done.stderr


def test_dynamic_is_marked(
    run: Run,
    quantize: Callable[..., subprocess.CompletedProcess[str]],
    trained_run: Path,
    toy_file: Path,
    tmp_path: Path,
) -> None:
    copy = tmp_path / "best.safetensors"
    copy.write_bytes((trained_run / "checkpoints" / "best.safetensors").read_bytes())
    done = quantize(
        "--set",
        f"checkpoint_path={copy}",
        "--set",
        "quantization.method=dynamic",
        "--set",
        "quantization.tolerance=1",
    )
    assert "depend on what else is in the call" in done.stderr
    model = tmp_path / "onnx_benchmarking" / "model.int8.onnx"
    onnx.checker.check_model(onnx.load(str(model)), full_check=True)
    said = json.loads(session(model).get_modelmeta().custom_metadata_map["quantization"])
    assert said["method"] == "dynamic"
    assert said["batch_invariant"] is False
    scored = run("infer", model, toy_file, "-o", tmp_path / "out.root")
    assert "run by ONNX Runtime in int8, because its scales are found anew" in scored.stderr


def test_settings_and_splits_that_do_not_serve(
    quantize: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    unknown = quantize("--set", "quantization.keep_float=[head.weight]", code=3).stderr
    assert "has no linear layer 'head.weight'" in unknown
    assert "input.weight" in unknown
    assert "quantization.method" in quantize("--set", "quantization.method=int4", code=3).stderr
    missing = tmp_path / "missing"
    assert str(missing) in quantize("--set", f"train_path={missing}", code=4).stderr


def test_debug_writes_nothing(
    run: Run,
    quantize: Callable[..., subprocess.CompletedProcess[str]],
    trained_run: Path,
    toy_file: Path,
    tmp_path: Path,
) -> None:
    copy = tmp_path / "best.safetensors"
    copy.write_bytes((trained_run / "checkpoints" / "best.safetensors").read_bytes())
    done = quantize("-d", "--set", f"checkpoint_path={copy}", "--set", "quantization.tolerance=1")
    assert "| AUC |" in done.stdout
    assert not (tmp_path / "onnx_benchmarking").exists()
