"""What was changed or damaged between its making and its use, foreign environments, limits."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import ROOT, Run


def test_more_threads_than_a_machine_has_are_refused(
    run: Run, random_model: Path, toy_file: Path, tmp_path: Path
) -> None:
    for arguments in (
        ["infer", random_model, toy_file, "-o", tmp_path / "scored.root"],
        ["bench", random_model, "--input", toy_file],
    ):
        done = run(*arguments, "--threads", "4294967295", code=2)
        assert done.stderr.endswith(
            "error: 4294967295 threads: expected at most 1024; 0 takes all cores\n"
        )
    assert list(tmp_path.iterdir()) == []


def test_default_threads_follow_the_affinity(stationhit: Path, tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    command = ["taskset", "-c", str(core), stationhit, "simulate", "--set", "events=2000"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        tasks = Path(f"/proc/{process.pid}/task")
        deadline = time.monotonic() + 30
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        threads = len(list(tasks.iterdir()))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert threads == 1


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
