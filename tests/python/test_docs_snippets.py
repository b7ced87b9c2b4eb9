"""The code of the documentation is compiled or run as it stands on the page.

A block is complete, or `within=NAME` behind its language puts it into tests/docs/NAME.*.in, or
`fragment` says that it is for reading. Blocks of commands are run where they are marked `run`; the
others are checked by test_docs.py.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT, Run, built_program, tiny_run

sys.path.insert(0, str(ROOT / "tools/site"))
import pages  # noqa: E402

BLOCKS = [block for page in pages.site_pages() for block in pages.code_blocks_of(page)]
CONTEXTS = {"cpp": "cpp", "c": "c", "python": "py"}


def of_language(*languages: str) -> list:
    """Parameters: the blocks that are no fragments."""
    return [
        pytest.param(block, id=block.place)
        for block in BLOCKS
        if block.language in languages and pages.treatment(block) != "fragment"
    ]


def whole_text(block: pages.CodeBlock) -> str:
    """With what it stands within."""
    text = block.text
    for mark in block.marks:
        if mark.startswith("within="):
            name = f"{mark.partition('=')[2]}.{CONTEXTS[block.language]}.in"
            text = (ROOT / "tests/docs" / name).read_text().replace("@block@", text)
    return text


def execute(command: list, folder: Path, **options) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def flags_of(source: str) -> list[str]:
    """Compiler and flags with which the build compiles a source of the checkout."""
    path = built_program("stationhit").parent.parent / "compile_commands.json"
    entries = json.loads(path.read_text())
    entry = next(entry for entry in entries if entry["file"] == str(ROOT / source))
    words = shlex.split(entry["command"])
    words = words[next(at for at, word in enumerate(words) if word.endswith("c++")) :]
    return words[: words.index("-o")]


@pytest.mark.parametrize("block", of_language("cpp"))
def test_cpp_compiles(block: pages.CodeBlock, tmp_path: Path) -> None:
    source = tmp_path / "block.cpp"
    source.write_text(whole_text(block))
    if "stationhit/training/" in block.text:
        # A source of this module, which sees its private headers.
        command = [*flags_of("src/training/early_stopping.cpp"), f"-I{ROOT}/src/training"]
    else:
        folders = [*ROOT.glob("src/*/include"), ROOT / ".deps/onnxruntime/include"]
        command = ["g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-unused-variable"]
        command += [f"-I{folder}" for folder in folders]
    execute([*command, "-fsyntax-only", source], tmp_path)


@pytest.mark.parametrize("block", of_language("c"))
def test_c_compiles(block: pages.CodeBlock, tmp_path: Path) -> None:
    source = tmp_path / "block.c"
    source.write_text(whole_text(block))
    strict = ["-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror"]
    execute(["gcc", *strict, f"-I{ROOT}/src/c_api/include", "-fsyntax-only", source], tmp_path)


@pytest.fixture(scope="module")
def work(
    run: Run,
    toy_file: Path,
    prepared: Path,
    trained_run: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder with what the pages take to be there: in.root, data, set, runs/demo, DIR."""
    folder = tmp_path_factory.mktemp("work")
    options = tiny_run(folder / "other", prepared)
    run("stats", *options)
    run("prepare", "--materialize", *options[1:], "-o", folder / "set")
    (folder / "in.root").symlink_to(toy_file)
    (folder / "data").symlink_to(prepared)
    (folder / "runs").mkdir()
    (folder / "runs/demo").symlink_to(trained_run)
    (folder / "DIR").mkdir()
    (folder / "DIR/lib").symlink_to(built_program("stationhit").parent.parent / "lib")
    return folder


@pytest.mark.parametrize("block", of_language("python"))
def test_python_runs(block: pages.CodeBlock, work: Path, request: pytest.FixtureRequest) -> None:
    environment = {**os.environ}
    if "import stationhit" in block.text:
        environment["PYTHONPATH"] = str(request.getfixturevalue("python_package"))
    execute([sys.executable, "-c", whole_text(block)], work, env=environment)


@pytest.mark.parametrize("page", sorted({b.page for b in BLOCKS if "run" in b.marks}))
def test_commands_run(page: str, stationhit: Path, tmp_path: Path) -> None:
    """Those that are marked, one after the other in a folder that is empty at first."""
    environment = {**os.environ, "PATH": f"{stationhit.parent}:{os.environ['PATH']}"}
    for block in [block for block in BLOCKS if block.page == page and "run" in block.marks]:
        execute(["bash", "-euo", "pipefail", "-c", block.text], tmp_path, env=environment)


@pytest.mark.parametrize("block", of_language("yaml"))
def test_spaces_of_a_search_are_read(block: pages.CodeBlock, stationhit: Path, tmp_path) -> None:
    space = tmp_path / "space.yaml"
    space.write_text(block.text)
    recipe = ROOT / "configs/edgeconv.yaml"
    command = [stationhit, "tune", "-c", recipe, "-s", space, "--trials", "1", "-o", tmp_path / "o"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    # The space is read before the data, which are not there.
    assert done.stderr.startswith("error: data/train/manifest.json: no such file"), done.stderr


def test_marks_are_known() -> None:
    for block in BLOCKS:
        names = {mark.partition("=")[0] for mark in block.marks}
        assert names <= {"within", "fragment", "run"}, block.place
        assert block.language == "bash" or "run" not in names, block.place
    counts = Counter((block.language, pages.treatment(block)) for block in BLOCKS)
    assert counts[("cpp", "compiled")] >= 5
    assert counts[("python", "run")] >= 4
