"""A random configuration in a folder of its own: how the program is run on it, and how what it
makes is compared."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from safetensors.numpy import load_file, safe_open

from .configuration_sample import read_events, read_order, read_scores
from .drawing import Drawn, nested
from .program import Ended, Program

GRAPH = {
    "grouping": "bucket",
    "buckets": "auto",
    "edges": "knn",
    "k": 16,
    "radius": 10.0,
    "metric": ["localY", "localZ"],
}

Scores = dict[int, np.ndarray]


class RefusedError(Exception):
    """The program refused the configuration, as it may."""


class FailedError(Exception):
    """What follows cannot be tried; the fault is listed."""


@dataclass
class Tried:
    """What one configuration gave."""

    index: int
    drawn: Drawn
    faults: list[str] = field(default_factory=list)
    refused: str = ""
    largest: dict[str, float] = field(default_factory=dict)
    checks: Counter[str] = field(default_factory=Counter)


class Inputs:
    """The events of the sample, read once."""

    def __init__(self, sample: Path, package: Any) -> None:
        self.sample, self.package = sample, package
        self.events = {
            name: read_events(sample / "prepared" / name) for name in ("train", "val", "test")
        }
        self.order = read_order(sample / "permuted.root")

    @cached_property
    def rows(self) -> Any:
        return self.package.read_split(self.sample / "prepared", "test")


class BaseTrial:
    """One configuration in its folder: runs of the program, and comparisons."""

    def __init__(self, program: Program, inputs: Inputs, folder: Path, tried: Tried) -> None:
        self.program, self.inputs, self.folder, self.tried = program, inputs, folder, tried
        self.drawn = tried.drawn
        self.graph = GRAPH | nested(self.drawn.settings).get("graph", {})
        self.names: list[str] = self.drawn.settings["features"]
        self.model = Path()

    def fault(self, text: str) -> None:
        self.tried.faults.append(text)

    def same(self, what: str, good: bool, text: str = "") -> None:
        self.tried.checks[what] += 1
        if not good:
            self.fault(f"{what}: {text or 'differs'}")

    def call(self, *arguments: object) -> Ended:
        words = [str(argument) for argument in arguments]
        ended = self.program.run(words, self.folder)
        if ended.code < 0 or ended.code > 4 or ended.timed_out or ended.code == 1:
            self.fault(f"{' '.join(words)}: exit code {ended.code}: {ended.stderr[-300:]}")
            raise FailedError
        if ended.code != 0 and len(ended.errors) != 1:
            self.fault(f"{' '.join(words)}: unclear refusal: {ended.stderr[-300:]}")
            raise FailedError
        return ended

    def must(self, *arguments: object) -> Ended:
        ended = self.call(*arguments)
        if ended.code != 0:
            self.fault(f"{' '.join(map(str, arguments))}: {ended.errors[0]}")
            raise FailedError
        return ended

    def may(self, *arguments: object) -> Ended:
        ended = self.call(*arguments)
        if ended.code != 0:
            self.tried.refused = f"{arguments[0]}: {ended.errors[0]}"
            raise RefusedError
        return ended

    def write(self, name: str, data: str = "prepared", **more: Any) -> None:
        """A configuration of this name with its run directory."""
        data_path = self.inputs.sample / data
        values: dict[str, Any] = {
            f"{split}_path": str(data_path / split) for split in ("train", "val", "test")
        }
        values |= {
            "experiment_dir": name,
            "normalization_stats": "normalization.yaml",
            "threads": 1,
        }
        values |= self.drawn.settings | more
        (self.folder / f"{name}.yaml").write_text(yaml.safe_dump(nested(values), sort_keys=False))

    def metadata(self) -> dict[str, Any]:
        path = self.folder / "run" / "checkpoints" / "best.safetensors"
        with safe_open(path, "np") as file:
            return json.loads(file.metadata()["stationhit"])

    def near(self, what: str, found: float, expected: float, allowed: float) -> None:
        difference = abs(found - expected)
        self.tried.largest[what] = max(self.tried.largest.get(what, 0), difference)
        self.same(what, difference <= allowed, f"{found}, recomputed {expected}")

    def infer(self, source: object, *options: object) -> Scores:
        self.must(
            "infer", self.model, self.inputs.sample / str(source), "-o", "scored.root", *options
        )
        return read_scores(self.folder / "scored.root")

    def compare_scores(self, what: str, found: Scores, expected: Scores, tolerance: float) -> None:
        """tolerance: 0 for the same bits."""
        largest = 0.0
        for number, scores in expected.items():
            differences = np.abs(found[number].astype(float) - scores) / np.maximum(
                1, np.abs(scores)
            )
            if not np.array_equal(found[number], scores):
                largest = max(largest, float(differences.max()), 1e-30)
        self.tried.largest[what] = max(self.tried.largest.get(what, 0), largest)
        self.same(what, largest <= tolerance, f"largest difference {largest}")

    def tensors(self, run: str) -> dict[str, np.ndarray]:
        return load_file(self.folder / run / "checkpoints" / "best.safetensors")
