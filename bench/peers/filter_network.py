"""The published hit filter as a network in PyTorch, written from its description: a transformer
encoder over the hits of an event in the order of phi, in which every hit sees the `window` hits
around it, across phi = +-pi too (arXiv:2603.25793 and the published settings: 8 layers of width 128
with 8 heads, window 512, 18 inputs).

The window is one constant mask: queries in blocks of `BLOCK` hits, each with the keys of its block
and of half a window on either side. Memory is linear in the number of hits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

BLOCK = 64  # queries that share their keys; larger blocks compute more that the mask drops


@dataclass(frozen=True)
class Shape:
    """Sizes of the network. The feed-forward part is not given in the description; with this size
    the network has the published 1.4 million parameters."""

    inputs: int = 18
    width: int = 128
    layers: int = 8
    heads: int = 8
    window: int = 512  # hits that a hit sees, half of them on either side, and itself
    feed_forward: int = 256


def window_attention(query: Tensor, key: Tensor, value: Tensor, window: int) -> Tensor:
    """Attention of every hit to those at most window / 2 places before or after it on the circle
    of n hits; [heads, n, d] each and the result."""
    n, half = query.shape[1], window // 2
    if n <= 2 * half + 1:
        return functional.scaled_dot_product_attention(query[None], key[None], value[None])[0]
    blocks = -(-n // BLOCK)
    missing = blocks * BLOCK - n
    queries = (
        functional.pad(query, (0, 0, 0, missing)).unflatten(1, (blocks, BLOCK)).transpose(0, 1)
    )
    keys, values = (around(x, half, missing) for x in (key, value))
    mask = window_mask(half, query.device)
    attended = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    return attended.transpose(0, 1).flatten(1, 2)[:, :n]


def around(x: Tensor, half: int, missing: int) -> Tensor:
    """[blocks, heads, BLOCK + 2 half, d]: for every block its hits with `half` hits on either side.
    Only the `missing` queries that fill the last block would see the zeros at the end."""
    circle = torch.cat([x[:, x.shape[1] - half :], x, x[:, :half]], dim=1)
    padded = functional.pad(circle, (0, 0, 0, missing))
    return padded.unfold(1, BLOCK + 2 * half, BLOCK).permute(1, 0, 3, 2)


def window_mask(half: int, device: torch.device) -> Tensor:
    """bool [BLOCK, BLOCK + 2 half]: key j of a block is hit j - half of the block."""
    ahead = (
        torch.arange(BLOCK + 2 * half, device=device) - torch.arange(BLOCK, device=device)[:, None]
    )
    return (ahead >= 0) & (ahead <= 2 * half)


class Layer(torch.nn.Module):
    """Windowed self-attention and a gated feed-forward part, each on normalized values and with a
    residual sum."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.window, width = shape.heads, shape.window, shape.width
        self.attention_norm, self.feed_forward_norm = (torch.nn.RMSNorm(width) for _ in range(2))
        self.qkv = torch.nn.Linear(width, 3 * width)
        self.out = torch.nn.Linear(width, width)
        self.gate_and_up = torch.nn.Linear(width, 2 * shape.feed_forward)
        self.down = torch.nn.Linear(shape.feed_forward, width)

    def attend(self, h: Tensor) -> Tensor:
        """[n, width]"""
        heads = self.qkv(h).unflatten(1, (3, self.heads, -1)).permute(1, 2, 0, 3)
        query, key, value = heads
        attended = window_attention(query, key, value, self.window)
        return self.out(attended.transpose(0, 1).flatten(1))

    def forward(self, h: Tensor) -> Tensor:
        """[n, width]"""
        h = h + self.attend(self.attention_norm(h))
        gate, up = self.gate_and_up(self.feed_forward_norm(h)).chunk(2, dim=1)
        return h + self.down(functional.silu(gate) * up)


class HitFilter(torch.nn.Module):
    """One logit per hit. The inputs are raw; mean and inv_std are those of the training sample.

    radius, eta and phi are columns of the inputs: the hits are sorted by phi, and sines and cosines
    of multiples of all three (of phi whole multiples, so that they agree at +-pi) are added to the
    embedding of the inputs."""

    mean: Tensor
    inv_std: Tensor

    def __init__(self, shape: Shape, radius: int, eta: int, phi: int) -> None:
        super().__init__()
        self.shape, self.position = shape, (radius, eta, phi)
        width = shape.width
        self.register_buffer("mean", torch.zeros(shape.inputs))
        self.register_buffer("inv_std", torch.ones(shape.inputs))
        self.embed = torch.nn.Sequential(
            torch.nn.Linear(shape.inputs, 2 * width),
            torch.nn.SiLU(),
            torch.nn.Linear(2 * width, width),
        )
        self.layers = torch.nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = torch.nn.RMSNorm(width)
        self.hidden, self.logit = torch.nn.Linear(width, width), torch.nn.Linear(width, 1)

    def normalize(self, mean: Sequence[float], std: Sequence[float], signal_share: float) -> None:
        """Sets the statistics of the inputs (a constant one is only shifted) and the logit with
        which training begins."""
        scale = torch.tensor(std, dtype=torch.float64)
        self.mean.copy_(torch.tensor(mean))
        self.inv_std.copy_(1 / torch.where(scale > 0, scale, 1))
        torch.nn.init.constant_(self.logit.bias, np.log(signal_share / (1 - signal_share)))

    def encode_position(self, x: Tensor, raw: Tensor) -> Tensor:
        """[n, width]: angles are pi m x of normalized radius and eta, and m phi."""
        radius, eta, phi = self.position
        angles = torch.stack([torch.pi * x[:, radius], torch.pi * x[:, eta], raw[:, phi]], dim=1)
        multiples = torch.arange(1, self.shape.width // 6 + 1, device=x.device)
        waves = (angles[..., None] * multiples).flatten(1)
        encoded = torch.cat([waves.sin(), waves.cos()], dim=1)
        return functional.pad(encoded, (0, self.shape.width - encoded.shape[1]))

    def forward(self, raw: Tensor) -> Tensor:
        """[n] of [n, inputs], in the order of the inputs."""
        order = torch.argsort(raw[:, self.position[2]], stable=True)
        raw = raw[order]
        x = (raw - self.mean) * self.inv_std
        h = self.embed(x) + self.encode_position(x, raw)
        for layer in self.layers:
            h = layer(h)
        logits = self.logit(functional.silu(self.hidden(self.norm(h))))[:, 0]
        return torch.empty_like(logits).scatter(0, order, logits)


def save_network(network: HitFilter, path: Path, about: dict[str, Any]) -> None:
    """A safetensors file with shape, names of the inputs and how it was trained."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    description = {"shape": asdict(network.shape), "position": network.position, **about}
    save_file(network.state_dict(), partial, {"hit_filter": json.dumps(description)})
    partial.rename(path)


def load_network(path: Path) -> tuple[HitFilter, dict[str, Any]]:
    """The network and what was saved with it."""
    if not path.exists():
        raise SystemExit(f"error: {path}: no such file; `published_filter.py train` writes it")
    with safe_open(path, "pt") as file:
        text = (file.metadata() or {}).get("hit_filter")
        if text is None:
            raise SystemExit(
                f"error: {path}: no network of published_filter.py; give a file that its command "
                "`train` wrote"
            )
        about = json.loads(text)
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    network = HitFilter(Shape(**about["shape"]), *about["position"])
    network.load_state_dict(weights)
    return network, about
