"""Trainings, tests and exports by the program `stationhit`, in a process of its own: its LibTorch
and ROOT meet nothing of this one."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from stationhit._stationhit import UsageError

Show = Callable[[str], object]
PathLike = str | os.PathLike[str]

# A line of the log begins with the time of day.
LOG_LINE = re.compile(r"\d\d:\d\d:\d\d \w+ ")
PLAIN = re.compile(r"[\w./+-]+")


class ProgramError(RuntimeError):
    """The program ended with an error. Its text is the message."""

    def __init__(self, message: str, code: int, lines: Sequence[str]) -> None:
        super().__init__(message)
        self.code = code
        """Exit code (README): 2 command line, 3 configuration, 4 data, 5 internal error, 130 and
        143 stopped; negative: the number of the signal that ended it"""
        self.lines = list(lines)
        """All that the program printed"""


@dataclass(frozen=True)
class Result:
    """What a subcommand did."""

    command: list[str]
    lines: list[str] = field(repr=False)
    """Results that it printed (stdout)"""
    messages: list[str] = field(repr=False)
    """Log and progress (stderr)"""
    folder: Path | None = None
    """experiment_dir of the run, where there is a configuration"""
    metrics: dict[str, Any] | None = field(default=None, repr=False)
    """Of train and test: the content of test/metrics.json (docs/metrics.md)"""
    history: list[dict[str, float]] = field(default_factory=list, repr=False)
    """Of train: the rows of metrics.csv, one per epoch"""
    files: list[Path] = field(default_factory=list)
    """Of train: best and last checkpoint; of export: the ONNX files"""


def find_program(program: PathLike | None = None) -> Path:
    """The program `stationhit`: `program` if it is given, else that of the environment variable
    STATIONHIT_PROGRAM, beside the Python that runs, or in PATH. Raises UsageError if it is not
    there."""
    named = [("program", program), ("STATIONHIT_PROGRAM", os.environ.get("STATIONHIT_PROGRAM"))]
    for what, given in named:
        if not given:
            continue
        found = shutil.which(given)
        if found is None:
            raise UsageError(f"{what} is {os.fspath(given)}: no program that can be run")
        return Path(found)
    beside = shutil.which("stationhit", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("stationhit")
    if found is None:
        raise UsageError(
            "the program stationhit was not found; install it (cmake --install) and name it in "
            "PATH, in the environment variable STATIONHIT_PROGRAM or as program=..."
        )
    return Path(found)


def plain_value(value: Any) -> Any:
    """Of paths, and of numbers and arrays of NumPy."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a setting is {value!r}, expected a number, text, a path, a list or a dict")


def value_text(value: object) -> str:
    """A value as --set takes it: YAML, of which JSON is a part."""
    text = json.dumps(value, default=plain_value, ensure_ascii=False)
    return text[1:-1] if PLAIN.fullmatch(text[1:-1]) and text[0] == '"' else text


def error_text(messages: Sequence[str], code: int) -> str:
    """What the program says behind its last "error: "."""
    starts = [i for i, line in enumerate(messages) if line.startswith("error: ")]
    if starts:
        return "\n".join(messages[starts[-1] :]).removeprefix("error: ")
    last = "\n".join(messages[-5:])
    if code < 0:
        return f"the program was ended by {signal.Signals(-code).name}; its last lines:\n{last}"
    return f"the program ended with exit code {code}; its last lines:\n{last}"


class _Console:
    """Gives lines on, but for the configuration that the log repeats."""

    def __init__(self, show: Show | None) -> None:
        self._show = show
        self._in_configuration = False

    def put(self, line: str) -> None:
        if LOG_LINE.match(line) or line.startswith("error: "):
            self._in_configuration = line.endswith(" info configuration:")
        if self._show is not None and not self._in_configuration:
            self._show(line)


def _read(stream: Any, name: str, queue: SimpleQueue[tuple[str, str]]) -> None:
    for line in stream:
        queue.put((name, line.rstrip("\n")))


def _stop(process: subprocess.Popen[str], wanted: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(wanted)


def call(
    command: Sequence[PathLike], show: Show | None = print
) -> tuple[list[str], list[str], int]:
    """Runs a command; gives the lines of stdout, those of stderr and the exit code.

    Ctrl-C is given on to the process, which saves its state and ends; then KeyboardInterrupt is
    raised. A second one ends the process at once. A process is never left behind by an exception.
    """
    lines: dict[str, list[str]] = {"out": [], "err": []}
    console = _Console(show)
    # In a group of its own, a terminal does not send Ctrl-C to it as well: twice is at once.
    process = subprocess.Popen(
        [os.fspath(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    queue: SimpleQueue[tuple[str, str]] = SimpleQueue()
    streams = (("out", process.stdout), ("err", process.stderr))
    readers = [
        threading.Thread(target=_read, args=(stream, name, queue), daemon=True)
        for name, stream in streams
    ]
    for reader in readers:
        reader.start()
    interrupt: KeyboardInterrupt | None = None
    try:
        while not queue.empty() or any(reader.is_alive() for reader in readers):
            try:
                name, line = queue.get(timeout=0.2)
                lines[name].append(line)
                console.put(line)
            except Empty:
                continue
            except KeyboardInterrupt as pressed:
                interrupt = pressed
                _stop(process, signal.SIGINT)
        code = process.wait()
    except BaseException:
        _stop(process, signal.SIGTERM)
        process.wait()
        raise
    if interrupt is not None:
        raise interrupt
    return lines["out"], lines["err"], code


def run(
    verb: str,
    config: PathLike | None = None,
    settings: Mapping[str, object] | None = None,
    arguments: Sequence[object] = (),
    *,
    program: PathLike | None = None,
    show: Show | None = print,
) -> Result:
    """Runs a subcommand of the program.

    verb: "train", "test", "export", "prepare", ... (`stationhit --help`).
    config: configuration file of the run (-c).
    settings: keys of the configuration that are other than in the file, by their paths:
        {"training.epochs": 5, "features": ["localX", "localY"]} (docs/parameters.md).
    arguments: further arguments of the command line.
    program: see `find_program`.
    show: is called with every line as the program prints it (progress, log, results); None: nothing
        is shown.

    Ctrl-C (in a notebook: interrupt the kernel) lets the program save its state and stop, and
    raises KeyboardInterrupt; the same call goes on with a training.

    Raises ProgramError with the text and the exit code of the program, UsageError if there is no
    program.
    """
    options: list[str] = [] if config is None else ["-c", os.fspath(config)]
    for key, value in (settings or {}).items():
        options += ["--set", f"{key}={value_text(value)}"]
    found = os.fspath(find_program(program))
    command = [found, verb, *options, *map(str, arguments)]
    lines, messages, code = call(command, show)
    if code != 0:
        raise ProgramError(error_text(messages, code), code, [*lines, *messages])
    folder = None if config is None else folder_of(found, options)
    return Result(command, lines, messages, folder)


def folder_of(program: str, options: Sequence[str]) -> Path | None:
    """experiment_dir, as the program reads the configuration."""
    lines, _, code = call([program, "parameters", *options], None)
    for line in lines if code == 0 else ():
        key, _, text = line.partition(": ")
        if key == "experiment_dir" and text != "null":
            return Path(json.loads(text) if text.startswith('"') else text)
    return None


def _read_metrics(folder: Path | None) -> dict[str, Any] | None:
    path = (folder or Path()) / "test" / "metrics.json"
    return json.loads(path.read_text()) if path.exists() else None


def _read_history(folder: Path | None) -> list[dict[str, float]]:
    path = (folder or Path()) / "metrics.csv"
    if not path.exists():
        return []
    with path.open() as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def train(
    config: PathLike,
    settings: Mapping[str, object] | None = None,
    *,
    force: bool = False,
    test: bool = True,
    arguments: Sequence[object] = (),
    program: PathLike | None = None,
    show: Show | None = print,
) -> Result:
    """Trains a network, or goes on with a training, and measures its best checkpoint.

    force: replace the training that experiment_dir holds, and begin again.
    test: measure the best checkpoint on the test split.

    Gives a Result with the metrics of the test, the history of the epochs and the checkpoints.
    Other parameters and errors: `run`.
    """
    more = [*(["--force"] if force else []), *([] if test else ["--no-test"]), *arguments]
    done = run("train", config, settings, more, program=program, show=show)
    names = ("best.safetensors", "last.safetensors")
    files = [(done.folder or Path()) / "checkpoints" / name for name in names]
    return Result(
        done.command,
        done.lines,
        done.messages,
        done.folder,
        metrics=_read_metrics(done.folder) if test else None,
        history=_read_history(done.folder),
        files=[file for file in files if file.exists()],
    )


def test(
    config: PathLike,
    settings: Mapping[str, object] | None = None,
    *,
    arguments: Sequence[object] = (),
    program: PathLike | None = None,
    show: Show | None = print,
) -> Result:
    """Measures the best checkpoint of a run, or `checkpoint_path`, on the test split.

    Gives a Result with the metrics. Other parameters and errors: `run`.
    """
    done = run("test", config, settings, arguments, program=program, show=show)
    metrics = _read_metrics(done.folder)
    return Result(done.command, done.lines, done.messages, done.folder, metrics=metrics)


# Not a test of pytest.
test.__test__ = False  # type: ignore[attr-defined]


def export(
    config: PathLike,
    settings: Mapping[str, object] | None = None,
    *,
    output: PathLike | None = None,
    interface: str = "table",
    quantize: bool = False,
    arguments: Sequence[object] = (),
    program: PathLike | None = None,
    show: Show | None = print,
) -> Result:
    """Writes a trained network as an ONNX file, which HitClassifier loads.

    output: the file; without it checkpoints/model.onnx of the run.
    interface: "table", "edges", "fused" or "fused_edges" (docs/deployment.md).
    quantize: also write an int8 file and compare both.

    Gives a Result with the files. Other parameters and errors: `run`.
    """
    more = ["--interface", interface, *(["-q"] if quantize else []), *arguments]
    if output is not None:
        more += ["-o", os.fspath(output)]
    done = run("export", config, settings, more, program=program, show=show)
    written = [re.match(r"(.*\.onnx): ", line) for line in done.lines]
    files = [Path(match[1]) for match in written if match]
    return Result(done.command, done.lines, done.messages, done.folder, files=files)
