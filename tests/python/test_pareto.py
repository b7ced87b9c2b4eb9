"""bench/results/pareto.py: purity against loops, the front, and a run of the command."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

SCRIPT = ROOT / "bench/results/pareto.py"
sys.path.insert(0, str(SCRIPT.parent))
from pareto import Form, front, purities  # noqa: E402


def test_purity_is_that_above_the_score_of_99_percent_of_the_signal() -> None:
    random = np.random.default_rng(3)
    is_signal = random.random(3000) < 0.2
    scores = random.normal(size=3000) + 2 * is_signal
    found = purities(scores, is_signal, np.repeat(np.arange(30), 100), 30)
    signal = np.sort(scores[is_signal])[::-1]
    cut = signal[int(np.ceil(0.99 * len(signal))) - 1]
    assert found[0] == pytest.approx(is_signal[scores >= cut].mean())
    assert found.shape == (201,) and found[1:].std() > 0


def form(name: str, ms: float, purity: float) -> Form:
    return Form(name, Path(name), name, times=[ms], purity={"value": purity})


def test_the_front_has_what_no_other_form_beats() -> None:
    forms = [form("slow", 9, 0.5), form("fast", 1, 0.2), form("worse", 2, 0.2), form("m", 3, 0.4)]
    assert [each.name for each in front(forms)] == ["fast", "m", "slow"]


def test_models_are_laid_side_by_side(
    stationhit: Path, random_model: Path, prepared: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(random_model.read_bytes())
    command = [
        *(sys.executable, SCRIPT, random_model, f"again={other}", "--input", prepared / "val"),
        *("-o", tmp_path / "out", "--rounds", "2", "--timed-events", "2", "--program", stationhit),
        *("--precisions", "bfloat16"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((tmp_path / "out/pareto.csv").open()))
    names = ["model", "again", "model, bfloat16", "again, bfloat16"]
    assert [row["form"] for row in rows] == names
    assert rows[0]["purity"] == rows[1]["purity"]
    for row in rows:
        assert row["backend"] == "engine"
        assert 0 < float(row["ms_low"]) <= float(row["ms"]) <= float(row["ms_high"])
        assert float(row["purity_low"]) <= float(row["purity"]) <= float(row["purity_high"])
    assert "| model | engine |" in (tmp_path / "out/pareto.md").read_text()
    for suffix in ("png", "pdf"):
        assert (tmp_path / f"out/pareto.{suffix}").stat().st_size > 0
    missing = subprocess.run(
        [*command[:2], "none.onnx", *command[4:]], capture_output=True, text=True, check=False
    )
    assert missing.returncode == 1
    assert "error: none.onnx: no such run directory or model" in missing.stderr
