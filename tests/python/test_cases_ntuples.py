"""Ntuples of tests/cases: read as they are, or refused with an error that says what is wrong."""

from pathlib import Path

from conftest import CASES, Run


def test_ntuple_with_every_branch_is_scored(run: Run, random_model: Path, tmp_path: Path) -> None:
    run("infer", random_model, CASES / "missing_branches" / "base.root", "-o", tmp_path / "o.root")
    run("inspect", tmp_path / "o.root")
