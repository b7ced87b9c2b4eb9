#!/usr/bin/env python3
"""Measures how far single hits reveal their label: boosted trees without neighbors compared with
graph networks, and an audit of every column.

    .deps/venv/bin/python bench/audit/shortcut_audit.py runs/demo/prepared -o runs/audit \\
        --scores edgeconv=runs/demo/test/scores.root

PREPARED is the folder that `stationhit prepare` wrote. Trained on its split train, measured on all
hits of its split test:
  technology    boosted trees on the technology alone
  single hit    on all columns of the hit itself (positions, edges, drift radius, time, covariances,
                channel, ...)
  counting      the same and the numbers of hits around it: neighbors, bucket_density, isolation,
                hits of the bucket
With --other-stations also:
  single hit + stations   a single hit and the numbers of hits in the other station layers
                (inner, middle, outer) in its direction: within 0.12 rad in phi and 0.02, 0.06 and
                0.15 rad in theta
  counting + stations     all of these
And the runs:
  NAME          the scores of a run, given as --scores NAME=test/scores.root; the run must have used
                the same test split
All are measured at the same hit efficiency; in the rows of one technology the threshold is that of
its own signal hits.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import uproot
from sklearn.ensemble import HistGradientBoostingClassifier

from columns import ColumnAudit, audit_columns
from measures import Measure, measure
from output import Table, draw_columns, draw_purity, write_tables
from sample import (
    CATEGORIES,
    COUNTING,
    OTHER_STATIONS,
    TECHNOLOGIES,
    Hits,
    concatenate,
    event_numbers,
    stream,
    training_sample,
)


@dataclass
class Scored:
    """Scores of a sample, hit by hit."""

    score: np.ndarray
    label: np.ndarray
    event: np.ndarray
    technology: np.ndarray


def feature_sets(names: list[str]) -> dict[str, list[str]]:
    """Model -> its columns; those with other stations only where the sample has their columns."""
    own = [name for name in names if name not in OTHER_STATIONS]
    sets = {
        "technology": ["technology"],
        "single hit": [name for name in own if name not in COUNTING],
        "counting": own,
    }
    if own != names:
        sets["single hit + stations"] = [name for name in names if name not in COUNTING]
        sets["counting + stations"] = names
    return sets


def fit(
    train: Hits, names: list[str], iterations: int, seed: int
) -> HistGradientBoostingClassifier:
    """Boosted trees with early stopping on a tenth of the training hits. Weights for the background
    that is left out would change only the offset of the scores, but also make the steps of the
    trees so large, where signal is rare, that the training can diverge."""
    trees = HistGradientBoostingClassifier(
        max_iter=iterations,
        learning_rate=0.1,
        max_leaf_nodes=63,
        min_samples_leaf=50,
        l2_regularization=1.0,
        categorical_features=[name in CATEGORIES for name in names],
        early_stopping=True,
        validation_fraction=0.1,
        n_iter_no_change=15,
        random_state=seed,
    )
    return trees.fit(train.columns(names), train.label)


def score_hits(trees: HistGradientBoostingClassifier, hits: Hits, names: list[str]) -> Scored:
    """Log odds of every hit."""
    return Scored(
        trees.decision_function(hits.columns(names)).astype(np.float32),
        hits.label,
        hits.event,
        hits.technology,
    )


def read_scores(path: Path, prepared: Path, test: Hits) -> Scored:
    """scores.root of a run that was tested on the split test of `prepared`."""
    with uproot.open(path) as file:
        table = file["scores"].arrays(
            ["event_number", "score", "truth_link", "technology"], library="np"
        )
    label = np.concatenate(table["truth_link"]) >= 0
    same_events = sorted(int(n) for n in table["event_number"]) == event_numbers(prepared / "test")
    if not same_events or len(label) != len(test) or label.sum() != test.label.sum():
        ours = f"{len(test)} of {prepared / 'test'}"
        raise SystemExit(
            f"error: {path}: {len(label)} hits of other events or cuts than the {ours}; test "
            "the run on this set"
        )
    event = np.repeat(np.arange(len(table["score"])), [len(score) for score in table["score"]])
    return Scored(np.concatenate(table["score"]), label, event, np.concatenate(table["technology"]))


def measure_parts(scored: Scored, efficiency: float) -> dict[str, Measure | None]:
    """Measures over all hits and for every technology separately."""
    parts: dict[str, Measure | None] = {
        "all": measure(scored.score, scored.label, scored.event, efficiency)
    }
    for name, code in TECHNOLOGIES.items():
        rows = scored.technology == code
        parts[name] = measure(
            scored.score[rows], scored.label[rows], scored.event[rows], efficiency
        )
    return parts


def audit_all_columns(test: Hits) -> list[ColumnAudit]:
    """Audits the columns of the hits themselves, over all hits and per technology."""
    names = feature_sets(test.names)["single hit"]
    audits = audit_columns("all", names, test.columns(names), test.label, test.event)
    for technology, code in TECHNOLOGIES.items():
        rows = test.technology == code
        audits += audit_columns(
            technology, names, test.columns(names)[rows], test.label[rows], test.event[rows]
        )
    return audits


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("prepared", type=Path)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="folder for tables and figures"
    )
    parser.add_argument(
        "--scores",
        action="append",
        default=[],
        metavar="NAME=scores.root",
        help="scores of a run to compare with",
    )
    parser.add_argument(
        "--other-stations",
        action="store_true",
        help="also trees that see the numbers of hits in other stations (0.1 s per event)",
    )
    parser.add_argument("--efficiency", type=float, default=0.99)
    parser.add_argument(
        "--background", type=int, default=400_000, help="background hits to train on, drawn evenly"
    )
    parser.add_argument("--iterations", type=int, default=300, help="most trees of a model")
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    if not 0 < options.efficiency < 1:
        parser.error(f"--efficiency {options.efficiency}: expected a number between 0 and 1")
    if any("=" not in item for item in options.scores):
        parser.error("--scores: expected NAME=path of a scores.root")
    return options


def score_models(options: argparse.Namespace, test: Hits) -> dict[str, Scored]:
    """The trees, then the runs."""
    train = training_sample(
        options.prepared / "train", options.background, options.seed, options.other_stations
    )
    scored = {}
    for model, names in feature_sets(train.names).items():
        start = time.monotonic()
        trees = fit(train, names, options.iterations, options.seed)
        scored[model] = score_hits(trees, test, names)
        print(
            f"{model}: {len(names)} columns, {trees.n_iter_} trees, "
            f"{time.monotonic() - start:.0f} s",
            flush=True,
        )
    for item in options.scores:
        name, _, path = item.partition("=")
        scored[name] = read_scores(Path(path), options.prepared, test)
    return scored


def main() -> None:
    """Trains, measures, writes, prints the tables."""
    options = parse_arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    test = concatenate(
        list(stream(options.prepared / "test", other_stations=options.other_stations))
    )
    scored = score_models(options, test)
    table: Table = {
        model: measure_parts(scores, options.efficiency) for model, scores in scored.items()
    }
    audits = audit_all_columns(test)
    counts = f"{test.event.max() + 1} test events, {len(test)} hits, {test.label.sum()} signal hits"
    title = (
        f"Toy simulation, {counts}; hit efficiency {options.efficiency}, seed {options.seed}; "
        "68 % intervals, bootstrap over events"
    )
    print("\n" + write_tables(options.output, title, table, audits))
    draw_purity(
        options.output / "purity.png",
        {model: (scores.score, scores.label) for model, scores in scored.items()},
    )
    draw_columns(options.output / "columns.png", audits)


if __name__ == "__main__":
    main()
