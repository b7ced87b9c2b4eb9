"""Progress and messages on a terminal: a pseudo-terminal of several widths."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import tiny_run

MESSAGE = re.compile(r"\d\d:\d\d:\d\d (\x1b\[\d*m)*(info|warning)")
COLOR = re.compile(r"\x1b\[[\d;]*m")


def set_columns(terminal: int, columns: int) -> None:
    """Gives the terminal a width."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def on_terminal(
    command: list[str], columns: int, while_running: Callable[[int, str], None] | None = None
) -> str:
    """All that a program writes to a terminal of this width; `while_running` gets what was written
    up to now. The program must end well."""
    terminal, side = pty.openpty()
    set_columns(terminal, columns)
    text = ""
    with subprocess.Popen(command, stdin=side, stdout=side, stderr=side, close_fds=True) as process:
        os.close(side)
        while True:
            try:
                part = os.read(terminal, 65536)
            except OSError:  # the program has ended
                break
            if not part:
                break
            text += part.decode()
            if while_running:
                while_running(terminal, text)
    os.close(terminal)
    assert process.returncode == 0, text
    return text


def drawn_lines(text: str) -> list[str]:
    """What is drawn from the beginning of a line, each time."""
    return [part for line in text.split("\n") for part in line.split("\r") if part]


def final_rows(text: str) -> list[str]:
    """The rows that the terminal shows at the end, if none is longer than it."""
    rows = []
    for line in COLOR.sub("", text).replace("\r\n", "\n").split("\n"):
        row = ""
        for part in line.split("\r"):
            row = part + row[len(part) :]
        rows.append(row.rstrip())
    return rows


def simulate(stationhit: Path, folder: Path, events: int) -> list[str]:
    """A command that simulates some events."""
    settings = {"output": folder / "toy.root", "events": events, "mu": 20, "threads": 1}
    options = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    return [str(stationhit), "simulate", *options]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_progress_is_never_wider_than_the_terminal(
    stationhit: Path, tmp_path: Path, columns: int
) -> None:
    """Every drawing leaves the last column empty, and the last one says that all is done."""
    text = on_terminal(simulate(stationhit, tmp_path, 150), columns)
    drawn = [line for line in drawn_lines(text) if line.startswith("simulate ")]
    assert drawn and all(len(line) < columns for line in drawn), drawn
    assert sum("100 %" in row and "took" in row for row in final_rows(text)) == 1
    assert any("[" in line for line in drawn)


def test_the_progress_follows_the_width_of_the_terminal(stationhit: Path, tmp_path: Path) -> None:
    """A window that is made narrower while the program runs."""
    narrow_from: list[int] = []

    def shrink(terminal: int, text: str) -> None:
        if not narrow_from and "simulate [" in text:
            set_columns(terminal, 30)
            narrow_from.append(len(text))

    text = on_terminal(simulate(stationhit, tmp_path, 400), 200, shrink)
    lines = [line for line in drawn_lines(text[narrow_from[0] :]) if line.startswith("simulate ")]
    # One drawing may have been under way.
    assert len(lines) > 1 and all(len(line) < 30 for line in lines[1:]), lines


def test_messages_and_rows_of_a_training_have_lines_of_their_own(
    stationhit: Path, prepared: Path, trained_run: Path, tmp_path: Path
) -> None:
    """No row has the rest of a bar in it; all rows of epochs fit into 80 columns."""
    settings = {
        "training.epochs": 2,
        "normalization_stats": trained_run / "normalization.yaml",
        "threads": 1,
    }
    options = tiny_run(tmp_path / "run", prepared, settings)
    rows = final_rows(on_terminal([str(stationhit), "train", *options], 80))
    messages = [row for row in rows if MESSAGE.search(row)]
    assert messages and all(MESSAGE.match(row) for row in messages), messages
    bars = [row for row in rows if "took" in row]
    assert bars and all(
        re.match(r"(epoch \d/\d (training|validation)|test|reading|trying the validation)", row)
        for row in bars
    )
    assert all(len(row) < 80 for row in bars), bars
    first = next(i for i, row in enumerate(rows) if row.startswith("epoch   1  train loss"))
    assert rows[first + 1].startswith("           purity at 99 %")
    assert all(len(row) <= 80 for row in rows[first : first + 2])
