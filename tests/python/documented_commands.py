"""What command lines of the documentation name: subcommands, options, keys, files, targets. Each
check gives what is wrong with a command; test_docs.py collects them.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tools", "bench", "tests", "configs", "containers", "fuzz", "examples")
ASSIGNMENT = re.compile(r"^[A-Z_]+=")
OPTION = re.compile(r"^(--[a-z][a-z0-9-]*|-[a-z]+)(=|$)")
# What stands for a value of the reader: NAME.yaml, FOLDER, a..., [optional].
PLACEHOLDER = re.compile(r"[A-Z]{4,}|\.\.\.|[][{}*$]")


def split_commands(script: str) -> Iterator[list[str]]:
    """The simple commands of a script as words, without comments, assignments and redirections."""
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        command: list[str] = []
        for word in [*lexer, ";"]:
            if set(word) <= set("();|&"):
                if command:
                    yield command
                command = []
            elif command or not ASSIGNMENT.match(word):
                command.append(word)


def flat_keys(page: str) -> dict[str, set[str]]:
    """The keys of docs/parameters.md by the title of their section."""
    sections: dict[str, set[str]] = {}
    for part in re.split(r"(?m)^## ", page)[1:]:
        title, _, body = part.partition("\n")
        sections[title] = set(re.findall(r"(?m)^\| (?:\*\*)?`([a-z0-9_.]+)`", body))
    return sections


class Documented:
    """What there is to name: the program with its subcommands, keys, targets of the build."""

    def __init__(self, program: Path) -> None:
        self.program = program

    def says(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.program, *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout

    @cached_property
    def verbs(self) -> set[str]:
        listed = self.says("--help").split("Subcommands:")[1]
        return set(re.findall(r"(?m)^  ([a-z]+) ", listed))

    @cache  # noqa: B019  (one object per session)
    def options(self, verb: str) -> set[str]:
        names = re.findall(r"(?m)^  (-\S+)", self.says(*([verb] if verb else []), "--help"))
        return {name for some in names for name in some.split(",")} | {"-ct"}

    @cached_property
    def keys(self) -> dict[str, set[str]]:
        return flat_keys(self.says("parameters", "--markdown"))

    def keys_of(self, command: list[str], verb: str) -> set[str]:
        materializes = "--materialize" in command
        wanted = verb if verb == "simulate" or verb == "prepare" and not materializes else "train"
        return next(
            keys
            for title, keys in self.keys.items()
            if re.search(rf"\(verbs?\b[^)]*\b{wanted}\b", title)
        )

    @cached_property
    def targets(self) -> set[str]:
        folder = self.program.parent.parent
        done = subprocess.run(
            ["ninja", "-C", folder, "-t", "targets", "all"],
            capture_output=True,
            text=True,
            check=True,
        )
        return set(re.findall(r"(?m)^([\w/.]+): ", done.stdout))

    @cached_property
    def presets(self) -> set[str]:
        described = json.loads((ROOT / "CMakePresets.json").read_text())
        return {preset["name"] for preset in described["configurePresets"]}

    @cached_property
    def cmake_text(self) -> str:
        files = [ROOT / "CMakeLists.txt", *(ROOT / "cmake").iterdir()]
        files += [*ROOT.glob("*/CMakeLists.txt"), *ROOT.glob("*/*/CMakeLists.txt")]
        return "\n".join(path.read_text() for path in files)

    def faults(self, command: list[str]) -> Iterator[str]:
        for at, word in enumerate(command):
            if Path(word).name == "stationhit" and command[at - 1] not in ("--target", "-S"):
                yield from self.program_faults(command[at + 1 :])
                break
        if command[0] == "cmake":
            yield from self.cmake_faults(command)
        if command[0] == "make":
            goals = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
            words = [word for word in command[1:] if not ASSIGNMENT.match(word)]
            yield from (f"no goal {word}" for word in words if word not in goals)
        yield from self.file_faults(command)

    def program_faults(self, arguments: list[str]) -> Iterator[str]:
        verb = next((word for word in arguments[:1] if not word.startswith("-")), "")
        if verb and verb not in self.verbs:
            if not PLACEHOLDER.search(verb):
                yield f"no subcommand '{verb}'"
            return
        for at, word in enumerate(arguments):
            word = word.strip("[]")
            if word == "--set" and at + 1 < len(arguments):
                key = arguments[at + 1].partition("=")[0]
                if key not in self.keys_of(arguments, verb) and not PLACEHOLDER.search(key):
                    yield f"{verb}: no key '{key}'"
            option = OPTION.match(word)
            if option and option[1] not in self.options(verb):
                yield f"{verb}: no option {option[1]}"

    def cmake_faults(self, command: list[str]) -> Iterator[str]:
        for at, word in enumerate(command[:-1]):
            value = command[at + 1]
            if word == "--preset" and value not in self.presets:
                yield f"no preset '{value}'"
            if word == "--component" and f"{value}" not in self.cmake_text:
                yield f"no component '{value}'"
        targets = command[command.index("--target") + 1 :] if "--target" in command else []
        for target in targets:
            if target not in self.targets and not target.startswith("-"):
                yield f"no target '{target}'"
        for word in command:
            if (name := re.match(r"-D(STATIONHIT_\w+)", word)) and name[1] not in self.cmake_text:
                yield f"no setting {name[1]}"

    def file_faults(self, command: list[str]) -> Iterator[str]:
        """Files of the checkout that are named, and options of its scripts."""
        for at, word in enumerate(command):
            path = ROOT / word
            if word.startswith("build/release/bin/") and Path(word).name not in self.targets:
                yield f"no program {word}"
            if word.split("/")[0] not in FOLDERS or "/" not in word or PLACEHOLDER.search(word):
                continue
            if not path.exists() and not (at and command[at - 1] in ("-o", "--output")):
                yield f"no file {word}"
            is_called = at == 0 or command[at - 1].endswith("python")
            if is_called and path.is_file() and path.suffix in ("", ".py", ".sh"):
                yield from self.script_faults(path, command[at + 1 :])

    def script_faults(self, script: Path, arguments: list[str]) -> Iterator[str]:
        """Options that neither the script nor what it takes from beside it names."""
        text = script.read_text()
        for name in re.findall(r"(?m)(?:^from|^import|-m|tools/)[ ]?(\w+)", text):
            beside = script.parent / name
            texts = [beside.with_suffix(".py"), *beside.glob("*.py")]
            text += "".join(path.read_text() for path in texts if path.is_file())
        for word in arguments:
            option = OPTION.match(word.strip("[]"))
            if option and f'"{option[1]}"' not in text and f"{option[1]})" not in text:
                yield f"{script.name}: no option {option[1]}"
