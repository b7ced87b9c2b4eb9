"""The comparison of kinds of context in bench/peers: a run of the command, and its compaction."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Run, set_options

PEERS = ROOT / "bench" / "peers"
sys.path.insert(0, str(PEERS))
torch = pytest.importorskip("torch")
from context_networks import CONTEXTS, Hits, join, take  # noqa: E402


def hits_with(table: list[list[int]]) -> Hits:
    n = len(table)
    return Hits(
        torch.arange(2.0 * n).view(n, 2),
        torch.tensor(table),
        torch.zeros(n),
        torch.ones(n),
        torch.arange(n) // 2,
        torch.zeros(n, dtype=torch.long),
        torch.zeros(n),
    )


def test_rows_that_are_taken_keep_their_neighbors() -> None:
    kept = take(hits_with([[1, 2], [0, -1], [3, 0], [2, 1]]), torch.tensor([0, 2, 3]))
    assert kept.table.tolist() == [[-1, 1], [2, 0], [1, -1]]
    assert kept.features.tolist() == [[0, 1], [4, 5], [6, 7]]
    assert kept.group.tolist() == [0, 1, 1]


def test_events_of_a_call_keep_apart() -> None:
    both = join([hits_with([[1], [-1]]), hits_with([[1], [0]])])
    assert both.table.tolist() == [[1], [-1], [3], [2]]
    assert both.event.tolist() == [0, 0, 1, 1]
    assert both.group.tolist() == [0, 0, 1, 1]
    assert both.n_events() == 2


@pytest.fixture(scope="module")
def peers_set(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("variants") / "set"
    splits = {f"{split}_path": prepared / split for split in ("train", "val", "test")}
    run("prepare", "--materialize", PEERS / "sample.yaml", "-o", folder, *set_options(splits))
    return folder


def test_every_kind_of_context_is_measured(peers_set: Path, tmp_path: Path) -> None:
    command = [sys.executable, PEERS / "context_variants.py", peers_set, "--output", tmp_path]
    command += ["--events", "8", "--tuning", "20", "--first-epochs", "1", "--epochs", "1"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    results = json.loads((tmp_path / "context_variants.json").read_text())["results"]
    assert [row["model"].split(" (")[0] for row in results] == list(CONTEXTS)
    assert all(row["working_points"]["0.99"] for row in results)


def test_too_few_events_are_named(peers_set: Path) -> None:
    command = [sys.executable, PEERS / "context_variants.py", peers_set, "--events", "5000"]
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "--events and --tuning need 5400; lower them or simulate more events" in done.stderr
