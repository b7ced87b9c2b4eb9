"""The plan of a search, as `stationhit tune` writes it (src/workflow/tune.cpp)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class TuneError(Exception):
    """What ends the search: the message says what, where and what to do."""

    code = 4  # with which the program ends: data


class TuneUsageError(TuneError):
    """An argument that cannot be meant."""

    code = 2


@dataclass(frozen=True)
class Parameter:
    """A setting of the run and its values: low to high, or one of `values`."""

    key: str
    kind: str  # number, integer, choice
    low: float = 0
    high: float = 0
    step: float | None = None
    log: bool = False
    values: tuple[str, ...] = ()
    # Only searched in trials in which each of these parameters has one of the values.
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def is_searched(self, chosen: Mapping[str, Any]) -> bool:
        """chosen: the values of the parameters before this one that the trial has."""
        return all(chosen.get(key) in values for key, values in self.when.items())

    def grid(self) -> list[Any]:
        """All values of a choice or of a range with steps."""
        if self.kind == "choice":
            return list(self.values)
        step = self.step or 1
        n = int((self.high - self.low) / step + 1e-9) + 1
        values = [self.low + i * step for i in range(n)]
        return [round(value) for value in values] if self.kind == "integer" else values


def combinations(
    parameters: tuple[Parameter, ...], chosen: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """All combinations of the values; the last parameter changes first."""
    before = dict(chosen or {})
    if not parameters:
        yield before
        return
    first, *others = parameters
    if not first.is_searched(before):
        yield from combinations(tuple(others), before)
        return
    for value in first.grid():
        yield from combinations(tuple(others), {**before, first.key: value})


@dataclass(frozen=True)
class Objective:
    """A column of metrics.csv, or ms_per_event."""

    name: str
    direction: str  # minimize, maximize

    def better(self, first: float, second: float) -> bool:
        return first > second if self.direction == "maximize" else first < second


@dataclass(frozen=True)
class Plan:
    text: str  # the JSON
    program: str
    version: str
    config_file: str
    overrides: tuple[str, ...]  # of --set
    threads: int  # of a trial; 0 = all
    epochs: int
    sample: str  # what the figures say about the events
    bench_input: str  # events for ms_per_event
    study: str
    folder: Path
    storage: str  # URL, which may contain a password; empty = study.db in the folder
    trials: int
    workers: int
    retrain: bool
    objectives: tuple[Objective, ...]
    search: dict[str, Any]
    parameters: tuple[Parameter, ...]
    common: dict[str, dict[str, str]]  # what all calls of a study agree on

    @property
    def url(self) -> str:
        return self.storage or f"sqlite:///{self.folder / 'study.db'}"

    @property
    def metric(self) -> Objective:
        """What is measured after every epoch."""
        return self.objectives[0]

    @property
    def measures_latency(self) -> bool:
        return len(self.objectives) > 1

    @property
    def grace(self) -> int:
        """Seconds without a sign of life after which a trial is taken for dead."""
        return 3 * int(self.search["heartbeat"])

    def run_directory(self, number: int) -> Path:
        return self.folder / "trials" / f"{number:04d}"

    def run_options(self, settings: dict[str, str], folder: Path) -> list[str]:
        """Options of the program for the run with these settings in this folder."""
        own = {
            "training.monitor": self.metric.name,
            **settings,
            "experiment_dir": str(folder),
        }
        changes = [*self.overrides, *(f"{key}={value}" for key, value in own.items())]
        return ["-c", self.config_file, *(part for one in changes for part in ("--set", one))]


def read_plan(text: str) -> Plan:
    values = json.loads(text)
    values["folder"] = Path(values["folder"])
    values["overrides"] = tuple(values["overrides"])
    values["objectives"] = tuple(Objective(**one) for one in values["objectives"])
    values["parameters"] = tuple(
        Parameter(
            **{
                **one,
                "values": tuple(one.get("values", ())),
                "when": {key: tuple(those) for key, those in one.get("when", {}).items()},
            }
        )
        for one in values["parameters"]
    )
    return Plan(text=text, **values)
