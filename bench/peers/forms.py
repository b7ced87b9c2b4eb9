"""Exported forms of a network and what runs them: ONNX Runtime, OpenVINO, our engine. All take one
thread."""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from engine import Engine
from materialized_set import Event

Inputs = dict[str, np.ndarray]


def edges(event: Event) -> np.ndarray:
    """[2, E]: source, destination; for fully connected groups all pairs of different nodes."""
    if event.neighbors is not None:
        rows, columns = np.nonzero(event.neighbors >= 0)
        return np.stack([event.neighbors[rows, columns], rows]).astype(np.int64)
    pairs = []
    for first, last in zip(event.offsets[:-1], event.offsets[1:], strict=True):
        nodes = np.arange(first, last)
        a, b = np.meshgrid(nodes, nodes)
        pairs.append(np.stack([a[a != b], b[a != b]]))
    return np.concatenate(pairs, axis=1).astype(np.int64)


def slots(event: Event) -> tuple[np.ndarray, np.ndarray]:
    """slots [B, M] and slot_of_node [N] of the interface table."""
    sizes, group = np.diff(event.offsets), event.groups()
    place = np.arange(len(event.features)) - event.offsets[group]
    table = np.full((len(sizes), max(1, sizes.max(initial=1))), -1, np.int32)
    table[group, place] = np.arange(len(event.features))
    return table, (group * table.shape[1] + place).astype(np.int32)


def inputs_of(event: Event, wanted: set[str], is_study: bool) -> Inputs:
    """The inputs of a file by name. The study-style network sees a hit's own message only through
    an edge to itself."""
    inputs = {"features": event.features}
    if "neighbours" in wanted and event.neighbors is not None:
        inputs["neighbours"] = event.neighbors
    if "slots" in wanted:
        inputs["slots"], inputs["slot_of_node"] = slots(event)
    if "edge_index" in wanted:
        own = np.arange(len(event.features), dtype=np.int64)
        add_itself = is_study and event.neighbors is None
        inputs["edge_index"] = (
            np.concatenate([edges(event), np.stack([own, own])], axis=1)
            if add_itself
            else edges(event)
        )
    return inputs


class Form(ABC):
    """A file and what runs it."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path

    @abstractmethod
    def set_event(self, event: Event) -> None:
        """Makes the inputs of the event, which the clock does not see."""

    @abstractmethod
    def run(self) -> np.ndarray:
        """The logits of the event, [N]."""

    def logits(self, event: Event) -> np.ndarray:
        """Both."""
        self.set_event(event)
        return self.run()


class OnnxForm(Form):
    """By ONNX Runtime, with a library of operators where the file needs one."""

    def __init__(
        self, name: str, path: Path, is_study: bool = False, operators: Path | None = None
    ) -> None:
        super().__init__(name, path)
        options = onnxruntime.SessionOptions()
        if operators is not None:
            options.register_custom_ops_library(str(operators))
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self.is_study = is_study
        self.has_own_operators = operators is not None
        self.inputs: Inputs = {}

    def make_inputs(self, event: Event) -> Inputs:
        """What the session takes."""
        wanted = {value.name for value in self.session.get_inputs()}
        return inputs_of(event, wanted, self.is_study)

    def set_event(self, event: Event) -> None:
        self.inputs = self.make_inputs(event)

    def run(self) -> np.ndarray:
        return self.session.run(None, self.inputs)[0][:, 0]


def has_openvino() -> bool:
    """Whether the package openvino is installed."""
    return importlib.util.find_spec("openvino") is not None


class OpenVinoForm(Form):
    """By OpenVINO, in float32 where the file is."""

    def __init__(self, name: str, path: Path, is_study: bool = False) -> None:
        super().__init__(name, path)
        import openvino  # optional, so not at the top

        settings = {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        model = openvino.Core().compile_model(str(path), "CPU", settings)
        self.wanted = {value.get_any_name() for value in model.inputs}
        self.request: Any = model.create_infer_request()
        self.is_study = is_study
        self.inputs: Inputs = {}

    def set_event(self, event: Event) -> None:
        self.inputs = inputs_of(event, self.wanted, self.is_study)

    def run(self) -> np.ndarray:
        return self.request.infer(self.inputs, share_inputs=True)[0][:, 0]


class EngineForm(Form):
    """By our engine."""

    def __init__(self, name: str, path: Path, library: Path, in_bfloat16: bool = False) -> None:
        super().__init__(name, path)
        self.engine = Engine(library, path, in_bfloat16)

    def set_event(self, event: Event) -> None:
        self.engine.set_event(event)

    def run(self) -> np.ndarray:
        return self.engine.run()
