"""The Python package as `pip install .` puts it there: what it is made of, loads and declares."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, execute


def test_what_the_package_is_made_of(python_package: Path) -> None:
    folder = python_package / "stationhit"
    (module,) = folder.glob("_stationhit*.so")
    needed = subprocess.run(
        ["readelf", "-dW", module], capture_output=True, text=True, check=True
    ).stdout
    assert not re.search(r"NEEDED.*(torch|c10|Core|Tree|onnxruntime)", needed)
    bundled = {path.name for path in (folder / "libraries").iterdir()}
    system = ("libstdc++.so", "libm.so", "libgcc_s.so", "libc.so", "ld-linux")
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", needed):
        assert name.startswith(system) or name in bundled
    assert re.search(r"\(RPATH\).*\[\$ORIGIN/libraries\]", needed)
    symbols = subprocess.run(
        ["nm", "-D", "--defined-only", module], capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[2] for line in symbols.splitlines()] == ["PyInit__stationhit"]
    assert (folder / "py.typed").exists()
    assert "def scores(" in (folder / "_stationhit.pyi").read_text()
    assert "Highway" in (folder / "doc" / "NOTICE").read_text()
    version = re.search(r"stationhit VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    assert version
    assert (
        execute(python_package, "import stationhit; print(stationhit.__version__)").strip()
        == version[1]
    )


def test_the_package_imports_numpy_only(python_package: Path) -> None:
    """Awkward, uproot and what takes long are imported by what needs them."""
    source = """
import sys
for name in ("awkward", "uproot", "torch", "ROOT", "onnxruntime"):
    sys.modules[name] = None
import numpy, stationhit
classifier = stationhit.HitClassifier("two_stage")
columns = {name: numpy.zeros(0, kind) for name, kind in stationhit.columns.items()}
print(len(classifier.scores(columns)))
try:
    stationhit.event_columns
except ImportError as error:
    print(error)
"""
    assert execute(python_package, source).splitlines() == [
        "0",
        "jagged events need awkward: python3 -m pip install awkward",
    ]


def test_the_package_beside_torch_and_onnxruntime(python_package: Path) -> None:
    source = """
import torch, onnxruntime, onnx, stationhit
stationhit.HitClassifier("two_stage")
print(torch.ones(3).sum().item(), len(onnx.load(stationhit.models()["two_stage"]).graph.node) > 0)
"""
    assert execute(python_package, source).strip() == "3.0 True"


TYPED = """
import numpy as np
import stationhit

classifier = stationhit.HitClassifier("two_stage", backend="engine")
scores: np.ndarray = classifier.scores({})
scores = classifier.scores(np.zeros(3, [("spacePoint_PositionX", np.float32)]))
cut: float = classifier.thresholds["0.99"]
counts: stationhit.metrics.Counts = stationhit.metrics.RankedScores(scores, scores).counts_at(cut)
stationhit.HitClassifier("two_stage", backend="torch")
classifier.scores(3)
"""


def test_the_package_is_typed(python_package: Path, tmp_path: Path) -> None:
    (tmp_path / "typed.py").write_text(TYPED)
    arguments = ["--ignore-missing-imports", "--no-error-summary", "--hide-error-context"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments, "--config-file=", "typed.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(python_package)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["typed.py:10", "typed.py:11"], done.stdout
