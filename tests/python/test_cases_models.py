"""What was changed or damaged between its making and its use, foreign environments, limits."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
import uproot
from conftest import ROOT, Run, built_program
from numpy.typing import NDArray


def scores_of(path: Path) -> NDArray:
    events = uproot.open(path)["MuonHitDump"]["spacePoint_score"].array(library="np")
    return np.concatenate(list(events))


def test_more_threads_than_a_machine_has_are_refused(
    run: Run, random_model: Path, toy_file: Path, tmp_path: Path
) -> None:
    for arguments in (
        ["infer", random_model, toy_file, "-o", tmp_path / "scored.root"],
        ["bench", random_model, "--input", toy_file],
    ):
        done = run(*arguments, "--threads", "4294967295", code=2)
        assert done.stderr.endswith(
            "--threads: expected an integer from 0 to 1024, found '4294967295'; "
            f"see stationhit {arguments[0]} --help\n"
        )
    assert list(tmp_path.iterdir()) == []


def test_default_threads_follow_the_affinity(stationhit: Path, tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    command = ["taskset", "-c", str(core), str(stationhit), "simulate", "--set", "events=2000"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        tasks = Path(f"/proc/{process.pid}/task")
        threads, more, deadline = 0, 40, time.monotonic() + 60
        while more > 0 and time.monotonic() < deadline:
            threads = max(threads, len(list(tasks.iterdir())))
            more -= threads > 1  # looks on for a while when there are several
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert threads == 2  # one writes events while the other makes the next ones


@pytest.fixture(scope="module")
def foreign_libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of useless libraries with the names of ours, as an environment with another ROOT
    or ONNX Runtime has them."""
    folder = tmp_path_factory.mktemp("foreign")
    empty = folder / "empty.so"
    subprocess.run(["gcc", "-shared", "-xc", "-", "-o", empty], input=b"int unused;", check=True)
    site = ROOT / ".deps" / "site-packages"
    folders = [
        site / "ROOT" / "lib",
        site / "torch" / "lib",
        ROOT / ".deps" / "onnxruntime" / "lib",
    ]
    for library in (file for folder in folders for file in folder.glob("*.so*")):
        # libgomp belongs to the system where LibTorch is not installed from PyPI.
        if not library.name.startswith("libgomp"):
            (folder / library.name).write_bytes(empty.read_bytes())
    return folder


def test_other_libraries_in_the_environment_do_not_matter(
    run: Run, foreign_libraries: Path, random_model: Path, toy_file: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "LD_LIBRARY_PATH": str(foreign_libraries)}
    run("inspect", toy_file, "--display", tmp_path / "event", env=environment)
    run("infer", random_model, toy_file, "-o", tmp_path / "scored.root", env=environment)
    assert (tmp_path / "scored.root").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_ends_a_program_that_waits_for_its_input(
    stationhit: Path, tmp_path: Path, how: signal.Signals
) -> None:
    pipe = tmp_path / "model.onnx"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [stationhit, "inspect", pipe], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        time.sleep(1)
        process.send_signal(how)
        process.communicate(timeout=10)
    assert process.returncode in (-how, 4)  # 4: the pipe was refused at once


def edit_metadata(model: Path, edited: Path, key: str, value: str) -> None:
    proto = onnx.load(model)
    for entry in proto.metadata_props:
        if entry.key == key:
            entry.value = value
    onnx.save(proto, edited)


def test_an_edited_model_needs_allow_modified(
    run: Run, random_model: Path, toy_file: Path, tmp_path: Path
) -> None:
    edited, output = tmp_path / "edited.onnx", tmp_path / "scored.root"
    edit_metadata(random_model, edited, "thresholds", '{"0.99": 1.5}')
    reason = f"{edited}: the model was changed after it was written"
    for arguments in (
        ["infer", edited, toy_file, "-o", output],
        ["bench", edited, "--input", toy_file],
    ):
        assert f"error: {reason}" in run(*arguments, code=4).stderr
    assert not output.exists()
    done = run("infer", edited, toy_file, "-o", output, "--allow-modified")
    assert f"{reason}; accepted as it is" in done.stderr
    assert "hits above the cut 1.5" in done.stdout
    assert "checksum does not fit" in run("inspect", edited).stdout
    assert "checksum fits" in run("inspect", random_model).stdout


def edit_constant(model: Path, edited: Path, name: str, value: float) -> None:
    proto = onnx.load(model)
    (tensor,) = (tensor for tensor in proto.graph.initializer if tensor.name == name)
    shape = list(tensor.dims)
    tensor.CopyFrom(onnx.numpy_helper.from_array(np.full(shape, value, np.float32), name))
    onnx.save(proto, edited)


def test_a_first_stage_that_keeps_nothing_is_not_silent(
    run: Run, toy_file: Path, tmp_path: Path
) -> None:
    model, damaged = tmp_path / "model.onnx", tmp_path / "damaged.onnx"
    subprocess.run([built_program("make_random_model"), "two_stage", model], check=True)
    infer = ("infer", damaged, toy_file, "-o", tmp_path / "scored.root", "--allow-modified")
    for value in ("nan", "inf"):
        edit_constant(model, damaged, "first_stage_threshold", float(value))
        constant = f'{damaged}: the constant "first_stage_threshold" is {value}'
        assert constant in run(*infer, code=4).stderr
        assert constant in run("bench", damaged, "--input", toy_file, code=4).stderr
    edit_constant(model, damaged, "first_stage_threshold", 1e30)
    done = run(*infer, "--cut", "-51")
    assert f"{damaged} gives none of " in done.stderr
    assert "hits a logit above the cut -51" in done.stderr


def test_a_model_saved_again_by_onnx_is_unchanged(
    run: Run, random_model: Path, tmp_path: Path
) -> None:
    onnx.save(onnx.load(random_model), tmp_path / "again.onnx")
    assert "checksum fits" in run("inspect", tmp_path / "again.onnx").stdout


def test_a_model_of_an_older_version_is_taken_with_a_warning(
    run: Run, toy_file: Path, tmp_path: Path
) -> None:
    model = ROOT / "tests/data/formats/v0.1/edgeconv/model.onnx"
    done = run("infer", model, toy_file, "-o", tmp_path / "scored.root")
    assert f"{model}: has no checksum (stationhit 0.1.0 wrote none)" in done.stderr


def test_weights_in_other_files_are_found_beside_the_model(
    run: Run, random_model: Path, toy_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "split"
    folder.mkdir()
    onnx.save(
        onnx.load(random_model),
        folder / "model.onnx",
        save_as_external_data=True,
        location="weights.bin",
    )
    whole, split = tmp_path / "whole.root", tmp_path / "split.root"
    run("infer", random_model, toy_file, "-o", whole, "--backend", "onnxruntime")
    infer = ("infer", folder / "model.onnx", toy_file, "-o", split, "--allow-modified")
    run(*infer, cwd=tmp_path)
    assert (scores_of(whole) == scores_of(split)).all()
    (folder / "weights.bin").unlink()
    done = run(*infer, code=4)
    assert "its weights must lie beside it: weights.bin" in done.stderr


def test_a_damaged_checkpoint_is_refused_or_gives_the_same(
    run: Run, stationhit: Path, trained_run: Path, tmp_path: Path
) -> None:
    checkpoint = trained_run / "checkpoints" / "best.safetensors"
    content = checkpoint.read_bytes()
    header = 8 + int.from_bytes(content[:8], "little")
    expected = run("inspect", checkpoint).stdout
    # A checksum under another name is none: it is shown like any other key.
    key = content.index(b"header_xxh3_64")
    positions = [at for at in range(header) if not key <= at < key + 14]
    damaged = tmp_path / "best.safetensors"
    generator = random.Random(1)
    for _ in range(60):
        at, bit = generator.choice(positions), generator.randrange(8)
        damaged.write_bytes(content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :])
        done = subprocess.run(
            [stationhit, "inspect", damaged], capture_output=True, text=True, check=False
        )
        assert done.returncode == 4 or (done.returncode, done.stdout) == (0, expected), at


def test_a_shard_copied_from_train_into_val_is_refused(
    run: Run, prepared: Path, trained_run: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    shard = next((data / "val").glob("*.root"))
    shutil.copy(next((data / "train").glob("*.root")), shard)
    done = run(
        "train", "-c", ROOT / "configs/tiny.yaml",
        "--set", f"experiment_dir={tmp_path / 'run'}", "--set", f"train_path={data / 'train'}",
        "--set", f"val_path={data / 'val'}", "--set", f"test_path={data / 'test'}",
        "--set", f"normalization_stats={trained_run / 'normalization.yaml'}",
        "--set", "training.epochs=1", code=4,
    )  # fmt: skip
    assert f"error: {shard}: " in done.stderr
    assert "the manifest" in done.stderr
