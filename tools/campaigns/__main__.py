"""The command line of the campaigns."""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .configuration_sample import make_configuration_sample
from .configuration_table import configuration_table, describe_tried
from .configurations import Inputs, Tried, try_configuration
from .flip import Case, Flip, choose_files, run_cases, table, write_list
from .kill import Kill, Killed
from .kill import table as kill_table
from .kill_cases import RESUMABLE, one_file_verbs
from .kinds import KINDS
from .program import Program
from .sample import ROOT, make_sample

DEFAULT_PROGRAM = ROOT / "build" / "release" / "bin" / "stationhit"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/campaign", description="see docs/robustness.md")
    common = argparse.ArgumentParser(add_help=False)
    program = Path(os.environ.get("STATIONHIT_BIN", DEFAULT_PROGRAM))
    common.add_argument("--program", type=Path, default=program)
    common.add_argument("--seed", type=int, default=1)
    common.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    work = ROOT / "build" / "campaign"
    common.add_argument("--work", type=Path, default=work, help="folder of sample and runs")
    common.add_argument("--keep", action="store_true", help="keep the folders of the runs")
    verbs = parser.add_subparsers(dest="campaign", required=True)
    flip = verbs.add_parser("flip", parents=[common], help="damaged files")
    flip.add_argument("--kind", action="append", choices=[kind.name for kind in KINDS])
    flip.add_argument("--files", type=int, default=2000, help="over all kinds")
    flip.add_argument("--first", type=int, default=0, help="index of the first file of every kind")
    flip.add_argument("--only", metavar="KIND:INDEX", help="one file; its folder is kept")
    kill = verbs.add_parser("kill", parents=[common], help="SIGKILL at random moments")
    kill.add_argument("--verb", action="append", help="all, if none is given")
    kill.add_argument("--kills", type=int, default=50, help="per verb, at least")
    configurations = verbs.add_parser(
        "configurations", parents=[common], help="random configurations through all verbs"
    )
    configurations.add_argument("--runs", type=int, default=100)
    configurations.add_argument("--first", type=int, default=0, help="number of the first run")
    configurations.add_argument(
        "--package", type=Path, help="folder with the Python package, as `pip install --target`"
    )
    return parser.parse_args()


def find_sample(
    program: Program,
    work: Path,
    reuse: bool,
    make: Callable[[Program, Path], object] = make_sample,
    name: str = "sample",
) -> Path:
    """The sample in `work`; made again if the program is newer, unless an earlier one is needed."""
    sample, complete = work / name, work / f"{name}.complete"
    newer = complete.exists() and complete.stat().st_mtime > program.path.stat().st_mtime
    if not complete.exists() or not (newer or reuse):
        complete.unlink(missing_ok=True)
        shutil.rmtree(sample, ignore_errors=True)
        make(program, sample)
        complete.touch()
    return sample


def run_flip(arguments: argparse.Namespace, program: Program) -> int:
    sample = find_sample(program, arguments.work, bool(arguments.only))
    kinds = [kind for kind in KINDS if not arguments.kind or kind.name in arguments.kind]
    chosen = [(kind, n + arguments.first) for kind, n in choose_files(kinds, arguments.files)]
    if arguments.only:
        name, index = arguments.only.rsplit(":", 1)
        kinds = [kind for kind in KINDS if kind.name == name]
        chosen = [(kind, int(index)) for kind in kinds]
    keep = arguments.keep or bool(arguments.only)
    kinds = [kind for kind in kinds if (sample / kind.file).exists()]
    flip = Flip(program, sample, arguments.work / "flip", arguments.seed, keep)
    flip.prepare(kinds, arguments.jobs)
    begin = time.monotonic()
    cases = []
    try:
        for case in run_cases(flip, [c for c in chosen if c[0] in kinds], arguments.jobs):
            cases.append(case)
            if case.bad or arguments.only:
                print(describe(case), flush=True)
    except KeyboardInterrupt:
        print("stopped; the table has what was run until then")
    path = arguments.work / "flip.csv"
    write_list(cases, arguments.seed, path)
    print(table(cases))
    bad = sum(case.bad for case in cases)
    print(f"{bad} faults, {time.monotonic() - begin:.0f} s, seed {arguments.seed}; list: {path}")
    return 1 if bad else 0


def run_kill(arguments: argparse.Namespace, program: Program) -> int:
    sample = find_sample(program, arguments.work, reuse=False)
    known = {verb.name: verb for verb in (*RESUMABLE, *one_file_verbs(program))}
    names = arguments.verb or list(known)
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"unknown verb {unknown[0]}; verbs: {', '.join(known)}")
    begin = time.monotonic()

    def run(name: str) -> Killed:
        kill = Kill(program, sample, arguments.work / "kill", known[name], arguments.seed)
        killed = kill.run(arguments.kills, arguments.keep)
        for fault in killed.faults:
            print(f"{name}: {fault}", flush=True)
        print(f"{name}: {killed.kills} kills, {len(killed.faults)} faults", flush=True)
        return killed

    with ThreadPoolExecutor(arguments.jobs) as pool:
        results = list(pool.map(run, names))
    print(kill_table(results))
    faults = sum(len(killed.faults) for killed in results)
    kills = sum(killed.kills for killed in results)
    seconds = time.monotonic() - begin
    print(f"{kills} kills, {faults} faults, {seconds:.0f} s, seed {arguments.seed}")
    return 1 if faults else 0


def run_configurations(arguments: argparse.Namespace, program: Program) -> int:
    make = make_configuration_sample
    sample = find_sample(program, arguments.work, False, make, "configuration_sample")
    if arguments.package:
        sys.path.insert(0, str(arguments.package.resolve()))
    inputs = Inputs(sample, importlib.import_module("stationhit") if arguments.package else None)
    begin = time.monotonic()

    def run(index: int) -> Tried:
        folder = arguments.work / "configurations"
        tried = try_configuration(program, inputs, folder, arguments.seed, index, arguments.keep)
        if tried.faults or tried.refused:
            print(describe_tried(tried), flush=True)
        return tried

    indices = range(arguments.first, arguments.first + arguments.runs)
    with ThreadPoolExecutor(arguments.jobs) as pool:
        all_tried = list(pool.map(run, indices))
    print(configuration_table(all_tried))
    faults = sum(len(tried.faults) for tried in all_tried)
    refused = sum(bool(tried.refused) for tried in all_tried)
    seconds = time.monotonic() - begin
    print(
        f"{len(all_tried)} configurations, {refused} refused, {faults} faults, {seconds:.0f} s, "
        f"seed {arguments.seed}"
    )
    return 1 if faults else 0


def describe(case: Case) -> str:
    place = f"{case.kind.name}:{case.index} {case.damage.name} at {case.damage.offset}"
    command = " ".join(case.reader.arguments)
    return f"{case.judged.verdict.value}: {place}: {command}: {case.code} {case.judged.message}"


def main() -> int:
    arguments = parse()
    arguments.work = arguments.work.resolve()
    arguments.work.mkdir(parents=True, exist_ok=True)
    program = Program(arguments.program)
    run = {"flip": run_flip, "kill": run_kill, "configurations": run_configurations}
    return run[arguments.campaign](arguments, program)


if __name__ == "__main__":
    sys.exit(main())
