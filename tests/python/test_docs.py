"""The documentation as a reader uses it: links lead somewhere, commands name what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from documented_commands import Documented, split_commands

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/site"))
import pages  # noqa: E402

# notes.md is a part of docs/results.md.
ALL_PAGES = [page for page in pages.all_pages() if page != "bench/results/notes.md"]
LANGUAGES = {"bash", "c", "cmake", "cpp", "python", "text", "yaml"}


@pytest.mark.parametrize("page", ALL_PAGES)
def test_links_lead_somewhere(page: str) -> None:
    broken = []
    for link in pages.links_of(page):
        if link.is_external:
            parts = urlsplit(link.target)
            if parts.scheme not in ("http", "https") or "." not in parts.netloc:
                broken.append(f"{link.place}: {link.target}: not a web address")
            continue
        path, anchor = pages.resolved(link)
        if not path.exists() or not path.is_relative_to(ROOT):
            broken.append(f"{link.place}: {link.target}: no such file")
        elif anchor and anchor not in pages.anchors_of(str(path.relative_to(ROOT))):
            broken.append(f"{link.place}: {link.target}: no such heading")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("page", ALL_PAGES)
def test_a_page_shows_all_that_is_in_it(page: str) -> None:
    """Code hosts drop what looks like a tag, as in "at <mu> = 200"."""
    tags = [
        f"{page}:{line}: {token.content}"
        for line, token in pages.inline_tokens(page)
        if token.type == "html_inline"
    ]
    assert not tags, "\n".join(tags)
    assert len((ROOT / page).read_text().split()) > 20


@pytest.mark.parametrize("page", ALL_PAGES)
def test_blocks_of_code_say_their_language(page: str) -> None:
    unknown = [
        block.place for block in pages.code_blocks_of(page) if block.language not in LANGUAGES
    ]
    assert not unknown, "\n".join(unknown)


def test_every_page_of_docs_is_in_the_site() -> None:
    assert set(pages.site_pages()) <= set(ALL_PAGES)
    docs = {page for page in ALL_PAGES if page.startswith("docs/")}
    assert docs <= set(pages.site_pages())


@pytest.fixture(scope="session")
def documented(stationhit: Path) -> Documented:
    return Documented(stationhit)


@pytest.mark.parametrize("page", ALL_PAGES)
def test_commands_name_what_exists(documented: Documented, page: str) -> None:
    scripts = [
        (block.place, block.text)
        for block in pages.code_blocks_of(page)
        if block.language == "bash"
    ]
    for place, script in scripts:
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
        assert done.returncode == 0, f"{place}: {done.stderr}"
    starts = ("stationhit ", "build/", "cmake ", "make ", "tools/", "bench/", "tests/", ".deps/")
    scripts += [
        (place, code) for place, code in pages.inline_code_of(page) if code.startswith(starts)
    ]
    faults = [
        f"{place}: {fault}"
        for place, script in scripts
        for command in split_commands(script)
        for fault in documented.faults(command)
    ]
    assert not faults, "\n".join(faults)


def test_keys_of_configurations_exist(documented: Documented) -> None:
    """In YAML blocks, and in the text wherever something looks like a key with its section."""
    keys = {key for keys in documented.keys.values() for key in keys}
    sections = {key.split(".")[0] for key in keys if "." in key} - {"statistics"}
    name = re.compile(rf"^((?:{'|'.join(sections)})(?:\.[a-z_0-9]+)+)(?=$|[:=])")
    unknown = []
    for page in set(ALL_PAGES) - {"CHANGELOG.md"}:  # that one tells of keys of the past
        for place, code in pages.inline_code_of(page):
            match = name.match(code)
            is_file = match and re.search(r"\.(md|py|yaml|json|csv|cpp|hpp|onnx|db)$", match[1])
            if match and not is_file and match[1] not in keys:
                unknown.append(f"{place}: {code}")
        for block in pages.code_blocks_of(page):
            if block.language == "yaml":
                searched = yaml.safe_load(block.text)["parameters"]
                unknown += [f"{block.place}: {key}" for key in searched if key not in keys]
    assert not unknown, "\n".join(unknown)
