"""The Markdown pages of the checkout, as a reader of them sees them: links, anchors, code blocks.
Used by make_site.py and by tests/python/test_docs.py.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
PARSER = MarkdownIt("commonmark").enable("table")


def tracked_files(pattern: str = "*") -> list[str]:
    """The files of the checkout, from its root; new ones count, ignored ones do not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).exists())


# The pages of the site, in the order of its table of contents.
SECTIONS = {
    "Data": ("docs/data.md", "docs/simulation.md", "docs/features.md", "docs/graphs.md"),
    "Training": (
        "docs/training.md",
        "docs/metrics.md",
        "docs/tune.md",
        "docs/studies.md",
        "docs/batch.md",
        "docs/parameters.md",
    ),
    "Running models": (
        "docs/deployment.md",
        "docs/embedding.md",
        "docs/python.md",
        "models/README.md",
    ),
    "Examples": (
        "examples/README.md",
        *(name for name in tracked_files("examples/*.md") if name != "examples/README.md"),
    ),
    "Results": (
        "docs/results.md",
        "docs/performance.md",
        "docs/physics.md",
        "docs/robustness.md",
        "bench/peers/README.md",
    ),
    "Development": (
        "docs/glossary.md",
        "docs/design.md",
        "HACKING.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ),
}


@dataclass(frozen=True)
class Link:
    page: str
    line: int  # of the block that has it, from 1
    target: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_external(self) -> bool:
        return ":" in self.target.split("/")[0]


@dataclass(frozen=True)
class CodeBlock:
    page: str
    line: int  # of its first line, from 1
    language: str
    marks: tuple[str, ...]  # what stands behind the language
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def site_pages() -> list[str]:
    return ["README.md", *(page for pages in SECTIONS.values() for page in pages)]


def all_pages() -> list[str]:
    """Every Markdown page of the checkout."""
    return tracked_files("*.md")


@cache
def tokens_of(page: str) -> list[Token]:
    return PARSER.parse((ROOT / page).read_text())


def inline_tokens(page: str) -> Iterator[tuple[int, Token]]:
    """The tokens within lines, with the line (from 1) where their block begins."""
    line = 1
    for token in tokens_of(page):
        if token.map:
            line = token.map[0] + 1
        for child in token.children or []:
            yield line, child


def links_of(page: str) -> list[Link]:
    """Links and images."""
    targets = {"link_open": "href", "image": "src"}
    return [
        Link(page, line, str(token.attrs[targets[token.type]]))
        for line, token in inline_tokens(page)
        if token.type in targets
    ]


def inline_code_of(page: str) -> list[tuple[str, str]]:
    """Place and text of every `...`."""
    return [
        (f"{page}:{line}", token.content)
        for line, token in inline_tokens(page)
        if token.type == "code_inline"
    ]


def code_blocks_of(page: str) -> list[CodeBlock]:
    """All blocks of code; the language of an indented one is empty."""
    blocks = []
    for token in tokens_of(page):
        if token.type in ("fence", "code_block"):
            assert token.map
            language, *marks = token.info.split() or [""]
            line = token.map[0] + (2 if token.type == "fence" else 1)
            blocks.append(CodeBlock(page, line, language, tuple(marks), token.content))
    return blocks


def plain_text(token: Token) -> str:
    return "".join(
        child.content for child in token.children or [] if child.type in ("text", "code_inline")
    )


def headings_of(page: str) -> list[str]:
    tokens = tokens_of(page)
    return [
        plain_text(after)
        for token, after in zip(tokens, tokens[1:], strict=False)
        if token.type == "heading_open"
    ]


@cache
def anchors_of(page: str) -> frozenset[str]:
    """The anchors that code hosts give to headings."""
    anchors: set[str] = set()
    for heading in headings_of(page):
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        number = 0
        while (anchor := f"{name}-{number}" if number else name) in anchors:
            number += 1
        anchors.add(anchor)
    return frozenset(anchors)


def resolved(link: Link) -> tuple[Path, str]:
    """File or folder that a relative link names, and its anchor ("" if none)."""
    path, _, anchor = link.target.partition("#")
    page = ROOT / link.page
    return (page.parent / path).resolve() if path else page, anchor


def treatment(block: CodeBlock) -> str:
    """What the tests do with a block (tests/python/test_docs.py, test_docs_snippets.py)."""
    if "fragment" in block.marks:
        return "fragment"
    if block.language in ("cpp", "c"):
        return "compiled"
    if block.language == "python" or "run" in block.marks:
        return "run"
    return {"bash": "checked", "yaml": "checked", "cmake": "fragment"}.get(block.language, "text")
