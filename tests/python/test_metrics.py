"""The numbers of a test run by other eyes: scikit-learn and numpy on scores.root give what
metrics.json and working_points.csv say."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import uproot
from sklearn.metrics import precision_score, recall_score, roc_auc_score

TOLERANCE = 1e-9
TECHNOLOGIES = {"MDT": 0, "RPC": 2, "TGC": 3, "sTGC": 4, "MM": 5}


class Scores:
    """All hits of scores.root one after the other."""

    def __init__(self, path: Path) -> None:
        with uproot.open(path) as file:
            table = file["scores"].arrays()
        self.events = [
            (np.asarray(event["score"]), np.asarray(event["truth_link"]), len(event["muon_pt"]))
            for event in table
        ]
        self.score = np.concatenate([score for score, _, _ in self.events])
        self.label = np.concatenate([link for _, link, _ in self.events]) >= 0
        self.process = np.asarray(table["mc_channel_number"])
        self.technology = np.concatenate([np.asarray(event["technology"]) for event in table])

    def muons_kept(self, threshold: np.float32, process: int | None = None) -> int:
        return sum(
            int(np.sum(score[link == muon] > threshold) >= 3)
            for (score, link, muons), number in zip(self.events, self.process, strict=True)
            if process in (None, number)
            for muon in range(muons)
        )


@pytest.fixture(scope="module")
def scores(trained_run: Path) -> Scores:
    return Scores(trained_run / "test" / "scores.root")


@pytest.fixture(scope="module")
def metrics(trained_run: Path) -> dict:
    return json.loads((trained_run / "test" / "metrics.json").read_text())


def test_sizes(scores: Scores, metrics: dict) -> None:
    assert metrics["events"] == len(scores.events)
    assert metrics["hits"] == scores.score.size
    assert metrics["true_hits"] == scores.label.sum()
    assert metrics["muons"] == sum(muons for _, _, muons in scores.events)


def test_auc(scores: Scores, metrics: dict) -> None:
    assert abs(roc_auc_score(scores.label, scores.score) - metrics["auc"]["value"]) < TOLERANCE
    assert metrics["auc"]["low"] <= metrics["auc"]["value"] <= metrics["auc"]["high"]


@pytest.mark.parametrize("threshold_from", ["working_points", "validation_thresholds"])
def test_working_points(scores: Scores, metrics: dict, threshold_from: str) -> None:
    assert [point["working_point"] for point in metrics[threshold_from]] == [0.985, 0.99, 0.995]
    for point in metrics[threshold_from]:
        threshold = np.float32(point["threshold"])
        kept = scores.score > threshold
        assert abs(precision_score(scores.label, kept) - point["purity"]["value"]) < TOLERANCE
        assert abs(recall_score(scores.label, kept) - point["efficiency"]["value"]) < TOLERANCE
        background_kept = int(np.sum(kept & ~scores.label))
        assert point["false_positives"] == background_kept
        if background_kept:
            rejection = np.sum(~scores.label) / background_kept
            assert abs(rejection / point["rejection"]["value"] - 1) < TOLERANCE
        else:
            assert point["rejection"]["value"] is None
        assert (
            abs(kept.sum() / len(scores.events) - point["hits_kept_per_event"]["value"]) < TOLERANCE
        )
        assert point["muons_kept"] == scores.muons_kept(threshold)


def test_threshold_is_the_largest_that_keeps_the_share(scores: Scores, metrics: dict) -> None:
    true_scores = scores.score[scores.label]
    for point in metrics["working_points"]:
        threshold = np.float32(point["threshold"])
        assert np.mean(true_scores > threshold) >= point["working_point"]
        assert (
            np.mean(true_scores > np.nextafter(threshold, np.float32(np.inf)))
            < point["working_point"]
        )


def test_technologies(scores: Scores, metrics: dict) -> None:
    assert metrics["technologies"] == metrics["working_points"][1]["technologies"]
    for point in metrics["working_points"] + metrics["validation_thresholds"]:
        kept = scores.score > np.float32(point["threshold"])
        for row in point["technologies"]:
            of_technology = scores.technology == TECHNOLOGIES[row["technology"]]
            expect_class(row, of_technology, kept, scores, len(scores.events))


def test_processes(scores: Scores, metrics: dict) -> None:
    names = {999001: "jpsi", 999002: "zmumu", 999003: "ttbar"}
    found = sorted(set(scores.process.tolist()))
    assert len(found) > 1
    assert metrics["processes"] == metrics["working_points"][1]["processes"]
    of_hit = np.repeat(scores.process, [score.size for score, _, _ in scores.events])
    for point in metrics["working_points"] + metrics["validation_thresholds"]:
        threshold = np.float32(point["threshold"])
        assert [row["mc_channel_number"] for row in point["processes"]] == found
        for row in point["processes"]:
            number = row["mc_channel_number"]
            assert row["process"] == names[number]
            assert row["events"] == np.sum(scores.process == number)
            expect_class(row, of_hit == number, scores.score > threshold, scores, row["events"])
            assert row["muons_kept"] == scores.muons_kept(threshold, number)


def expect_class(
    row: dict, members: np.ndarray, kept: np.ndarray, scores: Scores, events: int
) -> None:
    """Counts and values of the hits of a technology or process in so many events."""
    signal = members & scores.label
    background = members & ~scores.label
    assert row["true_positives"] == np.sum(kept & signal)
    assert row["false_positives"] == np.sum(kept & background)
    assert row["true_positives"] + row["false_negatives"] == np.sum(signal)
    assert row["hits_kept_per_event"]["value"] == pytest.approx(
        np.sum(kept & members) / events, TOLERANCE
    )
    for key, part, total in (
        ("efficiency", kept & signal, signal),
        ("purity", kept & signal, kept & members),
        ("rejection", background, kept & background),
    ):
        if total.any():
            value = row[key]
            assert value["value"] == pytest.approx(part.sum() / total.sum(), TOLERANCE)
            assert value["low"] <= value["value"] <= (value["high"] or np.inf)
        else:
            assert row[key]["value"] is None


def test_csv_repeats_the_json(trained_run: Path, metrics: dict) -> None:
    with (trained_run / "test" / "working_points.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["threshold_from"] == "test"]
    assert len(rows) == 3
    for row, point in zip(rows, metrics["working_points"], strict=True):
        assert float(row["purity"]) == point["purity"]["value"]
        assert np.float32(row["threshold"]) == np.float32(point["threshold"])


def test_report_and_figures_are_there(trained_run: Path) -> None:
    assert "<html" in (trained_run / "report.html").read_text()
    for stem in (
        "roc",
        "purity_vs_efficiency",
        "muon_loss_pt",
        "score_distribution",
        "training_loss",
    ):
        assert (trained_run / "plots" / f"{stem}.png").read_bytes()[:4] == b"\x89PNG"
        assert (trained_run / "plots" / f"{stem}.pdf").read_bytes()[:4] == b"%PDF"
        assert (trained_run / "plots" / f"{stem}.csv").stat().st_size > 0
