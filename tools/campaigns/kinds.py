"""Kinds of files that `flip` damages, and the verbs that read them."""

from __future__ import annotations

from dataclasses import dataclass

from .contents import OF_THE_BYTES
from .program import settings
from .sample import FINE_SPLIT, SPLIT


@dataclass(frozen=True)
class Reader:
    """A verb that reads the file, and the paths of its result; without paths, its text output.
    `ignored` are members of JSON files that may differ without a difference in the result."""

    arguments: tuple[str, ...]
    results: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Kind:
    """A file of the sample. `checksum` says whether its format has one that covers all contents:
    then no damage may change a result silently."""

    name: str
    file: str
    checksum: bool
    readers: tuple[Reader, ...]


INFER_OPTIONS = ("-o", "out.root", "--threads", "1")


def infer(model: str, events: str) -> Reader:
    return Reader(("infer", model, events, *INFER_OPTIONS), ("out.root",))


def ntuple(name: str, checksum: bool) -> Kind:
    prepare = ("prepare", f"{name}.root", "-o", "out", *SPLIT)
    readers = (
        infer("model.onnx", f"{name}.root"),
        Reader(prepare, ("out",), OF_THE_BYTES),
    )
    return Kind(f"ntuple-{name}", f"{name}.root", checksum, readers)


def train(config: str, **changed: object) -> Reader:
    options = settings(experiment_dir="out", training__epochs=1, **changed)
    return Reader(("train", "-c", config, *options), ("out",))


STATS = Reader(
    ("stats", "-c", "run.yaml", *settings(normalization_stats="out.yaml")), ("out.yaml",)
)
MATERIALIZE = Reader(("prepare", "--materialize", "run.yaml", "-o", "out"), ("out",))
CHECKPOINT = settings(experiment_dir="out", checkpoint_path="best.safetensors")
TEST = Reader(("test", "-c", "run.yaml", *CHECKPOINT), ("out/test",))
TEST_PARTS = Reader(("test", "-c", "parts.yaml", *CHECKPOINT), ("out/test",))
EXPORT = Reader(
    ("export", "-c", "run.yaml", *CHECKPOINT, "-o", "out.onnx", "--events", "1"), ("out.onnx",)
)
CONTINUE = Reader(
    ("train", "-c", "run.yaml", *settings(training__epochs=3)),
    ("run/checkpoints", "run/metrics.csv", "run/test"),
)
HEPMC = settings(source="hepmc", output="out.root", events=6, mu=1, threads=1)


def hepmc(name: str, file: str, checksum: bool) -> Kind:
    arguments = ("simulate", *HEPMC, *settings(hepmc_file=file))
    return Kind(name, file, checksum, (Reader(arguments, ("out.root",)),))


KINDS = (
    ntuple("raw", False),
    ntuple("events", True),
    ntuple("lz4", True),
    ntuple("lzma", True),
    ntuple("zstd", False),
    Kind("ntuple-scored", "scored.root", True, (infer("model.onnx", "scored.root"),)),
    Kind(
        "shard-train",
        "prepared/train/shard_000000.root",
        True,
        (STATS, MATERIALIZE, train("run.yaml")),
    ),
    Kind("shard-val", "prepared/val/shard_000000.root", True, (train("run.yaml"),)),
    Kind("shard-test", "prepared/test/shard_000000.root", True, (TEST, MATERIALIZE)),
    Kind(
        "manifest-set",
        "prepared/manifest.json",
        False,
        (
            Reader(("prepare", "events.root", "-o", "prepared", *SPLIT), ("prepared/train",)),
            Reader(("inspect", "prepared")),
        ),
    ),
    Kind(
        "manifest-split",
        "prepared/train/manifest.json",
        False,
        (STATS, MATERIALIZE, train("run.yaml")),
    ),
    Kind("manifest-parts", "materialized/train/manifest.json", False, (train("parts.yaml"),)),
    Kind(
        "journal",
        "begun/prepare.journal",
        False,
        (Reader(("prepare", "events.root", "-o", "begun", *FINE_SPLIT), ("begun",)),),
    ),
    Kind("part-train", "materialized/train/shard_000000.safetensors", True, (train("parts.yaml"),)),
    Kind("part-test", "materialized/test/shard_000000.safetensors", True, (TEST_PARTS,)),
    Kind("checkpoint", "best.safetensors", True, (TEST, EXPORT)),
    Kind("training-state", "run/checkpoints/last.safetensors", True, (CONTINUE,)),
    Kind("onnx", "model.onnx", True, (infer("model.onnx", "events.root"),)),
    Kind("onnx-int8", "model.int8.onnx", True, (infer("model.int8.onnx", "events.root"),)),
    Kind("onnx-foreign", "foreign.onnx", False, (infer("foreign.onnx", "events.root"),)),
    Kind("yaml-run", "run.yaml", False, (STATS, train("run.yaml"))),
    Kind(
        "yaml-simulation",
        "simulation.yaml",
        False,
        (Reader(("simulate", "-c", "simulation.yaml"), ("made.root",)),),
    ),
    Kind("yaml-normalization", "normalization.yaml", False, (train("run.yaml"),)),
    hepmc("hepmc", "muons.hepmc3", False),
    hepmc("hepmc-gz", "muons.hepmc3.gz", True),
)
