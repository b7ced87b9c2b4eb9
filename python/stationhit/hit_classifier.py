"""Scores of hits from an exported model."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from stationhit import _stationhit

if TYPE_CHECKING:
    import awkward as ak

MODELS = Path(__file__).parent / "models"

columns: dict[str, np.dtype[Any]] = {
    name: np.dtype(type_name) for name, type_name in _stationhit._column_types()
}
"""Every column of the hits, by the names of the ntuple, with its type."""


def models() -> dict[str, Path]:
    """Names and files of the models that are used by name: those of the folder in the environment
    variable STATIONHIT_MODELS, then those that come with the package."""
    return {name: Path(file) for name, file in _stationhit._models(MODELS)}


def read_json(text: str, what: str) -> Any:
    """The value of a text of JSON among the metadata of a model; None for an empty text."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _stationhit.DataError(f"{what} cannot be read: {error}") from None


class HitClassifier(_stationhit.HitClassifier):
    """A model that gives every hit of an event a score.

    model: an ONNX file that stationhit has exported, or the name of a model that comes with the
        package (see `models`).
    backend: what runs the model: "engine", "onnxruntime" (where the package was built with it, see
        `backends`), or "auto": the engine where it can run the file, else ONNX Runtime.
    precision: of the products of a float32 file: "float32", or "bfloat16" (engine only).
    threads: of ONNX Runtime inside one event.
    accept_changed: load a model, too, that was edited after stationhit wrote it.

    Warns (UserWarning) where a model is doubtful: edited, without a checksum, or int8 on a
    processor that computes it differently. Raises DataError for a file that is missing, damaged or
    no model, and for an unknown name; UsageError for choices that do not exist or exclude each
    other.

    An object is used by any number of threads at once. The hits of an event get the same bits in
    every call.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        backend: Literal["auto", "engine", "onnxruntime"] = "auto",
        precision: Literal["float32", "bfloat16"] = "float32",
        threads: int = 1,
        accept_changed: bool = False,
    ) -> None:
        file = _stationhit._find_model(model, MODELS)
        super().__init__(
            file,
            backend=backend,
            precision=precision,
            threads=threads,
            accept_changed=accept_changed,
        )
        self._arguments = (file, backend, precision, threads, accept_changed)
        for warning in self._load_warnings():
            warnings.warn(warning, stacklevel=2)

    def __reduce__(self) -> tuple[Any, ...]:
        return _load_again, self._arguments

    def __repr__(self) -> str:
        return f"HitClassifier({os.fspath(self.path)!r}, {self.backend}, {self.precision})"

    @property
    def card(self) -> dict[str, Any] | None:
        """The model card: sample, results on its test split, intended use, limits, license; None
        for a file without one. `stationhit inspect MODEL --card` prints it as a text."""
        return read_json(self._texts()["card"], f"{self.path}: the model card")

    @property
    def metadata(self) -> dict[str, Any]:
        """What the file says of itself: architecture, network, graph (settings as dicts), features,
        thresholds, pos_weight (weight of the signal in the loss: the calibrated logit is the logit
        minus its logarithm), version, config_hash, interface, quantization."""
        texts = self._texts()
        settings = {
            key: read_json(texts[key], f"{self.path}: {key}")
            for key in ("network", "graph", "quantization")
        }
        names = {key: texts[key] for key in ("architecture", "interface", "version", "config_hash")}
        return {
            **names,
            **settings,
            "features": self.feature_names,
            "thresholds": self.thresholds,
            "pos_weight": self._pos_weight(),
        }

    def scores_of_events(
        self,
        events: ak.Array | dict[str, Any],
        out: npt.NDArray[np.float32] | None = None,
        *,
        threads: int = 1,
    ) -> ak.Array:
        """Scores of the hits of many events; needs awkward.

        events: an awkward array of records, as uproot reads an ntuple
            (`tree.arrays(classifier.needed_columns())`) and `ak.from_rdataframe` does, or a dict of
            jagged arrays by name, also as NumPy arrays of arrays (`library="np"` of uproot). The
            columns of the hits are [n_events, hits], bucket_spacePoints is [n_events, buckets,
            entries], bucket_xMin and bucket_xMax are [n_events, buckets], eventNumber is
            [n_events].
            Columns of the hits are not copied where awkward has their values in one piece.
        out: float32 [hits of all events], where the scores are written to.
        threads: events that are scored at the same time.

        Returns float32 [n_events, hits]. Raises as `scores`, with "event i" (or its eventNumber)
        and the column in the message. Ctrl-C ends it after the events that are being scored.
        """
        from stationhit.jagged import flatten_events

        flat = flatten_events(events)
        scores = self._score_events(
            flat.hits, flat.event_hits, flat.buckets, flat.event_numbers, threads, out
        )
        return flat.unflatten(scores)


def _load_again(
    file: os.PathLike[str],
    backend: Literal["auto", "engine", "onnxruntime"],
    precision: Literal["float32", "bfloat16"],
    threads: int,
    accept_changed: bool,
) -> HitClassifier:
    return HitClassifier(
        file,
        backend=backend,
        precision=precision,
        threads=threads,
        accept_changed=accept_changed,
    )
