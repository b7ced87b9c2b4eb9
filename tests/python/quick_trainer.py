#!/usr/bin/env python3
"""Has the command line of stationhit as far as `tune` uses it, and trains in no time.

training.batch_size (2 if it is not set) says how a training goes: 3 fails, 4 gets a purity that is
not a number, 5 is worse than the others and never comes to its end, and the others are as good as
their batch size. A training waits after an epoch as long as the file exists that the variable HOLD
names, and as many seconds as PAUSE says. It goes on after its last epoch, as the program does.
`parameters` is killed while the file exists that KILL names.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

EPOCHS = 4
FAILS, NOT_A_NUMBER, BAD = 3, 4, 5


def write(file: Path, text: str) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(text)
    partial.replace(file)


def purity(kind: int, epoch: int) -> float:
    if kind == NOT_A_NUMBER and epoch == 2:
        return float("nan")
    return 0.001 if kind == BAD else 0.1 * kind + 0.01 * epoch


def train(folder: Path, kind: int, again: bool) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    state, stopped = folder / "epochs", []
    hold = Path(os.environ.get("HOLD", "nowhere"))
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    if kind == FAILS:
        print("error: run.yaml: these settings contradict each other", file=sys.stderr)
        return 3
    done = 0 if again or not state.exists() else int(state.read_text())
    with (folder / "calls").open("a") as calls:
        calls.write(f"{os.getpid()} from {done}\n")
    rows = [f"{epoch},{purity(kind, epoch)}" for epoch in range(1, EPOCHS + 1)]
    for epoch in range(done + 1, EPOCHS + 1):
        write(folder / "metrics.csv", "\n".join(["epoch,val_purity_0.99", *rows[:epoch]]) + "\n")
        write(state, str(epoch))
        end = time.monotonic() + float(os.environ.get("PAUSE", "0"))
        while not stopped and (
            hold.exists() or time.monotonic() < end or (kind == BAD and epoch > 1)
        ):
            time.sleep(0.02)
        if stopped:
            return 143
    return 0


def main() -> int:
    verb, *arguments = sys.argv[1:]
    pairs = zip(arguments, arguments[1:], strict=False)
    settings = dict(text.split("=", 1) for option, text in pairs if option == "--set")
    if verb == "parameters":
        if Path(os.environ["KILL"]).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        print("".join(f"{key}: {value}\n" for key, value in settings.items()), end="")
        return 0
    if verb == "bench":
        report = Path(arguments[arguments.index("-o") + 1])
        width = int((report.parent / "width").read_text())
        report.write_text(json.dumps({"latency": [{"total_ms": {"p50": width / 10}}]}))
        return 0
    folder = Path(settings["experiment_dir"])
    if verb == "export":
        (folder / "width").write_text(settings.get("training.batch_size", "2"))
        return 0
    assert "--no-test" in arguments, "a search never looks at the test split"
    return train(folder, int(settings.get("training.batch_size", "2")), "--force" in arguments)


if __name__ == "__main__":
    sys.exit(main())
