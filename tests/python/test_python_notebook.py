"""The notebooks of examples/python: every cell runs and prints what it shows."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "examples" / "python").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook(notebook: Path, python_package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.chdir(notebook.parent)
    variables: dict[str, Any] = {}
    cells = json.loads(notebook.read_text())["cells"]
    for i, cell in enumerate(cell for cell in cells if cell["cell_type"] == "code"):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("".join(cell["source"]), f"cell {i + 1}", "exec"), variables)
        shown = [output for output in cell["outputs"] if output.get("name") == "stdout"]
        assert printed.getvalue() == "".join("".join(output["text"]) for output in shown)
