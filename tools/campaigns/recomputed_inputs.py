"""Nodes, features, neighbors and statistics of events by their definitions (docs/graphs.md,
docs/features.md), in NumPy, for comparison with those of the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Columns = dict[str, Array]  # of the hits of an event, by the name without spacePoint_

LAYERS = {
    "BI": (0, 1, 7, 52),
    "BM": (2, 3, 8, 53, 54),
    "BO": (4, 5, 9, 10),
    "EE": (6, 14, 15),
    "EI": (13, 47, 48, 49, 55, 56, 57, 58),
    "EM": (17, 18, 41, 42, 43, 44, 45, 46),
    "EO": (20, 21),
}
LAYER_OF = {code: layer for layer, codes in LAYERS.items() for code in codes}
DEPTH = {"BI": 0, "EI": 0, "BM": 1, "EM": 1, "BO": 2, "EO": 2}
SMALL = {1, 3, 5, 6, 8, 9, 10, 13, 14, 18, 21, 54, 55, 57}
TGC, TGC_CHAMBERS = 3, {41: 24, 43: 24, 45: 24, 47: 24, 42: 48, 44: 48, 46: 48, 48: 21}
ORDER = (
    *("technology", "stationIndex", "stationEta", "stationPhi", "layer", "channel", "secChannel"),
    *("PositionX", "PositionY", "PositionZ", "driftR", "time"),
)
COORDINATES = {"localX": "PositionX", "localY": "PositionY", "localZ": "PositionZ"} | {
    f"glob{axis}": f"globPos{axis}" for axis in "XYZ"
}
LENGTH, GAP, MIRROR = 2000.0, 800.0, 250.0  # mm, of the bucket rule


@dataclass
class Event:
    hits: Columns
    buckets: list[Array]  # of the file, hit numbers
    ranges: list[tuple[np.float32, np.float32]]  # of the buckets, along y
    muons: int

    def __len__(self) -> int:
        return len(self.hits["time"])


@dataclass
class Nodes:
    """hit: of every node; offsets: where the groups begin, and the number of nodes."""

    hit: Array
    offsets: Array
    ranges: list[tuple[np.float32, np.float32]]

    def groups(self) -> Iterator[slice]:
        for first, last in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            yield slice(int(first), int(last))


def event_of(row: Any) -> Event:
    """From an entry of an ntuple or a shard, as awkward gives it."""
    fields = [name for name in row.fields if name.startswith("spacePoint_")]
    hits = {name.removeprefix("spacePoint_"): np.asarray(row[name]) for name in fields}
    lists = row["bucket_spacePoints"]
    if "bucket_nSpacePoints" in row.fields:
        ends = np.cumsum(np.asarray(row["bucket_nSpacePoints"]).astype(int))
        buckets = np.split(np.asarray(lists).astype(int), ends[:-1]) if len(ends) else []
    else:
        buckets = [np.asarray(bucket).astype(int) for bucket in lists]
    limits = (np.asarray(row[f"bucket_x{end}"], dtype=np.float32) for end in ("Min", "Max"))
    return Event(hits, buckets, list(zip(*limits, strict=True)), len(row["truthMuon_pt"]))


def sectors(hits: Columns) -> Array:
    """1 to 16, of every hit."""
    phi, station = hits["stationPhi"].astype(int), hits["stationIndex"].astype(int)
    sector = 2 * phi - np.where(np.isin(station, list(SMALL)), 0, 1)
    for code, chambers in TGC_CHAMBERS.items():
        turned = np.floor(16 * (phi - 1) / chambers + 0.5).astype(int) % 16 + 1
        sector = np.where((hits["technology"] == TGC) & (station == code), turned, sector)
    return sector


def canonical_rank(hits: Columns) -> Array:
    """Place of every hit in the canonical order."""
    order = np.lexsort([hits[name] for name in reversed(ORDER)])
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    return rank


def along_precision(layer: str, sector: int, x: Array, y: Array, z: Array) -> Array:
    if layer.startswith("B"):
        return z
    phi = (sector - 1) * np.pi / 8
    return (x.astype(float) * np.cos(phi) + y.astype(float) * np.sin(phi)).astype(np.float32)


def built_buckets(event: Event, rank: Array) -> tuple[list[Array], list[tuple[Any, Any]]]:
    """Buckets by the bucket rule, and their ranges."""
    hits = event.hits
    layers = np.array([LAYER_OF.get(int(code), "unknown") for code in hits["stationIndex"]])
    sector, side = sectors(hits), hits["stationEta"].astype(int) < 0
    phi_only = (hits["measPhi"] != 0) & (hits["measEta"] == 0)
    buckets: list[Array] = []
    ranges: list[tuple[Any, Any]] = []
    for layer, number, behind in sorted(set(zip(layers, sector, side, strict=True))):
        members = np.flatnonzero((layers == layer) & (sector == number) & (side == behind))
        places = [
            along_precision(layer, number, *(hits[f"{kind}{axis}"][members] for axis in "XYZ"))
            for kind in ("globPos", "globEdgeLow", "globEdgeHigh")
        ]
        only = phi_only[members]
        own = np.flatnonzero(~only)
        own = own[np.lexsort([rank[members[own]], places[0][own]])]
        low, high = (end(places[1], places[2]) for end in (np.minimum, np.maximum))
        y = places[0][own].astype(float)
        for inside, limits in cut(y):
            overlaps = only & (low <= limits[1]) & (high >= limits[0])
            buckets.append(np.concatenate([members[own[inside]], members[overlaps]]))
            ranges.append((np.float32(limits[0]), np.float32(limits[1])))
    return buckets, ranges


def cut(y: Array) -> Iterator[tuple[Array, tuple[float, float]]]:
    """Members of the buckets of sorted coordinates, with overlap hits, and the range without."""
    starts: list[int] = []
    for n in range(len(y)):
        if not starts or y[n] - y[starts[-1]] > LENGTH or y[n] - y[n - 1] > GAP:
            starts.append(n)
    ends = [*starts[1:], len(y)][: len(starts)]
    for b, (first, last) in enumerate(zip(starts, ends, strict=True)):
        inside = np.arange(first, last)
        if b > 0 and y[first] - y[first - 1] <= GAP:
            border = (y[first - 1] + y[first]) / 2
            before = np.arange(starts[b - 1], first)
            inside = np.concatenate([before[y[before] >= border - MIRROR], inside])
        if last < len(y) and y[last] - y[last - 1] <= GAP:
            border = (y[last - 1] + y[last]) / 2
            after = np.arange(last, ends[b + 1])
            inside = np.concatenate([inside, after[y[after] <= border + MIRROR]])
        yield inside, (y[first], y[last - 1])


def make_nodes(event: Event, graph: dict[str, Any]) -> Nodes:
    """graph: the section of the run, with all keys."""
    rank = canonical_rank(event.hits)
    y = event.hits["PositionY"]
    ranges: list[Any]
    if graph["grouping"] == "event":
        groups, ranges = [np.arange(len(event))], [None]
    elif graph["grouping"] == "sector":
        sector = sectors(event.hits)
        groups = [np.flatnonzero(sector == s) for s in range(1, 17)]
        ranges = [None] * len(groups)
    elif graph["buckets"] == "build" or not event.buckets:
        groups, ranges = built_buckets(event, rank)
    else:
        groups, ranges = list(event.buckets), list(event.ranges)
    alone = np.setdiff1d(np.arange(len(event)), np.concatenate([*groups, [-1]]))
    groups += [np.array([hit]) for hit in alone]
    ranges += [None] * len(alone)
    made = []
    for hits, limits in zip(groups, ranges, strict=True):
        if len(hits) == 0:
            continue
        hits = np.unique(hits)
        hits = hits[np.argsort(rank[hits])]
        made.append((hits, limits or (y[hits].min(), y[hits].max())))
    made.sort(key=lambda group: [*rank[group[0]]])
    sizes = [len(hits) for hits, _ in made]
    hit = np.concatenate([hits for hits, _ in made]) if made else np.zeros(0, int)
    return Nodes(hit, np.cumsum([0, *sizes]), [limits for _, limits in made])


def squared_distances(coordinates: Sequence[Array]) -> Array:
    """float32, added in the order of the coordinates."""
    total = np.zeros((len(coordinates[0]),) * 2, np.float32)
    for values in coordinates:
        difference = values[:, None] - values[None, :]
        total = total + difference * difference
    return total


def make_neighbors(event: Event, nodes: Nodes, graph: dict[str, Any]) -> Array:
    """int [n_nodes, k], padded with -1."""
    k = graph["k"]
    table = np.full((len(nodes.hit), k), -1)
    limit = np.float32((10 * graph["radius"]) ** 2)
    for group in nodes.groups():
        hits = nodes.hit[group]
        distance = squared_distances(
            [event.hits[COORDINATES[name]][hits].astype(np.float32) for name in graph["metric"]]
        )
        np.fill_diagonal(distance, np.inf)
        if graph["edges"] == "radius":
            distance[distance > limit] = np.inf
        # Nodes of a group stand in canonical order, which a stable sort keeps.
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
        found = np.isfinite(np.take_along_axis(distance, nearest, axis=1))
        table[group, : nearest.shape[1]] = np.where(found, nearest + group.start, -1)
    return table


def relative_layers(hits: Columns) -> Array:
    """Of the hits of one group."""
    codes = list(
        zip(*(hits[n].astype(int) for n in ("technology", "stationIndex", "layer")), strict=True)
    )
    z = hits["PositionZ"].astype(float)

    def place(code: tuple[int, ...]) -> tuple[bool, float, tuple[int, ...]]:
        median = float(np.median([z[i] for i, other in enumerate(codes) if other == code]))
        return code[0] != 0, median, code

    ranked = sorted(set(codes), key=place)
    return np.array(
        [np.float32(1 + ranked.index(c)) / np.float32(len(ranked)) for c in codes], np.float32
    )


def directions(hits: Columns) -> Array:
    """float64 [hits, 3]: unit vector along the sensitive element, oriented."""
    edge = np.stack(
        [hits[f"globEdgeHigh{a}"].astype(float) - hits[f"globEdgeLow{a}"] for a in "XYZ"], axis=1
    )
    x, y = (hits[f"globPos{axis}"].astype(float) for axis in "XY")
    radius = np.hypot(x, y)
    safe = np.where(radius > 0, radius, 1)
    cosine, sine = np.where(radius > 0, x / safe, 1), np.where(radius > 0, y / safe, 0)
    parts = np.stack(
        [
            edge[:, 1] * cosine - edge[:, 0] * sine,
            edge[:, 0] * cosine + edge[:, 1] * sine,
            edge[:, 2],
        ]
    )
    largest = np.take_along_axis(parts, np.argmax(np.abs(parts), axis=0)[None], axis=0)[0]
    length = np.linalg.norm(edge, axis=1)
    return (
        np.where(length > 0, np.sign(largest) / np.where(length > 0, length, 1), 0)[:, None] * edge
    )


def lengths(hits: Columns) -> Array:
    edges = [hits[f"globEdgeHigh{a}"].astype(float) - hits[f"globEdgeLow{a}"] for a in "XYZ"]
    return np.sqrt(sum(edge**2 for edge in edges))


PLAIN = {**COORDINATES, "covX": "covXX", "covY": "covYY"}


def hit_feature(name: str, hits: Columns) -> Array:
    """A feature that follows from the hit alone, of every hit."""
    x, y, z = (hits[f"globPos{axis}"].astype(float) for axis in "XYZ")
    if name.startswith("edgeDir"):
        return directions(hits)[:, "XYZ".index(name[-1])]
    if name == "stationLayer":
        return np.array([DEPTH.get(LAYER_OF.get(int(c), ""), 3) for c in hits["stationIndex"]])
    computed = {
        "r": lambda: np.hypot(x, y),
        "theta": lambda: np.arctan2(np.hypot(x, y), z),
        "phi": lambda: np.arctan2(y, x),
        "eta": lambda: np.arcsinh(z / np.maximum(np.hypot(x, y), 1e-3)),
        "edgeLength": lambda: lengths(hits),
    }
    return computed[name]() if name in computed else hits[PLAIN.get(name, name)]


def group_feature(name: str, hits: Columns, limits: tuple[np.float32, np.float32]) -> Array:
    """A feature of the hits of one group."""
    n = len(hits["time"])
    if name == "relative_layer":
        return relative_layers(hits)
    close = squared_distances([hits["PositionX"], hits["PositionY"]]) < np.float32(500**2)
    count = (close.sum(axis=1) - 1).astype(np.float32)
    density = np.float32(n) / max(np.float32(limits[1] - limits[0]), np.float32(10))
    return {
        "neighbors": count,
        "bucket_density": np.full(n, density),
        "isolation": count / density,
    }[name]


def make_features(event: Event, nodes: Nodes, names: Sequence[str]) -> Array:
    """float32 [n_nodes, features]."""
    table = np.zeros((len(nodes.hit), len(names)), np.float32)
    for column, name in enumerate(names):
        if name == "nBuckets":
            table[:, column] = np.bincount(nodes.hit, minlength=len(event))[nodes.hit]
        elif name in ("relative_layer", "neighbors", "bucket_density", "isolation"):
            for group, limits in zip(nodes.groups(), nodes.ranges, strict=True):
                hits = {key: values[nodes.hit[group]] for key, values in event.hits.items()}
                table[group, column] = group_feature(name, hits, limits)
        else:
            table[:, column] = hit_feature(name, event.hits)[nodes.hit]
    return table


def statistics_differences(
    features: Array, names: Sequence[str], found: list[dict[str, Any]]
) -> list[str]:
    """What is not as in the file of statistics. features: of all nodes of the training split."""
    texts = []
    for column, (name, entry) in enumerate(zip(names, found, strict=True)):
        values = features[:, column].astype(float)
        spread = max(float(np.abs(values).max()), 1e-300)
        for key, value in (
            ("mean", values.mean()),
            ("std", values.std()),
            ("min", values.min()),
            ("max", values.max()),
        ):
            if abs(entry[key] - value) > 2e-6 * spread:
                texts.append(f"{key} of {name} is {entry[key]}, recomputed {value}")
        if entry["name"] != name or entry["count"] != len(values):
            texts.append(f"{name}: {entry['count']} values of {entry['name']}, not {len(values)}")
        quartiles = [np.sort(values)[int(np.ceil(q * len(values))) - 1] for q in (0.25, 0.5, 0.75)]
        error = entry["quantile_error"] + 2e-6 * spread
        if abs(entry["median"] - quartiles[1]) > error:
            texts.append(f"median of {name} is {entry['median']}, recomputed {quartiles[1]}")
        if abs(entry["iqr"] - (quartiles[2] - quartiles[0])) > 2 * error:
            texts.append(f"iqr of {name} is {entry['iqr']}")
    return texts
