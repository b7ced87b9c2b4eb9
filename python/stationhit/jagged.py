"""Events in awkward arrays as columns of all their hits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

try:
    import awkward as ak
except ImportError as error:
    raise ImportError("jagged events need awkward: python3 -m pip install awkward") from error

Offsets = npt.NDArray[np.int64]
AXES = ("events", "hits or buckets", "entries")


@dataclass
class FlatEvents:
    """The columns of all events one after the other, as the compiled part takes them."""

    hits: dict[str, npt.NDArray[Any]]
    event_hits: Offsets  # [n_events + 1]
    buckets: dict[str, npt.NDArray[Any]] | None
    event_numbers: npt.NDArray[np.uint64]  # [n_events]

    def unflatten(self, values: npt.NDArray[Any]) -> ak.Array:
        return ak.unflatten(values, np.diff(self.event_hits))


def names_of(events: ak.Array | ak.Record | Mapping[str, Any]) -> list[str]:
    return events.fields if isinstance(events, (ak.Array, ak.Record)) else list(events)


def join_rows(rows: Iterable[Any], n_axes: int) -> ak.Array:
    """The rows of an array of arrays, or of a vector of vectors, one after the other."""
    rows = list(rows)
    counts = [len(row) for row in rows]
    if n_axes > 2:
        return ak.unflatten(join_rows((one for row in rows for one in row), n_axes - 1), counts)
    arrays = [np.asarray(row) for row in rows] or [np.empty(0)]
    # A vector without values does not say their type.
    return ak.unflatten(np.concatenate([a for a in arrays if len(a) > 0] or arrays[:1]), counts)


def to_awkward(column: Any, n_axes: int) -> ak.Array:
    """Also of arrays of arrays, which uproot (library="np") and RDataFrame (AsNumpy) give, and of
    the vectors in them."""
    if isinstance(column, ak.Array):
        return column
    is_array = isinstance(column, np.ndarray)
    if n_axes > 1 and (column.dtype == object if is_array else not isinstance(column, list)):
        return join_rows(column, n_axes)
    return ak.Array(column)


def column_of(events: ak.Array | Mapping[str, Any], name: str, n_axes: int) -> ak.Array:
    try:
        column = to_awkward(events[name], n_axes)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is no array of lists of numbers: {error}") from None
    if column.ndim != n_axes:
        raise ValueError(
            f"{name} has {column.ndim} dimensions, expected {n_axes}: {', '.join(AXES[:n_axes])}"
        )
    return column


def to_numpy(values: ak.Array, name: str) -> npt.NDArray[Any]:
    try:
        return ak.to_numpy(values, allow_missing=False)
    except ValueError as error:
        raise ValueError(f"{name} has values that are missing or no numbers: {error}") from None


def offsets_of(rows: ak.Array, name: str) -> Offsets:
    """Where the rows of each entry begin, last: their number."""
    counts = to_numpy(ak.num(rows), name)
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def values_of(rows: ak.Array, name: str) -> npt.NDArray[Any]:
    return to_numpy(ak.flatten(rows), name)


def require_equal(name: str, offsets: Offsets, first: str, expected: Offsets) -> None:
    if np.array_equal(offsets, expected):
        return
    if len(offsets) != len(expected):
        raise ValueError(
            f"{name} has {len(offsets) - 1} events, but {first} has {len(expected) - 1}"
        )
    counts, others = np.diff(offsets), np.diff(expected)
    event = int(np.argmax(counts != others))
    raise ValueError(
        f"{name} has {counts[event]} values in entry {event}, but {first} has {others[event]}"
    )


def to_hit_numbers(values: npt.NDArray[Any], name: str) -> npt.NDArray[np.uint32]:
    """As uint32; files have them in several types."""
    if values.dtype == np.uint32:
        return values
    if values.dtype.kind not in "iu" and len(values) > 0:
        raise TypeError(f"{name} has the dtype {values.dtype}, expected whole numbers")
    largest = np.iinfo(np.uint32).max
    for wrong in values[(values < 0) | (values > largest)][:1]:
        raise ValueError(f"{name} refers to hit {wrong}, expected 0 to {largest}")
    return values.astype(np.uint32)


def flatten_buckets(
    events: ak.Array | Mapping[str, Any], names: set[str]
) -> dict[str, npt.NDArray[Any]] | None:
    ranges = names & {"bucket_xMin", "bucket_xMax"}
    if "bucket_spacePoints" not in names:
        if ranges:
            raise ValueError(f"{min(ranges)} is given without bucket_spacePoints; give both")
        return None
    name = "bucket_spacePoints"
    lists = column_of(events, name, 3)
    of_buckets = ak.flatten(lists)
    buckets: dict[str, npt.NDArray[Any]] = {
        "events": offsets_of(lists, name),
        "entries": offsets_of(of_buckets, name),
        "hits": to_hit_numbers(values_of(of_buckets, name), name),
    }
    if ranges and len(ranges) < 2:
        raise ValueError("bucket_xMin and bucket_xMax are given together")
    for column in sorted(ranges):
        rows = column_of(events, column, 2)
        require_equal(column, offsets_of(rows, column), name, buckets["events"])
        buckets["x_min" if column == "bucket_xMin" else "x_max"] = values_of(rows, column)
    return buckets


def flatten_events(events: ak.Array | Mapping[str, Any]) -> FlatEvents:
    """Raises ValueError naming the column where the arrays do not fit each other, TypeError for
    hits of buckets that are no whole numbers."""
    names = names_of(events)
    hit_columns = [
        name for name in names if name.startswith("spacePoint_") and name != "spacePoint_truthLink"
    ]
    if not hit_columns:
        raise ValueError("the events have no columns spacePoint_...; give records with such fields")
    hits = {}
    event_hits: Offsets | None = None
    for name in hit_columns:
        rows = column_of(events, name, 2)
        offsets = offsets_of(rows, name)
        if event_hits is None:
            event_hits = offsets
        require_equal(name, offsets, hit_columns[0], event_hits)
        hits[name] = values_of(rows, name)
    assert event_hits is not None
    buckets = flatten_buckets(events, set(names))
    if buckets is not None and len(buckets["events"]) != len(event_hits):
        raise ValueError("bucket_spacePoints has another number of events than the hits")
    numbers = np.arange(len(event_hits) - 1, dtype=np.uint64)
    if "eventNumber" in names:
        numbers = to_numpy(column_of(events, "eventNumber", 1), "eventNumber").astype(np.uint64)
    return FlatEvents(hits, event_hits, buckets, numbers)


def event_columns(event: ak.Record | ak.Array | Mapping[str, Any]) -> dict[str, Any]:
    """One event of an awkward array (`events[3]`), an awkward array of the records of its hits, or
    a dict of its lists, as the NumPy columns that `HitClassifier.scores` takes (which calls this
    itself for what is no dict). Values of the hits and buckets are not copied where awkward
    has them in one piece; the numbers of hits in bucket_spacePoints become uint32, with
    bucket_offsets beside them. Needs awkward. Raises as HitClassifier.scores_of_events.
    """
    names = names_of(event)
    wanted = [name for name in names if name.startswith("spacePoint_")]
    columns = {name: column_of(event, name, 1) for name in wanted}
    result: dict[str, Any] = {name: to_numpy(values, name) for name, values in columns.items()}
    for name in {"bucket_xMin", "bucket_xMax"}.intersection(names):
        result[name] = to_numpy(column_of(event, name, 1), name)
    if "bucket_spacePoints" in names:
        lists = column_of(event, "bucket_spacePoints", 2)
        result["bucket_spacePoints"] = to_hit_numbers(
            values_of(lists, "bucket_spacePoints"), "bucket_spacePoints"
        )
        offsets = offsets_of(lists, "bucket_spacePoints")
        result["bucket_offsets"] = to_hit_numbers(offsets, "bucket_offsets")
    for name in {"runNumber", "eventNumber"}.intersection(names):
        result[name] = int(event[name])
    return result


@dataclass
class FullEvents:
    """Events with truth and header, as the compiled part takes them."""

    columns: dict[str, npt.NDArray[Any]]
    offsets: dict[str, Offsets]


PREFIXES = {"hits": "spacePoint_", "muons": "truthMuon_", "buckets": "bucket_"}
HEADER = {
    "runNumber": np.uint32,
    "eventNumber": np.uint64,
    "lbNumber": np.uint32,
    "bcid": np.uint32,
    "mcChannelNumber": np.uint32,
    "mcEventWeight": np.float32,
}
# What an evaluation reads.
TRUTH = (
    "eventNumber",
    "mcChannelNumber",
    *(f"truthMuon_{name}" for name in ("pt", "eta", "phi", "q")),
    *(f"spacePoint_{name}" for name in ("truthLink", "technology", "stationIndex", "stationEta")),
    *(f"spacePoint_{name}" for name in ("stationPhi", "layer", "measEta", "measPhi")),
    "bucket_spacePoints",
)


def flatten_full_events(events: ak.Array, names: Iterable[str]) -> FullEvents:
    """Of the columns `names`, among which there is at least one of every table."""
    columns: dict[str, npt.NDArray[Any]] = {}
    offsets: dict[str, Offsets] = {}
    first: dict[str, str] = {}
    for name in names:
        if name in HEADER:
            columns[name] = to_numpy(column_of(events, name, 1), name).astype(HEADER[name])
            continue
        table = next(key for key, prefix in PREFIXES.items() if name.startswith(prefix))
        rows = column_of(events, name, 3 if name == "bucket_spacePoints" else 2)
        table_offsets = offsets_of(rows, name)
        require_equal(
            name,
            table_offsets,
            first.setdefault(table, name),
            offsets.setdefault(table, table_offsets),
        )
        if name == "bucket_spacePoints":
            rows = ak.flatten(rows)
            offsets["entries"] = offsets_of(rows, name)
            columns[name] = to_hit_numbers(values_of(rows, name), name)
        else:
            columns[name] = values_of(rows, name)
    return FullEvents(columns, offsets)


def flatten_scored_events(
    scores: ak.Array, events: ak.Array
) -> tuple[npt.NDArray[np.float32], FullEvents]:
    missing = [name for name in TRUTH if name not in events.fields]
    if missing:
        raise ValueError(f"the events have no {', '.join(missing)}, which an evaluation reads")
    flat = flatten_full_events(events, TRUTH)
    rows = column_of({"scores": scores}, "scores", 2)
    require_equal(
        "scores", offsets_of(rows, "scores"), "spacePoint_truthLink", flat.offsets["hits"]
    )
    return values_of(rows, "scores"), flat
