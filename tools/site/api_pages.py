"""Pages of the C++ and C interface, one for each header of the installed package, from Doxygen's
XML; and how many declarations have no comment.
"""

from __future__ import annotations

import re
from pathlib import Path

from declarations import Declaration, Reader, commented, lines_of

# The modules of the installed package (cmake/Install.cmake), those first that programs call.
MODULES = {
    "inference": "From an event to a score for every hit.",
    "core": "Events, their columns, errors, files, settings.",
    "features": "What a network sees of a hit, its normalization, and inputs as a whole.",
    "graph": "Buckets, nodes and neighbors.",
    "architecture": "The description of a network, without Torch.",
    "engine": "Runs a network from its description and its weights.",
    "onnx_file": "ONNX files and their metadata.",
    "operators": "The engine as an operator of ONNX Runtime.",
    "kernels": "Matrix products, messages and attention in vectors.",
    "metrics": "Efficiency, purity, rejection and their intervals.",
    "root_io": "Ntuples and shards of ROOT.",
    "hdf5_io": "Padded arrays of HDF5.",
    "c_api": "The C interface, stationhit.h.",
}

CPP_PAGE = """\
# C++ interface

The headers of the [installed package](../docs/embedding.md#what-is-installed), by module. A program
that scores events begins with {{cpp:class}}`stationhit::inference::HitClassifier`
([how](../docs/deployment.md#in-a-program-of-your-own)) and
{{cpp:struct}}`stationhit::core::EventColumns`. Units are mm, ns, GeV and rad; numbers in brackets,
as in [n_hits], are shapes. Before version 1.0 every minor version may change this interface.

| module | content |
|---|---|
{rows}

```{{toctree}}
:hidden:
:maxdepth: 1

{entries}
```
"""

MODULE_PAGE = """\
# stationhit::{module}

{description}

```{{toctree}}
:maxdepth: 1

{entries}
```
"""

HEADER_PAGE = """\
{title}
{underline}

{paragraphs}

.. code-block:: {language}

   #include <{path}>

{declarations}
"""

PYTHON_PAGE = """\
Python interface
================

:doc:`How it is used <../docs/python>`. The classes ``Error``, ``DataError``, ``UsageError`` and
``ConfigError`` are the exceptions of the C++ interface.
"""
PYTHON_MODULE = """
.. autoapimodule:: {name}
   :members:
   :imported-members:
"""
COMPILED_PYTHON = """
Compiled members of HitClassifier
---------------------------------

.. autoapiclass:: stationhit._stationhit.HitClassifier
   :members:
"""


def python_page(package: Path) -> str:
    """The package and those of its modules that it shows."""
    shown = re.findall(r'(?m)^    "(\w+)",$', (package / "__init__.py").read_text())
    modules = [name for name in shown if (package / f"{name}.py").exists()]
    names = ["stationhit", *(f"stationhit.{name}" for name in modules)]
    parts = [PYTHON_PAGE]
    for name in names:
        if name != "stationhit":
            parts.append(f"\n{name}\n{'-' * len(name)}\n")
        parts.append(PYTHON_MODULE.format(name=name))
    if (package / "_stationhit.pyi").exists():
        parts.append(COMPILED_PYTHON)
    return "".join(parts)


def module_of(header: str) -> str:
    parts = header.split("/")
    return parts[1] if len(parts) > 2 else "c_api"


class Api:
    """The interface as Doxygen has read it."""

    def __init__(self, xml: Path) -> None:
        reader = Reader(xml)
        self.headers = reader.headers()
        assert {module_of(header) for header in self.headers} == set(MODULES)
        self.declared: dict[str, list[Declaration]] = {header: [] for header in self.headers}
        for one in reader.declarations():
            self.declared[one.header].append(one)
        for found in self.declared.values():
            found.sort(key=lambda one: one.line)

    def write(self, folder: Path, python: Path) -> None:
        """Writes cpp.md, c.rst, python.rst and what the first lists."""
        folder.mkdir(parents=True)
        cpp = [module for module in MODULES if module != "c_api"]
        for module in cpp:
            (folder / "cpp" / module).mkdir(parents=True)
            own = [header for header in self.headers if module_of(header) == module]
            for header in own:
                page = self.page_of(header, Path(header).name, "cpp")
                (folder / "cpp" / module / f"{Path(header).stem}.rst").write_text(page)
            entries = "\n".join(f"{module}/{Path(header).stem}" for header in own)
            text = MODULE_PAGE.format(module=module, description=MODULES[module], entries=entries)
            (folder / "cpp" / f"{module}.md").write_text(text)
        rows = "\n".join(f"| [{module}](cpp/{module}.md) | {MODULES[module]} |" for module in cpp)
        entries = "\n".join(f"cpp/{module}" for module in cpp)
        (folder / "cpp.md").write_text(CPP_PAGE.format(rows=rows, entries=entries))
        (folder / "c.rst").write_text(self.page_of("stationhit.h", "C interface", "c"))
        (folder / "python.rst").write_text(python_page(python))

    def page_of(self, header: str, title: str, domain: str) -> str:
        lines = [line for one in self.declared[header] for line in lines_of(one, domain)]
        return HEADER_PAGE.format(
            title=title,
            underline="=" * len(title),
            paragraphs="\n\n".join(self.headers[header]),
            language=domain,
            path=header,
            declarations="\n".join(lines),
        )

    def without_comment(self) -> dict[str, list[str]]:
        """The declarations that have no comment, by module."""
        found: dict[str, list[str]] = {module: [] for module in MODULES}
        for header, declared in self.declared.items():
            names = [name for name, has_comment in commented(declared).items() if not has_comment]
            found[module_of(header)] += names
        return found
