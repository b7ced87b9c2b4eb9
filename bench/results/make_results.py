#!/usr/bin/env python3
"""Trains recipes on one prepared set and writes the page that compares them.

    build/release/bin/stationhit simulate --set events=16000 --set events_per_file=1000 \\
        --set seed=9001 --set output=toy
    build/release/bin/stationhit prepare toy -o data --set split.by=event --set split.train=0.7 \\
        --set split.validation=0.07 --set split.balance=none
    .deps/venv/bin/python bench/results/make_results.py --prepared data --output docs/results.md

Every recipe gets the same events and epochs. What is done already is not done again, so an
interrupted run goes on with the same command. Recipes and seeds may be added call by call: the page
shows all that are finished in the folder of the runs."""

from __future__ import annotations

import argparse
import csv
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECIPES = ("two_stage", "edgeconv_attention", "edgeconv", "edgeconv_gat", "edgeconv_fc")
WORKING_POINTS = ("0.985", "0.99", "0.995")
SIMULATE = "events=16000 events_per_file=1000 seed=9001 output=toy"
PREPARE = "split.by=event split.train=0.7 split.validation=0.07 split.balance=none"


def set_options(values: dict[str, Any]) -> list[str]:
    """As options --set key=value."""
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


def set_options_of(text: str) -> list[str]:
    """Options --set of a text "key=value key=value"."""
    return set_options(dict(part.split("=", 1) for part in text.split()))


def call_program(program: Path, verb: str, *arguments: object) -> None:
    """Shows the command and runs it; what it prints goes to the standard output of this one. Ends
    this program where it fails."""
    command = [str(part) for part in (program, verb, *arguments)]
    print("$", " ".join(command), flush=True)
    code = subprocess.run(command, check=False).returncode
    if code != 0:
        sys.exit(
            f"error: {' '.join(command[:2])} ended with code {code}; see the message above and "
            "call again to go on"
        )


@dataclass
class Settings:
    """What all runs have in common."""

    program: Path
    prepared: Path
    runs: Path
    epochs: int
    threads: int
    memory_limit: int
    latency_events: int


class Run:
    """One recipe with one seed in its own folder."""

    def __init__(self, settings: Settings, recipe: str, seed: int) -> None:
        self.settings, self.recipe, self.seed = settings, recipe, seed
        self.folder = settings.runs / recipe / f"seed{seed}"

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
            "training.memory_limit": self.settings.memory_limit,
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

    def is_finished(self) -> bool:
        """Trained and tested."""
        trained = len(self.history()) >= self.settings.epochs
        return trained and (self.folder / "test/metrics.json").exists()

    def train(self) -> None:
        """Normalization, training and test, as far as they are missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder.parent / "normalization.yaml").exists():
            call_program(self.settings.program, "stats", *self.config())
        if not self.is_finished():
            call_program(self.settings.program, "train", *self.config())

    def measure(self) -> dict[str, Any]:
        """Exports, times the ONNX file on test events and collects all numbers."""
        model, bench = self.folder / "checkpoints/model.onnx", self.folder / "bench.json"
        if not model.exists():
            call_program(self.settings.program, "export", *self.config())
        if not bench.exists():
            events = str(self.settings.latency_events)
            call_program(
                self.settings.program,
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
            "session_ms": latency["latency"][0]["network_ms"]["p50"],
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


Results = dict[str, list[dict[str, Any]]]
Read = Callable[[dict[str, Any]], dict[str, float]]


def of_seeds(results: list[dict[str, Any]], read: Read, digits: int) -> str:
    """With one seed its interval, with several their mean and standard deviation."""
    entries = [read(result["metrics"]) for result in results]
    if len(entries) == 1:
        return interval(entries[0], digits)
    values = [entry["value"] for entry in entries]
    return f"{statistics.mean(values):.{digits}f} +- {statistics.stdev(values):.{digits}f}"


def point(working_point: str, key: str, part: str | None = None) -> Read:
    """Reads a quantity at a working point, of the whole page or of a part of it (per_node)."""

    def read(metrics: dict[str, Any]) -> dict[str, float]:
        entries = (metrics[part] if part else metrics)["working_points"]
        entry = next(e for e in entries if abs(e["working_point"] - float(working_point)) < 1e-9)
        return entry[key]

    return read


def table(rows: list[list[str]]) -> str:
    """Markdown; the first row is the head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n"


def cost_table(results: Results) -> str:
    """Size, speed and exactness of the exported file."""
    rows = [
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
        cost = [f"{mflop:.0f}", f"{session:.1f}", f"{minutes:.0f} min", f"{difference:.1e}"]
        rows.append([f"`{recipe}`", f"{parameters:,}", *cost])
    return table(rows)


def points_table(
    results: Results, key: str, title: str, digits: int, part: str | None = None
) -> str:
    """A quantity of all networks at the working points."""
    rows = [[title, "seeds", *WORKING_POINTS]]
    for recipe, seeds in results.items():
        values = [of_seeds(seeds, point(name, key, part), digits) for name in WORKING_POINTS]
        rows.append([f"`{recipe}`", str(len(seeds)), *values])
    return table(rows)


def mean_text(values: list[float | None]) -> str:
    """Of the values that there are: a technology without signal hits has no efficiency."""
    known = [value for value in values if value is not None]
    return f"{statistics.mean(known):.3f}" if known else "-"


def technology_table(results: Results) -> str:
    """Efficiency and purity of each technology where all hits together have 0.99."""
    first = next(iter(results.values()))[0]["metrics"]["technologies"]
    signal = [entry["true_positives"] + entry["false_negatives"] for entry in first]
    heads = [
        f"{entry['technology']} ({n:,} signal hits)" for entry, n in zip(first, signal, strict=True)
    ]
    rows = [["efficiency / purity", *heads]]
    for recipe, seeds in results.items():
        of_technology = zip(*(result["metrics"]["technologies"] for result in seeds), strict=True)
        cells = [
            " / ".join(
                mean_text([part[key]["value"] for part in parts])
                for key in ("efficiency", "purity")
            )
            for parts in of_technology
        ]
        rows.append([f"`{recipe}`", *cells])
    return table(rows)


def tables(results: Results) -> str:
    """Cost, then what is kept at each working point."""
    auc = [["AUC", "seeds", "per hit", "per node"]]
    for recipe, seeds in results.items():
        values = [
            of_seeds(seeds, lambda metrics: metrics["auc"], 5),
            of_seeds(seeds, lambda metrics: metrics["per_node"]["auc"], 5),
        ]
        auc.append([f"`{recipe}`", str(len(seeds)), *values])
    pairs = next(iter(results.values()))[0]["metrics"]["hit_pairs_per_event"]["value"]
    parts = [
        cost_table(results),
        table(auc),
        points_table(results, "purity", "purity per hit", 3),
        points_table(results, "purity", "purity per node", 3, "per_node"),
        points_table(results, "rejection", "1/eps_b", 0),
        points_table(results, "hits_kept_per_event", "hits kept per event", 1),
        points_table(results, "muons_kept_share", "muons that keep 3 hits", 4),
        points_table(
            results, "two_layer_muons_kept_share", "muons that keep 3 hits in 2 station layers", 4
        ),
        points_table(results, "whole_segments_share", "whole segments", 4),
        points_table(
            results, "hit_pairs_kept_per_event", f"hit pairs per event, of {pairs:,.0f}", 0
        ),
        "By technology, at the threshold of 0.99 for all hits together (means over the seeds):\n\n"
        + technology_table(results),
    ]
    return "\n".join(parts)


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


def seeds_text(runs: dict[str, list[Run]]) -> str:
    """Which seeds each network has."""
    names = {recipe: ", ".join(str(run.seed) for run in of) for recipe, of in runs.items()}
    if len(set(names.values())) == 1:
        return f"Seeds {next(iter(names.values()))}"
    return "Seeds: " + "; ".join(f"`{recipe}` {seeds}" for recipe, seeds in names.items())


def page(results: Results, runs: dict[str, list[Run]], settings: Settings) -> str:
    """The whole page: how the results were made, the tables, and the notes."""
    first = next(iter(results.values()))[0]["metrics"]
    counts = {
        split: json.loads((settings.prepared / split / "manifest.json").read_text())["counts"]
        for split in ("train", "val")
    }
    sample = (
        f"{counts['train']['events']:,} training, {counts['val']['events']:,} validation and "
        f"{first['events']:,} test events ({first['true_hits']:,} signal hits, "
        f"{first['muons']:,} muons)"
    )
    program = "build/release/bin/stationhit"
    script = ".deps/venv/bin/python bench/results/make_results.py --prepared data"
    by_seeds: dict[str, list[str]] = {}
    for recipe, of_recipe in runs.items():
        by_seeds.setdefault(" ".join(str(run.seed) for run in of_recipe), []).append(recipe)
    trainings = "\n".join(
        f"{script} --epochs {settings.epochs} --recipes {' '.join(recipes)} --seeds {seeds} "
        "--output docs/results.md"
        for seeds, recipes in by_seeds.items()
    )
    notes = Path(__file__).with_name("notes.md").read_text()
    return f"""# Results

This page compares the recipes in `configs/` on one sample of the toy simulation:
{sample}.
Each network was trained for {settings.epochs} epochs (`two_stage`: after those of its first
stage); the checkpoint with the highest purity at 99 % on the validation split was tested once.
The commands were

```bash
{program} simulate {" ".join(set_options_of(SIMULATE))}
{program} prepare toy -o data {" ".join(set_options_of(PREPARE))}
{trainings}
```

on {processor()}. {seeds_text(runs)}. With several seeds: mean +- standard
deviation of the seeds; with one: 68 % interval by bootstrap over events (muons: Clopper-Pearson).
Thresholds are those of the test split. [Metrics](metrics.md) defines what is measured.

{tables(results)}
{notes}"""


def finished_runs(settings: Settings) -> dict[str, list[Run]]:
    """Those in the folder of the runs, in the order of RECIPES and of their seeds."""
    found: dict[str, list[Run]] = {}
    for recipe in RECIPES:
        folders = (settings.runs / recipe).glob("seed*")
        seeds = sorted(int(folder.name.removeprefix("seed")) for folder in folders)
        finished = [
            run for run in (Run(settings, recipe, seed) for seed in seeds) if run.is_finished()
        ]
        if finished:
            found[recipe] = finished
    return found


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
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--memory-limit", type=int, default=3000, help="training.memory_limit of all runs, MiB"
    )
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
        arguments.memory_limit,
        arguments.latency_events,
    )
    for recipe in arguments.recipes:
        for seed in arguments.seeds:
            Run(settings, recipe, seed).train()
    if arguments.output is None:
        return
    runs = finished_runs(settings)
    results = {recipe: [run.measure() for run in of_recipe] for recipe, of_recipe in runs.items()}
    write(arguments.output, page(results, runs, settings))
    print(f"wrote {arguments.output}")


if __name__ == "__main__":
    main()
