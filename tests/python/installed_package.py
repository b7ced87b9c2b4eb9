"""Programs that are built against the installed package, in an environment that knows nothing of
the checkout. The fixtures `package` and `known_model` are in conftest.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest


def compilers(*names: str) -> list:
    """Parameters of a test, skipped where the compiler is missing."""
    return [
        pytest.param(
            name,
            marks=pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed"),
        )
        for name in names
    ]


COMPILERS = compilers("g++", "clang++-14", "clang++-16")
C_COMPILERS = compilers("gcc", "clang-14", "clang-16")


def execute(*command: object, code: int = 0, **options) -> str:
    """Runs a program that shares nothing with this checkout but the system; gives what it says."""
    environment = {"PATH": "/usr/bin:/bin", **options.pop("variables", {})}
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, f"{command}: exit code {done.returncode}\n{said}"
    return said


def symbols_shown(library: Path) -> list[str]:
    """Dynamic symbols that a library defines, demangled and without their version."""
    lines = execute("nm", "-DC", "--defined-only", library).splitlines()
    return [line.split(maxsplit=2)[2].split("@")[0] for line in lines]


def dynamic_section(library: Path, tag: str) -> list[str]:
    text = execute("readelf", "-dW", library)
    return re.findall(rf"\({tag}\).*\[(.*)\]", text)


def install(build: Path, folder: Path) -> Path:
    """Installs what programs of others need, and moves it."""
    execute(
        "cmake", "--install", build, "--prefix", folder / "prefix", "--component", "development"
    )
    return Path(shutil.move(folder / "prefix", folder / "moved" / "stationhit"))


def build_project(
    source: Path, package: Path, folder: Path, compiler: str = "g++", **settings: object
) -> Path:
    """Configures and builds a project of somebody else."""
    options = [f"-D{name}={value}" for name, value in settings.items()]
    execute(
        *("cmake", "-S", source, "-B", folder, f"-DCMAKE_CXX_COMPILER={compiler}"),
        *("-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={package}", *options),
    )
    execute("cmake", "--build", folder)
    return folder


def write_project(folder: Path, lines: str, sources: Mapping[str, str]) -> Path:
    folder.mkdir()
    for name, text in sources.items():
        (folder / name).write_text(text)
    head = "cmake_minimum_required(VERSION 3.25)\nproject(other LANGUAGES CXX)\n"
    (folder / "CMakeLists.txt").write_text(head + lines)
    return folder


def assert_known_scores(said: str) -> None:
    # x = 0, so the logit is 2 y: hit 2 has y = 30, hit 0 has y = 0; the cut is 10.
    assert "hit 0: 0.0000 drop" in said
    assert "hit 2: 60.0000 keep" in said
