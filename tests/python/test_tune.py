"""stationhit tune: what a search leaves, samplers, objectives, and what is refused. Searches that
are disturbed are in test_tune_kills.py."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import pytest
from conftest import Run
from tune_searches import (
    SPACE,
    MakeSearch,
    make_options,
    rows_of,
    search_maker,
    wait_until,
    write_space,
)

pytest.importorskip("optuna")

USAGE, CONFIG, DATA = 2, 3, 4


@pytest.fixture(scope="module")
def options(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return make_options(run, prepared, tmp_path_factory.mktemp("tune"))


@pytest.fixture(scope="module")
def searched(run: Run, options: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search of three trials by two workers."""
    folder = tmp_path_factory.mktemp("searched")
    space = write_space(folder, SPACE)
    said = run(
        *("tune", *options, "-s", space, "-o", folder / "out", "--python", sys.executable),
        *("--trials", 3, "--workers", 2),
    ).stdout
    assert "3 of 3 trials: 3 complete, 0 pruned, 0 failed" in said
    return folder


def test_a_search_leaves_a_table_figures_and_the_best_configuration(
    run: Run, searched: Path
) -> None:
    out = searched / "out"
    rows = rows_of(out)
    assert [row["state"] for row in rows] == ["COMPLETE"] * 3
    for row in rows:
        folder = out / "trials" / f"{int(row['trial']):04d}"
        with (folder / "metrics.csv").open() as file:
            purities = [float(epoch["val_purity_0.99"]) for epoch in csv.DictReader(file)]
        assert float(row["val_purity_0.99"]) == max(purities)
        assert purities[int(row["best_epoch"]) - 1] == max(purities)
        assert f"width: {row['model.width']}" in (folder / "config.yaml").read_text()
        assert not (folder / "test").exists(), "a search never looks at the test split"
        assert float(row["seconds"]) - float(row["training_seconds"]) < 2
    for name in ("history", "slices"):
        for suffix in ("png", "pdf"):
            assert (out / f"{name}.{suffix}").stat().st_size > 1000
    best = max(rows, key=lambda row: float(row["val_purity_0.99"]))
    text = (out / "best.yaml").read_text()
    assert f"# study: space, trial {best['trial']}\n" in text
    assert f"# model.width: {best['model.width']}\n" in text
    assert "# program: stationhit " in text and "# storage: sqlite:///" in text
    run("train", "-c", out / "best.yaml")
    assert (out / "best" / "test" / "metrics.json").exists()
    with (out / "best" / "metrics.csv").open() as file:
        again = max(float(epoch["val_purity_0.99"]) for epoch in csv.DictReader(file))
    assert again == float(best["val_purity_0.99"]), "the same settings give the same network"


def test_the_same_command_goes_on_and_another_run_is_refused(
    run: Run, options: list[str], searched: Path
) -> None:
    command = ["tune", *options, "-s", searched / "space.yaml", "-o", searched / "out"]
    command += ["--python", sys.executable]
    assert "3 of 3 trials" in run(*command, "--trials", 3).stdout
    assert "4 of 4 trials: 4 complete" in run(*command, "--trials", 4).stdout
    error = run(*command, "--trials", 5, "--set", "model.blocks=2", code=DATA).stderr
    assert "was made with other settings: model.blocks: 1 -> 2" in error
    assert len(rows_of(searched / "out")) == 4


def test_unknown_keys_are_named_with_their_place(
    run: Run, options: list[str], tmp_path: Path
) -> None:
    space = write_space(tmp_path, "parameters:\n  model.widthh: [8, 16]\n  seed: [1, 2]\n")
    error = run("tune", *options, "-s", space, "--trials", 1, code=CONFIG).stderr
    assert f"{space}:2: model.widthh: unknown key, did you mean 'model.width'?" in error
    assert f"{space}:3: seed: cannot be searched" in error


def test_a_storage_that_does_not_answer_is_an_error_without_its_password(
    run: Run, options: list[str], tmp_path: Path
) -> None:
    pytest.importorskip("psycopg2")
    space = write_space(tmp_path, SPACE)
    command = ["tune", *options, "-s", space, "-o", tmp_path / "out", "--trials", 1]
    command += ["--python", sys.executable]
    url = "postgresql+psycopg2://muon:s3cret@127.0.0.1:9/search?options=hidden"
    for way in ({"env": {**os.environ, "STATIONHIT_TUNE_STORAGE": url}}, {}):
        given = [] if way else ["--storage", url]
        done = run(*command, *given, code=DATA, **way)
        assert (
            "postgresql+psycopg2://muon:***@127.0.0.1:9/search: the storage cannot be"
            in done.stderr
        )
        assert "s3cret" not in done.stdout + done.stderr
        assert "hidden" not in done.stdout + done.stderr
    error = run(*command, "--storage", "s3cret", code=USAGE).stderr
    assert "expected the URL of a database" in error and "s3cret" not in error


def test_a_python_without_optuna_is_named_with_the_way_out(
    run: Run, options: list[str], tmp_path: Path
) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    command = ["tune", *options, "-s", write_space(tmp_path, SPACE), "--trials", 1]
    error = run(*command, "--python", bare, code=DATA).stderr
    assert "cannot import Optuna" in error and "-m pip install 'optuna>=5,<6'" in error
    error = run(*command, "--python", tmp_path / "none", code=2).stderr
    assert "none could not be started: No such file" in error


@pytest.fixture
def make_search(run: Run, options: list[str], tmp_path: Path) -> MakeSearch:
    return search_maker(run, options, tmp_path)


def test_trials_that_fail_are_recorded_and_the_search_goes_on(make_search: MakeSearch) -> None:
    search = make_search([1, 2, 3, 4], 9)
    said = search.run()
    assert "4 of 4 trials: 2 complete, 0 pruned, 2 failed" in said
    assert "no figures: no Matplotlib here; python -m pip install matplotlib" in said
    rows = {row["training.batch_size"]: row for row in rows_of(search.folder)}
    assert float(rows["2"]["val_purity_0.99"]) == pytest.approx(0.24)
    assert rows["3"]["state"] == rows["4"]["state"] == "FAIL"
    assert rows["3"]["error"] == "exit code 3: run.yaml: these settings contradict each other"
    assert rows["4"]["error"] == "val_purity_0.99 is nan in epoch 2"
    assert "training.batch_size: 2\n" in (search.folder / "best.yaml").read_text()
    only_failing = make_search([3, 4], 2, "most_failures: 2")
    only_failing.plan["study"] = "other"
    assert "belongs to another study" in only_failing.run(DATA)
    only_failing.plan["folder"] = str(search.folder / "other")
    assert "2 trials failed one after the other" in only_failing.run(DATA)


def test_a_bad_training_is_ended_early(make_search: MakeSearch) -> None:
    search = make_search([1, 5], 2)
    search.plan["search"] |= {"pruner": "median", "startup_trials": 1, "warmup_epochs": 1}
    search.plan["search"]["seed"] = 5  # 1 comes before 5, which would never end
    assert "2 of 2 trials: 1 complete, 1 pruned, 0 failed" in search.run()
    good, bad = rows_of(search.folder)
    assert good["training.batch_size"] == "1" and good["best_epoch"] == "4"
    assert bad["state"] == "PRUNED" and bad["last_epoch"] == "2"


def test_a_call_that_wants_fewer_trials_says_so(make_search: MakeSearch) -> None:
    search = make_search([1, 2, 6], 3)
    assert "3 of 3 trials: 3 complete" in search.run()
    search.plan["trials"] = 2
    assert "3, 2 wanted, trials: 3 complete" in search.run()


def test_a_purity_of_the_run_is_maximized(make_search: MakeSearch) -> None:
    search = make_search([1, 2], 2, search="objectives: [val_purity_0.985]")
    assert search.plan["objectives"] == [{"name": "val_purity_0.985", "direction": "maximize"}]


def test_two_objectives_have_a_front(make_search: MakeSearch) -> None:
    search = make_search([1, 2, 6, 7], 4)
    search.figures = True
    search.plan["objectives"].append({"name": "ms_per_event", "direction": "minimize"})
    said = search.run()
    rows = {row["training.batch_size"]: row for row in rows_of(search.folder)}
    assert float(rows["6"]["ms_per_event"]) == pytest.approx(0.6)
    front = sorted(f"trial_{int(rows[value]['trial']):04d}.yaml" for value in ("1", "2", "6", "7"))
    assert sorted(file.name for file in (search.folder / "pareto").iterdir()) == front
    assert "best: trial " + rows["7"]["trial"] in said
    assert (search.folder / "pareto.pdf").exists()
    assert "ms_per_event: 0.7\n" in (search.folder / "best.yaml").read_text()


def test_calls_at_once_share_a_study(make_search: MakeSearch) -> None:
    search = make_search([1, 2, 6, 7], 3)
    first, second = search.start_and_hold(1), search.start()
    wait_until(lambda: len(search.calls()) >= 2)
    search.hold.unlink()
    for call in (first, second):
        said, _ = call.communicate()
        assert call.returncode == 0, said
    assert "3 of 3 trials: 3 complete, 0 pruned, 0 failed" in search.run()
    rows = rows_of(search.folder)
    assert len({row["training.batch_size"] for row in rows}) == len(search.calls()) == 3
    assert len({row["worker"] for row in rows}) == 2


def test_equal_values_are_trained_once(make_search: MakeSearch) -> None:
    search = make_search([1, 2], 6)
    search.plan["search"]["sampler"] = "random"
    assert "6 of 6 trials: 6 complete" in search.run()
    assert len(search.calls()) == 2
    assert sum(row["same_as"] != "" for row in rows_of(search.folder)) == 4


CONDITIONAL = """
parameters:
  model.aggregation: [mean, max]
  model.head: {values: [[], [8]], when: {model.aggregation: max}}
  training.batch_size: {low: 6, high: 8, when: {model.head: [[8]]}}
"""


@pytest.mark.parametrize("sampler", ["grid", "tpe", "random", "cmaes", "nsga2"])
def test_parameters_are_searched_where_their_condition_holds(
    make_search: MakeSearch, sampler: str
) -> None:
    if sampler == "cmaes":
        pytest.importorskip("cmaes")
    search = make_search([1, 2], 12)
    search.plan["search"] |= {"sampler": sampler, "startup_trials": 3, "population": 3}
    search.plan["parameters"] = [
        {"key": "model.aggregation", "kind": "choice", "values": ["mean", "max"]},
        {
            "key": "model.dropout",
            **{"kind": "choice", "values": ["0", "0.1"]},
            "when": {"model.aggregation": ["max"]},
        },
        {
            "key": "training.batch_size",
            **{"kind": "integer", "low": 6, "high": 8},
            "when": {"model.dropout": ["0.1"]},
        },
    ]
    search.run()
    rows = rows_of(search.folder)
    assert {row["state"] for row in rows} == {"COMPLETE"}
    assert len(rows) == (5 if sampler == "grid" else 12)
    for row in rows:
        assert (row["model.dropout"] != "") == (row["model.aggregation"] == "max")
        assert (row["training.batch_size"] != "") == (row["model.dropout"] == "0.1")
    if sampler == "grid":
        values = {(row["model.dropout"], row["training.batch_size"]) for row in rows}
        assert values == {("", ""), ("0", ""), *(("0.1", str(n)) for n in (6, 7, 8))}


def test_conditions_come_from_the_file(run: Run, options: list[str], tmp_path: Path) -> None:
    space = write_space(tmp_path, CONDITIONAL)
    said = run("tune", *options, "-s", space, "--trials", 1, "-d").stdout
    assert "[], [8] when model.aggregation is max" in said
    assert "6 to 8 when model.head is [8]" in said
    out = tmp_path / "out"
    search = ("--trials", 5, "--python", sys.executable, "--set", "training.epochs=1")
    grid = write_space(tmp_path, "search: {sampler: grid, pruner: none}" + CONDITIONAL)
    done = run("tune", *options, "-s", grid, "-o", out, *search)
    assert "5 of 5 trials: 5 complete" in done.stdout
    found = [
        tuple(row[key] for key in ("model.aggregation", "model.head", "training.batch_size"))
        for row in rows_of(out)
    ]
    expected = [("mean", "", ""), ("max", "[]", ""), *(("max", "[8]", str(n)) for n in (6, 7, 8))]
    assert sorted(found) == sorted(expected)
    assert (out / "best.yaml").exists() and (out / "slices.png").exists()
    other = CONDITIONAL.replace("aggregation: max", "aggregation: mean")
    changed = write_space(tmp_path, "search: {sampler: grid, pruner: none}" + other)
    error = run("tune", *options, "-s", changed, "-o", out, *search, code=DATA).stderr
    assert "was made with other settings: model.head" in error


@pytest.mark.parametrize("sampler", ["cmaes", "nsga2"])
def test_samplers_search_numbers(make_search: MakeSearch, sampler: str) -> None:
    if sampler == "cmaes":
        pytest.importorskip("cmaes")
    search = make_search([1, 2], 4)
    search.plan["search"] |= {"sampler": sampler, "startup_trials": 2, "population": 2}
    search.plan["parameters"] = [
        {"key": "training.batch_size", "kind": "integer", "low": 6, "high": 30, "step": 2.0},
        {"key": "model.dropout", "kind": "number", "low": 0.0, "high": 0.5, "step": None},
    ]
    assert "4 of 4 trials: 4 complete" in search.run()
    values = [int(row["training.batch_size"]) for row in rows_of(search.folder)]
    assert all(6 <= value <= 30 and value % 2 == 0 for value in values)
