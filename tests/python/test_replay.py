"""Dumps of the experiment's inference tool (examples/05_dropin_tool) and `stationhit replay`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from conftest import ROOT, Run, built_program, set_options

MODEL = ROOT / "models/dropin_fc8/model.onnx"
N_EVENTS = 2


@pytest.fixture(scope="module")
def ntuple(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ntuple") / "in.root"
    settings = {"output": path, "events": N_EVENTS + 1, "mu": 200, "seed": 1}
    run("simulate", *set_options(settings))
    return path


@pytest.fixture(scope="module")
def dump(ntuple: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dump") / "dump.jsonl"
    command = [built_program("dropin_tool"), MODEL, ntuple, "-3.6", "--dump", path]
    command += ["--events", str(N_EVENTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{ntuple}, {N_EVENTS} events: " in done.stdout
    return path


@pytest.fixture
def edited(dump: Path, tmp_path: Path) -> Callable[[Callable[[dict], None]], Path]:
    """The dump with a change of its second event."""

    def edit(change: Callable[[dict], None]) -> Path:
        lines = [json.loads(line) for line in dump.read_text().splitlines()]
        change(lines[1])
        path = tmp_path / "edited.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    return edit


def test_python_reads_the_dump_bit_for_bit(dump: Path) -> None:
    session = onnxruntime.InferenceSession(MODEL)
    lines = [json.loads(line) for line in dump.read_text().splitlines()]
    assert [line["event"] for line in lines] == list(range(N_EVENTS))
    for line in lines:
        assert list(line) == [
            *("schema", "model", "run", "event", "feature_names", "cut", "features"),
            *("edge_index", "scores", "kept"),
        ]
        assert line["schema"] == "stationhit-event-dump/1"
        inputs = {
            "features": np.array(line["features"], np.float32),
            "edge_index": np.array(line["edge_index"], np.int64),
        }
        (logits,) = session.run(None, inputs)
        scores = np.array(line["scores"], np.float32)
        assert np.allclose(logits.ravel(), scores, rtol=1e-5, atol=1e-5)
        assert line["kept"] == (scores > np.float32(line["cut"])).tolist()


@pytest.mark.parametrize("backend", ["onnxruntime", "engine", "auto"])
def test_a_dump_is_scored_again(run: Run, dump: Path, backend: str) -> None:
    said = run("replay", MODEL, dump, "--backend", backend).stdout
    assert f"{dump}: {N_EVENTS} events, " in said
    assert "decisions: 0 of " in said
    assert f"by {'onnxruntime' if backend == 'onnxruntime' else 'engine'} in float32" in said
    if backend == "onnxruntime":  # what the tool ran
        assert "largest difference 0 max(1, |logit|)" in said


def test_the_new_dump_of_the_same_model_is_the_old_one(
    run: Run, dump: Path, tmp_path: Path
) -> None:
    output = tmp_path / "again.jsonl"
    run("replay", "dropin_fc8", dump, "--backend", "onnxruntime", "-o", output)
    assert output.read_bytes() == dump.read_bytes()
    run("replay", "dropin_fc8", dump, "--events", 1, "-o", output)
    assert len(output.read_text().splitlines()) == 1
    foreign = tmp_path / "notes.txt"
    foreign.write_text("notes")
    error = run("replay", MODEL, dump, "-o", foreign, code=4).stderr
    assert f"error: {foreign}: " in error
    assert foreign.read_text() == "notes"


def test_a_changed_score_is_found(run: Run, edited) -> None:
    def change(event: dict) -> None:
        event["scores"][7] += 0.5

    path = edited(change)
    done = run("replay", MODEL, path, code=4)
    assert f"largest: {path}:2, event 1, node 7: " in done.stdout
    assert f"error: {path}: " in done.stderr
    assert "gives other answers than were recorded" in done.stderr
    run("replay", MODEL, path, "--tolerance", 1)
    said = run("replay", MODEL, path, "--no-compare", "--repetitions", 3).stdout
    assert "decisions" not in said and "network" in said


def test_a_changed_feature_is_found(run: Run, edited) -> None:
    def change(event: dict) -> None:
        event["features"][3][0] += 100

    assert "gives other answers" in run("replay", MODEL, edited(change), code=4).stderr


def test_a_changed_decision_is_found(run: Run, edited) -> None:
    def change(event: dict) -> None:
        far = next(i for i, score in enumerate(event["scores"]) if abs(score + 3.6) > 1)
        event["kept"][far] = not event["kept"][far]

    path = edited(change)
    done = run("replay", MODEL, path, code=4)
    assert "decisions: 1 of " in done.stdout and ", 1 of them further from the cut" in done.stdout
    assert f"first: {path}:2, event 1, node " in done.stdout
    assert ", 1 other decisions; " in done.stderr


def test_a_dump_of_another_model(run: Run, edited) -> None:
    path = edited(lambda event: event.update(model="0123456789abcdef"))
    error = run("replay", MODEL, path, code=4).stderr
    assert f"{path}:2: the scores are of a model with XXH3 0123456789abcdef, {MODEL} has " in error
    assert "--other-model" in error
    run("replay", MODEL, path, "--other-model")
    error = run("replay", "two_stage", path, "--other-model", code=4).stderr
    assert f"{path}:1: feature_names has 8 features, " in error


def test_wrong_lines(run: Run, edited, dump: Path, tmp_path: Path) -> None:
    def error(path: Path) -> str:
        return run("replay", MODEL, path, code=4).stderr

    path = edited(lambda event: event.update(schema="stationhit-event-dump/9"))
    assert f'{path}:2: schema is "stationhit-event-dump/9", expected' in error(path)
    path = edited(lambda event: event["scores"].__setitem__(4, float("nan")))
    assert f"{path}:2: is no JSON (which has no NaN), it begins with" in error(path)
    path = edited(lambda event: event["scores"].pop())
    assert f"{path}:2: features has " in error(path)
    path = edited(lambda event: [row.pop() for row in event["edge_index"]])
    run("replay", MODEL, path)  # one direction of the last edge is still there
    path = edited(lambda event: event.update(edge_index=[row[1:-1] for row in event["edge_index"]]))
    run("replay", MODEL, path)
    path.write_bytes(dump.read_bytes()[:-1000])
    assert f"{path}:2: is cut off, it begins with" in error(path)
    (tmp_path / "empty").touch()
    assert f"{tmp_path / 'empty'}: has no events" in error(tmp_path / "empty")
    assert f"{tmp_path}: " in error(tmp_path)


def test_edges_that_are_not_complete(run: Run, edited) -> None:
    def change(event: dict) -> None:
        pairs = zip(*event["edge_index"], strict=True)
        others = [pair for pair in pairs if set(pair) != {0, 1}]
        event["edge_index"] = [list(row) for row in zip(*others, strict=True)]

    path = edited(lambda event: None)
    event = json.loads(path.read_text().splitlines()[1])
    linked = {d for s, d in zip(*event["edge_index"], strict=True) if s == 0}
    assert len(linked) >= 2, "the first bucket has at least three hits"
    path = edited(change)
    error = run("replay", MODEL, path, code=4).stderr
    assert f"{path}:2: edge_index joins nodes around 0 and 1 to one bucket" in error


def test_wrong_calls(run: Run, dump: Path, toy_file: Path) -> None:
    assert "stationhit replay MODEL.onnx DUMP.jsonl" in run("replay", toy_file, dump, code=2).stderr
    assert "expected a number >= 0" in run("replay", MODEL, dump, "--tolerance", -1, code=2).stderr
    run("replay", MODEL, code=2)


def test_the_tool_says_how_it_is_called(ntuple: Path, tmp_path: Path) -> None:
    program = built_program("dropin_tool")

    def call(*arguments: object) -> tuple[int, str]:
        command = [program, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    for arguments in (
        (),
        (MODEL,),
        (MODEL, ntuple, "--dump"),
        (MODEL, ntuple, "--events"),
        (MODEL, ntuple, "--events", "-1"),
        (MODEL, ntuple, "--events", "2x"),
        (MODEL, ntuple, "low"),
        (MODEL, ntuple, "1", "2", "3"),
    ):
        code, error = call(*arguments)
        assert code == 2
        assert "usage: dropin_tool MODEL.onnx INPUT.root" in error
    code, error = call(MODEL, ntuple, "--events", 1, "--dump", tmp_path / "none" / "dump.jsonl")
    assert code == 1
    assert f"{tmp_path}/none/dump.jsonl" in error
    code, error = call(MODEL, tmp_path / "none.root")
    assert code == 1
    assert f"error: {tmp_path}/none.root: " in error


@pytest.fixture(scope="module")
def reference(run: Run, ntuple: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the program itself gives the model for all events of the ntuple."""
    folder = tmp_path_factory.mktemp("reference")
    path = folder / "ours.jsonl"
    output = ["-o", folder / "scored.root", "--dump-events", path]
    run("infer", "dropin_fc8", ntuple, *output, "--cut", -3.6)
    assert len(path.read_text().splitlines()) == N_EVENTS + 1
    return path


def test_the_tool_has_the_inputs_of_the_program(run: Run, dump: Path, reference: Path) -> None:
    said = run("replay", MODEL, dump, "--reference", reference).stdout
    assert f"inputs: {N_EVENTS} events, " in said
    assert f" nodes against {reference}: the same\n" in said
    said = run("replay", MODEL, reference, "--backend", "engine").stdout
    assert "largest difference 0 max(1, |logit|)" in said


def test_other_inputs_are_named(run: Run, edited, reference: Path, tmp_path: Path) -> None:
    def change(event: dict) -> None:
        event["features"][9][event["feature_names"].index("localY")] += 25

    path = edited(change)
    done = run("replay", MODEL, path, "--reference", reference, code=4)
    assert f" nodes against {reference}: they differ\n" in done.stdout
    assert "  localY: 1 nodes differ, at most by " in done.stdout
    assert f"{path}:2, event 1, node 9: " in done.stdout
    assert f"error: {path}: the inputs of the model are not those of {reference}; " in done.stderr
    path = edited(lambda event: event.update(event=99))
    error = run("replay", MODEL, path, "--reference", reference, code=4).stderr
    assert f"{path}:2: run " in error and f"event 99 does not follow in {reference}" in error
    output = tmp_path / "o.jsonl"
    error = run("replay", MODEL, path, "--reference", output, "-o", output, code=4).stderr
    assert str(output) in error and not output.exists()


def test_infer_dumps_the_first_events_of_any_model(run: Run, ntuple: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    call = ["infer", "two_stage", ntuple, "-o", tmp_path / "o.root", "--dump-events", path]
    run(*call, "--dump-limit", 1)
    (line,) = path.read_text().splitlines()
    event = json.loads(line)
    scores = np.array(event["scores"], np.float32)
    assert event["kept"] == (scores > np.float32(event["cut"])).tolist()
    assert "largest difference 0 max(1, |logit|)" in run("replay", "two_stage", path).stdout
    assert "--dump-events" in run(*call[:-1], code=2).stderr
    assert "--dump-limit" in run(*call, "--dump-limit", 0, code=2).stderr
    assert "--dump-events" in run(*call[:-2], "--dump-limit", 1, code=2).stderr
    path.unlink()
    error = run(*call, "--dump-inputs", path, code=2).stderr
    assert f"--dump-events: {path} is the file of another output" in error
