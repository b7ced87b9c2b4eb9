"""Filter of Doxygen: the comments of this project, which are plain ones, as comments that it reads.

usage: doxygen_filter.py HEADER

The block at the head of a file describes the file, a block above a declaration describes it, and a
comment behind one describes it too, with the lines below that stand in its column. Comments hold
plain text, so whatever is a command or a mark for Doxygen is escaped.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

LINE = re.compile(r"^(?P<indent>\s*)// ?(?P<text>.*)$")
TRAILING = re.compile(r"^(?P<code>\s*[^\s/].*?\S)\s+// ?(?P<text>.*)$")
C_TRAILING = re.compile(r"^(?P<code>.*\S)\s*/\* ?(?P<text>.*?) ?\*/$")
# Where no declaration begins.
NO_DECLARATION = re.compile(r"^\s*($|#|[})]|public:|private:|protected:|namespace\b|//)")
FOR_TOOLS = re.compile(r"^(NOLINT|clang-format|namespace\b)")


def escaped(text: str) -> str:
    text = re.sub(r"\s*NOLINT\S*(\(.*?\))?.*$", "", text)
    return re.sub(r"([\\@&$#<>%])", r"\\\1", text)


def read_block(lines: list[str], first: int) -> int:
    """The line behind the block of comment lines that begins here."""
    last = first
    while last < len(lines) and LINE.match(lines[last]):
        last += 1
    return last


def texts_of(lines: list[str]) -> list[str]:
    found = [match["text"] for line in lines if (match := LINE.match(line))]
    return [escaped(text) for text in found if not FOR_TOOLS.match(text)]


def trailing_comment(line: str) -> tuple[str, str] | None:
    """Code and comment of a line that has both; none for a // within a string."""
    match = TRAILING.match(line)
    if match is None or match["code"].count('"') % 2 or FOR_TOOLS.match(match["text"]):
        return None
    return match["code"], match["text"]


def filter_cpp(lines: list[str]) -> list[str]:
    head = read_block(lines, 0)
    result = ["/// \\file", *(f"/// {text}" for text in texts_of(lines[:head]))]
    at = head
    while at < len(lines):
        line = lines[at]
        if LINE.match(line):
            last = read_block(lines, at)
            described = last < len(lines) and not NO_DECLARATION.match(lines[last])
            marks = "///" if described else "//"
            result += [f"{marks} {text}" for text in texts_of(lines[at:last])]
            at = last
            continue
        at += 1
        if (both := trailing_comment(line)) is None:
            result.append(line)
            continue
        column = line.index("// " + both[1]) if both[1] else 0
        texts = [both[1]]
        while at < len(lines) and (more := LINE.match(lines[at])) and len(more["indent"]) == column:
            texts.append(more["text"])
            at += 1
        result.append(f"{both[0]}  ///< {escaped(' '.join(texts))}")
    return result


def filter_c(text: str) -> list[str]:
    """Of stationhit.h, whose comments are those of C: none stands for a section only."""
    lines = []
    for line in text.splitlines():
        match = C_TRAILING.match(line)
        lines.append(f"{match['code']} /**< {escaped(match['text'])} */" if match else line)
    body = re.sub(r"(?m)^(\s*)/\*(?!\*)", r"\1/**", "\n".join(lines))
    return body.replace("/**", "/** \\file\n *", 1).splitlines()


def main() -> None:
    path = Path(sys.argv[1])
    text = path.read_text()
    lines = filter_c(text) if path.suffix == ".h" else filter_cpp(text.splitlines())
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
