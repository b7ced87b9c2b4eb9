"""The Python peers of bench/peers compute what our program computes: `compare_training.py` with one
repetition."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, built_program

PEERS = {"edgeconv_gat": 3, "edgeconv_attention": 2}  # how many there are


@pytest.mark.parametrize("architecture", PEERS)
def test_training_steps_of_the_peers_are_ours(architecture: str, tmp_path: Path) -> None:
    program = built_program("reference_steps")
    script = ROOT / "bench" / "peers" / "compare_training.py"
    command = [
        sys.executable,
        str(script),
        architecture,
        "--program",
        str(program),
        "--repetitions",
        "1",
        "--output",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ours, *peers = json.loads((tmp_path / "training.json").read_text())["networks"][architecture]
    assert ours["name"] == "ours"
    assert len(peers) == PEERS[architecture]
    assert ours["losses"][-1] < ours["losses"][0]
    for peer in peers:
        assert peer["losses"] == pytest.approx(ours["losses"], rel=1e-4)
        assert peer["memory"] > ours["memory"] > 0
    assert f"| ours | {ours['step']['minimum']:.2f} /" in (tmp_path / "training.md").read_text()


def test_comparison_stops_where_losses_differ(tmp_path: Path) -> None:
    """Instead of our program one that writes the same files and answers with other losses."""
    program = tmp_path / "other_losses"
    program.write_text(
        f'#!/bin/sh\n{built_program("reference_steps")} "$@" </dev/null\nwhile read -r '
        "request; do echo 1 0.5; done\n"
    )
    program.chmod(0o755)
    script = ROOT / "bench" / "peers" / "compare_training.py"
    command = [
        sys.executable,
        str(script),
        "edgeconv",
        "--program",
        str(program),
        "--output",
        str(tmp_path / "output"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "PyTorch Geometric: losses" in done.stderr and "differ from ours" in done.stderr
    assert not (tmp_path / "output").exists()
