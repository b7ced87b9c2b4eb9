"""What runs the forms of bench/peers/standing.py gives the same logits: the engine in the process
of Python, the operator library, and ONNX Runtime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, Run, built_program

sys.path.insert(0, str(ROOT / "bench/peers"))
from engine import Engine  # noqa: E402
from forms import EngineForm, OnnxForm  # noqa: E402
from materialized_set import Event  # noqa: E402


def random_event(nodes: int, n_features: int = 5, k: int = 16) -> Event:
    """Groups of up to 20 nodes."""
    random = np.random.default_rng(nodes)
    neighbors = random.integers(-1, nodes, (nodes, k), dtype=np.int32)
    offsets = np.append(np.arange(0, nodes, 20), nodes)
    features = random.normal(size=(nodes, n_features)).astype(np.float32)
    return Event(features, neighbors, offsets, np.arange(nodes), np.zeros(nodes, bool))


def test_engine_and_onnx_runtime_agree(random_model: Path) -> None:
    by_engine = EngineForm("engine", random_model, built_program("libengine_peer.so"))
    by_session = OnnxForm("session", random_model)
    for nodes in (300, 1, 47, 700):
        event = random_event(nodes)
        expected = by_session.logits(event)
        np.testing.assert_allclose(by_engine.logits(event), expected, rtol=1e-5, atol=1e-5)
        assert len(expected) == nodes
    in_bfloat16 = EngineForm("bfloat16", random_model, built_program("libengine_peer.so"), True)
    differences = np.abs(in_bfloat16.logits(event) - expected)
    assert 1e-5 < differences.max() < 0.2


def test_the_operator_library_and_onnx_runtime_agree(tmp_path: Path) -> None:
    library = built_program("stationhit").parent.parent / "lib" / "libstationhit_ops.so"
    files = {interface: tmp_path / f"{interface}.onnx" for interface in ("table", "fused")}
    for interface, path in files.items():
        program = built_program("make_random_model")
        subprocess.run([program, "edgeconv", path, interface, "knn", "covY"], check=True)
    plain, fused = (
        OnnxForm("plain", files["table"]),
        OnnxForm("fused", files["fused"], operators=library),
    )
    assert fused.has_own_operators and not plain.has_own_operators
    for nodes in (300, 1, 700):
        event = random_event(nodes)
        np.testing.assert_allclose(fused.logits(event), plain.logits(event), rtol=1e-5, atol=1e-5)


def test_engine_and_onnx_runtime_run_the_int8_file(run: Run, trained_run: Path) -> None:
    """An activation at the edge of a step may get the next level."""
    folder = trained_run / "checkpoints/onnx_benchmarking"
    if not (folder / "model.int8.onnx").exists():
        config = ("-c", trained_run / "config.yaml", "--set", "quantization.tolerance=1")
        run("export", "-q", *config, "--latency-events", 3)
    int8, float32 = folder / "model.int8.onnx", folder / "model.onnx"
    by_session = OnnxForm("session", int8)
    shapes = {value.name: value.shape for value in by_session.session.get_inputs()}
    event = random_event(500, shapes["features"][1], shapes["neighbours"][1])
    expected = by_session.logits(event)
    by_engine = EngineForm("engine", int8, built_program("libengine_peer.so")).logits(event)
    of_float32 = OnnxForm("float32", float32).logits(event)
    change = np.sqrt(np.mean((expected - of_float32) ** 2))
    assert change > 0
    assert np.sqrt(np.mean((by_engine - expected) ** 2)) < 0.1 * change


def test_engine_says_what_it_cannot_open(tmp_path: Path) -> None:
    (tmp_path / "no_model.onnx").write_text("nothing")
    with pytest.raises(SystemExit, match="no_model.onnx"):
        Engine(built_program("libengine_peer.so"), tmp_path / "no_model.onnx")
    with pytest.raises(SystemExit, match="none.so: no such file; build it"):
        Engine(tmp_path / "none.so", tmp_path / "no_model.onnx")
