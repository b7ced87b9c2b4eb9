"""The notebook of examples/03_python: every cell runs and prints what it shows."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

NOTEBOOK = ROOT / "examples" / "03_python" / "score_events.ipynb"


def test_notebook(python_package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.chdir(NOTEBOOK.parent)
    variables: dict[str, Any] = {}
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    for i, cell in enumerate(cell for cell in cells if cell["cell_type"] == "code"):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("".join(cell["source"]), f"cell {i + 1}", "exec"), variables)
        shown = [output for output in cell["outputs"] if output.get("name") == "stdout"]
        assert printed.getvalue() == "".join("".join(output["text"]) for output in shown)
