"""Ntuples that were not closed, and branches of hits in other forms."""

import json
from pathlib import Path

import pytest
import uproot
from conftest import CASES, Run

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
