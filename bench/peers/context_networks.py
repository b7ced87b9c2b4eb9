"""Networks in PyTorch with which kinds of context between stations were compared: a first stage on
buckets, and second stages on what it keeps that differ in how hits see other stations only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

EDGE_FEATURES = ("localY", "localZ", "driftR", "layer", "time", "r")
# Codes of stationIndex (core/technology.cpp).
INNER = (0, 1, 7, 52, 13, 14, 15, 49, 55, 56, 57, 58, 47, 48)
OUTER = (4, 5, 9, 10, 20, 21)
FREQUENCIES = (1.0, 3.0, 9.0)
N_LAYERS = 3
FAR = 1e9


@dataclass
class Columns:
    """Where things are among the features."""

    edge: list[int]
    phi: int
    theta: int
    station: int


@dataclass
class Hits:
    """Hits of one or several events, one after the other."""

    features: torch.Tensor  # [N, F]
    table: torch.Tensor  # [N, k], -1: none
    label: torch.Tensor  # [N] 0 or 1
    share: torch.Tensor  # [N] 1 / nodes of the hit
    group: torch.Tensor  # [N] bucket
    event: torch.Tensor  # [N]
    first: torch.Tensor  # [N] logit of the first stage; 0 before it

    def n_events(self) -> int:
        return int(self.event[-1]) + 1 if len(self.event) else 0


def take(hits: Hits, rows: torch.Tensor) -> Hits:
    """Some rows, ascending, with the neighbors among them."""
    place = torch.full((len(hits.features) + 1,), -1)
    place[rows] = torch.arange(len(rows))
    group = torch.unique(hits.group[rows], return_inverse=True)[1]
    return Hits(
        hits.features[rows],
        place[hits.table[rows]],
        hits.label[rows],
        hits.share[rows],
        group,
        hits.event[rows],
        hits.first[rows],
    )


def join(events: list[Hits]) -> Hits:
    """Events of one call."""
    nodes = torch.tensor([0, *(len(event.features) for event in events)]).cumsum(0)
    groups = torch.tensor([0, *(int(event.group.max()) + 1 for event in events)]).cumsum(0)
    return Hits(
        torch.cat([event.features for event in events]),
        torch.cat(
            [
                torch.where(event.table >= 0, event.table + shift, -1)
                for event, shift in zip(events, nodes[:-1], strict=True)
            ]
        ),
        torch.cat([event.label for event in events]),
        torch.cat([event.share for event in events]),
        torch.cat([event.group + shift for event, shift in zip(events, groups[:-1], strict=True)]),
        torch.cat([torch.full((len(event.features),), i) for i, event in enumerate(events)]),
        torch.cat([event.first for event in events]),
    )


def encoded(normalized: torch.Tensor) -> torch.Tensor:
    waves = [wave(normalized * f) for f in FREQUENCIES for wave in (torch.sin, torch.cos)]
    return torch.cat([normalized.clamp(-8, 8), *waves], 1)


def gathered(values: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """[N, C] -> [N, k, C]; 0 where there is no neighbor."""
    return torch.cat([values, values.new_zeros(1, values.shape[1])])[table]


def logarithmic(difference: torch.Tensor) -> torch.Tensor:
    return torch.sign(difference) * torch.log1p(difference.abs())


def largest(messages: torch.Tensor, exists: torch.Tensor) -> torch.Tensor:
    """Maximum over the neighbors [N, k, C] -> [N, C], 0 where there are none."""
    best = torch.where(exists[:, :, None], messages, torch.tensor(-FAR)).amax(1)
    return torch.where(exists.any(1, keepdim=True), best, torch.zeros_like(best))


class EdgeConv(nn.Module):
    """Message of two linear layers with edge features, maximum, residual sum."""

    def __init__(self, width: int, edge_features: int, norm: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width) if norm else nn.Identity()
        self.own, self.other = nn.Linear(width, width), nn.Linear(width, width, bias=False)
        self.edge = nn.Linear(edge_features, width, bias=False)
        self.second = nn.Linear(width, width)

    def forward(
        self, hidden: torch.Tensor, table: torch.Tensor, edges: torch.Tensor
    ) -> torch.Tensor:
        normed = self.norm(hidden)
        first = self.own(normed)[:, None] + gathered(self.other(normed), table) + self.edge(edges)
        return hidden + largest(self.second(torch.relu(first)), table >= 0)


class Inputs(nn.Module):
    """Normalization, and the edge features of a table."""

    mean: torch.Tensor
    inv_std: torch.Tensor

    def __init__(self, mean: torch.Tensor, inv_std: torch.Tensor, columns: Columns) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("inv_std", inv_std)
        self.columns = columns

    def forward(self, hits: Hits, k: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        normalized = (hits.features - self.mean) * self.inv_std
        table, own = hits.table[:, :k], normalized[:, self.columns.edge] * 100
        return normalized, table, logarithmic(gathered(own, table) - own[:, None]) / 4


class FirstStage(nn.Module):
    """One narrow EdgeConv."""

    def __init__(self, inputs: Inputs, width: int = 16, k: int = 8) -> None:
        super().__init__()
        self.inputs, self.k = inputs, k
        n_features = len(inputs.mean)
        self.input = nn.Linear(n_features * (1 + 2 * len(FREQUENCIES)), width)
        self.edgeconv = EdgeConv(width, len(EDGE_FEATURES), norm=False)
        self.head = nn.Sequential(nn.Linear(width, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, hits: Hits) -> torch.Tensor:
        normalized, table, edges = self.inputs(hits, self.k)
        hidden = torch.relu(self.input(encoded(normalized)))
        return self.head(self.edgeconv(hidden, table, edges))[:, 0]


@dataclass
class Surroundings:
    """What kinds of context know of the hits."""

    hits: Hits
    phi: torch.Tensor
    theta: torch.Tensor
    layer: torch.Tensor  # 0 inner, 1 middle, 2 outer


def surroundings(hits: Hits, columns: Columns) -> Surroundings:
    station = hits.features[:, columns.station].long()
    layer = torch.ones(len(station), dtype=torch.long)
    layer[torch.isin(station, torch.tensor(INNER))] = 0
    layer[torch.isin(station, torch.tensor(OUTER))] = 2
    return Surroundings(hits, hits.features[:, columns.phi], hits.features[:, columns.theta], layer)


class Nothing(nn.Module):
    """No context."""

    def __init__(self, width: int) -> None:
        super().__init__()

    def forward(self, hidden: torch.Tensor, around: Surroundings) -> torch.Tensor:
        return hidden


class Maps(nn.Module):
    """Maps of the station layers in phi and theta with convolutions (models/station_map.hpp)."""

    def __init__(self, width: int, phi: int = 48, theta: int = 64, channels: int = 12) -> None:
        super().__init__()
        self.cells, self.channels = (phi, theta), channels
        self.norm, self.input = nn.LayerNorm(width), nn.Linear(width + 2, channels)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, 2 * channels, 3) for before in (N_LAYERS * channels, 2 * channels)
        )
        self.output = nn.Sequential(
            nn.Linear(2 * channels + 2, width), nn.ReLU(), nn.Linear(width, width)
        )

    def places(self, around: Surroundings) -> tuple[list[Any], torch.Tensor]:
        """The four cells around every hit with their weights, and where it is between them."""
        n_phi, n_theta = self.cells
        p = (around.phi + math.pi) / (2 * math.pi) * n_phi - 0.5
        t = around.theta / math.pi * n_theta - 0.5
        right, up = p - p.floor(), t - t.floor()
        corners = []
        for dp, of_phi in ((0, 1 - right), (1, right)):
            for dt, of_theta in ((0, 1 - up), (1, up)):
                row = (t.floor().long() + dt).clamp(0, n_theta - 1)
                cell = row * n_phi + (p.floor().long() + dp) % n_phi
                corners.append((cell, (of_phi * of_theta)[:, None]))
        return corners, torch.stack([right, up], 1)

    def forward(self, hidden: torch.Tensor, around: Surroundings) -> torch.Tensor:
        hits, (n_phi, n_theta) = around.hits, self.cells
        corners, inside = self.places(around)
        written = torch.relu(self.input(torch.cat([self.norm(hidden), inside], 1)))
        written = written * hits.share[:, None]
        first = hits.event * n_phi * n_theta
        of_layer = first * N_LAYERS + around.layer * n_phi * n_theta
        maps = hidden.new_zeros(hits.n_events() * N_LAYERS * n_phi * n_theta, self.channels)
        for cell, weight in corners:
            maps = maps.index_add(0, of_layer + cell, written * weight)
        maps = maps.log1p().view(-1, N_LAYERS, n_theta, n_phi, self.channels)
        maps = maps.permute(0, 1, 4, 2, 3).flatten(1, 2)
        for layer in self.convolutions:
            circular = functional.pad(maps, (1, 1, 0, 0), mode="circular")
            maps = torch.relu(layer(functional.pad(circular, (0, 0, 1, 1))))
        cells = maps.permute(0, 2, 3, 1).flatten(0, 2)
        read = sum(cells[first + cell] * weight for cell, weight in corners)
        return hidden + self.output(torch.cat([read, inside], 1))


class Table(nn.Module):
    """EdgeConv along a table of the nearest hits in each of the other station layers."""

    def __init__(self, width: int, nearest: int = 6) -> None:
        super().__init__()
        self.nearest, self.edgeconv = nearest, EdgeConv(width, 7)

    def of_event(
        self, around: Surroundings, rows: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        phi, theta, layer = around.phi[rows], around.theta[rows], around.layer[rows]
        d_phi = torch.remainder(phi[None] - phi[:, None] + math.pi, 2 * math.pi) - math.pi
        d_theta = theta[None] - theta[:, None]
        distance = (d_phi / 0.06) ** 2 + (d_theta / 0.03) ** 2
        tables, edges = [], []
        for other in range(N_LAYERS):
            allowed = (layer == other)[None] & (layer != other)[:, None]
            nearest = torch.where(allowed, distance, torch.tensor(FAR)).topk(
                min(self.nearest, len(rows)), 1, largest=False
            )
            tables.append(torch.where(nearest.values < 25, rows[nearest.indices], -1))
            p, t = (d.gather(1, nearest.indices) for d in (d_phi * 100, d_theta * 300))
            code = [torch.full_like(p, float(other == i)) for i in range(N_LAYERS)]
            values = [logarithmic(v) / 2 for v in (p, t, p.abs(), t.abs())]
            edges.append(torch.stack([*values, *code], 2))
        return torch.cat(tables, 1), torch.cat(edges, 1)

    def forward(self, hidden: torch.Tensor, around: Surroundings) -> torch.Tensor:
        with torch.no_grad():
            found = [
                self.of_event(around, torch.nonzero(around.hits.event == event)[:, 0])
                for event in range(around.hits.n_events())
            ]
        table, edges = (torch.cat(part) for part in zip(*found, strict=True))
        return self.edgeconv(hidden, table, edges)


def position_features(around: Surroundings) -> torch.Tensor:
    waves = [
        wave(angle * k)
        for k in (1, 2, 4, 8, 16, 32)
        for angle in (around.phi, 2 * around.theta)
        for wave in (torch.sin, torch.cos)
    ]
    return torch.stack(waves + [(around.layer == i).float() for i in range(N_LAYERS)], 1)


N_POSITION = 4 * 6 + N_LAYERS


class Attention(nn.Module):
    """Scaled dot product attention over all rows of an event; queries, keys and values see the
    position."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads, self.norm = heads, nn.LayerNorm(width)
        self.input, self.output = nn.Linear(width + N_POSITION, 3 * width), nn.Linear(width, width)

    def attend(
        self, hidden: torch.Tensor, position: torch.Tensor, event: torch.Tensor
    ) -> torch.Tensor:
        qkv = self.input(torch.cat([self.norm(hidden), position], 1))
        results = []
        for number in range(int(event[-1]) + 1):
            of_event = qkv[event == number]
            split = of_event.view(1, len(of_event), 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            result = functional.scaled_dot_product_attention(*split)
            results.append(result.transpose(1, 2).reshape(len(of_event), -1))
        return hidden + self.output(torch.cat(results))

    def forward(self, hidden: torch.Tensor, around: Surroundings) -> torch.Tensor:
        return self.attend(hidden, position_features(around), around.hits.event)


class Tokens(nn.Module):
    """Buckets become tokens (mean, maximum, position) that attend over the event; every hit gets
    that of its bucket."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.input = nn.LayerNorm(width), nn.Linear(width, width)
        self.token, self.attention = nn.Linear(2 * width, width), Attention(width)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)
        )
        self.output = nn.Linear(width, width)

    def forward(self, hidden: torch.Tensor, around: Surroundings) -> torch.Tensor:
        group = around.hits.group
        n_groups = int(group.max()) + 1
        size = torch.bincount(group, minlength=n_groups)[:, None]

        def mean(values: torch.Tensor) -> torch.Tensor:
            zeros = values.new_zeros(n_groups, values.shape[1])
            return zeros.index_add(0, group, values) / size

        values = torch.relu(self.input(self.norm(hidden)))
        best = values.new_zeros(n_groups, values.shape[1]).scatter_reduce(
            0, group[:, None].expand_as(values), values, "amax"
        )
        event = torch.zeros(n_groups, dtype=torch.long)
        event[group] = around.hits.event
        tokens = self.token(torch.cat([mean(values), best], 1))
        tokens = self.attention.attend(tokens, mean(position_features(around)), event)
        tokens = tokens + self.feed_forward(tokens)
        return hidden + self.output(torch.relu(tokens))[group]


CONTEXTS = {
    "none": Nothing,
    "event attention": Attention,
    "bucket tokens": Tokens,
    "table": Table,
    "maps": Maps,
}


class SecondStage(nn.Module):
    """EdgeConv, context, EdgeConv on the hits that the first stage keeps."""

    def __init__(self, inputs: Inputs, context: str, width: int = 32, k: int = 10) -> None:
        super().__init__()
        self.inputs, self.k = inputs, k
        n_features = len(inputs.mean)
        self.input = nn.Linear(n_features * (1 + 2 * len(FREQUENCIES)) + 1, width)
        self.before = EdgeConv(width, len(EDGE_FEATURES))
        self.context = CONTEXTS[context](width)
        self.after = EdgeConv(width, len(EDGE_FEATURES))
        self.head = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, 1)
        )

    def forward(self, hits: Hits) -> torch.Tensor:
        normalized, table, edges = self.inputs(hits, self.k)
        given = torch.cat([encoded(normalized), hits.first[:, None] / 4], 1)
        hidden = self.before(torch.relu(self.input(given)), table, edges)
        hidden = self.context(hidden, surroundings(hits, self.inputs.columns))
        return self.head(self.after(hidden, table, edges))[:, 0]
