"""Scores of a test (test/scores.root), what thresholds keep of every event, and differences of two
tests with intervals from a bootstrap over events that draws the same events for both: differences
of samples or networks are then not hidden by the spread of the events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import awkward as ak
import numpy as np
import uproot

REPLICAS = 200
CONFIDENCE = 0.6827
HITS_OF_A_KEPT_MUON = 3  # docs/metrics.md
# Columns of the counts of an event, and the shares that follow from them.
COUNTS = ("signal_kept", "signal", "kept", "muons_kept", "muons")
SHARES = {
    "efficiency": ("signal_kept", "signal"),
    "purity": ("signal_kept", "kept"),
    "muons_kept_share": ("muons_kept", "muons"),
}


@dataclass
class ScoredEvents:
    """Hits and muons of all events, one after the other."""

    number: np.ndarray  # event numbers [n_events]
    score: np.ndarray  # [n_hits]
    event: np.ndarray  # running number of the event [n_hits]
    muon: np.ndarray  # running number of the muon, -1 for background [n_hits]
    muon_event: np.ndarray  # [n_muons]
    muon_pt: np.ndarray  # GeV
    muon_eta: np.ndarray
    muon_phi: np.ndarray  # rad

    def muons_kept(self, threshold: float) -> np.ndarray:
        """bool [n_muons]: those that keep enough hits."""
        hits = self.muon[(self.muon >= 0) & (self.score > threshold)]
        return np.bincount(hits, minlength=len(self.muon_pt)) >= HITS_OF_A_KEPT_MUON

    def muon_scores(self) -> np.ndarray:
        """[n_muons]: a muon is kept if this is above the threshold; -inf with too few hits."""
        signal = self.muon >= 0
        order = np.lexsort((-self.score[signal], self.muon[signal]))
        muon, score = self.muon[signal][order], self.score[signal][order]
        hits = np.bincount(muon, minlength=len(self.muon_pt))
        rank = np.arange(len(muon)) - np.repeat(np.cumsum(hits) - hits, hits)
        found, last = np.full(len(hits), -np.inf), rank == HITS_OF_A_KEPT_MUON - 1
        found[muon[last]] = score[last]
        return found

    def counts(self, threshold: float, muons: np.ndarray | None = None) -> np.ndarray:
        """[n_events, len(COUNTS)] at a threshold; of these muons (bool [n_muons]) alone, if they
        are given, and then hits of the others count as background."""
        chosen = np.ones(len(self.muon_pt), bool) if muons is None else muons
        signal, kept = np.append(chosen, False)[self.muon], self.score > threshold
        of_hits = [self.event[hits] for hits in (signal & kept, signal, kept)]
        of_muons = [self.muon_event[rows] for rows in (self.muons_kept(threshold) & chosen, chosen)]
        columns = [np.bincount(rows, minlength=len(self.number)) for rows in of_hits + of_muons]
        return np.stack(columns, axis=1)


def read_scored_events(path: Path) -> ScoredEvents:
    """The file that `stationhit test` writes."""
    if not path.exists():
        raise SystemExit(f"error: {path}: no such file; `stationhit test` writes it")
    with uproot.open(path) as file:
        table = file["scores"].arrays(
            ["event_number", "score", "truth_link", "muon_pt", "muon_eta", "muon_phi"]
        )
    hits, muons = (ak.to_numpy(ak.num(table[name])) for name in ("score", "muon_pt"))
    first_muon = np.cumsum(muons) - muons
    link = ak.to_numpy(ak.flatten(table["truth_link"])).astype(np.int64)
    events = np.arange(len(table))
    return ScoredEvents(
        ak.to_numpy(table["event_number"]),
        ak.to_numpy(ak.flatten(table["score"])),
        np.repeat(events, hits),
        np.where(link >= 0, link + np.repeat(first_muon, hits), -1),
        np.repeat(events, muons),
        *(ak.to_numpy(ak.flatten(table[f"muon_{name}"])) for name in ("pt", "eta", "phi")),
    )


def align(
    first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of two tests, given as (event numbers, counts), with one row per event that is in any
    of them; an event that one of them lacks has zeros there."""
    numbers = np.union1d(first[0], second[0])
    rows = []
    for number, counts in (first, second):
        row = np.zeros((len(numbers), counts.shape[1]))
        row[np.searchsorted(numbers, number)] = counts
        rows.append(row)
    return rows[0], rows[1]


def half_turns(angle: np.ndarray) -> np.ndarray:
    """The angle from -pi to pi."""
    return np.mod(angle + np.pi, 2 * np.pi) - np.pi


def replica_weights(n_events: int, seed: int) -> np.ndarray:
    """[1 + REPLICAS, n_events]: how often an event is in the sample and in the replicas."""
    even = np.full(n_events, 1 / n_events)
    draws = np.random.default_rng(seed).multinomial(n_events, even, size=REPLICAS)
    return np.concatenate([np.ones((1, n_events)), draws])


def with_interval(values: np.ndarray) -> dict[str, float]:
    """Of the values of the sample and of its replicas."""
    low, high = np.nanquantile(values[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return {"value": float(values[0]), "low": float(low), "high": float(high)}


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """NaN for 0/0."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole != 0)


def paired_differences(
    nominal: np.ndarray, other: np.ndarray, seed: int
) -> dict[str, dict[str, float]]:
    """For every share its difference other - nominal with the ends of the 68 % interval; rows are
    the events of `align`."""
    weights = replica_weights(len(nominal), seed)
    sums = [weights @ nominal, weights @ other]
    found = {}
    for share, (part, whole) in SHARES.items():
        columns = COUNTS.index(part), COUNTS.index(whole)
        before, after = (ratio(of[:, columns[0]], of[:, columns[1]]) for of in sums)
        found[share] = with_interval(after - before)
    return found


def change(entry: dict[str, float], digits: int) -> str:
    """+value [low, high]."""
    if "low" not in entry:
        return f"{entry['value']:+.{digits}f}"
    return "{value:+.{d}f} [{low:+.{d}f}, {high:+.{d}f}]".format(d=digits, **entry)
