"""Hits that stand in an RNTuple: every subcommand gives what it gives for the TTree."""

import json
from pathlib import Path

import numpy as np
import pytest
import uproot
from conftest import CASES, Run

SET_BY_EVENT = ("--set", "split.by=event", "--set", "events_per_shard=50")
BENCH = ("--repetitions", 1, "--warmup", 1)


@pytest.fixture(scope="module")
def ntuple_file(toy_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy sample under its name as an RNTuple, as uproot writes it."""
    path = tmp_path_factory.mktemp("rntuple") / toy_file.name
    with uproot.open(toy_file) as source, uproot.recreate(path) as target:
        tree = source["MuonHitDump"]
        target["MuonHitDump"] = {name: tree[name].array() for name in tree.keys(recursive=False)}
    assert uproot.open(path).classnames() == {"MuonHitDump;1": "ROOT::RNTuple"}
    return path


def read_manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_the_prepared_set_is_that_of_the_tree(
    run: Run, toy_file: Path, ntuple_file: Path, tmp_path: Path
) -> None:
    for name, file in {"tree": toy_file, "ntuple": ntuple_file}.items():
        run("prepare", file, "-o", tmp_path / name, *SET_BY_EVENT)
    tree, ntuple = (read_manifest(tmp_path / name) for name in ("tree", "ntuple"))
    # Every column of every shard has its checksum in the manifest.
    assert ntuple["shards"] == tree["shards"]
    assert sum(len(shards) for shards in tree["shards"].values()) >= 6
    for key in ("splits", "input_counts", "missing_branches"):
        assert ntuple[key] == tree[key]
    assert ntuple["inputs"][0]["entries"] == tree["inputs"][0]["entries"] == 120


@pytest.mark.parametrize("mode", ["score", "filter"])
def test_scores_are_those_of_the_tree(
    run: Run, random_model: Path, toy_file: Path, ntuple_file: Path, tmp_path: Path, mode: str
) -> None:
    trees = {}
    for name, file in {"tree": toy_file, "ntuple": ntuple_file}.items():
        output = tmp_path / f"{name}.root"
        run("infer", random_model, file, "-o", output, "--mode", mode, "--cut", 0)
        trees[name] = uproot.open(output)["MuonHitDump"]
    assert set(trees["ntuple"].keys()) == set(trees["tree"].keys())
    for name in trees["tree"].keys(recursive=False):
        expected, found = (trees[kind][name].array() for kind in ("tree", "ntuple"))
        assert found.tolist() == expected.tolist(), name


def test_prepared_splits_and_shards_are_scored(
    run: Run, random_model: Path, prepared: Path, tmp_path: Path
) -> None:
    split, shard = prepared / "test", prepared / "test" / "shard_000000.root"
    run("infer", random_model, split, "-o", tmp_path / "split.root")
    run("infer", random_model, shard, "--tree", "events", "-o", tmp_path / "shard.root")
    scored = uproot.open(tmp_path / "split.root")["MuonHitDump"]
    assert scored.num_entries == read_manifest(split)["counts"]["events"]
    events = uproot.open(shard)["events"]
    of_shard = uproot.open(tmp_path / "shard.root")["events"]
    assert of_shard.num_entries == events.num_entries
    for name in ("eventNumber", "spacePoint_PositionY", "spacePoint_truthLink", "truthMuon_pt"):
        expected = events[name].array().tolist()
        assert of_shard[name].array().tolist() == expected
        assert scored[name].array(entry_stop=len(expected)).tolist() == expected
    # The scores are those of the events as a tree.
    run("infer", random_model, tmp_path / "split.root", "-o", tmp_path / "again.root")
    again = uproot.open(tmp_path / "again.root")["MuonHitDump"]
    name = "spacePoint_score"
    assert again[name].array().tolist() == scored[name].array().tolist()
    first = scored[name].array(entry_stop=events.num_entries).tolist()
    assert of_shard[name].array().tolist() == first


def test_displays_are_those_of_the_tree(
    run: Run, toy_file: Path, ntuple_file: Path, tmp_path: Path
) -> None:
    for name, file in {"tree": toy_file, "ntuple": ntuple_file}.items():
        run("inspect", file, "--display", tmp_path / name)
    figures = sorted(path.name for path in (tmp_path / "tree").glob("*.csv"))
    assert figures
    for name in figures:
        assert (tmp_path / "ntuple" / name).read_text() == (tmp_path / "tree" / name).read_text()


def test_figures_say_what_the_file_says_of_its_sample(
    run: Run, ntuple_file: Path, tmp_path: Path
) -> None:
    """The titles of PDF files begin with the label of the figure."""

    def label(file: Path) -> bytes:
        run("inspect", file, "--display", tmp_path / "display")
        pdf = next((tmp_path / "display").glob("*.pdf")).read_bytes()
        return pdf.rsplit(b"/Title (", 1)[1].split(b":")[0]

    assert label(ntuple_file) == b"Unlabeled input"
    labeled = tmp_path / "labeled.root"
    labeled.write_bytes(ntuple_file.read_bytes())
    with uproot.update(labeled) as file:
        file["sample_origin"] = "Toy simulation"
        file["sample_mu"] = "20"
    assert label(labeled) == b"Toy simulation"
    run("prepare", labeled, "-o", tmp_path / "data", *SET_BY_EVENT)
    sample = read_manifest(tmp_path / "data")["sample"]
    assert sample == {"origin": "Toy simulation", "mu": [20]}


def test_ntuples_are_described_and_timed(
    run: Run, random_model: Path, ntuple_file: Path, tmp_path: Path
) -> None:
    text = run("inspect", ntuple_file).stdout
    assert "hit ntuple" in text
    assert "RNTuple MuonHitDump: 120 entries" in text
    run("bench", random_model, "--input", ntuple_file, *BENCH, "-o", tmp_path / "bench.json")


def test_files_of_uproot_are_read(run: Run, random_model: Path, tmp_path: Path) -> None:
    file = CASES / "rntuple" / "uproot_default.root"
    run("infer", random_model, file, "-o", tmp_path / "out.root")
    assert uproot.open(tmp_path / "out.root")["MuonHitDump"].num_entries == 3
    keep_all = ("--set", "selection.drop_events_without_muon=false")
    run("prepare", file, "-o", tmp_path / "set", *SET_BY_EVENT, *keep_all)


def test_lists_of_unequal_length_are_errors(run: Run, random_model: Path, tmp_path: Path) -> None:
    """The writer of this file got its flags wrong; uproot reads the same lengths."""
    file = CASES / "rntuple" / "rntuple.root"
    error = run("infer", random_model, file, "-o", tmp_path / "out.root", code=4).stderr
    expected = f"{file}, entry 0: branch spacePoint_measEta has 1736 values, the others have 217"
    assert expected in error


def test_damaged_ntuples_are_errors(run: Run, ntuple_file: Path, tmp_path: Path) -> None:
    data = bytearray(ntuple_file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    damaged = tmp_path / "damaged.root"
    damaged.write_bytes(data)
    error = run("prepare", damaged, "-o", tmp_path / "set", *SET_BY_EVENT, code=4).stderr
    assert f"{damaged}, entry " in error
    assert "is damaged; copy the file again or leave it out" in error
    damaged.write_bytes(data[:middle])
    error = run("prepare", damaged, "-o", tmp_path / "set", *SET_BY_EVENT, code=4).stderr
    assert f"{damaged}: the ROOT file is truncated" in error


def test_fields_that_lack_are_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.root"
    with uproot.recreate(file) as target:
        target["MuonHitDump"] = {"spacePoint_PositionX": np.zeros(3, dtype=np.float32)}
    error = run("prepare", file, "-o", tmp_path / "set", code=4).stderr
    assert f"{file}: field spacePoint_PositionX has the type float, which is not one" in error
