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
def root_settings(package: Path) -> dict[str, Path]:
    """What CMake is told to find ROOT."""
    if not (package / "lib/cmake/stationhit/stationhit-root-targets.cmake").exists():
        pytest.skip("built without ROOT")
    root = (ROOT / ".deps/site-packages").resolve() / "ROOT/cmake"
    return {"ROOT_DIR": root} if root.exists() else {}


@pytest.fixture(scope="session")
def runtime_settings(package: Path) -> dict[str, Path]:
    """What CMake is told to find the headers of ONNX Runtime."""
    if not (package / "lib/stationhit/libonnxruntime.so.1").exists():
        pytest.skip("built without ONNX Runtime")
    runtime = (ROOT / ".deps/onnxruntime").resolve()
    return {"ONNXRUNTIME_ROOT": runtime} if runtime.exists() else {}


@pytest.fixture(scope="session")
def score_column(
    package: Path, root_settings: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder with the library and the program of examples/06_rdataframe."""
    folder = tmp_path_factory.mktemp("score_column")
    return build_project(ROOT / "examples/06_rdataframe", package, folder, **root_settings)


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


def test_the_operator_library_in_a_program_of_onnx_runtime(
    build: Path,
    package: Path,
    runtime_settings: dict[str, Path],
    run: Run,
    toy_file: Path,
    tmp_path: Path,
) -> None:
    source = ROOT / "examples/04_operator_host"
    program = build_project(source, package, tmp_path / "host", **runtime_settings)
    prefix = tmp_path / "operators"
    execute("cmake", "--install", build, "--prefix", prefix, "--component", "operators")
    model, dump = tmp_path / "fused.onnx", tmp_path / "event.safetensors"
    execute(built_program("make_random_model"), "edgeconv", model, "fused", "knn")
    run("infer", model, toy_file, "-o", tmp_path / "out.root", "--dump-inputs", dump)
    runtime = package / "lib/stationhit/libonnxruntime.so.1"
    library = prefix / "lib/libstationhit_ops.so"
    said = execute(program / "operator_host", runtime, model, dump, library)
    assert "in ONNX Runtime 1." in said and " logits" in said
    said = execute(program / "operator_host", runtime, model, dump, code=2)
    assert "its operator is in libstationhit_ops.so; give it as LIBRARY" in said


def test_the_tool_of_the_experiment(
    package: Path,
    root_settings: dict[str, Path],
    runtime_settings: dict[str, Path],
    run: Run,
    toy_file: Path,
    tmp_path: Path,
) -> None:
    source = ROOT / "examples/05_dropin_tool"
    settings = {**root_settings, **runtime_settings}
    program = build_project(source, package, tmp_path / "tool", **settings) / "dropin_tool"
    model, dump = model_file("dropin_fc8"), tmp_path / "dump.jsonl"
    said = execute(program, model, toy_file, "--dump", dump)
    assert said.startswith(f"{toy_file}, 120 events: ")
    assert len(dump.read_text().splitlines()) == 120
    said = run("replay", model, dump, "--backend", "onnxruntime").stdout
    assert "decisions: 0 of " in said
    assert "largest difference 0 max(1, |logit|)" in said


@pytest.mark.parametrize("example", ["04_operator_host", "05_dropin_tool"])
def test_without_onnx_runtime_the_examples_say_what_to_name(
    package: Path, root_settings: dict[str, Path], tmp_path: Path, example: str
) -> None:
    settings = {**root_settings, "CMAKE_PREFIX_PATH": package, "ONNXRUNTIME_ROOT": tmp_path}
    options = [f"-D{name}={value}" for name, value in settings.items()]
    said = execute("cmake", "-S", ROOT / "examples" / example, "-B", tmp_path, *options, code=1)
    assert "onnxruntime_cxx_api.h was not found" in said
    assert "-DONNXRUNTIME_ROOT" in said
