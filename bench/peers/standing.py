#!/usr/bin/env python3
"""Compares every exported form of one trained EdgeConv, and what runs it, with the study-style
export: ms per event, size, purity at 99 % hit efficiency, error of the logits.

    tools/bootstrap.sh peers
    taskset -c 0 .deps/venv/bin/python bench/peers/standing.py RUN --split SET/test --events 100

RUN is the run directory of an edgeconv with one message layer, max, relu and no layer norm, SET
what `stationhit prepare --materialize` wrote for it. Exports the forms that are missing in
RUN/checkpoints: the interfaces table and edges, int8 of both (export -q), and the fused forms of
both. The study-style file is made here, and so are int8 forms of it and of our table by
onnxruntime.quantization (static, matrix products only, calibrated on ten of the events). ONNX
Runtime runs all of them, the fused forms with our operator library; OpenVINO those of standard
operators, where the package openvino is installed; our engine runs the table, in float32 and
bfloat16, and its int8 file. Before anything is timed, the float32 forms must agree: ours to 1e-4,
OpenVINO to 1e-2 (its sines and cosines are less exact). All run with one thread, in turns, on the
same event."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from forms import EngineForm, Form, Inputs, OnnxForm, OpenVinoForm, edges, has_openvino
from materialized_set import Event, MaterializedSplit
from networks import load_checkpoint, write_study_onnx
from timing import Timing, interleaved, machine

OURS, OTHERS = 1e-4, 1e-2  # largest differences of float32 logits, in units of max(1, |logit|)


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
        np.maximum.at(score, event.hit, form.logits(event))
        scores.append(score)
    return np.concatenate(scores)


def purity(scores: np.ndarray, is_true: np.ndarray) -> float:
    """Fraction of signal hits among the hits above the logit that keeps 99 % of the signal hits."""
    signal = np.sort(scores[is_true])[::-1]
    kept = scores >= signal[int(np.ceil(0.99 * len(signal))) - 1]
    return float(is_true[kept].mean())


def quantize(form: OnnxForm, events: list[Event], path: Path) -> None:
    """Static int8 of the linear layers."""
    quantize_static(
        form.path,
        path,
        Calibration([form.make_inputs(event) for event in events]),
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
        "fused": folder / "model_fused.onnx",
        "fused edges": folder / "model_fused_edges.onnx",
    }
    edges = ["--interface", "edges"]
    options = {
        "table": [],
        "edges": edges,
        "table int8": ["-q"],
        "edges int8": ["-q", *edges],
        "fused": ["--interface", "fused"],
        "fused edges": ["--interface", "fused_edges"],
    }
    for name, path in files.items():
        if not path.exists():
            subprocess.run(
                [arguments.program, "export", "-c", arguments.run / "config.yaml", *options[name]],
                check=True,
            )
    return files


@dataclass
class Row:
    """One form in the table."""

    form: Form
    largest_difference: float | None = None  # that is allowed; None: not float32


def open_forms(arguments: argparse.Namespace, events: list[Event], folder: Path) -> list[Row]:
    """All forms, the study-style float32 of ONNX Runtime first. Of what cannot be opened, or does
    not run, a line says why."""
    files = export(arguments)
    study_file = folder / "study.onnx"
    write_study_onnx(load_checkpoint(arguments.run / "checkpoints/best.safetensors"), study_file)
    study = OnnxForm("study-style, float32", study_file, is_study=True)
    table = OnnxForm("ours, `table`, float32", files["table"])
    study_int8, table_int8 = folder / "study.int8.onnx", folder / "table.int8.onnx"
    quantize(study, events[:10], study_int8)
    quantize(table, events[:10], table_int8)
    by_ort, library = "int8 by onnxruntime.quantization", arguments.engine
    rows = [
        Row(study, OURS),
        Row(OnnxForm(f"study-style, {by_ort}", study_int8, is_study=True)),
        Row(OnnxForm("ours, `edges`, float32", files["edges"]), OURS),
        Row(OnnxForm("ours, `edges`, int8", files["edges int8"])),
        Row(table, OURS),
        Row(OnnxForm("ours, `table`, int8", files["table int8"])),
        Row(OnnxForm(f"ours, `table`, {by_ort}", table_int8)),
        Row(EngineForm("ours, `table`, float32, the engine", files["table"], library), OURS),
        Row(EngineForm("ours, `table`, bfloat16, the engine", files["table"], library, True)),
        Row(EngineForm("ours, `table`, int8, the engine", files["table int8"], library)),
    ]
    operators = arguments.operators
    for name, key in (("fused", "fused"), ("fused_edges", "fused edges")):
        form = f"ours, `{name}`, float32, the operator library"
        rows.append(Row(OnnxForm(form, files[key], operators=operators), OURS))
    if not has_openvino():
        print("openvino is not installed: its forms are left out (pip install openvino)")
        return rows
    for row in rows.copy():
        if isinstance(row.form, OnnxForm) and not row.form.has_own_operators:
            add_openvino(rows, row, events[0])
    return rows


def add_openvino(rows: list[Row], of_onnx: Row, event: Event) -> None:
    """Adds the same file by OpenVINO, or says why OpenVINO does not run it."""
    assert isinstance(of_onnx.form, OnnxForm)
    name = f"{of_onnx.form.name}, OpenVINO"
    try:
        form = OpenVinoForm(name, of_onnx.form.path, of_onnx.form.is_study)
        form.logits(event)
    except RuntimeError as error:
        print(f"{name}: left out, it does not run: {str(error).strip().splitlines()[-1]}")
        return
    rows.append(Row(form, None if of_onnx.largest_difference is None else OTHERS))


def check(rows: list[Row], event: Event) -> None:
    """Ends the program where float32 forms of ours differ, and leaves out others that do."""
    expected = rows[0].form.logits(event)
    for row in rows.copy():
        if row.largest_difference is None:
            continue
        difference = np.abs(row.form.logits(event) - expected) / np.maximum(1, np.abs(expected))
        if difference.max() <= row.largest_difference:
            continue
        text = (
            f"{row.form.name} gives other logits than the study-style file: relative "
            f"difference {difference.max():.2g}"
        )
        if row.largest_difference == OURS:
            raise SystemExit(text)
        print(f"{text}; left out")
        rows.remove(row)


def measure(
    rows: list[Row], events: list[Event], arguments: argparse.Namespace
) -> tuple[dict[str, Timing], Event]:
    """Checks the forms and times them on one event."""
    event = min(events, key=lambda e: abs(len(e.features) - arguments.nodes))
    check(rows, event)
    timed = [row.form for row in rows if arguments.timed in row.form.name]
    if not timed:
        raise SystemExit(f"--timed {arguments.timed}: no form has this in its name")
    for form in timed:
        form.set_event(event)
    return interleaved({form.name: form.run for form in timed}, arguments.repetitions), event


def print_rows(
    rows: list[Row],
    timings: dict[str, Timing],
    scores: list[np.ndarray],
    is_true: np.ndarray,
) -> None:
    """The table."""
    print(
        "| form | ms min / median | study-style float32 / this (min) | kB | purity at 99 "
        "% | rms of logits |\n|---|---|---|---|---|---|"
    )
    for row, of_row in zip(rows, scores, strict=True):
        timing, study = timings.get(row.form.name), timings.get(rows[0].form.name)
        ratio = f"{study.minimum / timing.minimum:.1f}" if study and timing else ""
        rms = np.sqrt(np.mean((of_row - scores[0]) ** 2))
        print(
            f"| {row.form.name} | {timing or ''} | {ratio} | "
            f"{row.form.path.stat().st_size / 1000:.0f} | {purity(of_row, is_true):.4f} | "
            f"{rms:.2g} |"
        )


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
    parser.add_argument(
        "--timed",
        default="",
        help="time only the forms that have this in their name, e.g. ours: on a busy machine those "
        "of the study take longer than a time slice and need many repetitions",
    )
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/stationhit"))
    parser.add_argument("--engine", type=Path, default=Path("build/release/bin/libengine_peer.so"))
    parser.add_argument(
        "--operators", type=Path, default=Path("build/release/lib/libstationhit_ops.so")
    )
    arguments = parser.parse_args()
    events = list(MaterializedSplit(arguments.split).events(0, arguments.events))
    with tempfile.TemporaryDirectory() as folder:
        rows = open_forms(arguments, events, Path(folder))
        timings, event = measure(rows, events, arguments)
        print(
            f"\n{len(event.features)} nodes, {edges(event).shape[1]} edges; {machine()}, one "
            f"thread, {arguments.repetitions} repetitions; purity and rms of the differences to "
            f"study-style float32 on {len(events)} events\n"
        )
        scores = [hit_scores(row.form, events) for row in rows]
        print_rows(rows, timings, scores, np.concatenate([event.is_true for event in events]))


if __name__ == "__main__":
    main()
