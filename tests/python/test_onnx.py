"""The exported file by other eyes: the ONNX checker, ONNX Runtime from Python and numpy, beside
`stationhit infer`.

`infer --dump-inputs` writes what it gave to the model for one event (features, neighbours, node ->
hit) and the logits it got back. The neighbor table is held against a brute-force search here, the
logits against a session made here.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import uproot
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[2]
BIN = (
    Path(os.environ.get("STATIONHIT_BIN", ROOT / "build" / "release" / "bin" / "stationhit"))
    .resolve()
    .parent
)
TREE = "MuonHitDump"
TOLERANCE = 1e-4


def run(
    *arguments: object, program: str = "stationhit", code: int = 0
) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [str(BIN / program), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result


def session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def assert_close(a: np.ndarray, b: np.ndarray) -> None:
    assert a.shape == b.shape
    assert np.all(np.abs(a - b) <= TOLERANCE * np.maximum(1, np.abs(b)))


FORMS = [
    ("mlp", "table", "knn"),
    ("two_stage", "table", "knn"),
    *((network, "table", "knn") for network in ("edgeconv", "edgeconv_gat", "edgeconv_attention")),
    *((network, "edges", "knn") for network in ("edgeconv", "edgeconv_gat")),
    *(
        (network, interface, "fully_connected")
        for interface in ("table", "edges")
        for network in ("edgeconv", "edgeconv_gat", "edgeconv_attention")
    ),
]


@pytest.fixture(scope="session", params=FORMS, ids="-".join)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("-".join(request.param)) / "model.onnx"
    run(request.param[0], path, *request.param[1:], program="make_random_model")
    return path


@pytest.fixture(scope="session")
def ntuple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two toy events of about 7,000 hits."""
    path = tmp_path_factory.mktemp("toy") / "toy.root"
    run("simulate", "--set", f"output={path}", "--set", "events=2")
    return path


def infer(
    model: Path, ntuple: Path, folder: Path, *arguments: object, event: int = 0
) -> tuple[Path, dict[str, np.ndarray]]:
    output, dump = folder / "out.root", folder / "inputs.safetensors"
    run(
        "infer",
        model,
        ntuple,
        "-o",
        output,
        "--dump-inputs",
        dump,
        "--dump-event",
        event,
        *arguments,
    )
    return output, load_file(str(dump))


@dataclass
class Scored:
    """Both events of the ntuple: the file that infer wrote, what it gave to the model."""

    output: Path
    inputs: list[dict[str, np.ndarray]]


@pytest.fixture(scope="session")
def scored(model: Path, ntuple: Path, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    folder = tmp_path_factory.mktemp("scored")
    outputs = [infer(model, ntuple, folder, event=event) for event in (0, 1)]
    return Scored(outputs[0][0], [inputs for _, inputs in outputs])


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


def small_ntuple(
    model: Path, ntuple: Path, scored: Scored, folder: Path, n_hits: int
) -> tuple[Path, int]:
    """A file in which one event has n hits, and the number of that event: hits below a cut are
    dropped."""
    scores = [np.sort(event)[::-1] for event in read(scored.output, "spacePoint_score")]
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
    names = ["localX", "localY", "localZ", "driftR", "stationIndex"]
    of_maps = ["phi", "theta", "stationLayer", "nBuckets"]
    is_two_stage = metadata["architecture"] == "two_stage"
    assert json.loads(metadata["feature_names"]) == names + (of_maps if is_two_stage else [])
    assert int(metadata["property_count"]) == len(metadata)
    assert '"0.99":' in metadata["thresholds"]


def test_same_logits_in_python(model: Path, scored: Scored) -> None:
    for inputs, scores in zip(scored.inputs, read(scored.output, "spacePoint_score"), strict=True):
        logits = run_here(model, inputs)
        assert_close(inputs["logits"], logits)
        assert len(scores) > 1000
        assert_close(scores, hit_scores(inputs, logits, len(scores)))


@pytest.mark.parametrize("n_hits", [0, 1, 2])
def test_small_events(
    model: Path, ntuple: Path, scored: Scored, tmp_path: Path, n_hits: int
) -> None:
    path, event = small_ntuple(model, ntuple, scored, tmp_path, n_hits)
    output, inputs = infer(model, path, tmp_path, event=event)
    logits = run_here(model, inputs)
    assert_close(inputs["logits"], logits)
    scores = read(output, "spacePoint_score")[event]
    assert len(scores) == n_hits
    assert_close(scores, hit_scores(inputs, logits, n_hits))


def together(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Both events in one call."""
    n_first = len(first["features"])
    joined = {"features": np.concatenate([first["features"], second["features"]])}
    joined["group_offsets"] = np.concatenate(
        [first["group_offsets"], second["group_offsets"][1:].astype(np.int64) + n_first]
    )
    if "neighbours" in first:
        joined["neighbours"] = np.concatenate(
            [first["neighbours"], moved(second["neighbours"], n_first)]
        )
    if "event_of_node" in first:
        joined["event_of_node"] = np.concatenate(
            [first["event_of_node"], second["event_of_node"] + 1]
        ).astype(np.int32)
    if "edge_index" in first:
        joined["edge_index"] = np.concatenate(
            [first["edge_index"], second["edge_index"] + n_first], axis=1
        )
    if "slots" in first:
        longest = max(first["slots"].shape[1], second["slots"].shape[1])
        wide = [
            np.pad(table, ((0, 0), (0, longest - table.shape[1])), constant_values=-1)
            for table in (first["slots"], moved(second["slots"], n_first))
        ]
        joined["slots"] = np.concatenate(wide)
        joined["slot_of_node"] = slot_of_node(joined["slots"])
    return joined


def moved(table: np.ndarray, by: int) -> np.ndarray:
    return np.where(table < 0, -1, table + by).astype(np.int32)


def slot_of_node(slots: np.ndarray) -> np.ndarray:
    flat = slots.reshape(-1)
    place = np.zeros(flat.max() + 1, np.int32)
    place[flat[flat >= 0]] = np.flatnonzero(flat >= 0)
    return place


def permuted(inputs: dict[str, np.ndarray], order: np.ndarray) -> dict[str, np.ndarray]:
    """Node i becomes order[i]; the edges of a list are shuffled too."""
    place = np.argsort(order).astype(np.int32)
    result = {"features": inputs["features"][order]}
    if "neighbours" in inputs:
        result["neighbours"] = np.where(inputs["neighbours"] < 0, -1, place[inputs["neighbours"]])[
            order
        ].astype(np.int32)
    if "event_of_node" in inputs:
        result["event_of_node"] = inputs["event_of_node"][order]
    if "edge_index" in inputs:
        result["edge_index"] = np.random.default_rng(2).permutation(
            place[inputs["edge_index"]].astype(np.int64), axis=1
        )
    if "slots" in inputs:
        result["slots"] = np.where(inputs["slots"] < 0, -1, place[inputs["slots"]]).astype(
            np.int32
        )[::-1]
        result["slot_of_node"] = slot_of_node(result["slots"])
    return result


def order_of(inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Any order; for a list of edges of whole groups one that keeps the nodes of a group side by
    side."""
    random = np.random.default_rng(1)
    if "edge_index" not in inputs:
        return random.permutation(len(inputs["features"]))
    groups = [
        np.arange(*ends)
        for ends in zip(inputs["group_offsets"][:-1], inputs["group_offsets"][1:], strict=True)
    ]
    return np.concatenate(
        [random.permutation(groups[number]) for number in random.permutation(len(groups))]
    )


def test_batches_and_permutations_change_nothing(model: Path, scored: Scored) -> None:
    first, second = scored.inputs
    both = together(first, second)
    assert_close(run_here(model, both), np.concatenate([first["logits"], second["logits"]]))
    order = order_of(both)
    assert not np.array_equal(order, np.arange(len(order)))
    assert_close(run_here(model, permuted(both, order)), run_here(model, both)[order])


def test_neighbors_by_brute_force(ntuple: Path, tmp_path: Path) -> None:
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
        found = np.where(
            rows >= 0, np.take_along_axis(distance, np.maximum(rows - begin, 0), axis=1), np.inf
        )
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
    assert (
        "it has 0.985, 0.99, 0.995"
        in run(
            "infer", model, ntuple, "-o", tmp_path / "out.root", "--working-point", "0.9", code=2
        ).stderr
    )
    nowhere = tmp_path / "missing" / "out.root"
    assert "missing/out.root" in run("infer", model, ntuple, "-o", nowhere, code=4).stderr
    assert not (tmp_path / "out.root").exists()
