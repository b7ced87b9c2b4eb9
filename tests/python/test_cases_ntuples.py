"""Ntuples of tests/cases: read as they are, or refused with an error that says what is wrong."""

import json
import shutil
from pathlib import Path

import numpy as np
import uproot
from conftest import CASES, ROOT, Run


def test_ntuple_with_every_branch_is_scored(run: Run, random_model: Path, tmp_path: Path) -> None:
    run("infer", random_model, CASES / "missing_branches" / "base.root", "-o", tmp_path / "o.root")
    run("inspect", tmp_path / "o.root")


def test_models_refuse_a_file_without_a_branch_of_their_features(
    run: Run, random_model: Path, tmp_path: Path
) -> None:
    """The branch would be read as 0, and scores would be wrong without a word."""
    file = CASES / "missing_branches" / "nocov.root"
    expected = f"{file}: has no branch spacePoint_covYY, but the feature covY needs it"
    output = tmp_path / "o.root"
    assert expected in run("infer", random_model, file, "-o", output, code=4).stderr
    assert not output.exists()
    assert expected in run("bench", random_model, "--input", file, code=4).stderr


def test_prepared_sets_record_missing_branches(
    run: Run, random_model: Path, tmp_path: Path
) -> None:
    """Features that do not need them can be used, others are refused by every verb."""
    folder = CASES / "missing_branches"
    data = tmp_path / "data"
    split = ("--set", "split.by=event", "--set", "split.train=0.6")
    done = run("prepare", folder / "base.root", folder / "nocov.root", "-o", data, *split)
    assert "nocov.root: no branch spacePoint_covXX" in done.stderr
    for manifest in ("manifest.json", "train/manifest.json"):
        missing = json.loads((data / manifest).read_text())["missing_branches"]
        assert [entry["file"] for entry in missing] == ["nocov.root"]
        assert "spacePoint_covYY" in missing[0]["branches"]
    settings = ["-c", ROOT / "configs" / "tiny.yaml"]
    for key, value in (
        ("train_path", data / "train"),
        ("val_path", data / "val"),
        ("experiment_dir", tmp_path / "run"),
        ("normalization_stats", tmp_path / "n.yaml"),
    ):
        settings += ["--set", f"{key}={value}"]
    run("stats", *settings, "--set", "features=[localX,covY]", code=4)
    run("stats", *settings, "--set", "features=[localX]")
    expected = "train: it was made from nocov.root, which has no branch spacePoint_covYY"
    for command in (
        ["stats", *settings, "--set", "features=[localX,covY]"],
        ["train", *settings, "--set", "features=[covY]", "--set", "normalization_stats=null"],
        ["bench", random_model, "--input", data / "train"],
    ):
        assert expected in run(*command, code=4).stderr


def test_the_same_events_in_two_inputs_are_refused(run: Run, tmp_path: Path) -> None:
    """Whole copies by their checksum; an event that is in two files by its numbers and hits."""
    base = CASES / "duplicates" / "base.root"
    copy = tmp_path / "copy.root"
    shutil.copy(base, copy)
    by_event = ("--set", "split.by=event", "--set", "split.train=0.6")
    error = run("prepare", base, copy, "-o", tmp_path / "a", *by_event, code=4).stderr
    assert f"{base} and {copy} have the same content" in error
    # The type of the weights differs, the hits do not.
    other = CASES / "unclear_inputs" / "weightvec.root"
    error = run("prepare", base, other, "-o", tmp_path / "b", *by_event, code=4).stderr
    assert f"{base}, entry 0 and {other}, entry 0 are the same event" in error
    command = ("prepare", base, other, "-o", tmp_path / "e", *by_event, "--allow-duplicates")
    done = run(*command)
    assert "left out as repeated 3" in done.stdout
    assert "nothing was done" in run(*command).stdout
    manifest = json.loads((tmp_path / "e" / "manifest.json").read_text())
    assert manifest["repeated_events"] == [{"input": 1, "first": 0, "count": 3}]
    refused = "holds this set with 3 events left out because the input has them twice"
    assert refused in run(*command[:-1], code=4).stderr
    link = tmp_path / "link.root"
    link.symlink_to(base)
    done = run("prepare", base, link, tmp_path / "l*.root", "-o", tmp_path / "c", *by_event)
    assert "3 events read" in done.stdout
    done = run("prepare", base, copy, "-o", tmp_path / "d", *by_event, "--allow-duplicates")
    assert "1 of 2 input files left out as duplicate: copy.root" in done.stdout
    assert "3 events read" in done.stdout


def test_a_damaged_file_among_others_is_left_out(run: Run, tmp_path: Path) -> None:
    base = CASES / "duplicates" / "base.root"
    damaged = tmp_path / "damaged.root"
    damaged.write_bytes(base.read_bytes()[: base.stat().st_size // 2])
    (tmp_path / "text.root").write_text("this is no ROOT file, whatever its name may say")
    by_event = ("--set", "split.by=event", "--set", "split.train=0.6")
    done = run("prepare", base, tmp_path, "-o", tmp_path / "set", *by_event)
    assert f"{damaged}: the ROOT file is truncated or was not closed" in done.stderr
    assert "(this file is left out; --strict stops here)" in done.stderr
    assert "2 of 3 input files left out as damaged: damaged.root, text.root" in done.stdout
    for manifest in ("manifest.json", "train/manifest.json"):
        inputs = json.loads((tmp_path / "set" / manifest).read_text())["inputs"]
        assert {file["file"]: file["split"] for file in inputs} == {
            "base.root": "by event",
            "damaged.root": "damaged",
            "text.root": "damaged",
        }
    command = ("prepare", base, tmp_path, "-o", tmp_path / "strict", *by_event, "--strict")
    assert f"{damaged}: the ROOT file is truncated" in run(*command, code=4).stderr
    assert not (tmp_path / "strict").exists()
    assert (
        "none of the 2 inputs can be used"
        in run("prepare", tmp_path, "-o", tmp_path / "none", *by_event, code=4).stderr
    )


def test_damage_that_shows_while_reading_leaves_the_file_out(
    run: Run, toy_file: Path, tmp_path: Path
) -> None:
    """The set is that of the other files, for one call, for pieces, and after a kill."""
    inputs = tmp_path / "in"
    inputs.mkdir()
    shutil.copy(CASES / "missing_branches" / "base.root", inputs / "a.root")
    content = bytearray(toy_file.read_bytes())
    tree = uproot.open(toy_file)["MuonHitDump"]
    branch = tree["spacePoint_time"]
    place = branch.member("fBasketSeek")[branch.num_baskets // 2]
    content[place + 200 : place + 208] = b"\xff" * 8
    (inputs / "b.root").write_bytes(content)
    options = ("--set", "split.by=event", "--set", "split.train=0.6", "--set", "events_per_shard=7")
    alone = tmp_path / "alone"
    run("prepare", inputs / "a.root", "-o", alone, *options)
    expected = json.loads((alone / "manifest.json").read_text())
    command = ("prepare", inputs, *options, "-o")

    def check(folder: Path) -> None:
        made = json.loads((folder / "manifest.json").read_text())
        assert made["shards"] == expected["shards"]
        assert made["provenance"] == expected["provenance"]
        assert [file["split"] for file in made["inputs"]] == ["by event", "damaged"]
        assert not list(folder.glob("prepare.*"))

    done = run(*command, tmp_path / "whole")
    assert f"{inputs / 'b.root'}, entry " in done.stderr
    assert "(this file is left out; --strict stops here)" in done.stderr
    assert "1 of 2 input files left out as damaged: b.root" in done.stdout
    check(tmp_path / "whole")
    assert "nothing was done" in run(*command, tmp_path / "whole").stdout
    for number in (1, 3, 2):
        run(*command, tmp_path / "pieces", "--shard", f"{number}/3")
    run(*command, tmp_path / "pieces", "--merge")
    check(tmp_path / "pieces")
    strict = run(*command, tmp_path / "strict", "--strict", code=4).stderr
    assert f"{inputs / 'b.root'}, entry " in strict


def test_what_scores_do_not_need_may_be_missing_or_odd(
    run: Run, random_model: Path, tmp_path: Path
) -> None:
    """Weights as a vector, links without muons and C arrays give the scores of the plain file."""
    plain = tmp_path / "plain.root"
    run("infer", random_model, CASES / "missing_branches" / "base.root", "-o", plain)
    expected = uproot.open(plain)["MuonHitDump"]["spacePoint_score"].array()
    for name in ("weightvec", "nomuon", "carray"):
        output = tmp_path / f"{name}.root"
        run("infer", random_model, CASES / "unclear_inputs" / f"{name}.root", "-o", output)
        scores = uproot.open(output)["MuonHitDump"]["spacePoint_score"].array()
        assert scores.tolist() == expected[: len(scores)].tolist()


def test_objects_beside_the_tree_are_copied(run: Run, random_model: Path, tmp_path: Path) -> None:
    """A histogram survives both modes, and nothing is said of a file without odd branches."""
    file = tmp_path / "in.root"
    shutil.copy(CASES / "duplicates" / "base.root", file)
    with uproot.update(file) as root:
        root["cutflow"] = (np.array([3.0, 2.0]), np.array([0.0, 1.0, 2.0]))
    for mode in (["--mode", "score"], ["--mode", "filter", "--cut", "0"]):
        output = tmp_path / f"{mode[1]}.root"
        done = run("infer", random_model, file, "-o", output, *mode)
        assert "warning" not in done.stderr
        assert uproot.open(output)["cutflow"].values().tolist() == [3.0, 2.0]


def test_prepare_names_the_setting_that_differs(run: Run, tmp_path: Path) -> None:
    command = ["prepare", CASES / "duplicates" / "base.root", "-o", tmp_path / "set"]
    command += ["--set", "split.by=event", "--set", "split.train=0.6"]
    run(*command)
    error = run(*command, "--set", "selection.min_hits=4", code=4).stderr
    assert "(selection.min_hits is 3 there and 4 here)" in error
