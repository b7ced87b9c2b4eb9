#!/usr/bin/env python3
"""Compares the answers and the speed of two builds: scores and times of exported networks with
random weights, the events that `prepare` keeps, a training of one epoch. Both builds take turns
(old, new, old, new, ...), because only their ratio means something on a machine that others use.

    .deps/venv/bin/python tools/bench_regression.py OLD/bin NEW/bin

`tools/bench_regression.sh COMMIT` builds both. Prints the medians, and the ratio new / old as the
median and the range of all rounds. Ends with 1, before anything is timed, if answers differ, and
with 2 if a program fails."""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import awkward
import numpy as np
import uproot

NETWORKS = ("edgeconv", "edgeconv_gat", "edgeconv_attention", "two_stage")

RUN = """
experiment_dir: {folder}/run
train_path: {prepared}/train
val_path: {prepared}/val
test_path: {prepared}/test
normalization_stats: {folder}/normalization.yaml
features: [localX, localY, localZ, driftR]
model: {{architecture: edgeconv, width: 32, blocks: 2}}
training: {{epochs: 1}}
threads: 1
seed: 7
"""


class DifferenceError(Exception):
    """The builds give different answers."""


@dataclass
class Build:
    """A folder of programs."""

    name: str
    programs: Path

    def call(self, program: str, *arguments: object) -> None:
        """Ends this program where it fails."""
        command = [str(self.programs / program), *map(str, arguments)]
        if not Path(command[0]).exists():
            print(f"error: {command[0]}: no such program; build it first", file=sys.stderr)
            sys.exit(2)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(
                f"error: the {self.name} build: {' '.join(command)} ended with code "
                f"{done.returncode}:\n{done.stderr}",
                file=sys.stderr,
            )
            sys.exit(2)

    def stationhit(self, *arguments: object) -> None:
        """A subcommand."""
        self.call("stationhit", *arguments)


@dataclass
class Work:
    """What is compared. `measure` gives milliseconds by name."""

    name: str
    compare: Callable[[], str]  # says how equal the answers are, or throws DifferenceError
    measure: Callable[[Build], dict[str, float]]


def settings(**values: object) -> list[str]:
    """Options --set."""
    return [
        part
        for key, value in values.items()
        for part in ("--set", f"{key.replace('__', '.')}={value}")
    ]


def equality(
    answers: Callable[[Build], np.ndarray], builds: tuple[Build, Build], tolerance: float, what: str
) -> str:
    """Throws DifferenceError beyond tolerance max(1, |old|)."""
    old, new = map(answers, builds)
    if old.shape != new.shape:
        raise DifferenceError(f"{what}: {len(old)} and {len(new)} values")
    if np.array_equal(old, new):
        return f"{what} are the same bit for bit"
    largest = float((np.abs(new - old) / np.maximum(1, np.abs(old))).max())
    if not largest <= tolerance:
        raise DifferenceError(
            f"{what} differ by {largest:.2g} max(1, |old|), more than {tolerance:g}"
        )
    return f"{what} agree within {largest:.2g}"


class Regression:
    """Both builds, and the events on which they work: those that the old build simulates."""

    def __init__(self, old: Build, new: Build, folder: Path, arguments: argparse.Namespace) -> None:
        self.builds, self.folder = (old, new), folder
        self.tolerance, self.events = arguments.tolerance, arguments.events
        self.sample = folder / "sample.root"
        sample = settings(output=self.sample, events=self.events, mu=arguments.mu, seed=1)
        old.stationhit("simulate", *sample)

    def prepared(self, build: Build) -> Path:
        """Of the whole sample."""
        return self.folder / f"prepared_{build.name}"

    def network(self, name: str) -> Work:
        """An exported file of this network."""
        model = self.folder / f"{name}.onnx"
        self.builds[0].call("make_random_model", name, model)

        def scores(build: Build) -> np.ndarray:
            output = self.folder / f"{name}_{build.name}.root"
            build.stationhit("infer", model, self.sample, "-o", output)
            with uproot.open(output) as file:
                return np.asarray(awkward.flatten(file["MuonHitDump"]["spacePoint_score"].array()))

        def measure(build: Build) -> dict[str, float]:
            report = self.folder / "bench.json"
            options = ("--events", self.events, "--repetitions", 3, "--threads", 1)
            build.stationhit("bench", model, "--input", self.sample, *options, "-o", report)
            times = json.loads(report.read_text())["latency"][0]
            stages = ("preparation", "network", "total")
            return {stage: times[f"{stage}_ms"]["p50"] for stage in stages}

        return Work(
            name,
            lambda: equality(scores, self.builds, self.tolerance, "scores"),
            measure,
        )

    def prepare(self) -> Work:
        """The subcommand, on one thread."""

        def run(build: Build) -> None:
            split = settings(split__by="event", split__train=0.6, split__validation=0.2, threads=1)
            folder = self.prepared(build)
            shutil.rmtree(folder, ignore_errors=True)
            build.stationhit("prepare", self.sample, "-o", folder, *split)

        def columns(build: Build) -> dict[str, object]:
            run(build)
            manifests = self.prepared(build).glob("*/manifest.json")
            read = {path.parent.name: json.loads(path.read_text()) for path in manifests}
            return {name: manifest["counts"] for name, manifest in read.items()}

        def compare() -> str:
            old, new = map(columns, self.builds)
            if old != new:
                raise DifferenceError(f"counts of the prepared set: {old} and {new}")
            return "counts are the same"

        return Work("prepare", compare, lambda build: {"process": milliseconds(run, build)})

    def training(self) -> Work:
        """One epoch on what the old build has prepared."""

        def row(build: Build) -> dict[str, str]:
            folder = self.folder / f"training_{build.name}"
            folder.mkdir(exist_ok=True)
            config = folder / "run.yaml"
            config.write_text(RUN.format(folder=folder, prepared=self.prepared(self.builds[0])))
            build.stationhit("stats", "-c", config)
            build.stationhit("train", "-c", config, "--force", "--no-test")
            with (folder / "run/metrics.csv").open() as file:
                return list(csv.DictReader(file))[-1]

        def losses(build: Build) -> np.ndarray:
            of_epoch = row(build)
            return np.array([float(of_epoch[key]) for key in ("train_loss", "val_loss")])

        return Work(
            "training",
            lambda: equality(losses, self.builds, self.tolerance, "losses"),
            lambda build: {"epoch": 1e3 * float(row(build)["seconds"])},
        )


def milliseconds(work: Callable[[Build], None], build: Build) -> float:
    """Of the whole process."""
    start = time.perf_counter()
    work(build)
    return 1e3 * (time.perf_counter() - start)


def measure(work: Work, builds: tuple[Build, Build], rounds: int) -> None:
    """Prints one row per quantity. The build that goes first changes from round to round."""
    times: dict[str, list[dict[str, float]]] = {build.name: [] for build in builds}
    for number in range(rounds):
        for build in builds if number % 2 == 0 else builds[::-1]:
            times[build.name].append(work.measure(build))
    for quantity in times["old"][0]:
        old, new = ([row[quantity] for row in times[build.name]] for build in builds)
        ratios = [b / a for a, b in zip(old, new, strict=True)]
        print(
            f"| {work.name} | {quantity} | {statistics.median(old):.2f} | "
            f"{statistics.median(new):.2f} | {statistics.median(ratios):.3f} "
            f"[{min(ratios):.3f}, {max(ratios):.3f}] |",
            flush=True,
        )


def positive(text: str) -> int:
    """A number of rounds or events."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, found {text}")
    return number


def main() -> None:
    """Parses the command line; compares, then measures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path, help="folder of the programs of the old build")
    parser.add_argument("new", type=Path, help="folder of the programs of the new build")
    parser.add_argument("--rounds", type=positive, default=7)
    parser.add_argument("--events", type=positive, default=40, help="events of the toy simulation")
    parser.add_argument("--mu", type=positive, default=200, help="pile-up of the events")
    parser.add_argument(
        "--networks", nargs="*", default=NETWORKS, choices=NETWORKS, help="default: all"
    )
    parser.add_argument(
        "--skip", nargs="*", default=(), choices=("prepare", "training"), help="leave this out"
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        default=1e-5,
        help="largest difference of scores and losses, in units of max(1, |old|)",
    )
    parser.add_argument("--check-options", action="store_true", help="do nothing else")
    arguments = parser.parse_args()
    if arguments.check_options:
        return
    with tempfile.TemporaryDirectory() as folder:
        builds = Build("old", arguments.old), Build("new", arguments.new)
        regression = Regression(*builds, Path(folder), arguments)
        works = [regression.network(name) for name in arguments.networks]
        if "prepare" not in arguments.skip or "training" not in arguments.skip:
            works.append(regression.prepare())  # the training reads what it prepares
        if "training" not in arguments.skip:
            works.append(regression.training())
        try:
            for work in works:
                print(f"{work.name}: {work.compare()}", flush=True)
        except DifferenceError as difference:
            sys.exit(f"error: {work.name}: {difference}; nothing is timed")
        print(
            f"\n{arguments.events} events of the toy simulation, <mu> = {arguments.mu}, one "
            f"thread, {arguments.rounds} rounds in turns\n\n"
            "| | | old ms | new ms | new / old, median [range] |\n|---|---|---|---|---|"
        )
        for work in works:
            measure(work, builds, arguments.rounds)


if __name__ == "__main__":
    main()
