"""The comparison of the muons that two networks lose: groups and counts against loops, and a run of
the command."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from conftest import ROOT, Run, set_options

SCRIPT = ROOT / "bench/results/muon_losses.py"
sys.path.insert(0, str(SCRIPT.parent))
from muon_losses import (  # noqa: E402
    Group,
    Network,
    at_muon_share,
    compare,
    distances,
    ranges,
    read_muons,
)
from scored_events import ScoredEvents, read_scored_events  # noqa: E402


def toy_events(scores: list[list[float]]) -> ScoredEvents:
    """One event per list; its hits belong to two muons in turn, the last two are background."""
    number = np.arange(len(scores))
    event = np.repeat(number, [len(of) for of in scores])
    muon = np.concatenate(
        [
            [*(2 * e + np.arange(len(of) - 2) % 2), -1, -1]
            for e, of in zip(number, scores, strict=True)
        ]
    )
    eta, phi = np.tile([0.5, -0.5], len(scores)), np.tile([3.1, -3.1], len(scores))
    pt = np.tile([4.0, 12.0], len(scores))
    return ScoredEvents(
        number, np.concatenate(scores), event, muon, np.repeat(number, 2), pt, eta, phi
    )


def test_lost_muons_are_counted_by_who_loses_them() -> None:
    every = [9.0] * 8  # three hits of each muon
    first_lost, both_lost = [0.0, 9, 9, 9, 9, 9, 9, 9], [0.0, 0, 9, 9, 9, 9, 0, 0]
    before = Network("a", {"threshold": 1.0}, toy_events([every, first_lost, both_lost]))
    after = Network("b", {"threshold": 2.0}, toy_events([first_lost, every, both_lost]))
    entry = compare(before, after, Group("x", "x", np.ones(6, bool)))
    lost = [entry[f"lost_{by}"] for by in ("by_both", "before_only", "after_only")]
    assert lost == [2, 1, 1] and entry["muons"] == 6 and entry["signal_hits"] == 18
    assert entry["efficiency"] == [15 / 18, 15 / 18]
    second = compare(before, after, Group("x", "x", np.tile([False, True], 3)))
    assert second["lost_by_both"] == 1 and second["lost_after_only"] == 0
    assert second["efficiency"] == [8 / 9, 8 / 9]


def test_threshold_keeps_the_share_of_the_muons() -> None:
    random = np.random.default_rng(4)
    events = toy_events([list(random.normal(2, 2, 12)) for _ in range(150)])
    best = [np.sort(events.score[events.muon == muon])[-3] for muon in range(300)]
    assert events.muon_scores() == pytest.approx(best)
    found = at_muon_share(Network("a", {}, events), 0.9)
    threshold = np.sort(best)[30]
    kept, signal = events.score >= threshold, events.muon >= 0
    assert np.mean(np.array(best) >= threshold) == 0.9
    assert found["purity"]["value"] == pytest.approx(signal[kept].mean())
    assert found["efficiency"]["value"] == pytest.approx(kept[signal].mean())
    assert found["hits_kept_per_event"]["value"] == pytest.approx(kept.sum() / 150)
    for entry in found.values():
        assert entry["low"] < entry["value"] < entry["high"] < 1.3 * entry["low"]
    every = at_muon_share(Network("a", {}, events), 1.0)
    assert every["hits_kept_per_event"]["value"] == np.sum(events.score >= min(best)) / 150


def test_muons_with_two_hits_are_never_kept() -> None:
    events = toy_events([[9.0, 9, 9, 9, 9, 9, 9]])  # three hits and two, and the background
    assert events.muon_scores().tolist() == [9, -np.inf]
    assert events.muons_kept(-100).tolist() == [True, False]


def test_ranges_and_distances() -> None:
    events = toy_events([[9.0] * 6] * 3)
    assert distances(events) == pytest.approx(np.full(6, np.hypot(1, 2 * np.pi - 6.2)), abs=1e-6)
    events.muon_event = np.array([0, 0, 1, 2, 2, 2])
    assert np.isnan(distances(events)).tolist() == [False, False, True, False, False, False]
    groups = ranges("pT [GeV]", np.array([4.9, 5, 5.5, 6, 200]))
    assert (
        groups[0].title == "5 to 6"
        and groups[0].muons.tolist() == [False, True, True] + [False] * 2
    )
    assert groups[-1].title == "above 50" and groups[-1].muons.tolist() == [False] * 4 + [True]
    assert not any(group.muons.any() for group in ranges("pT [GeV]", np.array([np.nan])))


def test_layers_and_charges_are_those_of_the_shards(trained_run: Path, prepared: Path) -> None:
    scores = read_scored_events(trained_run / "test/scores.root")
    found = read_muons(prepared / "test", scores)
    manifest = json.loads((prepared / "test/manifest.json").read_text())
    events = ak.concatenate(
        [
            uproot.open(prepared / "test" / shard["file"])["events"].arrays()
            for shard in manifest["shards"]
        ]
    )
    inner, outer = {0, 1, 7, 13, 14, 15, 47, 48, 49, 52, 55, 56, 57, 58}, {4, 5, 9, 10, 20, 21}
    layers, charges = [], []
    for event in events:
        link, station = (
            np.asarray(event[f"spacePoint_{name}"]) for name in ("truthLink", "stationIndex")
        )
        place = [0 if s in inner else 2 if s in outer else 1 for s in station]
        for muon, charge in enumerate(event["truthMuon_q"]):
            hits = [p for p, of in zip(place, link, strict=True) if of == muon]
            layers.append(sum(hits.count(layer) >= 3 for layer in range(3)))
            charges.append(charge)
    assert found.layers.tolist() == layers and set(layers) >= {2, 3}
    assert found.charge.tolist() == charges and set(charges) == {-1, 1}


def losses(*arguments: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_the_command_writes_the_tables(
    run: Run, trained_run: Path, prepared: Path, tmp_path: Path
) -> None:
    """The second network is the first one after fewer epochs."""
    other = tmp_path / "other"
    shutil.copytree(trained_run, other, ignore=shutil.ignore_patterns("test", "plots"))
    settings = {"experiment_dir": other, "checkpoint_path": other / "checkpoints/last.safetensors"}
    run("test", "-c", trained_run / "config.yaml", *set_options(settings))
    options = ("--split", prepared / "test", "-o", tmp_path / "losses", "--working-point", 0.985)
    done = losses(trained_run, other, *options, "--names", "first", "second")
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "losses/losses.json").read_text())
    groups = {(entry["variable"], entry["title"]): entry for entry in content["groups"]}
    everything = groups["all", "all muons"]
    point = json.loads((trained_run / "test/metrics.json").read_text())["working_points"][0]
    assert everything["muons"] == point["muons"]
    assert everything["efficiency"][0] == point["efficiency"]["value"] >= 0.985
    lost = everything["lost_by_both"] + everything["lost_before_only"]
    assert lost == point["muons"] - point["muons_kept"]
    for variable in ("charge times eta", "station layers with 3 hits of the muon"):
        parts = [entry for (of, _), entry in groups.items() if of == variable]
        assert sum(entry["muons"] for entry in parts) == point["muons"]
        assert sum(entry["signal_hits"] for entry in parts) == everything["signal_hits"]
    shares = content["muon_shares"]["0.99"]
    assert [0 < found["purity"]["value"] < 1 for found in shares] == [True, True]
    page = (tmp_path / "losses/losses.md").read_text()
    assert "hit efficiency, second" in page and "keeps 0.985 of the signal hits" in page


def test_messages(trained_run: Path, prepared: Path, tmp_path: Path) -> None:
    options = ("-o", tmp_path / "losses", "--split")
    done = losses(tmp_path, trained_run, *options, prepared / "test")
    assert f"{tmp_path}/test/metrics.json: no such file; give a run directory" in done.stderr
    done = losses(trained_run, trained_run, *options, prepared / "val")
    assert f"{prepared}/val: other events than those of the scores" in done.stderr
    done = losses(trained_run, trained_run, *options, prepared / "test", "--working-point", 0.5)
    assert "no working point 0.5; it has 0.985, 0.99, 0.995" in done.stderr
