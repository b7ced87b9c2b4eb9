"""The boosted trees of bench/peers: their columns against loops and tables of all pairs, the
reading of materialized sets, and runs of the command."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, Run, set_options
from safetensors.numpy import load_file

PEERS = ROOT / "bench" / "peers"
sys.path.insert(0, str(PEERS))
import tree_features  # noqa: E402
from context_trees import Rows, StageOne, calibrate, main  # noqa: E402
from forms import slots  # noqa: E402
from materialized_set import Event, MaterializedSplit  # noqa: E402
from tree_features import CONTEXT_COLUMNS, TreeFeatures, pairs_in_phi  # noqa: E402
from working_points import Sample, hit_scores  # noqa: E402


@pytest.fixture(scope="module")
def peers_set(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny sample as a set of the recipe of bench/peers."""
    folder = tmp_path_factory.mktemp("peers") / "set"
    splits = {f"{split}_path": prepared / split for split in ("train", "val", "test")}
    recipe = PEERS / "sample.yaml"
    run("prepare", "--materialize", recipe, "-o", folder, *set_options(splits))
    return folder


@pytest.fixture(scope="module")
def event(peers_set: Path) -> Event:
    return next(MaterializedSplit(peers_set / "train").events())


@pytest.fixture(scope="module")
def inputs(peers_set: Path) -> TreeFeatures:
    return TreeFeatures(MaterializedSplit(peers_set / "train"))


def column(split: Path, event: Event, name: str) -> np.ndarray:
    return event.features[:, MaterializedSplit(split).features.index(name)]


def test_events_are_read_across_parts(peers_set: Path) -> None:
    split = MaterializedSplit(peers_set / "train")
    assert len(split.manifest["parts"]) > 1
    parts = [load_file(split.folder / entry["file"]) for entry in split.manifest["parts"]]
    sizes = np.concatenate([np.diff(part["event_nodes"]) for part in parts]).astype(int)
    features, labels, place = (
        np.concatenate([part[name] for part in parts]) for name in ("features", "labels", "slots")
    )
    first, last = len(parts[0]["event_number"]) - 2, split.n_events - 1
    begin = sizes[:first].sum()
    for size, event in zip(sizes[first:last], split.events(first, last), strict=True):
        rows = slice(begin, begin + size)
        np.testing.assert_array_equal(event.features, features[rows])
        np.testing.assert_array_equal(event.labels(), labels[rows] > 0)
        table, slot_of_node = slots(event)
        np.testing.assert_array_equal(slot_of_node % table.shape[1], place[rows])
        np.testing.assert_array_equal(table.ravel()[slot_of_node], np.arange(size))
        begin += size


def test_columns_of_a_node_are_those_of_loops(
    peers_set: Path, inputs: TreeFeatures, event: Event
) -> None:
    found = inputs.of_nodes(event)
    values = {name: column(peers_set / "train", event, name) for name in tree_features.NEEDED}
    group, own = event.groups(), event.features.shape[1]
    np.testing.assert_array_equal(found[:, :own], event.features)
    for node in range(0, len(group), 37):
        bucket = np.flatnonzero(group == group[node])
        expected = [
            len(bucket),
            *(values[name][bucket].mean() for name in tree_features.BUCKET_MEAN),
            *(values[name][bucket].min() for name in tree_features.BUCKET_RANGE),
            *(values[name][bucket].max() for name in tree_features.BUCKET_RANGE),
        ]
        for neighbor in event.neighbors[node, : tree_features.NEIGHBORS]:
            expected += [
                values[name][neighbor] - values[name][node] if neighbor >= 0 else np.nan
                for name in tree_features.DIFFERENCES
            ]
        np.testing.assert_allclose(found[node, own:], expected, rtol=1e-5, atol=1e-3)


def test_context_is_that_of_all_pairs(peers_set: Path, inputs: TreeFeatures, event: Event) -> None:
    random = np.random.default_rng(1)
    score = random.normal(2, 2, len(event.features))
    found = inputs.of_survivors(inputs.of_nodes(event), event.groups(), score)
    phi, theta, code = (
        column(peers_set / "train", event, name).astype(float)
        for name in ("phi", "theta", "stationIndex")
    )
    weight, layer = 1 / (1 + np.exp(3 - score)), tree_features.station_layer(code)
    turn = np.abs(phi[:, None] - phi)
    near, theta_distance = np.minimum(turn, 2 * np.pi - turn) < 0.12, np.abs(theta[:, None] - theta)
    other = near & (layer[:, None] != layer)
    columns = []
    for of_layer in (0, 1, 2):
        for limit in (0.02, 0.06, 0.15):
            seen = np.where(other & (layer == of_layer) & (theta_distance < limit), weight, 0)
            columns += [seen.sum(axis=1), seen.max(axis=1)]
    same = near & (layer[:, None] == layer)
    columns += [np.where(same & (theta_distance < d), weight, 0).sum(axis=1) for d in (0.01, 0.04)]
    assert len(columns) == CONTEXT_COLUMNS and np.any(np.stack(columns[:18]) > 0)
    np.testing.assert_allclose(found[:, -CONTEXT_COLUMNS:], np.stack(columns, 1), rtol=1e-5)
    in_bucket = np.bincount(event.groups(), weight)[event.groups()]
    np.testing.assert_allclose(found[:, -CONTEXT_COLUMNS - 1], in_bucket, rtol=1e-5)


def test_pairs_reach_across_pi() -> None:
    phi = np.array([3.1, 0.0, -3.1, 0.05, 1.0])
    node, other, first = pairs_in_phi(phi, 0.12)
    pairs = {(0, 0), (0, 2), (1, 1), (1, 3), (2, 0), (2, 2), (3, 1), (3, 3), (4, 4)}
    assert sorted(zip(node.tolist(), other.tolist(), strict=True)) == sorted(pairs)
    assert np.array_equal(node[first], np.arange(5))


def test_event_without_survivors_has_no_rows(inputs: TreeFeatures, event: Event) -> None:
    none = np.zeros(len(event.features), bool)
    nodes = inputs.of_nodes(event)
    rows = inputs.of_survivors(nodes[none], event.groups()[none], np.empty(0))
    assert rows.shape == (0, nodes.shape[1] + 2 + CONTEXT_COLUMNS)


def test_columns_are_found_by_name(peers_set: Path, event: Event, tmp_path: Path) -> None:
    order = np.random.default_rng(2).permutation(event.features.shape[1])
    manifest = json.loads((peers_set / "train/manifest.json").read_text())
    manifest["features"] = [manifest["features"][i] for i in order]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    other = Event(
        event.features[:, order], event.neighbors, event.offsets, event.hit, event.is_true
    )
    score = np.random.default_rng(3).normal(2, 2, len(event.features))
    rows = [
        inputs.of_survivors(inputs.of_nodes(e), e.groups(), score)
        for inputs, e in (
            (TreeFeatures(MaterializedSplit(peers_set / "train")), event),
            (TreeFeatures(MaterializedSplit(tmp_path)), other),
        )
    ]
    np.testing.assert_array_equal(rows[0][:, : len(order)][:, order], rows[1][:, : len(order)])
    np.testing.assert_array_equal(rows[0][:, len(order) :], rows[1][:, len(order) :])


def test_station_codes_are_those_of_the_library() -> None:
    source = (ROOT / "src/core/technology.cpp").read_text()
    stations = re.findall(r'\{(\d+), "(\w+)", (\w+), (?:true|false)\}', source)
    assert len(stations) > 30
    inner = [
        int(code) for code, name, layer in stations if layer in ("bi", "ei") or name[:2] == "EE"
    ]
    outer = [int(code) for code, _, layer in stations if layer in ("bo", "eo")]
    assert tuple(inner) == tree_features.INNER and tuple(outer) == tree_features.OUTER


def test_score_of_a_hit_is_the_largest_of_its_nodes() -> None:
    scores = hit_scores(np.array([1.0, 3.0, -np.inf, 2.0]), np.array([0, 2, 1, 0]), 4)
    assert scores.tolist() == [2.0, -np.inf, 3.0, -np.inf]


def test_working_point_above_what_is_left_keeps_all_rows() -> None:
    sample = Sample()
    for _ in range(20):
        sample.add(np.array([5.0, 4.0, 3.0, -np.inf]), np.array([True, False, True, True]))
    found = sample.measures([0.5, 0.9])
    assert found["0.5"].purity[0] == pytest.approx(2 / 3)
    assert found["0.9"].purity[0] == pytest.approx(0.75)
    assert Sample([np.zeros(3)], [np.zeros(3, bool)]).measures([0.9]) == {"0.9": None}


def test_background_is_thinned_and_the_signal_kept() -> None:
    rows = Rows(0.25, np.random.default_rng(4))
    label = np.arange(10000) % 10 == 0
    rows.add(np.arange(10000)[:, None], label)
    values, kept = rows.join("here")
    assert values[kept, 0].tolist() == np.flatnonzero(label).tolist()
    assert np.sum(~kept) == pytest.approx(0.25 * 9000, rel=0.1)
    rows.add(np.zeros((3, 1)), np.zeros(3, bool))
    with pytest.raises(SystemExit, match="here: 0 signal and . background nodes to train on"):
        rows.join("here")


class FixedScores(StageOne):
    """A stage 1 whose scores are the events themselves."""

    def score(self, event: Any) -> tuple[np.ndarray, np.ndarray]:
        return np.empty(0), event.features


class FixedSplit:
    folder = "set/train"

    def __init__(self, label: np.ndarray) -> None:
        self.label = label

    def events(self, first: int, last: int) -> list[Event]:
        score = np.arange(len(self.label), dtype=float)
        nodes = np.arange(len(self.label))
        return [Event(score, None, nodes, nodes, self.label)] * (last - first)


def test_cut_keeps_the_share_of_the_signal() -> None:
    options = Namespace(stage1_events=7, calibration_events=2, signal_share=0.9)
    label = np.arange(1000) >= 900
    threshold, survivors = calibrate(options, FixedSplit(label), FixedScores(None, None))
    assert threshold == 910 and survivors == 90
    with pytest.raises(SystemExit, match="2 calibration events of set/train: no signal; take more"):
        calibrate(options, FixedSplit(np.zeros(9, bool)), FixedScores(None, None))


def arguments(peers_set: Path, *more: object) -> list[str]:
    numbers = {"stage1": 15, "calibration": 5, "stage2": 15, "test": 10}
    options = [part for name, n in numbers.items() for part in (f"--{name}-events", n)]
    return [str(part) for part in (peers_set, *options, *more)]


def test_the_command_writes_the_table(peers_set: Path, tmp_path: Path) -> None:
    options = ("--trees", 10, "--working-points", 0.8, 0.9, "--output", tmp_path)
    command = [sys.executable, str(PEERS / "context_trees.py"), *arguments(peers_set, *options)]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=one_thread)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "context_trees.json").read_text())
    names = ["stage 1", "stage 2 without other stations", "stage 2 with other stations"]
    rows = [(row["model"], row["per"]) for row in found["results"]]
    assert rows == [(name, per) for name in names for per in ("node", "hit")]
    events = list(MaterializedSplit(peers_set / "test").events(0, 10))
    per_row = {
        "node": (sum(len(e.hit) for e in events), sum(e.labels().sum() for e in events)),
        "hit": (sum(len(e.is_true) for e in events), sum(e.is_true.sum() for e in events)),
    }
    for row in found["results"]:
        assert list(row["working_points"]) == ["0.8", "0.9"]
        for point, measure in row["working_points"].items():
            assert (measure["hits"], measure["true_hits"]) == per_row[row["per"]]
            assert measure["efficiency"] >= float(point)
            low, value, high = (measure["purity"][i] for i in (1, 0, 2))
            assert 0.5 * low <= value <= 2 * high and value <= 1
            shown = "{:.3f} [{:.3f}, {:.3f}]".format(*measure["purity"])
            assert f"| {shown} |" in done.stdout
    assert found["origin"] == "Toy simulation" and "Toy simulation; 15 + 5 + 15" in done.stdout
    assert found["kept_by_stage_1"]["nodes"] <= 1
    assert found["settings"]["trees"] == 10 and found["settings"]["seed"] == 0


def without_directions(manifest: dict[str, Any]) -> None:
    names = [f"other_{name}" if name in ("phi", "theta") else name for name in manifest["features"]]
    manifest["features"] = names


@pytest.mark.parametrize(
    ("split", "change", "message"),
    [
        ("train", without_directions, "the set lacks the features theta, phi; add them to"),
        ("train", lambda m: m["graph"].update(k=4), "graph.k is 4, but the trees take the nearest"),
        (
            "train",
            lambda m: m["graph"].update(edges="fully_connected"),
            "the groups are fully connected, but the trees take the nearest 8 neighbors",
        ),
        ("test", lambda m: m["features"].reverse(), "materialize both with one run file"),
        ("test", lambda m: m.update(kind="prepared split"), "describes a prepared split, not a"),
    ],
)
def test_a_set_that_does_not_fit_is_named(
    peers_set: Path, tmp_path: Path, split: str, change: Any, message: str
) -> None:
    shutil.copytree(peers_set, tmp_path / "set")
    path = tmp_path / "set" / split / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(SystemExit) as stopped:
        main(arguments(tmp_path / "set"))
    assert message in str(stopped.value)
    assert f"error: {tmp_path}/set/{split}" in str(stopped.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--stage2-events", 1300),
            "15 (--stage1-events) + 5 (--calibration-events) + 1300 (--stage2-events) are asked",
        ),
        (("--test-events", 9000), "9000 (--test-events) are asked for; lower the numbers or"),
    ],
)
def test_too_few_events_are_named(
    peers_set: Path, options: tuple[object, ...], message: str
) -> None:
    with pytest.raises(SystemExit, match=re.escape(message)):
        main(arguments(peers_set, *options))


def test_a_folder_without_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f"{tmp_path}/train/manifest.json: no such file; give the"):
        main(arguments(tmp_path))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--working-points", "1"),
        ("--working-points", "much"),
        ("--background-share", "0"),
        ("--stage1-events", "0"),
        ("--trees", "1.5"),
    ],
)
def test_wrong_options_are_named(
    option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments(tmp_path, option, value))
    assert f"argument {option}: {value}: expected a" in capsys.readouterr().err
