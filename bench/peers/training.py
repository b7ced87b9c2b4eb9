"""One training step (forward, BCE, backward, AdamW) on one event in Python: PyTorch Geometric and plain PyTorch on the neighbour table.

Ours on events of the same size: build/release/bin/bench_training."""

from __future__ import annotations

import numpy as np
import torch

from networks import Checkpoint, Peer, PygNetwork, TableNetwork, edges_of, table_of
from timing import interleaved, print_table


class Step:
    """A callable optimiser step; keeps its losses."""

    def __init__(self, network: Peer, x: torch.Tensor, graph: torch.Tensor, labels: torch.Tensor) -> None:
        self.network, self.x, self.graph, self.labels = network.train(), x, graph, labels
        self.optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
        self.loss = torch.nn.BCEWithLogitsLoss(pos_weight=(1 - labels.mean()) / labels.mean().clamp_min(1e-6))
        self.losses: list[float] = []

    def __call__(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        value = self.loss(self.network(self.x, self.graph), self.labels)
        value.backward()
        self.optimizer.step()
        self.losses.append(value.item())


def run(checkpoint: Checkpoint, features: np.ndarray, neighbours: np.ndarray) -> None:
    """Times both forms taking turns and checks that their losses agree."""
    torch.set_num_threads(1)
    labels = torch.from_numpy((np.random.default_rng(0).random(len(features)) < 0.006).astype(np.float32))
    x = torch.from_numpy(features)
    steps = {
        "plain PyTorch on the table, eager": Step(TableNetwork(checkpoint), x, table_of(neighbours), labels),
        "PyTorch Geometric, eager": Step(PygNetwork(checkpoint), x, edges_of(neighbours), labels),
    }
    timings = interleaved(dict(steps), repetitions=7)
    first = [step.losses[0] for step in steps.values()]
    if abs(first[0] - first[1]) > 1e-4 * abs(first[0]):
        raise SystemExit(f"the first losses differ: {first}")
    print_table(f"Training step in Python, {len(features)} nodes", timings, "plain PyTorch on the table, eager", "; first losses agree to 1e-4")
