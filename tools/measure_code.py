#!/usr/bin/env python3
"""Lengths of files and functions, and shares of comments, of the C++ sources.

usage: tools/measure_code.py [FOLDER...]      (src apps, if none is given; one row per module)

Functions are found by their braces: a block behind a parameter list, outside of other functions.
Their length is that from the first line of the declaration to the closing brace. Lambdas belong to
the function around them. The share of comments counts lines that hold nothing but a comment.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Comments, literals and preprocessor lines: what is not structure.
NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/|R\"(?P<mark>\w*)\(.*?\)(?P=mark)\"|\"(?:\\.|[^\"\\\n])*\""
    r"|(?<![0-9a-zA-Z])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
    re.DOTALL | re.MULTILINE,
)
NOT_FUNCTIONS = re.compile(r"^\s*(?:namespace|class|struct|enum|union)\b|=\s*\Z", re.MULTILINE)


@dataclass
class Measured:
    """Lines of files and functions, and lines of comments and in all."""

    files: list[int] = field(default_factory=list)
    functions: list[tuple[int, str]] = field(default_factory=list)
    comments: dict[str, int] = field(default_factory=lambda: {".hpp": 0, ".cpp": 0})
    lines: dict[str, int] = field(default_factory=lambda: {".hpp": 0, ".cpp": 0})

    def add(self, path: Path) -> None:
        text = path.read_text()
        n = text.count("\n")
        self.files.append(n)
        self.functions += function_lengths(text, str(path))
        self.lines[path.suffix] += n
        self.comments[path.suffix] += len(re.findall(r"^[ \t]*//", text, re.MULTILINE))


def is_function(head: str) -> bool:
    """Whether the text between the last statement and a brace declares a function."""
    return "(" in head and not NOT_FUNCTIONS.search(head)


def function_lengths(text: str, where: str) -> list[tuple[int, str]]:
    """(lines, place) of every function of a file."""
    structure = NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    found, depth, inside, start = [], 0, -1, 0
    first_line = 0
    for match in re.finditer(r"[{};]", structure):
        mark, position = match.group(), match.start()
        if mark == "{":
            head = structure[start:position]
            if inside < 0 and is_function(head):
                inside = depth
                first_line = structure.count("\n", 0, start + len(head) - len(head.lstrip()))
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == inside:
                last_line = structure.count("\n", 0, position)
                found.append((last_line - first_line + 1, f"{where}:{first_line + 1}"))
                inside = -1
        start = position + 1
    return found


def quantile(values: list[int], share: float) -> int:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def row(name: str, measured: Measured) -> str:
    lengths = [lines for lines, _ in measured.functions]
    cells = [name, str(len(measured.files)), str(sum(measured.files))]
    cells += [
        f"{quantile(values, 0.5)} / {quantile(values, 0.9)} / {max(values, default=0)}"
        for values in (measured.files, lengths)
    ]
    for kind in (".hpp", ".cpp"):
        share = measured.comments[kind] / measured.lines[kind] if measured.lines[kind] else 0
        cells.append(f"{100 * share:.0f} %")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", default=["src", "apps"])
    folders = parser.parse_args().folders
    total = Measured()
    print("| module | files | lines | files: median / p90 / max | functions | comments hpp | cpp |")
    print("|---|---|---|---|---|---|---|")
    for folder in folders:
        for module in sorted(path for path in (ROOT / folder).iterdir() if path.is_dir()):
            measured = Measured()
            for path in sorted(module.rglob("*")):
                if path.suffix in (".hpp", ".cpp"):
                    measured.add(path)
                    total.add(path)
            if measured.files:
                print(row(f"{folder}/{module.name}", measured))
    print(row("all", total))
    print("\nlongest functions:")
    for lines, place in sorted(total.functions, reverse=True)[:10]:
        print(f"{lines:5} {place.removeprefix(str(ROOT) + '/')}")


if __name__ == "__main__":
    main()
