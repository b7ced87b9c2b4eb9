"""Ntuples that were not closed, and branches of hits in other forms."""

import json
from pathlib import Path

import awkward as ak
import pytest
import uproot
from conftest import CASES, ROOT, Run

UNFINISHED = CASES / "unfinished"
ALLOW = "--allow-unfinished"


@pytest.mark.parametrize("name", ["autosaved.root", "never_closed.root"])
def test_unfinished_files_are_refused_or_read_as_far_as_they_go(
    run: Run, random_model: Path, tmp_path: Path, name: str
) -> None:
    file = UNFINISHED / name
    refused = (
        f"{file}: the ROOT file is truncated or was not closed; copy it again or recreate it: its "
        "tree MuonHitDump shows 2 events, later ones are lost (--allow-unfinished reads these"
    )
    warning = f"{name}: was not closed by its writer: the 2 events that it shows are read"
    output = tmp_path / "out.root"
    bench = ("--repetitions", 1, "--warmup", 1, "-o", tmp_path / "bench.json")
    commands = [
        ("infer", random_model, file, "-o", output),
        ("bench", random_model, "--input", file, *bench),
        ("inspect", file, "--display", tmp_path / "figures"),
    ]
    for command in commands:
        assert refused in run(*command, code=4).stderr
        assert warning in run(*command, ALLOW).stderr
    assert uproot.open(output)["MuonHitDump"].num_entries == 2
    assert refused in run("inspect", file, code=4).stderr
    text = run("inspect", file, ALLOW).stdout
    assert "not closed by its writer" in text
    assert "TTree MuonHitDump: 2 entries" in text


def test_the_events_of_an_unfinished_file_are_those_that_were_written(
    run: Run, random_model: Path, tmp_path: Path
) -> None:
    whole = CASES / "missing_branches" / "base.root"
    for name, file in {"whole": whole, "dead": UNFINISHED / "never_closed.root"}.items():
        run("infer", random_model, file, "-o", tmp_path / f"{name}.root", ALLOW)
    column = "spacePoint_score"
    whole_scores, scores = (
        uproot.open(tmp_path / f"{name}.root")["MuonHitDump"][column].array(library="np")
        for name in ("whole", "dead")
    )
    for event in range(2):
        assert (scores[event] == whole_scores[event]).all()


def test_prepare_records_unfinished_inputs(run: Run, tmp_path: Path) -> None:
    file, data = UNFINISHED / "autosaved.root", tmp_path / "set"
    by_event = ("--set", "split.by=event", "--set", "selection.drop_events_without_muon=false")
    command = ("prepare", file, "-o", data, *by_event)
    run(*command, code=4)
    assert "autosaved.root: was not closed by its writer" in run(*command, ALLOW).stderr
    for manifest in ("manifest.json", "train/manifest.json"):
        record = json.loads((data / manifest).read_text())["unfinished_inputs"]
        assert [entry["file"] for entry in record] == ["autosaved.root"]
        assert record[0]["events"] == 2
        assert record[0]["bytes_behind"] > 0
    # The finished set is not given to those who do not accept such a file.
    run(*command, code=4)
    assert "nothing was done" in run(*command, "--set", "allow_unfinished=true").stdout
    assert "autosaved.root was not closed" in run("inspect", data).stdout


def test_c_arrays_are_filtered_with_their_length(
    run: Run, random_model: Path, tmp_path: Path
) -> None:
    file = CASES / "unclear_inputs" / "carray.root"
    outputs = {mode: tmp_path / f"{mode}.root" for mode in ("score", "filter")}
    for mode, output in outputs.items():
        run("infer", random_model, file, "-o", output, "--mode", mode, "--cut", 0)
    trees = {mode: uproot.open(output)["MuonHitDump"] for mode, output in outputs.items()}
    kept = trees["score"]["spacePoint_score"].array(library="np")[0] > 0
    assert 0 < kept.sum() < len(kept)
    for name in trees["score"].keys(filter_name="spacePoint_*"):
        before, after = (trees[mode][name].array(library="np")[0] for mode in outputs)
        assert (after == before[kept]).all(), name


def test_unknown_rvecs_are_left_out(run: Run, random_model: Path, tmp_path: Path) -> None:
    """They crashed the program."""
    file, output = CASES / "unclear_inputs" / "rvec_unknown.root", tmp_path / "out.root"
    for mode in ("score", "filter"):
        error = run("infer", random_model, file, "-o", output, "--mode", mode).stderr
        assert "not copied from the input: other_extra (ROOT::VecOps::RVec<vector<float> >" in error
        assert "other_extra" not in uproot.open(output)["MuonHitDump"]


def test_sets_that_share_events_are_refused(run: Run, toy_file: Path, tmp_path: Path) -> None:
    """The same file in two sets that divide it differently, and one split for two purposes."""
    by_event = ("--set", "split.by=event", "--set", "selection.min_pt=1")
    sets = {seed: tmp_path / f"set{seed}" for seed in (1, 2)}
    for seed, data in sets.items():
        run("prepare", toy_file, "-o", data, *by_event, "--set", f"split.seed={seed}")

    def settings(train: Path, test: Path) -> list[str]:
        paths = {"train_path": train, "val_path": sets[1] / "val", "test_path": test}
        values = [f"{key}={path}" for key, path in paths.items()]
        values += [f"experiment_dir={tmp_path}/run", "normalization_stats=null"]
        return [part for value in values for part in ("--set", value)]

    recipe = ("-c", ROOT / "configs" / "tiny.yaml")
    train = sets[1] / "train"
    error = run("train", *recipe, *settings(train, sets[2] / "test"), code=4).stderr
    assert f"{train} and {sets[2]}/test have events in common: both were made from " in error
    error = run("train", *recipe, *settings(train, sets[1] / "train_small"), code=4).stderr
    assert "have events in common: both are the split train of one set" in error
    assert not (tmp_path / "run").exists()
    config = tmp_path / "run.yaml"
    config.write_text(
        f"train_path: {train}\ntest_path: {sets[2]}/test\nfeatures: [localY, driftR]\n"
        "graph: {edges: knn}\n"
    )
    output = ("--materialize", config, "-o", tmp_path / "parts")
    assert "have events in common" in run("prepare", *output, code=4).stderr


def test_events_are_recognized_in_other_files(run: Run, tmp_path: Path) -> None:
    """The same events in other files, whose checksums say nothing; other events with the same
    numbers are no reason to refuse a set."""

    def prepare(name: str, *settings: str) -> Path:
        keys = [f"output={tmp_path / name}.in", "mu=2", "threads=1", *settings]
        run("simulate", *(part for key in keys for part in ("--set", key)))
        cuts = ("--set", "split.by=event", "--set", "split.train=0.5")
        run("prepare", tmp_path / f"{name}.in", "-o", tmp_path / name, *cuts)
        return tmp_path / name

    one = prepare("one", "events=80", "events_per_file=80")
    parts = prepare("parts", "events=60", "first_event=20", "events_per_file=15")
    other = prepare("other", "events=60", "seed=43", "events_per_file=60")
    config = tmp_path / "run.yaml"
    config.write_text("features: [localY, driftR]\ngraph: {k: 4}\nmodel: {width: 8, blocks: 1}\n")

    def train(test_path: Path, code: int) -> str:
        paths = {"train_path": one / "train", "val_path": one / "val", "test_path": test_path}
        values = [f"{key}={path}" for key, path in paths.items()]
        settings = [part for value in values for part in ("--set", value)]
        return run("train", "-d", "-c", config, *settings, code=code).stderr

    def numbers(folder: Path) -> set[int]:
        events = [uproot.open(file)["events"] for file in sorted(folder.glob("shard_*.root"))]
        return {int(n) for table in events for n in table["eventNumber"].array()}

    common = numbers(one / "train") & numbers(parts / "test")
    error = train(parts / "test", 4)
    assert (
        f"error: {one}/train and {parts}/test have events in common: {len(common)} event" in error
    )
    assert " with the same run and event number and the same hits, such as run " in error
    assert numbers(one / "train") & numbers(other / "test")
    train(other / "test", 0)
    config.write_text(config.read_text() + f"train_path: {parts}/train\nval_path: {parts}/val\n")
    inputs = ("--materialize", config, "-o", tmp_path / "inputs")
    run("prepare", *inputs)
    common = numbers(one / "train") & numbers(parts / "val")
    error = train(tmp_path / "inputs" / "val", 4)
    assert f"and {tmp_path}/inputs/val have events in common: {len(common)} event" in error


def test_arrays_may_be_empty(run: Run, random_model: Path, tmp_path: Path) -> None:
    """An array with a counter has no bytes where it has no entries, here muons and hits."""
    source = uproot.open(CASES / "missing_branches" / "base.root")["MuonHitDump"]
    columns = {b.name: b.array() for b in source.branches if "bucket" not in b.name}
    muons = [name for name in columns if name.startswith("truthMuon_")]
    hits = [name for name in columns if name.startswith("spacePoint_")]
    for event, names in enumerate((muons, muons + hits)):
        for name in names:
            before, emptied, after = (
                columns[name][part]
                for part in (slice(event), slice(event, event + 1), slice(event + 1, None))
            )
            columns[name] = ak.concatenate([before, emptied[:, :0], after])
    file = tmp_path / "arrays.root"
    with uproot.recreate(file) as written:
        written.mktree("MuonHitDump", {name: values.type for name, values in columns.items()})
        written["MuonHitDump"].extend(columns)
    assert uproot.open(file)["MuonHitDump"]["spacePoint_PositionX"].typename == "float[]"
    run("infer", random_model, file, "-o", tmp_path / "out.root")
    scores = uproot.open(tmp_path / "out.root")["MuonHitDump"]["spacePoint_score"].array()
    assert ak.num(scores).to_list() == ak.num(columns["spacePoint_PositionX"]).to_list()
    assert ak.num(scores)[1] == 0
