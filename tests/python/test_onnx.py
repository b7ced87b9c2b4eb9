"""The exported file by other eyes: the ONNX checker, ONNX Runtime from Python and numpy, beside `stationhit infer`.

`infer --dump-inputs` writes what it gave to the model for one event (features, neighbours, node -> hit) and the logits it got back. The neighbour
table is held against a brute-force search here, the logits against a session made here.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import uproot
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("STATIONHIT_BIN", ROOT / "build" / "release" / "bin" / "stationhit")).resolve().parent
TREE = "MuonHitDump"
TOLERANCE = 1e-4


def run(*arguments: object, program: str = "stationhit", code: int = 0) -> subprocess.CompletedProcess[str]:
    result = subprocess.run([str(BIN / program), *map(str, arguments)], capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stdout + result.stderr
    return result


def session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def assert_close(a: np.ndarray, b: np.ndarray) -> None:
    assert a.shape == b.shape
    assert np.all(np.abs(a - b) <= TOLERANCE * np.maximum(1, np.abs(b)))


@pytest.fixture(scope="session", params=["mlp", "edgeconv"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(f"model_{request.param}") / "model.onnx"
    run(request.param, path, program="make_random_model")
    return path


@pytest.fixture(scope="session")
def ntuple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two toy events of about 7,000 hits."""
    path = tmp_path_factory.mktemp("toy") / "toy.root"
    run("simulate", "--set", f"output={path}", "--set", "events=2")
    return path


def infer(model: Path, ntuple: Path, folder: Path, *arguments: object, event: int = 0) -> tuple[Path, dict[str, np.ndarray]]:
    output, dump = folder / "out.root", folder / "inputs.safetensors"
    run("infer", model, ntuple, "-o", output, "--dump-inputs", dump, "--dump-event", event, *arguments)
    return output, load_file(str(dump))


def run_here(model: Path, inputs: dict[str, np.ndarray]) -> np.ndarray:
    names = {value.name for value in session(model).get_inputs()}
    return session(model).run(["output"], {name: inputs[name] for name in names})[0].reshape(-1)


def hit_scores(inputs: dict[str, np.ndarray], logits: np.ndarray, n_hits: int) -> np.ndarray:
    scores = np.full(n_hits, -100, np.float32)
    best = np.full(n_hits, -np.inf, np.float32)
    np.maximum.at(best, inputs["node_hit"], logits)
    return np.where(np.isfinite(best), best, scores).astype(np.float32)


def read(path: Path, branch: str) -> list[np.ndarray]:
    with uproot.open(path) as file:
        return [np.asarray(event) for event in file[TREE][branch].array(library="np")]


def small_ntuple(model: Path, ntuple: Path, folder: Path, n_hits: int) -> tuple[Path, int]:
    """A file in which one event has n hits, and the number of that event: hits below a cut are dropped."""
    scored, _ = infer(model, ntuple, folder)
    scores = [np.sort(event)[::-1] for event in read(scored, "spacePoint_score")]
    event = int(np.argmin([event[0] for event in scores]))  # the other one keeps hits whatever n is
    above = scores[event][n_hits - 1] if n_hits else scores[1 - event][0]
    cut = (float(above) + float(scores[event][n_hits])) / 2
    path = folder / f"small_{n_hits}.root"
    run("infer", model, ntuple, "-o", path, "--mode", "filter", f"--cut={cut:.9g}")
    assert len(read(path, "spacePoint_PositionX")[event]) == n_hits
    return path, event


def test_checker_and_shape_inference(model: Path) -> None:
    proto = onnx.load(str(model))
    onnx.checker.check_model(proto, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(proto, strict_mode=True, data_prop=True)
    assert [(o.domain, o.version) for o in proto.opset_import] == [("", 18)]
    assert proto.ir_version == 8
    assert all(node.domain in ("", "ai.onnx") for node in proto.graph.node)
    assert [value.name for value in inferred.graph.output] == ["output"]


def test_metadata(model: Path) -> None:
    metadata = session(model).get_modelmeta().custom_metadata_map
    assert metadata["feature_names"] == '["localX","localY","localZ","driftR","stationIndex"]'
    assert int(metadata["property_count"]) == len(metadata)
    assert '"0.99":' in metadata["thresholds"]


def test_same_logits_in_python(model: Path, ntuple: Path, tmp_path: Path) -> None:
    output, inputs = infer(model, ntuple, tmp_path)
    logits = run_here(model, inputs)
    assert_close(inputs["logits"], logits)
    scores = read(output, "spacePoint_score")[0]
    assert len(scores) > 1000
    assert_close(scores, hit_scores(inputs, logits, len(scores)))


@pytest.mark.parametrize("n_hits", [0, 1, 2])
def test_small_events(model: Path, ntuple: Path, tmp_path: Path, n_hits: int) -> None:
    path, event = small_ntuple(model, ntuple, tmp_path, n_hits)
    output, inputs = infer(model, path, tmp_path, event=event)
    logits = run_here(model, inputs)
    assert_close(inputs["logits"], logits)
    scores = read(output, "spacePoint_score")[event]
    assert len(scores) == n_hits
    assert_close(scores, hit_scores(inputs, logits, n_hits))


def test_batches_and_permutations_change_nothing(model: Path, ntuple: Path, tmp_path: Path) -> None:
    first = infer(model, ntuple, tmp_path)[1]
    second = infer(model, ntuple, tmp_path, event=1)[1]
    n_first, n_second = len(first["features"]), len(second["features"])
    together = {"features": np.concatenate([first["features"], second["features"]])}
    if "neighbours" in first:
        shifted = np.where(second["neighbours"] < 0, -1, second["neighbours"] + n_first).astype(np.int32)
        together["neighbours"] = np.concatenate([first["neighbours"], shifted])
    assert_close(run_here(model, together), np.concatenate([first["logits"], second["logits"]]))

    order = np.random.default_rng(1).permutation(n_first + n_second)
    place = np.argsort(order).astype(np.int32)
    permuted = {"features": together["features"][order]}
    if "neighbours" in together:
        table = together["neighbours"][order]
        permuted["neighbours"] = np.where(table < 0, -1, place[table]).astype(np.int32)
    assert_close(run_here(model, permuted), run_here(model, together)[order])


def test_neighbours_by_brute_force(ntuple: Path, tmp_path: Path) -> None:
    model = tmp_path / "edgeconv.onnx"
    run("edgeconv", model, program="make_random_model")
    inputs = infer(model, ntuple, tmp_path)[1]
    hits, offsets, table = inputs["node_hit"], inputs["group_offsets"], inputs["neighbours"]
    y, z = (read(ntuple, f"spacePoint_Position{axis}")[0][hits] for axis in "YZ")
    k = table.shape[1]
    for begin, end in zip(offsets[:-1], offsets[1:], strict=True):
        group = slice(begin, end)
        distance = (y[group, None] - y[group]) ** 2 + (z[group, None] - z[group]) ** 2
        distance[hits[group, None] == hits[group]] = np.inf
        expected = np.sort(distance, axis=1)[:, :k]
        rows = table[group]
        found = np.where(rows >= 0, np.take_along_axis(distance, np.maximum(rows - begin, 0), axis=1), np.inf)
        width = expected.shape[1]
        assert np.array_equal(found[:, :width], expected)
        assert np.all(rows[:, width:] == -1)


def test_bad_models_are_named(ntuple: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    run("edgeconv", model, program="make_random_model")
    content = model.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 5):
        cut = tmp_path / "cut.onnx"
        cut.write_bytes(content[:length])
        assert str(cut) in run("infer", cut, ntuple, "-o", tmp_path / "out.root", code=4).stderr
    assert "it has 0.985, 0.99, 0.995" in run("infer", model, ntuple, "-o", tmp_path / "out.root", "--working-point", "0.9", code=2).stderr
    nowhere = tmp_path / "missing" / "out.root"
    assert "missing/out.root" in run("infer", model, ntuple, "-o", nowhere, code=4).stderr
    assert not (tmp_path / "out.root").exists()
