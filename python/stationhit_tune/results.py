"""What a search leaves behind: trials.csv, best.yaml, and the figures."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from stationhit_tune.figures import draw_figures
from stationhit_tune.plan import Plan, TuneError
from stationhit_tune.processes import error_of
from stationhit_tune.storage import WORKER, public_url
from stationhit_tune.study import SAME_AS, all_trials, complete, first_number, pareto_front

BEST = "best.yaml"
TRIALS = "trials.csv"


def write_text(file: Path, text: str) -> None:
    """Whole or not at all. Raises TuneError where it cannot be written."""
    partial = file.with_name(f"{file.name}.partial.{os.getpid()}")
    try:
        with partial.open("w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise TuneError(f"{file}: {error.strerror}; the same command writes it again") from None


def value_text(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def trials_csv(plan: Plan, trials: Sequence[FrozenTrial]) -> str:
    text = io.StringIO()
    keys = [one.key for one in plan.parameters]
    names = [one.name for one in plan.objectives]
    table = csv.writer(text, lineterminator="\n")
    table.writerow(
        ["trial", "state", *names, "best_epoch", "last_epoch", "seconds", "training_seconds"]
        + ["begun", "ended", "worker", "repeats", "same_as", "error", *keys]
    )
    for one in trials:
        attributes = one.user_attrs
        first = first_number(one)
        values = one.values if one.state == TrialState.COMPLETE else [""] * len(names)
        table.writerow(
            [one.number, one.state.name, *map(value_text, values)]
            + [attributes.get("best_epoch", ""), max(one.intermediate_values, default="")]
            + [attributes.get(name, "") for name in ("seconds", "training_seconds")]
            + [one.datetime_start or "", one.datetime_complete or ""]
            + [attributes.get(WORKER, "")]
            + ["" if first == one.number else first]
            + [attributes.get(name, "") for name in (SAME_AS, "error")]
            + [value_text(one.params.get(key, "")) for key in keys]
        )
    return text.getvalue()


def best_trial(plan: Plan, trials: Sequence[FrozenTrial]) -> FrozenTrial | None:
    """The one with the best first objective, the first of equal ones."""
    best: FrozenTrial | None = None
    for one in complete(trials):
        if best is None or plan.metric.better(one.values[0], best.values[0]):
            best = one
    return best


def settings_of(plan: Plan, trial: FrozenTrial) -> dict[str, str]:
    return {
        one.key: value_text(trial.params[one.key])
        for one in plan.parameters
        if one.key in trial.params
    }


def configuration(plan: Plan, trial: FrozenTrial, name: str) -> str:
    """The complete run configuration of a trial, with where it comes from."""
    settings = settings_of(plan, trial)
    pairs = zip(plan.objectives, trial.values, strict=True)
    head = [
        "Found by `stationhit tune` on the validation split.",
        f"study: {plan.study}, trial {trial.number}",
        *(f"{one.name}: {value:.9g}" for one, value in pairs),
        f"best epoch: {trial.user_attrs['best_epoch']}",
        f"storage: {public_url(plan.url)}",
        f"configuration: {plan.config_file}",
        *(f"{key}: {value}" for key, value in settings.items()),
        f"ended: {trial.datetime_complete:%Y-%m-%d %H:%M:%S}",
        f"written: {time.strftime('%Y-%m-%d %H:%M:%S')}",
        f"program: stationhit {plan.version}",
    ]
    command = [plan.program, "parameters", *plan.run_options(settings, plan.folder / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        why = error_of(done.stderr, done.returncode)
        raise TuneError(
            f"{plan.folder / name}.yaml cannot be made: {why}; the same command goes on"
        )
    return "".join(f"# {line}\n" for line in head) + done.stdout


def write_results(plan: Plan, study: Study) -> list[str]:
    """Writes everything that the trials permit; lines about it."""
    trials = all_trials(study)
    write_text(plan.folder / TRIALS, trials_csv(plan, trials))
    lines = [f"wrote {plan.folder / TRIALS}"]
    best = best_trial(plan, trials)
    if best is None:
        return [*lines, "no trial is complete: there is no best one"]
    lines += draw_figures(plan, study, trials)
    write_text(plan.folder / BEST, configuration(plan, best, "best"))
    if plan.measures_latency:
        lines += write_front(plan, study)
    return [*lines, f"best: trial {best.number}, {values_text(plan, best)}: {plan.folder / BEST}"]


def values_text(plan: Plan, trial: FrozenTrial) -> str:
    pairs = zip(plan.objectives, trial.values, strict=True)
    return ", ".join(f"{one.name} {value:.6g}" for one, value in pairs)


def write_front(plan: Plan, study: Study) -> list[str]:
    """A configuration for each trial that none is better than in both objectives."""
    folder = plan.folder / "pareto"
    folder.mkdir(exist_ok=True)
    front = sorted(pareto_front(study), key=lambda one: one.number)
    names = {f"trial_{one.number:04d}.yaml": one for one in front}
    for file in folder.glob("trial_*.yaml"):
        if file.name not in names:
            file.unlink()
    lines = []
    for name, one in names.items():
        write_text(folder / name, configuration(plan, one, f"pareto/{Path(name).stem}"))
        lines.append(f"Pareto front: trial {one.number}, {values_text(plan, one)}: {folder / name}")
    return lines
