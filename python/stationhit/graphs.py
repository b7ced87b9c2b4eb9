"""Nodes, groups and neighbors of an event, as networks get them (docs/graphs.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import stationhit._stationhit as _stationhit
from stationhit.events import Event


@dataclass(frozen=True, eq=False)
class Graph:
    """A node is a hit in a bucket, or a hit where groups are sectors or the event. Nodes stand
    group by group; a hit with NaN or Inf has none."""

    hit: npt.NDArray[np.uint32]
    """[n_nodes] number of the hit in the event"""
    offsets: npt.NDArray[np.uint32]
    """[n_groups + 1] the nodes of group g are offsets[g] to offsets[g + 1]"""
    y_min: npt.NDArray[np.float32]
    """[n_groups] mm, range of the group along the precision axis"""
    y_max: npt.NDArray[np.float32]
    neighbors: npt.NDArray[np.int32] | None
    """[n_nodes, k] nodes, nearest first, padded with -1; None for edges="fully_connected", where
    the neighbors of a node are all nodes of its group"""
    edge_index: npt.NDArray[np.int64] | None
    """[2, n_edges] from node (row 0, the neighbor) to node (row 1), where it was asked for"""


def default_settings() -> dict[str, Any]:
    """The settings of a graph with their defaults: the section `graph` of a run
    (docs/parameters.md)."""
    return json.loads(_stationhit._default_graph())


def settings_text(settings: dict[str, Any]) -> str:
    for unknown in settings.keys() - default_settings().keys():
        raise TypeError(f"graph.{unknown} is no setting; there are {', '.join(default_settings())}")
    return json.dumps(settings)


def inputs_of(
    columns: Event, names: Sequence[str], edge_index: bool, settings: dict[str, Any]
) -> tuple[Graph, Any]:
    made = _stationhit._build_inputs(columns, list(names), settings_text(settings), edge_index)
    values = made.pop("features", None)
    return Graph(**{"neighbors": None, "edge_index": None, **made}), values


def build(columns: Event, *, edge_index: bool = False, **settings: Any) -> Graph:
    """The graph of an event.

    columns: as HitClassifier.scores takes them.
    edge_index: make the list of edges, too; for fully connected groups these are all pairs of
        different nodes of a group.
    settings: those of `default_settings` that differ, for example edges="radius", radius=5 (cm).

    Raises as HitClassifier.scores; TypeError for an unknown setting, ConfigError for a wrong value,
    DataError for an event with more than 2^24 pairs.
    """
    return inputs_of(columns, [], edge_index, settings)[0]
