"""Hit classification for muon triggers.

    classifier = stationhit.HitClassifier("two_stage")   # or an exported file
    scores = classifier.scores(columns)                  # one event, NumPy arrays by name
    scores = classifier.scores_of_events(events)         # many events, awkward array

    events = stationhit.read_split("data", "test")       # a prepared split

Modules: stationhit.features, graphs, metrics. docs/python.md of the sources has more.
"""

from typing import TYPE_CHECKING, Any

from stationhit import features, graphs, metrics
from stationhit._stationhit import (
    ConfigError,
    DataError,
    Error,
    UsageError,
    backends,
)
from stationhit._stationhit import _version as __version__
from stationhit.hit_classifier import HitClassifier, columns, models
from stationhit.program import ProgramError, Result, export, find_program, run, test, train
from stationhit.splits import iterate_split, read_materialized, read_split

if TYPE_CHECKING:
    from stationhit.jagged import event_columns

__all__ = [
    "ConfigError",
    "DataError",
    "Error",
    "HitClassifier",
    "ProgramError",
    "Result",
    "UsageError",
    "__version__",
    "backends",
    "columns",
    "event_columns",
    "export",
    "features",
    "find_program",
    "graphs",
    "iterate_split",
    "metrics",
    "models",
    "read_materialized",
    "read_split",
    "run",
    "test",
    "train",
]


def __getattr__(name: str) -> Any:
    # Awkward takes longer to import than the package itself, and not everybody has it.
    if name == "event_columns":
        from stationhit.jagged import event_columns

        return event_columns
    raise AttributeError(f"module 'stationhit' has no attribute '{name}'")
