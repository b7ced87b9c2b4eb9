#!/usr/bin/env python3
"""Searches under hard conditions, and what a search costs (docs/tune.md, "Checks").

    .deps/venv/bin/python tools/check_tune.py -c RUN.yaml -o FOLDER
        [--set KEY=VALUE]... [--parts PART...]

kills: searches at random with two workers, in SQLite and on PostgreSQL, of which the driver or a
worker is killed at random moments; a killed driver is started again. Every trial must come to the
result that it has in a search that nobody disturbs.
storage: a study with two workers on a PostgreSQL server of its own. One worker is killed, and the
server is stopped and started once. Every trial must come to its end, and the password of the
server must not be in any output.
speed: the same trials with one and with two workers: trials per hour, and the time between the
trainings.
spaces: a few trials of each space in configs/tune with the configuration that it is for.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import functools
import json
import os
import random
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SPACE = """
search: {{sampler: {sampler}, pruner: {pruner}, startup_trials: 5, warmup_epochs: 1, heartbeat: 5}}
parameters:
  training.optimizer.learning_rate: {{low: 1e-4, high: 3e-2, log: true}}
  training.optimizer.weight_decay: {{low: 1e-4, high: 0.1, log: true}}
"""
OUTAGE = 20  # s
# A trial may be killed any number of times.
KILLED = """
search: {sampler: random, pruner: none, heartbeat: 1, retries: 1000}
parameters:
  training.optimizer.learning_rate: {low: 1e-4, high: 3e-2, log: true}
  training.optimizer.weight_decay: {low: 1e-4, high: 0.1, log: true}
"""


class Killer:
    """Kills the driver of a search and its workers in turns, at random moments, so many times in
    total."""

    def __init__(self, kills: int, longest_pause: float, seed: int) -> None:
        self._left = kills
        self._longest_pause = longest_pause
        self._random = random.Random(seed)
        self.killed: Counter[str] = Counter()

    @property
    def has_finished(self) -> bool:
        return self._left == 0

    def accompany(self, start: Callable[[], subprocess.Popen[str]]) -> subprocess.Popen[str]:
        """Starts a search, and again when its driver was killed. Returns the process that came to
        its end, or that runs on when there are no kills left."""
        process = start()
        while self._left > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self._random.uniform(0, self._longest_pause))
                return process
            if self._left % 2 == 0:
                self._kill("driver", [process.pid])
                process.wait()
                process = start()
            else:
                self._kill("worker", workers_of(process.pid))
        return process

    def _kill(self, kind: str, processes: Sequence[int]) -> None:
        """One of them, if there is one."""
        if processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._random.choice(processes), signal.SIGKILL)
                self._left -= 1
                self.killed[kind] += 1


def results_of(rows: Sequence[dict[str, str]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Parameters -> metric and best epoch of all trials. A trial that was begun again counts once:
    what became of it in the end."""
    parameters = [key for key in rows[0] if "." in key and not key.startswith("val_")]
    again = {row["repeats"] for row in rows if row["repeats"]}
    last: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["repeats"] or row["trial"] not in again:
            last[row["repeats"] or row["trial"]] = row
    metric = list(rows[0])[2]
    return {
        tuple(row[key] for key in parameters): (row["state"], row[metric], row["best_epoch"])
        for row in last.values()
    }


class Postgres:
    """A server on this machine; as root it runs as the user postgres."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self.password = secrets.token_hex(12)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        password_file = folder / "password"
        password_file.write_text(self.password + "\n")
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", "postgres", folder], check=True)
        login = ["-A", "scram-sha-256", "-U", "muon", f"--pwfile={password_file}"]
        self._run("initdb", "-D", folder / "data", *login)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg2://muon:{self.password}@127.0.0.1:{self._port}/postgres"

    def _run(self, program: str, *arguments: str | Path) -> None:
        user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*user, self._programs / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self) -> None:
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        where: list[str | Path] = ["-D", self._folder / "data", "-l", self._folder / "log"]
        self._run("pg_ctl", *where, "-w", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._folder / "data", "-m", "fast", "-w", "stop")


@contextlib.contextmanager
def postgres(programs: Path) -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Postgres(programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


class Check:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._folder: Path = arguments.output
        self._folder.mkdir(parents=True, exist_ok=True)

    def start(
        self,
        name: str,
        space: str,
        workers: int,
        trials: int,
        storage: str = "",
        config: str | Path = "",
    ) -> subprocess.Popen[str]:
        file = self._folder / f"{name}.yaml"
        file.write_text(space)
        settings = [part for one in self._arguments.set for part in ("--set", one)]
        command = [self._arguments.program, "tune", "-c", config or self._arguments.config]
        command += settings
        command += ["-s", file, "-o", self._folder / name, "--python", sys.executable]
        command += ["--workers", str(workers), "--trials", str(trials)]
        command += ["--threads", "1"]
        with (self._folder / f"{name}.log").open("a") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, "STATIONHIT_TUNE_STORAGE": storage},
            )

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self._folder / name / "trials.csv").open() as file:
            return list(csv.DictReader(file))

    def finish(self, name: str, process: subprocess.Popen[str]) -> None:
        if process.wait() != 0:
            log = self._folder / f"{name}.log"
            sys.exit(f"{name}: exit code {process.returncode}\n{log.read_text()}")

    def wait(
        self, name: str, process: subprocess.Popen[str], condition: Callable[[], bool]
    ) -> None:
        while not condition():
            if process.poll() is not None:
                self.finish(name, process)
                sys.exit(
                    f"{name}: all trials ended before the disturbance; give more or longer ones"
                )
            time.sleep(0.1)

    def kills(self) -> dict[str, object]:
        trials = self._arguments.kill_trials
        self.finish("undisturbed", self.start("undisturbed", KILLED, 2, trials))
        expected = results_of(self.rows("undisturbed"))
        assert len(expected) == trials, expected
        result: dict[str, object] = {"trials of a search": trials}
        with postgres(self._arguments.postgres) as server:
            for seed, (name, url) in enumerate({"sqlite": "", "postgresql": server.url}.items()):
                result[name] = self._kill(name, url, seed, expected)
        return result

    def _kill(
        self, name: str, url: str, seed: int, expected: dict[tuple[str, ...], tuple[str, ...]]
    ) -> dict[str, int]:
        killer = Killer(self._arguments.kills, self._arguments.longest_pause, seed)
        searches = begun_again = 0
        while not killer.has_finished:
            searches += 1
            one = f"{name}_{searches}"
            start = functools.partial(self.start, one, KILLED, 2, len(expected), url)
            self.finish(one, killer.accompany(start))
            rows = self.rows(one)
            begun_again += sum(row["repeats"] != "" for row in rows)
            found = results_of(rows)
            assert found == expected, f"{one}: {found}\nundisturbed: {expected}"
        return {
            "searches": searches,
            "killed drivers": killer.killed["driver"],
            "killed workers": killer.killed["worker"],
            "trials begun again": begun_again,
        }

    def spaces(self) -> dict[str, object]:
        result: dict[str, object] = {}
        for file in sorted((ROOT / "configs/tune").glob("*.yaml")):
            use = re.search(r"stationhit tune -c (\S+)", file.read_text())
            assert use, f"{file} does not say which configuration it is for"
            name, trials = file.stem, self._arguments.space_trials
            start = (name, file.read_text(), 1, trials, "", ROOT / use[1])
            self.finish(name, self.start(*start))
            rows = self.rows(name)
            failed = [row["error"] for row in rows if row["state"] == "FAIL"]
            assert len(rows) == trials, rows
            result[name] = {"complete or pruned": trials - len(failed), "failed": failed}
        return result

    def storage(self) -> dict[str, object]:
        name, trials = "storage", self._arguments.trials
        begun = lambda: len(list((self._folder / name / "trials").glob("*/metrics.csv")))  # noqa: E731
        with postgres(self._arguments.postgres) as server:
            space = SPACE.format(sampler="tpe", pruner="median")
            process = self.start(name, space, 2, trials, server.url)
            self.wait(name, process, lambda: begun() > trials // 4)
            victim = workers_of(process.pid)[0]
            os.kill(victim, signal.SIGKILL)
            self.wait(name, process, lambda: begun() > trials // 2)
            server.stop()
            time.sleep(OUTAGE)
            server.start()
            self.finish(name, process)
        rows = self.rows(name)
        states = [row["state"] for row in rows]
        repeated = {row["repeats"] for row in rows if row["repeats"]}
        lost = [row for row in rows if row["state"] == "FAIL" and row["trial"] not in repeated]
        files = [self._folder / f"{name}.log", *(self._folder / name).rglob("*")]
        shown = [
            file
            for file in files
            if file.is_file() and server.password.encode() in file.read_bytes()
        ]
        assert len(rows) == trials + len(repeated), f"{len(rows)} trials, {repeated} repeated"
        assert len(repeated) == 1, "the trial of the killed worker was begun again"
        assert not lost and set(states) <= {"COMPLETE", "PRUNED", "FAIL"}, rows
        assert not shown, f"the password is in {shown}"
        return {state: states.count(state) for state in sorted(set(states))}

    def speed(self) -> dict[str, object]:
        trials = self._arguments.speed_trials
        result: dict[str, object] = {}
        hours = []
        for workers in (1, 2):
            name = f"speed_{workers}"
            space = SPACE.format(sampler="random", pruner="none")
            self.finish(name, self.start(name, space, workers, trials))
            rows = self.rows(name)
            hours.append(duration(rows) / 3600)
            between = overheads(rows)
            result[f"{workers} worker(s)"] = {
                "trials per hour": round(trials / hours[-1], 1),
                "seconds of a training": round(
                    statistics.median(float(row["training_seconds"]) for row in rows), 2
                ),
                "seconds of a trial beside its training, median": round(
                    statistics.median(between), 3
                ),
                "largest": round(max(between), 3),
            }
        result["ratio of trials per hour"] = round(hours[0] / hours[1], 2)
        return result


def duration(rows: Sequence[dict[str, str]]) -> float:
    """Seconds from the begin of the first trial to the end of the last one."""
    begun = min(datetime.fromisoformat(row["begun"]) for row in rows)
    ended = max(datetime.fromisoformat(row["ended"]) for row in rows)
    return (ended - begun).total_seconds()


def overheads(rows: Sequence[dict[str, str]]) -> list[float]:
    """Seconds from the end of a trial to the end of the next one of the same worker, without the
    training of the latter."""
    ended: dict[str, datetime] = {}
    seconds = []
    for row in sorted(rows, key=lambda row: row["ended"]):
        end = datetime.fromisoformat(row["ended"])
        if row["worker"] in ended:
            between = (end - ended[row["worker"]]).total_seconds()
            seconds.append(between - float(row["training_seconds"]))
        ended[row["worker"]] = end
    return seconds


def workers_of(driver: int) -> list[int]:
    """Those that live. A driver has other children too, as the program that writes best.yaml."""
    children: list[str] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        children = Path(f"/proc/{driver}/task/{driver}/children").read_text().split()
    return [int(child) for child in children if is_worker(child)]


def is_worker(process: str) -> bool:
    """Not if it has ended: a process that waits for its parent has no command."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/cmdline").read_bytes().endswith(b"\0worker\0")
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-c", "--config", required=True, help="run configuration")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder that is not there")
    parser.add_argument("--set", action="append", default=[], help="KEY.PATH=VALUE of the run")
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/bin/stationhit")
    parser.add_argument("--postgres", type=Path, default=Path("/usr/lib/postgresql/15/bin"))
    parser.add_argument("--trials", type=int, default=30, help="of the part storage")
    parser.add_argument("--speed-trials", type=int, default=12, help="of each search of speed")
    parser.add_argument("--space-trials", type=int, default=3, help="of each search of spaces")
    parser.add_argument("--kill-trials", type=int, default=10, help="of each search of kills")
    parser.add_argument("--kills", type=int, default=15, help="in each kind of storage")
    parser.add_argument(
        "--longest-pause", type=float, default=6, help="seconds between two kills, at most"
    )
    parts = ["kills", "storage", "speed", "spaces"]
    parser.add_argument("--parts", nargs="+", choices=parts, default=["storage", "speed"])
    arguments = parser.parse_args()
    if arguments.output.exists():
        sys.exit(f"{arguments.output} exists; give another folder with -o")
    check = Check(arguments)
    result: dict[str, object] = {part: getattr(check, part)() for part in arguments.parts}
    text = json.dumps(result, indent=2)
    (arguments.output / "result.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
