"""Features, graphs, metrics and splits of the Python package against what the program computes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot
from conftest import Run, small_run
from safetensors.numpy import load_file
from sklearn.metrics import roc_auc_score

NAMES = ["localX", "localY", "localZ", "driftR"]


@pytest.fixture(scope="module")
def events(stationhit_package: ModuleType, prepared: Path) -> ak.Array:
    return stationhit_package.read_split(prepared, "test")


@pytest.fixture(scope="module")
def materialized(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set with the features NAMES and 6 neighbors."""
    folder = tmp_path_factory.mktemp("python_data")
    config = small_run(run, prepared, folder, "epochs: 1")
    run("prepare", "--materialize", config, "-o", folder / "set")
    return folder / "set"


# Splits


def test_a_split_is_read_as_it_was_prepared(
    stationhit_package: ModuleType, prepared: Path, toy_file: Path, events: ak.Array
) -> None:
    manifest = json.loads((prepared / "test" / "manifest.json").read_text())
    assert len(events) == manifest["counts"]["events"]
    assert ak.sum(ak.num(events.spacePoint_time)) == manifest["counts"]["hits"]
    with uproot.open(toy_file) as file:
        ntuple = file["MuonHitDump"].arrays()
    where = {number: i for i, number in enumerate(ntuple.eventNumber.tolist())}
    for event in events:
        original = ntuple[where[event.eventNumber]]
        assert event.spacePoint_PositionY.tolist() == original.spacePoint_PositionY.tolist()
        assert event.bucket_spacePoints.tolist() == original.bucket_spacePoints.tolist()
    train = stationhit_package.read_split(prepared / "train")
    shards = list(stationhit_package.iterate_split(prepared, "train"))
    assert len(shards) > 1 and sum(map(len, shards)) == len(train)
    some = ["spacePoint_time", "bucket_spacePoints"]
    few = stationhit_package.read_split(prepared, "test", some, verify=False)
    assert few.fields == some
    assert ak.array_equal(few.bucket_spacePoints, events.bucket_spacePoints)


def test_damaged_splits_are_named(
    stationhit_package: ModuleType, prepared: Path, tmp_path: Path
) -> None:
    read, data_error = stationhit_package.read_split, stationhit_package.DataError
    with pytest.raises(data_error, match="describes a prepared set, not a prepared split"):
        read(prepared)
    with pytest.raises(data_error, match="missing/manifest.json: no such file"):
        read(prepared, "missing")
    with pytest.raises(stationhit_package.UsageError, match="has no column 'spacePoint_x'"):
        read(prepared, "test", ["spacePoint_x"])
    split = tmp_path / "test"
    shutil.copytree(prepared / "test", split)
    path = split / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["shards"][0]["columns"]["spacePoint_time"] = "0" * 16
    path.write_text(json.dumps(manifest))
    with pytest.raises(data_error, match=r"shard_000000.root: .*columns spacePoint_time\)"):
        read(split)
    assert len(read(split, verify=False)) == manifest["counts"]["events"]
    manifest["counts"]["hits"] += 1
    path.write_text(json.dumps(manifest))
    with pytest.raises(data_error, match="counts of the split are not the sum"):
        read(split)
    shutil.copy(prepared / "test" / "manifest.json", path)
    shard = split / "shard_000000.root"
    content = shard.read_bytes()
    shard.write_bytes(content[: len(content) // 2])
    with pytest.raises(data_error, match="shard_000000.root: .*makes missing and damaged shards"):
        read(split)
    shard.unlink()
    with pytest.raises(data_error, match="shard_000000.root: .*lists this shard"):
        read(split)


def test_a_materialized_split(
    stationhit_package: ModuleType, materialized: Path, tmp_path: Path
) -> None:
    parts = stationhit_package.read_materialized(materialized, "train")
    manifest = json.loads((materialized / "train" / "manifest.json").read_text())
    assert len(parts) == len(manifest["parts"]) > 1
    for part, entry in zip(parts, manifest["parts"], strict=True):
        expected = load_file(materialized / "train" / entry["file"])
        assert part.keys() == expected.keys()
        for name, values in expected.items():
            assert part[name].dtype == values.dtype and np.array_equal(part[name], values)
    assert not parts[0]["features"].flags.writeable
    split = tmp_path / "train"
    shutil.copytree(materialized / "train", split)
    first, second = (split / entry["file"] for entry in manifest["parts"][:2])
    content = bytearray(first.read_bytes())
    content[-9] ^= 1
    first.write_bytes(content)
    data_error = stationhit_package.DataError
    with pytest.raises(data_error, match=first.name):
        stationhit_package.read_materialized(split)
    assert len(stationhit_package.read_materialized(split, verify=False)) == len(parts)
    shutil.copy(second, first)
    with pytest.raises(data_error, match="but the manifest says"):
        stationhit_package.read_materialized(split)
    first.unlink()
    with pytest.raises(data_error, match=first.name):
        stationhit_package.read_materialized(split)


# Features and graphs


def test_inputs_are_those_of_the_program(
    stationhit_package: ModuleType, materialized: Path, events: ak.Array
) -> None:
    features = stationhit_package.features

    parts = stationhit_package.read_materialized(materialized, "test")
    places = [(part, i) for part in parts for i in range(len(part["event_number"]))]
    for (part, i), event in zip(places, events, strict=True):
        columns = stationhit_package.event_columns(event)
        made = features.compute(columns, NAMES, edge_index=True, k=6)
        nodes = slice(*part["event_nodes"][i : i + 2])
        assert np.array_equal(made.values, part["features"][nodes])
        assert np.array_equal(made.graph.neighbors, part["neighbours"][nodes])
        assert np.array_equal(made.graph.hit, part["hit"][nodes])
        first, last = part["event_groups"][i : i + 2]
        assert np.array_equal(made.graph.offsets, part["offsets"][first + i : last + i + 1])
        source, destination = np.meshgrid(np.arange(6), np.arange(len(made.graph.hit)))
        edges = np.stack([made.graph.neighbors[destination, source], destination], axis=0)
        assert np.array_equal(made.graph.edge_index, edges.reshape(2, -1)[:, edges[0].ravel() >= 0])


def test_graphs_of_all_kinds(stationhit_package: ModuleType, events: ak.Array) -> None:
    graphs = stationhit_package.graphs

    columns = stationhit_package.event_columns(events[0])
    full = graphs.build(columns, edges="fully_connected", edge_index=True)
    assert full.neighbors is None
    sizes = np.diff(full.offsets.astype(np.int64))
    assert full.edge_index.shape == (2, np.sum(sizes * (sizes - 1)))
    group = np.repeat(np.arange(len(sizes)), sizes)
    assert np.array_equal(group[full.edge_index[0]], group[full.edge_index[1]])
    near = graphs.build(columns, edges="radius", radius=5.0, k=4)
    assert near.neighbors.shape == (len(near.hit), 4) and near.edge_index is None
    whole = graphs.build(columns, grouping="event")
    assert len(whole.offsets) == 2 and len(whole.hit) == len(columns["spacePoint_time"])
    assert graphs.default_settings()["k"] == 16
    empty = {name: np.zeros(0, kind) for name, kind in stationhit_package.columns.items()}
    assert graphs.build(empty, edge_index=True).edge_index.shape == (2, 0)
    wrong = {**columns, "spacePoint_PositionY": columns["spacePoint_PositionY"].copy()}
    wrong["spacePoint_PositionY"][3] = np.nan
    assert 3 not in graphs.build(wrong).hit


def test_wrong_settings_of_inputs_are_named(
    stationhit_package: ModuleType, events: ak.Array
) -> None:
    features, graphs = stationhit_package.features, stationhit_package.graphs

    columns = stationhit_package.event_columns(events[0])
    config_error = stationhit_package.ConfigError
    with pytest.raises(TypeError, match="graph.neighbours is no setting; there are grouping"):
        graphs.build(columns, neighbours=3)
    with pytest.raises(config_error, match="graph.k: expected an integer in 1..1024"):
        graphs.build(columns, k=0)
    with pytest.raises(config_error, match="graph.edges: expected one of knn"):
        graphs.build(columns, edges="near")
    with pytest.raises(config_error, match=r'"localQ" \(did you mean'):
        features.compute(columns, ["localQ"])
    with pytest.raises(TypeError, match="at least one feature"):
        features.compute(columns, [])
    with pytest.raises(TypeError, match="at least one feature"):
        features.compute(columns, "localX")
    less = {name: values for name, values in columns.items() if name != "spacePoint_covYY"}
    with pytest.raises(stationhit_package.DataError, match="covYY.* or leave the feature out"):
        features.compute(less, ["covY"])
    with pytest.raises(TypeError, match="spacePoint_covYY has the dtype float64"):
        features.compute({**less, "spacePoint_covYY": np.zeros(3)}, ["covY"])
    known = {feature.name: feature for feature in features.known()}
    assert known["covY"].unit == "mm^2" and known["covY"].meaning


# Metrics


def test_an_evaluation_gives_the_numbers_of_the_program(
    stationhit_package: ModuleType, trained_run: Path, events: ak.Array
) -> None:
    metrics = stationhit_package.metrics

    expected = json.loads((trained_run / "test" / "metrics.json").read_text())
    with uproot.open(trained_run / "test" / "scores.root") as file:
        scores = file["scores"].arrays()
    assert scores.event_number.tolist() == events.eventNumber.tolist()
    validation = [point["threshold"] for point in expected["validation_thresholds"]]
    names = {entry["mc_channel_number"]: entry["process"] for entry in expected["processes"]}
    made = metrics.evaluate(scores.score, events, validation_thresholds=validation, processes=names)
    del expected["per_node"]
    assert made == expected
    # Other choices are used.
    other = metrics.evaluate(scores.score, events, working_points=[0.5], replicas=50, seed=1)
    assert [point["working_point"] for point in other["working_points"]] == [0.5]
    assert other["auc"]["value"] == expected["auc"]["value"]
    assert other["auc"]["low"] != expected["auc"]["low"]


def test_ranked_scores_and_intervals(
    stationhit_package: ModuleType, trained_run: Path, events: ak.Array
) -> None:
    metrics = stationhit_package.metrics

    expected = json.loads((trained_run / "test" / "metrics.json").read_text())
    with uproot.open(trained_run / "test" / "scores.root") as file:
        arrays = file["scores"].arrays(["score", "truth_link"])
    scores = ak.to_numpy(ak.flatten(arrays.score))
    signal = ak.to_numpy(ak.flatten(arrays.truth_link)) >= 0
    ranked = metrics.RankedScores(scores, signal)
    assert ranked.auc() == expected["auc"]["value"]
    assert ranked.auc() == pytest.approx(roc_auc_score(signal, scores), abs=1e-12)
    for point in expected["working_points"]:
        threshold = ranked.threshold(point["working_point"])
        assert threshold == pytest.approx(point["threshold"], abs=1e-6)
        counts = ranked.counts_at(threshold)
        assert (
            counts.true_positives == point["true_positives"] == np.sum(scores[signal] > threshold)
        )
        assert counts.false_positives == np.sum(scores[~signal] > threshold)
        assert counts.purity == point["purity"]["value"]
        assert counts.rejection == point["rejection"]["value"]
        assert counts.efficiency >= point["working_point"]
        muons = metrics.clopper_pearson(point["muons_kept"], point["muons"])
        assert muons == (point["muons_kept_share"]["low"], point["muons_kept_share"]["high"])
    curve = ranked.operating_points(100)
    assert np.all(np.diff(curve["threshold"]) < 0)
    assert curve["true_positives"][-1] == signal.sum()
    assert metrics.clopper_pearson(0, 0) == (0, 1)


def test_wrong_calls_of_metrics_are_named(stationhit_package: ModuleType, events: Any) -> None:
    metrics = stationhit_package.metrics

    data_error, config_error = stationhit_package.DataError, stationhit_package.ConfigError
    zeros, labels = np.zeros(3, np.float32), np.array([True, False, True])
    with pytest.raises(ValueError, match="is_signal has 2 values, but there are 3 scores"):
        metrics.RankedScores(zeros, labels[:2])
    with pytest.raises(TypeError, match="scores has the dtype float64"):
        metrics.RankedScores(np.zeros(3), labels)
    with pytest.raises(data_error, match="score of hit 1 is nan"):
        metrics.RankedScores(np.array([0, np.nan, 0], np.float32), labels)
    with pytest.raises(data_error):
        metrics.RankedScores(zeros, ~labels & labels).auc()
    with pytest.raises(config_error):
        metrics.RankedScores(zeros, labels).threshold(1.5)
    with pytest.raises(ValueError, match="passed is 3, more than total, 2"):
        metrics.clopper_pearson(3, 2)
    with pytest.raises(ValueError, match="level is 1"):
        metrics.clopper_pearson(1, 2, 1.0)
    scores = ak.zeros_like(events.spacePoint_time)
    with pytest.raises(ValueError, match="no .*spacePoint_truthLink"):
        metrics.evaluate(scores, events[["eventNumber"]])
    with pytest.raises(ValueError, match="scores has .* events, but spacePoint_truthLink"):
        metrics.evaluate(scores[1:], events)
    with pytest.raises(config_error, match="working_points"):
        metrics.evaluate(scores, events, working_points=[1.5])
    with pytest.raises(config_error):
        metrics.evaluate(scores, events, validation_thresholds=[1.0])
    wrong = ak.with_field(events, events.spacePoint_truthLink + np.int8(50), "spacePoint_truthLink")
    with pytest.raises(data_error, match="truthLink"):
        metrics.evaluate(scores, wrong)
