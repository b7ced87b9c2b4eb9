"""The trees MuonSPId and MuonBucketDump: networks that need only what these hold give the scores of
the MuonHitDump with the same hits, and everything else is refused by name."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from conftest import Run, set_options, tiny_run

SPID, BUCKETS = "MuonSPId", "MuonBucketDump"
FEATURES = {
    SPID: "[localX, localY, localZ, stationIndex, driftR, neighbors, stationLayer]",
    BUCKETS: "[localX, localZ, globX, eta, stationEta, driftR, covX, covY, measPhi, nEtaInUse, "
    "neighbors, bucket_density, isolation]",
}
RUN = """
features: {features}
graph: {{edges: fully_connected}}
model: {{architecture: edgeconv, width: 16, blocks: 2, encoding: {{scales: [-1, 0, 1]}}}}
training: {{epochs: 1, early_stopping: {{enabled: false}}}}
threads: 2
"""
# Column of MuonHitDump: branch, type.
HITS = {
    SPID: {
        **{f"Position{axis}": (axis.lower(), np.float32) for axis in "XYZ"},
        "driftR": ("driftR", np.float32),
        "stationIndex": ("stationIndex", np.uint8),
        "layer": ("Layer", np.uint16),
    },
    BUCKETS: {
        **{f"Position{axis}": (f"localPosition{axis}", np.float32) for axis in "XYZ"},
        **{f"globPos{axis}": (f"globalPosition{axis}", np.float32) for axis in "XYZ"},
        **{
            ours: (theirs, np.float32)
            for ours, theirs in {"covXX": "covX", "covXY": "covXY", "covYY": "covY"}.items()
        },
        "driftR": ("driftR", np.float32),
        "stationIndex": ("id_stationIndex", np.uint8),
        "stationEta": ("id_stationEta", np.int8),
        "stationPhi": ("id_stationPhi", np.uint8),
        "measEta": ("measuresEta", np.uint16),
        "measPhi": ("measuresPhi", np.uint16),
        "nEtaInUse": ("nEtaInUse", np.uint32),
        "nPhiInUse": ("nPhiInUse", np.uint32),
        "layer": ("Layer", np.uint16),
    },
}
EVENTS = 40


@pytest.fixture(scope="module")
def hits_in_buckets(toy_file: Path) -> list[list[np.ndarray]]:
    """The hits of the buckets of each event; those in no bucket are buckets of their own."""
    tree = uproot.open(toy_file)["MuonHitDump"]
    columns = tree.arrays(["bucket_spacePoints", "spacePoint_channel"], entry_stop=EVENTS)
    events = []
    for event in columns:
        buckets = [np.asarray(hits) for hits in event["bucket_spacePoints"]]
        seen = set(np.concatenate(buckets).tolist())
        single = [n for n in range(len(event["spacePoint_channel"])) if n not in seen]
        events.append([*(hits for hits in buckets if len(hits)), *(np.array([n]) for n in single)])
    return events


def hit_columns(toy_file: Path, kind: str, rows: list[tuple[int, np.ndarray]]) -> dict:
    """The branches of entries that hold these hits of these events."""
    tree = uproot.open(toy_file)["MuonHitDump"]
    columns = {}
    for ours, (theirs, dtype) in HITS[kind].items():
        values = tree[f"spacePoint_{ours}"].array(library="np")
        columns[theirs] = ak.Array([values[event][hits].astype(dtype) for event, hits in rows])
    return columns


def write_tree(path: Path, name: str, columns: dict) -> None:
    with uproot.recreate(path) as file:
        file.mktree(name, {branch: values.type.content for branch, values in columns.items()})
        file[name].extend(columns)


@pytest.fixture(scope="module")
def trees(
    toy_file: Path,
    hits_in_buckets: list[list[np.ndarray]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """Both trees with the hits of the first events."""
    folder = tmp_path_factory.mktemp("related")
    paths = {kind: folder / f"{kind}.root" for kind in (SPID, BUCKETS)}
    rows = [(event, np.concatenate(buckets)) for event, buckets in enumerate(hits_in_buckets)]
    columns = hit_columns(toy_file, SPID, rows)
    columns["label"] = ak.values_astype(columns["x"] > 0, np.uint8)
    numbers = [
        np.concatenate([np.full(len(hits), n % 256) for n, hits in enumerate(buckets)])
        for buckets in hits_in_buckets
    ]
    columns["bucket_index"] = ak.values_astype(ak.Array(numbers), np.uint8)
    write_tree(paths[SPID], SPID, columns)

    tree = uproot.open(toy_file)["MuonHitDump"]
    limits = {
        name: tree[f"bucket_{name}"].array(library="np", entry_stop=EVENTS)
        for name in ("xMin", "xMax")
    }
    lists = tree["bucket_spacePoints"].array(entry_stop=EVENTS)
    entries = [
        (event, np.asarray(hits), limits["xMin"][event][n], limits["xMax"][event][n])
        for event, buckets in enumerate(lists)
        for n, hits in enumerate(buckets)
        if len(hits)
    ]
    columns = hit_columns(toy_file, BUCKETS, [entry[:2] for entry in entries])
    columns["isMdt"] = ak.values_astype(columns["driftR"] > 0, np.uint16)
    columns["bucket_min"] = ak.Array(np.array([entry[2] for entry in entries], np.float32))
    columns["bucket_max"] = ak.Array(np.array([entry[3] for entry in entries], np.float32))
    columns["bucket_spacePoints"] = ak.Array(
        np.array([len(entry[1]) for entry in entries], np.uint16)
    )
    write_tree(paths[BUCKETS], BUCKETS, columns)
    return paths


@pytest.fixture(scope="module")
def models(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A network for each tree, trained on MuonHitDump."""
    folder = tmp_path_factory.mktemp("models")
    found = {}
    for kind, features in FEATURES.items():
        config = folder / f"{kind}.yaml"
        config.write_text(RUN.format(features=features))
        places = {f"{split}_path": prepared / split for split in ("train", "val", "test")}
        places |= {
            "experiment_dir": folder / kind,
            "normalization_stats": folder / f"{kind}.stats.yaml",
        }
        options = ["-c", config, *set_options(places)]
        run("stats", *options)
        run("train", *options)
        found[kind] = folder / f"{kind}.onnx"
        run("export", *options, "-o", found[kind])
    return found


def expected_scores(run: Run, model: Path, toy_file: Path, folder: Path) -> list[np.ndarray]:
    run("infer", model, toy_file, "-o", folder / "expected.root")
    scores = uproot.open(folder / "expected.root")["MuonHitDump"]["spacePoint_score"]
    return [np.asarray(event) for event in scores.array(entry_stop=EVENTS)]


def largest(scores: np.ndarray, hits: np.ndarray, n: int) -> np.ndarray:
    """The largest score of each hit over the places where it stands."""
    found = np.full(n, -np.inf)
    np.maximum.at(found, hits, scores)
    return found


def test_hits_of_events_have_the_scores_of_the_ntuple(
    run: Run,
    models: dict[str, Path],
    trees: dict[str, Path],
    hits_in_buckets: list[list[np.ndarray]],
    toy_file: Path,
    tmp_path: Path,
) -> None:
    expected = expected_scores(run, models[SPID], toy_file, tmp_path)
    run("infer", models[SPID], trees[SPID], "--tree", SPID, "-o", tmp_path / "out.root")
    tree = uproot.open(tmp_path / "out.root")[SPID]
    assert set(uproot.open(trees[SPID])[SPID].keys()) < set(tree.keys())
    for event, scores in enumerate(tree["spacePoint_score"].array()):
        hits = np.concatenate(hits_in_buckets[event])
        found = largest(np.asarray(scores), hits, len(expected[event]))
        assert np.allclose(found, expected[event], rtol=1e-4, atol=1e-4)


def test_buckets_have_the_scores_of_the_ntuple(
    run: Run,
    models: dict[str, Path],
    trees: dict[str, Path],
    toy_file: Path,
    tmp_path: Path,
) -> None:
    expected = expected_scores(run, models[BUCKETS], toy_file, tmp_path)
    run("infer", models[BUCKETS], trees[BUCKETS], "--tree", BUCKETS, "-o", tmp_path / "out.root")
    scores = iter(uproot.open(tmp_path / "out.root")[BUCKETS]["spacePoint_score"].array())
    lists = uproot.open(toy_file)["MuonHitDump"]["bucket_spacePoints"].array(entry_stop=EVENTS)
    compared = 0
    for event, buckets in enumerate(lists):
        found = np.full(len(expected[event]), -np.inf)
        for hits in buckets:
            if len(hits):
                np.maximum.at(found, np.asarray(hits), np.asarray(next(scores)))
        in_bucket = np.isfinite(found)
        compared += int(in_bucket.sum())
        assert np.allclose(found[in_bucket], expected[event][in_bucket], rtol=1e-4, atol=1e-4)
    assert next(scores, None) is None
    assert compared > 5000


def test_what_the_trees_lack_is_refused_by_name(
    run: Run,
    models: dict[str, Path],
    trees: dict[str, Path],
    trained_run: Path,
    prepared: Path,
    tmp_path: Path,
) -> None:
    def error(model: Path, kind: str, *more: object) -> str:
        arguments = ("--tree", kind, "-o", tmp_path / "out.root", *more)
        return run("infer", model, trees[kind], *arguments, code=4).stderr

    start = f"{trees[SPID]}: has no branch "
    assert start + "spacePoint_globPosX, but the feature globX" in error(models[BUCKETS], SPID)
    run("export", *tiny_run(trained_run, prepared), "-o", tmp_path / "tiny.onnx")
    for kind in (SPID, BUCKETS):
        assert "has no branch spacePoint_technology, but the feature technology" in error(
            tmp_path / "tiny.onnx", kind
        )
    assert "take --mode score" in error(models[SPID], SPID, "--mode", "filter", "--cut", 0)
    no_truth = "(MuonSPId) and no muons: it can be scored (infer), not prepared or trained on"
    done = run("prepare", trees[SPID], "--tree", SPID, "-o", tmp_path / "set", code=4)
    assert no_truth in done.stderr
    bench = ("--input", trees[BUCKETS], "--tree", BUCKETS, "-o", tmp_path / "bench.json")
    assert (
        "an entry is one bucket, and times are those of events"
        in run("bench", models[BUCKETS], *bench, code=4).stderr
    )
    for kind in (SPID, BUCKETS):
        plots = ("inspect", "--plots", trees[kind], "--tree", kind, "-o", tmp_path / "plots")
        assert (
            "has no branch spacePoint_technology, which the figures" in run(*plots, code=4).stderr
        )
        display = ("inspect", trees[kind], "--tree", kind, "--display", tmp_path / "display")
        assert "has no branch spacePoint_globEdge" in run(*display, code=4).stderr


def test_groups_of_events_are_refused(
    run: Run, prepared: Path, trees: dict[str, Path], tmp_path: Path
) -> None:
    """Hits stand in the trees once for each of their buckets."""
    config = tmp_path / "run.yaml"
    config.write_text(RUN.format(features="[localX, driftR]"))
    for change, words in {
        "graph.grouping=event": {
            SPID: "has no hits that stand once, but graph.grouping: event needs it",
            BUCKETS: "has no whole events, but graph.grouping: event needs it",
        },
        "features=[driftR, nBuckets]": dict.fromkeys(
            (SPID, BUCKETS), "has no hits that stand once, but the feature nBuckets needs it"
        ),
    }.items():
        places = {f"{split}_path": prepared / split for split in ("train", "val", "test")}
        places["experiment_dir"] = tmp_path / change.partition("=")[0]
        places["normalization_stats"] = tmp_path / f"{change.partition('=')[0]}.yaml"
        options = ["-c", config, *set_options(places), "--set", change]
        if "grouping" in change:
            options += ["--set", "graph.edges=knn", "--set", "graph.k=4"]
        run("stats", *options)
        run("train", *options)
        run("export", *options, "-o", tmp_path / "model.onnx")
        for kind, expected in words.items():
            arguments = (trees[kind], "--tree", kind, "-o", tmp_path / "out.root")
            error = run("infer", tmp_path / "model.onnx", *arguments, code=4).stderr
            assert expected in error


def test_newer_files_without_buckets_are_refused(
    run: Run, models: dict[str, Path], trees: dict[str, Path], tmp_path: Path
) -> None:
    newer = tmp_path / "newer.root"
    tree = uproot.open(trees[SPID])[SPID]
    counts = [name for name in tree.keys() if name.startswith("n")]  # noqa: SIM118
    names = [name for name in tree.keys() if name not in ("bucket_index", *counts)]  # noqa: SIM118
    write_tree(newer, SPID, {name: tree[name].array() for name in names})
    error = run(
        "infer", models[SPID], newer, "--tree", SPID, "-o", tmp_path / "out.root", code=4
    ).stderr
    assert "has no branch spacePoint_globEdgeLowX, but the bucket rule needs it" in error
    said = run("inspect", newer).stdout
    assert said.startswith("hits of an event with a label (MuonSPId), which can be scored")


def test_events_are_timed(
    run: Run, models: dict[str, Path], trees: dict[str, Path], tmp_path: Path
) -> None:
    timed = ("bench", models[SPID], "--input", trees[SPID], "--tree", SPID, "--repetitions", 1)
    run(*timed, "--warmup", 1, "-o", tmp_path / "bench.json")
