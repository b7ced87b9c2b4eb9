"""The numbers of a test by their definitions (docs/metrics.md), in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .recomputed_inputs import Columns, Event

Array = NDArray[Any]
TECHNOLOGIES = {"MDT": 0, "RPC": 2, "TGC": 3, "sTGC": 4, "MM": 5}


def area_under_curve(score: Array, signal: Array) -> float:
    """Ties counted half, from the ranks."""
    values, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n_signal = int(signal.sum())
    n_background = len(signal) - n_signal
    above = rank[signal].sum() - n_signal * (n_signal + 1) / 2
    return float(above / (n_signal * n_background))


def threshold_of(score: Array, signal: Array, share: float) -> np.float32:
    """The largest float32 with at least this share of the signal above."""
    ranked = np.sort(score[signal])[::-1]
    needed = int(np.ceil(share * len(ranked) - 1e-9))
    return np.nextafter(np.float32(ranked[needed - 1]), np.float32(-np.inf))


def different_pairs(hits: Columns, buckets: Sequence[Array], kept: Array | bool = True) -> Array:
    """The pairs (first hit, second hit) of kept hits in different layers of a bucket, each once."""
    seeds = ((hits["measEta"] != 0) | (hits["measPhi"] == 0)) & kept
    layer = (hits["technology"].astype(int) * 256 + hits["stationIndex"]) * 256 + hits["layer"]
    pairs: set[tuple[int, int]] = set()
    for bucket in buckets:
        members = np.unique(bucket[seeds[bucket]])
        first, second = np.triu_indices(len(members), 1)
        other = layer[members[first]] != layer[members[second]]
        pairs.update(zip(members[first][other], members[second][other], strict=True))
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class Sample:
    """Events of a split with their scores."""

    def __init__(self, events: list[Event], scores: list[Array]) -> None:
        self.events, self.scores = events, scores
        self.score = np.concatenate(scores)
        self.link = np.concatenate([event.hits["truthLink"].astype(int) for event in events])
        self.signal = self.link >= 0
        self.technology = np.concatenate([event.hits["technology"] for event in events])

    def muons_kept(self, threshold: np.float32) -> int:
        return sum(
            int(np.sum(scores[event.hits["truthLink"] == muon] > threshold) >= 3)
            for event, scores in zip(self.events, self.scores, strict=True)
            for muon in range(event.muons)
        )

    def numbers_at(self, threshold: np.float32) -> dict[str, float | None]:
        kept = self.score > threshold
        passed, wrong = int(np.sum(kept & self.signal)), int(np.sum(kept & ~self.signal))
        n = len(self.events)
        pairs = sum(
            len(different_pairs(event.hits, event.buckets, scores > threshold))
            for event, scores in zip(self.events, self.scores, strict=True)
        )
        numbers: dict[str, float | None] = {
            "efficiency": passed / int(self.signal.sum()),
            "purity": ratio(passed, passed + wrong),
            "rejection": ratio(int((~self.signal).sum()), wrong),
            "hits_kept_per_event": (passed + wrong) / n,
            "muons_kept": self.muons_kept(threshold),
            "true_positives": passed,
            "false_positives": wrong,
            "hit_pairs_kept_per_event": pairs / n,
        }
        for name, code in TECHNOLOGIES.items():
            of_code = self.technology == code
            true = int(np.sum(kept & self.signal & of_code))
            numbers[f"efficiency {name}"] = ratio(true, int(np.sum(self.signal & of_code)))
            numbers[f"purity {name}"] = ratio(true, int(np.sum(kept & of_code)))
        return numbers


def point_numbers(point: dict[str, Any]) -> dict[str, float | None]:
    """Those of `numbers_at`, as metrics.json has them."""

    def number(value: Any) -> float | None:
        return value["value"] if isinstance(value, dict) else value

    found = {key: number(value) for key, value in point.items() if not isinstance(value, list)}
    for row in point["technologies"]:
        for key in ("efficiency", "purity"):
            found[f"{key} {row['technology']}"] = number(row[key])
    return found


def metrics_differences(sample: Sample, metrics: dict[str, Any]) -> list[str]:
    """What metrics.json says otherwise than the scores."""
    texts = []
    auc = area_under_curve(sample.score, sample.signal)
    if abs(auc - metrics["auc"]["value"]) > 1e-9:
        texts.append(f"AUC {metrics['auc']['value']}, recomputed {auc}")
    sizes = (len(sample.events), len(sample.score), int(sample.signal.sum()))
    if sizes != tuple(metrics[key] for key in ("events", "hits", "true_hits")):
        texts.append(f"sizes of the test differ from {sizes}")
    for point in metrics["working_points"]:
        expected = threshold_of(sample.score, sample.signal, point["working_point"])
        if np.float32(point["threshold"]) != expected:
            texts.append(f"threshold {point['threshold']} of the test, recomputed {expected}")
    for point in metrics["working_points"] + metrics["validation_thresholds"]:
        found = point_numbers(point)
        for key, value in sample.numbers_at(np.float32(point["threshold"])).items():
            other = found.get(key)
            same = other == value
            if value is not None and other is not None:
                same = abs(other - value) <= 1e-9 * max(1, abs(value))
            if not same:
                place = f"{point['working_point']} (logit > {point['threshold']})"
                texts.append(f"{key} at {place}: {other}, recomputed {value}")
    return texts
