"""The study in its storage: samplers and pruners, what calls must agree on, which trials count."""

from __future__ import annotations

import json
import random
import uuid
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState

from stationhit_tune.plan import Parameter, Plan, TuneError, combinations
from stationhit_tune.processes import Stop
from stationhit_tune.storage import PatientStorage, public_url

COMMON = "stationhit"  # attribute of a study: what its calls agree on
SURPLUS = "surplus"  # attribute of a trial that was begun when there were enough
SAME_AS = "same_as"  # attribute of a trial: the one with the same values, which was trained
SECONDS_TO_BEGIN = 20.0  # between making a study and setting its attribute


class NumberedSampler(BaseSampler):
    """A sampler whose random numbers depend on the seed, on how many trials were begun before, and
    on the parameter alone: workers and nodes draw different ones, a study with one worker is the
    same every time, and a trial that died before it had its values gets the same ones again."""

    def __init__(self, make: Callable[[int, str], BaseSampler]) -> None:
        self._make = make
        self._place = 0  # of the trial among those that were begun
        self._sampler = make(0, "")

    def reseed_rng(self) -> None:
        """Nothing: see above."""

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        first = first_number(trial)
        self._place = n_begun([one for one in all_trials(study) if one.number < first])
        self._sampler = self._make(self._place, "")
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        # Values that a trial has already are not drawn again.
        sampler = self._make(self._place, name)
        return sampler.sample_independent(study, trial, name, distribution)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._sampler.after_trial(study, trial, state, values)


class Combination(BaseSampler):
    """One combination of a grid. Optuna's sampler of grids chooses at random among those that are
    left, so that two workers may choose the same one."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        return self._values[name]


def shuffled_grid(plan: Plan) -> list[dict[str, Any]]:
    """All combinations, in an order that the seed decides."""
    grid = list(combinations(plan.parameters))
    random.Random(plan.search["seed"]).shuffle(grid)
    return grid


def make_sampler(plan: Plan) -> BaseSampler:
    search = plan.search
    startup, name = search["startup_trials"], search["sampler"]
    grid = shuffled_grid(plan) if name == "grid" else []

    def make(place: int, parameter: str) -> BaseSampler:
        seed = (search["seed"] * 1_000_003 + place + zlib.crc32(parameter.encode())) % 2**32
        if name == "random":
            return optuna.samplers.RandomSampler(seed=seed)
        if name == "grid":
            return Combination(grid[place % len(grid)])
        if name == "cmaes":
            return optuna.samplers.CmaEsSampler(
                n_startup_trials=startup, seed=seed, warn_independent_sampling=False
            )
        if name == "nsga2":
            return optuna.samplers.NSGAIISampler(population_size=search["population"], seed=seed)
        return optuna.samplers.TPESampler(n_startup_trials=startup, seed=seed)

    try:
        return NumberedSampler(make)
    except ImportError as error:
        raise TuneError(
            f"search.sampler: {name} needs a package that is missing ({error}); "
            "python -m pip install cmaes"
        ) from None


def make_pruner(plan: Plan) -> optuna.pruners.BasePruner:
    search = plan.search
    first = search["warmup_epochs"] + 1  # epoch after which a training may end
    if search["pruner"] == "median":
        return optuna.pruners.MedianPruner(search["startup_trials"], first)
    if search["pruner"] == "hyperband":
        return optuna.pruners.HyperbandPruner(
            min_resource=first, max_resource=max(first, most_epochs(plan))
        )
    return optuna.pruners.NopPruner()


def most_epochs(plan: Plan) -> int:
    """Of a trial."""
    for one in plan.parameters:
        if one.key == "training.epochs":
            most = int(max(map(float, one.grid())) if one.kind == "choice" else one.high)
            return max(most, plan.epochs) if one.when else most
    return plan.epochs


def suggest(trial: Trial, parameter: Parameter) -> str:
    """The value of a parameter as --set takes it."""
    one = parameter
    if one.kind == "choice":
        return trial.suggest_categorical(one.key, one.values)
    if one.kind == "integer":
        step = round(one.step or 1)
        return str(
            trial.suggest_int(one.key, round(one.low), round(one.high), step=step, log=one.log)
        )
    return repr(trial.suggest_float(one.key, one.low, one.high, step=one.step, log=one.log))


def suggest_all(trial: Trial, parameters: Sequence[Parameter]) -> dict[str, str]:
    """The values of all parameters that the trial searches. The others keep those of the run."""
    settings: dict[str, str] = {}
    for one in parameters:
        if one.is_searched(settings):
            settings[one.key] = suggest(trial, one)
    return settings


def values_text(parameter: Parameter) -> str:
    """What calls of a study compare; without conditions as before there were any."""
    one = parameter
    values: list[Any] = (
        list(one.values) if one.kind == "choice" else [one.low, one.high, one.step, one.log]
    )
    return json.dumps([*values, {"when": one.when}] if one.when else values)


def common_of(plan: Plan) -> dict[str, dict[str, str]]:
    """What calls of a study must agree on: settings, events, values, objectives."""
    values = {one.key: values_text(one) for one in plan.parameters}
    names = ", ".join(one.name for one in plan.objectives)
    return {**plan.common, "values": values, "search": {"search.objectives": names}}


def differences(first: dict[str, dict[str, str]], second: dict[str, dict[str, str]]) -> list[str]:
    lines = []
    for group in {**first, **second}:
        here, there = first.get(group, {}), second.get(group, {})
        for key in {**here, **there}:
            if here.get(key) != there.get(key):
                lines.append(
                    f"{key}: {here.get(key, 'not there')} -> {there.get(key, 'not there')}"
                )
    return lines


def open_study(plan: Plan, storage: PatientStorage, stop: Stop) -> tuple[Study, str]:
    """The study, made where there is none, and its identity. Raises TuneError for one with other
    settings, events, values or objectives."""
    common = common_of(plan)
    directions = [StudyDirection[one.direction.upper()] for one in plan.objectives]
    try:
        study = optuna.create_study(study_name=plan.study, storage=storage, directions=directions)
        identity = uuid.uuid4().hex
        study.set_metric_names([one.name for one in plan.objectives])
        study.set_user_attr(COMMON, {"id": identity, **common})
    except optuna.exceptions.DuplicatedStudyError:
        study = optuna.load_study(study_name=plan.study, storage=storage)
        stored = wait_for_attribute(study, stop)
        identity = stored.pop("id")
        different = differences(stored, common)
        if different:
            raise TuneError(
                f"the study '{plan.study}' in {public_url(plan.url)} was made with other settings: "
                + "; ".join(different[:6])
                + (f"; and {len(different) - 6} more" if len(different) > 6 else "")
                + "; give another --name for a new study"
            ) from None
    study.sampler, study.pruner = make_sampler(plan), make_pruner(plan)
    return study, identity


def wait_for_attribute(study: Study, stop: Stop) -> dict[str, Any]:
    """Another call may have made the study a moment ago."""
    pause = 0.5
    for _ in range(int(SECONDS_TO_BEGIN / pause)):
        if COMMON in study.user_attrs:
            return dict(study.user_attrs[COMMON])
        stop.sleep(pause)
    raise TuneError(
        f"the study '{study.study_name}' was not made by stationhit tune; give another --name"
    )


def load_study(plan: Plan, storage: PatientStorage) -> Study:
    return optuna.load_study(
        study_name=plan.study,
        storage=storage,
        sampler=make_sampler(plan),
        pruner=make_pruner(plan),
    )


def all_trials(study: Study) -> list[FrozenTrial]:
    """Those that count, and those that were tried again."""
    return [one for one in study.get_trials(deepcopy=False) if SURPLUS not in one.user_attrs]


def complete(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    return [one for one in trials if one.state == TrialState.COMPLETE]


def pareto_front(study: Study) -> list[FrozenTrial]:
    """Trials that no other one beats in both objectives, those with equal values once."""
    return [one for one in study.best_trials if SAME_AS not in one.user_attrs]


def is_repetition(trial: FrozenTrial) -> bool:
    return bool(trial.system_attrs.get("retry_history"))


def first_number(trial: FrozenTrial) -> int:
    """The number of the trial that this one repeats; its own if it repeats none."""
    return trial.system_attrs.get("retry_history", [trial.number])[0]


def n_begun(trials: Sequence[FrozenTrial]) -> int:
    """How many different trials were begun: a repetition is none of its own."""
    return sum(not is_repetition(one) for one in trials)


def wanted_trials(plan: Plan) -> int:
    """Those of the plan, or all of a grid that has fewer."""
    if plan.search["sampler"] != "grid":
        return plan.trials
    return min(plan.trials, sum(1 for _ in combinations(plan.parameters)))
