"""What runs the forms of bench/peers/standing.py gives the same logits: the engine in the process
of Python, and ONNX Runtime."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, built_program

sys.path.insert(0, str(ROOT / "bench/peers"))
from engine import Engine  # noqa: E402
from forms import EngineForm, OnnxForm  # noqa: E402
from materialized_set import Event  # noqa: E402


def random_event(nodes: int) -> Event:
    """Groups of up to 20 nodes, five features, 16 neighbors."""
    random = np.random.default_rng(nodes)
    neighbors = random.integers(-1, nodes, (nodes, 16), dtype=np.int32)
    offsets = np.append(np.arange(0, nodes, 20), nodes)
    features = random.normal(size=(nodes, 5)).astype(np.float32)
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


def test_engine_says_what_it_cannot_open(tmp_path: Path) -> None:
    (tmp_path / "no_model.onnx").write_text("nothing")
    with pytest.raises(SystemExit, match="no_model.onnx"):
        Engine(built_program("libengine_peer.so"), tmp_path / "no_model.onnx")
    with pytest.raises(SystemExit, match="none.so: no such file; build it"):
        Engine(tmp_path / "none.so", tmp_path / "no_model.onnx")
