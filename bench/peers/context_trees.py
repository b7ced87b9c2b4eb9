#!/usr/bin/env python3
"""Boosted trees in two stages with and without a view of the other stations: the baseline that a
network with context between stations has to beat.

    .deps/venv/bin/python bench/peers/context_trees.py runs/peers/set

SET is a folder that `stationhit prepare --materialize bench/peers/sample.yaml` wrote, with its
splits train and test. The first training events train stage 1 (own features, summaries of the
bucket, differences to neighbors), the next ones fix its cut at a share of the signal nodes, and the
last ones train two forms of stage 2 on its survivors, alike but for the columns of other stations
(tree_features.py). The test events give the table: purity at the working points, per node (a hit in
a bucket, the rows that the trees see) and per hit (the largest score of its nodes)."""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier as Trees

from materialized_set import Event, MaterializedSplit
from timing import machine
from tree_features import CONTEXT_COLUMNS, TreeFeatures
from working_points import (
    DEFAULT_POINTS,
    Row,
    Sample,
    count,
    hit_scores,
    origin_of,
    share,
    table,
    working_point,
    write_results,
)

STAGE_1 = "stage 1"
FORMS = {  # of stage 2, and the columns that they see
    "stage 2 without other stations": slice(0, -CONTEXT_COLUMNS),
    "stage 2 with other stations": slice(0, None),
}


@dataclass
class Rows:
    """Training rows: all of the signal and an even share of the background."""

    share: float  # of the background
    random: np.random.Generator
    values: list[np.ndarray] = field(default_factory=list)
    labels: list[np.ndarray] = field(default_factory=list)

    def add(self, values: np.ndarray, label: np.ndarray) -> None:
        """The rows of the next event."""
        taken = label | (self.random.random(len(label)) < self.share)
        self.values.append(values[taken])
        self.labels.append(label[taken])

    def join(self, where: str) -> tuple[np.ndarray, np.ndarray]:
        """Values and labels; the lists are emptied."""
        values, label = np.concatenate(self.values), np.concatenate(self.labels)
        self.values, self.labels = [], []
        if not label.any() or label.all():
            raise SystemExit(
                f"error: {where}: {label.sum()} signal and {(~label).sum()} background nodes to "
                "train on; take more events"
            )
        return values, label


@dataclass
class StageOne:
    """Trees on single nodes with their buckets, and the cut on their score."""

    inputs: TreeFeatures
    trees: Trees
    threshold: float = -np.inf

    def score(self, event: Event) -> tuple[np.ndarray, np.ndarray]:
        """Columns and scores of all nodes."""
        columns = self.inputs.of_nodes(event)
        return columns, self.trees.decision_function(columns)


@dataclass
class Filtered:
    """An event after stage 1."""

    event: Event
    score: np.ndarray  # [N], of stage 1
    kept: np.ndarray  # bool [N]
    columns: np.ndarray  # float32 [survivors, columns of stage 2]

    def spread(self, score: np.ndarray) -> np.ndarray:
        """[N]: scores of the survivors, -inf for the others."""
        nodes = np.full(len(self.kept), -np.inf)
        nodes[self.kept] = score
        return nodes


def fit_stage_one(
    options: argparse.Namespace, train: MaterializedSplit, inputs: TreeFeatures
) -> StageOne:
    """Both classes have the same weight in total."""
    counts = train.manifest["counts"]
    nodes = options.stage1_events * counts["nodes"] / counts["events"]
    part = min(options.background_share, options.most_rows / nodes)
    rows = Rows(part, np.random.default_rng(options.seed))
    for event in train.events(0, options.stage1_events):
        rows.add(inputs.of_nodes(event), event.labels())
    values, label = rows.join(f"{options.stage1_events} events for stage 1 of {train.folder}")
    weight = np.where(label, (~label).sum() / label.sum(), 1.0)
    trees = Trees(
        max_iter=options.trees, learning_rate=0.1, max_leaf_nodes=63, random_state=options.seed
    )
    return StageOne(inputs, trees.fit(values, label, sample_weight=weight))


def calibrate(
    options: argparse.Namespace, train: MaterializedSplit, stage: StageOne
) -> tuple[float, float]:
    """The largest cut that keeps the share of the signal nodes, and the survivors per event."""
    first = options.stage1_events
    scores, labels = [], []
    for event in train.events(first, first + options.calibration_events):
        scores.append(stage.score(event)[1])
        labels.append(event.labels())
    score, label = np.concatenate(scores), np.concatenate(labels)
    if not label.any():
        raise SystemExit(
            f"error: {options.calibration_events} calibration events of {train.folder}: no signal; "
            "take more with --calibration-events"
        )
    lost = int((1 - options.signal_share) * label.sum() + 1e-9)
    threshold = float(np.sort(score[label])[lost])
    return threshold, float((score >= threshold).sum() / options.calibration_events)


def filtered(
    stage: StageOne, split: MaterializedSplit, first: int, last: int
) -> Iterator[Filtered]:
    """The events first to last - 1 after stage 1."""
    for event in split.events(first, last):
        columns, score = stage.score(event)
        kept = score >= stage.threshold
        group = event.groups()[kept]
        survivors = stage.inputs.of_survivors(columns[kept], group, score[kept])
        yield Filtered(event, score, kept, survivors)


def fit_stage_two(
    options: argparse.Namespace, train: MaterializedSplit, stage: StageOne, per_event: float
) -> dict[str, Trees]:
    """The forms of stage 2, on the same rows."""
    first = options.stage1_events + options.calibration_events
    part = min(1.0, options.most_rows / (options.stage2_events * max(1.0, per_event)))
    rows = Rows(part, np.random.default_rng(options.seed + 1))
    for found in filtered(stage, train, first, first + options.stage2_events):
        rows.add(found.columns, found.event.labels()[found.kept])
    values, label = rows.join(f"{options.stage2_events} events for stage 2 of {train.folder}")
    weight = np.where(label, 1.0, 1.0 / part)
    trees = {}
    for form, columns in FORMS.items():
        start = time.monotonic()
        trees[form] = Trees(
            max_iter=options.trees,
            learning_rate=0.08,
            max_leaf_nodes=63,
            l2_regularization=1.0,
            random_state=options.seed,
        ).fit(values[:, columns], label, sample_weight=weight)
        say(f"{form}: {len(label)} rows, {trees[form].n_iter_} trees", start)
    return trees


@dataclass
class Test:
    """Scores of the test events, and what stage 1 keeps of them."""

    nodes: dict[str, Sample] = field(default_factory=dict)  # by model
    hits: dict[str, Sample] = field(default_factory=dict)
    n_nodes: int = 0
    n_signal: int = 0
    survivors: int = 0
    signal_survivors: int = 0

    def add(self, found: Filtered, scores: dict[str, np.ndarray]) -> None:
        """The scores of the nodes of the next event."""
        event, label = found.event, found.event.labels()
        for model, score in scores.items():
            self.nodes.setdefault(model, Sample()).add(score, label)
            of_hits = hit_scores(score, event.hit, len(event.is_true))
            self.hits.setdefault(model, Sample()).add(of_hits, event.is_true)
        self.n_nodes += len(label)
        self.n_signal += int(label.sum())
        self.survivors += int(found.kept.sum())
        self.signal_survivors += int(label[found.kept].sum())

    def rows(self, points: Sequence[float]) -> list[Row]:
        """Of the table."""
        return [
            Row(model, per, samples[model].measures(points))
            for model in self.nodes
            for per, samples in (("node", self.nodes), ("hit", self.hits))
        ]

    def shares(self) -> dict[str, float]:
        """Of the nodes that stage 1 keeps."""
        return {
            "nodes": self.survivors / max(1, self.n_nodes),
            "signal_nodes": self.signal_survivors / max(1, self.n_signal),
        }


def score_test(
    options: argparse.Namespace, test: MaterializedSplit, stage: StageOne, forms: dict[str, Trees]
) -> Test:
    """All models on the test events."""
    result = Test()
    for found in filtered(stage, test, 0, options.test_events):
        scores = {STAGE_1: found.score}
        for form, trees in forms.items():
            columns = found.columns[:, FORMS[form]]
            of_survivors = trees.decision_function(columns) if len(columns) else np.empty(0)
            scores[form] = found.spread(of_survivors)
        result.add(found, scores)
    return result


def say(text: str, start: float) -> None:
    """A line of progress."""
    print(f"{text}, {time.monotonic() - start:.0f} s", flush=True)


def require_events(split: MaterializedSplit, parts: dict[str, int]) -> None:
    """Ends the program if the split has fewer events than the options ask for."""
    if split.n_events < sum(parts.values()):
        asked = " + ".join(f"{n} ({option})" for option, n in parts.items())
        raise SystemExit(
            f"error: {split.folder} has {split.n_events} events, but {asked} are asked for; "
            "lower the numbers or materialize a larger sample"
        )


def open_splits(
    options: argparse.Namespace,
) -> tuple[MaterializedSplit, MaterializedSplit, TreeFeatures]:
    """The splits train and test, with as many events as the options need, and their columns."""
    train, test = (MaterializedSplit(options.set / name) for name in ("train", "test"))
    inputs = TreeFeatures(train)
    names = ("stage1_events", "calibration_events", "stage2_events")
    require_events(train, {f"--{name.replace('_', '-')}": getattr(options, name) for name in names})
    require_events(test, {"--test-events": options.test_events})
    if train.features != test.features:
        raise SystemExit(
            f"error: {test.folder} has the features {', '.join(test.features)}, but {train.folder} "
            f"has {', '.join(train.features)}; materialize both with one run file"
        )
    return train, test, inputs


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", type=Path, help="materialized set with the splits train and test")
    parser.add_argument("--stage1-events", type=count, default=1100, metavar="N")
    parser.add_argument("--calibration-events", type=count, default=100, metavar="N")
    parser.add_argument("--stage2-events", type=count, default=1300, metavar="N")
    parser.add_argument("--test-events", type=count, default=390, metavar="N")
    parser.add_argument(
        "--signal-share",
        type=share,
        default=0.9993,
        help="of the signal nodes of the calibration events, kept by stage 1 (default 0.9993)",
    )
    parser.add_argument(
        "--background-share",
        type=share,
        default=0.08,
        help="of the background nodes on which stage 1 is trained (default 0.08)",
    )
    parser.add_argument(
        "--most-rows",
        type=count,
        default=2_000_000,
        metavar="N",
        help="about the most rows of a training: more background is thinned evenly, with weights; "
        "a million take 2 GB (default 2000000)",
    )
    parser.add_argument("--trees", type=count, default=300, help="at most, per training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--working-points", type=working_point, nargs="+", default=list(DEFAULT_POINTS)
    )
    parser.add_argument("--output", type=Path, help="folder in which context_trees.json is written")
    return parser.parse_args(arguments)


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    """The options for JSON."""
    hidden = ("set", "output")
    return {name: value for name, value in vars(options).items() if name not in hidden}


def heading(options: argparse.Namespace, summary: dict[str, Any]) -> str:
    """What stands above the table."""
    events = f"{options.stage1_events} + {options.calibration_events} + {options.stage2_events}"
    test, kept = summary["test"], summary["kept_by_stage_1"]
    return (
        f"{summary['origin']}; {events} training and {options.test_events} test events "
        f"({test['nodes']} nodes, {test['signal_nodes']} of signal), seed {options.seed}, "
        f"{summary['machine']}, {summary['seconds']} s, {summary['peak_memory_mib']} MiB.\n"
        f"Stage 1 keeps {kept['signal_nodes']:.4f} of the signal nodes and {kept['nodes']:.4f} of "
        "all nodes. 68 % intervals: bootstrap over events."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains, scores the test events, prints the table."""
    options = parse_arguments(arguments)
    train, test, inputs = open_splits(options)
    start = time.monotonic()
    stage = fit_stage_one(options, train, inputs)
    say(f"{STAGE_1}: {stage.trees.n_iter_} trees", start)
    stage.threshold, per_event = calibrate(options, train, stage)
    forms = fit_stage_two(options, train, stage, per_event)
    result = score_test(options, test, stage, forms)
    say(f"{options.test_events} test events scored", start)
    rows = result.rows(options.working_points)
    summary = {
        "origin": origin_of(test.manifest),
        "machine": machine(),
        "settings": settings_of(options),
        "test": {"nodes": result.n_nodes, "signal_nodes": result.n_signal},
        "kept_by_stage_1": result.shares(),
        "seconds": round(time.monotonic() - start),
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(f"\n{heading(options, summary)}\n\n{table(rows)}")
    if options.output:
        write_results(options.output / "context_trees.json", summary, rows)


if __name__ == "__main__":
    main()
