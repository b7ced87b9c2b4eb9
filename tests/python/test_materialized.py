"""Training and testing from materialized sets: the numbers are those of the shards; what does not
fit is named."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TIMES, Run, set_options
from safetensors import safe_open
from safetensors.numpy import load_file

USAGE, CONFIG, DATA = 2, 3, 4
RUN = """
train_path: {prepared}/train
val_path: {prepared}/val
test_path: {prepared}/test
normalization_stats: {folder}/statistics.yaml
threads: 2
features: [localX, localY, localZ, driftR, technology, neighbors]
graph: {{k: 8}}
model: {{architecture: edgeconv, encoding: {{scales: [-3, -2, -1, 0, 1, 2]}}, width: 16,
  blocks: 2, heads: 2, bands: 2, dropout: 0.1}}
training: {{epochs: 2, batch_size: 4, optimizer: {{learning_rate: 0.002}}}}
"""


@pytest.fixture(scope="module")
def config(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("materialised")
    path = folder / "run.yaml"
    path.write_text(RUN.format(folder=folder, prepared=prepared))
    run("stats", "-c", path)
    return path


@pytest.fixture(scope="module")
def materialized(run: Run, config: Path) -> Path:
    folder = config.parent / "set"
    run("prepare", "--materialize", config, "-o", folder)
    return folder


def settings(experiment_dir: Path, materialized: Path | None = None, **other: object) -> list[str]:
    """--set arguments; with a materialized set nothing but its folder is read."""
    values: dict[str, object] = {"experiment_dir": experiment_dir, **other}
    if materialized:
        values |= {f"{split}_path": materialized / split for split in ("train", "val", "test")}
        values["normalization_stats"] = materialized / "normalization.yaml"
    return set_options(values)


def losses(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return [
            {key: value for key, value in row.items() if key not in TIMES}
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize("architecture", ["edgeconv", "edgeconv_attention"])
def test_training_gives_the_same_numbers_as_from_shards(
    run: Run, config: Path, materialized: Path, tmp_path: Path, architecture: str
) -> None:
    model: dict[str, Any] = {"model.architecture": architecture}
    run("train", "-c", config, *settings(tmp_path / "shards", **model))
    run("train", "-c", config, *settings(tmp_path / "parts", materialized, **model))
    assert len(losses(tmp_path / "parts")) == 2
    assert losses(tmp_path / "parts") == losses(tmp_path / "shards")
    expected = load_file(tmp_path / "shards" / "checkpoints" / "best.safetensors")
    for name, tensor in load_file(tmp_path / "parts" / "checkpoints" / "best.safetensors").items():
        assert tensor.tobytes() == expected[name].tobytes(), name
    measured = (tmp_path / "shards" / "test" / "metrics.json").read_text()
    assert (tmp_path / "parts" / "test" / "metrics.json").read_text() == measured
    run("test", "-c", config, *settings(tmp_path / "shards", materialized, **model))
    assert (tmp_path / "shards" / "test" / "metrics.json").read_text() == measured
    assert "Toy simulation, &lt;&mu;&gt; = 20<" in (tmp_path / "parts" / "report.html").read_text()


def test_exported_and_quantized_as_from_shards(
    run: Run, config: Path, materialized: Path, tmp_path: Path
) -> None:
    run("train", "-c", config, *settings(tmp_path / "run", materialized))
    small = {
        "quantization.tolerance": 1,
        "quantization.calibration_events": 5,
        "quantization.validation_events": 5,
    }
    checkpoint = tmp_path / "run" / "checkpoints"
    files: dict[str, dict[str, bytes]] = {}
    for interface, folder in (("table", "onnx_benchmarking"), ("edges", "onnx_benchmarking_edges")):
        for source in (materialized, None):
            done = run(
                "export",
                "-q",
                "--interface",
                interface,
                "--latency-events",
                2,
                "-c",
                config,
                *settings(tmp_path / "run", source, **small),
            )
            assert "ONNX Runtime, the engine and the network agree" in done.stdout
            assert (checkpoint / folder / "table.md").exists()
            written = {
                path.name: path.read_bytes() for path in (checkpoint / folder).glob("*.onnx")
            }
            assert files.setdefault(interface, written) == written
    assert set(files["table"]) == {"model.onnx", "model.int8.onnx"}
    assert set(files["edges"]) == {"model_edges.onnx", "model_edges.int8.onnx"}
    error = run(
        "export",
        "-q",
        "-c",
        config,
        *settings(tmp_path / "run", train_path=tmp_path / "none"),
        code=DATA,
    ).stderr
    assert f"{tmp_path}/none" in error
    other = tmp_path / "other"
    shutil.copytree(materialized, other)
    manifest = other / "train" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"driftR"', '"globX"'))
    error = run(
        "export",
        "-q",
        "-c",
        config,
        *settings(tmp_path / "run", train_path=other / "train"),
        code=CONFIG,
    ).stderr
    assert f"{other}/train: was materialized with features" in error and "globX" in error


def test_folder_is_as_documented(config: Path, prepared: Path, materialized: Path) -> None:
    assert (materialized / "normalization.yaml").read_text() == (
        config.parent / "statistics.yaml"
    ).read_text()
    for split in ("train", "val", "test"):
        source = json.loads((prepared / split / "manifest.json").read_text())
        manifest = json.loads((materialized / split / "manifest.json").read_text())
        assert manifest["kind"] == "materialised split" and manifest["format"] == 3
        assert [part["shard"] for part in manifest["parts"]] == [
            shard["file"] for shard in source["shards"]
        ]
        assert manifest["sample"] == source["sample"]
        assert manifest["source"] == {
            "split": split,
            "fingerprint": source["provenance"]["fingerprint"],
        }
        for key in ("events", "hits", "muons"):
            assert manifest["counts"][key] == source["counts"][key]
        for part in manifest["parts"]:
            with safe_open(materialized / split / part["file"], "numpy") as file:
                assert file.metadata()["xxh3_64"] == part["checksum"]


def test_documented_code_reads_an_event(materialized: Path) -> None:
    manifest = json.loads((materialized / "train" / "manifest.json").read_text())
    for part in manifest["parts"]:
        t = load_file(materialized / "train" / part["file"])
        for e in range(part["counts"]["events"]):
            nodes = slice(*t["event_nodes"][e : e + 2].astype(int))
            first, last = t["event_groups"][e : e + 2].astype(int)
            offsets = t["offsets"][first + e : last + e + 1].astype(int)
            hits = slice(*t["event_hits"][e : e + 2].astype(int))
            assert (
                offsets[0] == 0
                and offsets[-1] == nodes.stop - nodes.start
                and np.all(np.diff(offsets) > 0)
            )
            slots = t["slots"][nodes].astype(int)
            assert np.array_equal(slots, np.concatenate([np.arange(n) for n in np.diff(offsets)]))
            assert np.array_equal(t["labels"][nodes], t["truth_link"][hits][t["hit"][nodes]] >= 0)
            neighbors, group = (
                t["neighbours"][nodes],
                np.repeat(np.arange(last - first), np.diff(offsets)),
            )
            found = neighbors >= 0
            assert np.all(
                group[neighbors[found]] == np.broadcast_to(group[:, None], neighbors.shape)[found]
            )


def test_repeated_call_keeps_the_parts_and_repairs_one(
    run: Run, config: Path, materialized: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "set"
    shutil.copytree(materialized, folder)
    part = sorted((folder / "train").glob("*.safetensors"))[-1]
    whole = part.read_bytes()
    part.write_bytes(whole[:-40] + bytes(40))
    error = run("train", "-c", config, *settings(tmp_path / "run", folder), code=DATA).stderr
    assert f"error: {part}: damaged safetensors file: the data have checksum" in error
    assert "`stationhit prepare --materialize` makes missing and damaged parts again" in error
    messages = run("prepare", "--materialize", config, "-o", folder).stderr
    assert (
        f"{part}: damaged safetensors file" in messages
        and "(this part is made again now)" in messages
    )
    assert part.read_bytes() == whole


def test_set_of_another_graph_or_other_features_is_named(
    run: Run, config: Path, materialized: Path, tmp_path: Path
) -> None:
    error = run(
        "train",
        "-c",
        config,
        *settings(tmp_path / "run", materialized, **{"graph.k": 9}),
        code=CONFIG,
    ).stderr
    assert (
        f"error: {materialized}/train: was materialized with graph.k 8, the run file has 9; "
        "run `stationhit prepare --materialize`" in error
    )
    error = run(
        "train",
        "-c",
        config,
        *settings(tmp_path / "run", materialized, features="[localX]"),
        code=CONFIG,
    ).stderr
    assert (
        "was materialized with features "
        '["localX","localY","localZ","driftR","technology","neighbors"], the run file has '
        '["localX"]' in error
    )
    error = run(
        "prepare", "--materialize", config, "-o", materialized, "--set", "graph.k=9", code=DATA
    ).stderr
    assert "was made from other events, or with other features or another graph" in error
    assert '(graph: {"' in error and '"k":9' in error
    assert not (tmp_path / "run").exists()


def test_wrong_use_is_named(run: Run, config: Path, materialized: Path, tmp_path: Path) -> None:
    assert (
        "give the folder to write with -o FOLDER"
        in run("prepare", "--materialize", config, code=USAGE).stderr
    )
    run("prepare", "--materialize", config, "-c", config, "-o", tmp_path / "set", code=USAGE)
    empty = [part for split in ("train", "val", "test") for part in ("--set", f"{split}_path=null")]
    assert (
        "names no split"
        in run(
            "prepare", "--materialize", config, "-o", tmp_path / "set", *empty, code=CONFIG
        ).stderr
    )
    error = run("stats", "-c", config, *settings(tmp_path / "run", materialized), code=DATA).stderr
    assert (
        "describes a materialized split, not a prepared split; it holds network inputs, not events"
        in error
    )
    error = run(
        "prepare",
        "--materialize",
        config,
        "-o",
        tmp_path / "set",
        *settings(tmp_path / "run", materialized),
        code=DATA,
    ).stderr
    assert "describes a materialized split, not a prepared split" in error
    assert list(tmp_path.iterdir()) == []


def test_debug_run_writes_nothing(run: Run, config: Path, tmp_path: Path) -> None:
    assert (
        "events in" in run("prepare", "--materialize", config, "-o", tmp_path / "set", "-d").stdout
    )
    assert list(tmp_path.iterdir()) == []


def test_inspect_describes_a_split(run: Run, materialized: Path) -> None:
    text = run("inspect", materialized / "train").stdout
    assert (
        "materialized split of train" in text and "sample: Toy simulation, mean pile-up: 20" in text
    )
    assert "localX, localY, localZ, driftR, technology, neighbors" in text and '"k":8' in text


@pytest.fixture(scope="module")
def without_root() -> Path:
    program = Path(__file__).resolve().parents[2] / "build/train-only/bin/stationhit"
    if not program.exists():
        pytest.skip(
            f"{program} is not built; cmake --preset train-only && cmake --build --preset "
            "train-only --target stationhit"
        )
    return program


def test_build_without_root_trains_from_the_set_only(
    run: Run, without_root: Path, config: Path, materialized: Path, tmp_path: Path
) -> None:
    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [without_root, *map(str, arguments)], capture_output=True, text=True, check=False
        )

    run("train", "-c", config, *settings(tmp_path / "shards"))
    done = call("train", "-c", config, *settings(tmp_path / "parts", materialized))
    assert done.returncode == 0 and "scores.root: left out, this build has no ROOT" in done.stderr
    assert losses(tmp_path / "parts") == losses(tmp_path / "shards")
    assert (tmp_path / "parts" / "test" / "metrics.json").read_text() == (
        tmp_path / "shards" / "test" / "metrics.json"
    ).read_text()
    refused = call("train", "-c", config, *settings(tmp_path / "refused"))
    assert (
        refused.returncode == DATA
        and "which this build without ROOT cannot read; make network inputs of them"
        in refused.stderr
    )
