#!/usr/bin/env python3
"""Speed of a training with one thread, with two threads and with two ranks of one thread each.

    .deps/venv/bin/python bench/results/rank_speed.py -c RUN.yaml [--rounds 3] [--set key=value]

All three train on --batch-size events per step, of which a rank takes half. One epoch each is
trained in turns, in run directories that are removed afterwards. The losses must agree to 1e-5
before any time is printed. Two trainings of one thread at the same time, which have nothing in
common, show what two cores of the machine can do at most. Rates are events/s of the training part
of an epoch (metrics.csv); on a machine with other work the best of several rounds says most."""

from __future__ import annotations

import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from make_results import processor, set_options

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 1e-5


def ways(batch_size: int) -> dict[str, dict[str, object]]:
    whole = {"devices": "cpu", "training.batch_size": batch_size}
    return {
        "1 thread": {**whole, "threads": 1},
        "2 threads": {**whole, "threads": 2},
        "2 ranks": {"devices": "cpu:2", "training.batch_size": batch_size // 2, "threads": 1},
    }


def train(arguments: argparse.Namespace, settings: dict[str, object]) -> dict[str, float]:
    """The row of metrics.csv of one epoch."""
    with tempfile.TemporaryDirectory() as folder:
        values = {"training.epochs": 1, **settings, "experiment_dir": f"{folder}/run"}
        command = [str(arguments.program), "train", "-c", str(arguments.config), "--quiet"]
        options = [part for text in arguments.set for part in ("--set", text)]
        subprocess.run(
            [*command, *options, *set_options(values)], check=True, stdout=subprocess.DEVNULL
        )
        with Path(folder, "run", "metrics.csv").open() as file:
            (row,) = csv.DictReader(file)
    return {key: float(value) for key, value in row.items()}


def train_two_at_once(arguments: argparse.Namespace) -> float:
    """Events per second of both together."""
    alone = ways(arguments.batch_size)["1 thread"]
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda _: train(arguments, alone), range(2)))
    return sum(row["events_per_second"] for row in rows)


def check_losses(rows: dict[str, dict[str, float]]) -> None:
    for name in ("train_loss", "val_loss"):
        losses = [row[name] for row in rows.values()]
        if max(losses) - min(losses) > TOLERANCE * abs(losses[0]):
            sys.exit(f"{name} differs: {dict(zip(rows, losses, strict=True))}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-c", "--config", required=True, type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=4, help="events per step, even")
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/bin/stationhit")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    if arguments.batch_size % 2:
        sys.exit(f"--batch-size {arguments.batch_size} is odd: two ranks cannot share it")
    rates: dict[str, list[float]] = {name: [] for name in ways(arguments.batch_size)}
    rates["2 trainings"] = []
    for _ in range(arguments.rounds):
        rows = {
            name: train(arguments, settings)
            for name, settings in ways(arguments.batch_size).items()
        }
        check_losses(rows)
        for name, row in rows.items():
            rates[name].append(row["events_per_second"])
        rates["2 trainings"].append(train_two_at_once(arguments))
    print(f"{processor()}, {arguments.rounds} rounds; events/s: best, median")
    for name, values in rates.items():
        ratio = max(values) / max(rates["1 thread"])
        print(
            f"{name:11} {max(values):8.1f} {statistics.median(values):8.1f}   "
            f"{ratio:.2f} x 1 thread"
        )


if __name__ == "__main__":
    main()
