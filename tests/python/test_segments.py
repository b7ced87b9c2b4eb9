"""Station layers, segments and hit pairs of a test run by other eyes: NumPy on the shards of the
test split and the scores of scores.root gives what metrics.json and working_points.csv say."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import uproot
from conftest import ROOT, Run

sys.path.insert(0, str(ROOT / "tools"))
from campaigns.recomputed_inputs import LAYER_OF, LAYERS, sectors  # noqa: E402
from campaigns.recomputed_numbers import different_pairs  # noqa: E402

TOLERANCE = 1e-9
COLUMNS = [
    "truthLink",
    "technology",
    "stationIndex",
    "stationEta",
    "stationPhi",
    "layer",
    "measEta",
    "measPhi",
]


def hit_columns(row) -> dict[str, np.ndarray]:
    return {name: np.asarray(row[f"spacePoint_{name}"]).astype(int) for name in COLUMNS}


class Event:
    """Columns of a shard and the scores of one event."""

    def __init__(
        self,
        columns: dict[str, np.ndarray],
        buckets: list[np.ndarray],
        score: np.ndarray,
        eta: np.ndarray,
        phi: np.ndarray,
        charge: np.ndarray,
    ) -> None:
        self.score, self.eta, self.phi, self.charge = score, eta, phi, charge
        self.muons = len(eta)
        self.pairs = different_pairs(columns, buckets)
        self.link = columns["truthLink"]
        stations = columns["stationIndex"]
        self.layer = np.array([LAYER_OF[int(station)] for station in stations], dtype=object)
        self.station = np.array(
            [
                f"{layer} {sector} {eta < 0}"
                for layer, sector, eta in zip(
                    self.layer, sectors(columns), columns["stationEta"], strict=True
                )
            ],
            dtype=object,
        )

    def distance(self, muon: int) -> float:
        """Delta R to the nearest other muon, NaN if there is none."""
        others = np.arange(self.muons) != muon
        phi = np.abs(self.phi[others] - self.phi[muon])
        phi = np.minimum(phi, 2 * np.pi - phi)
        eta = self.eta[others] - self.eta[muon]
        return float(np.min(np.sqrt(eta**2 + phi**2), initial=np.inf)) if others.any() else np.nan

    def groups(self, place: np.ndarray, muon: int) -> list[np.ndarray]:
        """Scores of the hits of a muon in every place where it has at least three."""
        of_muon = self.link == muon
        scores = [self.score[of_muon & (place == p)] for p in set(place[of_muon])]
        return [score for score in scores if len(score) >= 3]


@pytest.fixture(scope="module")
def events(trained_run: Path, prepared: Path) -> list[Event]:
    with uproot.open(trained_run / "test" / "scores.root") as file:
        scored = file["scores"].arrays(library="np")
    result: list[Event] = []
    for shard in json.loads((prepared / "test" / "manifest.json").read_text())["shards"]:
        table = uproot.open(prepared / "test" / shard["file"])["events"].arrays()
        for row in table:
            entry = len(result)
            assert row["eventNumber"] == scored["event_number"][entry]
            columns = hit_columns(row)
            ends = np.cumsum(np.asarray(row["bucket_nSpacePoints"]).astype(int))
            buckets = np.split(np.asarray(row["bucket_spacePoints"]).astype(int), ends[:-1])
            assert np.array_equal(columns["truthLink"], scored["truth_link"][entry])
            muons = [np.asarray(row[f"truthMuon_{name}"]) for name in ("eta", "phi", "q")]
            result.append(Event(columns, buckets, np.asarray(scored["score"][entry]), *muons))
    return result


@pytest.fixture(scope="module")
def metrics(trained_run: Path) -> dict:
    return json.loads((trained_run / "test" / "metrics.json").read_text())


def all_points(metrics: dict) -> list[dict]:
    return metrics["working_points"] + metrics["validation_thresholds"]


def expect_share(point: dict, key: str, kept: int, total: int) -> None:
    assert total > 0
    assert point[key]["value"] == pytest.approx(kept / total, abs=TOLERANCE)
    assert point[key]["low"] <= point[key]["value"] <= point[key]["high"]


def test_muons_in_two_station_layers(events: list[Event], metrics: dict) -> None:
    for point in all_points(metrics):
        threshold = np.float32(point["threshold"])
        kept = total = 0
        for event in events:
            for muon in range(event.muons):
                layers = event.groups(event.layer, muon)
                if len(layers) < 2:
                    continue
                total += 1
                kept += sum(int(np.sum(score > threshold)) >= 3 for score in layers) >= 2
        assert (point["two_layer_muons_kept"], point["two_layer_muons"]) == (kept, total)
        expect_share(point, "two_layer_muons_kept_share", kept, total)


def test_segments(events: list[Event], metrics: dict) -> None:
    segments = [
        score
        for event in events
        for muon in range(event.muons)
        for score in event.groups(event.station, muon)
    ]
    for point in all_points(metrics):
        kept = [int(np.sum(score > np.float32(point["threshold"]))) for score in segments]
        sizes = [len(score) for score in segments]
        whole = sum(k == n for k, n in zip(kept, sizes, strict=True))
        usable = sum(k >= 3 and k >= 0.8 * n for k, n in zip(kept, sizes, strict=True))
        assert point["segments"] == len(segments)
        assert (point["whole_segments"], point["usable_segments"]) == (whole, usable)
        expect_share(point, "whole_segments_share", whole, len(segments))
        expect_share(point, "usable_segments_share", usable, len(segments))


def pairs_kept(event: Event, threshold: np.float32) -> int:
    return int(np.sum(np.all(event.score[event.pairs] > threshold, axis=1)))


def test_hit_pairs(events: list[Event], metrics: dict) -> None:
    before = [len(event.pairs) for event in events]
    assert sum(before) > 0
    assert metrics["hit_pairs_per_event"]["value"] == pytest.approx(np.mean(before), TOLERANCE)
    assert metrics["hit_pairs_per_event_p95"]["value"] == np.quantile(
        before, 0.95, method="inverted_cdf"
    )
    for point in all_points(metrics):
        kept = [pairs_kept(event, np.float32(point["threshold"])) for event in events]
        mean = point["hit_pairs_kept_per_event"]
        assert mean["value"] == pytest.approx(np.mean(kept), TOLERANCE)
        assert mean["low"] <= mean["value"] <= mean["high"]
        assert point["hit_pairs_kept_per_event_p95"]["value"] == np.quantile(
            kept, 0.95, method="inverted_cdf"
        )
        assert point["hit_pairs_reduction"]["value"] == pytest.approx(
            sum(before) / sum(kept), TOLERANCE
        )


def test_station_layers(events: list[Event], trained_run: Path, metrics: dict) -> None:
    layer = np.concatenate([event.layer for event in events])
    label = np.concatenate([event.link for event in events]) >= 0
    score = np.concatenate([event.score for event in events])
    for point in all_points(metrics):
        assert [row["station_layer"] for row in point["station_layers"]] == list(LAYERS)
        for row in point["station_layers"]:
            kept = (score > np.float32(point["threshold"])) & (layer == row["station_layer"])
            assert row["true_positives"] == np.sum(kept & label)
            assert row["false_positives"] == np.sum(kept & ~label)
            assert row["hits_kept_per_event"]["value"] == pytest.approx(
                np.sum(kept) / len(events), TOLERANCE
            )
    assert metrics["station_layers"] == metrics["working_points"][1]["station_layers"]
    with (trained_run / "test" / "station_layers.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * len(LAYERS)


def expect_bins(path: Path, series: str, values: np.ndarray, passed: np.ndarray) -> None:
    """The bins of a series hold these entries, and the share of them that `passed`."""
    with path.open() as file:
        rows = [row for row in csv.DictReader(file) if row["series"] == series]
    assert rows
    for row in rows:
        inside = (values >= float(row["x_low"])) & (values < float(row["x_high"]))
        assert np.sum(inside) == float(row["n"]) > 0
        assert np.mean(passed[inside]) == pytest.approx(float(row["y"]), abs=1e-9)
        assert float(row["y_low"]) <= float(row["y"]) <= float(row["y_high"])
    assert sum(float(row["n"]) for row in rows) == np.sum(~np.isnan(values))


def test_figures_against_charge_and_distance(
    events: list[Event], trained_run: Path, metrics: dict
) -> None:
    threshold = np.float32(metrics["reference_threshold"])
    plots = trained_run / "plots"
    muons = [(event, muon) for event in events for muon in range(event.muons)]
    variables = {
        "charge_eta": np.array([event.charge[muon] * event.eta[muon] for event, muon in muons]),
        "distance": np.array([event.distance(muon) for event, muon in muons]),
    }
    kept = np.array([np.sum(event.score[event.link == muon] > threshold) for event, muon in muons])
    segments = [event.groups(event.station, muon) for event, muon in muons]
    whole = np.array([np.all(score > threshold) for group in segments for score in group])
    for name, values in variables.items():
        expect_bins(plots / f"muon_loss_{name}.csv", "3 hits", values, kept < 3)
        of_segments = np.repeat(values, [len(group) for group in segments])
        expect_bins(plots / f"segment_loss_{name}.csv", "Not whole", of_segments, ~whole)


def test_infer_counts_hit_pairs(
    run: Run, random_model: Path, toy_file: Path, tmp_path: Path
) -> None:
    cut = 0.0
    options = ["-o", tmp_path / "scored.root", "--cut", cut]
    printed = run("infer", random_model, toy_file, *options).stdout
    with uproot.open(tmp_path / "scored.root") as file:
        table = file["MuonHitDump"].arrays()
    before = kept = 0
    for row in table:
        buckets = [np.asarray(bucket).astype(int) for bucket in row["bucket_spacePoints"]]
        pairs = different_pairs(hit_columns(row), buckets)
        before += len(pairs)
        kept += int(np.sum(np.all(np.asarray(row["spacePoint_score"])[pairs] > cut, axis=1)))
    assert 0 < kept < before
    assert (
        f"hit pairs per event: {before / len(table):.1f}, of the hits above the cut: "
        f"{kept / len(table):.1f}\n" in printed
    )


def test_csv_repeats_the_json(trained_run: Path, metrics: dict) -> None:
    with (trained_run / "test" / "working_points.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row, point in zip(rows, all_points(metrics), strict=True):
        for key in ("two_layer_muons", "segments", "whole_segments", "usable_segments"):
            assert int(row[key]) == point[key]
        assert float(row["whole_segments_share"]) == point["whole_segments_share"]["value"]
        assert int(row["events"]) == metrics["events"]


def test_report_and_terminal_show_them(run: Run, trained_run: Path) -> None:
    page = (trained_run / "report.html").read_text()
    assert "<th>Segments with all hits kept</th>" in page
    printed = run("test", "-c", trained_run / "config.yaml").stdout
    assert "whole segments" in printed and "in >= 2 layers" in printed


def test_set_of_an_earlier_format_leaves_them_out(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "tests/data/formats/v0.1", tmp_path / "old"))
    sets = [
        option
        for split in ("train", "val", "test")
        for option in ("--set", f"{split}_path=materialised/{split}")
    ]
    sets += ["--set", "normalization_stats=materialised/normalization.yaml"]
    done = run("test", "-c", "edgeconv/config.yaml", *sets, cwd=folder)
    assert "materialised/test: this materialized set of an earlier version" in done.stderr
    assert "`stationhit prepare --materialize` into its folder" in done.stderr
    point = json.loads((folder / "edgeconv/test/metrics.json").read_text())["working_points"][0]
    assert point["whole_segments_share"]["value"] is None and point["segments"] == 0
    assert point["muons"] > 0

    done = run("prepare", "--materialize", "edgeconv/config.yaml", "-o", "materialised", cwd=folder)
    assert "is of an earlier format and is made again" in done.stderr
    done = run("test", "-c", "edgeconv/config.yaml", *sets, cwd=folder)
    assert "earlier version" not in done.stderr
    point = json.loads((folder / "edgeconv/test/metrics.json").read_text())["working_points"][0]
    assert point["segments"] > 0
