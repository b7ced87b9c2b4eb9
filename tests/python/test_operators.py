"""The operator library in ONNX Runtime of Python: files with the interfaces fused and fused_edges
against those of standard operators with the same weights."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import uproot
from conftest import Run, built_program
from safetensors.numpy import load_file

FORMS = [
    ("mlp", "table", "knn"),
    ("two_stage", "table", "knn"),
    ("edgeconv", "table", "knn"),
    ("edgeconv", "edges", "knn"),
    ("edgeconv_attention", "table", "knn"),
    ("edgeconv", "table", "fully_connected"),
    ("edgeconv", "edges", "fully_connected"),
    ("edgeconv_gat", "edges", "fully_connected"),
    ("edgeconv_attention", "edges", "fully_connected"),
]
FUSED = {"table": "fused", "edges": "fused_edges"}


@pytest.fixture(scope="session")
def library() -> Path:
    """The operator library of the build."""
    path = built_program("stationhit").parent.parent / "lib" / "libstationhit_ops.so"
    if not path.exists():
        pytest.skip(f"{path} is not built")
    return path


def session(model: Path, library: Path | None = None) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if library:
        options.register_custom_ops_library(str(library))
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def make_model(path: Path, network: str, interface: str, edges: str) -> Path:
    subprocess.run(
        [built_program("make_random_model"), network, path, interface, edges], check=True
    )
    return path


@dataclass
class Files:
    """One network in both forms, and the inputs and logits of an event."""

    plain: Path
    fused: Path
    inputs: dict[str, np.ndarray]
    logits: np.ndarray

    def run(self, library: Path, changes: dict[str, np.ndarray] | None = None) -> np.ndarray:
        """The logits of the fused file, in Python."""
        return session(self.fused, library).run(["output"], {**self.inputs, **(changes or {})})[0]


def files_of(run: Run, toy_file: Path, folder: Path, form: tuple[str, str, str]) -> Files:
    network, interface, edges = form
    plain = make_model(folder / "plain.onnx", network, interface, edges)
    fused = make_model(folder / "fused.onnx", network, FUSED[interface], edges)
    dump = folder / "inputs.safetensors"
    run("infer", plain, toy_file, "-o", folder / "out.root", "--dump-inputs", dump)
    tensors = load_file(str(dump))
    names = [value.name for value in session(plain).get_inputs()]
    return Files(plain, fused, {name: tensors[name] for name in names}, tensors["logits"])


@pytest.fixture(scope="session", params=FORMS, ids="-".join)
def files(
    request: pytest.FixtureRequest,
    run: Run,
    toy_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Files:
    return files_of(run, toy_file, tmp_path_factory.mktemp("-".join(request.param)), request.param)


@pytest.fixture(scope="session")
def edgeconv(run: Run, toy_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return files_of(run, toy_file, tmp_path_factory.mktemp("edgeconv"), FORMS[2])


@pytest.fixture(scope="session")
def drop_in(run: Run, toy_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return files_of(run, toy_file, tmp_path_factory.mktemp("drop_in"), FORMS[6])


def assert_close(logits: np.ndarray, expected: np.ndarray) -> None:
    logits, expected = logits.reshape(-1), expected.reshape(-1)
    assert logits.shape == expected.shape
    assert np.all(np.abs(logits - expected) <= 1e-5 * np.maximum(1, np.abs(expected)))


def test_same_logits_as_the_standard_operators(files: Files, library: Path) -> None:
    assert len(files.logits) > 100
    assert_close(files.run(library), files.logits)


def test_same_inputs_and_one_node(files: Files) -> None:
    plain, fused = (onnx.load(str(path)) for path in (files.plain, files.fused))
    onnx.checker.check_model(fused)
    assert fused.graph.input == plain.graph.input
    assert fused.graph.output == plain.graph.output
    assert [(node.domain, node.op_type) for node in fused.graph.node] == [
        ("stationhit_ops", "Network")
    ]
    assert {o.domain: o.version for o in fused.opset_import} == {"": 18, "stationhit_ops": 1}


def test_no_nodes(files: Files, library: Path) -> None:
    empty = {
        "features": files.inputs["features"][:0],
        "neighbours": np.zeros((0, 16), np.int32),
        "slots": np.full((0, 1), -1, np.int32),
        "slot_of_node": np.zeros(0, np.int32),
        "event_of_node": np.zeros(0, np.int32),
        "edge_index": np.zeros((2, 0), np.int64),
    }
    assert files.run(library, {name: empty[name] for name in files.inputs}).shape == (0, 1)


def test_without_the_library_the_message_names_it(edgeconv: Files) -> None:
    with pytest.raises(Exception, match="stationhit_ops"):
        session(edgeconv.fused)


def test_calls_at_the_same_time_give_the_same(drop_in: Files, library: Path) -> None:
    shared = session(drop_in.fused, library)
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(shared.run, ["output"], drop_in.inputs) for _ in range(40)]
    expected = drop_in.run(library)
    assert all(np.array_equal(call.result()[0], expected) for call in calls)


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("features", (3, 1), np.nan, r"features\[3, 1\] \(localY\) is nan, expected finite"),
        ("features", (0, 0), np.inf, r"features\[0, 0\] \(localX\) is inf"),
        ("neighbours", (5, 2), 10**6, r"neighbours\[5, 2\] = 1000000, expected -1 or a node"),
        ("neighbours", (5, 2), -2, r"neighbours\[5, 2\] = -2, expected -1 or a node"),
    ],
)
def test_wrong_values_are_errors(
    edgeconv: Files, library: Path, name: str, place: tuple[int, int], value: float, message: str
) -> None:
    wrong = edgeconv.inputs[name].copy()
    wrong[place] = value
    with pytest.raises(Exception, match=message):
        edgeconv.run(library, {name: wrong})


def test_another_number_of_columns_is_an_error(edgeconv: Files, library: Path) -> None:
    for name in ("features", "neighbours"):
        with pytest.raises(Exception, match=name):
            edgeconv.run(library, {name: edgeconv.inputs[name][:, 1:].copy()})


def test_edges_that_are_no_groups_are_errors(drop_in: Files, library: Path) -> None:
    edges = drop_in.inputs["edge_index"]
    pair = np.sort(edges[:, np.abs(edges[0] - edges[1]) > 1][:, 0])
    others = ~np.all(np.sort(edges, axis=0) == pair[:, None], axis=0)
    with pytest.raises(Exception, match=rf"edge_index: node {pair[1]} has .* expected all edges"):
        drop_in.run(library, {"edge_index": edges[:, others].copy()})
    wrong = edges.copy()
    wrong[1, 7] = len(drop_in.logits)
    with pytest.raises(Exception, match=r"edge_index\[1, 7\] = \d+, expected a node"):
        drop_in.run(library, {"edge_index": wrong})
    one_direction = edges[:, edges[0] < edges[1]].copy()
    assert np.array_equal(drop_in.run(library, {"edge_index": one_direction}), drop_in.run(library))


def scores(path: Path) -> np.ndarray:
    with uproot.open(path) as file:
        return np.concatenate(file["MuonHitDump/spacePoint_score"].array(library="np"))


def test_the_program_runs_a_fused_file_with_both_backends(
    run: Run, edgeconv: Files, toy_file: Path, tmp_path: Path
) -> None:
    run("infer", edgeconv.plain, toy_file, "-o", tmp_path / "plain.root")
    for backend, runs_it in (("auto", "the engine"), ("onnxruntime", "ONNX Runtime")):
        output = tmp_path / f"{backend}.root"
        done = run("infer", edgeconv.fused, toy_file, "-o", output, "--backend", backend)
        assert f"run by {runs_it}" in done.stderr
        assert_close(scores(output), scores(tmp_path / "plain.root"))
    bench = ["--input", toy_file, "--compare", edgeconv.plain, "--events", 2, "--repetitions", 1]
    report = ["-o", tmp_path / "bench.json"]
    for backend in ("engine", "onnxruntime"):
        assert "ratio" in run("bench", edgeconv.fused, "--backend", backend, *bench, *report).stdout


def test_inspect_knows_the_operator(run: Run, edgeconv: Files) -> None:
    text = run("inspect", edgeconv.fused).stdout
    assert "stationhit_ops::Network 1" in text
    assert "problem" not in text


def test_a_fused_file_has_nothing_to_quantize(run: Run, tmp_path: Path) -> None:
    error = run("export", "-q", "--interface", "fused", "-c", tmp_path / "run.yaml", code=2).stderr
    assert "--interface fused has no operators that could become int8" in error


def host(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A C++ program that knows ONNX Runtime only."""
    program = built_program("operator_host")
    return subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_a_cpp_program_that_opens_onnx_runtime(drop_in: Files, library: Path) -> None:
    (runtime,) = Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.so.*")
    inputs = drop_in.plain.parent / "inputs.safetensors"
    for model, *operators in ((drop_in.fused, library), (drop_in.plain,)):
        done = host(runtime, model, inputs, *operators)
        assert done.returncode == 0, done.stderr
        assert f"in ONNX Runtime {onnxruntime.__version__}: {len(drop_in.logits)} logits" in (
            done.stdout
        )
    done = host(runtime, drop_in.fused, inputs)
    assert done.returncode == 2
    assert "its operator is in libstationhit_ops.so; give it as LIBRARY" in done.stderr
    assert "is not a registered function/op" in done.stderr


def test_the_cpp_program_names_what_is_wrong(
    drop_in: Files, edgeconv: Files, library: Path, tmp_path: Path
) -> None:
    (runtime,) = Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.so.*")
    inputs = drop_in.plain.parent / "inputs.safetensors"
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(inputs.read_bytes()[:100])
    for arguments, code, text in (
        ((), 2, "usage: operator_host RUNTIME MODEL.onnx INPUTS.safetensors"),
        ((tmp_path / "none.so", drop_in.fused, inputs), 2, "no ONNX Runtime: "),
        ((library, drop_in.fused, inputs), 2, "is no ONNX Runtime, it has no OrtGetApiBase"),
        ((runtime, drop_in.fused, damaged, library), 2, "its end is missing"),
        (
            (runtime, edgeconv.fused, inputs, library),
            2,
            "has no tensor neighbours; dump the inputs",
        ),
        ((runtime, drop_in.fused, inputs, library, -1), 1, ""),
    ):
        done = host(*arguments)
        assert done.returncode == code
        assert text in done.stderr
