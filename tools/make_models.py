#!/usr/bin/env python3
"""Makes the models in models/ again, from the simulation of their sample to the exported files, and
compares the purities with those that the cards in models/ record.

    .deps/venv/bin/python tools/make_models.py FOLDER [NAME...] [--install]

FOLDER gets the sample (3.4 GB) and the runs; what is complete there is not made again, and an
interrupted training goes on. two_stage takes about an hour on two cores. --install replaces the
files in models/ and the scores that their test compares with. A model whose purity at 99 % hit
efficiency lies outside the recorded interval is an error, because the same program, sample and
seed give the same network.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import uproot

ROOT = Path(__file__).resolve().parents[1]
FIXTURE = ROOT / "tests" / "data" / "models"
SAMPLE = {"events": 6000, "events_per_file": 500, "seed": 9001, "output": "toy"}
SPLIT = {
    "split.by": "event",
    "split.train": 0.7,
    "split.validation": 0.1,
    "split.balance": "none",
}
USE = (
    "Telling muon hits from background hits in the muon spectrometer, before tracks are searched: "
    "studies of triggers at <mu> = 200, examples, tests."
)
LIMITS = (
    "Trained on 3,917 events of one sample with one seed; more events give more purity "
    "(docs/results.md). Not tested on other detectors, pile-up or detector faults "
    "(docs/physics.md)."
)


@dataclass(frozen=True)
class Model:
    """A model in models/: its configuration and what differs from it."""

    config: str
    settings: dict[str, object]
    interface: str = "table"
    int8: bool = False


MODELS = {
    "two_stage": Model("two_stage", {}, int8=True),
    # Of the size of the benchmark network (docs/performance.md).
    "edgeconv": Model("edgeconv", {"model.width": 64, "model.blocks": 3, "model.head": "[64]"}),
    "edgeconv_attention": Model("edgeconv_attention", {}),
    "dropin_fc8": Model("dropin_fc8", {}, interface="edges"),
}


def options(settings: dict[str, object]) -> list[str]:
    return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


class Maker:
    """Runs the program in the folder of the sample."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder

    def run(self, *arguments: object) -> None:
        print("stationhit", *arguments, flush=True)
        subprocess.run([self.program, *map(str, arguments)], check=True, cwd=self.folder)

    def make_sample(self) -> None:
        """`prepare` compares a finished set with its checksums and makes nothing again."""
        if not (self.folder / "data" / "manifest.json").exists():
            self.run("simulate", *options(dict(SAMPLE)))
        self.run("prepare", "toy", "-o", "data", *options(dict(SPLIT)))

    def make(self, name: str) -> Path:
        """The exported file. The configuration names the folders of the sample."""
        model = MODELS[name]
        statistics = f"data/normalization_{name}.yaml"
        run = f"runs/{name}"
        settings = {"experiment_dir": run, "normalization_stats": statistics, **model.settings}
        common = ["-c", ROOT / "configs" / f"{model.config}.yaml", *options(settings)]
        if not (self.folder / statistics).exists():
            self.run("stats", *common)
        self.run("train", *common)
        file = f"{run}/checkpoints/model.onnx"
        texts = ["--license", "Apache-2.0", "--intended-use", USE, "--limits", LIMITS]
        quantize = ["-q"] if model.int8 else []
        self.run("export", *common, "-o", file, "--interface", model.interface, *texts, *quantize)
        return self.folder / file


def read_card(file: Path) -> dict[str, Any]:
    properties = onnx.load(file, load_external_data=False).metadata_props
    return json.loads(next(entry.value for entry in properties if entry.key == "card"))


def purity(file: Path) -> dict[str, float]:
    """Value, low and high at 99 % hit efficiency of the test sample."""
    points = read_card(file)["test"]["working_points"]
    return next(point["purity"] for point in points if point["working_point"] == 0.99)


def compare(name: str, made: Path) -> bool:
    recorded = ROOT / "models" / name / "model.onnx"
    if not recorded.exists():
        print(f"{name}: purity {purity(made)['value']:.3f}; models/ has none to compare with")
        return True
    new, old = purity(made), purity(recorded)
    agrees = old["low"] <= new["value"] <= old["high"]
    print(
        f"{name}: purity {new['value']:.4f}, recorded {old['value']:.4f} "
        f"[{old['low']:.4f}, {old['high']:.4f}]: {'agrees' if agrees else 'DIFFERS'}"
    )
    return agrees


def install(name: str, made: Path) -> None:
    folder = ROOT / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made, folder / "model.onnx")
    shutil.copyfile(made.with_name("best.safetensors"), folder / "best.safetensors")
    if MODELS[name].int8:
        int8 = made.parent / "onnx_benchmarking" / "model.int8.onnx"
        shutil.copyfile(int8, folder / "model.int8.onnx")


def record_scores(program: Path) -> None:
    """Logits of the test's events by every model in models/, for tests/python/test_models.py."""
    recorded = {}
    with tempfile.TemporaryDirectory() as folder:
        for file in sorted((ROOT / "models").glob("*/model*.onnx")):
            name = file.parent.name + (".int8" if file.name == "model.int8.onnx" else "")
            scored = Path(folder) / f"{name}.root"
            command: list[str | Path] = [
                program,
                "infer",
                file,
                FIXTURE / "events.root",
                "-o",
                scored,
                "--quiet",
            ]
            subprocess.run(command, check=True)
            with uproot.open(scored) as tree:
                scores = tree["MuonHitDump"]["spacePoint_score"].array()
            recorded[name] = np.concatenate(scores.to_list()).astype(np.float32)
    np.savez_compressed(FIXTURE / "scores.npz", allow_pickle=False, **recorded)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MODELS))
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/bin/stationhit")
    parser.add_argument("--install", action="store_true", help="replace the files in models/")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MODELS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MODELS)}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    maker = Maker(arguments.program.absolute(), arguments.folder)
    maker.make_sample()
    agreed = []
    for name in arguments.names or MODELS:
        made = maker.make(name)
        agreed.append(compare(name, made))
        if arguments.install:
            install(name, made)
    if arguments.install:
        record_scores(maker.program)
    if not all(agreed):
        sys.exit("a model differs from the recorded one")


if __name__ == "__main__":
    main()
