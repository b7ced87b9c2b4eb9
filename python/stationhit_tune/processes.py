"""Child processes that do not outlive this one, and the wish to stop."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

SECONDS_TO_END = 60  # of a training after SIGTERM, until it is killed
POLL_MS = 200


class StoppedError(Exception):
    """SIGINT or SIGTERM came."""


class Stop:
    """Set by the first SIGINT or SIGTERM."""

    def __init__(self) -> None:
        self.signal = 0
        self._event = threading.Event()

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            # One that is ignored, as for a program in the background, stays ignored.
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: object) -> None:
        self.signal = self.signal or number
        self._event.set()

    def requested(self) -> bool:
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Sleeps no longer than until the stop; raises StoppedError then."""
        if self._event.wait(seconds):
            raise StoppedError


def start(
    command: Sequence[str | Path],
    death_signal: signal.Signals,
    **options: Any,
) -> subprocess.Popen[str]:
    """Starts a command in a process group of its own: Ctrl-C of a terminal does not reach it. It
    gets the signal when the thread that called this dies."""
    launcher = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py"))]
    head = [*launcher, str(int(death_signal)), str(os.getpid())]
    return subprocess.Popen(
        [*head, *map(str, command)], text=True, start_new_session=True, **options
    )


def start_logged(command: Sequence[str | Path], log: IO[str]) -> subprocess.Popen[str]:
    """Starts a command that writes into the log and is killed when this thread dies."""
    return start(
        command, signal.SIGKILL, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
    )


def end(process: subprocess.Popen[str]) -> None:
    """Asks the process to end, so that a training saves its state, and kills it if it does not."""
    for number, seconds in ((signal.SIGTERM, SECONDS_TO_END), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


def ticks(process: subprocess.Popen[str], stop: Stop) -> Iterator[None]:
    """Yields while the process runs, and once after its end. Raises StoppedError."""
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while not poll.poll(POLL_MS):
            if stop.requested():
                raise StoppedError
            yield
        process.wait()
        yield
    finally:
        os.close(descriptor)


def error_of(said: str, code: int) -> str:
    """How a program of ours ended, with its error, else the last line that it said."""
    lines = [line for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    last = (errors or lines or [""])[-1].strip()
    how = f"ended by signal {-code}" if code < 0 else f"exit code {code}"
    return f"{how}: {last}" if last else how


def run(command: Sequence[str | Path], log: IO[str], stop: Stop) -> int:
    """Runs a command to its end, with its output in the log; its exit code. Raises StoppedError."""
    process = start_logged(command, log)
    try:
        for _ in ticks(process, stop):
            pass
    finally:
        end(process)
    return process.returncode
