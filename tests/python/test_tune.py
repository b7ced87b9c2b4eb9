"""stationhit tune: searches with the program itself, and with a trainer that takes no time
(quick_trainer.py) where workers die and trials fail."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run, tiny_run

pytest.importorskip("optuna")

DRIVER = ROOT / "python" / "stationhit_tune"
TRAINER = Path(__file__).with_name("quick_trainer.py")
CONFIG, DATA = 3, 4
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


@pytest.fixture(scope="module")
def options(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options of a small run with statistics."""
    options = tiny_run(tmp_path_factory.mktemp("tune"), prepared, SETTINGS)
    run("stats", *options)
    return options


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
    error = run(*command, "--storage", "s3cret", code=DATA).stderr
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


class Search:
    """Searches by the driver alone, with the quick trainer in the place of the program. There is no
    Matplotlib unless `figures` says so, because it takes most of the time of such a search."""

    figures = False
    pause = 0.0  # seconds of an epoch

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = {**plan, "program": str(TRAINER), "epochs": 4}
        self.folder = Path(plan["folder"])
        self.hold = self.folder.with_name("hold")

    def environment(self) -> dict[str, str]:
        missing = self.folder.with_name("without")
        missing.mkdir(exist_ok=True)
        (missing / "matplotlib.py").write_text("raise ImportError('no Matplotlib here')\n")
        path = {} if self.figures else {"PYTHONPATH": str(missing)}
        return {**os.environ, "HOLD": str(self.hold), "PAUSE": str(self.pause), **path}

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


@pytest.fixture
def make_search(run: Run, options: list[str], tmp_path: Path) -> MakeSearch:
    """make_search(values, trials): all values of training.batch_size, with the plan of the program,
    which it hands over to a `python` that only keeps it."""

    def make(values: list[int], trials: int, search: str = "", workers: int = 1) -> Search:
        keeper = tmp_path / "keep_plan"
        keeper.write_text(f"#!/bin/sh\ncat > {tmp_path}/plan.json\n")
        keeper.chmod(0o755)
        head = f"search: {{sampler: grid, pruner: none, heartbeat: 1, {search}}}\n"
        text = f"{head}parameters: {{training.batch_size: {values}}}\n"
        run(
            *("tune", *options, "-s", write_space(tmp_path, text), "-o", tmp_path / "out"),
            *("--trials", trials, "--workers", workers, "--python", keeper),
        )
        return Search(json.loads((tmp_path / "plan.json").read_text()))

    return make


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


def test_the_trial_of_a_killed_worker_goes_on_in_another_one(make_search: MakeSearch) -> None:
    search = make_search([1, 2, 6, 7], 4, workers=2)
    driver = search.start_and_hold(2)
    victim = children(driver.pid)[0]
    trainer = children(victim)[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not is_alive(trainer))
    search.hold.unlink()
    said, _ = driver.communicate()
    assert driver.returncode == 0, said
    assert f"worker {victim} was ended by signal 9; another takes its place" in said
    assert "4 of 4 trials: 4 complete, 0 pruned, 0 failed, 1 interrupted and begun again" in said
    rows = rows_of(search.folder)
    again = [row for row in rows if row["repeats"]]
    assert len(again) == 1 and again[0]["state"] == "COMPLETE"
    assert rows[int(again[0]["repeats"])]["state"] == "FAIL"
    assert rows[int(again[0]["repeats"])]["training.batch_size"] == again[0]["training.batch_size"]
    begun = (search.folder / f"trials/{int(again[0]['repeats']):04d}/calls").read_text()
    assert len(begun.splitlines()) == 2 and not begun.splitlines()[1].endswith(" from 0")
    assert sorted({row["training.batch_size"] for row in rows}) == ["1", "2", "6", "7"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_search_that_is_stopped_goes_on(make_search: MakeSearch, number: signal.Signals) -> None:
    search = make_search([1, 2, 6], 3)
    driver = search.start_and_hold(1)
    worker = children(driver.pid)[0]
    driver.send_signal(number)
    driver.wait()
    assert driver.returncode == (-9 if number == signal.SIGKILL else 128 + number)
    wait_until(lambda: not is_alive(worker))
    search.hold.unlink()
    trainers = [int(line.split()[0]) for line in search.calls()]
    assert not any(map(is_alive, trainers)), "nothing outlives the driver"
    assert driver.stdout
    driver.stdout.close()
    assert "3 of 3 trials: 3 complete, 0 pruned, 0 failed, 1 interrupted" in search.run()
    assert sum(not line.endswith(" from 0") for line in search.calls()) == 1


def test_kills_at_random_moments_change_no_result(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import check_tune

    search = make_search([1, 2], 6, workers=2)
    search.plan["search"] |= {"sampler": "random", "retries": 100}
    search.plan["parameters"] = [
        {"key": "training.batch_size", "kind": "integer", "low": 6, "high": 60},
        {"key": "model.dropout", "kind": "number", "low": 0.0, "high": 0.5},
    ]
    search.pause = 0.1
    search.run()
    expected = check_tune.results_of(rows_of(search.folder))
    assert len(expected) == 6 and {state for state, *_ in expected.values()} == {"COMPLETE"}
    killer = check_tune.Killer(kills=4, longest_pause=4, seed=3)
    while not killer.has_finished:
        search.folder = search.folder.with_name(f"killed{search.folder.name}")
        search.plan |= {"folder": str(search.folder), "study": search.folder.name}
        driver = killer.accompany(search.start)
        said, _ = driver.communicate()
        assert driver.returncode == 0, said
        assert check_tune.results_of(rows_of(search.folder)) == expected, said
    assert killer.killed == {"driver": 2, "worker": 2}


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


def open_storage(search: Search) -> Any:
    from stationhit_tune.plan import read_plan
    from stationhit_tune.processes import Stop
    from stationhit_tune.storage import PatientStorage

    search.folder.mkdir(exist_ok=True)
    return PatientStorage(read_plan(json.dumps(search.plan)), Stop())


def test_two_workers_never_take_the_same_trial(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "python"))
    import optuna

    search = make_search([1, 2], 2)
    study = optuna.create_study(study_name="waiting", storage=open_storage(search))
    for number in range(20):
        study.enqueue_trial({"x": number})
    taken: list[int | None] = []

    def take_all() -> None:
        mine = optuna.load_study(study_name="waiting", storage=open_storage(search))
        while (trial := mine._pop_waiting_trial_id()) is not None:
            taken.append(trial)

    workers = [threading.Thread(target=take_all) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == len(set(taken)) == 20


def test_a_trial_whose_worker_died_at_once_is_waited_for(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "python"))
    import optuna

    search = make_search([1, 2], 1)
    search.run()
    study = optuna.load_study(study_name=search.plan["study"], storage=open_storage(search))
    study.ask()  # and nothing comes of it
    search.plan["trials"] = 2
    assert "2 of 2 trials: 2 complete, 0 pruned, 0 failed, 1 interrupted" in search.run()


def test_a_worker_that_was_taken_for_dead_goes_on_with_others(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "python"))
    import optuna

    from stationhit_tune.storage import try_again

    search = make_search([1, 2], 2)
    driver = search.start_and_hold(1)
    study = optuna.load_study(study_name=search.plan["study"], storage=open_storage(search))
    study._storage.set_trial_state_values(study.trials[0]._trial_id, optuna.trial.TrialState.FAIL)
    try_again(study, study.trials[0])
    search.hold.unlink()
    said, _ = driver.communicate()
    assert driver.returncode == 0, said
    assert "this trial was taken for dead and is tried again by another worker" in said
    assert "2 of 2 trials: 2 complete, 0 pruned, 0 failed, 1 interrupted and begun again" in said


def test_a_storage_that_goes_away_is_waited_for(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "python"))
    from sqlalchemy.exc import OperationalError

    from stationhit_tune.plan import TuneError, read_plan
    from stationhit_tune.processes import Stop
    from stationhit_tune.storage import PatientStorage

    search = make_search([1, 2], 2)
    search.folder.mkdir()
    url = f"sqlite:///{search.folder}/study.db?timeout=4711"
    plan = read_plan(json.dumps({**search.plan, "storage": url}))
    storage = PatientStorage(plan, Stop())
    calls: list[bool] = []

    def answer_the_third_time() -> str:
        calls.append(True)
        if len(calls) < 3:
            raise OperationalError("select", {}, Exception("no route to 4711"))
        return "answer"

    assert storage.wait_for(answer_the_third_time) == "answer"
    assert storage._get_stale_trial_ids(1) == [], "nobody could give a sign of life"
    said = capsys.readouterr().err
    assert "study.db does not answer (no route to ***); waiting" in said
    assert "the storage answers again after" in said
    storage.wait_no_longer()
    calls.clear()
    with pytest.raises(TuneError, match="does not answer .* goes on when it does"):
        storage.wait_for(answer_the_third_time)
