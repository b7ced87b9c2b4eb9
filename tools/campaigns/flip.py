"""Campaign `flip`: runs verbs on damaged files and classifies how they end."""

from __future__ import annotations

import csv
import shlex
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .baskets import only_unverified
from .contents import contents_of
from .damage import Damage, damage
from .kinds import Kind, Reader
from .program import Ended, Program
from .verdict import FAULTS, Judged, Verdict, judge


@dataclass(frozen=True)
class Case:
    """One damaged file and how the run on it ended."""

    kind: Kind
    index: int
    reader: Reader
    damage: Damage
    verified: bool  # whether a checksum covers the damage
    code: int
    judged: Judged

    @property
    def bad(self) -> bool:
        """Whether the campaign fails by it."""
        silent = self.judged.verdict is Verdict.SILENT and self.verified
        return silent or self.judged.verdict in FAULTS


class Flip:
    """The campaign on one sample; cases run in folders of `work`."""

    def __init__(self, program: Program, sample: Path, work: Path, seed: int, keep: bool) -> None:
        self.program = program
        self.sample = sample
        self.work = work
        self.seed = seed
        self.keep = keep
        self.expected: dict[Reader, object] = {}

    def prepare(self, kinds: Iterable[Kind], jobs: int) -> None:
        """Runs every reader once on the undamaged files."""
        readers = list(dict.fromkeys(reader for kind in kinds for reader in kind.readers))

        def run(numbered: tuple[int, Reader]) -> tuple[Reader, object]:
            number, reader = numbered
            folder = self.copy_sample(f"undamaged-{number}")
            result = result_of(reader, self.program.make(reader.arguments, folder), folder, "")
            shutil.rmtree(folder)
            return reader, result

        with ThreadPoolExecutor(jobs) as pool:
            self.expected = dict(pool.map(run, enumerate(readers)))

    def copy_sample(self, name: str) -> Path:
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        return Path(shutil.copytree(self.sample, folder))

    def run(self, kind: Kind, index: int) -> Case:
        """Damages file number `index` of the kind and runs one of its readers, in turn."""
        reader = kind.readers[index % len(kind.readers)]
        undamaged = (self.sample / kind.file).read_bytes()
        damaged = damage(undamaged, self.seed, kind.name, index)
        verified = kind.checksum and not only_unverified(undamaged, damaged.data)
        folder = self.copy_sample(f"{kind.name}-{index}")
        (folder / kind.file).write_bytes(damaged.data)
        ended = self.program.run(reader.arguments, folder)
        same = False
        if ended.code == 0:
            result = result_of(reader, ended, folder, kind.file)
            same = result == without(self.expected[reader], kind.file)
        if not self.keep:
            shutil.rmtree(folder)
        judged = judge(ended, kind.file, same)
        return Case(kind, index, reader, damaged, verified, ended.code, judged)


def result_of(reader: Reader, ended: Ended, folder: Path, damaged: str) -> object:
    """What is compared: the contents of the results except of the damaged file, or the text."""
    if not reader.results:
        return ended.stdout
    return without(contents_of(folder, reader.results, reader.ignored), damaged)


def without(result: object, file: str) -> object:
    if not isinstance(result, dict):
        return result
    return {name: content for name, content in result.items() if name != file}


def choose_files(kinds: Sequence[Kind], files: int) -> list[tuple[Kind, int]]:
    """`files` cases, equally many of every kind."""
    return [(kinds[i % len(kinds)], i // len(kinds)) for i in range(files)]


def run_cases(flip: Flip, cases: Sequence[tuple[Kind, int]], jobs: int) -> Iterable[Case]:
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(lambda case: flip.run(*case), cases)
        finally:
            pool.shutdown(cancel_futures=True)


def table(cases: Sequence[Case]) -> str:
    """Counts per kind."""
    names = [verdict.value for verdict in Verdict]
    header = f"{'kind':<19}{'checksum':<10}{'files':>6}" + "".join(f"{name:>9}" for name in names)
    counts = Counter((case.kind, case.judged.verdict) for case in cases)
    lines = [header]
    for kind in dict.fromkeys(case.kind for case in cases):
        row = [counts[kind, verdict] for verdict in Verdict]
        lines.append(line_of(kind.name, "yes" if kind.checksum else "no", row))
    total = [sum(case.judged.verdict is verdict for case in cases) for verdict in Verdict]
    return "\n".join([*lines, line_of("all", "", total)])


def line_of(name: str, checksum: str, counts: Sequence[int]) -> str:
    return f"{name:<19}{checksum:<10}{sum(counts):>6}" + "".join(f"{n:>9}" for n in counts)


def write_list(cases: Iterable[Case], seed: int, path: Path) -> None:
    """All cases that ended neither with a clear error nor with the right result."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        columns = ("kind", "index", "seed", "damage", "offset", "verdict", "fails", "exit code")
        writer.writerow([*columns, "command", "message"])
        for case in cases:
            if case.judged.verdict in (Verdict.ERROR, Verdict.RIGHT):
                continue
            what = (case.kind.name, case.index, seed, case.damage.name, case.damage.offset)
            ended = (case.judged.verdict.value, case.bad, case.code)
            command = shlex.join(("stationhit", *case.reader.arguments))
            writer.writerow([*what, *ended, command, case.judged.message])
