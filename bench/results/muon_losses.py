#!/usr/bin/env python3
"""Which muons two networks lose: hit efficiency and muons kept in bins of pT, |eta|, charge, the
distance to the nearest muon and the number of station layers that see the muon, at the same hit
efficiency of the whole sample; and what they keep at the same share of muons kept.

    .deps/venv/bin/python bench/results/muon_losses.py runs/edgeconv_attention runs/two_stage \\
        --split data/test -o runs/losses

BEFORE and AFTER are run directories that `stationhit test` has tested on the split (or folders that
contain test/metrics.json and test/scores.root). The threshold of each is the one that keeps the
working point of the signal hits of this split, or the share of the muons. losses.md has the tables,
losses.json all numbers. Intervals come from a bootstrap over events that draws the same events for
both networks."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot

from make_results import interval, processor, table, write
from scored_events import (
    COUNTS,
    ScoredEvents,
    change,
    half_turns,
    paired_differences,
    read_scored_events,
    replica_weights,
    with_interval,
)

sys.path += [str(Path(__file__).resolve().parents[1] / name) for name in ("audit", "peers")]
from sample import shard_files  # noqa: E402
from tree_features import STATION_LAYERS, station_layer  # noqa: E402

SEED = 42
HITS_OF_A_LAYER = 3  # as in a segment
# Quantities of the whole sample: key in metrics.json, heading, digits.
WHOLE = {
    "purity": ("purity", 3),
    "muons_kept_share": ("muons kept", 4),
    "two_layer_muons_kept_share": ("muons kept in 2 station layers", 4),
    "whole_segments_share": ("whole segments", 4),
    "usable_segments_share": ("usable segments", 4),
}
MUON_SHARES = (0.99, 0.995, 0.998)
RANGES = {
    "pT [GeV]": (5, 6, 8, 10, 15, 20, 30, 50, np.inf),
    "abs(eta)": (0, 0.5, 1.05, 1.3, 2, 2.4, 2.7),
    "Delta R to the nearest muon": (0, 0.2, 0.4, 0.8, np.inf),
}


@dataclass
class Network:
    """The results of a test, and the scores above the threshold of the working point."""

    name: str
    metrics: dict[str, Any]  # at the working point
    scores: ScoredEvents

    def counts(self, muons: np.ndarray) -> np.ndarray:
        """[n_events, len(COUNTS)] of these muons."""
        return self.scores.counts(self.metrics["threshold"], muons)

    def kept(self) -> np.ndarray:
        """bool [n_muons]."""
        return self.scores.muons_kept(self.metrics["threshold"])


@dataclass
class Group:
    """Some of the muons."""

    variable: str
    title: str
    muons: np.ndarray  # bool [n_muons]


def read_network(folder: Path, working_point: float) -> Network:
    """What `stationhit test` wrote."""
    path = folder / "test" / "metrics.json"
    if not path.exists():
        sys.exit(f"error: {path}: no such file; give a run directory that `stationhit test` tested")
    points = json.loads(path.read_text())["working_points"]
    found = [point for point in points if abs(point["working_point"] - working_point) < 1e-9]
    if not found:
        known = ", ".join(f"{point['working_point']:g}" for point in points)
        sys.exit(f"error: {path}: no working point {working_point:g}; it has {known}")
    return Network(folder.name, found[0], read_scored_events(folder / "test" / "scores.root"))


@dataclass
class MuonsOfSplit:
    """What the shards know of the muons, in the order of the scores."""

    charge: np.ndarray  # 0 unknown
    layers: np.ndarray  # station layers (inner, middle, outer) with at least 3 of its hits


def read_muons(split: Path, scores: ScoredEvents) -> MuonsOfSplit:
    """Ends the program if the split has other events than the scores."""
    names = ["eventNumber", "truthMuon_q", "spacePoint_truthLink", "spacePoint_stationIndex"]
    table = ak.concatenate(
        [uproot.open(file)["events"].arrays(names) for file in shard_files(split)]
    )
    if not np.array_equal(ak.to_numpy(table["eventNumber"]), scores.number):
        sys.exit(f"error: {split}: other events than those of the scores; give the tested split")
    signal = scores.muon >= 0
    station = ak.to_numpy(ak.flatten(table["spacePoint_stationIndex"]))
    hits = np.zeros((len(scores.muon_pt), len(STATION_LAYERS)), dtype=np.int64)
    np.add.at(hits, (scores.muon[signal], station_layer(station[signal])), 1)
    charge = ak.to_numpy(ak.flatten(table["truthMuon_q"]))
    return MuonsOfSplit(charge, (hits >= HITS_OF_A_LAYER).sum(axis=1))


def distances(scores: ScoredEvents) -> np.ndarray:
    """[n_muons]: Delta R to the nearest other muon of the event, NaN without one."""
    found = np.full(len(scores.muon_pt), np.nan)
    for event in np.flatnonzero(np.bincount(scores.muon_event) > 1):
        rows = np.flatnonzero(scores.muon_event == event)
        eta, phi = scores.muon_eta[rows], scores.muon_phi[rows]
        distance = np.hypot(eta[:, None] - eta, half_turns(phi[:, None] - phi))
        np.fill_diagonal(distance, np.inf)
        found[rows] = distance.min(axis=1)
    return found


def ranges(variable: str, values: np.ndarray) -> list[Group]:
    """The muons in each range; one without value is in none."""
    edges = RANGES[variable]
    return [
        Group(
            variable,
            f"{low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}",
            (values >= low) & (values < high),
        )
        for low, high in zip(edges[:-1], edges[1:], strict=True)
    ]


def groups_of(scores: ScoredEvents, muons: MuonsOfSplit) -> list[Group]:
    """All groups that have muons."""
    distance = distances(scores)
    bend = muons.charge * scores.muon_eta
    groups = [
        Group("all", "all muons", np.ones(len(distance), bool)),
        *ranges("pT [GeV]", scores.muon_pt),
        *ranges("abs(eta)", np.abs(scores.muon_eta)),
        *ranges("Delta R to the nearest muon", distance),
        Group("Delta R to the nearest muon", "no other muon", np.isnan(distance)),
        Group("charge times eta", "negative", bend < 0),
        Group("charge times eta", "positive", bend > 0),
        *(
            Group("station layers with 3 hits of the muon", str(n), muons.layers == n)
            for n in range(len(STATION_LAYERS) + 1)
        ),
    ]
    return [group for group in groups if group.muons.any()]


def compare(before: Network, after: Network, group: Group) -> dict[str, Any]:
    """The entry of a group in losses.json."""
    counts = [network.counts(group.muons) for network in (before, after)]
    totals = [dict(zip(COUNTS, rows.sum(axis=0).tolist(), strict=True)) for rows in counts]
    kept = [network.kept()[group.muons] for network in (before, after)]
    shares = paired_differences(*counts, SEED)
    return {
        "variable": group.variable,
        "title": group.title,
        "muons": int(group.muons.sum()),
        "signal_hits": totals[0]["signal"],
        "efficiency": [of["signal_kept"] / of["signal"] for of in totals],
        "difference": {key: shares[key] for key in ("efficiency", "muons_kept_share")},
        "lost_by_both": int((~kept[0] & ~kept[1]).sum()),
        "lost_before_only": int((~kept[0] & kept[1]).sum()),
        "lost_after_only": int((kept[0] & ~kept[1]).sum()),
    }


def muon_thresholds(scores: ScoredEvents, share: float, weights: np.ndarray) -> np.ndarray:
    """[replicas]: the largest score such that at least this share of the muons has it."""
    values = scores.muon_scores()
    order = np.argsort(values)
    below = np.cumsum(weights[:, scores.muon_event[order]], axis=1)
    allowed = (1 - share) * below[:, -1:] + 1e-9
    first = np.argmax(below > allowed, axis=1)  # the first muon that must not be lost
    return values[order][first]


def at_muon_share(network: Network, share: float) -> dict[str, dict[str, float]]:
    """What is kept at the threshold that keeps this share of the muons; each replica of the sample
    has its own threshold."""
    scores = network.scores
    weights = replica_weights(len(scores.number), SEED)
    thresholds = muon_thresholds(scores, share, weights)
    hits = np.flatnonzero(scores.score >= thresholds.min())
    hits = hits[np.argsort(-scores.score[hits])]
    score, event, signal = scores.score[hits], scores.event[hits], scores.muon[hits] >= 0
    signal_per_event = np.bincount(scores.event[scores.muon >= 0], minlength=len(scores.number))
    kept = np.searchsorted(-score, -thresholds, side="right")
    rows = []
    for weight, n in zip(weights, kept, strict=True):
        of_hits = weight[event[:n]]
        true, total = of_hits[signal[:n]].sum(), of_hits.sum()
        rows.append((true / total, true / (weight @ signal_per_event), total / weight.sum()))
    names = ("purity", "efficiency", "hits_kept_per_event")
    return {
        name: with_interval(column) for name, column in zip(names, np.array(rows).T, strict=True)
    }


def share_table(
    shares: dict[str, list[dict[str, dict[str, float]]]], names: tuple[str, str]
) -> str:
    """Markdown: both networks at the same shares of the muons."""
    head = ["muons kept", "network", "purity", "hit efficiency", "hits kept per event"]
    rows = [
        [
            share,
            name,
            interval(found["purity"], 3),
            interval(found["efficiency"], 4),
            interval(found["hits_kept_per_event"], 1),
        ]
        for share, of_networks in shares.items()
        for name, found in zip(names, of_networks, strict=True)
    ]
    return table([head, *rows])


def group_table(entries: list[dict[str, Any]], names: tuple[str, str]) -> str:
    """Markdown."""
    head = [
        "muons",
        "number",
        *(f"hit efficiency, {name}" for name in names),
        "difference",
        "lost by both",
        *(f"lost by {name} alone" for name in names),
        "difference of the share kept",
    ]
    rows = [
        [
            entry["title"]
            if entry["variable"] == "all"
            else f"{entry['variable']} {entry['title']}",
            f"{entry['muons']:,}",
            *(f"{value:.4f}" for value in entry["efficiency"]),
            change(entry["difference"]["efficiency"], 4),
            str(entry["lost_by_both"]),
            str(entry["lost_before_only"]),
            str(entry["lost_after_only"]),
            change(entry["difference"]["muons_kept_share"], 4),
        ]
        for entry in entries
    ]
    return table([head, *rows])


def whole_table(networks: tuple[Network, Network], names: tuple[str, str]) -> str:
    """Markdown: quantities of the whole sample."""
    head = ["network", *(heading for heading, _ in WHOLE.values())]
    rows = [
        [name, *(interval(network.metrics[key], digits) for key, (_, digits) in WHOLE.items())]
        for name, network in zip(names, networks, strict=True)
    ]
    return table([head, *rows])


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--split", type=Path, required=True, help="the split that was tested")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--names", nargs=2, help="of the networks; default: those of the folders")
    parser.add_argument("--working-point", type=float, default=0.99)
    return parser.parse_args()


def main() -> None:
    """Compares the networks group by group and writes the tables."""
    options = parse_arguments()
    before, after = (
        read_network(folder, options.working_point) for folder in (options.before, options.after)
    )
    if not np.array_equal(before.scores.number, after.scores.number):
        sys.exit(
            f"error: {options.after}: tested on other events than {options.before}; test both on "
            "one split"
        )
    names = tuple(options.names or (before.name, after.name))
    groups = groups_of(before.scores, read_muons(options.split, before.scores))
    entries = [compare(before, after, group) for group in groups]
    sample = (
        f"Toy simulation, {len(before.scores.number):,} test events, {processor()}; each network "
        f"keeps {options.working_point:g} of the signal hits. 68 % intervals: bootstrap over events"
    )
    shares = {
        f"{share:g}": [at_muon_share(network, share) for network in (before, after)]
        for share in MUON_SHARES
    }
    tables = (
        whole_table((before, after), names),
        "At the same share of the muons with at least 3 hits kept:\n",
        share_table(shares, names),
        group_table(entries, names),
    )
    text = f"{sample}.\n\n" + "\n".join(tables)
    options.output.mkdir(parents=True, exist_ok=True)
    write(options.output / "losses.md", text)
    content = {"networks": names, "working_point": options.working_point, "groups": entries}
    content["muon_shares"] = shares
    write(options.output / "losses.json", json.dumps(content, indent=1) + "\n")
    print(f"{text}\nwrote {options.output}/losses.md and losses.json")


if __name__ == "__main__":
    main()
