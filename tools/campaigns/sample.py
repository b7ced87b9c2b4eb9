"""The small valid files that the campaigns work on: a folder with one file of every kind that the
program reads. All paths inside of the files are relative to the folder."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import time
from pathlib import Path

import onnx

from .program import Program, settings

ROOT = Path(__file__).resolve().parents[2]
PYTHIA = ROOT / "tests" / "data" / "pythia8_mix.hepmc3.gz"
# Recompressed copies of the ntuple: name, and the compression setting of ROOT.
COMPRESSIONS = {"raw": 0, "lzma": 205, "lz4": 404, "zstd": 505}

RUN = """\
seed: {seed}
threads: 1
experiment_dir: {name}
train_path: {data}/train
val_path: {data}/val
test_path: {data}/test
normalization_stats: normalization.yaml
features: [localX, localY, localZ, driftR, technology, neighbors]
graph: {{k: 4}}
model:
  architecture: edgeconv
  width: 8
  blocks: 2
  layer_norm: true
  encoding: {{scales: [-2, -1, 0, 1], discrete: one_hot}}
training: {{epochs: {epochs}, batch_size: 2, optimizer: {{learning_rate: 0.01}}}}
prune: {{steps: 2, epochs: 2, events: 4}}
quantization: {{tolerance: 1}}
"""
SIMULATION = "output: {output}\nevents: 4\nmu: 2\nseed: 7\nthreads: 1\n"
SPLIT = settings(
    events_per_shard=3, small_events=1, threads=1, split__train=0.5, split__validation=0.25
)
# One event per chunk, so that a kill comes between two of them.
FINE_SPLIT = [*SPLIT, *settings(events_per_shard=1)]


def make_sample(program: Program, folder: Path) -> Path:
    """Makes the folder. The ntuple has 12 events with about 200 hits each."""
    (folder / "made").mkdir(parents=True)  # where verbs may write
    write_configurations(folder)
    simulation = settings(output="events.root", events=12, mu=5, seed=7, threads=1)
    program.make(["simulate", *simulation], folder)
    program.make(["prepare", "events.root", "-o", "prepared", *SPLIT], folder)
    program.make(["stats", "-c", "run.yaml"], folder)
    program.make(["prepare", "--materialize", "run.yaml", "-o", "materialized"], folder)
    program.make(["train", "-c", "run.yaml"], folder)
    program.make(["train", "-c", "other.yaml"], folder)
    program.make(["export", "-c", "run.yaml", "-q", "--latency-events", "1"], folder)
    collect_models(program, folder)
    program.make(["infer", "model.onnx", "events.root", "-o", "scored.root"], folder)
    recompress(folder)
    for run, name in (("run", "best"), ("other", "other")):
        checkpoint = folder / run / "checkpoints" / "best.safetensors"
        shutil.copy(checkpoint, folder / f"{name}.safetensors")
    shutil.rmtree(folder / "other")
    interrupt_preparation(program, folder)
    for path in (path for path in folder.rglob("*") if path.suffix in (".pdf", ".png", ".html")):
        path.unlink()
    return folder


def write_configurations(folder: Path) -> None:
    runs = {"run": (3, "prepared"), "other": (4, "prepared"), "parts": (3, "materialized")}
    for name, (seed, data) in runs.items():
        text = RUN.format(seed=seed, name=name, data=data, epochs=2)
        (folder / f"{name}.yaml").write_text(text)
    (folder / "simulation.yaml").write_text(SIMULATION.format(output="made.root"))
    muons = gzip.decompress(PYTHIA.read_bytes()).decode()
    # The first six events are enough.
    text = muons[: muons.index("E 6 ")] + "HepMC::Asciiv3-END_EVENT_LISTING\n"
    (folder / "muons.hepmc3").write_text(text)
    (folder / "muons.hepmc3.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def collect_models(program: Program, folder: Path) -> None:
    """The models beside one another, and one with the interface and metadata of other programs."""
    made = folder / "run" / "checkpoints"
    shutil.copy(made / "model.onnx", folder / "model.onnx")
    shutil.copy(made / "onnx_benchmarking" / "model.int8.onnx", folder / "model.int8.onnx")
    shutil.rmtree(made / "onnx_benchmarking")
    connected = settings(graph__edges="fully_connected", experiment_dir="foreign")
    program.make(["train", "-c", "run.yaml", *connected], folder)
    export = ["export", "-c", "run.yaml", *connected, "--interface", "edges"]
    program.make([*export, "-o", "foreign.onnx"], folder)
    shutil.rmtree(folder / "foreign")
    model = onnx.load(folder / "foreign.onnx")
    kept = [entry for entry in model.metadata_props if entry.key == "feature_names"]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    onnx.save(model, folder / "foreign.onnx")


def recompress(folder: Path) -> None:
    """Copies of the ntuple with the other compressions of ROOT, where ROOT's hadd is found."""
    own = ROOT / ".deps" / "site-packages" / "ROOT" / "bin" / "hadd"
    hadd = str(own) if own.exists() else shutil.which("hadd")
    if hadd is None:
        return
    for name, setting in COMPRESSIONS.items():
        command = [hadd, f"-f{setting}", f"{name}.root", "events.root"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def interrupt_preparation(program: Program, folder: Path, whole_chunks: int = 3) -> None:
    """A set `begun` whose preparation was killed. Its journal has so many chunks in any case, and
    nothing else is left of the others."""
    journal = folder / "begun" / "prepare.journal"
    for _ in range(50):
        shutil.rmtree(folder / "begun", ignore_errors=True)
        command = [str(program.path), "prepare", "events.root", "-o", "begun", *FINE_SPLIT]
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and count_lines(journal) <= whole_chunks:
            time.sleep(0.0002)
        process.kill()
        process.wait()
        if count_lines(journal) > whole_chunks:
            lines = journal.read_text().splitlines(keepends=True)
            journal.write_text("".join(lines[: whole_chunks + 1]))
            return
    raise RuntimeError(f"{folder}: preparing always ended before it could be killed")


def count_lines(path: Path) -> int:
    return path.read_text().count("\n") if path.exists() else 0
