#!/usr/bin/env python3
"""Tests a trained network on samples that differ from the one it was trained on in one thing each:
pile-up, dead channels, shifted chambers, late signals, more background, worse resolution, one
process alone, a missing station, another generator.

    .deps/venv/bin/python bench/results/robustness.py runs/two_stage -o runs/robustness/two_stage

RUN is a run directory of `stationhit train`. The samples (docs/simulation.md, section Variations)
are simulated, prepared as one test split each and scored; all have the same seed, so an event has
the same hard process, muons and activity in each, as far as the sample leaves them alone. The seed
must not be that of the training sample. Thresholds are those of the validation split of the
training, as in operation. The same command goes on after an interruption; other runs can be tested
on the same samples. Call it in the folder in which the run was trained: `test` then also makes sure
that no event was used for training.

robustness.md has the values at every working point and the differences to the nominal sample,
robustness.json all numbers. Intervals of values are those of `stationhit test`; those of
differences come from a bootstrap over the events that draws the same events for both samples."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from make_results import call_program, interval, processor, set_options, table, write
from scored_events import (
    COUNTS,
    ScoredEvents,
    align,
    change,
    half_turns,
    paired_differences,
    read_scored_events,
)

EVENTS_PER_FILE = 500
HEPMC_FILE = Path(__file__).resolve().parents[2] / "tests/data/pythia8_mix.hepmc3.gz"
HEPMC_EVENTS = 300  # in this file
MISSING_SECTOR = 5
N_SECTORS = 16
# Quantities at the thresholds of the validation split: key in metrics.json, heading, digits.
FIXED = {
    "efficiency": ("hit efficiency", 4),
    "purity": ("purity", 3),
    "muons_kept_share": ("muons kept", 4),
    "whole_segments_share": ("whole segments", 4),
}
ByPoint = dict[str, dict[str, dict[str, float]]]  # working point -> quantity -> value, low, high
OWN = "purity_at_own_threshold"
OWN_HEADING, OWN_DIGITS = "purity at own threshold", 3


@dataclass(frozen=True)
class Sample:
    """A sample of the simulation: its folder, its row and what is set beside the defaults."""

    name: str
    title: str
    settings: tuple[tuple[str, object], ...] = ()
    most_events: int | None = None
    sector: int | None = None  # the only one that the sample changes


def variation(name: str, title: str, **settings: object) -> Sample:
    """A sample that differs in the section `variation`."""
    return Sample(
        name, title, tuple((f"variation.{key}", value) for key, value in settings.items())
    )


NOMINAL = Sample("nominal", "nominal: mu = 200, mix")
SAMPLES = (
    NOMINAL,
    *(Sample(f"mu{mu}", f"mu = {mu}", (("mu", mu),)) for mu in (60, 140, 250)),
    variation("background_rate", "cavern background x 1.5", background_rate=1.5),
    variation("dead_channels", "1 % more dead channels", dead_channels=0.01),
    Sample(
        "missing_station",
        f"BM of sector {MISSING_SECTOR} missing",
        (("variation.missing_layer", "BM"), ("variation.missing_sector", MISSING_SECTOR)),
        sector=MISSING_SECTOR,
    ),
    variation("shift1", "chambers shifted, 1 mm", chamber_shift=1),
    variation("shift5", "chambers shifted, 5 mm", chamber_shift=5),
    variation("time_offset", "signals 3 ns later", time_offset=3),
    variation("resolution", "drift radius resolution x 1.3", resolution_factor=1.3),
    *(Sample(name, f"{name} alone", (("process", name),)) for name in ("jpsi", "zmumu", "ttbar")),
    Sample("uncorrelated", "without correlated background", (("correlated_background", "false"),)),
    Sample(
        "hepmc",
        "muons of Pythia 8",
        (("source", "hepmc"), ("hepmc_file", HEPMC_FILE)),
        HEPMC_EVENTS,
    ),
)


@dataclass
class Settings:
    """What all samples have in common."""

    program: Path
    run: Path
    samples: Path
    output: Path
    events: int
    seed: int
    threads: int
    simulate: list[str]  # further settings of all samples, KEY=VALUE

    def call(self, verb: str, *arguments: object) -> None:
        """Runs the program and lets it print its results only."""
        call_program(self.program, verb, *arguments, "--quiet")


def make_sample(settings: Settings, sample: Sample) -> Path:
    """The folder of its test split. The program keeps files and shards that are complete, and
    refuses a folder that was made with other settings."""
    folder = settings.samples / sample.name
    folder.mkdir(parents=True, exist_ok=True)
    events = min(settings.events, sample.most_events or settings.events)
    common = {
        "output": folder / "toy",
        "events": events,
        "events_per_file": min(events, EVENTS_PER_FILE),
        "seed": settings.seed,
        "threads": settings.threads,
    }
    more = [part for setting in settings.simulate for part in ("--set", setting)]
    settings.call("simulate", *set_options(common), *more, *set_options(dict(sample.settings)))
    # The split `train` cannot be empty, so it takes all events.
    split = {
        "split.by": "event",
        "split.train": 1,
        "split.validation": 0,
        "split.balance": "none",
        "small_events": 0,
        "threads": settings.threads,
    }
    settings.call("prepare", folder / "toy", "-o", folder / "data", *set_options(split))
    return folder / "data" / "train"


def test_sample(settings: Settings, sample: Sample) -> Path:
    """The folder of the test results, which are kept if they are newer than the checkpoint and the
    sample."""
    checkpoint = settings.run / "checkpoints" / "best.safetensors"
    if not checkpoint.exists():
        sys.exit(f"error: {checkpoint}: no such file; give a run directory of `stationhit train`")
    split, folder = make_sample(settings, sample), settings.output / sample.name
    made = folder / "test" / "scores.root"
    inputs = (checkpoint, split / "manifest.json")
    if made.exists() and all(made.stat().st_mtime > path.stat().st_mtime for path in inputs):
        return folder / "test"
    values = {
        "experiment_dir": folder,
        "checkpoint_path": checkpoint,
        "test_path": split,
        "threads": settings.threads,
    }
    settings.call("test", "-c", settings.run / "config.yaml", *set_options(values))
    return folder / "test"


@dataclass
class SampleResult:
    """The results of a sample."""

    sample: Sample
    metrics: dict[str, Any]
    scores: ScoredEvents

    def values(self) -> ByPoint:
        """By working point and quantity, each with its interval."""
        found = {}
        pairs = zip(
            self.metrics["validation_thresholds"], self.metrics["working_points"], strict=True
        )
        for fixed, own in pairs:
            entry = {key: fixed[key] for key in FIXED}
            found[f"{fixed['working_point']:g}"] = {**entry, OWN: own["purity"]}
        return found

    def thresholds(self) -> dict[str, float]:
        """Of the validation split of the training, by working point."""
        return {
            f"{fixed['working_point']:g}": fixed["threshold"]
            for fixed in self.metrics["validation_thresholds"]
        }


def read_test(sample: Sample, folder: Path) -> SampleResult:
    """What `stationhit test` wrote."""
    metrics = json.loads((folder / "metrics.json").read_text())
    if not metrics["validation_thresholds"]:
        sys.exit(
            f"error: {folder}/metrics.json: no thresholds of a validation split; give a run that "
            "`stationhit train` has validated"
        )
    return SampleResult(sample, metrics, read_scored_events(folder / "scores.root"))


def toward_sector(scores: ScoredEvents, sector: int) -> np.ndarray:
    """bool [n_muons]: muons that leave the origin toward the sector, whose centers are 2 pi / 16
    apart."""
    width = 2 * np.pi / N_SECTORS
    return np.abs(half_turns(scores.muon_phi - (sector - 1) * width)) < width / 2


def counts_in_sector(result: SampleResult, threshold: float, sector: int) -> np.ndarray:
    """[n_events, len(COUNTS)] of the muons toward a sector."""
    return result.scores.counts(threshold, toward_sector(result.scores, sector))


def in_sector(nominal: SampleResult, other: SampleResult, seed: int) -> ByPoint | None:
    """What is kept of the muons toward the sector that the sample changes, and the differences to
    the nominal sample; None if it changes none."""
    sector = other.sample.sector
    if sector is None:
        return None
    found = {}
    for point, threshold in nominal.thresholds().items():
        before, after = (
            (result.scores.number, counts_in_sector(result, threshold, sector))
            for result in (nominal, other)
        )
        rows = align(before, after)
        shares = paired_differences(*rows, seed)
        totals = dict(zip(COUNTS, rows[1].sum(axis=0), strict=True))
        changes = {key: shares[key] for key in ("efficiency", "muons_kept_share")}
        found[point] = {**changes, "counts": totals}
    return found


def differences(
    nominal: SampleResult, other: SampleResult, seed: int
) -> dict[str, dict[str, dict[str, float]]]:
    """Other - nominal by working point and quantity; those that need whole segments or another
    threshold have no interval."""
    found = {}
    before, after = nominal.values(), other.values()
    for point, threshold in nominal.thresholds().items():
        rows = align(
            *((test.scores.number, test.scores.counts(threshold)) for test in (nominal, other))
        )
        unpaired = {
            key: {"value": after[point][key]["value"] - before[point][key]["value"]}
            for key in (*FIXED, OWN)
        }
        found[point] = unpaired | paired_differences(*rows, seed)
    return found


def summarize(nominal: SampleResult, test: SampleResult, seed: int) -> dict[str, Any]:
    """The entry of a sample in robustness.json."""
    counts = {key: test.metrics[key] for key in ("events", "hits", "true_hits", "muons", "auc")}
    segments = test.metrics["validation_thresholds"][0].get("segments")
    return {
        "name": test.sample.name,
        "title": test.sample.title,
        "settings": {key: str(value) for key, value in test.sample.settings},
        **counts,
        "segments": segments,
        "values": test.values(),
        "differences": differences(nominal, test, seed),
        "in_sector": in_sector(nominal, test, seed),
    }


def size_table(entries: list[dict[str, Any]]) -> str:
    """Markdown: how large the samples are."""
    head = ["sample", "events", "hits/event", "signal hits", "muons", "segments", "AUC"]
    rows = [
        [
            entry["title"],
            f"{entry['events']:,}",
            f"{entry['hits'] / entry['events']:,.0f}",
            f"{entry['true_hits']:,}",
            f"{entry['muons']:,}",
            f"{entry['segments']:,}" if entry["segments"] else "-",
            interval(entry["auc"], 5),
        ]
        for entry in entries
    ]
    return table([head, *rows])


def sector_line(entry: dict[str, Any], point: str, sector: ByPoint) -> str:
    """What a sample that changes one sector does to the muons there."""
    found = sector[point]
    counts = found["counts"]
    return (
        f"\n{entry['title']}, muons toward this sector: {counts['muons_kept']:.0f} of "
        f"{counts['muons']:.0f} kept, {counts['signal_kept']:.0f} of {counts['signal']:.0f} hits; "
        f"change of the hit efficiency {change(found['efficiency'], 4)}, of the muons kept "
        f"{change(found['muons_kept_share'], 4)}.\n"
    )


def point_tables(entries: list[dict[str, Any]], point: str) -> str:
    """Markdown: values and differences at a working point."""
    columns = {**FIXED, OWN: (OWN_HEADING, OWN_DIGITS)}
    head = ["sample", *(heading for heading, _ in columns.values())]
    values, changes = [head], [head]
    for entry in entries:
        of_point = {key: entry[key][point] for key in ("values", "differences")}
        values.append(
            [entry["title"]]
            + [interval(of_point["values"][key], digits) for key, (_, digits) in columns.items()]
        )
        if entry["name"] != NOMINAL.name:
            changes.append(
                [entry["title"]]
                + [change(of_point["differences"][key], d) for key, (_, d) in columns.items()]
            )
    inside = "".join(
        sector_line(entry, point, point_of)
        for entry in entries
        if (point_of := entry["in_sector"]) is not None
    )
    text = f"At the threshold of {point} of the training's validation split:\n\n{table(values)}\n"
    return text + f"Difference to the nominal sample:\n\n{table(changes)}{inside}"


def page(settings: Settings, entries: list[dict[str, Any]]) -> str:
    """robustness.md."""
    size, points = size_table(entries), entries[0]["values"]
    tables = "\n".join(point_tables(entries, point) for point in points)
    return (
        f"Toy simulation, seed {settings.seed}, {processor()}. 68 % intervals: bootstrap over "
        "events, Clopper-Pearson for muons;\nthose of differences draw the same events for both "
        f"samples.\n\n{size}\n{tables}"
    )


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [sample.name for sample in SAMPLES]
    parser.add_argument("run", type=Path, help="run directory")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="folder for tests and tables of this run"
    )
    parser.add_argument(
        "--samples",
        type=Path,
        default=Path("runs/robustness/samples"),
        help="folder of the samples (default runs/robustness/samples; 0.5 MB per event)",
    )
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--events", type=int, default=1000, help="per sample, before the cuts")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--simulate",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="settings of the simulation for all samples, unless the sample sets them",
    )
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/stationhit"))
    found = parser.parse_args()
    if found.events < 2:
        parser.error(f"--events {found.events}: expected at least 2")
    return found


def main() -> None:
    """Makes and tests what is missing, then writes the tables."""
    found = parse_arguments()
    settings = Settings(
        found.program,
        found.run,
        found.samples,
        found.output,
        found.events,
        found.seed,
        found.threads,
        found.simulate,
    )
    chosen = [sample for sample in SAMPLES if sample is NOMINAL or sample.name in found.only]
    nominal = read_test(NOMINAL, test_sample(settings, NOMINAL))
    entries = []
    for sample in chosen:
        test = nominal if sample is NOMINAL else read_test(sample, test_sample(settings, sample))
        entries.append(summarize(nominal, test, settings.seed))
    content = {"run": str(settings.run), "seed": settings.seed, "samples": entries}
    write(settings.output / "robustness.json", json.dumps(content, indent=1) + "\n")
    text = page(settings, entries)
    write(settings.output / "robustness.md", text)
    print(f"\n{text}\nwrote {settings.output}/robustness.md and robustness.json")


if __name__ == "__main__":
    main()
