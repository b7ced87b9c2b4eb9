"""What the tests of the batch systems share: a program that only says how it was called, the
description of a job, and the nodes of the chain."""

from __future__ import annotations

import graphlib
import os
import shlex
import subprocess
from pathlib import Path

import htcondor2
from conftest import ROOT

HTCONDOR = ROOT / "htcondor"
USAGE, UNFIT_MACHINE, TERMINATED = 2, 75, 143

# Says its arguments and variables; "slow" waits for SIGTERM and takes its time to end.
STUB = """#!/usr/bin/env bash
printf '[%s]' "$@"; echo " in $PWD"
case " $* " in
  *" slow "*)
    trap 'sleep 0.2; echo saved; exit 143' TERM
    echo ready
    while :; do sleep 0.02; done ;;
  *" fail "*) echo message >&2; exit 3 ;;
esac
"""


def make_stub(parent: Path) -> Path:
    folder = parent / "programs"
    folder.mkdir()
    program = folder / "stationhit"
    program.write_text(STUB)
    program.chmod(0o755)
    return program


def run_script(
    command: list[str | Path],
    environment: dict[str, str],
    code: int = 0,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs a script of a batch system, in this folder or the present one."""
    done = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done


def variables(stub: Path, **others: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STATIONHIT")}
    return {**kept, "PATH": f"{stub.parent}:{os.environ['PATH']}", **others}


def submit(name: str, **macros: str) -> htcondor2.Submit:
    description = htcondor2.Submit((HTCONDOR / name).read_text())
    description.update(macros)
    return description


class Dag:
    """Nodes and edges of a DAG file."""

    def __init__(self, path: Path) -> None:
        self.files: dict[str, Path] = {}
        self.parents: dict[str, set[str]] = {}
        self.variables: dict[str, dict[str, str]] = {}
        self.retries: list[str] = []
        for line in path.read_text().splitlines():
            words = shlex.split(line, comments=True)
            match words:
                case ["JOB", node, file]:
                    assert node not in self.files
                    self.files[node] = ROOT / file
                case ["PARENT", *parents, "CHILD", child]:
                    self.parents.setdefault(child, set()).update(parents)
                case ["VARS", node, *settings]:
                    values = dict(setting.split("=", 1) for setting in settings)
                    self.variables.setdefault(node, {}).update(values)
                case ["RETRY", *words]:
                    self.retries.append(" ".join(words))
                case []:
                    pass
                case _:
                    raise AssertionError(line)

    def order(self) -> list[str]:
        return list(graphlib.TopologicalSorter(self.parents).static_order())

    def command(self, node: str) -> list[str]:
        """What the program gets, of the first job of the node."""
        macros = {**self.variables.get("ALL_NODES", {}), **self.variables[node]}
        description = submit(self.files[node].name, **macros)
        return shlex.split(description.expand("arguments").strip('"'))
