"""The program under test: runs of it with limits of time and memory, and runs that are killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30


@dataclass(frozen=True)
class Ended:
    """How a run ended. A negative exit code is the signal that ended it."""

    code: int
    stdout: str
    stderr: str
    seconds: float
    peak_memory: int  # bytes, resident
    timed_out: bool
    killed: bool = False  # itself, or a process that it had started

    @property
    def errors(self) -> list[str]:
        """The lines with which the program says what is wrong."""
        return [line for line in self.stderr.splitlines() if line.startswith("error: ")]


class Program:
    """The program with an address space of at most `memory` bytes and at most `timeout` seconds:
    long enough for two lines of progress, which come every minute."""

    def __init__(self, path: Path, memory: int = 8 * GIB, timeout: float = 130) -> None:
        self.path = path.resolve()
        self.memory = memory
        self.timeout = timeout

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        kill_after: float | None = None,
        kills_child: bool = False,
    ) -> Ended:
        """Runs in `folder`; with `kill_after`, SIGKILL comes after so many seconds: to the program,
        or, with `kills_child`, to a process that it has started, if there is one then."""
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            begin = time.monotonic()
            process = subprocess.Popen(
                # prlimit becomes the program: the process keeps its number.
                ["prlimit", f"--as={self.memory}", "--core=0", self.path, *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
            late = threading.Event()
            code, peak_memory = wait_for(process, kill_after or self.timeout, late, kills_child)
            seconds = time.monotonic() - begin
            timed_out = late.is_set() and kill_after is None
            texts = [text_of(stream) for stream in (stdout, stderr)]
        killed = late.is_set() and code != 0
        return Ended(code, texts[0], texts[1], seconds, peak_memory, timed_out, killed)

    def make(self, arguments: Sequence[str], folder: Path) -> Ended:
        """A run that has to succeed."""
        ended = self.run(arguments, folder)
        if ended.code != 0:
            raise RuntimeError(
                f"{folder}$ stationhit {' '.join(arguments)}: exit code {ended.code}\n"
                f"{ended.stdout}{ended.stderr}"
            )
        return ended

    def knows(self, verb: str, option: str) -> bool:
        """Whether the verb has this option."""
        return option in self.run([verb, "--help"], Path.cwd()).stdout


def wait_for(
    process: subprocess.Popen[bytes],
    seconds: float,
    late: threading.Event,
    kills_child: bool = False,
) -> tuple[int, int]:
    """Waits; kills the process, or its last child, after `seconds` and sets `late` then. Exit code
    and peak memory."""

    def kill() -> None:
        late.set()
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            victims = children_of(process.pid) if kills_child else [process.pid]
            os.kill((victims or [process.pid])[-1], signal.SIGKILL)

    timer = threading.Timer(seconds, kill)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024


def children_of(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def text_of(stream) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def settings(**values: object) -> list[str]:
    """--set options; a double underscore in a name stands for the dot of a key."""
    pairs = ((key.replace("__", "."), value) for key, value in values.items())
    return [part for key, value in pairs for part in ("--set", f"{key}={value}")]
