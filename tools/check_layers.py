#!/usr/bin/env python3
"""Holds includes and link lines against the layer table of docs/design.md.

The table there is the one that counts: module | may use | third parties. Checked for every module
under src/:
  * #include <stationhit/X/...> only where X is the module itself or stands in its "may use" cell;
    "X(config headers)" allows only X's *_config.hpp;
  * headers of third parties only in the modules whose row names them, and never in public headers
    where the row says private;
  * PUBLIC and stationhit:: link lines name only modules of the "may use" cell;
  * apps, bench, tests, examples and python see public headers only. The tests of a module, and the
    benchmarks that measure it, may include its private headers; only apps includes sources of apps;
  * python/bindings includes the modules of its row only;
  * third parties there are those of the row (apps/stationhit, bench, examples; tests: of the
    module's row);
  * no file includes two third parties that bring different copies of one library.
Exit status 1 and one line per offence otherwise.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
THIRD_PARTIES = {
    "nlohmann-json": re.compile(r"^nlohmann/"),
    "xxhash": re.compile(r"^xxhash\.h$"),
    "Boost.Math": re.compile(r"^boost/math/"),
    "libcurl": re.compile(r"^curl/"),
    "Boost.CRC": re.compile(r"^boost/crc"),
    "HepMC3": re.compile(r"^HepMC3/"),
    "zlib": re.compile(r"^zlib\.h$"),
    "libdeflate": re.compile(r"^libdeflate\.h$"),
    "HDF5": re.compile(r"^(hdf5|H5\w+)\.h$"),
    "ROOT": re.compile(r"^(ROOT/|T[A-Z][A-Za-z0-9]+\.h$|Compression\.h$|RVersion\.h$)"),
    "protobuf": re.compile(r"^(google/protobuf/|onnx-ml\.pb\.h$)"),
    "LibTorch": re.compile(r"^(torch/|ATen/|c10/)"),
    "ONNX Runtime": re.compile(r"^onnxruntime"),
    "Highway": re.compile(r"^hwy/"),
    "yaml-cpp": re.compile(r"^yaml-cpp/"),
    "CLI11": re.compile(r"^CLI/"),
    "nanobind": re.compile(r"^nanobind/"),
    "spdlog": re.compile(r"^(spdlog/|fmt/)"),
}
# LibTorch has its own fmt/ and google/, ROOT its own nlohmann/.
INCOMPATIBLE = (("LibTorch", "spdlog"), ("LibTorch", "protobuf"), ("ROOT", "nlohmann-json"))
# Whose private headers a benchmark measures, where its name does not say it (<module>_bench.cpp).
MEASURED = {"kernels_bench.cpp": "models", "reference_steps.cpp": "training"}


@dataclass
class Row:
    modules: set[str] = field(default_factory=set)
    config_only: set[str] = field(default_factory=set)
    public: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)


def split_third_parties(cell: str) -> tuple[set[str], set[str]]:
    """'LibTorch; private: a, b' -> ({'LibTorch'}, {'a', 'b'})."""
    public: set[str] = set()
    private: set[str] = set()
    for part in cell.split(";"):
        target = private if part.strip().startswith("private:") else public
        target.update(
            name.strip() for name in part.replace("private:", "").split(",") if name.strip()
        )
    return public, private


def read_table(text: str) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for line in text.split("## Layers")[1].split("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 3 or cells[0] in ("module", "---"):
            continue
        config_only = set(re.findall(r"(\w+)\(config headers\)", cells[1]))
        modules = set(re.sub(r"\w+\(config headers\)", "", cells[1]).split())
        public, private = split_third_parties(cells[2])
        rows[cells[0]] = Row(modules, config_only, public, private)
    return rows


def check_include(module: str, row: Row, include: str, is_public: bool) -> str | None:
    if include.startswith("stationhit/"):
        other = include.split("/")[1]
        if other == module or other in row.modules:
            return None
        if other in row.config_only and include.endswith("_config.hpp"):
            return None
        return f"includes <{include}>, but the row of {module} does not name {other}"
    for name, pattern in THIRD_PARTIES.items():
        if not pattern.search(include):
            continue
        if name not in row.public | row.private:
            return f"includes <{include}>, but the row of {module} does not name {name}"
        if is_public and name in row.private:
            return f"public header includes <{include}>, but {name} is private to {module}"
    return None


def check_links(module: str, row: Row, cmake: str) -> list[str]:
    allowed = row.modules | row.config_only | {module}
    found = set(re.findall(r"stationhit::(\w+)", cmake))
    for block in re.findall(r"PUBLIC\s+((?:[a-z_]+\s*)+)", cmake):
        found |= set(block.split())
    return [
        f"links {other}, but the row of {module} does not name it"
        for other in sorted(found - allowed)
        if (ROOT / "src" / other).is_dir()
    ]


def row_outside(path: Path) -> str:
    """The row that holds for a file outside src (path relative to the root)."""
    if path.parts[0] == "apps":
        return "apps/stationhit"
    if path.parts[:2] == ("tests", "unit"):
        return "apps/stationhit" if path.parts[2] == "frame" else path.parts[2]
    if path.parts[0] == "python":
        return "python/bindings"
    return path.parts[0]


def may_see_private_headers(path: Path) -> str:
    """The module whose private headers a file outside src may include; "" where there is none."""
    if path.parts[:2] == ("tests", "unit"):
        return path.parts[2]
    if path.parts[0] == "bench":
        return MEASURED.get(path.name, path.name.removesuffix("_bench.cpp"))
    return ""


def check_path(path: Path, include: str) -> str | None:
    """The include of a file outside src, if it leads into sources that the file may not see."""
    target = Path(os.path.normpath(path.parent / include)) if ".." in include else Path(include)
    if target.parts[0] == "src" and target.parts[1] != may_see_private_headers(path):
        return f"includes {include}, a private header of {target.parts[1]}"
    if target.parts[0] == "apps" and row_outside(path) != "apps/stationhit":
        return f"includes {include}, a source of the program"
    if ".." in include and target.parts[0] not in ("src", path.parts[0]):
        return f"includes {include} outside of its own folder"
    if ".." in include and target.parts[:2] == ("tests", "support"):
        return f"includes {include}; write <support/{target.name}>"
    return None


def check_outside(path: Path, includes: list[str], rows: dict[str, Row]) -> list[str]:
    row = rows.get(row_outside(path), Row())
    problems = []
    for include in includes:
        if problem := check_path(path, include):
            problems.append(problem)
        if path.parts[0] == "python" and (
            problem := check_include("python/bindings", row, include, False)
        ):
            problems.append(problem)
            continue
        for name, pattern in THIRD_PARTIES.items():
            if pattern.search(include) and name not in row.public | row.private:
                text = f"the row of {row_outside(path)} does not name {name}"
                problems.append(f"includes <{include}>, but {text}")
    return problems


def check_incompatible(includes: list[str]) -> list[str]:
    found = {name for name, pattern in THIRD_PARTIES.items() if any(map(pattern.search, includes))}
    pairs = [pair for pair in INCOMPATIBLE if found.issuperset(pair)]
    return [f"includes {one} and {other}, which do not go together" for one, other in pairs]


def sources_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".hpp", ".cpp"))


def offences_outside(rows: dict[str, Row]) -> list[str]:
    offences = []
    for folder in ("apps", "bench", "tests", "examples", "python"):
        for file in sources_in(ROOT / folder):
            path = file.relative_to(ROOT)
            includes = INCLUDE.findall(file.read_text())
            problems = check_outside(path, includes, rows) + check_incompatible(includes)
            offences += [f"{path}: {problem}" for problem in problems]
    return offences


def main() -> int:
    rows = read_table((ROOT / "docs/design.md").read_text())
    offences = []
    for folder in sorted((ROOT / "src").iterdir()):
        if not (folder / "CMakeLists.txt").exists():
            continue
        row = rows.get(folder.name)
        if row is None:
            offences.append(f"src/{folder.name}: no row in the layer table of docs/design.md")
            continue
        offences += [
            f"src/{folder.name}/CMakeLists.txt: {text}"
            for text in check_links(folder.name, row, (folder / "CMakeLists.txt").read_text())
        ]
        for path in sources_in(folder):
            includes = INCLUDE.findall(path.read_text())
            where = path.relative_to(ROOT)
            offences += [f"{where}: {problem}" for problem in check_incompatible(includes)]
            for include in includes:
                problem = check_include(
                    folder.name, row, include, "include" in path.relative_to(folder).parts
                )
                if problem:
                    offences.append(f"{path.relative_to(ROOT)}: {problem}")
    offences += offences_outside(rows)
    print("\n".join(offences), end="\n" if offences else "", file=sys.stderr)
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
