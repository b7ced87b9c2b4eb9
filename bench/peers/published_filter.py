#!/usr/bin/env python3
"""The published hit filter (arXiv:2603.25793): a transformer encoder over all hits of an event with
a local attention window, 8 layers, 128 wide, 8 heads, 18 inputs per hit (filter_network.py).

    .deps/venv/bin/python bench/peers/published_filter.py train data/train \\
        -o runs/peers/filter.safetensors
    .deps/venv/bin/python bench/peers/published_filter.py test data/test \\
        runs/peers/filter.safetensors
    .deps/venv/bin/python bench/peers/published_filter.py time

`train` and `test` take splits that `stationhit prepare` wrote, `time` random hits and weights.
Training is AdamW on the mean cross entropy of the hits with a one-cycle learning rate; the
published network was trained with Lion in bfloat16 on 2.7 million events."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from filter_network import HitFilter, Shape, load_network, save_network
from hit_inputs import INPUTS, HitEvent, HitSplit
from timing import interleaved, machine
from working_points import (
    DEFAULT_POINTS,
    Row,
    Sample,
    count,
    origin_of,
    positive,
    table,
    working_point,
    write_results,
)

EVENTS_OF_STATISTICS = 100  # of the training events: mean and standard deviation of the inputs
MODEL = "published hit filter"


def make_network(shape: Shape, seed: int) -> HitFilter:
    """With random weights."""
    torch.manual_seed(seed)
    return HitFilter(shape, *(INPUTS.index(name) for name in ("r", "eta", "phi")))


def set_statistics(network: HitFilter, split: HitSplit, events: int) -> None:
    """Normalization of the inputs and share of the signal from the first events."""
    first = list(split.events(min(events, EVENTS_OF_STATISTICS)))
    inputs = np.concatenate([event.inputs for event in first]).astype(np.float64)
    signal = np.concatenate([event.is_true for event in first]).mean()
    if not 0 < signal < 1:
        raise SystemExit(
            f"error: {split.folder}: {signal:.0%} of the hits of the first {len(first)} events are "
            "signal; take more events"
        )
    network.normalize(inputs.mean(axis=0), inputs.std(axis=0), signal)


def loss_of(network: HitFilter, event: HitEvent) -> torch.Tensor:
    """Mean cross entropy of the hits."""
    logits = network(torch.from_numpy(event.inputs))
    return binary_cross_entropy_with_logits(logits, torch.from_numpy(event.is_true).float())


class Training:
    """A network, its optimizer and schedule: AdamW with gradients clipped at norm 1."""

    def __init__(self, network: HitFilter, options: argparse.Namespace) -> None:
        self.network, self.batch = network, options.batch
        self.optimizer = torch.optim.AdamW(network.parameters(), options.learning_rate)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer,
            options.learning_rate,
            total_steps=options.epochs * -(-options.events // options.batch),
            pct_start=0.1,
        )

    def step(self, events: Sequence[HitEvent]) -> float:
        """One step on a batch; its mean loss."""
        self.optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for event in events:
            loss = loss_of(self.network, event) / len(events)
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        return total

    def epoch(self, split: HitSplit, events: int, order: np.random.Generator) -> float:
        """One pass over the events in random order; the mean loss."""
        losses, batch = [], []
        for n, event in enumerate(split.events(events, order), start=1):
            batch.append(event)
            if len(batch) == self.batch or n == events:
                losses.append(self.step(batch))
                batch = []
        return float(np.mean(losses))


def train(options: argparse.Namespace) -> None:
    """Trains and saves after every epoch."""
    split = HitSplit(options.split)
    options.events = options.events or split.n_events
    split.require(options.events, "--events")
    shape = Shape(
        len(INPUTS), options.width, options.layers, options.heads, options.window, 2 * options.width
    )
    network = make_network(shape, options.seed)
    set_statistics(network, split, options.events)
    parameters = sum(weight.numel() for weight in network.parameters())
    print(f"{parameters} parameters, {options.events} events, {machine()}", flush=True)
    training, order = Training(network, options), np.random.default_rng(options.seed)
    start = time.monotonic()
    for epoch in range(1, options.epochs + 1):
        loss = training.epoch(split, options.events, order)
        seconds = time.monotonic() - start
        print(f"epoch {epoch}: mean loss {loss:.5f}, {seconds:.0f} s", flush=True)
        names = ("events", "batch", "learning_rate", "seed")
        settings = {name: getattr(options, name) for name in names}
        about = {"inputs": INPUTS, "epochs": epoch, "seconds": round(seconds), **settings}
        save_network(network, options.output, about)


def score(network: HitFilter, split: HitSplit, events: int) -> Sample:
    """The logits of the hits of the first events."""
    sample = Sample()
    with torch.inference_mode():
        for event in split.events(events):
            sample.add(network(torch.from_numpy(event.inputs)).numpy(), event.is_true)
    return sample


def test(options: argparse.Namespace) -> None:
    """Prints the table of a network, and writes it if asked to."""
    split, (network, about) = HitSplit(options.split), load_network(options.network)
    options.events = options.events or split.n_events
    split.require(options.events, "--events")
    sample = score(network, split, options.events)
    rows = [Row(MODEL, "hit", sample.measures(options.working_points))]
    origin = origin_of(split.manifest)
    trained = ", ".join(f"{name} {about[name]}" for name in ("events", "epochs", "seed"))
    hits = sum(len(label) for label in sample.labels)
    print(
        f"{origin}; {options.events} test events ({hits} hits). Trained on: {trained}. "
        "68 % intervals: bootstrap over events.\n"
    )
    print(table(rows))
    if options.output:
        training = {name: value for name, value in about.items() if name != "inputs"}
        summary = {"origin": origin, "machine": machine(), "training": training}
        test = {"events": options.events, "hits": hits}
        write_results(options.output / "published_filter.json", {**summary, "test": test}, rows)


def random_event(hits: int, seed: int) -> torch.Tensor:
    """[hits, 18]: normal numbers, uniform in phi."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(hits, len(INPUTS)))
    inputs[:, INPUTS.index("phi")] = random.uniform(-np.pi, np.pi, hits)
    return torch.from_numpy(inputs.astype(np.float32))


def measure_time(options: argparse.Namespace) -> None:
    """Milliseconds of a forward pass (sorting by phi is part of it) and of the forward and backward
    pass of a training, with random weights. On a busy machine the CPU time says more."""
    network, event = make_network(Shape(), options.seed), random_event(options.hits, options.seed)
    cpu: dict[str, list[float]] = {"forward": [], "forward and backward": []}

    def call(name: str) -> None:
        start = time.process_time()
        with torch.inference_mode(name == "forward"):
            logits = network(event)
        if name != "forward":
            logits.mean().backward()
        cpu[name].append((time.process_time() - start) * 1e3)

    calls = {name: (lambda name=name: call(name)) for name in cpu}
    print(
        f"{options.hits} hits, float32, random weights, {options.threads} thread(s), {machine()}; "
        f"minimum / median of {options.repetitions} in ms per event"
    )
    for name, wall in interleaved(calls, options.repetitions).items():
        measured = cpu[name][-options.repetitions :]  # those before are warm-up
        print(f"{name}: {wall}, CPU time {min(measured):.2f} / {np.median(measured):.2f}")


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--threads", type=count, default=1)
    common.add_argument("--seed", type=int, default=0)
    verbs = parser.add_subparsers(required=True, metavar="train | test | time")

    one = verbs.add_parser("train", parents=[common], help="trains on a prepared split")
    one.set_defaults(run=train)
    one.add_argument("split", type=Path, help="for example data/train")
    one.add_argument("-o", "--output", type=Path, required=True, help="safetensors file to write")
    one.add_argument("--events", type=count, help="the first of the split (default all)")
    one.add_argument("--epochs", type=count, default=10)
    one.add_argument("--batch", type=count, default=4, help="events per step")
    one.add_argument("--learning-rate", type=positive, default=5e-4, help="the largest")
    one.add_argument("--width", type=count, default=Shape.width)
    one.add_argument("--layers", type=count, default=Shape.layers)
    one.add_argument("--heads", type=count, default=Shape.heads)
    one.add_argument("--window", type=count, default=Shape.window, help="hits that a hit sees")

    two = verbs.add_parser("test", parents=[common], help="purity at working points")
    two.set_defaults(run=test)
    two.add_argument("split", type=Path, help="for example data/test")
    two.add_argument("network", type=Path, help="what train wrote")
    two.add_argument("--events", type=count, help="the first of the split (default all)")
    two.add_argument(
        "--working-points", type=working_point, nargs="+", default=list(DEFAULT_POINTS)
    )
    two.add_argument("--output", type=Path, help="folder in which published_filter.json is written")

    three = verbs.add_parser("time", parents=[common], help="ms per event")
    three.set_defaults(run=measure_time)
    three.add_argument("--hits", type=count, default=6900)
    three.add_argument("--repetitions", type=count, default=9)
    options = parser.parse_args(arguments)
    if getattr(options, "width", 0) % getattr(options, "heads", 1) != 0:
        parser.error(f"--width {options.width}: expected a multiple of --heads {options.heads}")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one of the three."""
    options = parse_arguments(arguments)
    torch.set_num_threads(options.threads)
    options.run(options)


if __name__ == "__main__":
    main()
