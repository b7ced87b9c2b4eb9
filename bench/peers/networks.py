"""The edgeconv network of a checkpoint of ours, written the ways a Python user would: PyTorch Geometric, plain PyTorch on the neighbour table,
and the study-style ONNX file (gather the edges, an MLP per edge, ScatterElements).

Weights are read by name from the checkpoint (safetensors), so every form computes the same logits as the C++ program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors import safe_open
from torch.nn import functional


@dataclass
class Checkpoint:
    """Weights by module name and the description stored beside them."""

    weights: dict[str, torch.Tensor]
    description: dict

    @property
    def blocks(self) -> int:
        """Number of EdgeConv blocks."""
        return 1 + max(int(name.split(".")[1]) for name in self.weights if name.startswith("blocks."))


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint; refuses options that the peers do not write out."""
    with safe_open(path, framework="pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys() if not name.startswith("optimizer.")}  # noqa: SIM118
        description = json.loads(file.metadata()["stationhit"])
    model = description["model"]
    expected = {"architecture": "edgeconv", "message_layers": 1, "aggregation": "max", "activation": "relu", "residual": True, "layer_norm": False}
    for key, value in expected.items():
        if model[key] != value:
            raise SystemExit(f"{path}: the peers are written for {key} = {value}, this checkpoint has {model[key]}")
    return Checkpoint(weights, description)


def edges_of(neighbours: np.ndarray) -> torch.Tensor:
    """Neighbour table [N, k], -1 padded -> edge_index [2, E] (source, destination)."""
    rows, columns = np.nonzero(neighbours >= 0)
    return torch.from_numpy(np.stack([neighbours[rows, columns], rows]).astype(np.int64))


class Peer(torch.nn.Module):
    """What all forms share: normalisation, Fourier encoding, input layer, head."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        for name, tensor in checkpoint.weights.items():
            self.register(name.replace(".", "_"), tensor.float().clone(), trainable=not name.startswith(("normalization.", "encoding.")))
        self.n_blocks = checkpoint.blocks
        self.n_head = 1 + max(int(name.split(".")[1]) for name in checkpoint.weights if name.startswith("head."))

    def register(self, name: str, tensor: torch.Tensor, trainable: bool) -> None:
        """A parameter or a buffer under a flat name."""
        if trainable:
            self.register_parameter(name, torch.nn.Parameter(tensor))
        else:
            self.register_buffer(name, tensor)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """[N, F] raw -> [N, 2 |S| F]: for every scale sin of all features, then cos of all features."""
        tensors = dict(self.named_buffers())
        if "normalization_mean" in tensors:
            x = (x - tensors["normalization_mean"]) * tensors["normalization_inv_std"]
        angles = x[:, None, :] * tensors["encoding_frequencies"][None, :, None]
        return torch.stack([torch.sin(angles), torch.cos(angles)], 2).flatten(1)

    def linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """One stored linear layer."""
        return functional.linear(x, getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias"))

    def head(self, h: torch.Tensor) -> torch.Tensor:
        """[N, W] -> [N] logits."""
        for i in range(self.n_head - 1):
            h = torch.relu(self.linear(f"head_{i}", h))
        return self.linear(f"head_{self.n_head - 1}", h).squeeze(-1)


class PygNetwork(Peer):
    """torch_geometric.nn.EdgeConv on an edge list."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__(checkpoint)
        from torch_geometric.nn import EdgeConv

        self.convolutions = torch.nn.ModuleList()
        for block in range(self.n_blocks):
            weight, bias = getattr(self, f"blocks_{block}_message_0_weight"), getattr(self, f"blocks_{block}_message_0_bias")
            layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
            convolution = EdgeConv(torch.nn.Sequential(layer, torch.nn.ReLU()), aggr="max")
            layer.weight, layer.bias = weight, bias  # after building it: EdgeConv resets its network
            self.convolutions.append(convolution)

    def forward(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        """[N, F], [2, E] -> [N] logits."""
        h = torch.relu(self.linear("input", self.encode(x)))
        for convolution in self.convolutions:
            h = h + convolution(h, edge_index)
        return self.head(h)


class TableNetwork(Peer):
    """The factorised form on the neighbour table, plain PyTorch: the best that Python gives."""

    def forward(self, x: torch.Tensor, neighbours: torch.Tensor) -> torch.Tensor:
        """[N, F], [N, k] with -1 -> N already replaced by the caller (see table_of) -> [N] logits."""
        h = torch.relu(self.linear("input", self.encode(x)))
        width = h.shape[1]
        connected = (neighbours[:, :1] < len(x)).to(h.dtype)
        for block in range(self.n_blocks):
            weight, bias = getattr(self, f"blocks_{block}_message_0_weight"), getattr(self, f"blocks_{block}_message_0_bias")
            p = functional.linear(h, weight[:, :width] - weight[:, width:], bias)
            q = functional.pad(functional.linear(h, weight[:, width:]), (0, 0, 0, 1), value=-1e30)
            h = h + torch.relu(p + functional.embedding(neighbours, q).amax(1)) * connected
        return self.head(h)


def table_of(neighbours: np.ndarray) -> torch.Tensor:
    """-1 padding -> index of the sentinel row."""
    return torch.from_numpy(np.where(neighbours < 0, len(neighbours), neighbours).astype(np.int64))


class OnnxGraph:
    """A few lines of sugar over onnx.helper."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, value: np.ndarray | float | int | list[int]) -> str:
        """Adds an initializer; lists become int64 vectors."""
        array = np.array(value, np.int64) if isinstance(value, list | int) else np.ascontiguousarray(value, np.float32)
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Adds a node with one output."""
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def save(self, path: Path, n_features: int, output: str) -> None:
        """Inputs features and edge_index, output `output`."""
        self.nodes.append(helper.make_node("Identity", [output], ["output"]))
        inputs = [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", n_features]),
            helper.make_tensor_value_info("edge_index", TensorProto.INT64, [2, "E"]),
        ]
        outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 1])]
        graph = helper.make_graph(self.nodes, "study", inputs, outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def write_study_onnx(checkpoint: Checkpoint, path: Path) -> None:
    """The edge-wise form: Gather both ends, Concat, Gemm, Relu, ScatterElements(max)."""
    w = {name: tensor.numpy() for name, tensor in checkpoint.weights.items()}
    g = OnnxGraph()
    x = "features"
    if "normalization.mean" in w:
        x = g.op("Mul", g.op("Sub", x, g.constant(w["normalization.mean"])), g.constant(w["normalization.inv_std"]))
    parts = []
    for frequency in w["encoding.frequencies"]:
        angle = g.op("Mul", x, g.constant(frequency))
        parts += [g.op("Sin", angle), g.op("Cos", angle)]

    def dense(name: str, value: str) -> str:
        return g.op("Gemm", value, g.constant(w[f"{name}.weight"]), g.constant(w[f"{name}.bias"]), transB=1)

    h = g.op("Relu", dense("input", g.op("Concat", *parts, axis=1)))
    source, destination = (g.op("Gather", "edge_index", g.constant(end), axis=0) for end in (0, 1))
    for block in range(checkpoint.blocks):
        other, own = g.op("Gather", h, source, axis=0), g.op("Gather", h, destination, axis=0)
        message = g.op("Relu", dense(f"blocks.{block}.message.0", g.op("Concat", own, g.op("Sub", other, own), axis=1)))
        index = g.op("Expand", g.op("Unsqueeze", destination, g.constant([1])), g.op("Shape", message))
        zeros = g.op("ConstantOfShape", g.op("Shape", h), value=numpy_helper.from_array(np.zeros(1, np.float32)))
        h = g.op("Add", h, g.op("ScatterElements", zeros, index, message, axis=0, reduction="max"))
    n_head = 1 + max(int(name.split(".")[1]) for name in w if name.startswith("head."))
    for i in range(n_head - 1):
        h = g.op("Relu", dense(f"head.{i}", h))
    g.save(path, checkpoint.weights["input.weight"].shape[1] // (2 * len(w["encoding.frequencies"])), dense(f"head.{n_head - 1}", h))
