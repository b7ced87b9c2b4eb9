"""The tools of `make docs`: comments of headers for Doxygen, faults of a site."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/site"))
from api_pages import MODULES  # noqa: E402
from check_site import faults_of_site  # noqa: E402

HEADER = """\
// What the file is for,
// with x < y.
#pragma once

namespace a {

// A section.

// A table of 50 % of @all.
struct Table {
  int n = 0;  // hits
              // of an event
  const char* text = "https://b";
  // NOLINTNEXTLINE(google-explicit-constructor)
  Table(int n);
};

}  // namespace a
"""
FILTERED = """\
/// \\file
/// What the file is for,
/// with x \\< y.
#pragma once

namespace a {

// A section.

/// A table of 50 \\% of \\@all.
struct Table {
  int n = 0;  ///< hits of an event
  const char* text = "https://b";
  Table(int n);
};

}  // namespace a
"""


def filtered(path: Path) -> str:
    script = ROOT / "tools/site/doxygen_filter.py"
    done = subprocess.run([sys.executable, script, path], capture_output=True, check=True)
    return done.stdout.decode()


def test_comments_become_those_that_doxygen_reads(tmp_path: Path) -> None:
    header = tmp_path / "table.hpp"
    header.write_text(HEADER)
    assert filtered(header) == FILTERED


def test_comments_of_c(tmp_path: Path) -> None:
    header = tmp_path / "table.h"
    header.write_text("/* A file. */\n/* A number. */\nint n; /* of hits */\n")
    assert (
        filtered(header) == "/** \\file\n * A file. */\n/** A number. */\nint n; /**< of hits */\n"
    )


def test_faults_of_a_site_are_found(tmp_path: Path) -> None:
    page = '<article><p id="here">one two three four</p>{}</article>'
    (tmp_path / "empty.html").write_text("<article></article>")
    (tmp_path / "right.html").write_text(
        page.format('<a href="#here">x</a> <a href="https://a.b">y</a> <a href="empty.html">z</a>')
    )
    (tmp_path / "wrong.html").write_text(
        page.format('<a href="right.html#there">x</a> <img src="none.png"> <a href="no.html">y</a>')
    )
    faults = [fault.removeprefix(f"{tmp_path}/") for fault in faults_of_site(tmp_path)]
    assert faults == [
        "empty.html: a page without text",
        "wrong.html: right.html#there: no such anchor",
        "wrong.html: none.png: no such file",
        "wrong.html: no.html: no such file",
    ]


def test_the_site_has_the_modules_of_the_installed_package(package: Path) -> None:
    installed = {path.name for path in (package / "include/stationhit").iterdir()}
    assert installed == set(MODULES) - {"c_api"}
