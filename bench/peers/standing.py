#!/usr/bin/env python3
"""Compares every exported form of one trained EdgeConv with the study-style export: ms per event,
size, purity at 99 % hit efficiency, error of the logits.

    tools/bootstrap.sh peers
    taskset -c 0 .deps/venv/bin/python bench/peers/standing.py RUN --split SET/test --events 100

RUN is the run directory of an edgeconv with one message layer, max, relu and no layer norm, SET
what `stationhit prepare --materialize` wrote for it. Exports the forms that are missing in
RUN/checkpoints: the interfaces table and edges, and int8 of both (export -q). The study-style file
is made here, and so are int8 forms of it and of our table by onnxruntime.quantization (static,
matrix products only, calibrated on ten of the events). Before anything is timed, the float forms
must agree to 1e-4. All run in ONNX Runtime with one thread, in turns, on the same event."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from materialized_set import Event, MaterializedSplit
from networks import load_checkpoint, write_study_onnx
from timing import Timing, interleaved, machine

Inputs = dict[str, np.ndarray]


def edges(event: Event) -> np.ndarray:
    """[2, E]: source, destination; for fully connected groups all pairs of different nodes."""
    if event.neighbors is not None:
        rows, columns = np.nonzero(event.neighbors >= 0)
        return np.stack([event.neighbors[rows, columns], rows]).astype(np.int64)
    pairs = []
    for first, last in zip(event.offsets[:-1], event.offsets[1:], strict=True):
        nodes = np.arange(first, last)
        a, b = np.meshgrid(nodes, nodes)
        pairs.append(np.stack([a[a != b], b[a != b]]))
    return np.concatenate(pairs, axis=1).astype(np.int64)


def slots(event: Event) -> tuple[np.ndarray, np.ndarray]:
    """slots [B, M] and slot_of_node [N] of the interface table."""
    sizes, group = np.diff(event.offsets), event.groups()
    place = np.arange(len(event.features)) - event.offsets[group]
    table = np.full((len(sizes), max(1, sizes.max(initial=1))), -1, np.int32)
    table[group, place] = np.arange(len(event.features))
    return table, (group * table.shape[1] + place).astype(np.int32)


@dataclass
class Form:
    """A file and the form in which it takes an event."""

    name: str
    path: Path
    study: bool = False
    session: onnxruntime.InferenceSession = field(init=False)
    scores: np.ndarray = field(init=False)  # of the hits of all events

    def __post_init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            self.path, options, providers=["CPUExecutionProvider"]
        )

    def inputs(self, event: Event) -> Inputs:
        """The inputs that the file needs. The study-style network sees a hit's own message only
        through an edge to itself."""
        wanted = {value.name for value in self.session.get_inputs()}
        inputs = {"features": event.features}
        if "neighbours" in wanted and event.neighbors is not None:
            inputs["neighbours"] = event.neighbors
        if "slots" in wanted:
            inputs["slots"], inputs["slot_of_node"] = slots(event)
        if "edge_index" in wanted:
            own = np.arange(len(event.features), dtype=np.int64)
            add_itself = self.study and event.neighbors is None
            inputs["edge_index"] = (
                np.concatenate([edges(event), np.stack([own, own])], axis=1)
                if add_itself
                else edges(event)
            )
        return inputs

    def logits(self, inputs: Inputs) -> np.ndarray:
        """[N]"""
        return self.session.run(None, inputs)[0][:, 0]


class Calibration(CalibrationDataReader):
    """Events for onnxruntime.quantization."""

    def __init__(self, inputs: list[Inputs]) -> None:
        self.inputs = iter(inputs)

    def get_next(self) -> Inputs | None:
        """The next one."""
        return next(self.inputs, None)


def hit_scores(form: Form, events: list[Event]) -> np.ndarray:
    """The logits of the hits of all events, one after the other; a hit has the largest logit of its
    nodes."""
    scores = []
    for event in events:
        score = np.full(len(event.is_true), -100.0, np.float32)
        np.maximum.at(score, event.hit, form.logits(form.inputs(event)))
        scores.append(score)
    return np.concatenate(scores)


def purity(scores: np.ndarray, is_true: np.ndarray) -> float:
    """Fraction of signal hits among the hits above the logit that keeps 99 % of the signal hits."""
    signal = np.sort(scores[is_true])[::-1]
    kept = scores >= signal[int(np.ceil(0.99 * len(signal))) - 1]
    return float(is_true[kept].mean())


def quantize(form: Form, events: list[Event], path: Path) -> None:
    """Static int8 of the linear layers."""
    quantize_static(
        form.path,
        path,
        Calibration([form.inputs(event) for event in events]),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        reduce_range=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Gemm", "MatMul"],
    )


def export(arguments: argparse.Namespace) -> dict[str, Path]:
    """Our files; missing ones are made."""
    folder = arguments.run / "checkpoints"
    files = {
        "table": folder / "model.onnx",
        "edges": folder / "model_edges.onnx",
        "table int8": folder / "onnx_benchmarking/model.int8.onnx",
        "edges int8": folder / "onnx_benchmarking_edges/model_edges.int8.onnx",
    }
    edges = ["--interface", "edges"]
    options = {"table": [], "edges": edges, "table int8": ["-q"], "edges int8": ["-q", *edges]}
    for name, path in files.items():
        if not path.exists():
            subprocess.run(
                [arguments.program, "export", "-c", arguments.run / "config.yaml", *options[name]],
                check=True,
            )
    return files


def compare(
    arguments: argparse.Namespace, folder: Path
) -> tuple[list[Form], dict[str, Timing], Event, np.ndarray]:
    """Makes all forms, checks them, times them and measures their purity."""
    files, events = (
        export(arguments),
        list(MaterializedSplit(arguments.split).events(0, arguments.events)),
    )
    write_study_onnx(
        load_checkpoint(arguments.run / "checkpoints/best.safetensors"), folder / "study.onnx"
    )
    study = Form("study-style, float32", folder / "study.onnx", study=True)
    table = Form("ours, `table`, float32", files["table"])
    quantize(study, events[:10], folder / "study.int8.onnx")
    quantize(table, events[:10], folder / "table.int8.onnx")
    forms = [
        study,
        Form(
            "study-style, int8 by onnxruntime.quantization", folder / "study.int8.onnx", study=True
        ),
        Form("ours, `edges`, float32", files["edges"]),
        Form("ours, `edges`, int8", files["edges int8"]),
        table,
        Form("ours, `table`, int8", files["table int8"]),
        Form("ours, `table`, int8 by onnxruntime.quantization", folder / "table.int8.onnx"),
    ]
    event = min(events, key=lambda e: abs(len(e.features) - arguments.nodes))
    expected = study.logits(study.inputs(event))
    for form in (
        form for form in forms if form.name.startswith("ours") and form.name.endswith("float32")
    ):
        difference = np.abs(form.logits(form.inputs(event)) - expected) / np.maximum(
            1, np.abs(expected)
        )
        if difference.max() > 1e-4:
            raise SystemExit(
                f"{form.name} gives other logits than the study-style file: relative "
                f"difference {difference.max():.2g}"
            )
    prepared = {form.name: form.inputs(event) for form in forms}
    calls = {form.name: (lambda form=form: form.logits(prepared[form.name])) for form in forms}
    timings = interleaved(calls, arguments.repetitions)
    for form in forms:
        form.scores = hit_scores(form, events)
    return forms, timings, event, np.concatenate([event.is_true for event in events])


def main() -> None:
    """Parses the command line and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="run directory")
    parser.add_argument(
        "--split", type=Path, required=True, help="materialized test split of the same run"
    )
    parser.add_argument("--events", type=int, default=100, help="events for the purity")
    parser.add_argument(
        "--nodes",
        type=int,
        default=7400,
        help="the timed event is that with the nearest number of nodes",
    )
    parser.add_argument("--repetitions", type=int, default=11)
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/stationhit"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        forms, timings, event, is_true = compare(arguments, Path(folder))
        head = (
            f"{len(event.features)} nodes, {edges(event).shape[1]} edges; {machine()}, one "
            f"thread, {arguments.repetitions} repetitions"
        )
        print(
            f"\n{head}; purity and rms of the differences to study-style float32 on "
            f"{arguments.events} events\n"
        )
        print(
            "| form | ms min / median | study-style float32 / this (min) | kB | purity at 99 "
            "% | rms of logits |\n|---|---|---|---|---|---|"
        )
        for form in forms:
            timing = timings[form.name]
            ratio = timings[forms[0].name].minimum / timing.minimum
            quality = (
                f"{purity(form.scores, is_true):.4f} | "
                f"{np.sqrt(np.mean((form.scores - forms[0].scores) ** 2)):.2g}"
            )
            print(
                f"| {form.name} | {timing} | {ratio:.1f} | "
                f"{form.path.stat().st_size / 1000:.0f} | {quality} |"
            )


if __name__ == "__main__":
    main()
