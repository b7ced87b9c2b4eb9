"""stationhit tune where workers and drivers are killed, calls meet and the storage goes away."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run
from tune_searches import (
    MakeSearch,
    Search,
    children,
    is_alive,
    make_options,
    rows_of,
    search_maker,
    wait_until,
)

pytest.importorskip("optuna")


@pytest.fixture(scope="module")
def options(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return make_options(run, prepared, tmp_path_factory.mktemp("tune"))


@pytest.fixture
def make_search(run: Run, options: list[str], tmp_path: Path) -> MakeSearch:
    return search_maker(run, options, tmp_path)


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


def test_a_program_that_is_killed_while_the_results_are_written_is_named(
    make_search: MakeSearch,
) -> None:
    search = make_search([1, 2], 2)
    search.kill.touch()
    said = search.run(code=4)
    assert f"error: {search.folder}/best.yaml cannot be made: ended by signal 9" in said
    assert "the same command goes on" in said
    search.kill.unlink()
    assert "2 of 2 trials: 2 complete" in search.run()
    assert (search.folder / "best.yaml").exists()


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
