#!/usr/bin/env python3
"""Compares our training step (forward, loss, backward, AdamW) with those of the Python peers: same
weights, same event, one thread, in turns.

    tools/bootstrap.sh peers
    .deps/venv/bin/python bench/peers/compare_training.py edgeconv edgeconv_gat --output runs/peers

Each contender is a process of its own on the same core and makes a step when it is its turn.
Networks and event are those of bench/reference_steps.cpp. The losses of the first five steps must
agree before anything is timed. Memory is the peak of the resident memory in these five steps above
what was resident before them, with network, event and libraries loaded."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from timing import Timing, machine

ARCHITECTURES = ("edgeconv", "edgeconv_gat", "edgeconv_attention")
CHECKED_STEPS, TOLERANCE, BF16_TOLERANCE = 5, 1e-4, 3e-2  # of the losses, relative
ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TORCHINDUCTOR_COMPILE_THREADS",
    )
}
# glibc keeps freed memory instead of giving it back to the kernel, as our program does by itself.
KEEP_MEMORY = ":".join(
    (
        "glibc.malloc.mmap_threshold=4294967295",
        "glibc.malloc.trim_threshold=8589934592",
        "glibc.malloc.top_pad=268435456",
    )
)


@dataclass
class Contender:
    """A contender: its name in the table and the command that runs its steps, without the folder of
    the case."""

    name: str
    command: list[str]
    tolerance: float = TOLERANCE
    environment: dict[str, str] = field(default_factory=dict)


class Process:
    """A running contender."""

    def __init__(self, contender: Contender, arguments: list[str]) -> None:
        self.contender = contender
        environment = os.environ | ONE_THREAD | contender.environment
        command = [*contender.command, *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.expect("ready")

    def line(self) -> str:
        """Returns the next line it prints."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(
                f"{self.contender.name} ended with exit code {self.process.wait()}; its "
                "message is above"
            )
        return line.strip()

    def expect(self, text: str) -> None:
        """Stops if it prints something else."""
        line = self.line()
        if line != text:
            raise SystemExit(f"{self.contender.name} printed {line}, expected was {text}")

    def ask(self, request: str) -> tuple[float, float]:
        """Returns the two numbers of its answer."""
        assert self.process.stdin
        self.process.stdin.write(f"{request}\n")
        self.process.stdin.flush()
        first, second = self.line().split()
        return float(first), float(second)

    def close(self) -> None:
        """Ends the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


@dataclass
class Result:
    """One row of the table."""

    name: str
    step: Timing
    forward: Timing
    memory: float  # MiB
    losses: list[float]


def contenders(arguments: argparse.Namespace, architecture: str) -> list[Contender]:
    """All contenders, ours first."""
    python = [sys.executable, str(Path(__file__).with_name("training.py"))]
    found = [
        Contender("ours", [str(arguments.program), architecture]),
        Contender("PyTorch Geometric", [*python, "pyg"]),
        Contender("plain PyTorch on the table", [*python, "table"]),
    ]
    if architecture != "edgeconv_attention":
        found.append(Contender("plain PyTorch on the table, embedding_bag", [*python, "bag"]))
    eager = found[1:]
    if arguments.keep_memory:
        found += [
            Contender(
                f"{one.name}, glibc keeps memory",
                one.command,
                environment={"GLIBC_TUNABLES": KEEP_MEMORY},
            )
            for one in eager
        ]
    if arguments.compile:
        found += [
            Contender(f"{one.name}, torch.compile", [*one.command, "--compile"])
            for one in eager[:2]
        ]
    if arguments.bf16:
        found += [
            Contender(f"{one.name}, bf16 autocast", [*one.command, "--bf16"], BF16_TOLERANCE)
            for one in eager[:2]
        ]
    return found


def start(found: list[Contender], folder: Path) -> list[Process]:
    """Starts them one after the other, because the first writes the network and the event that the
    others read."""
    return [Process(contender, [str(folder)]) for contender in found]


def first_losses(processes: list[Process]) -> list[list[float]]:
    """Compares the losses of a forward pass and of the checked steps; stops if they differ from
    ours."""
    losses: list[list[float]] = [[] for _ in processes]
    for request in ("forward", *["step"] * CHECKED_STEPS):
        for process, values in zip(processes, losses, strict=True):
            values.append(process.ask(request)[1])
    for process, values in zip(processes, losses, strict=True):
        worst = max(
            abs(value - ours) / abs(ours) for value, ours in zip(values, losses[0], strict=True)
        )
        if worst > process.contender.tolerance:
            raise SystemExit(
                f"{process.contender.name}: losses {values} differ from ours {losses[0]} by "
                f"{worst:.1e}; not timed"
            )
    return losses


def timed(processes: list[Process], request: str, repetitions: int) -> list[Timing]:
    """Times all contenders in turns."""
    samples: list[list[float]] = [[] for _ in processes]
    for _ in range(repetitions):
        for process, times in zip(processes, samples, strict=True):
            times.append(process.ask(request)[0])
    return [Timing(min(times), median(times), repetitions) for times in samples]


def compare(arguments: argparse.Namespace, architecture: str) -> list[Result]:
    """Runs all contenders of one network."""
    with tempfile.TemporaryDirectory() as folder:
        processes = start(contenders(arguments, architecture), Path(folder))
        losses = first_losses(processes)
        memory = [process.ask("memory")[0] for process in processes]
        steps = timed(processes, "step", arguments.repetitions)
        forwards = timed(processes, "forward", arguments.repetitions)
        for process in processes:
            process.close()
    names = [process.contender.name for process in processes]
    return [Result(*row) for row in zip(names, steps, forwards, memory, losses, strict=True)]


def ratios(timing: Timing, ours: Timing) -> str:
    """Ratios of the minima and of the medians."""
    return f"{timing.minimum / ours.minimum:.1f} / {timing.median / ours.median:.1f}"


def table(architecture: str, results: list[Result], load: str) -> str:
    """The table in Markdown; ratios are those of the medians."""
    ours = results[0]
    lines = [
        f"### Training step, {architecture}",
        f"{machine()}, one thread, {ours.step.repetitions} repetitions in turns, load average "
        f"{load}.",
        "Minimum / median in ms and their ratios to ours; peak memory of the first steps.",
        f"Losses of the first {CHECKED_STEPS} steps agree to {TOLERANCE:g} (bf16 autocast: "
        f"{BF16_TOLERANCE:g}).",
        "",
        "| | step | ratio | forward | ratio | memory, MiB | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in results:
        step, forward, memory = (
            ratios(row.step, ours.step),
            ratios(row.forward, ours.forward),
            row.memory / ours.memory,
        )
        lines.append(
            f"| {row.name} | {row.step} | {step} | {row.forward} | {forward} | "
            f"{row.memory:.0f} | {memory:.1f} |"
        )
    return "\n".join(lines) + "\n"


def write(folder: Path, tables: list[str], results: dict[str, list[Result]]) -> None:
    """Writes training.md and training.json."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "machine": machine(),
        "networks": {name: [asdict(row) for row in rows] for name, rows in results.items()},
    }
    for name, text in {
        "training.md": "\n".join(tables),
        "training.json": json.dumps(content, indent=1) + "\n",
    }.items():
        aside = folder / f"{name}.part"
        aside.write_text(text)
        aside.replace(folder / name)


def main() -> None:
    """Parses the command line, compares, prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "architectures",
        nargs="*",
        default=ARCHITECTURES[:2],
        metavar="ARCHITECTURE",
        help=", ".join(ARCHITECTURES),
    )
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/reference_steps"))
    parser.add_argument("--repetitions", type=int, default=15)
    parser.add_argument(
        "--core",
        type=int,
        default=max(os.sched_getaffinity(0)),
        help="the core that all run on (default: the last one)",
    )
    parser.add_argument(
        "--keep-memory",
        action="store_true",
        help="the peers also with an allocator that gives no memory back",
    )
    parser.add_argument("--compile", action="store_true", help="also torch.compile (minutes)")
    parser.add_argument("--bf16", action="store_true", help="also autocast to bfloat16")
    parser.add_argument(
        "--output", type=Path, help="folder that gets training.md and training.json"
    )
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.core})
    results, tables = {}, []
    for architecture in arguments.architectures:
        results[architecture] = compare(arguments, architecture)
        tables.append(table(architecture, results[architecture], f"{os.getloadavg()[0]:.1f}"))
        print(tables[-1], flush=True)
    if arguments.output:
        write(arguments.output, tables, results)


if __name__ == "__main__":
    main()
