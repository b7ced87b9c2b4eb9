#!/usr/bin/env python3
"""Trains recipes on one prepared set and writes the table that compares them.

    build/release/bin/stationhit simulate -c configs/simulate.yaml --set events=12000 \\
        --set correlated_background=false --set output=toy.root
    build/release/bin/stationhit prepare -c configs/prepare.yaml --set split.train=0.8 \\
        --set split.validation=0.05
    .deps/venv/bin/python bench/results/make_results.py --prepared data --output docs/results.md

Every recipe gets the same events, epochs and seeds. What is done already is not done again, so an
interrupted run goes on with the same command, and more seeds can be added later. Times are those of
the machine it runs on; --threads 1 keeps them comparable between recipes."""

from __future__ import annotations

import argparse
import csv
import json
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECIPES = ("edgeconv", "edgeconv_gat", "edgeconv_attention", "edgeconv_fc")
WORKING_POINTS = ("0.985", "0.99", "0.995")


def set_options(values: dict[str, Any]) -> list[str]:
    """As options --set key=value."""
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


@dataclass
class Settings:
    """What all runs have in common."""

    program: Path
    prepared: Path
    runs: Path
    epochs: int
    threads: int
    latency_events: int


class Run:
    """One recipe with one seed in its own folder."""

    def __init__(self, settings: Settings, recipe: str, seed: int) -> None:
        self.settings, self.recipe, self.seed = settings, recipe, seed
        self.folder = settings.runs / recipe / f"seed{seed}"

    def call(self, verb: str, *arguments: str | Path) -> str:
        """Runs the program, shows what it says and gives it back."""
        command = [str(part) for part in (self.settings.program, verb, *arguments)]
        print("$", " ".join(command), flush=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit(
                f"{' '.join(command[:2])} of {self.recipe} ended with code {done.returncode}; "
                "see the message above and call again to go on"
            )
        print(done.stdout, end="", flush=True)
        return done.stdout

    def config(self) -> list[str]:
        """The recipe and what is set beside it."""
        prepared, folder = self.settings.prepared, self.folder
        changes = {
            "experiment_dir": folder,
            "train_path": prepared / "train",
            "val_path": prepared / "val",
            "test_path": prepared / "test",
            "normalization_stats": folder.parent / "normalization.yaml",
            "seed": self.seed,
            "threads": self.settings.threads,
            "training.epochs": self.settings.epochs,
        }
        return [
            "-c",
            f"configs/{self.recipe}.yaml",
            *set_options(changes),
        ]

    def history(self) -> list[dict[str, str]]:
        """Rows of metrics.csv."""
        path = self.folder / "metrics.csv"
        return list(csv.DictReader(path.open())) if path.exists() else []

    def train(self) -> None:
        """Normalisation, training, test, export and latency, as far as they are missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder.parent / "normalization.yaml").exists():
            self.call("stats", *self.config())
        if (
            len(self.history()) < self.settings.epochs
            or not (self.folder / "test/metrics.json").exists()
        ):
            self.call("train", *self.config())

    def measure(self) -> dict[str, Any]:
        """Exports, times the ONNX file on test events and collects all numbers."""
        model, bench = self.folder / "checkpoints/model.onnx", self.folder / "bench.json"
        if not model.exists():
            self.call("export", *self.config())
        if not bench.exists():
            events = str(self.settings.latency_events)
            self.call(
                "bench",
                model,
                "--input",
                self.settings.prepared / "test",
                "--events",
                events,
                "--threads",
                "1",
                "-o",
                bench,
            )
        latency = json.loads(bench.read_text())
        return {
            "metrics": json.loads((self.folder / "test/metrics.json").read_text()),
            "inspected": self.inspect(),
            "train_seconds": sum(float(row["seconds"]) for row in self.history()),
            "session_ms": latency["latency"][0]["session_ms"]["p50"],
            "difference": latency["checkpoint"]["largest_difference"],
        }

    def inspect(self) -> tuple[int, float]:
        """Parameters and MFLOP per event."""
        text = subprocess.run(
            [self.settings.program, "inspect", self.folder / "config.yaml"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        total = next(line.split() for line in text.splitlines() if line.startswith("sum"))
        return int(total[1]), float(total[2])


def interval(entry: dict[str, float], digits: int) -> str:
    """value [low, high]."""
    return f"{entry['value']:.{digits}f} [{entry['low']:.{digits}f}, {entry['high']:.{digits}f}]"


def of_seeds(results: list[dict[str, Any]], read: Any, digits: int) -> str:
    """With one seed its interval, with several their mean and standard deviation."""
    entries = [read(result["metrics"]) for result in results]
    if len(entries) == 1:
        return interval(entries[0], digits)
    values = [entry["value"] for entry in entries]
    return f"{statistics.mean(values):.{digits}f} +- {statistics.stdev(values):.{digits}f}"


def point(name: str, key: str) -> Any:
    """Reads a quantity at a working point."""
    return lambda metrics: next(
        entry
        for entry in metrics["working_points"]
        if abs(entry["working_point"] - float(name)) < 1e-9
    )[key]


def table(rows: list[list[str]]) -> str:
    """Markdown; the first row is the head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n"


def tables(results: dict[str, list[dict[str, Any]]]) -> str:
    """Cost, then quality at each working point."""
    cost = [
        [
            "network",
            "parameters",
            "MFLOP/event",
            "ms/event, ONNX, 1 thread",
            "training",
            "largest logit difference, ONNX and network",
        ]
    ]
    for recipe, seeds in results.items():
        parameters, mflop = seeds[0]["inspected"]
        minutes = statistics.mean(result["train_seconds"] for result in seeds) / 60
        session = statistics.median(result["session_ms"] for result in seeds)
        difference = max(result["difference"] for result in seeds)
        cost.append(
            [
                f"`{recipe}`",
                f"{parameters:,}",
                f"{mflop:.0f}",
                f"{session:.1f}",
                f"{minutes:.0f} min",
                f"{difference:.1e}",
            ]
        )
    quality = [["network", "AUC", *(f"purity at {name}" for name in WORKING_POINTS)]]
    power = [
        [
            "network",
            *(f"1/eps_b at {name}" for name in WORKING_POINTS),
            *(f"muons keeping >= 3 hits at {name}" for name in WORKING_POINTS),
        ]
    ]
    for recipe, seeds in results.items():
        purities = [of_seeds(seeds, point(name, "purity"), 3) for name in WORKING_POINTS]
        quality.append(
            [f"`{recipe}`", of_seeds(seeds, lambda metrics: metrics["auc"], 4), *purities]
        )
        rejection = [of_seeds(seeds, point(name, "rejection"), 0) for name in WORKING_POINTS]
        power.append(
            [
                f"`{recipe}`",
                *rejection,
                *(of_seeds(seeds, point(name, "muons_kept_share"), 4) for name in WORKING_POINTS),
            ]
        )
    return table(cost) + "\n" + table(quality) + "\n" + table(power)


def processor() -> str:
    """Its name and the vector extensions that matter."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    fields = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    flags = [
        flag
        for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")
        if flag in fields.get("flags", "").split()
    ]
    return f"{fields.get('model name', platform.processor())} ({', '.join(flags)})"


def page(results: dict[str, list[dict[str, Any]]], settings: Settings, seeds: list[int]) -> str:
    """The whole page: how the results were made, the tables, and the notes."""
    first = next(iter(results.values()))[0]["metrics"]
    train = json.loads((settings.prepared / "train/manifest.json").read_text())["counts"]
    sample = (
        f"{train['events']:,} training and {first['events']:,} test events "
        f"({first['true_hits']:,} signal hits, {first['muons']:,} muons)"
    )
    names = ", ".join(map(str, seeds))
    spread = (
        "68 % intervals by bootstrap over events"
        if len(seeds) == 1
        else f"mean and standard deviation of the seeds {names}"
    )
    options = (
        f"--epochs {settings.epochs} --threads {settings.threads} --seeds "
        f"{' '.join(map(str, seeds))}"
    )
    command = (
        f".deps/venv/bin/python bench/results/make_results.py --prepared data {options} "
        "--output docs/results.md"
    )
    simulate = (
        "build/release/bin/stationhit simulate -c configs/simulate.yaml --set events=12000 "
        "--set correlated_background=false --set output=toy.root"
    )
    prepare = (
        "build/release/bin/stationhit prepare -c configs/prepare.yaml --set split.train=0.8 "
        "--set split.validation=0.05"
    )
    notes = Path(__file__).with_name("notes.md").read_text()
    return f"""# Results

This page compares the recipes in `configs/` on one sample of the toy simulation: {sample}.
Each network was trained for {settings.epochs} epochs. The commands were

    {simulate}
    {prepare}
    {command}

on {processor()}. Seed {names}; {spread} (muons: Clopper-Pearson).

{tables(results)}
{notes}"""


def write(path: Path, text: str) -> None:
    """Aside, then renamed."""
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    partial.rename(path)


def main() -> None:
    """Parses the command line, trains what is missing, writes the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--prepared", type=Path, required=True, help="output folder of stationhit prepare"
    )
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/results"), help="where the runs are kept"
    )
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=RECIPES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[42])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--latency-events", type=int, default=50, help="test events on which ms/event is measured"
    )
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/stationhit"))
    parser.add_argument(
        "--output", type=Path, help="page to write; without it only the trainings run"
    )
    arguments = parser.parse_args()
    settings = Settings(
        arguments.program,
        arguments.prepared,
        arguments.runs,
        arguments.epochs,
        arguments.threads,
        arguments.latency_events,
    )
    runs = {
        recipe: [Run(settings, recipe, seed) for seed in arguments.seeds]
        for recipe in arguments.recipes
    }
    for run in (run for of_recipe in runs.values() for run in of_recipe):
        run.train()
    if arguments.output is None:
        return
    results = {recipe: [run.measure() for run in of_recipe] for recipe, of_recipe in runs.items()}
    write(arguments.output, page(results, settings, arguments.seeds))
    print(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
