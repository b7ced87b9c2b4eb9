#!/usr/bin/env python3
"""Tables of what `make demo` measured; the same goes to RUN/summary.json.

tools/demo_summary.py runs/demo
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def interval(entry: dict[str, float], digits: int) -> str:
    """value [low, high]."""
    return f"{entry['value']:.{digits}f} [{entry['low']:.{digits}f}, {entry['high']:.{digits}f}]"


def latency_of(bench: dict[str, Any]) -> list[dict[str, Any]]:
    """Threads, ms per event and events/s of every measurement; ONNX Runtime took turns."""
    return [
        {
            "threads": entry["threads"],
            "ms_per_event_p50": entry["total_ms"]["p50"],
            "ms_per_event_p99": entry["total_ms"]["p99"],
            "ms_graph_and_features_p50": entry["preparation_ms"]["p50"],
            "ms_network_p50": entry["network_ms"]["p50"],
            "ms_network_onnxruntime_p50": other["network_ms"]["p50"],
            "events_per_s": entry["events_per_s"],
        }
        for entry, other in zip(bench["latency"], bench["latency_compare"], strict=True)
    ]


KEYS = (
    "working_point",
    "threshold",
    "efficiency",
    "purity",
    "rejection",
    "hits_kept_per_event",
    "muons_kept_share",
    "muons",
)
FILES = (
    "report.html",
    "two_stage/report.html",
    "two_stage/display/event_zy.png",
    "checkpoints/model.onnx",
    "toy_filtered.root",
)


def summarize_network(folder: Path) -> dict[str, Any]:
    """Test and latency of one network on the demo's test sample."""
    metrics = json.loads((folder / "test/metrics.json").read_text())
    bench = json.loads((folder / "bench.json").read_text())
    return {
        "auc": metrics["auc"],
        "working_points": [
            {key: point[key] for key in KEYS} for point in metrics["working_points"]
        ],
        "latency": latency_of(bench),
        "onnx_and_checkpoint_largest_difference": bench["checkpoint"]["largest_difference"],
    }


def summarize(run: Path) -> dict[str, Any]:
    """Collects the numbers from the files of the run: the network that was trained here and the
    trained model that comes with the program, on the same events."""
    metrics = json.loads((run / "test/metrics.json").read_text())
    own, trained = summarize_network(run), summarize_network(run / "two_stage")
    return {
        "test_sample": {key: metrics[key] for key in ("events", "hits", "true_hits", "muons")},
        "networks": {"two_stage, trained before": trained, "edgeconv, trained here": own},
        "files": [str(run / name) for name in FILES],
    }


def print_working_points(summary: dict[str, Any]) -> None:
    sample = summary["test_sample"]
    before = sample["hits"] / sample["events"]
    print(
        f"{'network':26} {'efficiency':>10}  {'purity':21} {'1/eps_b':23} "
        f"{'muons keeping >= 3 hits':25} hits per event"
    )
    for name, network in summary["networks"].items():
        for point in network["working_points"]:
            kept = point["hits_kept_per_event"]["value"]
            print(
                f"{name:26} {point['working_point']:>10}  {interval(point['purity'], 3):21} "
                f"{interval(point['rejection'], 1):23} "
                f"{interval(point['muons_kept_share'], 4):25} {before:.0f} -> {kept:.0f}"
            )
            name = ""
    print()


def print_latency(summary: dict[str, Any]) -> None:
    print(
        f"{'network':26} {'threads':>7}  {'ms/event p50':>12} {'preparation':>11} {'network':>7} "
        f"{'in ONNX Runtime':>15} {'p99':>6} {'events/s':>8}"
    )
    for name, network in summary["networks"].items():
        for latency in network["latency"]:
            print(
                f"{name:26} {latency['threads']:>7}  {latency['ms_per_event_p50']:>12.2f} "
                f"{latency['ms_graph_and_features_p50']:>11.2f} {latency['ms_network_p50']:>7.2f} "
                f"{latency['ms_network_onnxruntime_p50']:>15.2f} "
                f"{latency['ms_per_event_p99']:>6.2f} {latency['events_per_s']:>8.1f}"
            )
            name = ""
    print()


def print_summary(summary: dict[str, Any]) -> None:
    """The tables for people."""
    sample = summary["test_sample"]
    counts = (
        f"{sample['events']} events, {sample['hits']} hits, {sample['true_hits']} signal hits, "
        f"{sample['muons']} muons"
    )
    print(f"\nToy simulation, test sample: {counts}")
    print("68 % intervals (bootstrap over events; muons Clopper-Pearson)\n")
    print_working_points(summary)
    print_latency(summary)
    for name, network in summary["networks"].items():
        difference = network["onnx_and_checkpoint_largest_difference"]
        print(f"{name}: scores of the exported file equal the checkpoint's to {difference:.1e}")
    print("\nReports, an event before and after the filter, the new model, the filtered ntuple:")
    for path in summary["files"]:
        print(f"  {path}")


def main() -> None:
    """Reads the run directory, prints, writes summary.json."""
    run = Path(sys.argv[1])
    summary = summarize(run)
    partial = run / "summary.json.partial"
    partial.write_text(json.dumps(summary, indent=2) + "\n")
    partial.rename(run / "summary.json")
    print_summary(summary)
    print(f"  {run / 'summary.json'}")


if __name__ == "__main__":
    main()
