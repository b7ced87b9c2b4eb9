#!/usr/bin/env python3
"""Runs exported models in another version of ONNX Runtime and compares the logits with those of
`stationhit infer`.

    .deps/venv/bin/python tools/check_onnxruntime.py --version 1.17.3 --input in.root \\
        MODEL.onnx [MODEL.onnx ...]

Files with the interfaces fused and fused_edges need
--operators build/release/lib/libstationhit_ops.so, which has the same answer in all versions.
With --host build/release/bin/operator_host (examples/04_operator_host) a C++ program runs the
models, and not Python.

That version gets a virtual environment of its own, .deps/onnxruntime-VERSION, which is kept. Ends
with 1 if a logit differs by more than tolerance * max(1, |logit|). int8 models with attention need
a larger one: a difference in the last bit of a layer norm can move an activation over the edge of a
step, and that one goes to another number."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

import numpy as np
import onnx
from safetensors.numpy import load_file

# Runs there: numpy and onnxruntime are all that it needs.
RUN = """
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.enable_mem_pattern = sys.argv[4] == "plan"
for library in sys.argv[5:]:
    options.register_custom_ops_library(library)
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
inputs = numpy.load(sys.argv[2])
given = {value.name: inputs[value.name] for value in session.get_inputs()}
# The memory is planned in the first call and used in the others.
for _ in range(3):
    logits = session.run(["output"], given)[0].reshape(-1)
numpy.save(sys.argv[3], logits)
"""


def environment(version: str) -> Path:
    """The Python that has this version of ONNX Runtime."""
    folder = Path(f".deps/onnxruntime-{version}")
    python = folder / "bin/python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", f"onnxruntime=={version}", "numpy<2"],
            check=True,
        )
        (folder / "complete").touch()
    return python


def c_library(version: str) -> Path:
    """libonnxruntime.so of this version: of the Python package, which has it from 1.20 on, or of
    the npm package onnxruntime-node."""
    folder = Path(f".deps/onnxruntime-{version}")
    if not list(folder.glob("**/libonnxruntime.so.*")):
        environment(version)
    if not list(folder.glob("**/libonnxruntime.so.*")):
        package = f"onnxruntime-node@{version}"
        done = subprocess.run(
            ["npm", "pack", "--silent", package],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        archive = folder / done.stdout.strip()
        with tarfile.open(archive) as files:
            for member in files.getmembers():
                if "linux/x64/libonnxruntime.so." in member.name and member.isfile():
                    files.extract(member, folder)
        archive.unlink()
    found = sorted(folder.glob("**/libonnxruntime.so.*"))
    if not found:
        sys.exit(f"error: {version}: neither package has libonnxruntime.so of this version")
    return found[-1].resolve()


def dump_inputs(model: Path, event: int, folder: Path, arguments: argparse.Namespace) -> Path:
    """The inputs of an event and the logits that this program finds."""
    dump = folder / "inputs.safetensors"
    subprocess.run(
        [
            arguments.program,
            "infer",
            model,
            arguments.input,
            "-o",
            folder / "out.root",
            "--dump-inputs",
            dump,
            "--dump-event",
            str(event),
        ],
        check=True,
        capture_output=True,
    )
    return dump


def differences(python: Path, model: Path, event: int, arguments: argparse.Namespace) -> np.ndarray:
    """|a - b| / max(1, |b|) of every node."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = load_file(dump_inputs(model, event, folder, arguments))
        np.savez(folder / "inputs.npz", **inputs)  # type: ignore[arg-type]
        files = [model, folder / "inputs.npz", folder / "logits.npy"]
        plan = "no plan" if arguments.no_memory_plan else "plan"
        subprocess.run([python, "-c", RUN, *files, plan, *arguments.operators], check=True)
        logits, expected = np.load(folder / "logits.npy"), inputs["logits"]
        return np.abs(logits - expected) / np.maximum(1, np.abs(expected))


def check_by_host(arguments: argparse.Namespace) -> None:
    """Every model and event by the C++ program, which compares and prints."""
    runtime = c_library(arguments.version)
    if len(arguments.operators) > 1:
        sys.exit("error: --host takes one library of operators; leave out the others")
    for model in arguments.models:
        for event in range(arguments.events):
            with tempfile.TemporaryDirectory() as folder:
                dump = dump_inputs(model, event, Path(folder), arguments)
                libraries = [path.resolve() for path in arguments.operators]
                options = [*libraries, str(arguments.tolerance)] if libraries else []
                done = subprocess.run([arguments.host, runtime, model, dump, *options], check=False)
            if done.returncode != 0:
                sys.exit(f"error: {model}, event {event}: {arguments.host.name} found the above")


def require_operators(arguments: argparse.Namespace) -> None:
    """Ends the program where a fused file would meet an ONNX Runtime without its operator."""
    for model in arguments.models:
        nodes = onnx.load(model).graph.node
        if not arguments.operators and any(node.domain == "stationhit_ops" for node in nodes):
            sys.exit(
                f"error: {model}: its operator is in libstationhit_ops.so; give it: "
                "--operators build/release/lib/libstationhit_ops.so"
            )


def main() -> None:
    """Parses the command line and prints a line per model and event."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--version", default="1.17.3", help="of ONNX Runtime")
    parser.add_argument("--input", type=Path, required=True, help="ROOT ntuple")
    parser.add_argument(
        "--operators", type=Path, action="append", default=[], help="operator library to register"
    )
    parser.add_argument(
        "--no-memory-plan", action="store_true", help="switch enable_mem_pattern of the session off"
    )
    parser.add_argument("--events", type=int, default=2, help="the first ones of the ntuple")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/stationhit"))
    parser.add_argument("--host", type=Path, help="operator_host of the build, to run the models")
    arguments = parser.parse_args()
    require_operators(arguments)
    if arguments.host:
        check_by_host(arguments)
        return
    python = environment(arguments.version)
    worst = 0.0
    for model in arguments.models:
        for event in range(arguments.events):
            found = differences(python, model, event, arguments)
            largest, rms = found.max(initial=0), np.sqrt(np.mean(found**2))
            print(
                f"{model}: event {event}, {len(found)} nodes: difference to ONNX Runtime "
                f"{arguments.version} rms {rms:.2g}, largest {largest:.2g}"
            )
            worst = max(worst, largest)
    if worst > arguments.tolerance:
        sys.exit(f"a logit differs by more than {arguments.tolerance} max(1, |logit|)")


if __name__ == "__main__":
    main()
