#!/usr/bin/env python3
"""Makes tests/data/formats/<version>: one small file per format, and what the program says of it.

usage: tools/make_format_fixtures.py OUTPUT [--program build/release/bin/stationhit]

Run once per released version, with the program of that version, and committed; the files of a
version are never made again. tests/python/test_formats.py reads all of them with the present
program.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import uproot
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parent.parent
NETWORKS = ("mlp", "edgeconv", "edgeconv_gat", "edgeconv_attention")
QUANTIZED = ("edgeconv", "edgeconv_attention")  # these have int8 files
EDGES = ("edgeconv", "edgeconv_gat")  # these have a file for the interface edges, too
MODEL_FILES = ("model.onnx", "model_edges.onnx", "model.int8.onnx", "model_edges.int8.onnx")

CONFIG = """\
seed: 3
threads: 1
experiment_dir: {network}
train_path: prepared/train
val_path: prepared/val
test_path: prepared/test
normalization_stats: normalization.yaml
features: [localX, localY, localZ, driftR, technology, neighbors]
graph: {{k: 4}}
model:
  architecture: {network}
  width: 8
  blocks: 2
  heads: 2
  bands: 2
  feed_forward: 8
  layer_norm: true
  encoding: {{scales: [-2, -1, 0, 1], discrete: one_hot}}
training: {{epochs: 2, batch_size: 2, optimizer: {{learning_rate: 0.01}}}}
quantization: {{tolerance: 1}}
"""


class Program:
    """Runs the program in a folder, so that the paths inside the files are relative to it."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path.resolve()
        self.folder = folder

    def __call__(self, *arguments: object) -> None:
        command = [str(self.path), *map(str, arguments)]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)


def scores_of(tree: uproot.TTree, branch: str) -> np.ndarray:
    """The scores of all hits of all events, one after the other."""
    return np.concatenate(list(tree[branch].array(library="np"))).astype(np.float32)


def make_data(program: Program) -> None:
    program("simulate", *settings(output="events.root", events=10, mu=5, seed=7, threads=1))
    split = {"events_per_shard": 5, "split.train": 0.5, "split.validation": 0.25}
    program("prepare", "events.root", "-o", "prepared", *settings(**split))


def make_network(program: Program, network: str) -> None:
    config = program.folder / f"{network}.yaml"
    config.write_text(CONFIG.format(network=network))
    if not (program.folder / "normalization.yaml").exists():
        program("stats", "-c", config.name)
        program("prepare", "--materialize", config.name, "-o", "materialised")
    program("train", "-c", config.name)
    quantize = ("-q", "--latency-events", 1) if network in QUANTIZED else ()
    for interface in ("table", "edges") if network in EDGES else ("table",):
        program("export", "-c", config.name, "--interface", interface, *quantize)


def settings(**values: object) -> list[str]:
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


def reference_scores(program: Program, models: list[Path]) -> dict[str, np.ndarray]:
    """Scores of the network on the test split and of every ONNX file on the events, by file."""
    scores = {}
    for network in NETWORKS:
        with uproot.open(program.folder / network / "test/scores.root") as file:
            scores[f"{network}/best.safetensors"] = scores_of(file["scores"], "score")
    for model in models:
        program("infer", model, "events.root", "-o", "scored.root")
        with uproot.open(program.folder / "scored.root") as file:
            name = f"{model.relative_to(program.folder).parts[0]}/{model.name}"
            scores[name] = scores_of(file["MuonHitDump"], "spacePoint_score")
    return scores


def copy_fixtures(made: Path, models: list[Path], output: Path) -> None:
    """Leaves out what no later version reads: figures, reports, the small samples of prepare."""
    for name in ("events.root", "normalization.yaml", "prepared/manifest.json"):
        copy(made / name, output / name)
    for name in ("prepared/train", "prepared/val", "prepared/test", "materialised"):
        shutil.copytree(made / name, output / name)
    for network in NETWORKS:
        copy(made / network / "config.yaml", output / network / "config.yaml")
        copy(made / network / "test/metrics.json", output / network / "metrics.json")
        for name in ("best.safetensors", "last.safetensors"):
            copy(made / network / "checkpoints" / name, output / network / "checkpoints" / name)
    for model in models:
        copy(model, output / model.relative_to(made).parts[0] / model.name)


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="folder to make, tests/data/formats/v<version>")
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/bin/stationhit")
    arguments = parser.parse_args()
    if (arguments.output / "events.root").exists():
        parser.error(f"{arguments.output} is there already; files of a version are made only once")
    with tempfile.TemporaryDirectory() as folder:
        program = Program(arguments.program, Path(folder))
        make_data(program)
        for network in NETWORKS:
            make_network(program, network)
        # The float model of a network is beside its checkpoint, a second copy beside the int8 one.
        found = [path for name in MODEL_FILES for path in sorted(Path(folder).rglob(name))]
        models = list(
            {(path.relative_to(folder).parts[0], path.name): path for path in found}.values()
        )
        copy_fixtures(Path(folder), models, arguments.output)
        save_file(reference_scores(program, models), arguments.output / "scores.safetensors")


if __name__ == "__main__":
    main()
