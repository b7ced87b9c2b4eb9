"""The engine in the process of a Python program: `libengine_peer.so` of the build
(bench/engine_peer.cpp)."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np

from materialized_set import Event

SIZE = ctypes.c_size_t(1000)  # of the text of an error


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """The address of its first value; the array must stay until the call returns."""
    return ctypes.c_void_p(array.ctypes.data)


class Engine:
    """A model file that the engine runs. One event is set, then run as often as wanted."""

    def __init__(self, library: Path, model: Path, in_bfloat16: bool = False) -> None:
        if not library.exists():
            raise SystemExit(
                f"error: {library}: no such file; build it with `cmake --build build/release "
                "--target engine_peer`"
            )
        self.library = ctypes.CDLL(str(library))
        self.library.engine_open.restype = ctypes.c_void_p
        self.library.engine_run.restype = ctypes.c_bool
        self.error = ctypes.create_string_buffer(SIZE.value)
        self.model = ctypes.c_void_p(
            self.library.engine_open(
                str(model).encode(), ctypes.c_bool(in_bfloat16), self.error, SIZE
            )
        )
        if not self.model:
            raise SystemExit(f"error: {self.error.value.decode()}")
        self.logits = np.empty(0, np.float32)

    def set_event(self, event: Event) -> None:
        """Copies its features, neighbors and groups."""
        features = np.ascontiguousarray(event.features, np.float32)
        has_table = event.neighbors is not None
        neighbors = np.ascontiguousarray(
            event.neighbors if has_table else np.empty((0, 0)), np.int32
        )
        offsets = np.ascontiguousarray(event.offsets, np.int64)
        self.library.engine_set_event(
            self.model,
            ctypes.c_size_t(len(features)),
            pointer(features),
            ctypes.c_int32(neighbors.shape[1]),
            pointer(neighbors),
            ctypes.c_size_t(len(offsets) - 1),
            pointer(offsets),
        )
        self.logits = np.empty(len(features), np.float32)

    def run(self) -> np.ndarray:
        """The logits of the event, [N]."""
        logits = pointer(self.logits)
        if not self.library.engine_run(self.model, logits, self.error, SIZE):
            raise SystemExit(f"error: {self.error.value.decode()}")
        return self.logits

    def __del__(self) -> None:
        if getattr(self, "model", None):
            self.library.engine_close(self.model)
