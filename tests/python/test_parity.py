"""The networks against layers of other libraries: EdgeConv and GATConv of PyTorch Geometric,
attention, layer norm, loss and AdamW of PyTorch.

`write_parity_case` builds a network with random weights and a random graph in C++ and writes
weights, logits, the gradient of every weight and the losses of ten optimizer steps. The same
network is put together here from the layers of those libraries, edge by edge and bucket by bucket.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.nn import EdgeConv, GATConv, MessagePassing

WIDTH, BLOCKS, HEADS, BANDS, K, POS_WEIGHT, STEPS = 16, 2, 4, 4, 5, 7.5, 10
FEATURES = ("localX", "localY", "localZ", "driftR")
SETTINGS = [
    f"features=[{', '.join(FEATURES)}]",
    f"graph.k={K}",
    f"model.width={WIDTH}",
    f"model.blocks={BLOCKS}",
    f"model.heads={HEADS}",
    f"model.bands={BANDS}",
    "model.head=[8]",
    "training.optimizer.learning_rate=1e-3",
    "training.optimizer.weight_decay=1e-2",
    f"training.loss.pos_weight={POS_WEIGHT}",
]
TOLERANCE = {"float32": (1e-4, 1e-6), "float64": (1e-9, 1e-12)}  # relative, absolute


@dataclass
class Model:
    """The settings of a network that the cases vary."""

    architecture: str
    aggregation: str = "max"
    message_layers: int = 1
    layer_norm: bool = False
    activation: str = "relu"
    edge_features: tuple[str, ...] = ()
    limit: float = 0

    def __str__(self) -> str:
        norm = "norm" if self.layer_norm else "plain"
        return (
            f"{self.architecture}-{self.aggregation}-{self.message_layers}-{norm}-{self.activation}"
            f"{'-edges' if self.edge_features else ''}{'-limit' if self.limit else ''}"
        )

    def settings(self) -> list[str]:
        """As the program takes them."""
        values = vars(self) | {"edge_features": f"[{', '.join(self.edge_features)}]"}
        values["layer_norm"] = str(self.layer_norm).lower()
        values["encoding.limit"] = values.pop("limit")
        return [f"model.{key}={value}" for key, value in values.items()]


@dataclass
class Graph:
    """Features and the same edges as a list and as buckets."""

    features: Tensor
    edges: Tensor = field(repr=False)  # [2, E]: source, destination
    offsets: list[int]
    edge_values: Tensor | None = None  # [E, edge features]

    @classmethod
    def of(cls, case: dict[str, Tensor]) -> Graph:
        """From the file; the neighbor table is padded with -1."""
        rows, columns = torch.nonzero(case["neighbours"] >= 0, as_tuple=True)
        edges = torch.stack([case["neighbours"][rows, columns].long(), rows])
        return cls(case["features"], edges, case["offsets"].tolist())


def activation(model: Model) -> nn.Module:
    return {"relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "gelu": nn.GELU, "silu": nn.SiLU}[
        model.activation
    ]()


class EdgeFeatureConv(MessagePassing):
    """EdgeConv with a linear map of values of the edges before the first activation."""

    def __init__(self, message: nn.Sequential, aggr: str, n_features: int, width: int) -> None:
        super().__init__(aggr=aggr)
        self.nn = message
        self.edges = nn.Linear(n_features, width, bias=False)

    def forward(self, x: Tensor, edge_index: Tensor, edge_values: Tensor) -> Tensor:
        return self.propagate(edge_index, x=(x, x), edge_values=edge_values)

    def message(self, x_i: Tensor, x_j: Tensor, edge_values: Tensor) -> Tensor:
        first = self.nn[0](torch.cat([x_i, x_j - x_i], -1)) + self.edges(edge_values)
        return self.nn[1:](first)


def edge_conv(model: Model, width_in: int, width_out: int) -> MessagePassing:
    layers = [nn.Linear(2 * width_in, width_out), activation(model)]
    if model.message_layers == 2:
        layers.append(nn.Linear(width_out, width_out))
    message = nn.Sequential(*layers)
    if model.edge_features:
        return EdgeFeatureConv(message, model.aggregation, len(model.edge_features), width_out)
    return EdgeConv(message, aggr=model.aggregation)


def convolve(conv: MessagePassing, hidden: Tensor, graph: Graph) -> Tensor:
    if isinstance(conv, EdgeFeatureConv):
        return conv(hidden, graph.edges, graph.edge_values)
    return conv(hidden, graph.edges)


class EdgeConvBlock(nn.Module):
    """Residual EdgeConv, with layer norm where the model has it."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH) if model.layer_norm else nn.Identity()
        self.conv = edge_conv(model, WIDTH, WIDTH)

    def forward(self, hidden: Tensor, graph: Graph) -> Tensor:
        return hidden + convolve(self.conv, self.norm(hidden), graph)


class GraphAttentionBlock(nn.Module):
    """EdgeConv block, then residual graph attention."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.edgeconv = EdgeConvBlock(model)
        norm = nn.LayerNorm(WIDTH) if model.layer_norm else nn.Identity()
        self.attention = nn.ModuleDict(
            {"norm": norm, "conv": GATConv(WIDTH, WIDTH // HEADS, heads=HEADS, add_self_loops=True)}
        )
        self.activation = activation(model)

    def forward(self, hidden: Tensor, graph: Graph) -> Tensor:
        hidden = self.edgeconv(hidden, graph)
        return hidden + self.activation(
            self.attention["conv"](self.attention["norm"](hidden), graph.edges)
        )


class SelfAttentionBlock(nn.Module):
    """Pre-norm self-attention inside every bucket, then pre-norm feed-forward."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.attention = nn.ModuleDict(
            {
                "norm": nn.LayerNorm(WIDTH),
                "heads": nn.MultiheadAttention(WIDTH, HEADS, batch_first=True),
            }
        )
        layers = nn.Sequential(nn.Linear(WIDTH, 128), activation(model), nn.Linear(128, WIDTH))
        self.feed_forward = nn.ModuleDict({"norm": nn.LayerNorm(WIDTH), "layers": layers})

    def attend(self, normed: Tensor, graph: Graph) -> Tensor:
        """Bucket by bucket."""
        buckets = [
            normed[first:last].unsqueeze(0)
            for first, last in zip(graph.offsets[:-1], graph.offsets[1:], strict=True)
        ]
        attended = [
            self.attention["heads"](bucket, bucket, bucket)[0].squeeze(0) for bucket in buckets
        ]
        return torch.cat(attended) if attended else normed

    def forward(self, hidden: Tensor, graph: Graph) -> Tensor:
        hidden = hidden + self.attend(self.attention["norm"](hidden), graph)
        return hidden + self.feed_forward["layers"](self.feed_forward["norm"](hidden))


BLOCK = {
    "edgeconv": EdgeConvBlock,
    "edgeconv_gat": GraphAttentionBlock,
    "edgeconv_attention": SelfAttentionBlock,
}


class Reference(nn.Module):
    """The network of a case."""

    def __init__(self, model: Model, constants: dict[str, Tensor]) -> None:
        super().__init__()
        self.constants = constants
        self.activation = activation(model)
        self.limit = model.limit
        self.edge_columns = [FEATURES.index(name) for name in model.edge_features]
        n_features, n_scales = (
            len(constants["normalization.mean"]),
            len(constants["encoding.frequencies"]),
        )
        self.band_widths = [
            2 * n_features * (n_scales // BANDS + (band < n_scales % BANDS))
            for band in range(BANDS)
        ]
        if model.architecture == "edgeconv_attention":
            self.bands = nn.ModuleList(
                edge_conv(model, width, WIDTH // BANDS) for width in self.band_widths
            )
        else:
            self.input = nn.Linear(2 * n_features * n_scales, WIDTH)
        self.blocks = nn.ModuleList(BLOCK[model.architecture](model) for _ in range(BLOCKS))
        self.head = nn.ModuleList([nn.Linear(WIDTH, 8), nn.Linear(8, 1)])

    def normalize(self, features: Tensor) -> Tensor:
        centered = features - self.constants["normalization.mean"]
        scaled = centered * self.constants["normalization.inv_std"]
        return scaled.clamp(-self.limit, self.limit) if self.limit else scaled

    def edge_values(self, features: Tensor, edges: Tensor) -> Tensor:
        """How the edge features of neighbor and node differ, on a logarithmic scale."""
        x = self.normalize(features)[:, self.edge_columns]
        difference = 100 * (x[edges[0]] - x[edges[1]])
        return difference.sign() * difference.abs().log1p() / 4

    def encode(self, normalized: Tensor) -> Tensor:
        """For every scale the sines of all features, then their cosines."""
        angles = [normalized * frequency for frequency in self.constants["encoding.frequencies"]]
        return torch.cat([wave(angle) for angle in angles for wave in (torch.sin, torch.cos)], 1)

    def embed(self, encoded: Tensor, graph: Graph) -> Tensor:
        """The first hidden values."""
        if not hasattr(self, "bands"):
            return self.activation(self.input(encoded))
        parts = encoded.split(self.band_widths, 1)
        return torch.cat(
            [convolve(band, part, graph) for band, part in zip(self.bands, parts, strict=True)], 1
        )

    def forward(self, graph: Graph) -> Tensor:
        graph.edge_values = self.edge_values(graph.features, graph.edges)
        hidden = self.embed(self.encode(self.normalize(graph.features)), graph)
        for block in self.blocks:
            hidden = block(hidden, graph)
        return self.head[1](self.activation(self.head[0](hidden))).squeeze(1)


# Names of the parameters here -> names in the file (models/network.hpp).
RENAMES = {
    r"conv\.edges\.": "edges.",
    r"conv\.nn\.0\.": "message.0.",
    r"conv\.nn\.2\.": "message.1.",
    r"(bands\.\d)\.nn\.0\.": r"\1.message.0.",
    r"(bands\.\d)\.nn\.2\.": r"\1.message.1.",
    r"conv\.lin\.weight": "weight",
    r"conv\.bias": "bias",
    r"conv\.att_src": "source",
    r"conv\.att_dst": "target",
    r"heads\.in_proj_": "in.",
    r"heads\.out_proj\.": "out.",
    r"layers\.0\.": "in.",
    r"layers\.2\.": "out.",
}


def name_in_file(name: str) -> str:
    for pattern, replacement in RENAMES.items():
        name = re.sub(pattern, replacement, name)
    return name


def named_parameters(reference: Reference) -> dict[str, nn.Parameter]:
    return {name_in_file(name): parameter for name, parameter in reference.named_parameters()}


def build_reference(model: Model, case: dict[str, Tensor]) -> Reference:
    """With the weights of the file, which must be all that the reference has."""
    weights = {
        name.removeprefix("weights."): tensor
        for name, tensor in case.items()
        if name.startswith("weights.")
    }
    constants = {
        name: weights.pop(name)
        for name in ("normalization.mean", "normalization.inv_std", "encoding.frequencies")
    }
    reference = Reference(model, constants).to(case["features"].dtype)
    parameters = named_parameters(reference)
    assert sorted(parameters) == sorted(weights)
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(weights[name].view_as(parameter))
    return reference


def loss_of(logits: Tensor, labels: Tensor) -> Tensor:
    """0 for no nodes, of which binary_cross_entropy has no mean."""
    if len(labels) == 0:
        return logits.sum()
    return functional.binary_cross_entropy_with_logits(
        logits, labels, pos_weight=torch.tensor([POS_WEIGHT], dtype=labels.dtype)
    )


def train(reference: Reference, graph: Graph, labels: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """Gradients of the first step, losses of all."""
    optimizer = torch.optim.AdamW(reference.parameters(), lr=1e-3, weight_decay=1e-2)
    gradients: dict[str, Tensor] = {}
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(reference(graph), labels)
        loss.backward()
        losses.append(loss.item())
        if not gradients:
            gradients = {
                name: torch.zeros_like(p) if p.grad is None else p.grad.clone()
                for name, p in named_parameters(reference).items()
            }
        optimizer.step()
    return gradients, torch.tensor(losses, dtype=torch.float64)


def largest(tensors: Iterable[Tensor]) -> float:
    return max((float(tensor.abs().max()) for tensor in tensors if tensor.numel() > 0), default=0.0)


def relative_deviation(ours: dict[str, Tensor], reference: dict[str, Tensor]) -> float:
    """The largest difference over the largest number."""
    difference = largest(ours[name] - tensor for name, tensor in reference.items())
    return difference and difference / largest(reference.values())


Check = Callable[[Model, int, str], dict[str, Tensor]]


@pytest.fixture
def check(write_parity_case: Path, tmp_path: Path) -> Check:
    """check(model, nodes, type): the case of the C++ network, after every comparison. Prints the
    deviations (pytest -rP shows them)."""

    def compare(
        quantity: str, ours: dict[str, Tensor], reference: dict[str, Tensor], dtype: str
    ) -> None:
        print(f"{quantity} deviate by {relative_deviation(ours, reference):.1e}")
        rtol, atol = TOLERANCE[dtype]
        for name, tensor in reference.items():
            torch.testing.assert_close(
                ours[name], tensor, rtol=rtol, atol=atol, msg=f"{name}: {{}}".format
            )

    def call(model: Model, nodes: int, dtype: str) -> dict[str, Tensor]:
        torch.set_num_threads(1)
        path = tmp_path / "case.safetensors"
        command = [
            str(write_parity_case),
            str(path),
            str(nodes),
            dtype,
            *SETTINGS,
            *model.settings(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        case = load_file(path)
        graph, reference = Graph.of(case), build_reference(model, case)
        compare("logits", case, {"logits": reference(graph).detach()}, dtype)
        gradients, losses = train(reference, graph, case["labels"])
        compare(
            "gradients",
            case,
            {
                f"gradients.{name}": g.view_as(case[f"gradients.{name}"])
                for name, g in gradients.items()
            },
            dtype,
        )
        compare("losses", case, {"losses": losses}, dtype)
        return case

    return call


EDGECONV = [
    Model("edgeconv", aggregation, layers, norm)
    for layers in (1, 2)
    for aggregation in ("max", "mean", "sum")
    for norm in (False, True)
]
GAT = [Model("edgeconv_gat"), Model("edgeconv_gat", "mean", 2, layer_norm=True)]
ATTENTION = [Model("edgeconv_attention"), Model("edgeconv_attention", "sum", 2)]
OTHER_ACTIVATIONS = [
    Model("edgeconv", activation="leaky_relu"),
    Model("edgeconv_gat", "mean", 2, activation="gelu"),
]
WITH_EDGES = [
    Model("edgeconv", aggregation, layers, edge_features=("localZ", "driftR"))
    for layers in (1, 2)
    for aggregation in ("max", "mean", "sum")
] + [
    Model("edgeconv_gat", edge_features=("localX",)),
    Model("edgeconv_attention", "max", 2, edge_features=FEATURES),
]
LIMITED = [Model("edgeconv", "mean", 2, edge_features=("localX",), limit=0.5)]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    "model", EDGECONV + GAT + ATTENTION + OTHER_ACTIVATIONS + WITH_EDGES + LIMITED, ids=str
)
def test_networks_equal_those_of_other_libraries(check: Check, model: Model, dtype: str) -> None:
    case = check(model, 120, dtype)
    degrees = (case["neighbours"] >= 0).sum(1)
    assert set(degrees.tolist()) == set(range(K + 1))
    assert 0 < case["labels"].sum() < 120
    assert case["losses"][-1] < case["losses"][0]


@pytest.mark.parametrize("nodes", [0, 1, 2])
@pytest.mark.parametrize(
    "model", [EDGECONV[0], EDGECONV[-1], *GAT, *ATTENTION, *WITH_EDGES[3:]], ids=str
)
def test_networks_equal_those_of_other_libraries_on_few_nodes(
    check: Check, model: Model, nodes: int
) -> None:
    case = check(model, nodes, "float64")
    assert case["logits"].shape == (nodes,)
    assert (case["neighbours"] >= 0).any() == (nodes == 2)
