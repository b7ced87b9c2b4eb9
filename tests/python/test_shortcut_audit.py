"""The shortcut audit: its measures against scikit-learn, its counting features and regions against
the definitions, and a run of the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from sklearn.metrics import precision_score, roc_auc_score

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "bench/audit/shortcut_audit.py"
sys.path.insert(0, str(SCRIPT.parent))
from columns import audit_column  # noqa: E402
from measures import measure  # noqa: E402
from sample import (  # noqa: E402
    COUNTING,
    OTHER_STATIONS,
    concatenate,
    hits_of_other_stations,
    stream,
    training_sample,
)


def toy_scores(ties: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    label = random.random(20000) < 0.05
    score = random.normal(size=20000) + 3 * label
    return (
        (np.round(score) if ties else score).astype(np.float32),
        label,
        random.integers(0, 40, 20000),
    )


@pytest.mark.parametrize("ties", [False, True])
def test_measures_are_those_of_scikit_learn(ties: bool) -> None:
    score, label, event = toy_scores(ties)
    found = measure(score, label, event, 0.99)
    assert found
    threshold = np.sort(score[label])[::-1][int(np.ceil(0.99 * label.sum())) - 1]
    kept = score >= threshold
    assert found.efficiency == kept[label].mean() >= 0.99
    assert found.purity[0] == pytest.approx(precision_score(label, kept))
    assert found.rejection[0] == pytest.approx((~label).sum() / (kept & ~label).sum())
    assert found.auc[0] == pytest.approx(roc_auc_score(label, score))
    for value, low, high in (found.purity, found.rejection, found.auc):
        assert low <= value <= high and high - low < 0.5 * value


def test_a_class_that_is_missing_has_no_measure() -> None:
    assert measure(np.zeros(3), np.zeros(3, dtype=bool), np.zeros(3, dtype=int), 0.99) is None


def test_column_audit_finds_values_and_ranges_of_one_class() -> None:
    random = np.random.default_rng(1)
    label = random.random(50000) < 0.02
    column = random.normal(size=50000).astype(np.float32)
    clean = audit_column("all", "clean", column, label)
    assert not clean.only_true and abs(clean.auc - 0.5) < 0.1
    column[np.flatnonzero(label)[:40]] = 0.25
    column[np.flatnonzero(~label)[:3000]] = 9
    spoiled = audit_column("all", "spoiled", column, label)
    assert [(r.low, r.true) for r in spoiled.only_true if r.low == r.high] == [(0.25, 40)]
    assert any(r.low == r.high == 9 and r.background == 3000 for r in spoiled.only_background)
    flag = audit_column("all", "flag", label.astype(np.float32), label)
    assert flag.auc == 1 and len(flag.only_true) == len(flag.only_background) == 1


def counting_by_loops(events: ak.Array) -> np.ndarray:
    """The definitions of docs/features.md, hit by hit."""
    rows = []
    for event in events:
        x, y = (np.asarray(event[f"spacePoint_Position{axis}"]) for axis in "XY")
        best = np.zeros((len(x), len(COUNTING)), dtype=np.float32)
        end = 0
        for n, low, high in zip(
            event["bucket_nSpacePoints"], event["bucket_xMin"], event["bucket_xMax"], strict=True
        ):
            hits = np.asarray(event["bucket_spacePoints"][end : end + n])
            end += n
            for hit in hits:
                near = (
                    np.sum((x[hits] - x[hit]) ** 2 + (y[hits] - y[hit]) ** 2 < np.float32(500) ** 2)
                    - 1
                )
                density = np.float32(n / max(high - low, 10.0))
                best[hit] = np.maximum(best[hit], [near, density, near / density, n])
        rows.append(best)
    return np.concatenate(rows)


def test_counting_features_are_those_of_the_definitions(prepared: Path) -> None:
    manifest = json.loads((prepared / "val/manifest.json").read_text())
    events = ak.concatenate(
        [
            uproot.open(prepared / "val" / shard["file"])["events"].arrays()
            for shard in manifest["shards"]
        ]
    )
    hits = concatenate(list(stream(prepared / "val")))
    np.testing.assert_allclose(hits.columns(list(COUNTING)), counting_by_loops(events), rtol=1e-4)
    assert hits.label.sum() == manifest["counts"]["true_hits"]
    assert hits.event.max() + 1 == manifest["counts"]["events"]


def test_hits_of_other_stations_are_those_of_all_pairs() -> None:
    random = np.random.default_rng(2)
    offsets = np.array([0, 300, 300, 500])
    phi, theta = random.uniform(-np.pi, np.pi, 500), random.uniform(0, 3.1, 500)
    theta[::5], phi[::7] = 1.0, np.pi - 0.01
    station = random.choice([0, 2, 4], 500)  # BIL, BML, BOL: inner, middle, outer
    found = hits_of_other_stations(phi, theta, station, offsets)
    assert found.shape == (500, len(OTHER_STATIONS)) and np.nanmax(found) > 5
    for i in range(500):
        event = np.arange(300) if i < 300 else np.arange(300, 500)
        turn = np.abs(phi[event] - phi[i])
        near = np.minimum(turn, 2 * np.pi - turn) < 0.12
        expected = [
            np.nan
            if station[i] == layer
            else np.sum(near & (station[event] == layer) & (np.abs(theta[event] - theta[i]) < cone))
            for layer in (0, 2, 4)
            for cone in (0.02, 0.06, 0.15)
        ]
        np.testing.assert_array_equal(found[i], expected)


def test_other_stations_are_columns_of_their_own(prepared: Path) -> None:
    own = concatenate(list(stream(prepared / "val")))
    hits = concatenate(list(stream(prepared / "val", other_stations=True)))
    assert hits.names == own.names + list(OTHER_STATIONS)
    np.testing.assert_array_equal(hits.columns(own.names), own.values)
    context = hits.columns(list(OTHER_STATIONS)).reshape(len(hits), 3, 3)
    assert np.array_equal(np.isnan(context).all(axis=2).sum(axis=1), np.ones(len(hits)))
    assert np.all((context[:, :, 0] <= context[:, :, 2]) | np.isnan(context[:, :, 0]))


def test_training_sample_has_all_signal_and_a_share_of_the_background(prepared: Path) -> None:
    every = concatenate(list(stream(prepared / "val")))
    part = training_sample(prepared / "val", 2000, seed=3)
    np.testing.assert_array_equal(part.select(part.label).values, every.select(every.label).values)
    background = len(part) - part.label.sum()
    assert background == pytest.approx(2000, rel=0.1) and len(every) > 1.5 * len(part)


def audit(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write_scores(path: Path, split: Path, shift: int = 0) -> None:
    """A scores.root whose scores are the labels: a classifier that knows the truth."""
    manifest = json.loads((split / "manifest.json").read_text())
    events = ak.concatenate(
        [uproot.open(split / shard["file"])["events"].arrays() for shard in manifest["shards"]]
    )
    link = events["spacePoint_truthLink"]
    with uproot.recreate(path) as file:
        file["scores"] = {
            "event_number": np.asarray(events["eventNumber"]) + shift,
            "score": ak.values_astype(link >= 0, np.float32),
            "truth_link": link,
            "technology": events["spacePoint_technology"],
        }


def test_the_command_writes_tables_and_figures(prepared: Path, tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.root", prepared / "test")
    done = audit(
        prepared,
        "-o",
        tmp_path / "audit",
        "--scores",
        f"oracle={tmp_path / 'scores.root'}",
        "--background",
        20000,
        "--iterations",
        20,
        "--other-stations",
    )
    assert done.returncode == 0, done.stderr
    models = json.loads((tmp_path / "audit/audit.json").read_text())["models"]
    trees = ["technology", "single hit", "counting", "single hit + stations"]
    assert list(models) == [*trees, "counting + stations", "oracle"]
    context = models["single hit + stations"]["all"]["auc"][0]
    assert models["single hit"]["all"]["auc"][0] < context
    assert models["oracle"]["all"]["purity"][0] == models["oracle"]["all"]["auc"][0] == 1
    assert models["technology"]["all"]["auc"][0] < models["single hit"]["all"]["auc"][0]
    assert all(model["all"]["efficiency"] >= 0.99 for model in models.values())
    names = {path.name for path in (tmp_path / "audit").iterdir()}
    assert names == {
        "audit.md",
        "audit.json",
        "models.csv",
        "columns.csv",
        "purity.png",
        "columns.png",
    }


def test_messages(prepared: Path, tmp_path: Path) -> None:
    assert (
        "manifest.json: no such file; give the folder that `stationhit prepare` wrote"
        in audit(tmp_path, "-o", tmp_path / "out").stderr
    )
    assert (
        "expected NAME=path" in audit(prepared, "-o", tmp_path / "out", "--scores", "x.root").stderr
    )
    assert (
        "expected a number between 0 and 1"
        in audit(prepared, "-o", tmp_path / "out", "--efficiency", 1).stderr
    )
    write_scores(tmp_path / "scores.root", prepared / "test", shift=1)
    done = audit(
        prepared,
        "-o",
        tmp_path / "out",
        "--scores",
        f"other={tmp_path / 'scores.root'}",
        "--background",
        5000,
        "--iterations",
        2,
    )
    assert "hits of other events or cuts than the" in done.stderr and done.returncode == 1
