"""First inputs of the fuzz targets, from files of the checkout: FOLDER/TARGET/*."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import numpy as np
import onnx
from safetensors import safe_open
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parents[1]
# The kinds of fuzz_configuration.cpp and fuzz_json.cpp, by their first byte.
RUN, PREPARE, SIMULATE, SPACE, STATISTICS = range(5)
GRAPH, NETWORK, CARD, CHECKPOINT = range(4)
STATISTICS_FILE = """events: 3
features:
  - {name: driftR, count: 30, mean: 7.5, std: 4, min: 0, max: 14.6, median: 7, iqr: 5,
     quantile_error: 0.1}
"""


def configurations() -> dict[str, bytes]:
    """Every configuration as what it is."""
    seeds = {"statistics": bytes([STATISTICS]) + STATISTICS_FILE.encode()}
    for file in sorted((ROOT / "configs").rglob("*.yaml")):
        kind = RUN
        if file.parent.name == "tune":
            kind = SPACE
        elif file.stem.startswith("simulate"):
            kind = SIMULATE
        elif file.stem.startswith("prepare"):
            kind = PREPARE
        seeds[f"{file.parent.name}_{file.stem}"] = bytes([kind]) + file.read_bytes()
    return seeds


def models() -> dict[str, bytes]:
    return {
        f"{file.parent.name}_{file.stem}": file.read_bytes()
        for file in sorted((ROOT / "models").glob("*/*.onnx"))
    }


def texts() -> dict[str, bytes]:
    """The JSON texts inside the models and checkpoints that come with the program."""
    seeds: dict[str, bytes] = {}
    for file in sorted((ROOT / "models").glob("*/model.onnx")):
        values = {entry.key: entry.value for entry in onnx.load(file).metadata_props}
        name = file.parent.name
        seeds[f"{name}_graph"] = bytes([GRAPH]) + values["graph"].encode()
        seeds[f"{name}_network"] = bytes([NETWORK]) + values["network"].encode()
        card = json.dumps(json.loads(values["card"]).get("test", {}))
        seeds[f"{name}_card"] = bytes([CARD]) + card.encode()
        with safe_open(file.with_name("best.safetensors"), "numpy") as checkpoint:
            text = checkpoint.metadata()["stationhit"]
        seeds[f"{name}_checkpoint"] = bytes([CHECKPOINT]) + text.encode()
    return seeds


def manifests() -> dict[str, bytes]:
    provenance = {
        "format": 1,
        "program_version": "0.1.0",
        "fingerprint": "0" * 16,
        "tree": "MuonHitDump",
        "sample": {"origin": "Toy simulation", "mu": [200]},
    }
    counts = {"events": 1, "hits": 10, "true_hits": 3, "muons": 1, "technologies": {}}
    split = {
        "kind": "prepared split",
        "split": "train",
        "provenance": provenance,
        "counts": counts,
        "shards": [{"file": "shard_000000.root", "counts": counts, "columns": {}}],
    }
    whole = {
        "kind": "prepared set",
        "provenance": provenance,
        "inputs": [],
        "input_counts": {"events": 1},
        "splits": {"train": counts},
        "shards": {"train": split["shards"]},
    }
    materialized = {"kind": "materialised split", "parts": [], "sample": provenance["sample"]}
    documents = {"split": split, "whole": whole, "materialized": materialized}
    return {name: json.dumps(document).encode() for name, document in documents.items()}


def tensors(folder: Path) -> dict[str, bytes]:
    file = folder / "seed.safetensors"
    values = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([True, False])}
    save_file(values, file, metadata={"stationhit": "{}"})
    content = file.read_bytes()
    file.unlink()
    return {"two": content, "empty": struct.pack("<Q", 2) + b"{}"}


def events() -> dict[str, bytes]:
    """Bytes of columns: fuzz_event.cpp takes them one after the other."""
    random = np.random.default_rng(1)
    floats = random.normal(0, 1000, 300).astype(np.float32).tobytes()
    return {"few": bytes([8, 0]) + floats, "one": bytes([1, 0]) + floats, "none": bytes(2)}


def dumps() -> dict[str, bytes]:
    """Events with the features of the model of fuzz_event_dump.cpp."""
    model = onnx.load(ROOT / "models/dropin_fc8/model.onnx")
    names = {entry.key: entry.value for entry in model.metadata_props}["feature_names"]
    event = {
        "schema": "stationhit-event-dump/1",
        "model": "0" * 16,
        "run": 1,
        "event": 2,
        "feature_names": json.loads(names),
        "cut": -3.6,
        "features": [[float(i + j) for j in range(len(json.loads(names)))] for i in range(3)],
        "edge_index": [[0, 1], [1, 0]],
        "scores": [1.5, -100.0, -0.25],
        "kept": [True, False, True],
    }
    empty = {**event, "features": [], "edge_index": [[], []], "scores": [], "kept": []}
    lines = [json.dumps(one).encode() + b"\n" for one in (event, empty)]
    return {"one": lines[0], "two": b"".join(lines)}


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    seeds = {
        "configuration": configurations(),
        "event": events(),
        "event_dump": dumps(),
        "json": texts(),
        "manifest": manifests(),
        "model": models(),
        "safetensors": tensors(folder),
    }
    for target, inputs in seeds.items():
        (folder / target).mkdir(exist_ok=True)
        for name, content in inputs.items():
            (folder / target / name).write_bytes(content)


if __name__ == "__main__":
    main()
