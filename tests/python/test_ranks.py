"""Trainings on several ranks as a user starts them: by the program itself, by environment
variables, by torchrun and on two hosts (network namespaces); ranks that die, hang or differ."""

from __future__ import annotations

import contextlib
import csv
import os
import resource
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, TIMES, Run, set_options, tiny_run
from safetensors.numpy import load_file
from side_by_side import free_port

SETTINGS = {"threads": 1, "training.epochs": 3, "training.batch_size": 2, "rank_timeout": 60}
CONFIG, DATA = 3, 4


@pytest.fixture(scope="module")
def normalization(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("normalization")
    run("stats", *tiny_run(folder, prepared))
    return folder / "normalization.yaml"


class Training:
    """A run of configs/tiny.yaml and the commands for it."""

    def __init__(self, stationhit: Path, prepared: Path, normalization: Path) -> None:
        self.stationhit, self.prepared, self.normalization = stationhit, prepared, normalization

    def command(self, folder: Path, **settings: object) -> list[str]:
        named = {key.replace("__", "."): value for key, value in settings.items()}
        values = {**SETTINGS, "normalization_stats": self.normalization, **named}
        return [str(self.stationhit), "train", *tiny_run(folder, self.prepared, values)]

    def start(
        self, folder: Path, variables: dict[str, str] | None = None, **settings: object
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(folder, **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(variables or {})},
        )


@pytest.fixture(scope="module")
def training(stationhit: Path, prepared: Path, normalization: Path) -> Training:
    return Training(stationhit, prepared, normalization)


def rows(folder: Path) -> list[dict[str, float]]:
    with (folder / "metrics.csv").open() as file:
        return [
            {key: float(value) for key, value in row.items() if key not in TIMES}
            for row in csv.DictReader(file)
        ]


def assert_same_run(found: Path, expected: Path) -> None:
    assert rows(found) == rows(expected)
    for name in ("best.safetensors", "last.safetensors"):
        ours, theirs = (load_file(run / "checkpoints" / name) for run in (found, expected))
        assert ours.keys() == theirs.keys()
        for key, tensor in theirs.items():
            assert np.array_equal(ours[key], tensor), key


def finish(process: subprocess.Popen[str], code: int) -> tuple[str, str]:
    output, messages = process.communicate(timeout=240)
    assert process.returncode == code, f"{output}\n{messages}"
    return output, messages


def wait_for_epoch(process: subprocess.Popen[str], epoch: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(f"epoch {epoch:3d} "):
            return
    raise AssertionError(process.communicate())


def child_of(process: subprocess.Popen[str]) -> int:
    """The process of rank 1, which the program has started."""
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(child)


def is_running(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    return False


def assert_ends(process: int) -> None:
    for _ in range(100):
        if not is_running(process):
            return
        time.sleep(0.1)
    raise AssertionError(f"process {process} still runs")


def rank_variables(rank: int, port: int, size: int = 2, **others: str) -> dict[str, str]:
    return {
        "RANK": str(rank),
        "WORLD_SIZE": str(size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        **others,
    }


@pytest.fixture(scope="module")
def two_ranks(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training on two ranks, as long as the others here that are interrupted."""
    folder = tmp_path_factory.mktemp("two_ranks") / "run"
    output, _ = finish(training.start(folder, devices="cpu:2", training__epochs=6), 0)
    # Only rank 0 prints: every epoch once.
    assert sum(line.startswith("epoch ") for line in output.splitlines()) == 6
    assert (folder / "test" / "metrics.json").exists()
    return folder


def test_two_ranks_learn_what_one_learns_with_the_double_batch(
    training: Training, two_ranks: Path, tmp_path: Path
) -> None:
    command = training.command(
        tmp_path / "run", training__epochs=6, training__batch_size=4, devices="cpu"
    )
    subprocess.run(command, check=True, capture_output=True)
    one, two = rows(tmp_path / "run"), rows(two_ranks)
    assert len(one) == len(two) == 6
    for ours, theirs in zip(two, one, strict=True):
        assert ours["learning_rate"] == theirs["learning_rate"]
        for name in ("train_loss", "val_loss"):
            assert ours[name] == pytest.approx(theirs[name], rel=1e-5), (ours["epoch"], name)


@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_rank_ends_all_and_the_training_continues_exactly(
    training: Training, two_ranks: Path, tmp_path: Path, killed: int
) -> None:
    folder = tmp_path / "run"
    process = training.start(folder, devices="cpu:2", training__epochs=6)
    wait_for_epoch(process, 2)
    child = child_of(process)
    os.kill(child if killed == 1 else process.pid, signal.SIGKILL)
    _, messages = finish(process, DATA if killed == 1 else -signal.SIGKILL)
    if killed == 1:
        assert f"error: rank 1 (process {child}) was ended by signal 9 (Killed)" in messages
        assert "the same command continues after the last complete epoch" in messages
    assert_ends(child)
    assert 2 <= len(rows(folder)) < 6
    _, messages = finish(training.start(folder, devices="cpu:2", training__epochs=6), 0)
    assert "continuing" in messages
    assert_same_run(folder, two_ranks)


def test_a_hung_rank_ends_all_and_is_named(training: Training, tmp_path: Path) -> None:
    process = training.start(
        tmp_path / "run", devices="cpu:2", rank_timeout=10, training__epochs=50
    )
    wait_for_epoch(process, 1)
    child = child_of(process)
    os.kill(child, signal.SIGSTOP)
    _, messages = finish(process, DATA)
    assert "error: rank 1 (" in messages and f"process {child}) ended, or has not" in messages
    assert "rank_timeout = 10 s" in messages
    assert_ends(child)


def test_ctrl_c_leaves_a_training_that_continues(
    training: Training, two_ranks: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    process = training.start(folder, devices="cpu:2", training__epochs=6)
    wait_for_epoch(process, 1)
    process.send_signal(signal.SIGINT)
    _, messages = finish(process, 130)
    assert "stopped: the same command continues after epoch" in messages
    finish(training.start(folder, devices="cpu:2", training__epochs=6), 0)
    assert_same_run(folder, two_ranks)


def test_ranks_of_the_environment_are_those_of_the_program(
    training: Training, two_ranks: Path, tmp_path: Path
) -> None:
    folder, port = tmp_path / "run", free_port()
    first, second = (
        training.start(folder, rank_variables(rank, port), training__epochs=6) for rank in (0, 1)
    )
    finish(first, 0)
    assert finish(second, 0) == ("", "")
    assert_same_run(folder, two_ranks)


def test_torchrun_starts_the_ranks(training: Training, two_ranks: Path, tmp_path: Path) -> None:
    torchrun = ROOT / ".deps/venv/bin/torchrun"
    if not torchrun.exists():
        pytest.skip("there is no torchrun in .deps/venv")
    launcher = [str(torchrun), "--no-python", "--nproc-per-node=2", f"--master-port={free_port()}"]
    command = training.command(tmp_path / "run", training__epochs=6)
    done = subprocess.run(
        [*launcher, *command], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert_same_run(tmp_path / "run", two_ranks)


def test_two_stage_on_two_ranks(stationhit: Path, run: Run, prepared: Path, tmp_path: Path) -> None:
    settings = {
        "training.first_stage_epochs": 2,
        "training.epochs": 2,
        "training.background_share": 1,
        "working_points": "[0.9, 0.95]",
        "model.first_stage.signal_kept": 0.97,
        "normalization_stats": tmp_path / "normalization.yaml",
        "threads": 1,
        **{f"{split}_path": prepared / split for split in ("train", "val", "test")},
    }
    recipe = ["-c", ROOT / "configs" / "two_stage.yaml", *set_options(settings)]
    run("stats", *recipe)
    one, two = tmp_path / "one", tmp_path / "two"
    run("train", *recipe, *set_options({"experiment_dir": one, "training.batch_size": 4}))
    run(
        "train",
        *recipe,
        *set_options({"experiment_dir": two, "training.batch_size": 2, "devices": "cpu:2"}),
    )
    for stage in (".", "first_stage"):
        for ours, theirs in zip(rows(two / stage), rows(one / stage), strict=True):
            # One hit more or less that the first stage keeps changes the second a little.
            limit = 1e-4 if stage == "." else 1e-5
            assert ours["train_loss"] == pytest.approx(theirs["train_loss"], rel=limit), stage


def test_other_configurations_are_refused(training: Training, tmp_path: Path) -> None:
    port = free_port()
    processes = [
        training.start(tmp_path / "run", rank_variables(rank, port), seed=42 + rank)
        for rank in (0, 1)
    ]
    for process in processes:
        _, messages = finish(process, CONFIG)
        assert "rank 1 has another configuration than rank 0 (seed: 43 and not 42)" in messages
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_other_numbers_of_ranks_are_refused(training: Training, tmp_path: Path) -> None:
    port = free_port()
    processes = [
        training.start(tmp_path / "run", rank_variables(0, port, 2)),
        training.start(tmp_path / "run", rank_variables(1, port, 3)),
    ]
    for process in processes[:1]:
        _, messages = finish(process, CONFIG)
        assert "was started as one of 3 ranks, rank 0 as one of 2" in messages
    processes[1].kill()
    processes[1].communicate()


def test_port_in_use_is_named(training: Training, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        process = training.start(tmp_path / "run", rank_variables(0, port))
        _, messages = finish(process, CONFIG)
    assert f"rank 0 cannot listen at MASTER_ADDR:MASTER_PORT 127.0.0.1:{port}" in messages


def test_rank_without_the_first_one_says_where_it_looked(
    training: Training, tmp_path: Path
) -> None:
    port = free_port()
    process = training.start(tmp_path / "run", rank_variables(1, port), rank_timeout=3)
    _, messages = finish(process, DATA)
    assert f"nobody answered at MASTER_ADDR:MASTER_PORT 127.0.0.1:{port} for 3 s" in messages


def test_a_training_is_continued_with_its_number_of_ranks(
    run: Run, training: Training, two_ranks: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(two_ranks, folder)
    arguments = training.command(folder, training__epochs=7)[1:]
    messages = run(*arguments, code=CONFIG).stderr
    assert "was trained with devices: 2 ranks, the configuration has 1 rank" in messages
    assert_same_run(folder, two_ranks)


def test_a_rank_that_cannot_read_its_events_is_named(training: Training, tmp_path: Path) -> None:
    port = free_port()
    first = training.start(tmp_path / "run", rank_variables(0, port))
    second = training.start(
        tmp_path / "run", rank_variables(1, port), train_path=tmp_path / "missing"
    )
    _, messages = finish(second, DATA)
    assert "error: rank 1: " in messages and "missing" in messages
    _, messages = finish(first, DATA)
    assert "error: rank 1 (" in messages


def with_small_disk() -> None:
    """What a full disk looks like: files longer than this cannot be written."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_full_disk_ends_all_ranks(training: Training, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = subprocess.run(
        training.command(folder, devices="cpu:2"),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        preexec_fn=with_small_disk,
    )
    assert done.returncode == DATA, done.stderr
    assert "last.safetensors" in done.stderr
    assert not list((folder / "checkpoints").glob("*.safetensors"))


@pytest.mark.parametrize(
    ("devices", "text"),
    [
        ("[0]", "devices: [0] asks for GPU 0, but this LibTorch finds no GPU"),
        ("-1", "devices: -1 asks for all GPUs, but this LibTorch finds no GPU"),
        ("cuda", "devices: expected cpu, cpu:N, auto, N, -1 or a list of GPU numbers"),
    ],
)
def test_devices_that_do_not_exist(
    run: Run, training: Training, tmp_path: Path, devices: str, text: str
) -> None:
    arguments = training.command(tmp_path / "run", devices=devices)[1:]
    assert text in run(*arguments, code=CONFIG).stderr
    assert not (tmp_path / "run").exists()


@contextlib.contextmanager
def two_hosts() -> Iterator[tuple[str, str]]:
    """Two network namespaces with a cable between them, 10.77.0.1 and 10.77.0.2."""
    mark = uuid.uuid4().hex[:6]
    hosts = (f"hosta{mark}", f"hostb{mark}")

    def ip(*arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    try:
        for host in hosts:
            ip("netns", "add", host)
        ip(
            "link",
            "add",
            "cable",
            "netns",
            hosts[0],
            "type",
            "veth",
            "peer",
            "cable",
            "netns",
            hosts[1],
        )
        for number, host in enumerate(hosts, 1):
            ip("-n", host, "addr", "add", f"10.77.0.{number}/24", "dev", "cable")
            ip("-n", host, "link", "set", "cable", "up")
            ip("-n", host, "link", "set", "lo", "up")
    except (OSError, subprocess.CalledProcessError):
        remove_hosts(hosts)
        pytest.skip("network namespaces cannot be made here (they need root and iproute2)")
    try:
        yield hosts
    finally:
        remove_hosts(hosts)


def remove_hosts(hosts: tuple[str, str]) -> None:
    for host in hosts:
        with contextlib.suppress(OSError):
            subprocess.run(["ip", "netns", "del", host], check=False, capture_output=True)


def test_two_hosts(training: Training, two_ranks: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with two_hosts() as hosts:
        processes = [
            subprocess.Popen(
                ["ip", "netns", "exec", host, *training.command(folder, training__epochs=6)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, **rank_variables(rank, 29500, MASTER_ADDR="10.77.0.1")},
            )
            for rank, host in enumerate(hosts)
        ]
        for process in processes:
            finish(process, 0)
    assert_same_run(folder, two_ranks)
