"""One event in the forms in which programs have it."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt


class Fields(Protocol):
    """An awkward record, or an awkward array of records."""

    @property
    def fields(self) -> list[str]: ...
    def __getitem__(self, name: str, /) -> Any: ...


Event: TypeAlias = dict[str, Any] | npt.NDArray[np.void] | Fields


def columns_of(event: npt.NDArray[np.void] | Fields) -> dict[str, Any]:
    """The event as a dict of columns; the compiled part calls it for what is none. Fields of a
    structured array are copied, because they do not stand side by side."""
    if isinstance(event, np.ndarray) and event.dtype.names:
        return {
            name: np.require(event[name], requirements=("C", "A")) for name in event.dtype.names
        }
    module = type(event).__module__
    if module.partition(".")[0] != "awkward":
        raise TypeError(
            f"an event is of type {type(event).__name__}, expected a dict of NumPy arrays by the "
            "names of the ntuple, a structured NumPy array, or an awkward record (events[0])"
        )
    from stationhit.jagged import event_columns

    return event_columns(event)
