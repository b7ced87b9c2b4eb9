"""What the boosted trees of context_trees.py see of a node.

Stage 1: its features, the size of its bucket, means, minima and maxima of some features over the
bucket, and differences to its nearest neighbors. Stage 2: the same, the score of stage 1, the sum
of the weights of the bucket, and sums and maxima of weights of nodes in other station layers that
lie in the same direction (phi, theta). The weight of a node is the sigmoid of its stage-1 score.
Columns of a set are found by name."""

from __future__ import annotations

import numpy as np

from materialized_set import Event, MaterializedSplit

BUCKET_MEAN = ("localY", "localZ", "driftR", "time")
BUCKET_RANGE = ("localY", "localZ", "layer")
DIFFERENCES = ("localY", "localZ", "driftR", "layer")
NEIGHBORS = 8  # nearest neighbors of whose features differences are taken
NEEDED = (*BUCKET_MEAN, "layer", "stationIndex", "theta", "phi")

# Station codes (src/core/technology.cpp) of BI, EI, EES and EEL, and of BO and EO; all others (BM,
# EM and BEE) count as middle.
INNER = (0, 1, 7, 13, 14, 15, 47, 48, 49, 52, 55, 56, 57, 58)
OUTER = (4, 5, 9, 10, 20, 21)
STATION_LAYERS = range(3)  # inner, middle, outer

PHI_DISTANCE = 0.12  # rad; a third of a sector
OTHER_LAYER_THETA = (0.02, 0.06, 0.15)  # rad; narrow for stiff muons, wide for those that bend
SAME_LAYER_THETA = (0.01, 0.04)  # rad
# The stage-1 score of a node with the weight 1/2. Stage 1 is trained on balanced classes, so at the
# score 0 nearly all nodes are background.
SCORE_OFFSET = 3.0
CONTEXT_COLUMNS = 2 * len(STATION_LAYERS) * len(OTHER_LAYER_THETA) + len(SAME_LAYER_THETA)


class TreeFeatures:
    """The columns of a set."""

    def __init__(self, split: MaterializedSplit) -> None:
        if split.manifest["graph"].get("edges") == "fully_connected":
            raise SystemExit(
                f"error: {split.folder}: the groups are fully connected, but the trees take the "
                f"nearest {NEIGHBORS} neighbors; materialize with graph.edges knn and graph.k 16"
            )
        if split.manifest["graph"].get("k", NEIGHBORS) < NEIGHBORS:
            raise SystemExit(
                f"error: {split.folder}: graph.k is {split.manifest['graph']['k']}, but the trees "
                f"take the nearest {NEIGHBORS} neighbors; materialize with graph.k 16"
            )
        split.columns(NEEDED)  # names all that are missing at once
        self.mean, self.range, self.differences = (
            split.columns(names) for names in (BUCKET_MEAN, BUCKET_RANGE, DIFFERENCES)
        )
        self.station, self.theta, self.phi = split.columns(["stationIndex", "theta", "phi"])

    def of_nodes(self, event: Event) -> np.ndarray:
        """float32 [N, columns]: what stage 1 sees."""
        features, group, first = event.features, event.groups(), event.offsets[:-1]
        size = np.diff(event.offsets)[:, None].astype(np.float32)
        mean = np.add.reduceat(features[:, self.mean], first, axis=0) / size
        low, high = (
            extreme.reduceat(features[:, self.range], first, axis=0)
            for extreme in (np.minimum, np.maximum)
        )
        bucket = np.concatenate([size, mean, low, high], axis=1)
        return np.concatenate([features, bucket[group], self.neighbor_differences(event)], axis=1)

    def neighbor_differences(self, event: Event) -> np.ndarray:
        """float32 [N, NEIGHBORS * differences]: neighbor minus node, NaN without neighbor."""
        assert event.neighbors is not None
        neighbors = event.neighbors[:, :NEIGHBORS]
        values = event.features[:, self.differences]
        found = np.where(neighbors[..., None] >= 0, values[neighbors], np.float32(np.nan))
        return (found - values[:, None]).reshape(len(values), -1)

    def of_survivors(self, nodes: np.ndarray, group: np.ndarray, score: np.ndarray) -> np.ndarray:
        """float32 [n, columns]: what stage 2 sees of the survivors of an event; the last
        CONTEXT_COLUMNS are those of `context`.

        nodes: their rows of `of_nodes`; group: their buckets; score: of stage 1."""
        weight = 1 / (1 + np.exp(SCORE_OFFSET - score))
        in_bucket = np.bincount(group, weight)[group]
        own = np.stack([score, in_bucket], axis=1).astype(np.float32)
        return np.concatenate([nodes, own, self.context(nodes, weight)], axis=1)

    def context(self, nodes: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """float32 [n, CONTEXT_COLUMNS]: for every station layer but the node's own (0 there) and
        every distance in theta the sum and the maximum of the weights, then for every distance the
        sum over the node's own station layer, itself included."""
        if len(nodes) == 0:
            return np.empty((0, CONTEXT_COLUMNS), np.float32)
        theta, layer = nodes[:, self.theta], station_layer(nodes[:, self.station])
        node, other, first = pairs_in_phi(nodes[:, self.phi], PHI_DISTANCE)
        distance, other_weight = np.abs(theta[node] - theta[other]), weight[other]
        other_layer, same = layer[other], layer[node] == layer[other]
        columns = []
        for of_layer in STATION_LAYERS:
            for limit in OTHER_LAYER_THETA:
                seen = ~same & (other_layer == of_layer) & (distance < limit)
                values = np.where(seen, other_weight, 0)
                columns += [np.add.reduceat(values, first), np.maximum.reduceat(values, first)]
        for limit in SAME_LAYER_THETA:
            columns.append(
                np.add.reduceat(np.where(same & (distance < limit), other_weight, 0), first)
            )
        return np.stack(columns, axis=1).astype(np.float32)


def station_layer(code: np.ndarray) -> np.ndarray:
    """0 inner, 1 middle, 2 outer."""
    return np.where(np.isin(code, INNER), 0, np.where(np.isin(code, OUTER), 2, 1))


def pairs_in_phi(phi: np.ndarray, distance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All pairs (node, other) that are closer than `distance` in phi, each node with itself too,
    ordered by node; and the first pair of every node."""
    order = np.argsort(phi, kind="stable")
    turn, angle = 2 * np.pi, phi.astype(np.float64)
    others = np.concatenate([order, order, order])
    around = np.concatenate([angle[order] - turn, angle[order], angle[order] + turn])
    begin = np.searchsorted(around, angle - distance, side="right")
    lengths = np.searchsorted(around, angle + distance, side="left") - begin
    first = np.cumsum(lengths) - lengths
    node = np.repeat(np.arange(len(phi)), lengths)
    return node, others[np.arange(len(node)) - first[node] + begin[node]], first
