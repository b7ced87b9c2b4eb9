#!/usr/bin/env python3
"""Compares our program with what a Python user gets: same events, same weights, one thread.

    tools/bootstrap.sh peers
    taskset -c 0 .deps/venv/bin/python bench/peers/compare.py runs/demo

takes the run directory of `make demo` (or any run of an edgeconv recipe and the ntuple it came
from). Every comparison first checks that the answers agree and stops if they do not. Add --compile
for torch.compile (minutes)."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

for variable in (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TORCHINDUCTOR_COMPILE_THREADS",
):
    os.environ[variable] = "1"

PARTS = ("inference", "neighbors", "preparation")


def dump_inputs(program: Path, model: Path, ntuple: Path) -> dict:
    """Features, neighbors, hit of every node and group offsets of one event, as our program
    prepared them."""
    from safetensors.numpy import load_file

    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "inputs.safetensors"
        subprocess.run(
            [
                program,
                "infer",
                model,
                ntuple,
                "-o",
                Path(folder) / "scored.root",
                "--dump-inputs",
                dump,
            ],
            check=True,
            capture_output=True,
        )
        return load_file(dump)


def coordinates(model: Path, features: Any) -> Any:
    """The columns of the features in which the graph of the model measures distances."""
    import onnx

    metadata = {
        entry.key: json.loads(entry.value)
        for entry in onnx.load(model).metadata_props
        if entry.key in ("feature_names", "graph")
    }
    return features[
        :, [metadata["feature_names"].index(name) for name in metadata["graph"]["metric"]]
    ]


def main() -> None:
    """Parses the command line and runs the parts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "run",
        type=Path,
        help="run directory with checkpoints/best.safetensors and the exported model",
    )
    parser.add_argument("--ntuple", type=Path, help="ROOT ntuple (default: RUN/toy.root)")
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/stationhit"))
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--compile", action="store_true", help="also torch.compile")
    arguments = parser.parse_args()
    ntuple = arguments.ntuple or arguments.run / "toy.root"
    checkpoint_path, model = (
        arguments.run / "checkpoints/best.safetensors",
        arguments.run / "checkpoints/model.onnx",
    )

    import inference
    import neighbors
    import networks
    import preparation

    inputs = dump_inputs(arguments.program, model, ntuple)
    if "neighbors" in arguments.only:
        points = coordinates(model, inputs["features"])
        neighbors.run(points, inputs["node_hit"], inputs["group_offsets"], inputs["neighbours"])
    if "inference" in arguments.only:
        inference.run(networks.load_checkpoint(checkpoint_path), model, inputs, arguments.compile)
    if "preparation" in arguments.only:
        preparation.run(arguments.program, [ntuple])


if __name__ == "__main__":
    main()
