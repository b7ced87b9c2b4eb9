"""Prepared and materialized splits in Python (docs/data.md)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from stationhit import _stationhit

if TYPE_CHECKING:
    import awkward as ak

TYPES = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "I8": np.int8,
    "U16": np.uint16,
    "I16": np.int16,
    "F16": np.float16,
    "U32": np.uint32,
    "I32": np.int32,
    "F32": np.float32,
    "U64": np.uint64,
    "I64": np.int64,
    "F64": np.float64,
}


def read_shard(
    path: Path, checksums: dict[str, str], columns: Sequence[str] | None, verify: bool
) -> ak.Array:
    try:
        import awkward as ak
        import uproot
    except ImportError as error:
        raise ImportError(
            "prepared splits need uproot and awkward: python3 -m pip install 'uproot>=5.7' awkward"
        ) from error
    from stationhit.jagged import flatten_full_events

    lists = "bucket_spacePoints"
    wanted = None
    if columns is not None and not verify:
        wanted = [*columns, *(["bucket_nSpacePoints"] if lists in columns else [])]
    try:
        with uproot.open(path) as file:
            fields = file["events"].keys()
            for unknown in set(columns or ()) - set(fields):
                raise KeyError(unknown)
            events = file["events"].arrays(wanted)
    except KeyError as error:
        raise _stationhit.UsageError(f"{path}: has no column {error}") from None
    except Exception as error:
        cause = " ".join(str(error).split())
        raise _stationhit.DataError(
            f"{path}: the shard cannot be read: {cause}; the same `stationhit prepare` into the "
            "same folder makes missing and damaged shards again"
        ) from error
    if lists in events.fields:
        counts = events["bucket_nSpacePoints"]
        flat = ak.unflatten(ak.flatten(events[lists]), ak.flatten(counts))
        events = ak.with_field(events, ak.unflatten(flat, ak.num(counts)), lists)
        events = events[[name for name in events.fields if name != "bucket_nSpacePoints"]]
    if verify:
        whole = flatten_full_events(events, events.fields)
        _stationhit._verify_shard(str(path), checksums, whole.columns, whole.offsets)
    return events if columns is None else events[list(columns)]


def iterate_split(
    folder: str | os.PathLike[str],
    split: str | None = None,
    columns: Sequence[str] | None = None,
    *,
    verify: bool = True,
) -> Iterator[ak.Array]:
    """The shards of a prepared split, one after the other. As `read_split`."""
    place = Path(folder) / split if split else Path(folder)
    for shard in _stationhit._open_prepared(place):
        yield read_shard(Path(shard["path"]), shard["checksums"], columns, verify)


def read_split(
    folder: str | os.PathLike[str],
    split: str | None = None,
    columns: Sequence[str] | None = None,
    *,
    verify: bool = True,
) -> ak.Array:
    """The events of a prepared split as an awkward array; needs uproot and awkward.

    folder, split: "data", "train", or the folder of the split alone.
    columns: names of the ntuple; without them all. bucket_spacePoints is [n_events, buckets,
        entries], as in an ntuple.
    verify: compare all columns with the checksums of the manifest, as the program does. False
        reads the wanted columns only.

    The manifest is checked as the program checks it: its format, that every shard is there, that
    their counts add up. Raises DataError naming the file and what is wrong, UsageError for a
    column that does not exist.
    """
    shards = list(iterate_split(folder, split, columns, verify=verify))
    import awkward as ak

    return ak.concatenate(shards) if shards else ak.Array([])


def read_materialized(
    folder: str | os.PathLike[str], split: str | None = None, *, verify: bool = True
) -> list[dict[str, npt.NDArray[Any]]]:
    """The parts of a materialized split: of each, its tensors by name (docs/data.md lists them).
    The arrays are views of the files, which are mapped into memory, and cannot be written to.

    verify: read all parts and compare them with their checksums, as the program does.

    Raises DataError naming the file and what is wrong.
    """
    place = Path(folder) / split if split else Path(folder)
    return [
        read_part(Path(part["path"]), part["checksum"] if verify else "")
        for part in _stationhit._open_materialized(place)
    ]


def read_part(path: Path, checksum: str) -> dict[str, npt.NDArray[Any]]:
    tensors = _stationhit._Tensors.open(path, checksum)
    return {
        name: tensors.bytes_of(name)
        .view(TYPES[tensors.type_of(name)])
        .reshape(tensors.shape_of(name))
        for name in tensors.names()
    }
