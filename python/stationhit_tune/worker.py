"""A worker: takes trials of the study one after the other, until there are enough."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from stationhit_tune.objective import Objective, SurplusError, TrialError
from stationhit_tune.plan import Plan, TuneError, read_plan
from stationhit_tune.processes import Stop, StoppedError
from stationhit_tune.results import values_text
from stationhit_tune.storage import WORKER, PatientStorage, open_storage, say, try_again
from stationhit_tune.study import SAME_AS, SURPLUS, all_trials, load_study, n_begun, wanted_trials

FAILED = 4  # exit code
UNKNOWN = "unknown"  # WORKER of a trial whose worker never said who it was


class Failures:
    """Ends a worker whose trials only fail: the next ones would, too."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._n = 0

    def __call__(self, _study: Study, trial: FrozenTrial) -> None:
        if SURPLUS in trial.user_attrs:
            return
        self._n = self._n + 1 if trial.state == TrialState.FAIL else 0
        if self._most and self._n >= self._most:
            raise TuneError(
                f"{self._n} trials failed one after the other, the last with: "
                f"{trial.user_attrs.get('error', 'no message')}; the same command goes on"
            )


def outcome(plan: Plan, trial: FrozenTrial) -> str:
    """Such as "trial 7: val_purity_0.99 0.3531 in epoch 8, 82 s"."""
    head = f"trial {trial.number}: "
    seconds = f"{trial.user_attrs.get('seconds', 0):.1f} s"
    if trial.state == TrialState.COMPLETE:
        text = f"{head}{values_text(plan, trial)}"
        if SAME_AS in trial.user_attrs:
            return f"{text}, has the values of trial {trial.user_attrs[SAME_AS]}"
        return f"{text}, best of epoch {trial.user_attrs['best_epoch']}, {seconds}"
    if trial.state == TrialState.PRUNED:
        last = max(trial.intermediate_values, default=0)
        return f"{head}pruned after epoch {last}, {seconds}"
    return f"{head}failed: {trial.user_attrs.get('error', 'no message')}"


class Worker:
    def __init__(self, plan: Plan, stop: Stop) -> None:
        self._plan = plan
        self._stop = stop
        self._storage: PatientStorage = open_storage(plan, stop)
        self._study = load_study(plan, self._storage)
        self._objective = Objective(plan, self._study, stop)
        self._callbacks: list[Callable[[Study, FrozenTrial], None]] = [
            self._print,
            Failures(plan.search["most_failures"]),
        ]

    def run(self) -> None:
        """Raises TuneError, StoppedError."""
        while self._has_work():
            self._take_trial()

    def _print(self, _study: Study, trial: FrozenTrial) -> None:
        if SURPLUS not in trial.user_attrs:
            print(outcome(self._plan, trial), flush=True)

    def _take_trial(self) -> None:
        self._objective.number = None
        try:
            self._study.optimize(
                self._objective,
                n_trials=1,
                catch=(TrialError, SurplusError),
                callbacks=self._callbacks,
            )
        except (UpdateFinishedTrialError, ValueError):
            # Optuna's answers to the end of a trial that has ended already.
            if self._runs(self._objective.number):
                raise
            say("this trial was taken for dead and is tried again by another worker")
        except AssertionError:
            # Optuna's answer to an exception of the storage at the end of a trial.
            if self._storage.failure:
                raise self._storage.failure from None
            if self._stop.requested():
                raise StoppedError from None
            raise
        except StoppedError:
            self._put_back(self._objective.number)
            raise

    def _runs(self, number: int | None) -> bool:
        return number is None or self._study.trials[number].state == TrialState.RUNNING

    def _put_back(self, number: int | None) -> None:
        """The trial that was interrupted, if one was."""
        if number is None:
            return
        trial = self._study.trials[number]
        if trial.state == TrialState.FAIL and "error" not in trial.user_attrs:
            try_again(self._study, trial)
            say(f"trial {number} is put back: the same command goes on with it")

    def _has_work(self) -> bool:
        """Waits for trials whose worker has died until they can be tried again."""
        while True:
            if self._stop.requested():
                raise StoppedError
            self._watch_over_unwatched()
            optuna.storages.fail_stale_trials(self._study)
            trials = all_trials(self._study)
            waiting = any(one.state == TrialState.WAITING for one in trials)
            if waiting or n_begun(trials) < wanted_trials(self._plan):
                return True
            if not any(map(self._is_orphan, trials)):
                return False
            self._stop.sleep(1)

    def _is_orphan(self, trial: FrozenTrial) -> bool:
        if trial.state != TrialState.RUNNING:
            return False
        worker = str(trial.user_attrs.get(WORKER, UNKNOWN))
        if worker == UNKNOWN:  # died before it could say who it was, or will say it in a moment
            return True
        host, process = worker.split(":")
        return host == socket.gethostname() and not is_alive(int(process))

    def _watch_over_unwatched(self) -> None:
        """A worker may die between taking a trial and its first sign of life."""
        latest = datetime.now() - timedelta(seconds=self._plan.grace)
        for trial in all_trials(self._study):
            if trial.state != TrialState.RUNNING or WORKER in trial.user_attrs:
                continue
            if trial.datetime_start and trial.datetime_start < latest:
                self._storage.record_heartbeat(trial._trial_id)
                self._storage.set_trial_user_attr(trial._trial_id, WORKER, UNKNOWN)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run_worker() -> int:
    """The plan is the standard input."""
    stop = Stop()
    stop.listen()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    plan = read_plan(sys.stdin.readline())
    # The thread of the signs of life ends with the worker.
    threading.excepthook = lambda _arguments: None
    try:
        Worker(plan, stop).run()
    except StoppedError:
        return 128 + stop.signal
    except TuneError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return FAILED
    return 0
