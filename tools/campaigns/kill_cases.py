"""Verbs that `kill` ends at random moments, and what their results are."""

from __future__ import annotations

from dataclasses import dataclass

from .program import Program, settings
from .sample import FINE_SPLIT


@dataclass(frozen=True)
class Verb:
    """`arguments` run in a folder that begins with copies of `inputs` of the sample and with what
    the commands `before` made of them. A verb that does not resume replaces what `earlier` has
    written before; `results` are its files."""

    name: str
    arguments: tuple[str, ...]
    results: tuple[str, ...]
    inputs: tuple[str, ...]
    earlier: tuple[str, ...] = ()
    before: tuple[tuple[str, ...], ...] = ()
    has_ranks: bool = False  # processes that it starts; half of the kills are theirs

    @property
    def resumes(self) -> bool:
        return not self.earlier

    @property
    def first_commands(self) -> tuple[tuple[str, ...], ...]:
        return (*self.before, *((self.earlier,) if self.earlier else ()))


TRAINING = ("run.yaml", "normalization.yaml", "prepared/train", "prepared/val", "prepared/test")
TRAINED = (*TRAINING, "run/config.yaml", "run/checkpoints")
MODEL_INPUTS = ("model.onnx", "events.root")
SIMULATION = settings(mu=5, seed=7, threads=2)
LONG_TRAINING = settings(experiment_dir="out", training__epochs=8, threads=2)
ALL_CALLBACKS = settings(training__callbacks="[keep_best, ema, norms, steps]")
TWO_RANKS = settings(devices="cpu:2", threads=1)
STUDY = settings(
    study__encodings="[none, linear]",
    study__residual="[with]",
    study__bases="[]",
    study__scales="[]",
    study__seeds="[1, 2]",
)
# The means and figures follow from it, and study.md has times in its lines.
STUDY_TABLE = "run/study/encodings/study.csv"
EXPORT = ("export", "-c", "run.yaml", "-o", "made/model.onnx", "--events", "2")
OTHER_NETWORK = settings(checkpoint_path="other.safetensors")
OTHER_FEATURES = settings(normalization_stats="out.yaml", features="[localX, localY]")
EXPORT_INPUTS = (*TRAINED, "other.safetensors", "made")

PREPARE = ("prepare", "events.root", "-o", "out", *FINE_SPLIT)
PIECES = tuple((*PREPARE, *settings(threads=1), "--shard", f"{piece}/2") for piece in (1, 2))

RESUMABLE = (
    Verb(
        "simulate",
        ("simulate", *SIMULATION, *settings(output="out", events=40, events_per_file=5)),
        ("out",),
        (),
    ),
    Verb(
        "prepare",
        (*PREPARE, *settings(threads=2)),
        ("out",),
        ("events.root",),
    ),
    Verb("prepare-piece", PIECES[1], ("out",), ("events.root",), before=PIECES[:1]),
    Verb(
        "prepare-merge",
        (*PREPARE, *settings(threads=2), "--merge"),
        ("out",),
        ("events.root",),
        before=PIECES,
    ),
    Verb(
        "materialize",
        ("prepare", "--materialize", "run.yaml", "-o", "out"),
        ("out",),
        TRAINING,
    ),
    Verb("train", ("train", "-c", "run.yaml", *LONG_TRAINING), ("out",), TRAINING),
    Verb(
        "train-ranks",
        ("train", "-c", "run.yaml", *LONG_TRAINING, *ALL_CALLBACKS, *TWO_RANKS),
        ("out",),
        TRAINING,
        has_ranks=True,
    ),
    Verb("prune", ("prune", "-c", "run.yaml"), ("run/prune",), TRAINED),
    Verb("study", ("study", "encodings", "-c", "run.yaml", *STUDY), (STUDY_TABLE,), TRAINING),
)


def one_file_verbs(program: Program) -> tuple[Verb, ...]:
    """Verbs that write their result anew in every run."""
    force = ("--force",) if program.knows("simulate", "--force") else ()
    simulate = ("simulate", *SIMULATION, *force)
    infer = ("infer", *MODEL_INPUTS, "-o", "out.root")
    stats = ("stats", "-c", "run.yaml")
    bench = ("bench", *MODEL_INPUTS[:1], "--input", "events.root", "-o", "out.json")
    return (
        Verb(
            "simulate-file",
            (*simulate, *settings(output="out.root", events=30)),
            ("out.root",),
            (),
            (*simulate, *settings(output="out.root", events=5)),
        ),
        Verb("infer", infer, ("out.root",), MODEL_INPUTS, (*infer, "--mode", "filter")),
        Verb(
            "stats",
            (*stats, *settings(normalization_stats="out.yaml")),
            ("out.yaml",),
            TRAINING,
            (*stats, *OTHER_FEATURES),
        ),
        Verb(
            "test",
            ("test", "-c", "run.yaml"),
            ("run/test", "run/plots", "run/report.html"),
            EXPORT_INPUTS,
            ("test", "-c", "run.yaml", *OTHER_NETWORK),
        ),
        Verb("export", EXPORT, ("made",), EXPORT_INPUTS, (*EXPORT, *OTHER_NETWORK)),
        Verb(
            "export-int8",
            (*EXPORT, "-q", "--latency-events", "1"),
            ("made",),
            EXPORT_INPUTS,
            (*EXPORT, "-q", "--latency-events", "1", *OTHER_NETWORK),
        ),
        Verb(
            "bench",
            (*bench, "--events", "9"),
            ("out.json",),
            MODEL_INPUTS,
            (*bench, "--events", "3"),
        ),
    )
