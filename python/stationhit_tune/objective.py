"""One trial: a training with the values that the sampler chose, pruned epoch by epoch."""

from __future__ import annotations

import csv
import fcntl
import json
import math
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import optuna
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial

from stationhit_tune.plan import Plan
from stationhit_tune.processes import Stop, end, error_of, run, start_logged, ticks
from stationhit_tune.storage import WORKER
from stationhit_tune.study import (
    SAME_AS,
    SURPLUS,
    all_trials,
    complete,
    first_number,
    is_repetition,
    n_begun,
    suggest_all,
    wanted_trials,
)


class TrialError(Exception):
    """The trial has no value: the message says why."""


class SurplusError(Exception):
    """Another worker began the last trial at the same moment."""


def this_worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


class NewRows:
    """Rows of metrics.csv as they are written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0

    def __iter__(self) -> Iterator[dict[str, str]]:
        try:
            with self._file.open(newline="") as file:
                rows = list(csv.DictReader(file))
        except FileNotFoundError:
            return
        for row in rows[self._read :]:
            self._read += 1
            yield row


class Objective:
    """Called by Study.optimize with each trial; returns the values of its objectives."""

    def __init__(self, plan: Plan, study: Study, stop: Stop) -> None:
        self._plan = plan
        self._study = study
        self._stop = stop
        self.number: int | None = None  # of the trial that is running

    def __call__(self, trial: Trial) -> float | tuple[float, ...]:
        began = time.time()
        self.number = trial.number
        # Nobody finds a trial dead that never gave a sign of life; the first one of Optuna may come
        # too late.
        cast(BaseHeartbeat, self._study._storage).record_heartbeat(trial._trial_id)
        trial.set_user_attr(WORKER, this_worker())
        frozen = self._study.get_trials(deepcopy=False)[trial.number]
        self._require_place(trial, frozen)
        settings = suggest_all(trial, self._plan.parameters)
        if (same := self._same_trial(trial)) is not None:
            trial.set_user_attr(SAME_AS, same.number)
            trial.set_user_attr("best_epoch", same.user_attrs["best_epoch"])
            return tuple(same.values)
        folder = self._plan.run_directory(first_number(frozen))
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            value, epoch = self._train(trial, frozen, settings, folder)
            trial.set_user_attr("best_epoch", epoch)
            if not self._plan.measures_latency:
                return value
            return value, self._latency(settings, folder)
        except TrialError as error:
            trial.set_user_attr("error", str(error))
            raise
        finally:
            trial.set_user_attr("seconds", round(time.time() - began, 3))

    def _require_place(self, trial: Trial, frozen: FrozenTrial) -> None:
        """Two workers may see the last free place at once: the first of them has it."""
        earlier = [one for one in all_trials(self._study) if one.number < trial.number]
        if is_repetition(frozen) or n_begun(earlier) < wanted_trials(self._plan):
            return
        trial.set_user_attr(SURPLUS, True)
        raise SurplusError

    def _same_trial(self, trial: Trial) -> FrozenTrial | None:
        """A complete trial with the same values: trained again, it would come to the same."""
        for one in complete(all_trials(self._study)):
            if one.params == trial.params:
                return one
        return None

    def _train(
        self, trial: Trial, frozen: FrozenTrial, settings: dict[str, str], folder: Path
    ) -> tuple[float, int]:
        """The best value of the metric over the epochs, and its epoch."""
        command = [self._plan.program, "train", "--no-test", "--quiet"]
        command += self._plan.run_options(settings, folder)
        command += ["--threads", str(self._plan.threads)]
        # A trial that is tried again goes on in its folder. Others find nothing of theirs there.
        command += [] if is_repetition(frozen) else ["--force"]
        began = time.time()
        log = folder.with_suffix(".log")
        with log.open("w") as file:
            process = start_logged(command, file)
            try:
                last = int(settings.get("training.epochs", self._plan.epochs))
                best = self._follow(trial, process, folder / "metrics.csv", last)
            finally:
                end(process)
                trial.set_user_attr("training_seconds", round(time.time() - began, 3))
        if process.returncode != 0:
            raise TrialError(error_of(log.read_text(errors="replace"), process.returncode))
        if best is None:
            raise TrialError(f"no epoch in {folder / 'metrics.csv'}")
        return best

    def _follow(
        self, trial: Trial, process: subprocess.Popen[str], metrics: Path, last: int
    ) -> tuple[float, int] | None:
        """Reports the epochs while the training runs. Raises TrialError."""
        metric = self._plan.metric
        best: tuple[float, int] | None = None
        rows: NewRows | None = None
        left = modification(metrics)
        for _ in ticks(process, self._stop):
            # Until the training writes it, the file is that of what the folder held before.
            if rows is None and process.poll() != 0 and modification(metrics) == left:
                continue
            rows = rows or NewRows(metrics)
            for row in rows:
                epoch, value = int(row["epoch"]), float(row[metric.name])
                if not math.isfinite(value):
                    raise TrialError(f"{metric.name} is {value} in epoch {epoch}")
                if best is None or metric.better(value, best[0]):
                    best = value, epoch
                self._report(trial, value, epoch, last)
        return best

    def _report(self, trial: Trial, value: float, epoch: int, last: int) -> None:
        if self._plan.measures_latency:  # Optuna prunes by one objective only
            return
        trial.report(value, epoch)
        if epoch < last and trial.should_prune():
            raise optuna.TrialPruned(f"in epoch {epoch}")

    def _latency(self, settings: dict[str, str], folder: Path) -> float:
        """Milliseconds per event of the exported model, median, one thread."""
        model, report = folder / "checkpoints/model.onnx", folder / "bench.json"
        options = self._plan.run_options(settings, folder)
        events = str(self._plan.search["bench_events"])
        bench = ["--input", self._plan.bench_input, "--events", events, "--threads", "1"]
        commands: list[list[str | Path]] = [
            [self._plan.program, "export", "--quiet", *options],
            [self._plan.program, "bench", "--quiet", model, *bench, "-o", report],
        ]
        # One at a time on this machine: two would slow each other down.
        with (
            folder.with_suffix(".log").open("a") as log,
            (self._plan.folder / "bench.lock").open("w") as lock,
        ):
            fcntl.flock(lock, fcntl.LOCK_EX)
            for command in commands:
                code = run(command, log, self._stop)
                if code != 0:
                    said = Path(log.name).read_text(errors="replace")
                    raise TrialError(error_of(said, code))
        return float(json.loads(report.read_text())["latency"][0]["total_ms"]["p50"])


def modification(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
