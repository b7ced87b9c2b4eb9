"""The examples that need more than the library, as their README says: built against the installed
package, run, and compared with the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import uproot
from conftest import ROOT, Run, built_program
from installed_package import build_project, execute

MODELS = ("two_stage", "dropin_fc8")


@pytest.fixture(scope="session")
def score_column(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the library and the program of examples/06_rdataframe."""
    if not (package / "lib/cmake/stationhit/stationhit-root-targets.cmake").exists():
        pytest.skip("built without ROOT")
    root = (ROOT / ".deps/site-packages").resolve() / "ROOT/cmake"
    settings = {"ROOT_DIR": root} if root.exists() else {}
    folder = tmp_path_factory.mktemp("score_column")
    return build_project(ROOT / "examples/06_rdataframe", package, folder, **settings)


def model_file(name: str) -> Path:
    return ROOT / "models" / name / "model.onnx"


def scores_of_events(path: Path, tree: str, column: str) -> dict[int, bytes]:
    """The bytes of the scores by event number."""
    arrays = uproot.open(path)[tree].arrays(["eventNumber", column])
    return {
        int(event.eventNumber): np.asarray(event[column], np.float32).tobytes() for event in arrays
    }


@pytest.fixture(scope="module", params=MODELS)
def scored(
    request: pytest.FixtureRequest, run: Run, toy_file: Path, tmp_path_factory
) -> tuple[str, dict[int, bytes]]:
    """A model and what `infer` gives with it."""
    output = tmp_path_factory.mktemp("scored") / "scored.root"
    run("infer", request.param, toy_file, "-o", output)
    return request.param, scores_of_events(output, "MuonHitDump", "spacePoint_score")


@pytest.mark.parametrize("threads", [1, 2])
def test_the_column_of_rdataframe_has_the_scores_of_infer(
    score_column: Path,
    toy_file: Path,
    scored: tuple[str, dict[int, bytes]],
    tmp_path: Path,
    threads: int,
) -> None:
    name, expected = scored
    output = tmp_path / "scores.root"
    said = execute(score_column / "add_scores", model_file(name), toy_file, output, threads)
    assert said.startswith(f"{len(expected)} events, ")
    assert len(expected) == 120
    assert scores_of_events(output, "scores", "score") == expected


def test_the_column_in_pyroot(
    score_column: Path, toy_file: Path, scored: tuple[str, dict[int, bytes]], tmp_path: Path
) -> None:
    name, expected = scored
    output = tmp_path / "scores.root"
    script = ROOT / "examples/06_rdataframe/add_scores.py"
    command = [sys.executable, script, score_column, model_file(name), toy_file, output, 2]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    if "No module named 'ROOT'" in done.stderr:
        pytest.skip("no PyROOT")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{len(expected)} events, ")
    assert scores_of_events(output, "scores", "score") == expected


def test_what_the_column_refuses(score_column: Path, toy_file: Path, tmp_path: Path) -> None:
    program, output = score_column / "add_scores", tmp_path / "scores.root"
    said = execute(program, tmp_path / "none.onnx", toy_file, output, code=1)
    assert f"error: {tmp_path}/none.onnx: no such model" in said
    model = tmp_path / "model.onnx"
    execute(built_program("make_random_model"), "edgeconv", model, "table", "knn", "nEtaInUse")
    said = execute(program, model, toy_file, output, code=1)
    assert f"{model}: needs the branch spacePoint_nEtaInUse; add it to score_inputs" in said
    assert not output.exists()
    assert "usage: add_scores MODEL.onnx" in execute(program, code=2)
