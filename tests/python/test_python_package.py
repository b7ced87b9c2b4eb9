"""The Python package, built as `pip install .` does and used as a user does."""

from __future__ import annotations

import json
import pickle
import subprocess
import threading
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import onnx
import pytest
import uproot
from conftest import execute, install_package

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "tests" / "data" / "models"
NAMES = sorted(np.load(FIXTURE / "scores.npz"))


@pytest.fixture(scope="module")
def events() -> ak.Array:
    """Three toy events."""
    with uproot.open(FIXTURE / "events.root") as file:
        return file["MuonHitDump"].arrays()


@pytest.fixture(scope="module")
def columns(stationhit_package: Any, events: ak.Array) -> dict[str, Any]:
    return stationhit_package.event_columns(events[0])


@pytest.fixture(scope="module")
def classifier(stationhit_package: Any) -> Any:
    return stationhit_package.HitClassifier("two_stage")


WITH_ONNX_RUNTIME = """
import numpy, onnxruntime, stationhit
columns = dict(numpy.load("event.npz"))
engine = stationhit.HitClassifier("two_stage")
other = stationhit.HitClassifier("two_stage", backend="onnxruntime")
print(engine.backend, other.backend, sorted(stationhit.backends()))
print(numpy.allclose(engine.scores(columns), other.scores(columns), rtol=1e-4, atol=1e-4))
"""


def test_a_package_with_onnxruntime(
    columns: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = install_package(
        tmp_path, "-C", "build-dir=build/python-ort", STATIONHIT_WITH_ONNXRUNTIME="ON"
    )
    monkeypatch.chdir(tmp_path)
    numbers = {"eventNumber", "runNumber"}
    np.savez("event.npz", **{k: v for k, v in columns.items() if k not in numbers})
    assert execute(site, WITH_ONNX_RUNTIME).splitlines() == [
        "engine onnxruntime ['engine', 'onnxruntime']",
        "True",
    ]


def test_models_are_those_of_the_program(stationhit_package: Any, run: Run) -> None:
    lines = run("models").stdout.splitlines()
    names = list(stationhit_package.models())
    assert names == NAMES == [line.split()[0] for line in lines[1 : len(names) + 1]]


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_the_recorded_ones(stationhit_package: Any, events: ak.Array, name: str) -> None:
    recorded = np.load(FIXTURE / "scores.npz")[name]
    scores = stationhit_package.HitClassifier(name).scores_of_events(events, threads=2)
    tolerance = 0.05 if name.endswith(".int8") else 1e-4
    assert ak.num(scores).tolist() == ak.num(events["spacePoint_time"]).tolist()
    np.testing.assert_allclose(ak.flatten(scores), recorded, rtol=tolerance, atol=tolerance)


def test_scores_are_those_of_the_program(
    stationhit_package: Any, run: Run, toy_file: Path, tmp_path: Path
) -> None:
    """Bit for bit, of one event and of many, on one thread and on several."""
    run("infer", "two_stage", toy_file, "-o", tmp_path / "scored.root", "--quiet")
    with uproot.open(tmp_path / "scored.root") as file:
        expected = file["MuonHitDump"]["spacePoint_score"].array()
    with uproot.open(toy_file) as file:
        events = file["MuonHitDump"].arrays()
    classifier = stationhit_package.HitClassifier("two_stage", backend="engine")
    for threads in (1, 3):
        scores = classifier.scores_of_events(events, threads=threads)
        assert ak.array_equal(scores, expected, check_parameters=False)
    for i in (0, 7, 119):
        one = classifier.scores(stationhit_package.event_columns(events[i]))
        assert np.array_equal(one, ak.to_numpy(expected[i]))


def test_needed_columns_are_enough(classifier: Any, columns: dict[str, Any]) -> None:
    """What is left out only decides between neighbors at the same distance."""
    needed = [*classifier.needed_columns(), "bucket_offsets"]
    assert "spacePoint_covYY" in needed and "spacePoint_channel" not in needed
    scores = classifier.scores(columns)
    few = {name: columns[name] for name in needed}
    assert np.mean(classifier.scores(few) == scores) > 0.99
    for name in ("stationEta", "stationPhi", "channel", "secChannel"):
        few[f"spacePoint_{name}"] = columns[f"spacePoint_{name}"]
    assert np.array_equal(classifier.scores(few), scores)
    unchecked = classifier.scores(columns, check=False)
    assert np.array_equal(unchecked, classifier.scores(columns))
    assert "spacePoint_globEdgeLowX" in classifier.needed_columns(buckets=False)


def test_scores_go_into_an_array_of_the_caller(
    classifier: Any, columns: dict[str, Any], events: ak.Array
) -> None:
    scores = classifier.scores(columns)
    assert scores.dtype == np.float32 and scores.flags.c_contiguous and scores.flags.writeable
    out = np.empty(len(scores), np.float32)
    assert classifier.scores(columns, out) is out
    assert np.array_equal(out, scores)
    n = int(ak.sum(ak.num(events["spacePoint_time"])))
    out = np.empty(n, np.float32)
    jagged = classifier.scores_of_events(events, out)
    out[0] = 17
    assert jagged[0, 0] == 17
    for wrong, error, text in (
        (np.empty(3, np.float32), ValueError, "out has room for 3 scores"),
        (np.empty(len(scores)), TypeError, "out has the dtype float64, expected float32"),
        (np.empty((len(scores), 1), np.float32), ValueError, "out has 2 dimensions, expected 1"),
    ):
        with pytest.raises(error, match=text):
            classifier.scores(columns, wrong)
    read_only = np.empty(len(scores), np.float32)
    read_only.flags.writeable = False
    with pytest.raises(TypeError, match="can be written to"):
        classifier.scores(columns, read_only)


def test_buckets_are_built_where_there_are_none(classifier: Any, columns: dict[str, Any]) -> None:
    hits = {name: values for name, values in columns.items() if not name.startswith("bucket_")}
    # The toy simulation makes its buckets by the same rule.
    assert np.allclose(classifier.scores(hits), classifier.scores(columns), atol=1e-3)
    del hits["spacePoint_measPhi"]
    with pytest.raises(ValueError, match="no spacePoint_measPhi"):
        classifier.scores(hits)


def spoilt(columns: dict[str, Any], name: str, change: Callable[[Any], Any]) -> dict[str, Any]:
    return {**columns, name: change(columns[name].copy())}


def put(place: int, value: Any) -> Callable[[Any], Any]:
    def change(values: Any) -> Any:
        values[place] = value
        return values

    return change


Y = "spacePoint_PositionY"
FAULTS: list[tuple[str, Callable[[Any], Any], type[Exception], str]] = [
    (Y, lambda y: y.astype(float), TypeError, f"{Y} has the dtype float64, expected float32"),
    (Y, lambda y: y.astype(">f4"), TypeError, f"{Y} has the dtype >f4, expected float32"),
    (Y, lambda y: y.tolist(), TypeError, f"{Y} is of type list, expected a NumPy array"),
    (Y, lambda y: None, TypeError, f"{Y} is of type NoneType, expected a NumPy array"),
    (Y, lambda y: y[:, None], ValueError, f"{Y} has 2 dimensions, expected 1"),
    (Y, lambda y: np.repeat(y, 2)[::2], ValueError, f"{Y} is not contiguous"),
    (Y, lambda y: y[::-1], ValueError, f"{Y} is not contiguous"),
    (Y, lambda y: y[:-1], ValueError, f"{Y} has 2553 values, but .* has 2554"),
    (Y, lambda y: y[:0], ValueError, f"{Y} has 0 values, but .* has 2554"),
    ("spacePoint_channel", lambda c: c.astype(np.int16), TypeError, "expected uint16"),
    ("spacePoint_technology", put(7, 6), ValueError, r"spacePoint_technology\[7\] = 6"),
    ("bucket_spacePoints", put(5, 2554), ValueError, "bucket_spacePoints refers to hit 2554"),
    ("bucket_spacePoints", lambda b: b[:-1], ValueError, "bucket_spacePoints"),
    ("bucket_spacePoints", lambda b: b.astype(np.int64), TypeError, "expected uint32"),
    ("bucket_offsets", put(3, 0), ValueError, "bucket_spacePoints"),
    ("bucket_offsets", lambda o: o[:0], ValueError, "bucket_offsets has no values"),
    ("bucket_offsets", lambda o: o[:-1], ValueError, "bucket_xM.* but bucket_offsets has those of"),
    ("bucket_xMin", lambda x: x[:-1], ValueError, "bucket_xM"),
    ("eventNumber", lambda n: 1.5, TypeError, "eventNumber is 1.5, expected a whole number"),
    ("eventNumber", lambda n: -1, TypeError, "eventNumber is -1, expected a whole number"),
]


@pytest.mark.parametrize(("name", "change", "error", "text"), FAULTS)
def test_wrong_columns_are_named(
    stationhit_package: Any,
    classifier: Any,
    columns: dict[str, Any],
    name: str,
    change: Callable[[Any], Any],
    error: type[Exception],
    text: str,
) -> None:
    given = {**columns, name: np.asarray(columns[name])}
    with pytest.raises(error, match=text):
        classifier.scores(spoilt(given, name, change))


def test_columns_that_are_missing_or_unknown(
    stationhit_package: Any, classifier: Any, columns: dict[str, Any]
) -> None:
    less = {name: values for name, values in columns.items() if name != Y}
    with pytest.raises(stationhit_package.DataError, match=f"event 0: the event has no {Y}"):
        classifier.scores(less)
    with pytest.raises(ValueError, match=r"PositonY is no column .*did you mean .*PositionY"):
        classifier.scores({**columns, "spacePoint_PositonY": columns[Y]})
    with pytest.raises(ValueError, match="are given together"):
        classifier.scores({k: v for k, v in columns.items() if k != "bucket_offsets"})
    with pytest.raises(ValueError, match="without bucket_spacePoints"):
        names = ("bucket_offsets", "bucket_spacePoints")
        classifier.scores({k: v for k, v in columns.items() if k not in names})
    with pytest.raises(ValueError, match="no column spacePoint_"):
        classifier.scores({})
    misplaced = np.frombuffer(bytes(4 * 2554 + 1), np.uint8)[1:].view(np.float32)
    with pytest.raises(ValueError, match="does not begin at a multiple of 4 bytes"):
        classifier.scores({**columns, Y: misplaced})
    # Others of the ntuple are passed over.
    more = {**columns, "truthMuon_pt": None, "spacePoint_truthLink": None}
    assert np.array_equal(classifier.scores(more), classifier.scores(columns))


def test_hits_that_are_not_finite_and_events_without_hits(
    stationhit_package: Any, classifier: Any, columns: dict[str, Any]
) -> None:
    wrong = spoilt(spoilt(columns, Y, put(3, np.nan)), "spacePoint_driftR", put(5, np.inf))
    scores = classifier.scores(wrong)
    assert np.flatnonzero(scores == -100).tolist() == [3, 5]
    empty = {name: np.zeros(0, kind) for name, kind in stationhit_package.columns.items()}
    assert classifier.scores(empty).shape == (0,)
    buckets = {
        "bucket_spacePoints": [],
        "bucket_offsets": [0],
        "bucket_xMin": [],
        "bucket_xMax": [],
    }
    for name, values in buckets.items():
        empty[name] = np.array(values, np.float32 if "x" in name else np.uint32)
    assert classifier.scores(empty).shape == (0,)


def test_jagged_events(stationhit_package: Any, classifier: Any, events: ak.Array) -> None:
    needed = [*classifier.needed_columns(), "eventNumber"]
    scores = classifier.scores_of_events(events[needed])
    # A dict, a part, events in another order, one without hits.
    as_dict = {name: events[name] for name in needed}
    assert ak.array_equal(classifier.scores_of_events(as_dict), scores)
    turned = classifier.scores_of_events(events[needed][::-1])
    assert ak.array_equal(turned[::-1], scores)
    assert len(classifier.scores_of_events(events[needed][:0])) == 0
    none = {name: values[:, :0] if values.ndim > 1 else values for name, values in as_dict.items()}
    assert ak.num(classifier.scores_of_events(none)).tolist() == [0] * len(events)
    signed = {**as_dict, "bucket_spacePoints": ak.values_astype(events.bucket_spacePoints, "int64")}
    assert ak.array_equal(classifier.scores_of_events(signed), scores)


def test_wrong_jagged_events_are_named(
    stationhit_package: Any, classifier: Any, events: ak.Array
) -> None:
    def fails(error: type[Exception], text: str, **more: Any) -> None:
        given = {name: events[name] for name in events.fields}
        given.update(more)
        with pytest.raises(error, match=text):
            classifier.scores_of_events(given)

    y = events[Y]
    fails(TypeError, f"{Y} has the dtype float64", **{Y: ak.values_astype(y, "float64")})
    fails(ValueError, f"{Y} has 1 dimensions, expected 2", **{Y: y[0]})
    fails(ValueError, "has .* values in entry 1, but", **{Y: ak.concatenate([y[:1], y[1:, 1:]])})
    fails(ValueError, "missing", **{Y: ak.mask(y, y > 0)})
    lists = events.bucket_spacePoints
    fails(stationhit_package.DataError, "event 0: .*refers to hit", bucket_spacePoints=lists + 1)
    fails(ValueError, "refers to hit -1", bucket_spacePoints=ak.values_astype(lists, "int64") - 1)
    fails(ValueError, "has 2 dimensions, expected 3", bucket_spacePoints=lists[:, 0])
    fails(TypeError, "expected whole numbers", bucket_spacePoints=ak.values_astype(lists, float))
    fails(ValueError, "bucket_xMin has", bucket_xMin=events.bucket_xMin[:, 1:])
    with pytest.raises(ValueError, match="no columns spacePoint_"):
        classifier.scores_of_events(events[["eventNumber"]])


def as_structured(columns: dict[str, Any], packed: bool) -> np.ndarray:
    """The columns of the hits as fields of one array; packed: fields begin anywhere."""
    hits = {k: np.asarray(v) for k, v in columns.items() if k.startswith("spacePoint_")}
    # A byte first, so that no field of a packed array begins at a multiple of its size.
    kinds = np.dtype([("eventByte", "u1"), *((k, v.dtype) for k, v in hits.items())], not packed)
    structured = np.zeros(len(next(iter(hits.values()))), kinds)
    for name, values in hits.items():
        structured[name] = values
    return structured


def test_other_forms_of_an_event(
    stationhit_package: Any, classifier: Any, events: ak.Array, columns: dict[str, Any]
) -> None:
    expected = classifier.scores(columns)
    assert np.array_equal(classifier.scores(events[0]), expected)
    features = stationhit_package.features
    names = classifier.feature_names
    graph = classifier.metadata["graph"]
    inputs = features.compute(events[0], names, **graph)
    assert np.array_equal(inputs.values, features.compute(columns, names, **graph).values)
    hits = {name: value for name, value in columns.items() if name.startswith("spacePoint_")}
    without_buckets = classifier.scores(hits)
    records = ak.zip({name: events[0][name] for name in hits})
    assert np.array_equal(classifier.scores(records), without_buckets)
    for packed in (True, False):
        structured = as_structured(columns, packed)
        assert np.array_equal(classifier.scores(structured), without_buckets)
        assert np.array_equal(classifier.scores(structured.view(np.recarray)), without_buckets)
    assert np.array_equal(classifier.scores(structured[:1]), classifier.scores(records[:1]))
    for wrong in (3, [hits], np.zeros(3), None):
        kind = type(wrong).__name__
        with pytest.raises(TypeError, match=f"an event is of type {kind}, expected a dict of"):
            classifier.scores(wrong)
    wide = structured.astype([(name, np.float64) for name in structured.dtype.names or ()])
    with pytest.raises(TypeError, match="has the dtype float64, expected"):
        classifier.scores(wide)


def test_many_events_as_arrays_of_arrays(
    stationhit_package: Any, classifier: Any, events: ak.Array
) -> None:
    expected = classifier.scores_of_events(events)
    with uproot.open(FIXTURE / "events.root") as file:
        arrays = file["MuonHitDump"].arrays(library="np")
    assert arrays["spacePoint_PositionY"].dtype == object
    scores = classifier.scores_of_events(arrays)
    assert ak.array_equal(scores, expected)
    one = {name: values[1] for name, values in arrays.items()}
    again = classifier.scores(stationhit_package.event_columns(one))
    assert np.array_equal(again, ak.to_numpy(expected[1]))
    arrays["spacePoint_time"] = np.array([1, 2, 3], object)
    with pytest.raises((TypeError, ValueError), match="spacePoint_time"):
        classifier.scores_of_events(arrays)


RDATAFRAME = """
import awkward, numpy, ROOT, stationhit, uproot
classifier = stationhit.HitClassifier("two_stage")
source = ROOT.RDataFrame("MuonHitDump", {file!r})
names = tuple(classifier.needed_columns())
events = awkward.from_rdataframe(source, columns=names)
expected = classifier.scores_of_events(uproot.open({file!r})["MuonHitDump"].arrays(names))
print(awkward.array_equal(classifier.scores_of_events(events), expected))
print(awkward.array_equal(classifier.scores_of_events(source.AsNumpy(names)), expected))
"""


def test_events_of_rdataframe(python_package: Path) -> None:
    pytest.importorskip("ROOT", exc_type=ImportError)
    source = RDATAFRAME.format(file=str(FIXTURE / "events.root"))
    assert execute(python_package, source, "-W", "ignore").splitlines() == ["True", "True"]


def test_a_call_adds_little(stationhit_package: Any, classifier: Any) -> None:
    """What Python adds to the time of an event shows where there are no hits."""
    empty = {name: np.zeros(0, kind) for name, kind in stationhit_package.columns.items()}
    times = timeit.repeat(lambda: classifier.scores(empty), number=20, repeat=50)
    assert min(times) / 20 < 50e-6


def test_threads_share_a_classifier(classifier: Any, stationhit_package: Any, events: Any) -> None:
    given = [stationhit_package.event_columns(event) for event in events]
    expected = [classifier.scores(event) for event in given]
    wrong: list[int] = []

    def work(first: int) -> None:
        for i in range(first, first + 30):
            if not np.array_equal(classifier.scores(given[i % 3]), expected[i % 3]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_a_model_says_of_itself(stationhit_package: Any, classifier: Any, run: Run) -> None:
    properties = onnx.load(classifier.path).metadata_props
    texts = {entry.key: entry.value for entry in properties}
    assert classifier.card == json.loads(texts["card"])
    assert classifier.thresholds == pytest.approx(json.loads(texts["thresholds"]))
    assert classifier.threshold("0.990") == classifier.thresholds["0.99"]
    metadata = classifier.metadata
    assert metadata["architecture"] == "two_stage"
    assert metadata["features"] == json.loads(texts["feature_names"]) == classifier.feature_names
    assert metadata["graph"]["k"] > 0 and metadata["quantization"] is None
    assert (classifier.backend, classifier.precision) == ("engine", "float32")
    assert stationhit_package.HitClassifier("two_stage.int8").precision == "int8"
    bfloat16 = stationhit_package.HitClassifier("two_stage", precision="bfloat16")
    assert bfloat16.precision == "bfloat16"
    assert "two_stage" in repr(classifier)
    again = pickle.loads(pickle.dumps(bfloat16))
    assert (again.path, again.precision) == (bfloat16.path, "bfloat16")


def test_models_that_cannot_be_loaded(
    stationhit_package: Any, classifier: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_error, usage_error = stationhit_package.DataError, stationhit_package.UsageError
    load = stationhit_package.HitClassifier
    with pytest.raises(data_error, match=r"two_stag: .*did you mean 'two_stage'\?.*dropin_fc8"):
        load("two_stag")
    with pytest.raises(data_error, match="missing.onnx: no such"):
        load(tmp_path / "missing.onnx")
    content = Path(classifier.path).read_bytes()
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(content[: len(content) // 2])
    with pytest.raises(data_error, match="damaged.onnx: "):
        load(damaged)
    damaged.write_bytes(b"")
    with pytest.raises(data_error, match="damaged.onnx: "):
        load(damaged)
    edited = onnx.load_from_string(content)
    edited.doc_string = "edited"
    onnx.save(edited, damaged)
    with pytest.raises(data_error, match="damaged.onnx: "):
        load(damaged)
    with pytest.raises(usage_error, match="backend is 'torch', expected one of auto, engine"):
        load("two_stage", backend="torch")
    with pytest.raises(usage_error, match="bfloat16 .*int8"):
        load("two_stage.int8", precision="bfloat16")
    with pytest.raises(usage_error, match="no threshold for working point 0.5; it has 0.985"):
        classifier.threshold("0.5")
    if "onnxruntime" not in stationhit_package.backends():
        with pytest.raises(usage_error, match="no ONNX Runtime"):
            load("two_stage", backend="onnxruntime")
    with pytest.raises(TypeError):
        load(3)
    # A folder of one's own comes first.
    (tmp_path / "two_stage").mkdir()
    (tmp_path / "two_stage" / "model.onnx").write_bytes(content)
    monkeypatch.setenv("STATIONHIT_MODELS", str(tmp_path))
    assert Path(load("two_stage").path) == tmp_path / "two_stage" / "model.onnx"
