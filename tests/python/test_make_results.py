"""The page of results: runs are added call by call, and its numbers are those of their tests."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

SCRIPT = ROOT / "bench/results/make_results.py"


def test_the_page_has_all_finished_runs(stationhit: Path, prepared: Path, tmp_path: Path) -> None:
    page = tmp_path / "results.md"

    def make(*options: str) -> None:
        command = [sys.executable, SCRIPT, "--prepared", prepared, "--runs", tmp_path / "runs"]
        command += ["--epochs", "1", "--latency-events", "2", "--program", stationhit, *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    make("--recipes", "edgeconv_attention", "--seeds", "1", "2")
    assert not page.exists()
    make("--recipes", "two_stage", "--seeds", "1", "--output", str(page))
    text = page.read_text()
    assert text.index("| `two_stage` |") < text.index("| `edgeconv_attention` |")
    assert "Seeds: `two_stage` 1; `edgeconv_attention` 1, 2." in text
    tests = [
        json.loads((tmp_path / f"runs/edgeconv_attention/seed{seed}/test/metrics.json").read_text())
        for seed in (1, 2)
    ]
    for parts in (tests, [test["per_node"] for test in tests]):
        values = [part["working_points"][1]["purity"]["value"] for part in parts]
        assert f"{statistics.mean(values):.3f} +- {statistics.stdev(values):.3f}" in text
    alone = json.loads((tmp_path / "runs/two_stage/seed1/test/metrics.json").read_text())
    purity = alone["working_points"][1]["purity"]
    assert f"{purity['value']:.3f} [{purity['low']:.3f}, {purity['high']:.3f}]" in text
