"""How inputs are opened: names, kinds of files, trees, damage; and what a crash leaves behind."""

import os
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import CASES, Run

UNCLEAR = CASES / "unclear_inputs"
BASE = CASES / "missing_branches" / "base.root"


def test_names_are_no_urls(run: Run, random_model: Path, tmp_path: Path) -> None:
    """ROOT ends names at these characters, and read or wrote the file before them."""
    (tmp_path / "keep").write_text("precious")
    for character in "#?|":
        name = tmp_path / f"hits{character}2.root"
        shutil.copy(CASES / "url_characters" / "hits#2.root", name)
        (tmp_path / "hits").write_text("another file")
        output = tmp_path / f"keep{character}1.root"
        run("infer", random_model, name, "-o", output)
        run("inspect", output)
    assert (tmp_path / "keep").read_text() == "precious"
    run("simulate", "--set", "events=2", "--set", f"output={tmp_path}/keep#toy.root")
    assert (tmp_path / "keep#toy.root").is_file()
    assert (tmp_path / "keep").read_text() == "precious"


@pytest.mark.parametrize(
    "arguments",
    [
        ("infer", "{model}", "{pipe}", "-o", "{output}"),
        ("infer", "{pipe}", BASE, "-o", "{output}"),
        ("bench", "{model}", "--input", "{pipe}"),
        ("inspect", "{pipe}"),
        ("prepare", "{pipe}", "-o", "{output}"),
        ("train", "-c", "{pipe}"),
    ],
    ids=lambda arguments: f"{arguments[0]}_{arguments[1].strip('{}')}",
)
def test_named_pipes_are_refused(
    run: Run, random_model: Path, tmp_path: Path, arguments: tuple[object, ...]
) -> None:
    """Nobody writes into the pipe: opening it would never end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    names = {"{model}": random_model, "{pipe}": pipe, "{output}": tmp_path / "out"}
    command = [names.get(str(argument), argument) for argument in arguments]
    code = 3 if command[0] == "train" else 4
    error = run(*command, code=code, timeout=60).stderr
    assert f"{pipe}: cannot be read: it is a named pipe" in error


def test_chains_are_named(run: Run, random_model: Path, tmp_path: Path) -> None:
    error = run("infer", random_model, UNCLEAR / "chain.root", "-o", tmp_path / "o", code=4).stderr
    assert "chain.root: MuonHitDump is a TChain, but a TTree is needed" in error
    assert "a TChain only lists other files, so give those" in error


@pytest.mark.parametrize(
    ("file", "tree"), [("subdir.root", "dir/sub/MuonHitDump"), ("othertree.root", "HitTree")]
)
def test_other_trees_are_listed_and_can_be_named(
    run: Run, random_model: Path, tmp_path: Path, file: str, tree: str
) -> None:
    path, output = UNCLEAR / file, tmp_path / "o.root"
    expected = f"{file}: no tree MuonHitDump; the file has: {tree} (--tree names the one"
    assert expected in run("infer", random_model, path, "-o", output, code=4).stderr
    run("infer", random_model, path, "-o", output, "--tree", tree)
    run("inspect", output)
    assert expected in run("bench", random_model, "--input", path, code=4).stderr
    bench = ("--repetitions", 1, "--warmup", 1, "-o", tmp_path / "bench.json")
    run("bench", random_model, "--input", path, "--tree", tree, *bench)
    assert expected in run("prepare", path, "-o", tmp_path / "set", code=4).stderr
    by_event = ("--set", "split.by=event")
    run("prepare", path, "-o", tmp_path / "set", "--tree", tree, *by_event)
    display = ("inspect", path, "--display", tmp_path / "event")
    assert expected in run(*display, code=4).stderr
    run(*display, "--tree", tree)
    text = run("inspect", path).stdout
    assert "hit ntuple" in text
    assert f"TTree {tree}: " in text


def test_friends_are_left_alone(run: Run, random_model: Path, tmp_path: Path) -> None:
    file = CASES / "friend_elsewhere" / "withfriend.root"
    run("infer", random_model, file, "-o", tmp_path / "o.root")


@pytest.mark.parametrize("name", ["a_86_raw.root", "b_5_raw.root"])
def test_damaged_baskets_are_errors(
    run: Run, random_model: Path, tmp_path: Path, name: str
) -> None:
    file = CASES / "damaged_baskets" / name
    error = run("infer", random_model, file, "-o", tmp_path / "o.root", code=4).stderr
    assert f"{file}, entry " in error
    assert "is damaged" in error


def test_too_little_address_space_is_an_error(run: Run) -> None:
    """ROOT's interpreter ended the program by an illegal instruction."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (800_000_000, 800_000_000))

    error = run("inspect", BASE, code=4, preexec_fn=limit).stderr
    assert "ROOT needs 700 MiB of address space to start" in error


def test_a_crash_ends_at_once(stationhit: Path, tmp_path: Path) -> None:
    """ROOT would start a debugger, which prints what is in memory."""
    settings = ["--set", "events=100000", "--set", f"output={tmp_path}/toy.root"]
    command = [str(stationhit), "simulate", *settings]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while not list(tmp_path.iterdir()):  # until it writes
        assert program.poll() is None
        time.sleep(0.05)
    program.send_signal(signal.SIGSEGV)
    output = program.communicate(timeout=20)[0]
    assert program.returncode == -signal.SIGSEGV
    assert "stack trace" not in output
