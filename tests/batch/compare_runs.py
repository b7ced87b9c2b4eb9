"""Requires that two run directories hold the same training, bit by bit: all numbers of metrics.csv
but the times, all tensors of the checkpoints. Called by the scripts of this folder, with
tests/python in PYTHONPATH. usage: compare_runs.py RUN RUN"""

import sys
from pathlib import Path

from test_ranks import assert_same_run, rows


def main() -> None:
    found, expected = (Path(argument) for argument in sys.argv[1:3])
    assert_same_run(found, expected)
    print(f"{found.name} and {expected.name}: the same {len(rows(found))} epochs, bit by bit")


if __name__ == "__main__":
    main()
