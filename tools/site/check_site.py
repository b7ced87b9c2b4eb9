"""Faults of a site of HTML files: links and images that lead nowhere, pages without text."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.words = 0
        self.article = 0
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.article += tag == "article"
        for name, value in attributes:
            if name == "id" and value:
                self.anchors.add(value)
            if name in ("href", "src") and value is not None:
                self.links.append(value)

    def handle_endtag(self, tag: str) -> None:
        self.article -= tag == "article"

    def handle_data(self, data: str) -> None:
        if self.article:
            self.words += len(data.split())


@cache
def page_at(path: Path) -> Page:
    return Page(path)


def fault_of_link(page: Path, link: str) -> str | None:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return f"{page}: {link}: no such file"
    anchor = unquote(parts.fragment)
    if anchor and target.suffix == ".html" and anchor not in page_at(target).anchors:
        return f"{page}: {link}: no such anchor"
    return None


def faults_of_site(site: Path) -> list[str]:
    faults = []
    for page in sorted(site.rglob("*.html")):
        if "_static" in page.parts:
            continue
        found = page_at(page)
        faults += [fault for link in found.links if (fault := fault_of_link(page, link))]
        if found.words < 3 and page.name not in ("search.html", "genindex.html"):
            faults.append(f"{page}: a page without text")
    return faults
