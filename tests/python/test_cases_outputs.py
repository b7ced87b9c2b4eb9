"""Outputs: what may not be replaced, two programs at once, full disks, places that take no file."""

import os
import resource
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CASES, ROOT, Run, tiny_run

DATA = 4
NTUPLE = CASES / "missing_branches" / "base.root"


def simulate(output: object, *settings: str) -> list[object]:
    keys = [f"output={output}", "mu=1", "threads=1", *settings]
    return ["simulate", *(part for key in keys for part in ("--set", key))]


def with_small_disk(size: int) -> Callable[[], None]:
    """What a full disk looks like: files longer than this cannot be written."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.fixture
def start(stationhit: Path) -> Callable[..., subprocess.Popen[str]]:
    def call(*arguments: object) -> subprocess.Popen[str]:
        command = [str(stationhit), *map(str, arguments)]
        return subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    return call


@pytest.fixture
def two_at_once(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., list[str]]:
    """Starts a command twice; one must end well. Gives the messages of those that were refused."""

    def call(*arguments: object, folder: Path) -> list[str]:
        programs = [start(*arguments), start(*arguments)]
        ended = [(program.communicate(timeout=120)[1], program.returncode) for program in programs]
        assert 0 in [code for _, code in ended], ended
        refused = [text for text, code in ended if code != 0]
        for text in refused:
            assert f"error: {folder}" in text
            assert ": another program is writing into this folder" in text
        assert {code for _, code in ended} <= {0, DATA}
        return refused

    return call


# Two programs, one target


def test_two_train_in_one_run_directory(
    two_at_once: Callable[..., list[str]], trained_run: Path, prepared: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    shutil.copy(trained_run / "normalization.yaml", folder)
    arguments = ["train", *tiny_run(folder, prepared), "--set", "training.epochs=1"]
    two_at_once(*arguments, folder=folder)
    assert (folder / "report.html").exists()
    assert not list(folder.rglob("*.partial*")) and not list(folder.rglob(".stationhit.lock"))


def test_two_prepare_and_two_materialize(
    two_at_once: Callable[..., list[str]],
    run: Run,
    toy_file: Path,
    trained_run: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "set"
    two_at_once("prepare", toy_file, "-o", out, folder=out)
    assert "already holds this set" in run("prepare", toy_file, "-o", out).stdout
    assert not list(out.rglob("*.partial*")) and not list(out.rglob(".stationhit.lock"))
    config = trained_run / "config.yaml"
    inputs = tmp_path / "inputs"
    two_at_once("prepare", "--materialize", config, "-o", inputs, folder=inputs)
    assert (inputs / "test" / "manifest.json").exists()


def test_two_simulate_in_one_folder(two_at_once: Callable[..., list[str]], tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    two_at_once(*simulate(folder, "events=60", "events_per_file=20"), folder=folder)
    assert len(list(folder.glob("*.root"))) == 3


def test_a_killed_infer_does_not_take_away_what_another_wrote(
    start: Callable[..., subprocess.Popen[str]],
    run: Run,
    random_model: Path,
    toy_file: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "o.root"
    killed = start("infer", random_model, toy_file, "-o", out, "--threads", 1)
    while killed.poll() is None and not list(tmp_path.glob("o.root.*.partial")):
        time.sleep(0.001)
    killed.send_signal(signal.SIGSTOP)
    run("infer", random_model, toy_file, "-o", out)
    content = out.read_bytes()
    killed.kill()
    killed.communicate()
    assert out.read_bytes() == content
    # The next program cleans up behind the dead one.
    run("infer", random_model, toy_file, "-o", out)
    assert list(tmp_path.iterdir()) == [out]


# What is no regular file, and what is an input


def output_commands(model: Path, run_config: Path, out: Path) -> list[list[object]]:
    return [
        ["infer", model, NTUPLE, "-o", out],
        ["infer", model, NTUPLE, "-o", model.with_name("o.root"), "--dump-inputs", out],
        ["infer", model, NTUPLE, "-o", model.with_name("o.root"), "--cut", 0, "--dump-events", out],
        ["bench", model, "--input", NTUPLE, "-o", out],
        ["export", "-c", run_config, "-o", out],
        ["stats", "-c", run_config, "--set", f"normalization_stats={out}"],
        ["inspect", ROOT / "configs" / "tiny.yaml", "--draw", out],
        simulate(out),
    ]


VERBS = [
    *("infer", "infer --dump-inputs", "infer --dump-events", "bench", "export", "stats"),
    *("inspect --draw", "simulate"),
]


@pytest.mark.parametrize("index", range(len(VERBS)), ids=VERBS)
def test_pipes_devices_folders_and_missing_folders_are_refused_before_the_work(
    run: Run, random_model: Path, trained_run: Path, tmp_path: Path, index: int
) -> None:
    def error(out: Path) -> str:
        command = output_commands(random_model, trained_run / "config.yaml", out)[index]
        done = run(*command, code=DATA, timeout=60)
        assert f"error: {out}: " in done.stderr and "100 %" not in done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == names
        return done.stderr

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    names = ["link", "pipe"]
    assert "is a pipe" in error(tmp_path / "link")
    if os.geteuid() == 0:
        os.mknod(tmp_path / "nul", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        names = ["link", "nul", "pipe"]
        assert "is a device" in error(tmp_path / "nul")
    assert (tmp_path / "pipe").is_fifo()
    if VERBS[index] != "stats":  # makes the folder
        assert "cannot write here: No such file or directory" in error(tmp_path / "none" / "out")
    error(Path("/proc/out"))


def test_a_link_is_written_through(run: Run, random_model: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "o.root").symlink_to("disk/scores.root")
    for _ in range(2):  # a dangling link, then one to a file
        run("infer", random_model, NTUPLE, "-o", tmp_path / "o.root")
        assert (tmp_path / "o.root").is_symlink()
        assert (tmp_path / "disk" / "scores.root").stat().st_size > 10000


def test_inputs_are_no_outputs(run: Run, random_model: Path, tmp_path: Path) -> None:
    model, ntuple = tmp_path / "model.onnx", tmp_path / "in.root"
    shutil.copy(random_model, model)
    shutil.copy(NTUPLE, ntuple)
    os.link(model, tmp_path / "same.onnx")
    config = tmp_path / "run.yaml"
    shutil.copy(ROOT / "configs" / "tiny.yaml", config)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    commands: list[tuple[list[object], Path]] = [
        (["infer", model, ntuple, "-o"], model),
        (["infer", model, ntuple, "-o"], tmp_path / "same.onnx"),
        (["infer", model, ntuple, "-o"], ntuple),
        (["infer", model, ntuple, "-o", tmp_path / "o.root", "--dump-inputs"], ntuple),
        (["infer", model, ntuple, "-o", tmp_path / "o.root", "--cut", 0, "--dump-events"], model),
        (["bench", model, "--input", ntuple, "-o"], model),
        (["bench", model, "--input", ntuple, "-o"], ntuple),
        (["replay", model, ntuple, "-o"], model),
        (["replay", model, ntuple, "-o"], ntuple),
        (["inspect", config, "--draw"], config),
    ]
    for command, out in commands:
        assert f"error: {out}: is the input file" in run(*command, out, code=DATA).stderr
    stats = ["stats", "-c", config, "--set", "train_path=x"]
    error = run(*stats, "--set", f"normalization_stats={config}", code=DATA).stderr
    assert f"error: {config}: is the input file" in error
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_run_directory_that_takes_no_file_is_noticed_first(
    run: Run, trained_run: Path, prepared: Path
) -> None:
    settings = tiny_run(Path("/proc/run"), prepared)
    normalization = f"normalization_stats={trained_run / 'normalization.yaml'}"
    done = run("train", *settings, "--set", normalization, code=DATA)
    assert "error: /proc/run: cannot make this folder: No such file" in done.stderr
    assert "reading the training split" not in done.stderr


def test_folders_of_figures_that_take_no_file_are_noticed(run: Run) -> None:
    done = run("inspect", NTUPLE, "--display", "/proc/event", code=DATA)
    assert "error: /proc/event: cannot make this folder: No such file" in done.stderr
    error = run("simulate", "--validate", "/proc/validation", code=DATA, timeout=20).stderr
    assert "error: /proc/validation: cannot make this folder: No such file" in error


# Full disks


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["train", "--help"],
        ["parameters"],
        ["inspect", NTUPLE],
        ["simulate", "-d", "--set", "mu=1"],
    ],
    ids=lambda arguments: " ".join(map(str, arguments[:2])),
)
def test_standard_output_on_a_full_disk(stationhit: Path, arguments: list[object]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [stationhit, *map(str, arguments)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == DATA
    assert "error: standard output could not be written completely" in done.stderr


def test_a_full_disk_leaves_no_figure_under_its_name(run: Run, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    run("inspect", NTUPLE, "--display", whole)
    sizes = {path: path.stat().st_size for path in whole.iterdir()}
    for suffix in (".pdf", ".png"):
        folder = tmp_path / suffix[1:]
        first = min(size for path, size in sizes.items() if path.suffix == suffix)
        smaller = [size for size in sizes.values() if size < first]
        limit = max(1000, (first + max(smaller, default=0)) // 2 if suffix == ".pdf" else first - 1)
        done = run(
            "inspect",
            NTUPLE,
            "--display",
            folder,
            code=DATA,
            preexec_fn=with_small_disk(limit),
        )
        assert "error: " in done.stderr and "space" in done.stderr
        left = list(folder.iterdir()) if folder.exists() else []
        assert [path for path in left if path.stat().st_size != sizes[whole / path.name]] == []


def test_a_full_disk_keeps_the_old_file(run: Run, random_model: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.root"
    out.write_text("old")
    limit = with_small_disk(20_000)
    run("infer", random_model, NTUPLE, "-o", out, code=DATA, preexec_fn=limit)
    assert out.read_text() == "old" and list(tmp_path.iterdir()) == [out]


# Finished results stay


def test_simulate_keeps_a_sample(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "toy.root"
    run(*simulate(out, "events=20"))
    content = out.read_bytes()
    assert "debug run: nothing is written" in run(*simulate(out, "events=20"), "-d").stderr
    error = run(*simulate(out, "events=3"), code=DATA).stderr
    assert f"error: {out}: exists already and is kept; choose another output" in error
    assert out.read_bytes() == content
    run(*simulate(out, "events=3"), "--force")
    assert out.read_bytes() != content


@pytest.mark.parametrize("setting", ["events_per_file=0", "events_per_file=5"])
def test_a_debug_run_of_simulate_writes_nothing(run: Run, tmp_path: Path, setting: str) -> None:
    done = run(*simulate(tmp_path / "toy", setting), "-d")
    assert "10 events in" in done.stdout and list(tmp_path.iterdir()) == []
