"""Campaign `kill`: ends verbs with SIGKILL at random moments. A verb that resumes is started again
until it has finished; its result has to be that of an uninterrupted run. A verb that writes its
result anew leaves every file as it was or whole and new; the next run succeeds. Nothing else is
left over in either case."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .contents import contents_of, differences
from .kill_cases import Verb
from .program import Ended, Program

MOST_KILLS_PER_RUN = 8


@dataclass
class Killed:
    """Counts and faults of one verb."""

    verb: Verb
    kills: int = 0
    finished: int = 0
    identical: int = 0
    with_partial_files: int = 0
    faults: list[str] = field(default_factory=list)


class Kill:
    """The campaign on one verb, in a folder of its own."""

    def __init__(self, program: Program, sample: Path, work: Path, verb: Verb, seed: int) -> None:
        self.program = program
        self.sample = sample
        self.verb = verb
        self.work = work / verb.name
        self.rng = random.Random(f"{seed}/{verb.name}")
        self.killed = Killed(verb)
        self.seconds = 0.0
        self.before: dict[str, str] = {}
        self.after: dict[str, str] = {}
        self.everything: set[str] = set()

    def prepare(self) -> None:
        """The uninterrupted run."""
        shutil.rmtree(self.work, ignore_errors=True)
        folder = self.start("uninterrupted")
        self.before = contents_of(folder, self.verb.results)
        self.seconds = self.program.make(self.verb.arguments, folder).seconds
        self.after = contents_of(folder, self.verb.results)
        self.everything = files_in(folder)

    def start(self, name: str) -> Path:
        """A folder with the inputs, and with what earlier commands have made."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in self.verb.inputs:
            copy(self.sample / path, folder / path)
        if not self.verb.first_commands:
            return folder
        first = self.work / "earlier"
        if not first.exists():
            shutil.copytree(folder, first)
            for command in self.verb.first_commands:
                self.program.make(command, first)
        shutil.rmtree(folder)
        return Path(shutil.copytree(first, folder))

    def run(self, kills: int, keep: bool) -> Killed:
        """At least so many kills, in runs that all end with a finished one."""
        self.prepare()
        number = 0
        while self.killed.kills < kills:
            folder = self.start(f"run-{number}")
            failed = len(self.killed.faults)
            self.run_once(folder, f"run-{number}", min(MOST_KILLS_PER_RUN, kills))
            if not keep and len(self.killed.faults) == failed:
                shutil.rmtree(folder)
            number += 1
        return self.killed

    def run_once(self, folder: Path, name: str, most_kills: int) -> None:
        for _ in range(most_kills):
            ended = self.program.run(
                self.verb.arguments,
                folder,
                self.rng.uniform(0.02, self.seconds),
                self.verb.has_ranks and self.rng.random() < 0.5,
            )
            if not ended.killed:
                return self.check_finished(ended, folder, name)
            self.killed.kills += 1
            self.killed.with_partial_files += bool(files_in(folder) - self.everything)
            if not self.verb.resumes:
                self.check_old_or_new(folder, name)
        return self.check_finished(self.program.run(self.verb.arguments, folder), folder, name)

    def check_old_or_new(self, folder: Path, name: str) -> None:
        """Every file of the result that is there is that of the earlier run or of this one."""
        found = contents_of(folder, self.verb.results)
        for path in sorted(self.before.keys() | self.after.keys()):
            right = {self.before.get(path), self.after.get(path)}
            if found.get(path) not in right:
                state = "differs" if path in found else "is missing"
                self.add_fault(f"{name}: after kill {self.killed.kills} {path} {state}")

    def check_finished(self, ended: Ended, folder: Path, name: str) -> None:
        self.killed.finished += 1
        if ended.code != 0:
            line = (ended.stderr.strip().splitlines() or [""])[-1]
            return self.add_fault(f"{name}: exit code {ended.code}: {line}")
        wrong = differences(self.after, contents_of(folder, self.verb.results))
        left = [f"{path} is left over" for path in sorted(files_in(folder) - self.everything)]
        if not wrong and not left:
            self.killed.identical += 1
        else:
            self.add_fault(f"{name}: {'; '.join(dict.fromkeys(wrong + left))}")
        return None

    def add_fault(self, text: str) -> None:
        self.killed.faults.append(text)


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copy)(source, target)


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def table(results: Sequence[Killed]) -> str:
    """Counts per verb."""
    columns = ("kills", "with partial files", "finished", "identical", "faults")
    lines = [f"{'verb':<15}" + "".join(f"{name:>20}" for name in columns)]
    for killed in results:
        counts = (
            killed.kills,
            killed.with_partial_files,
            killed.finished,
            killed.identical,
            len(killed.faults),
        )
        lines.append(f"{killed.verb.name:<15}" + "".join(f"{count:>20}" for count in counts))
    return "\n".join(lines)
