"""The networks of a checkpoint of ours, written the ways a Python user would: PyTorch Geometric,
plain PyTorch on the neighbor table and, of edgeconv, the study-style ONNX file (gather the edges,
an MLP per edge, ScatterElements).

Weights are read by name from the checkpoint (safetensors), so every form computes the same logits
as the C++ program."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors import safe_open
from torch.nn import functional

ARCHITECTURES = ("edgeconv", "edgeconv_gat", "edgeconv_attention")


def number_of(weights: dict[str, torch.Tensor], layers: str) -> int:
    """How many layers are stored as LAYERS.0, LAYERS.1, ..."""
    return 1 + max(
        (int(name.split(".")[1]) for name in weights if name.startswith(f"{layers}.")), default=-1
    )


@dataclass
class Checkpoint:
    """Weights by module name and the description stored beside them."""

    weights: dict[str, torch.Tensor]
    description: dict

    @property
    def architecture(self) -> str:
        """One of ARCHITECTURES."""
        return self.description["model"]["architecture"]


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint; refuses options that the peers do not write out."""
    with safe_open(path, framework="pt") as file:
        weights = {
            name: file.get_tensor(name)
            for name in file.keys()  # noqa: SIM118
            if not name.startswith("optimizer.")
        }
        description = json.loads(file.metadata()["stationhit"])
    model = description["model"]
    if model["architecture"] not in ARCHITECTURES:
        raise SystemExit(
            f"{path}: the peers are written for {', '.join(ARCHITECTURES)}, this checkpoint "
            f"has {model['architecture']}"
        )
    expected = {
        "message_layers": 1,
        "aggregation": "max",
        "activation": "relu",
        "residual": True,
        "layer_norm": False,
    }
    for key, value in expected.items():
        if model[key] != value:
            raise SystemExit(
                f"{path}: the peers are written for {key} = {value}, this checkpoint has "
                f"{model[key]}"
            )
    return Checkpoint(weights, description)


class Graph(NamedTuple):
    """One graph in the forms that the networks take."""

    edges: torch.Tensor  # [2, E]: source, destination
    table: torch.Tensor  # [N, k]: neighbors, N where there is none
    group: torch.Tensor  # [N]: the group (bucket) of every node
    slots: torch.Tensor  # [G, M]: the nodes of every group, padded with its first node
    real: torch.Tensor  # [G, M]: whether there is a node


def graph_of(neighbors: np.ndarray, offsets: np.ndarray) -> Graph:
    """From a neighbor table [N, k], padded with -1, and the first nodes of the groups [G + 1]."""
    rows, columns = np.nonzero(neighbors >= 0)
    edges = np.stack([neighbors[rows, columns], rows]).astype(np.int64)
    table = np.where(neighbors < 0, len(neighbors), neighbors).astype(np.int64)
    first = offsets[:-1].astype(np.int64)
    sizes = offsets[1:].astype(np.int64) - first
    first, sizes = first[sizes > 0], sizes[sizes > 0]
    column = np.arange(sizes.max())[None]
    real = column < sizes[:, None]
    slots = np.where(real, first[:, None] + column, first[:, None])
    return Graph(
        *map(torch.from_numpy, (edges, table, np.repeat(np.arange(len(sizes)), sizes), slots, real))
    )


class Peer(torch.nn.Module, ABC):
    """The part that all forms share: normalization, Fourier encoding, order of the layers. Message
    passing and attention are left to the form."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        for name, tensor in checkpoint.weights.items():
            value = tensor.float().clone()
            if name.endswith((".source", ".target")):
                value = value.unsqueeze(0)  # as PyTorch Geometric has them
            self.register(
                name.replace(".", "_"),
                value,
                trainable=not name.startswith(("normalization.", "encoding.")),
            )
        self.architecture, self.heads = (
            checkpoint.architecture,
            checkpoint.description["model"]["heads"],
        )
        self.n_blocks, self.n_head, self.n_bands = (
            number_of(checkpoint.weights, layers) for layers in ("blocks", "head", "bands")
        )

    def register(self, name: str, tensor: torch.Tensor, trainable: bool) -> None:
        """A parameter or a buffer under a flat name."""
        if trainable:
            self.register_parameter(name, torch.nn.Parameter(tensor))
        else:
            self.register_buffer(name, tensor)

    @abstractmethod
    def edge_conv(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        """[N, W] -> [N, W']: max over the neighbors of relu(linear([h_i, h_j - h_i])); `name` is
        that of the linear layer."""

    @abstractmethod
    def graph_attention(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        """[N, W] -> [N, W]: GAT over the neighbors and the node itself."""

    @abstractmethod
    def self_attention(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        """[N, W] -> [N, W]: scaled dot product attention inside every group, between the layers
        `in` and `out`."""

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """[N, F] raw -> [N, 2 |S| F]: for every scale sin of all features, then cos of all
        features."""
        tensors = dict(self.named_buffers())
        if "normalization_mean" in tensors:
            x = (x - tensors["normalization_mean"]) * tensors["normalization_inv_std"]
        angles = x[:, None, :] * tensors["encoding_frequencies"][None, :, None]
        return torch.stack([torch.sin(angles), torch.cos(angles)], 2).flatten(1)

    def linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """One stored linear layer."""
        return functional.linear(x, getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias"))

    def norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """One stored layer norm."""
        return functional.layer_norm(
            x, x.shape[-1:], getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
        )

    def embed(self, encoded: torch.Tensor, graph: Graph) -> torch.Tensor:
        """The first hidden values: a linear layer, or one EdgeConv per band of scales."""
        if self.n_bands == 0:
            return torch.relu(self.linear("input", encoded))
        widths = [
            getattr(self, f"bands_{band}_message_0_weight").shape[1] // 2
            for band in range(self.n_bands)
        ]
        parts = encoded.split(widths, 1)
        return torch.cat(
            [
                self.edge_conv(f"bands_{band}_message_0", part, graph)
                for band, part in enumerate(parts)
            ],
            1,
        )

    def block(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        """[N, W] -> [N, W]"""
        if self.architecture == "edgeconv":
            return h + self.edge_conv(f"{name}_message_0", h, graph)
        if self.architecture == "edgeconv_gat":
            h = h + self.edge_conv(f"{name}_edgeconv_message_0", h, graph)
            return h + torch.relu(self.graph_attention(f"{name}_attention", h, graph))
        h = h + self.self_attention(
            f"{name}_attention", self.norm(f"{name}_attention_norm", h), graph
        )
        inner = torch.relu(
            self.linear(f"{name}_feed_forward_in", self.norm(f"{name}_feed_forward_norm", h))
        )
        return h + self.linear(f"{name}_feed_forward_out", inner)

    def head(self, h: torch.Tensor) -> torch.Tensor:
        """[N, W] -> [N] logits."""
        for i in range(self.n_head - 1):
            h = torch.relu(self.linear(f"head_{i}", h))
        return self.linear(f"head_{self.n_head - 1}", h).squeeze(-1)

    def forward(self, x: torch.Tensor, graph: Graph) -> torch.Tensor:
        """[N, F] -> [N] logits."""
        h = self.embed(self.encode(x), graph)
        for block in range(self.n_blocks):
            h = self.block(f"blocks_{block}", h, graph)
        return self.head(h)

    def heads_of(self, qkv: torch.Tensor) -> list[torch.Tensor]:
        """[G, M, 3 W] -> query, key, value [G, heads, M, W / heads]."""
        return [part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in qkv.chunk(3, -1)]


class PygNetwork(Peer):
    """EdgeConv and GATConv of torch_geometric.nn on an edge list, to_dense_batch before
    self-attention."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__(checkpoint)
        layers: dict[str, torch.nn.Module] = {}
        for name in checkpoint.weights:
            module = name.rpartition(".")[0].replace(".", "_")
            if name.endswith("message.0.weight"):
                layers[module] = self.make_edge_conv(module)
            elif name.endswith("attention.source"):
                layers[module] = self.make_graph_attention(module)
        self.convolutions = torch.nn.ModuleDict(layers)

    def make_edge_conv(self, name: str) -> torch.nn.Module:
        """With the stored linear layer."""
        from torch_geometric.nn import EdgeConv

        weight, bias = getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
        convolution = EdgeConv(torch.nn.Sequential(layer, torch.nn.ReLU()), aggr="max")
        layer.weight, layer.bias = weight, bias  # after building it: EdgeConv resets its network
        return convolution

    def make_graph_attention(self, name: str) -> torch.nn.Module:
        """With the stored weights."""
        from torch_geometric.nn import GATConv

        weight = getattr(self, f"{name}_weight")
        convolution = GATConv(weight.shape[1], weight.shape[0] // self.heads, heads=self.heads)
        convolution.lin.weight, convolution.bias = weight, getattr(self, f"{name}_bias")
        convolution.att_src, convolution.att_dst = (
            getattr(self, f"{name}_source"),
            getattr(self, f"{name}_target"),
        )
        return convolution

    def edge_conv(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        return self.convolutions[name](h, graph.edges)

    def graph_attention(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        return self.convolutions[name](h, graph.edges)

    def self_attention(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        from torch_geometric.utils import to_dense_batch

        dense, real = to_dense_batch(h, graph.group)
        q, k, v = self.heads_of(self.linear(f"{name}_in", dense))
        attended = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=real[:, None, None, :]
        )
        return self.linear(f"{name}_out", attended.transpose(1, 2).flatten(2))[real]


class TableNetwork(Peer):
    """The factorized form on the neighbor table in plain PyTorch, the fastest form without custom
    kernels."""

    def largest(self, values: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        """[N, W], [N, k] -> [N, W]: the maximum over the neighbors, a large negative number if
        there is none."""
        return functional.embedding(table, functional.pad(values, (0, 0, 0, 1), value=-1e30)).amax(
            1
        )

    def edge_conv(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        weight, bias = getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
        width = h.shape[1]
        p = functional.linear(h, weight[:, :width] - weight[:, width:], bias)
        q = functional.linear(h, weight[:, width:])
        connected = (graph.table[:, :1] < len(h)).to(h.dtype)
        return torch.relu(p + self.largest(q, graph.table)) * connected

    def graph_attention(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        v = functional.linear(h, getattr(self, f"{name}_weight"))
        per_head = v.unflatten(1, (self.heads, -1))
        source, target = (
            (per_head * getattr(self, f"{name}_{end}")).sum(-1) for end in ("source", "target")
        )
        table = torch.cat(
            [torch.arange(len(h))[:, None], graph.table], 1
        )  # [N, 1 + k], the node itself first
        scores = (
            functional.embedding(table, functional.pad(source, (0, 0, 0, 1), value=-1e30))
            + target[:, None]
        )
        alpha = torch.softmax(functional.leaky_relu(scores, 0.2), 1)
        values = functional.embedding(table, functional.pad(v, (0, 0, 0, 1))).unflatten(
            2, (self.heads, -1)
        )
        return (alpha[..., None] * values).sum(1).flatten(1) + getattr(self, f"{name}_bias")

    def self_attention(self, name: str, h: torch.Tensor, graph: Graph) -> torch.Tensor:
        """Only the attention itself is padded."""
        q, k, v = self.heads_of(functional.embedding(graph.slots, self.linear(f"{name}_in", h)))
        attended = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=graph.real[:, None, None, :]
        )
        return self.linear(f"{name}_out", attended.transpose(1, 2).flatten(2)[graph.real])


class BagNetwork(TableNetwork):
    """The table form with the maximum taken by embedding_bag: no [N, k, W] tensor."""

    def largest(self, values: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        return functional.embedding_bag(
            table, functional.pad(values, (0, 0, 0, 1)), mode="max", padding_idx=len(values)
        )


class OnnxGraph:
    """A thin layer over onnx.helper."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, value: np.ndarray | float | int | list[int]) -> str:
        """Adds an initializer; lists become int64 vectors."""
        array = (
            np.array(value, np.int64)
            if isinstance(value, list | int)
            else np.ascontiguousarray(value, np.float32)
        )
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
    if checkpoint.architecture != "edgeconv":
        raise SystemExit(
            "the study-style ONNX file is written for edgeconv, this checkpoint has "
            f"{checkpoint.architecture}; leave out inference"
        )
    w = {name: tensor.numpy() for name, tensor in checkpoint.weights.items()}
    g = OnnxGraph()
    x = "features"
    if "normalization.mean" in w:
        x = g.op(
            "Mul",
            g.op("Sub", x, g.constant(w["normalization.mean"])),
            g.constant(w["normalization.inv_std"]),
        )
    parts = []
    for frequency in w["encoding.frequencies"]:
        angle = g.op("Mul", x, g.constant(frequency))
        parts += [g.op("Sin", angle), g.op("Cos", angle)]

    def dense(name: str, value: str) -> str:
        return g.op(
            "Gemm", value, g.constant(w[f"{name}.weight"]), g.constant(w[f"{name}.bias"]), transB=1
        )

    h = g.op("Relu", dense("input", g.op("Concat", *parts, axis=1)))
    source, destination = (g.op("Gather", "edge_index", g.constant(end), axis=0) for end in (0, 1))
    for block in range(number_of(checkpoint.weights, "blocks")):
        other, own = g.op("Gather", h, source, axis=0), g.op("Gather", h, destination, axis=0)
        message = g.op(
            "Relu",
            dense(
                f"blocks.{block}.message.0", g.op("Concat", own, g.op("Sub", other, own), axis=1)
            ),
        )
        index = g.op(
            "Expand", g.op("Unsqueeze", destination, g.constant([1])), g.op("Shape", message)
        )
        zeros = g.op(
            "ConstantOfShape",
            g.op("Shape", h),
            value=numpy_helper.from_array(np.zeros(1, np.float32)),
        )
        h = g.op("Add", h, g.op("ScatterElements", zeros, index, message, axis=0, reduction="max"))
    n_head = number_of(checkpoint.weights, "head")
    for i in range(n_head - 1):
        h = g.op("Relu", dense(f"head.{i}", h))
    g.save(
        path,
        checkpoint.weights["input.weight"].shape[1] // (2 * len(w["encoding.frequencies"])),
        dense(f"head.{n_head - 1}", h),
    )
