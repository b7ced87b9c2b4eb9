"""What files contain, without what differs between two equal runs: times, and the layout and time
stamps of ROOT files. Equal contents have equal digests.

* ROOT: the values of every branch or field of every tree and RNTuple
* safetensors: names, shapes and bytes of the tensors; metadata without times and hashes over them
* JSON and tables: all values without times; figures, HTML pages, logs and files whose name says
  that they hold times: only that they are there
* everything else (ONNX, YAML, text): all bytes
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import awkward
import uproot

TIMES = re.compile(
    r"seconds|loader_wait|events_per_s|(^|_)ms(_|$)|latency|speed|ratio|^memory_before$"
)
ROWS_OF_TIMES = re.compile(r"ms/event|faster|slower")
HASHES = re.compile(r"xxh3|hash")
NOT_COMPARED = {".pdf", ".png", ".svg", ".html", ".log"}
# Of an ntuple in a manifest: these follow from its bytes, not from its events.
OF_THE_BYTES = frozenset({"fingerprint", "inputs"})
UNREADABLE = "unreadable"


def digest(*parts: bytes) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(8, "little"))
        hashed.update(part)
    return hashed.hexdigest()[:16]


def without_times(value: Any, ignored: frozenset[str] = frozenset()) -> Any:
    """JSON without the members whose names say time, and without the ignored ones."""
    if isinstance(value, dict):
        return {
            key: without_times(member, ignored)
            for key, member in value.items()
            if not TIMES.search(key) and key not in ignored
        }
    if isinstance(value, list):
        return [without_times(member, ignored) for member in value]
    return value


def of_json(data: bytes, ignored: frozenset[str]) -> str:
    return digest(json.dumps(without_times(json.loads(data), ignored), sort_keys=True).encode())


def of_csv(data: bytes) -> str:
    rows = list(csv.reader(io.StringIO(without_rows_of_times(data).decode())))
    kept = [i for i, name in enumerate(rows[0]) if not TIMES.search(name)] if rows else []
    return digest(json.dumps([[row[i] for i in kept] for row in rows]).encode())


def without_rows_of_times(data: bytes) -> bytes:
    lines = data.decode().splitlines(keepends=True)
    return "".join(line for line in lines if not ROWS_OF_TIMES.search(line)).encode()


def of_safetensors(data: bytes) -> str:
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = {
        key: without_times(json.loads(text)) if key == "stationhit" else text
        for key, text in header.pop("__metadata__", {}).items()
        if not HASHES.search(key)
    }
    texts = (json.dumps(part, sort_keys=True).encode() for part in (header, metadata))
    return digest(*texts, data[8 + length :])


def of_root(path: Path) -> str:
    parts: list[bytes] = []
    with uproot.open(path) as file:
        for name, kind in sorted(file.classnames().items()):
            parts += [name.encode(), kind.encode()]
            if "TTree" in kind or "RNTuple" in kind:
                parts += columns_of(file[name])
    return digest(*parts)


def columns_of(tree: Any) -> Iterable[bytes]:
    for name in sorted(tree.keys()):
        column = awkward.to_packed(tree[name].array())
        form, length, buffers = awkward.to_buffers(column)
        yield f"{name} {form.type} {length}".encode()
        for key in sorted(buffers):
            yield buffers[key].tobytes()


def content_of(path: Path, ignored: frozenset[str] = frozenset()) -> str:
    """Digest of one file; `unreadable` if it is not a whole file of its format."""
    try:
        if path.suffix in NOT_COMPARED or TIMES.search(path.stem):
            return "there"
        if path.suffix == ".root":
            return of_root(path)
        data = path.read_bytes()
        if path.suffix == ".json":
            return of_json(data, ignored)
        if path.suffix == ".csv":
            return of_csv(data)
        if path.suffix == ".md":
            return digest(without_rows_of_times(data))
        if path.suffix == ".safetensors":
            return of_safetensors(data)
        return digest(data)
    except Exception:  # whatever the libraries throw for a file that is cut short
        return UNREADABLE


def contents_of(
    folder: Path, paths: Iterable[str] = (".",), ignored: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Digests of the files under `paths` of the folder, by their path in it."""
    found: dict[str, str] = {}
    for start in (folder / path for path in paths):
        files = sorted(start.rglob("*")) if start.is_dir() else [start]
        for path in files:
            if path.is_file():
                found[str(path.relative_to(folder))] = content_of(path, ignored)
    return found


def differences(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    """Files that are missing, left over or different, as text."""
    lines = [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    lines += [f"{name} is left over" for name in sorted(found.keys() - expected.keys())]
    both = sorted(expected.keys() & found.keys())
    return lines + [f"{name} differs" for name in both if expected[name] != found[name]]
