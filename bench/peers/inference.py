"""Compares inference of one event with the weights of a checkpoint: our exported ONNX, PyTorch
Geometric, plain PyTorch and the study-style ONNX."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from networks import Checkpoint, PygNetwork, TableNetwork, graph_of, write_study_onnx
from timing import interleaved, print_table

TOLERANCE = 1e-4  # times max(1, |logit|)


def session(path: Path) -> onnxruntime.InferenceSession:
    """One intra-op thread, all graph optimizations."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run(checkpoint: Checkpoint, model: Path, inputs: dict[str, np.ndarray], compiled: bool) -> None:
    """Checks that all forms agree, then times them taking turns."""
    torch.set_num_threads(1)
    features, neighbors = inputs["features"], inputs["neighbours"]
    x, graph = torch.from_numpy(features), graph_of(neighbors, inputs["group_offsets"])
    pyg, plain = PygNetwork(checkpoint).eval(), TableNetwork(checkpoint).eval()
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        study_path = Path(folder) / "study.onnx"
        write_study_onnx(checkpoint, study_path)
        ours, study = session(model), session(study_path)
        calls = {
            "ours: exported `table` ONNX, ONNX Runtime": lambda: ours.run(
                None, {"features": features, "neighbours": neighbors}
            )[0][:, 0],
            "PyTorch Geometric, eager": lambda: pyg(x, graph).numpy(),
            "plain PyTorch on the table, eager": lambda: plain(x, graph).numpy(),
            "study-style ONNX, ONNX Runtime": lambda: study.run(
                None, {"features": features, "edge_index": graph.edges.numpy()}
            )[0][:, 0],
        }
        if compiled:
            faster = torch.compile(pyg, dynamic=True)
            calls["PyTorch Geometric, torch.compile"] = lambda: faster(x, graph).numpy()
        reference = next(iter(calls.values()))()
        for name, call in calls.items():
            worst = float(np.max(np.abs(call() - reference) / np.maximum(1, np.abs(reference))))
            if worst > TOLERANCE:
                raise SystemExit(
                    f"{name}: logits differ from ours by {worst:.1e} (relative to max(1, "
                    "|logit|)); not timed"
                )
        timings = interleaved(calls)
    print_table(
        f"Inference, {len(features)} nodes, {graph.edges.shape[1]} edges",
        timings,
        next(iter(calls)),
        "; logits agree to 1e-4",
    )
