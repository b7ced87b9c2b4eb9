"""Hits as padded arrays in HDF5 files: what every subcommand makes of them is what it makes of the
ntuple without the columns that the layout does not hold."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import uproot
from conftest import Run, set_options

HIT_COLUMNS = [
    *(f"globEdge{end}{axis}" for end in ("High", "Low") for axis in "XYZ"),
    *("time", "driftR", "readOutSide", "covXX", "covXY", "covYX", "covYY", "channel", "layer"),
    *("stationPhi", "stationEta", "stationIndex", "technology", "truthLink"),
]
MUON_COLUMNS = ["pt", "eta", "phi", "q"]
MISSING = {
    *(f"spacePoint_{name}{axis}" for name in ("Position", "globPos") for axis in "XYZ"),
    *(f"spacePoint_{name}" for name in ("measEta", "measPhi", "secChannel")),
    "bucket_spacePoints",
}
# A network that can be computed from what the layout holds.
RUN = """
features: [globX, globY, globZ, driftR, r, eta, technology, layer, edgeDirX, edgeLength]
graph: {k: 6, metric: [globX, globY, globZ]}
model: {architecture: edgeconv, width: 16, blocks: 2, encoding: {scales: [-1, 0, 1]}}
training: {epochs: 1, early_stopping: {enabled: false}}
threads: 2
"""
SET = ("--set", "split.by=event", "--set", "events_per_shard=50")
MEMORY = 3_000_000  # KiB of addresses


def padded(columns: list, width: int) -> np.ndarray:
    """[events, rows, width] of float32 with NaN behind the rows of an event."""
    counts = [len(event[0]) for event in columns]
    array = np.full((len(columns), max(counts), width), np.nan, np.float32)
    for event, values in enumerate(columns):
        for column, numbers in enumerate(values):
            array[event, : counts[event], column] = numbers
    return array


def write_padded(ntuple: Path, output: Path) -> None:
    """As the public pipeline writes them, without its cuts."""
    tree = uproot.open(ntuple)["MuonHitDump"]
    hit = {name: tree[f"spacePoint_{name}"].array(library="np") for name in HIT_COLUMNS}
    muon = {name: tree[f"truthMuon_{name}"].array(library="np") for name in MUON_COLUMNS}
    events = range(tree.num_entries)
    hits = padded([[hit[name][i] for name in HIT_COLUMNS] for i in events], len(HIT_COLUMNS))
    tracks = padded([[muon[name][i] for name in MUON_COLUMNS] for i in events], len(MUON_COLUMNS))
    small = {"compression": "gzip", "compression_opts": 6}
    with h5py.File(output, "w") as file:
        file.create_dataset("hits", data=hits, shuffle=True, fletcher32=True, **small)
        file.create_dataset("tracks", data=tracks, shuffle=True, fletcher32=True, **small)
        for name, table in {"num_hits": hit["time"], "num_tracks": muon["pt"]}.items():
            file.create_dataset(name, data=np.array([len(row) for row in table], np.int16), **small)
        numbers = tree["eventNumber"].array(library="np").astype(np.int32)
        file.create_dataset("event_numbers", data=numbers, **small)


def write_without(ntuple: Path, output: Path, missing: set[str]) -> None:
    """An RNTuple with the other columns of the ntuple, of which the header is the event number."""
    tree = uproot.open(ntuple)["MuonHitDump"]
    names = [
        name
        for name in tree.keys(recursive=False)
        if (name.startswith(("spacePoint_", "truthMuon_")) or name == "eventNumber")
        and name not in missing
    ]
    with uproot.recreate(output) as file:
        file["MuonHitDump"] = {name: tree[name].array() for name in names}


@pytest.fixture(scope="module")
def padded_file(toy_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("padded") / f"{toy_file.stem}_120events.h5"
    write_padded(toy_file, path)
    return path


@pytest.fixture(scope="module")
def same_ntuple(toy_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ntuple without what the layout does not hold."""
    path = tmp_path_factory.mktemp("same") / toy_file.name
    missing = {*MISSING, "spacePoint_nEtaInUse", "spacePoint_nPhiInUse", "truthMuon_e"}
    write_without(toy_file, path, missing)
    return path


@pytest.fixture(scope="module")
def trained(
    run: Run, padded_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The prepared set of the HDF5 file and the run directory of a network trained on it."""
    folder = tmp_path_factory.mktemp("trained")
    run("prepare", padded_file, "-o", folder / "data", *SET)
    splits = {f"{split}_path": folder / "data" / split for split in ("train", "val", "test")}
    statistics = {"normalization_stats": folder / "normalization.yaml"}
    config = folder / "run.yaml"
    config.write_text(RUN)
    options = [
        "-c",
        config,
        *set_options({"experiment_dir": folder / "run", **splits, **statistics}),
    ]
    run("stats", *options)
    run("train", *options)
    run("export", *options, "-o", folder / "model.onnx")
    return folder / "data", folder


def read_shards(data: Path) -> dict[int, dict[str, list]]:
    """The columns of all events by event number."""
    events: dict[int, dict[str, list]] = {}
    for split in ("train", "val", "test"):
        for shard in sorted((data / split).glob("shard_*.root")):
            ntuple = uproot.open(shard)["events"]
            columns = {name: ntuple[name].array().tolist() for name in list(ntuple.keys())}
            for i, number in enumerate(columns["eventNumber"]):
                events[number] = {name: values[i] for name, values in columns.items()}
    return events


def test_the_prepared_set_holds_the_columns_of_the_file(
    run: Run, trained: tuple[Path, Path], prepared: Path, tmp_path: Path
) -> None:
    data, _ = trained
    ours, theirs = read_shards(data), read_shards(prepared)
    assert set(ours) == set(theirs)
    assert len(ours) > 80
    columns = [f"spacePoint_{name}" for name in HIT_COLUMNS]
    for number, event in ours.items():
        for name in [*columns, *(f"truthMuon_{name}" for name in MUON_COLUMNS)]:
            assert event[name] == theirs[number][name], name
        for axis in "XYZ":
            low, high = (
                np.array(event[f"spacePoint_globEdge{end}{axis}"]) for end in ("Low", "High")
            )
            middle = ((low + high) / 2).astype(np.float32)
            assert np.array_equal(np.array(event[f"spacePoint_globPos{axis}"], np.float32), middle)
    manifest = json.loads((data / "manifest.json").read_text())
    assert set(manifest["missing_branches"][0]["branches"]) >= MISSING


def test_hits_that_measure_only_phi_are_found(trained: tuple[Path, Path], prepared: Path) -> None:
    """By the direction of their strips; the toy simulation says what they measure."""
    ours, theirs = read_shards(trained[0]), read_shards(prepared)
    n, different = 0, 0
    for number, event in ours.items():
        only_phi = [
            (np.array(columns["spacePoint_measPhi"]) == 1)
            & (np.array(columns["spacePoint_measEta"]) == 0)
            for columns in (event, theirs[number])
        ]
        n += len(only_phi[0])
        different += int(np.sum(only_phi[0] != only_phi[1]))
    assert n > 10_000
    assert different == 0


def scores(output: Path) -> list:
    return uproot.open(output)["MuonHitDump"]["spacePoint_score"].array().tolist()


@pytest.mark.parametrize("mode", ["score", "filter"])
def test_scores_are_those_of_the_ntuple_without_the_other_columns(
    run: Run,
    trained: tuple[Path, Path],
    padded_file: Path,
    same_ntuple: Path,
    tmp_path: Path,
    mode: str,
) -> None:
    model = trained[1] / "model.onnx"
    for name, file in {"padded": padded_file, "ntuple": same_ntuple}.items():
        output = tmp_path / f"{name}.root"
        said = run("infer", model, file, "-o", output, "--mode", mode, "--cut", 0).stderr
        assert f"{file}: has no global positions; the middle of the ends of each tube" in said
    trees = [uproot.open(tmp_path / f"{name}.root")["MuonHitDump"] for name in ("padded", "ntuple")]
    names = set(trees[0].keys())
    assert names == set(trees[1].keys())
    assert not MISSING & names
    for name in names:
        assert trees[0][name].array().tolist() == trees[1][name].array().tolist(), name
    # The output is an ntuple, too.
    run("infer", model, tmp_path / "padded.root", "-o", tmp_path / "again.root")
    if mode == "score":
        assert scores(tmp_path / "again.root") == scores(tmp_path / "padded.root")


def test_files_without_truth_are_scored(
    run: Run, trained: tuple[Path, Path], padded_file: Path, tmp_path: Path
) -> None:
    model, file = trained[1] / "model.onnx", tmp_path / "data.h5"
    with h5py.File(padded_file) as source, h5py.File(file, "w") as target:
        kept = [name for name in HIT_COLUMNS if name != "truthLink"]
        hits = source["hits"][:, :, [HIT_COLUMNS.index(name) for name in kept]]
        target.create_dataset("hits", data=hits)
        target.attrs["hit_features"] = [f"spacePoint_{name}".encode() for name in kept]
    run("infer", model, file, "-o", tmp_path / "data.root")
    run("infer", model, padded_file, "-o", tmp_path / "padded.root")
    assert scores(tmp_path / "data.root") == scores(tmp_path / "padded.root")
    error = run("prepare", file, "-o", tmp_path / "set", code=4).stderr
    assert f"{file}: the HDF5 file has no column spacePoint_truthLink, which is needed" in error


def test_what_the_layout_does_not_hold_is_refused_by_name(
    run: Run, trained: tuple[Path, Path], random_model: Path, padded_file: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.root"
    error = run("infer", random_model, padded_file, "-o", output, code=4).stderr
    assert f"{padded_file}: has no branch spacePoint_PositionX, but the feature localX" in error
    data, folder = trained
    config = folder / "run.yaml"
    for change, expected in {
        "features=[measEta]": "has no branch spacePoint_measEta, but the feature measEta needs it",
        "graph.metric=[localY]": "has no branch spacePoint_PositionY, but graph.metric: localY",
        "graph.buckets=file": "has no branch bucket_spacePoints, but graph.buckets: file needs it",
    }.items():
        options = {"train_path": data / "train", "normalization_stats": tmp_path / "stats.yaml"}
        arguments = ["-c", config, *set_options(options), "--set", change]
        assert expected in run("stats", *arguments, code=4).stderr


def test_files_are_described_drawn_and_timed(
    run: Run, trained: tuple[Path, Path], padded_file: Path, tmp_path: Path
) -> None:
    text = run("inspect", padded_file).stdout
    assert text.startswith("hits as padded arrays (HDF5)")
    assert "dataset hits: 120 entries" in text
    assert "spacePoint_truthLink: float32" in text
    run("inspect", "--plots", padded_file, "-o", tmp_path / "plots")
    assert (tmp_path / "plots" / "feature_globX.csv").exists()
    assert not (tmp_path / "plots" / "feature_localX.csv").exists()
    run("inspect", padded_file, "--display", tmp_path / "display")
    bench = ("--repetitions", 1, "--warmup", 1, "-o", tmp_path / "bench.json")
    run("bench", trained[1] / "model.onnx", "--input", padded_file, *bench)


def test_folders_and_jobs_are_those_of_ntuples(run: Run, padded_file: Path, tmp_path: Path) -> None:
    run("prepare", padded_file.parent, "-o", tmp_path / "whole", *SET)
    for piece in ("1/2", "2/2"):
        run("prepare", padded_file.parent, "-o", tmp_path / "parts", *SET, "--shard", piece)
    run("prepare", padded_file.parent, "-o", tmp_path / "parts", *SET, "--merge")
    manifests = [(tmp_path / name / "manifest.json").read_bytes() for name in ("whole", "parts")]
    assert manifests[0] == manifests[1]


def change_hits(file: h5py.File, change: Callable[[np.ndarray], np.ndarray]) -> None:
    hits = change(file["hits"][:])
    del file["hits"]
    file["hits"] = hits


def with_value(index: tuple[int, int, int], value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(hits: np.ndarray) -> np.ndarray:
        hits[index] = value
        return hits

    return change


def with_number(name: str, event: int, value: int) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        file[name][event] = value

    return change


DAMAGE: dict[str, tuple[Callable[[h5py.File], None], str]] = {
    "too few columns": (
        lambda file: change_hits(file, lambda hits: hits[:, :, :19]),
        "hits is float32 [120, ",
    ),
    "integers": (
        lambda file: change_hits(file, lambda hits: np.nan_to_num(hits).astype(np.int32)),
        "hits is int32 [120, ",
    ),
    "flat": (
        lambda file: change_hits(file, lambda hits: hits.reshape(120, -1)),
        "expected floating point numbers [events, rows, columns]",
    ),
    "fewer events": (
        lambda file: change_hits(file, lambda hits: hits[:100]),
        "num_hits is int16 [120], expected integers [100]",
    ),
    "too many hits": (with_number("num_hits", 3, 30000), ", entry 3: num_hits is 30000, but hits"),
    "overflowed": (with_number("num_hits", 3, -3), ", entry 3: num_hits is -3, but hits has room"),
    "hits behind the end": (
        with_number("num_hits", 3, 2),
        ", entry 3: hits has 2 rows (num_hits), but row 2 holds spacePoint_globEdgeHighX = ",
    ),
    "NaN as a code": (
        lambda file: change_hits(file, with_value((5, 1, HIT_COLUMNS.index("layer")), np.nan)),
        ", entry 5: column spacePoint_layer[1] = nan is out of range (0..255)",
    ),
    "link to no muon": (
        lambda file: change_hits(file, with_value((5, 1, HIT_COLUMNS.index("truthLink")), 90)),
        ", entry 5: spacePoint_truthLink[1] = 90",
    ),
    "NaN as a coordinate": (
        lambda file: change_hits(file, with_value((5, 1, 2), np.nan)),
        ", entry 5: spacePoint_globPosZ[1] = nan",
    ),
}


def run_limited(stationhit: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-c", f'ulimit -v {MEMORY}; exec "$@"', "bash", str(stationhit)]
    return subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_arrays_are_errors(
    stationhit: Path, padded_file: Path, tmp_path: Path, kind: str
) -> None:
    change, expected = DAMAGE[kind]
    damaged = tmp_path / "damaged.h5"
    damaged.write_bytes(padded_file.read_bytes())
    with h5py.File(damaged, "r+") as file:
        change(file)
    done = run_limited(stationhit, "prepare", damaged, "-o", tmp_path / "set", *SET)
    assert done.returncode == 4, done.stderr
    assert f"{damaged}" in done.stderr
    assert expected in done.stderr


def test_nan_is_skipped_where_that_is_asked_for(
    run: Run, padded_file: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.h5"
    damaged.write_bytes(padded_file.read_bytes())
    with h5py.File(damaged, "r+") as file:
        DAMAGE["NaN as a coordinate"][0](file)
    run("prepare", damaged, "-o", tmp_path / "set", *SET, "--skip-bad")
    counts = json.loads((tmp_path / "set" / "manifest.json").read_text())["input_counts"]
    assert counts["bad_events"] == 1


def test_broken_files_are_errors_without_much_memory(
    stationhit: Path, padded_file: Path, tmp_path: Path
) -> None:
    data, broken = padded_file.read_bytes(), tmp_path / "broken.h5"
    for content in (
        data[: len(data) // 2],
        data[:-1],
        data[:600],
        data[:8],
        data[:8] + bytes(4000),
    ):
        broken.write_bytes(content)
        for arguments in (("prepare", broken, "-o", tmp_path / "set"), ("inspect", broken)):
            done = run_limited(stationhit, *arguments)
            assert done.returncode == 4, done.stderr
            assert f"{broken}: not a readable HDF5 file; copy it again" in done.stderr
    with h5py.File(broken, "w") as file:
        file.create_dataset("hits", (10**15, 8000, 20), np.float32, chunks=(1, 8000, 20))
    done = run_limited(stationhit, "prepare", broken, "-o", tmp_path / "set")
    assert done.returncode == 4
    assert "expected fewer events in a file of" in done.stderr
    with h5py.File(broken, "w") as file:
        file["other"] = np.zeros(3)
    assert (
        "HDF5 file without a dataset hits"
        in run_limited(stationhit, "prepare", broken, "-o", tmp_path / "set").stderr
    )
    assert "HDF5 file that is not read" in run_limited(stationhit, "inspect", broken).stdout


def test_flipped_bytes_are_found(stationhit: Path, padded_file: Path, tmp_path: Path) -> None:
    """An error that names the file, or what the whole file gives; never another set."""
    data = padded_file.read_bytes()
    whole = tmp_path / padded_file.name
    whole.write_bytes(data)
    run_limited(stationhit, "prepare", whole, "-o", tmp_path / "whole", *SET)
    expected = json.loads((tmp_path / "whole" / "manifest.json").read_text())["splits"]
    generator = np.random.default_rng(5)
    damaged = tmp_path / "damaged" / padded_file.name
    damaged.parent.mkdir()
    for number, place in enumerate(generator.integers(0, len(data), 24)):
        content = bytearray(data)
        content[place] ^= 1 << int(generator.integers(8))
        damaged.write_bytes(content)
        done = run_limited(stationhit, "prepare", damaged, "-o", tmp_path / f"set{number}", *SET)
        assert done.returncode in (0, 4), (place, done.stderr)
        if done.returncode == 4:
            assert str(damaged) in done.stderr
        else:
            manifest = json.loads((tmp_path / f"set{number}" / "manifest.json").read_text())
            assert manifest["splits"] == expected, place
