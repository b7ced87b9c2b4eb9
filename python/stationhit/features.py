"""Features of the nodes of an event, as networks get them before they are normalized
(docs/features.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import stationhit._stationhit as _stationhit
from stationhit.events import Event
from stationhit.graphs import Graph, inputs_of


@dataclass(frozen=True)
class Feature:
    name: str
    unit: str
    meaning: str


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a network gets of an event."""

    names: tuple[str, ...]
    values: npt.NDArray[np.float32]
    """[n_nodes, n_features] in the units of `known`, not normalized"""
    graph: Graph


def known() -> list[Feature]:
    """All features, in the order of docs/features.md."""
    return [Feature(**feature) for feature in _stationhit._known_features()]


def compute(
    columns: Event, names: Sequence[str], *, edge_index: bool = False, **settings: Any
) -> Inputs:
    """Features and graph of an event.

    columns: as HitClassifier.scores takes them.
    names: of `known`, at least one.
    edge_index, settings: as graphs.build. A model says its own:
        compute(columns, model.feature_names, **model.metadata["graph"]).

    Raises as graphs.build; ConfigError for a name that is unknown or stands twice.
    """
    if isinstance(names, str) or len(names) == 0:
        raise TypeError("names is a list of at least one feature; features.known() lists them")
    graph, values = inputs_of(columns, names, edge_index, settings)
    return Inputs(tuple(names), values, graph)
