"""The storage of a study: one that waits for its database, and never shows its password."""

from __future__ import annotations

import functools
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import optuna
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from stationhit_tune.plan import Plan, TuneError, TuneUsageError
from stationhit_tune.processes import Stop

LONGEST_PAUSE = 5.0  # s, between attempts
KILLS = "kills"  # attribute of a trial: how often its worker died
WORKER = "worker"  # attribute of a trial: where it runs

warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


def public_url(url: str) -> str:
    """The URL without its password and its options, which may contain one."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "the given storage"


def public_text(error: BaseException, url: str) -> str:
    """The first line of what the database said, without the password."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    text = str(getattr(cause, "orig", None) or cause or error).strip().split("\n")[0]
    secrets = {url}
    try:
        parsed = make_url(url)
        secrets |= {str(parsed.password or ""), *map(str, parsed.query.values())}
    except ArgumentError:
        pass
    for secret in sorted(secrets - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def connection_options(url: str) -> dict[str, Any]:
    """What the engine needs to notice a connection that is gone."""
    backend = make_url(url).get_backend_name()
    if backend == "sqlite":
        return {"connect_args": {"timeout": 60}}
    if backend == "postgresql":
        alive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10, **alive}}
    return {"pool_pre_ping": True}


def try_again(study: optuna.Study, trial: FrozenTrial) -> None:
    """Puts a trial that was interrupted back into the queue, with its values."""
    trial.user_attrs.pop(WORKER, None)
    RetryHeartbeatStaleTrialCallback(max_retry=None)(study, trial)


class TryKilledAgain:
    """Called for a trial whose worker died."""

    def __init__(self, most: int) -> None:
        self._most = most

    def __call__(self, study: optuna.Study, trial: FrozenTrial) -> None:
        kills = trial.user_attrs.get(KILLS, 0) + 1
        if kills <= self._most:
            trial.user_attrs[KILLS] = kills
            try_again(study, trial)


def is_away(error: BaseException) -> bool:
    """Whether the database did not answer, rather than refused."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    if isinstance(cause, IntegrityError):
        return False
    return isinstance(cause, DBAPIError) and type(cause).__name__ in (
        "OperationalError",
        "InterfaceError",
        "InternalError",
        "DBAPIError",
    )


def take_database(connection: Connection) -> None:
    """Optuna reads the state of a trial and changes it then. SQLite has no locks of rows: without
    one of the database two workers take the same trial."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class PatientStorage(RDBStorage):
    """Waits while its database does not answer, and goes on when it does."""

    def __init__(self, plan: Plan, stop: Stop) -> None:
        self._stop = stop
        self._longest_wait = plan.search["storage_wait"]
        self._grace = plan.grace
        self._inside = threading.local()
        self._answers_since = float("-inf")
        self.failure: TuneError | None = None  # after the longest wait
        super().__init__(
            plan.url,
            engine_kwargs=connection_options(plan.url),
            heartbeat_interval=plan.search["heartbeat"],
            grace_period=plan.grace,
            heartbeat_stale_trial_callback=TryKilledAgain(plan.search["retries"]),
        )
        if make_url(plan.url).get_backend_name() == "sqlite":
            event.listen(self.engine, "begin", take_database)

    def wait_no_longer(self) -> None:
        """From now on a database that does not answer is an error at once."""
        self._longest_wait = 0

    def wait_for(self, call: Callable[[], Any]) -> Any:
        """Calls until the database answers. Raises TuneError after the longest wait."""
        if getattr(self._inside, "call", False):
            return call()
        self._inside.call = True
        try:
            return self._call_until_answer(call)
        finally:
            self._inside.call = False

    def _call_until_answer(self, call: Callable[[], Any]) -> Any:
        began, pause = 0.0, 0.5
        while True:
            try:
                result = call()
            except UpdateFinishedTrialError:
                if not began:
                    raise
                result = True  # what was sent when the connection broke did arrive
            except (StorageInternalError, SQLAlchemyError) as error:
                if not is_away(error):
                    raise
                if self._longest_wait == 0:
                    raise self._give_up(error) from None
                began = began or self._begin_to_wait(error)
                if time.monotonic() - began > self._longest_wait:
                    raise self._give_up(error) from None
                self._stop.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if began:
                self._answers_since = time.monotonic()
                say_once(f"the storage answers again after {time.monotonic() - began:.0f} s")
            return result

    def _give_up(self, error: BaseException) -> TuneError:
        self.failure = self.failure or TuneError(
            f"{public_url(self.url)} does not answer ({public_text(error, self.url)}); the same "
            "command goes on when it does"
        )
        self.wait_no_longer()  # what tidies up after this must not wait again
        return self.failure

    def _begin_to_wait(self, error: BaseException) -> float:
        text = public_text(error, self.url)
        say_once(f"{public_url(self.url)} does not answer ({text}); waiting")
        return time.monotonic()

    def _create_new_trial(self, *args: Any, **options: Any) -> FrozenTrial:
        create = super()._create_new_trial
        trial = self.wait_for(lambda: create(*args, **options))
        if trial.state == TrialState.RUNNING:
            self.record_heartbeat(trial._trial_id)
        return trial

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        """None just after an outage, in which nobody could give a sign of life."""
        if time.monotonic() - self._answers_since < self._grace:
            return []
        stale = super()._get_stale_trial_ids
        return self.wait_for(lambda: stale(study_id))


def _waiting(name: str) -> Callable[..., Any]:
    method = getattr(RDBStorage, name)

    @functools.wraps(method)
    def call(self: PatientStorage, *args: Any, **options: Any) -> Any:
        return self.wait_for(lambda: method(self, *args, **options))

    return call


# Those that Optuna calls through its cache.
for _name in (
    "create_new_study",
    "get_study_id_from_name",
    "get_study_name_from_id",
    "get_study_directions",
    "get_study_user_attrs",
    "get_study_system_attrs",
    "get_all_studies",
    "set_study_user_attr",
    "set_study_system_attr",
    "get_trial",
    "_get_trials",
    "get_trial_id_from_study_id_trial_number",
    "_get_best_trial_id",
    "_set_trial_param",
    "set_trial_state_values",
    "set_trial_intermediate_value",
    "set_trial_user_attr",
    "set_trial_system_attr",
    "record_heartbeat",
):
    setattr(PatientStorage, _name, _waiting(_name))


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def say_once(text: str) -> None:
    """What both threads of a worker meet: the signs of life have one of their own."""
    if threading.current_thread() is threading.main_thread():
        say(text)


def open_storage(plan: Plan, stop: Stop) -> PatientStorage:
    """Raises TuneError where it cannot be reached."""
    where = public_url(plan.url)
    attempts = 5
    for attempt in range(attempts):
        try:
            return PatientStorage(plan, stop)
        except ArgumentError:
            raise TuneUsageError(
                "--storage: expected the URL of a database, for example "
                "postgresql+psycopg2://user@host:5432/database or sqlite:////folder/study.db"
            ) from None
        except ImportError as error:
            raise TuneError(
                f"{where}: {error} ({error.__cause__}); for PostgreSQL: "
                f"{sys.executable} -m pip install psycopg2-binary"
            ) from None
        except (StorageInternalError, SQLAlchemyError, RuntimeError) as error:
            text = public_text(error, plan.url)
            # Another call makes the tables at this moment.
            made_twice = "already exists" in text or isinstance(error, IntegrityError)
            if made_twice and attempt + 1 < attempts:
                stop.sleep(1)
                continue
            raise TuneError(
                f"{where}: the storage cannot be used ({text}); check that the database runs, "
                "that it can be reached from here, and user and password"
            ) from None
    raise AssertionError("the last attempt returns or raises")
