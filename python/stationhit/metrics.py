"""The numbers of tests, computed by the functions of the program (docs/metrics.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stationhit._stationhit import Counts, RankedScores, _evaluate, _working_points, clopper_pearson

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["Counts", "RankedScores", "clopper_pearson", "evaluate"]


def evaluate(
    scores: ak.Array,
    events: ak.Array,
    *,
    working_points: Sequence[float] = tuple(_working_points),
    validation_thresholds: Sequence[float] = (),
    replicas: int = 200,
    seed: int = 42,
    processes: dict[int, str] | None = None,
) -> dict[str, Any]:
    """All numbers of a test with their 68 % intervals: the content of test/metrics.json, without
    the numbers per node. Needs awkward.

    scores: float32 [n_events, hits], as HitClassifier.scores_of_events gives them.
    events: the events with their truth, as `read_split` gives them or an ntuple has them; every
        column that a number needs must be there (a ValueError names the missing ones). No cuts are
        applied: those of a prepared split already are.
    working_points: shares of the signal hits that the thresholds of this sample keep.
    validation_thresholds: cuts of the same working points that another sample gave, for example
        list(classifier.thresholds.values()).
    replicas, seed: of the bootstrap over events.
    processes: names by mcChannelNumber.

    Raises DataError for a sample without signal or without background hits, and for scores that are
    not finite; ConfigError for working points out of (0, 1) or not ascending.
    """
    from stationhit.jagged import flatten_scored_events

    flat_scores, flat = flatten_scored_events(scores, events)
    text = _evaluate(
        flat_scores,
        flat.columns,
        flat.offsets,
        list(working_points),
        list(validation_thresholds),
        replicas,
        seed,
        processes or {},
    )
    return json.loads(text)
