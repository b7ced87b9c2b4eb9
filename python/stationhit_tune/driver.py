"""The search as a whole: the study, its workers, the results."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
from optuna.study import Study
from optuna.trial import TrialState

from stationhit_tune.plan import Plan, TuneError, read_plan
from stationhit_tune.processes import Stop, StoppedError, end, start, ticks
from stationhit_tune.results import BEST, write_results, write_text
from stationhit_tune.storage import open_storage, public_url, say
from stationhit_tune.study import (
    all_trials,
    is_repetition,
    n_begun,
    open_study,
    wanted_trials,
)

FAILED = 4  # exit code
CLAIM = "study.json"  # of which study a folder is


class Workers:
    """Processes that take trials. One that is killed is replaced."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._replacements = plan.workers + plan.trials  # against workers that die at once
        self._running = [self._start() for _ in range(plan.workers)]
        self.code = 0  # of the first that failed

    def _start(self) -> subprocess.Popen[str]:
        package = Path(__file__).parent
        process = start([sys.executable, package, "worker"], signal.SIGTERM, stdin=subprocess.PIPE)
        assert process.stdin
        with process.stdin as pipe:
            pipe.write(f"{self._plan.text}\n")
        return process

    def wait(self, stop: Stop) -> None:
        """Until all have ended. Raises StoppedError when they have after a signal."""
        try:
            while self._running:
                stop.sleep(0.1)
                self._running = [one for process in self._running for one in self._next(process)]
        finally:
            for process in self._running:
                if process.poll() is None:
                    os.kill(process.pid, signal.SIGTERM)
            for process in self._running:
                end(process)

    def _next(self, process: subprocess.Popen[str]) -> list[subprocess.Popen[str]]:
        """The process while it runs, what takes its place, or nothing."""
        code = process.poll()
        if code is None:
            return [process]
        if code < 0 and self._replacements > 0:
            self._replacements -= 1
            say(f"worker {process.pid} was ended by signal {-code}; another takes its place")
            return [self._start()]
        self.code = self.code or (FAILED if code < 0 else code)
        return []


def claim_folder(plan: Plan, identity: str) -> None:
    """Raises TuneError where the folder is that of another study."""
    file = plan.folder / CLAIM
    if file.exists() and json.loads(file.read_text()).get("id") != identity:
        raise TuneError(
            f"{plan.folder} belongs to another study ({file}); give another folder with -o, or "
            "remove this one"
        )
    claim = {"study": plan.study, "storage": public_url(plan.url), "id": identity}
    write_text(file, json.dumps(claim, indent=2) + "\n")


def summary(plan: Plan, study: Study) -> str:
    trials = all_trials(study)
    counts = {state: sum(one.state == state for one in trials) for state in TrialState}
    repetitions = sum(map(is_repetition, trials))
    parts = [
        f"{counts[TrialState.COMPLETE]} complete",
        f"{counts[TrialState.PRUNED]} pruned",
        f"{counts[TrialState.FAIL] - repetitions} failed",
    ]
    if repetitions:
        parts.append(f"{repetitions} interrupted and begun again")
    if counts[TrialState.RUNNING]:
        parts.append(f"{counts[TrialState.RUNNING]} running in other calls")
    if counts[TrialState.WAITING]:
        parts.append(f"{counts[TrialState.WAITING]} waiting")
    begun, wanted = n_begun(trials), wanted_trials(plan)
    # An earlier call may have wanted more.
    total = f"{begun} of {wanted}" if begun <= wanted else f"{begun}, {wanted} wanted,"
    return f"{total} trials: {', '.join(parts)}"


def retrain(plan: Plan, stop: Stop) -> int:
    """Trains and tests the best configuration as a user would."""
    process = start([plan.program, "train", "-c", plan.folder / BEST], signal.SIGKILL)
    try:
        for _ in ticks(process, stop):
            pass
    finally:
        end(process)
    return process.returncode


def search(plan: Plan, stop: Stop) -> int:
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TuneError(f"{plan.folder}: {error.strerror}; give another folder with -o") from None
    storage = open_storage(plan, stop)
    study, identity = open_study(plan, storage, stop)
    claim_folder(plan, identity)
    began = time.monotonic()
    workers = Workers(plan)
    try:
        workers.wait(stop)
    finally:
        if workers.code:
            storage.wait_no_longer()
        files = write_results(plan, study)
        print(f"{summary(plan, study)}; this call {time.monotonic() - began:.1f} s", flush=True)
        for line in files:
            print(line, flush=True)
    if workers.code == 0 and plan.retrain and (plan.folder / BEST).exists():
        return retrain(plan, stop)
    return workers.code


def run_driver() -> int:
    stop = Stop()
    stop.listen()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    text = sys.stdin.read()
    if not text:
        print("error: this package is started by `stationhit tune`", file=sys.stderr)
        return FAILED
    plan = read_plan(text)
    try:
        return search(plan, stop)
    except StoppedError:
        say("stopped: the same command goes on")
        return 128 + stop.signal
    except TuneError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return error.code
