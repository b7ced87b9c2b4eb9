#!/usr/bin/env python3
"""The Python side of compare_training.py: training steps of one form of a network, one for every
line read. It uses the protocol of bench/reference_steps.cpp, whose files it reads.

    training.py FORM FOLDER [--compile] [--bf16]"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.numpy import load_file

from networks import BagNetwork, PygNetwork, TableNetwork, graph_of, load_checkpoint

FORMS = {"pyg": PygNetwork, "table": TableNetwork, "bag": BagNetwork}


class Steps:
    """A network, an event and an optimizer. Every answer is milliseconds and loss."""

    def __init__(self, form: str, folder: Path, compiled: bool, bf16: bool) -> None:
        event = load_file(folder / "event.safetensors")
        self.bf16 = bf16
        self.x, self.graph = (
            torch.from_numpy(event["features"]),
            graph_of(event["neighbours"], event["offsets"]),
        )
        self.labels = torch.from_numpy(event["labels"]).float()
        network = FORMS[form](load_checkpoint(folder / "network.safetensors")).train()
        self.optimizer = torch.optim.AdamW(
            network.parameters(), lr=event["learning_rate"].item(), weight_decay=1e-2
        )
        self.network = torch.compile(network, dynamic=True) if compiled else network
        self.loss = torch.nn.BCEWithLogitsLoss(pos_weight=torch.from_numpy(event["pos_weight"]))

    def logits(self) -> torch.Tensor:
        """[N]"""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            return self.network(self.x, self.graph)

    def forward(self) -> tuple[float, float]:
        """The logits without gradients."""
        with torch.no_grad():
            start = time.perf_counter()
            logits = self.logits()
            milliseconds = (time.perf_counter() - start) * 1e3
            return milliseconds, self.loss(logits.float(), self.labels).item()

    def step(self) -> tuple[float, float]:
        """Forward, backward, AdamW."""
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        value = self.loss(self.logits().float(), self.labels)
        value.backward()
        self.optimizer.step()
        return (time.perf_counter() - start) * 1e3, value.item()


def resident_memory(quantity: str) -> float:
    """VmRSS (now) or VmHWM (peak) in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{quantity}:")) / 1024


def serve(steps: Steps) -> None:
    """Answers until the input ends."""
    Path("/proc/self/clear_refs").write_text("5")  # the kernel forgets the peak so far
    at_start = resident_memory("VmRSS")
    answers: dict[str, Callable[[], tuple[float, float]]] = {
        "forward": steps.forward,
        "step": steps.step,
        "memory": lambda: (resident_memory("VmHWM") - at_start, at_start),
    }
    print("ready", flush=True)
    for request in sys.stdin:
        print(*answers[request.strip()](), flush=True)


def main() -> None:
    """Parses the command line and serves."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("form", choices=FORMS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    serve(Steps(arguments.form, arguments.folder, arguments.compile, arguments.bf16))


if __name__ == "__main__":
    main()
