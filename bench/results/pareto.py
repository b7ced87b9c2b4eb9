#!/usr/bin/env python3
"""Purity at 99 % hit efficiency against ms per event: every network, every form of it.

    .deps/venv/bin/python bench/results/pareto.py runs/two_stage runs/edgeconv --input data/val \\
        -o runs/pareto

Takes run directories and exported models, each with a name if wanted (NAME=PATH). A run directory
stands for its exported network (made if it is missing), its int8 file (`export -q`) and its pruned
networks (`prune`), as far as they are there; float32 files are run in the `--precisions` too. All
score the same events (`stationhit infer`), and take turns while they are timed (`stationhit bench`,
one thread, from an event in memory to the scores of its hits). Writes pareto.csv, pareto.md and the
figure pareto.png and pareto.pdf; forms that no other one beats in both are joined by a line."""

from __future__ import annotations

import argparse
import csv
import io
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import awkward as ak
import numpy as np
import uproot

from make_results import call_program, processor, table, write
from scored_events import replica_weights, with_interval

EFFICIENCY = 0.99
COLUMNS = ("form", "backend", "ms", "ms_low", "ms_high", "purity", "purity_low", "purity_high")


@dataclass
class Form:
    """A model file and the precision in which it runs, and what was measured of it."""

    name: str
    path: Path
    network: str  # forms of one network have one color
    precision: str = "float32"  # of the engine
    backend: str = ""
    times: list[float] = field(default_factory=list)  # ms per event (median), one per round
    events: int = 0  # scored for the purity
    purity: dict[str, float] = field(default_factory=dict)  # value, low, high

    def ms(self) -> float:
        """Median of the rounds."""
        return statistics.median(self.times)


def forms_of_run(name: str, folder: Path, program: Path) -> list[Form]:
    """What there is of a run."""
    model = folder / "checkpoints/model.onnx"
    if not model.exists():
        call_program(program, "export", "-c", folder / "config.yaml")
    forms = [Form(name, model, name)]
    int8 = folder / "checkpoints/onnx_benchmarking/model.int8.onnx"
    if int8.exists():
        forms.append(Form(f"{name}, int8", int8, name))
    steps = (folder / "prune").glob("step_*/checkpoints/model.onnx")
    for step in sorted(steps, key=lambda path: int(path.parts[-3].removeprefix("step_"))):
        number = step.parts[-3].removeprefix("step_")
        if number != "0":  # the network itself
            forms.append(Form(f"{name}, pruned {number}", step, name))
    return forms


def precision_options(form: Form) -> list[str]:
    """Of `infer` and `bench`."""
    return [] if form.precision == "float32" else ["--precision", form.precision]


def in_other_precisions(form: Form, precisions: list[str]) -> list[Form]:
    """Of a float32 file."""
    return [
        Form(f"{form.name}, {precision}", form.path, form.network, precision)
        for precision in precisions
    ]


def find_forms(arguments: argparse.Namespace) -> list[Form]:
    """Of all arguments."""
    forms: list[Form] = []
    for argument in arguments.models:
        name, _, text = argument.rpartition("=")
        path = Path(text)
        if path.is_dir():
            forms += forms_of_run(name or path.name, path, arguments.program)
        elif path.exists():
            name = name or path.stem
            forms.append(Form(name, path, name))
        else:
            sys.exit(f"error: {path}: no such run directory or model")
    float32 = [form for form in forms if not form.path.name.endswith(".int8.onnx")]
    for form in float32:
        forms += in_other_precisions(form, arguments.precisions)
    names = [form.name for form in forms]
    for name in names:
        if names.count(name) > 1:
            sys.exit(f"error: {name} stands for several forms; give names as NAME=PATH")
    return forms


def purities(
    scores: np.ndarray, is_signal: np.ndarray, event: np.ndarray, n_events: int
) -> np.ndarray:
    """Purity of the hits above the score that keeps 99 % of the signal hits: of all events and of
    replicas of them."""
    order = np.argsort(-scores, kind="stable")
    is_signal, event = is_signal[order], event[order]
    found = []
    for weights in replica_weights(n_events, seed=1):
        of_hits = weights[event]
        signal, kept = np.cumsum(of_hits * is_signal), np.cumsum(of_hits)
        last = np.searchsorted(signal, np.ceil(EFFICIENCY * signal[-1]))
        found.append(signal[last] / kept[last])
    return np.array(found)


def measure_purity(form: Form, arguments: argparse.Namespace, folder: Path) -> None:
    """Of all events of the input."""
    output = folder / "scored.root"
    options = ["-o", output, "--quiet", *precision_options(form)]
    call_program(arguments.program, "infer", form.path, arguments.input, *options)
    with uproot.open(output) as file:
        events = file["MuonHitDump"].arrays(["spacePoint_score", "spacePoint_truthLink"])
    scores, links = (ak.flatten(events[name]).to_numpy() for name in events.fields)
    event = np.repeat(np.arange(len(events)), ak.num(events["spacePoint_score"]).to_numpy())
    if not (links >= 0).any():
        sys.exit(f"error: {arguments.input}: no signal hits among {len(events)} events")
    form.events = len(events)
    form.purity = with_interval(purities(scores, links >= 0, event, len(events)))


def measure_times(forms: list[Form], arguments: argparse.Namespace, folder: Path) -> None:
    """In turns. Away from its checkpoint, which `bench` would compare every time."""
    report = folder / "bench.json"
    for number, form in enumerate(forms):
        (folder / f"{number}.onnx").symlink_to(form.path.absolute())
    for _ in range(arguments.rounds):
        for number, form in enumerate(forms):
            call_program(
                arguments.program,
                "bench",
                folder / f"{number}.onnx",
                *("--input", arguments.input, "--events", arguments.timed_events),
                *("--repetitions", 2, "--threads", 1, "-o", report, "--quiet"),
                *precision_options(form),
            )
            content = json.loads(report.read_text())
            form.backend = content["backend"]
            form.times.append(content["latency"][0]["total_ms"]["p50"])


def front(forms: list[Form]) -> list[Form]:
    """Those that no other form beats in time and purity, the fastest first."""
    best: list[Form] = []
    for form in sorted(forms, key=lambda form: (form.ms(), -form.purity["value"])):
        if not best or form.purity["value"] > best[-1].purity["value"]:
            best.append(form)
    return best


def csv_text(forms: list[Form]) -> str:
    """One row per form."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for form in forms:
        times = (form.ms(), min(form.times), max(form.times))
        purity = (form.purity[key] for key in ("value", "low", "high"))
        rows.writerow([form.name, form.backend, *(f"{value:.5g}" for value in (*times, *purity))])
    return text.getvalue()


def page(forms: list[Form], arguments: argparse.Namespace) -> str:
    """Markdown."""
    best = front(forms)
    rows = [["form", "run by", "ms/event, median [range]", "purity at 99 %", "on the front"]]
    for form in forms:
        value, low, high = (form.purity[key] for key in ("value", "low", "high"))
        rows.append(
            [
                form.name,
                form.backend,
                f"{form.ms():.2f} [{min(form.times):.2f}, {max(form.times):.2f}]",
                f"{value:.4f} [{low:.4f}, {high:.4f}]",
                "yes" if form in best else "",
            ]
        )
    return (
        f"{forms[0].events} events of {arguments.input} for the purity (68 % intervals, bootstrap "
        f"over events), {arguments.timed_events} of them timed, from an event in memory to the "
        f"scores of its hits: one thread of {processor()}, {arguments.rounds} rounds in turns.\n\n"
        + table(rows)
    )


def draw(forms: list[Form], arguments: argparse.Namespace, stem: Path) -> None:
    """PNG and PDF."""
    import matplotlib  # the only part that needs it

    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker

    figure, axes = pyplot.subplots(figsize=(7, 5), layout="constrained")
    best = front(forms)
    axes.plot(
        [form.ms() for form in best], [form.purity["value"] for form in best], color="0.7", zorder=0
    )
    networks = list(dict.fromkeys(form.network for form in forms))
    for number, network in enumerate(networks):
        own = [form for form in forms if form.network == network]
        value, low, high = ([form.purity[key] for form in own] for key in ("value", "low", "high"))
        axes.errorbar(
            [form.ms() for form in own],
            value,
            np.abs(np.array([low, high]) - value),
            fmt="o",
            color=f"C{number % 10}",
            label=network,
        )
        for form, y in zip(own, value, strict=True):
            axes.annotate(
                form.name.removeprefix(network).lstrip(", "),
                (form.ms(), y),
                xytext=(4, 4),
                textcoords="offset points",
                fontsize=7,
            )
    axes.set_xscale("log")
    values = [form.purity["value"] for form in forms]
    if max(values) > 5 * min(values):
        axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        for of_ticks in (axis.set_major_formatter, axis.set_minor_formatter):
            of_ticks(ticker.FormatStrFormatter("%g"))
    axes.set_xlabel("Time per event, one thread [ms]")
    axes.set_ylabel("Purity at 99 % hit efficiency (validation)")
    axes.set_title(f"{arguments.title}, {forms[0].events} validation events", fontsize=9)
    axes.legend(fontsize=8)
    for suffix in (".png", ".pdf"):
        figure.savefig(stem.with_suffix(suffix), dpi=150)
    pyplot.close(figure)


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", help="run directories and ONNX files, or NAME=PATH")
    parser.add_argument("--input", type=Path, required=True, help="prepared split or ntuple")
    parser.add_argument("--timed-events", type=int, default=20, help="the first of the input")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--precisions",
        nargs="*",
        default=[],
        choices=("bfloat16",),
        help="of the engine, in which float32 files run too",
    )
    parser.add_argument("--title", default="Toy simulation", help="of the figure")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder")
    parser.add_argument("--program", type=Path, default=Path("build/release/bin/stationhit"))
    return parser.parse_args()


def main() -> None:
    """Scores, times, writes."""
    arguments = parse_arguments()
    forms = find_forms(arguments)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for form in forms:
            measure_purity(form, arguments, folder)
        measure_times(forms, arguments, folder)
    write(arguments.output / "pareto.csv", csv_text(forms))
    write(arguments.output / "pareto.md", page(forms, arguments))
    draw(forms, arguments, arguments.output / "pareto")
    print(page(forms, arguments))


if __name__ == "__main__":
    main()
