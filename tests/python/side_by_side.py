"""What tests share that run side by side in several processes, the workers of pytest-xdist: `make
test` starts one for each core and gives it one file of tests after the other. Without workers all
this works in the one process that there is.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder of the temporary folder of the whole run, with what `make` puts into it. The first
    worker that needs it calls `make`, and others wait for that: tests only read what is in it."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / f"shared-{name}"
    done = folder.with_suffix(".done")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker where it failed
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def free_port() -> int:
    """A port of this machine that nobody listens at. The system gives ports above these to whoever
    names none, so none of the programs that others start meanwhile gets this one by chance."""
    while True:
        port = random.SystemRandom().randrange(15000, 32768)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
