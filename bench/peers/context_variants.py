#!/usr/bin/env python3
"""Compares kinds of context between stations on the hits that one first stage keeps.

    .deps/venv/bin/python bench/peers/context_variants.py runs/peers/set --output bench/results

SET is a folder that `stationhit prepare --materialize bench/peers/sample.yaml` wrote, with its
splits train and test. Most training events train the first stage (context_networks.py). Its cut
keeps a share of the signal nodes of the last --tuning of them. The first --events of the others
train a second stage per kind of context, alike in everything else, and the --tuning events give the
purity per node: this is a comparison to choose by, so the test split is not opened."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from context_networks import (
    CONTEXTS,
    EDGE_FEATURES,
    Columns,
    FirstStage,
    Hits,
    Inputs,
    SecondStage,
    join,
    take,
)
from materialized_set import Event, MaterializedSplit
from timing import machine
from working_points import (
    DEFAULT_POINTS,
    Row,
    Sample,
    count,
    origin_of,
    share,
    table,
    write_results,
)

BATCH = 4


def hits_of(event: Event) -> Hits:
    copies = np.bincount(event.hit)[event.hit]
    return Hits(
        torch.from_numpy(event.features.copy()),
        torch.from_numpy(event.neighbors.astype(np.int64)),
        torch.from_numpy(event.labels().astype(np.float32)),
        torch.from_numpy((1 / copies).astype(np.float32)),
        torch.from_numpy(event.groups()),
        torch.zeros(len(event.hit), dtype=torch.long),
        torch.zeros(len(event.hit)),
    )


def thinned(hits: Hits, part: float, generator: torch.Generator) -> tuple[Hits, torch.Tensor]:
    """All buckets with signal and a random part of the others, and the weights of their nodes."""
    n_groups = int(hits.group.max()) + 1
    signal = torch.zeros(n_groups).index_add_(0, hits.group, hits.label) > 0
    kept = signal | (torch.rand(n_groups, generator=generator) < part)
    rows = torch.nonzero(kept[hits.group])[:, 0]
    return take(hits, rows), torch.where(signal[hits.group[rows]], 1.0, 1 / part)


def normalization(split: MaterializedSplit) -> tuple[torch.Tensor, torch.Tensor]:
    values = np.concatenate([event.features for event in split.events(0, 100)]).astype(np.float64)
    deviation = np.maximum(values.std(0), 1e-6)
    return torch.from_numpy(values.mean(0)).float(), torch.from_numpy(1 / deviation).float()


def fit(
    network: nn.Module,
    batches: Callable[[], Iterator[tuple[Hits, torch.Tensor | None]]],
    epochs: int,
    steps: int,
    signal_weight: float,
) -> Iterator[int]:
    """Trains with AdamW and one cycle of the learning rate; yields after every epoch."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.004, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.004, epochs * steps, pct_start=0.2)
    for epoch in range(epochs):
        network.train()
        for hits, weights in batches():
            loss = functional.binary_cross_entropy_with_logits(
                network(hits), hits.label, weights, pos_weight=torch.tensor(signal_weight)
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        network.eval()
        yield epoch + 1


def train_first_stage(
    split: MaterializedSplit, inputs: Inputs, events: int, epochs: int, seed: int
) -> FirstStage:
    generator = torch.Generator().manual_seed(seed)

    def batches() -> Iterator[tuple[Hits, torch.Tensor]]:
        waiting: list[tuple[Hits, torch.Tensor]] = []
        for event in split.events(0, events):
            waiting.append(thinned(hits_of(event), 0.08, generator))
            if len(waiting) == BATCH:
                yield (
                    join([hits for hits, _ in waiting]),
                    torch.cat([weights for _, weights in waiting]),
                )
                waiting = []

    network = FirstStage(inputs)
    for epoch in fit(network, batches, epochs, events // BATCH, 200.0):
        print(f"first stage: epoch {epoch} of {epochs}", flush=True)
    return network


@torch.no_grad()
def kept_by(network: FirstStage, event: Event, threshold: float) -> Hits:
    hits = hits_of(event)
    hits.first = network(hits)
    return take(hits, torch.nonzero(hits.first > threshold)[:, 0])


@torch.no_grad()
def threshold_of(network: FirstStage, split: MaterializedSplit, first: int, kept: float) -> float:
    signal = []
    for event in split.events(first):
        hits = hits_of(event)
        signal.append(network(hits)[hits.label > 0])
    ordered = torch.cat(signal).sort().values
    return float(ordered[int(len(ordered) * (1 - kept))]) - 1e-6


@torch.no_grad()
def scored(network: SecondStage, events: list[Hits], lost: list[int]) -> Sample:
    """Signal nodes that the first stage lost come last."""
    sample = Sample()
    for hits, n_lost in zip(events, lost, strict=True):
        score = np.concatenate([network(hits).numpy(), np.full(n_lost, -np.inf)])
        label = np.concatenate([hits.label.numpy() > 0, np.ones(n_lost, bool)])
        sample.add(score, label)
    return sample


def shuffled(events: list[Hits], seed: int) -> Callable[[], Iterator[tuple[Hits, None]]]:
    generator = torch.Generator().manual_seed(seed)

    def batches() -> Iterator[tuple[Hits, None]]:
        order = torch.randperm(len(events), generator=generator).tolist()
        for i in range(0, len(order) - BATCH + 1, BATCH):
            yield join([events[j] for j in order[i : i + BATCH]]), None

    return batches


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", type=Path, help="folder of the materialized splits")
    parser.add_argument("--events", type=count, default=1300, help="events of the second stages")
    parser.add_argument("--tuning", type=count, default=400, help="events to choose by")
    parser.add_argument("--first-epochs", type=count, default=8)
    parser.add_argument("--epochs", type=count, default=4, help="of the second stages")
    parser.add_argument("--signal-kept", type=share, default=0.9985)
    parser.add_argument("--context", nargs="+", choices=list(CONTEXTS), default=list(CONTEXTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, help="folder for context_variants.json")
    return parser.parse_args()


def main() -> None:
    settings = options()
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    split = MaterializedSplit(settings.set / "train")
    n_training = split.n_events - settings.tuning
    if n_training < max(settings.events, BATCH):
        raise SystemExit(
            f"error: {split.folder}: has {split.n_events} events, but --events and --tuning need "
            f"{settings.events + settings.tuning}; lower them or simulate more events"
        )
    columns = Columns(
        split.columns(EDGE_FEATURES), *split.columns(["phi", "theta", "stationIndex"])
    )
    inputs = Inputs(*normalization(split), columns)
    first = train_first_stage(split, inputs, n_training, settings.first_epochs, settings.seed)
    threshold = threshold_of(first, split, n_training, settings.signal_kept)
    training = [kept_by(first, event, threshold) for event in split.events(0, settings.events)]
    tuning, lost, nodes = [], [], 0
    for event in split.events(n_training):
        tuning.append(kept_by(first, event, threshold))
        lost.append(int(event.labels().sum() - tuning[-1].label.sum()))
        nodes += len(event.hit)
    kept_share = sum(len(hits.label) for hits in tuning) / nodes
    print(f"first stage keeps {100 * kept_share:.1f} % of the nodes", flush=True)
    rows = []
    for context in settings.context:
        torch.manual_seed(settings.seed)
        network = SecondStage(inputs, context)
        begin = time.process_time()
        steps = settings.events // BATCH
        for epoch in fit(network, shuffled(training, settings.seed), settings.epochs, steps, 8.0):
            print(f"{context}: epoch {epoch} of {settings.epochs}", flush=True)
        seconds = (time.process_time() - begin) / settings.epochs
        size = sum(parameter.numel() for parameter in network.parameters())
        name = f"{context} ({size} parameters, {seconds:.0f} CPU s per epoch)"
        rows.append(Row(name, "node", scored(network, tuning, lost).measures(DEFAULT_POINTS)))
        print(table(rows[-1:]), flush=True)
    print(f"{origin_of(split.manifest)}, {machine()}\n\n{table(rows)}")
    if settings.output:
        content = {key: str(value) for key, value in vars(settings).items()}
        write_results(settings.output / "context_variants.json", content, rows)


if __name__ == "__main__":
    main()
