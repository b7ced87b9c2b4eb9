#!/usr/bin/env python3
"""Holds includes and link lines against the layer table of docs/design.md.

The table there is the one that counts: module | may use | third parties. Checked for every module under src/:
  * #include <stationhit/X/...> only where X is the module itself or stands in its "may use" cell;
    "X(config headers)" allows only X's *_config.hpp;
  * headers of third parties only in the modules whose row names them, and never in public headers where the row says private;
  * PUBLIC and stationhit:: link lines name only modules of the "may use" cell.
Exit status 1 and one line per offence otherwise.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
THIRD_PARTIES = {
    "nlohmann-json": re.compile(r"^nlohmann/"),
    "xxhash": re.compile(r"^xxhash\.h$"),
    "Boost.Math": re.compile(r"^boost/"),
    "HepMC3": re.compile(r"^HepMC3/"),
    "zlib": re.compile(r"^zlib\.h$"),
    "ROOT": re.compile(r"^(ROOT/|T[A-Z][A-Za-z0-9]+\.h$|Compression\.h$|RVersion\.h$)"),
    "protobuf": re.compile(r"^(google/protobuf/|onnx-ml\.pb\.h$)"),
    "LibTorch": re.compile(r"^(torch/|ATen/|c10/)"),
    "ONNX Runtime": re.compile(r"^onnxruntime"),
    "Highway": re.compile(r"^hwy/"),
    "yaml-cpp": re.compile(r"^yaml-cpp/"),
    "CLI11": re.compile(r"^CLI/"),
    "spdlog": re.compile(r"^(spdlog/|fmt/)"),
}


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
        target.update(name.strip() for name in part.replace("private:", "").split(",") if name.strip())
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
    return [f"links {other}, but the row of {module} does not name it" for other in sorted(found - allowed) if (ROOT / "src" / other).is_dir()]


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
        offences += [f"src/{folder.name}/CMakeLists.txt: {text}" for text in check_links(folder.name, row, (folder / "CMakeLists.txt").read_text())]
        for path in sorted(folder.rglob("*")):
            if path.suffix not in (".hpp", ".cpp"):
                continue
            for include in INCLUDE.findall(path.read_text()):
                problem = check_include(folder.name, row, include, "include" in path.relative_to(folder).parts)
                if problem:
                    offences.append(f"{path.relative_to(ROOT)}: {problem}")
    print("\n".join(offences), end="\n" if offences else "", file=sys.stderr)
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
