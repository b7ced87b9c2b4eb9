"""What workers share is made once, whoever comes first."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from side_by_side import free_port, made_once


def test_one_makes_what_all_use(tmp_path_factory: pytest.TempPathFactory) -> None:
    made: list[Path] = []
    found: list[str] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").write_text("begun")
        time.sleep(0.05)
        (folder / "file").write_text("whole")

    def use() -> None:
        found.append((made_once(tmp_path_factory, "one_makes", make) / "file").read_text())

    # A lock of a file acts between threads as between processes, where both have opened it.
    workers = [threading.Thread(target=use) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(made) == 1 and found == ["whole"] * 4


def test_what_failed_is_made_again_from_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        made_once(tmp_path_factory, "fails", fail)
    folder = made_once(tmp_path_factory, "fails", lambda folder: (folder / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]


def test_ports_are_free_and_not_those_that_the_system_gives() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in {free_port() for _ in range(20)}:
        assert 1024 < port < max(lowest, 32768)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
