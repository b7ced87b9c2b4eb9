"""Figures of a search, each as PNG and PDF: history, importance, values of each parameter, and
the Pareto front of two objectives."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import optuna
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from stationhit_tune.plan import Objective, Plan, TuneError
from stationhit_tune.study import complete, pareto_front

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES = {
    "val_loss": "Validation loss",
    "val_auc": "AUC (validation)",
    "ms_per_event": "Latency, one thread [ms/event]",
}
COLOR, BEST_COLOR, PALE = "tab:blue", "tab:red", "0.6"


def title(objective: Objective) -> str:
    point = objective.name.removeprefix("val_purity_")
    if point != objective.name:
        return f"Purity at {100 * float(point):g} % hit efficiency (validation)"
    return TITLES.get(objective.name, objective.name)


def draw_history(axes: Axes, plan: Plan, trials: Sequence[FrozenTrial]) -> None:
    """Values of the first objective by trial, and the best one so far."""
    metric, done = plan.metric, complete(trials)
    best: list[float] = []
    for one in done:
        value = one.values[0]
        best.append(value if not best or metric.better(value, best[-1]) else best[-1])
    numbers = [one.number for one in done]
    axes.plot(numbers, [one.values[0] for one in done], "o", color=COLOR, label="complete")
    axes.step(numbers, best, where="post", color=BEST_COLOR, label="best so far")
    pruned = [
        (one.number, list(one.intermediate_values.values()))
        for one in trials
        if one.state == TrialState.PRUNED and one.intermediate_values
    ]
    if pruned:
        values = [
            max(values) if metric.direction == "maximize" else min(values) for _, values in pruned
        ]
        axes.plot([n for n, _ in pruned], values, "x", color=PALE, label="pruned, until then")
    for number in [one.number for one in trials if one.state == TrialState.FAIL]:
        axes.axvline(number, color=PALE, linewidth=0.5, linestyle=":")
    axes.set_xlabel("Trial (dotted: failed or interrupted)")
    axes.set_ylabel(title(metric))
    axes.legend()


def draw_importance(axes: Axes, plan: Plan, study: Study) -> None:
    """Shares of PED-ANOVA: which parameters distinguish the best trials from the others."""
    target: Callable[[FrozenTrial], float] | None = None
    if plan.measures_latency:
        sign = -1 if plan.metric.direction == "maximize" else 1  # the smallest are the best ones
        target = lambda one: sign * one.values[0]  # noqa: E731
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the sign, which is right
        shares = optuna.importance.get_param_importances(study, target=target)
    names = list(reversed(shares))
    axes.barh(names, [shares[name] for name in names], color=COLOR)
    axes.set_xlabel("Importance (PED-ANOVA)")
    axes.set_title(title(plan.metric), fontsize="medium")


def draw_slice(axes: Axes, plan: Plan, key: str, trials: Sequence[FrozenTrial]) -> None:
    """The first objective against a parameter, dark for late trials."""
    parameter = next(one for one in plan.parameters if one.key == key)
    done = [one for one in complete(trials) if key in one.params]
    values = [one.params[key] for one in done]
    if parameter.kind == "choice":
        axes.set_xticks(range(len(parameter.values)), list(parameter.values))
        values = [parameter.values.index(value) for value in values]
        axes.margins(x=0.2)
    if parameter.log:
        axes.set_xscale("log")
    numbers = [one.number for one in done]
    axes.scatter(values, [one.values[0] for one in done], c=numbers, cmap="Blues", edgecolors="k")
    axes.set_xlabel(key)
    axes.set_ylabel(title(plan.metric).split(" (")[0], fontsize="small")


def draw_pareto(axes: Axes, plan: Plan, study: Study, trials: Sequence[FrozenTrial]) -> None:
    """The second objective to the right, the first one upward."""
    front = sorted(pareto_front(study), key=lambda one: one.values[1])
    done = complete(trials)
    axes.plot(
        [one.values[1] for one in done],
        [one.values[0] for one in done],
        "o",
        color=PALE,
        label="trials",
    )
    axes.plot(
        [one.values[1] for one in front],
        [one.values[0] for one in front],
        "o-",
        color=BEST_COLOR,
        label="Pareto front",
    )
    for one in front:
        axes.annotate(
            str(one.number),
            (one.values[1], one.values[0]),
            xytext=(4, 4),
            textcoords="offset points",
        )
    axes.set_xlabel(title(plan.objectives[1]))
    axes.set_ylabel(title(plan.metric))
    axes.legend()


def save(figure: Figure, folder: Path, name: str) -> None:
    """As PNG and PDF, whole or not at all. Raises TuneError."""
    for suffix in ("png", "pdf"):
        file = folder / f"{name}.{suffix}"
        partial = folder / f".{name}.{os.getpid()}.{suffix}"
        try:
            figure.savefig(partial, dpi=150)
            partial.replace(file)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise TuneError(f"{file}: {error.strerror}") from None


def draw_figures(plan: Plan, study: Study, trials: Sequence[FrozenTrial]) -> list[str]:
    """Draws what the trials permit; lines about it."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        return [f"no figures: {error}; python -m pip install matplotlib"]
    if len(complete(trials)) < 2:
        return ["no figures yet: they need two complete trials"]

    def draw(name: str, panels: list[Callable[[Axes], None]], width: float, height: float) -> None:
        columns = min(3, len(panels))
        rows = -(-len(panels) // columns)
        figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
        FigureCanvasAgg(figure)
        for index, panel in enumerate(panels):
            panel(figure.add_subplot(rows, columns, index + 1))
        head = [
            plan.sample,
            f"study {plan.study}",
            f"{len(complete(trials))} complete trials",
            "late trials are dark" if name == "slices" else "",
        ]
        figure.suptitle(", ".join(filter(None, head)), fontsize="medium")
        save(figure, plan.folder, name)

    def slice_of(key: str) -> Callable[[Axes], None]:
        return lambda axes: draw_slice(axes, plan, key, trials)

    draw("history", [lambda axes: draw_history(axes, plan, trials)], 7, 5)
    draw("slices", [slice_of(one.key) for one in plan.parameters], 4, 3.2)
    drawn = ["history", "slices"]
    if plan.measures_latency:
        draw("pareto", [lambda axes: draw_pareto(axes, plan, study, trials)], 7, 5)
        drawn.append("pareto")
    try:
        height = 1.5 + 0.4 * len(plan.parameters)
        draw("importance", [lambda axes: draw_importance(axes, plan, study)], 7, height)
        drawn.append("importance")
    except (ValueError, RuntimeError) as error:  # too few trials, or all of them equal
        return [f"wrote {', '.join(drawn)} (PNG, PDF); no importance: {error}"]
    return [f"wrote {', '.join(drawn)} (PNG, PDF)"]
