"""The published hit filter of bench/peers: its window against dense attention with a mask,
its inputs against the columns of the shards, and runs of the command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import torch
import uproot
from conftest import ROOT
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

PEERS = ROOT / "bench" / "peers"
sys.path.insert(0, str(PEERS))
from filter_network import HitFilter, Shape, load_network, window_attention  # noqa: E402
from hit_inputs import COLUMNS, INPUTS, HitSplit  # noqa: E402
from published_filter import main, make_network  # noqa: E402

SMALL = Shape(len(INPUTS), width=12, layers=2, heads=2, window=8, feed_forward=16)


def dense_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, window: int
) -> Any:
    """The definition: one mask of all pairs."""
    place = torch.arange(query.shape[1])
    distance = (place[:, None] - place).abs()
    distance = torch.minimum(distance, len(place) - distance)
    scores = query @ key.transpose(1, 2) / query.shape[2] ** 0.5
    return scores.masked_fill(distance > window // 2, -torch.inf).softmax(dim=2) @ value


@pytest.mark.parametrize("window", [1, 2, 16, 512])
@pytest.mark.parametrize("n", [1, 2, 3, 17, 18, 63, 64, 65, 513, 514, 700])
def test_window_is_that_of_a_dense_mask(n: int, window: int) -> None:
    torch.manual_seed(n)
    inputs = [torch.randn(3, n, 4, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    weight = torch.randn(3, n, 4, dtype=torch.float64)
    found, expected = (
        of(inputs[0], inputs[1], inputs[2], window) for of in (window_attention, dense_attention)
    )
    torch.testing.assert_close(found, expected)
    gradients = [torch.autograd.grad((x * weight).sum(), inputs) for x in (found, expected)]
    torch.testing.assert_close(gradients[0], gradients[1])


class LargestTensor(TorchDispatchMode):
    """Remembers the number of elements of the largest result of an operation."""

    elements = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None) -> Any:
        result = operation(*args, **(kwargs or {}))
        tensors = result if isinstance(result, tuple | list) else (result,)
        sizes = [x.untyped_storage().size() for x in tensors if isinstance(x, Tensor)]
        self.elements = max([self.elements, *sizes])
        return result


def test_memory_is_linear_in_the_hits() -> None:
    largest = []
    for n in (2048, 4096, 8192):
        with torch.no_grad(), LargestTensor() as mode:
            window_attention(*torch.randn(3, 2, n, 4), 64)
        largest.append(mode.elements)
    assert largest[1] == pytest.approx(2 * largest[0], rel=0.1)
    assert largest[2] == pytest.approx(4 * largest[0], rel=0.1)


def random_hits(n: int) -> Tensor:
    hits = torch.randn(n, len(INPUTS), generator=torch.Generator().manual_seed(n))
    hits[:, INPUTS.index("phi")] = torch.linspace(-3.1, 3.1, n)
    return hits


def test_scores_follow_the_hits() -> None:
    network, hits = make_network(SMALL, 1).double(), random_hits(50).double()
    order = torch.randperm(50)
    torch.testing.assert_close(network(hits)[order], network(hits[order]))


def test_a_hit_sees_the_window_across_pi_and_no_further() -> None:
    network, hits = make_network(SMALL, 2).double(), random_hits(50).double()
    changed = hits.clone()
    changed[0, 0] += 1  # the smallest phi
    difference = (network(changed) - network(hits)).abs() > 1e-12
    reach = SMALL.layers * SMALL.window // 2
    assert difference.nonzero()[:, 0].tolist() == [*range(reach + 1), *range(50 - reach, 50)]


def test_the_full_network_has_the_published_size() -> None:
    network = make_network(Shape(), 0)
    assert 1.3e6 < sum(weight.numel() for weight in network.parameters()) < 1.45e6
    assert len(network.layers) == 8 and Shape().window == 512 and len(INPUTS) == Shape().inputs


def test_normalization_keeps_constant_inputs() -> None:
    network = HitFilter(SMALL, 13, 17, 16)
    network.normalize([1.0] * 18, [0.0] + [2.0] * 17, 0.01)
    assert network.inv_std.tolist() == [1.0] + [0.5] * 17 and network.mean.tolist() == [1.0] * 18
    assert torch.sigmoid(network.logit.bias).item() == pytest.approx(0.01)


def test_inputs_are_those_of_the_shards(prepared: Path) -> None:
    split = HitSplit(prepared / "train")
    shards = [split.folder / shard["file"] for shard in split.manifest["shards"]]
    events = ak.concatenate([uproot.open(path)["events"].arrays() for path in shards])
    found = list(split.events(split.n_events))
    assert len(shards) > 1 and len(found) == len(events) == split.n_events
    for event, raw in zip(found, events, strict=True):
        x, y, z = (np.asarray(raw[f"spacePoint_globPos{axis}"], float) for axis in "XYZ")
        columns = [np.asarray(raw[f"spacePoint_{name}"], float) for name in COLUMNS]
        r, s = np.sqrt(x**2 + y**2), np.sqrt(x**2 + y**2 + z**2)
        theta = np.arccos(z / s)
        columns += [r, s, theta, np.angle(x + 1j * y), -np.log(np.tan(theta / 2))]
        np.testing.assert_allclose(event.inputs, np.stack(columns, 1), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(event.is_true, np.asarray(raw["spacePoint_truthLink"]) >= 0)


def test_random_order_has_every_event_once(prepared: Path) -> None:
    split, n = HitSplit(prepared / "train"), 60
    assert n > split.manifest["shards"][0]["counts"]["events"]
    sums = [
        [event.inputs.sum(dtype=float) for event in split.events(n, order)]
        for order in (None, np.random.default_rng(5))
    ]
    assert sorted(sums[0]) == sorted(sums[1]) and sums[0] != sums[1] and len(sums[0]) == n


def network_options(events: int, epochs: int) -> list[str]:
    sizes = {"width": 12, "layers": 2, "heads": 2, "window": 64, "learning-rate": 0.01}
    options = {**sizes, "events": events, "epochs": epochs, "batch": 4}
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]


def test_the_commands_train_and_test(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "filter.safetensors"
    main(["train", str(prepared / "train"), "-o", str(path), *network_options(40, 3)])
    lines = [line for line in capsys.readouterr().out.splitlines() if "mean loss" in line]
    losses = [float(line.split()[4].rstrip(",")) for line in lines]
    assert len(losses) == 3 and losses[2] < losses[0]
    script = PEERS / "published_filter.py"
    command = [sys.executable, script, "test", prepared / "test", path]
    command += ["--working-points", "0.9", "--output", tmp_path]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "published_filter.json").read_text())
    (row,) = results["results"]
    split, (network, about) = HitSplit(prepared / "test"), load_network(path)
    with torch.inference_mode():
        scored = [
            (network(torch.from_numpy(event.inputs)).numpy(), event.is_true)
            for event in split.events(split.n_events)
        ]
    score, label = (np.concatenate(part) for part in zip(*scored, strict=True))
    threshold = np.sort(score[label])[::-1][int(np.ceil(0.9 * label.sum())) - 1]
    expected = label[score >= threshold].mean()
    assert row["working_points"]["0.9"]["purity"][0] == pytest.approx(expected)
    assert expected > 1.2 * label.mean()
    assert f"| published hit filter | hit | {expected:.3f} [" in done.stdout
    assert results["test"] == {"events": split.n_events, "hits": len(label)}
    assert about["events"] == 40 and about["epochs"] == 3


def test_training_depends_on_the_seed_alone(prepared: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        options = ["-o", str(tmp_path / name), "--seed", str(seed), *network_options(6, 1)]
        main(["train", str(prepared / "train"), *options])
    a, b, c = (load_network(tmp_path / name)[0].state_dict() for name in "abc")
    for name, tensor in a.items():
        assert torch.equal(tensor, b[name])
    assert not torch.equal(a["embed.0.weight"], c["embed.0.weight"])


def test_time_is_given_per_event(capsys: pytest.CaptureFixture[str]) -> None:
    main(["time", "--hits", "40", "--repetitions", "2"])
    head, forward, both = capsys.readouterr().out.splitlines()
    assert head.startswith("40 hits, float32, random weights, 1 thread(s)")
    assert head.endswith("minimum / median of 2 in ms per event")
    number = r"(\d+\.\d+)"
    for name, line in (("forward", forward), ("forward and backward", both)):
        match = re.fullmatch(f"{name}: {number} / {number}, CPU time {number} / {number}", line)
        assert match
        wall, wall_median, cpu, cpu_median = map(float, match.groups())
        assert 0 < wall <= wall_median and 0 < cpu <= cpu_median


def test_files_that_do_not_fit_are_named(prepared: Path, tmp_path: Path) -> None:
    output = ["-o", str(tmp_path / "x")]
    for arguments, message in (
        (["train", str(tmp_path), *output], f"{tmp_path}/manifest.json: no such file; give the"),
        (["train", str(prepared), *output], "describes a prepared set, not a prepared split; give"),
        (
            ["train", str(prepared / "train"), *output, "--events", "5000"],
            "but 5000 are asked for (--events); lower the number or prepare a larger sample",
        ),
        (["test", str(prepared / "test"), str(tmp_path / "x")], "x: no such file; `published_"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert message in str(stopped.value)


def test_a_split_without_the_columns_is_named(prepared: Path, tmp_path: Path) -> None:
    manifest = json.loads((prepared / "test/manifest.json").read_text())
    lacking = ["spacePoint_covXX", "spacePoint_globEdgeLowX", "spacePoint_globEdgeHighX"]
    manifest["missing_branches"] = [{"file": "a.root", "branches": lacking}]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(SystemExit) as stopped:
        HitSplit(tmp_path)
    assert "lack spacePoint_globEdgeHighX, spacePoint_globEdgeLowX, which" in str(stopped.value)


def test_a_file_of_another_program_is_named(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(SystemExit, match="other.safetensors: no network of published_filter.py"):
        load_network(tmp_path / "other.safetensors")


def test_wrong_options_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, message in (
        (["--width", "10", "--heads", "4"], "--width 10: expected a multiple of --heads 4"),
        (["--learning-rate", "0"], "argument --learning-rate: 0: expected a number above 0"),
        (["--epochs", "0"], "argument --epochs: 0: expected a whole number from 1"),
    ):
        with pytest.raises(SystemExit, match="2"):
            main(["train", str(tmp_path), "-o", str(tmp_path / "x"), *options])
        assert message in capsys.readouterr().err
