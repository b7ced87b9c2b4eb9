#!/usr/bin/env python3
"""One table of what `make demo` measured; the same goes to RUN/summary.json.

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


def summarize(run: Path) -> dict[str, Any]:
    """Collects the numbers from the files of the run."""
    metrics = json.loads((run / "test/metrics.json").read_text())
    bench = json.loads((run / "bench.json").read_text())
    keys = (
        "working_point",
        "threshold",
        "efficiency",
        "purity",
        "rejection",
        "hits_kept_per_event",
        "muons_kept_share",
        "muons",
    )
    files = (
        "report.html",
        "test/metrics.json",
        "checkpoints/best.safetensors",
        "checkpoints/model.onnx",
        "toy_filtered.root",
        "plots",
    )
    return {
        "test_sample": {key: metrics[key] for key in ("events", "hits", "true_hits", "muons")},
        "auc": metrics["auc"],
        "working_points": [
            {key: point[key] for key in keys} for point in metrics["working_points"]
        ],
        "latency": latency_of(bench),
        "onnx_and_checkpoint_largest_difference": bench["checkpoint"]["largest_difference"],
        "files": {name: str(run / name) for name in files},
    }


def print_summary(summary: dict[str, Any]) -> None:
    """The table for people."""
    sample = summary["test_sample"]
    counts = (
        f"{sample['events']} events, {sample['hits']} hits, {sample['true_hits']} signal hits, "
        f"{sample['muons']} muons"
    )
    print(f"\nToy simulation, test sample: {counts}")
    print("68 % intervals (bootstrap over events; muons Clopper-Pearson)\n")
    print(f"AUC   {interval(summary['auc'], 4)}\n")
    print(
        f"{'efficiency':>10}   {'purity':24} {'1/eps_b':26} {'muons keeping >= 3 hits':26} "
        f"{'hits kept/event'}"
    )
    for point in summary["working_points"]:
        purity, rejection, muons = (
            interval(point["purity"], 3),
            interval(point["rejection"], 1),
            interval(point["muons_kept_share"], 4),
        )
        print(
            f"{point['working_point']:>10}   {purity:24} {rejection:26} {muons:26} "
            f"{point['hits_kept_per_event']['value']:.1f}"
        )
    print()
    for latency in summary["latency"]:
        parts = (
            f"graph and features {latency['ms_graph_and_features_p50']:.2f}, network "
            f"{latency['ms_network_p50']:.2f}; in ONNX Runtime "
            f"{latency['ms_network_onnxruntime_p50']:.2f}"
        )
        total = (
            f"{latency['ms_per_event_p50']:.2f} ms/event p50 ({parts}), p99 "
            f"{latency['ms_per_event_p99']:.2f}"
        )
        print(f"{latency['threads']} thread(s): {total}, {latency['events_per_s']:.1f} events/s")
    print(
        "ONNX scores equal the checkpoint's to "
        f"{summary['onnx_and_checkpoint_largest_difference']:.1e}\n"
    )
    for name, path in summary["files"].items():
        print(f"{name.split('/')[-1]:20} {path}")


def main() -> None:
    """Reads the run directory, prints, writes summary.json."""
    run = Path(sys.argv[1])
    summary = summarize(run)
    partial = run / "summary.json.partial"
    partial.write_text(json.dumps(summary, indent=2) + "\n")
    partial.rename(run / "summary.json")
    print_summary(summary)
    print(f"{'summary':20} {run / 'summary.json'}")


if __name__ == "__main__":
    main()
