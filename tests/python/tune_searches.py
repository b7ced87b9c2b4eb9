"""Searches of `stationhit tune` for tests: small ones of the program, and ones with a trainer that
takes no time (quick_trainer.py)."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import ROOT, Run, tiny_run

DRIVER = ROOT / "python" / "stationhit_tune"
TRAINER = Path(__file__).with_name("quick_trainer.py")
SETTINGS: dict[str, object] = {
    "features": "[localX, localY, localZ, driftR]",
    "training.epochs": 2,
    "training.monitor": "val_purity_0.99",
    "model.width": 8,
    "model.blocks": 1,
}
SPACE = """
search: {pruner: none, startup_trials: 2, heartbeat: 1}
parameters:
  training.optimizer.learning_rate: {low: 1e-3, high: 1e-2, log: true}
  model.width: {low: 4, high: 12, step: 4}
  model.head: [[], [8]]
"""


def write_space(folder: Path, text: str) -> Path:
    file = folder / "space.yaml"
    file.write_text(text)
    return file


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "trials.csv").open() as file:
        return list(csv.DictReader(file))


def make_options(run: Run, prepared: Path, folder: Path) -> list[str]:
    """Options of a small run with statistics in the folder."""
    options = tiny_run(folder, prepared, SETTINGS)
    run("stats", *options)
    return options


class Search:
    """Searches by the driver alone, with the quick trainer in the place of the program. There is no
    Matplotlib unless `figures` says so, because it takes most of the time of such a search."""

    figures = False
    pause = 0.0  # seconds of an epoch

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = {**plan, "program": str(TRAINER), "epochs": 4}
        self.folder = Path(plan["folder"])
        self.hold = self.folder.with_name("hold")
        self.kill = self.folder.with_name("kill")

    def environment(self) -> dict[str, str]:
        missing = self.folder.with_name("without")
        missing.mkdir(exist_ok=True)
        (missing / "matplotlib.py").write_text("raise ImportError('no Matplotlib here')\n")
        path = {} if self.figures else {"PYTHONPATH": str(missing)}
        files = {"HOLD": str(self.hold), "KILL": str(self.kill)}
        return {**os.environ, **files, "PAUSE": str(self.pause), **path}

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, DRIVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment(),
        )
        assert process.stdin
        process.stdin.write(json.dumps(self.plan))
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, code: int = 0) -> str:
        process = self.start()
        said, _ = process.communicate()
        assert process.returncode == code, said
        return said

    def calls(self) -> list[str]:
        """A line for each call of the trainer: its process and the epochs that it found."""
        files = sorted(self.folder.glob("trials/*/calls"))
        return [line for file in files for line in file.read_text().splitlines()]

    def start_and_hold(self, trainings: int) -> subprocess.Popen[str]:
        """Returns when so many trainings have finished their first epoch."""
        self.hold.touch()
        process = self.start()
        wait_until(lambda: len(list(self.folder.glob("trials/*/epochs"))) >= trainings)
        return process


def wait_until(condition: Callable[[], bool], seconds: float = 100) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "took too long"
        time.sleep(0.05)


def children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in text.split()]


def is_alive(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


MakeSearch = Callable[..., Search]


def search_maker(run: Run, options: list[str], folder: Path) -> MakeSearch:
    """make_search(values, trials): all values of training.batch_size, with the plan of the program,
    which it hands over to a `python` that only keeps it."""

    def make(values: list[int], trials: int, search: str = "", workers: int = 1) -> Search:
        keeper = folder / "keep_plan"
        keeper.write_text(f"#!/bin/sh\ncat > {folder}/plan.json\n")
        keeper.chmod(0o755)
        head = f"search: {{sampler: grid, pruner: none, heartbeat: 1, {search}}}\n"
        text = f"{head}parameters: {{training.batch_size: {values}}}\n"
        run(
            *("tune", *options, "-s", write_space(folder, text), "-o", folder / "out"),
            *("--trials", trials, "--workers", workers, "--python", keeper),
        )
        return Search(json.loads((folder / "plan.json").read_text()))

    return make
