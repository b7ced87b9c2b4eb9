"""The command line: exit codes, messages, where settings come from, what `inspect` says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import onnx
import pytest
import uproot
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(
    os.environ.get("STATIONHIT_BIN", ROOT / "build" / "release" / "bin" / "stationhit")
).resolve()
USAGE, CONFIG, DATA = 2, 3, 4
STATISTICS = """events: 3
features:
  - {name: driftR, count: 30, mean: 7.5, std: 4, min: 0, max: 14.6, median: 7, iqr: 5,
     quantile_error: 0.1}
"""


def run(
    *arguments: object, code: int = 0, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [str(PROGRAM), *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_version_names_what_is_built_in() -> None:
    lines = run("--version").stdout.splitlines()
    assert lines[0].startswith("stationhit ") and "(commit " in lines[0]
    assert [line.split(":")[0] for line in lines[1:]] == ["ROOT", "Torch", "ONNX Runtime"]


def test_help_of_the_program_and_of_a_verb() -> None:
    assert "inspect" in run("--help").stdout
    assert "--set" in run("simulate", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "subcommand is required"),
        (["simulat"], "error: unknown verb 'simulat', did you mean 'simulate'?; verbs: "),
        (["qqqqqqqqqq"], "error: unknown verb 'qqqqqqqqqq'; verbs: "),
        (["simulate", "--no-such-option"], "--no-such-option"),
        (["inspect"], "file is required"),
        (["simulate", "--threads", "many"], "many"),
        (["simulate", "-v", "--quiet"], "excludes"),
    ],
)
def test_wrong_command_lines(arguments: list[str], message: str) -> None:
    assert message in run(*arguments, code=USAGE).stderr


def test_unknown_key_names_file_line_and_nearest_key(tmp_path: Path) -> None:
    config = write(tmp_path / "run.yaml", "seed: 1\ntraining:\n  epoch: 3\n")
    error = run("inspect", config, code=CONFIG).stderr
    assert error.startswith(
        f"error: {config}:3: training.epoch: unknown key, did you mean 'training.epochs'?"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("events: 5\nmu: high\n", ":2: mu: expected a number in 0..250, found 'high'"),
        ("events: 5\nmu: 300\n", ":2: mu: expected a number in 0..250, found '300'"),
        ("events: 5\nmu: 3\nevents: 6\n", ":3: events: this key is there twice"),
        ("events: 5\nprocess: zmumo\n", "found 'zmumo'; did you mean 'zmumu'?"),
        ("events: [5\n", "not valid YAML"),
    ],
)
def test_wrong_values_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    config = write(tmp_path / "simulate.yaml", text)
    error = run("simulate", "-c", config, code=CONFIG).stderr
    assert error.startswith(f"error: {config}") and message in error


def test_missing_configuration_file(tmp_path: Path) -> None:
    assert (
        "none.yaml: cannot be read: No such file"
        in run("simulate", "-c", tmp_path / "none.yaml", code=CONFIG).stderr
    )


def test_set_errors_name_the_argument() -> None:
    assert (
        "--set evnts=3: evnts: unknown key, did you mean 'events'?"
        in run("simulate", "--set", "evnts=3", code=CONFIG).stderr
    )
    assert (
        "--set events: expected key.path=value"
        in run("simulate", "--set", "events", code=CONFIG).stderr
    )


def entries(path: Path) -> int:
    with uproot.open(path) as file:
        return int(file["MuonHitDump"].num_entries)


@pytest.mark.parametrize("option", ["-c", "-ct", "--config"])
def test_defaults_then_file_then_set(tmp_path: Path, option: str) -> None:
    config = write(tmp_path / "simulate.yaml", "events: 5\nmu: 1\noutput: from_file.root\n")
    run("simulate", option, config, cwd=tmp_path)
    assert entries(tmp_path / "from_file.root") == 5
    run(
        "simulate",
        option,
        config,
        "--set",
        "events=3",
        "--set",
        "output=from_set.root",
        "--set",
        "events=2",
        cwd=tmp_path,
    )
    assert entries(tmp_path / "from_set.root") == 2


def test_quiet_shows_no_progress_and_lines_stand_for_the_bar_in_a_file(tmp_path: Path) -> None:
    arguments = ["simulate", "--set", "events=20", "--set", "mu=1"]
    assert "simulate 100 % (20/20)" in run(*arguments, cwd=tmp_path).stderr
    assert run(*arguments, "--force", "--quiet", cwd=tmp_path).stderr == ""


def test_interrupt_leaves_no_half_file(tmp_path: Path) -> None:
    command = [str(PROGRAM), "simulate", "--set", "events=1000000"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "stopped after" in error
    assert list(tmp_path.iterdir()) == []


def test_inspect_root_file(tmp_path: Path) -> None:
    run("simulate", "--set", "events=2", "--set", "mu=1", cwd=tmp_path)
    text = run("inspect", tmp_path / "toy.root").stdout
    assert "TTree MuonHitDump: 2 entries" in text and "spacePoint_driftR" in text


def test_inspect_lists_the_codes() -> None:
    lines = run("inspect", "--codes").stdout.splitlines()
    assert "     4  sTGC" in lines
    assert "     2  BML   BM     large    approximate" in lines
    assert len([line for line in lines if line.endswith("approximate")]) == 34
    assert "excludes" in run("inspect", "x.root", "--codes", code=USAGE).stderr


def test_inspect_draws_an_event(tmp_path: Path) -> None:
    run("simulate", "--set", "events=3", "--set", "mu=1", cwd=tmp_path)
    ntuple = tmp_path / "toy.root"
    text = run("inspect", ntuple, "--display", tmp_path / "event", "--event", "2").stdout
    hits = uproot.open(ntuple)["MuonHitDump"].arrays(["eventNumber", "spacePoint_truthLink"])
    links = hits["spacePoint_truthLink"][hits["eventNumber"].to_list().index(2)]
    for name in ("xy_barrel", "xy_end_cap", "zy", "zx"):
        assert f"event_{name}.png" in text
        assert (tmp_path / "event" / f"event_{name}.png").stat().st_size > 1000
    drawn = (tmp_path / "event" / "event_zy.csv").read_text().splitlines()[1:]
    assert len(drawn) == len(links)
    assert (
        f"{ntuple}: has no event 7"
        in run("inspect", ntuple, "--display", tmp_path / "event", "--event", "7", code=DATA).stderr
    )
    assert "--display" in run("inspect", ntuple, "--event", "2", code=USAGE).stderr


@pytest.mark.parametrize(
    "name", ["edgeconv", "edgeconv_gat", "edgeconv_attention", "two_stage", "mlp"]
)
def test_inspect_counts_and_draws_the_network(name: str, tmp_path: Path) -> None:
    config = ROOT / "configs" / f"{name}.yaml"
    lines = run("inspect", config).stdout.split(f"network {name}")[1].splitlines()[1:]
    parameters = [int(line.split()[-2]) for line in lines if line and not line.startswith("MFLOP")]
    assert sum(parameters[:-1]) == parameters[-1] > 1000
    drawing = tmp_path / "network.svg"
    assert f"wrote {drawing}" in run("inspect", config, "--draw", drawing).stdout
    text = "".join(ElementTree.parse(drawing).getroot().itertext())
    assert f"{parameters[-1]} parameters" in text and "blocks.0" in text and "head" in text


def test_the_attention_recipe_is_a_sixth_of_edgeconv() -> None:
    def parameters(name: str) -> int:
        text = run("inspect", ROOT / "configs" / f"{name}.yaml").stdout
        return int(re.findall(r"^sum +(\d+)", text, re.M)[0])

    assert 6 * parameters("edgeconv_attention") <= parameters("edgeconv")


def test_inspect_yaml(tmp_path: Path) -> None:
    assert "run configuration, resolved:" in run("inspect", ROOT / "configs" / "tiny.yaml").stdout
    assert (
        "configuration of prepare, resolved:"
        in run("inspect", ROOT / "configs" / "demo" / "prepare.yaml").stdout
    )
    assert (
        "configuration of simulate, resolved:"
        in run("inspect", ROOT / "configs" / "demo" / "simulate.yaml").stdout
    )
    text = run("inspect", write(tmp_path / "stats.yaml", STATISTICS)).stdout
    assert text.startswith("statistics of 1 features from 3 events") and "driftR" in text
    assert (
        "YAML without any key"
        in run("inspect", write(tmp_path / "other.yaml", "a: 1\n"), code=DATA).stderr
    )


def test_inspect_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file({"layer.weight": np.zeros((2, 3), np.float32)}, path, {"origin": "a test"})
    text = run("inspect", path).stdout
    assert (
        "1 tensors, 6 numbers" in text
        and "layer.weight: F32 [2, 3]" in text
        and "origin: a test" in text
    )
    path.write_bytes(path.read_bytes()[:-1])
    assert str(path) in run("inspect", path, code=DATA).stderr


def test_inspect_onnx(tmp_path: Path) -> None:
    x = onnx.helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, ["N", 3])
    y = onnx.helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, ["N", 3])
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["features"], ["output"])], "g", [x], [y]
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=8
    )
    onnx.helper.set_model_props(model, {"feature_names": '["a", "b", "c"]'})
    onnx.save(model, tmp_path / "model.onnx")
    text = run("inspect", tmp_path / "model.onnx").stdout
    assert "opset 18, IR version 8" in text and "input features: float32 [N, 3]" in text
    assert "1 operators: Relu 1" in text and 'feature_names: ["a", "b", "c"]' in text


def test_inspect_what_it_does_not_know(tmp_path: Path) -> None:
    error = run("inspect", write(tmp_path / "notes.txt", "hello"), code=DATA).stderr
    assert "not a file that this program knows; it reads ROOT files" in error
    assert "not a file that this program knows" in run("inspect", tmp_path, code=DATA).stderr
    assert "no such file or folder" in run("inspect", tmp_path / "none", code=DATA).stderr


def test_parameters_page_is_the_committed_one() -> None:
    assert run("parameters", "--markdown").stdout == (ROOT / "docs" / "parameters.md").read_text()
