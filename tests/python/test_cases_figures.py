"""Figures of the program: what can be said of them without looking."""

from __future__ import annotations

import csv
import json
import re
import struct
from pathlib import Path

from conftest import Run

# Pixels around the frame (plots/layout.hpp) and half of the meters that a display shows.
SIDES, ABOVE_AND_BELOW = 180, 241
HALF_RANGES = {
    "event_xy_barrel": (13, 13),
    "event_xy_end_cap": (13, 13),
    "event_zy": (23, 13),
    "event_zx": (23, 13),
}


def png_size(path: Path) -> tuple[int, int]:
    """Width and height from the header of the picture."""
    return struct.unpack(">II", path.read_bytes()[16:24])


def test_a_meter_is_equally_long_on_both_axes_of_a_display(
    run: Run, toy_file: Path, tmp_path: Path
) -> None:
    run("inspect", toy_file, "--display", tmp_path)
    for stem, (x_range, y_range) in HALF_RANGES.items():
        width, height = png_size(tmp_path / f"{stem}.png")
        of_x = (width - SIDES) / (2 * x_range)
        of_y = (height - ABOVE_AND_BELOW) / (2 * y_range)
        assert abs(of_x - of_y) < 0.01 * of_x, f"{stem}: {width} x {height}"


def test_training_figures_show_the_metrics_of_an_epoch(trained_run: Path) -> None:
    columns = {
        "training_loss": ["train_loss", "val_loss"],
        "training_auc": ["val_auc"],
        "training_purity": ["val_purity_0.99"],
        "training_learning_rate": ["learning_rate"],
    }
    header, *rows = (trained_run / "metrics.csv").read_text().splitlines()
    for stem, names in columns.items():
        cells = [
            line.split(",")
            for line in (trained_run / "plots" / f"{stem}.csv").read_text().splitlines()[1:]
        ]
        shown = [float(row[4]) for row in cells if row[0] != "Best epoch"]
        places = [header.split(",").index(name) for name in names]
        values = [float(row.split(",")[place]) for place in places for row in rows]
        if stem == "training_auc":
            values = [1 - value for value in values]
        assert all(abs(a - b) < 1e-9 for a, b in zip(shown, values, strict=True)), stem
        marks = [row for row in cells if row[0] == "Best epoch"]
        assert len(marks) == (stem != "training_learning_rate"), stem
        assert all(mark[1:] in [row[1:] for row in cells[:-1]] for mark in marks), stem


def test_page_says_what_was_run_and_links_it(trained_run: Path) -> None:
    page = (trained_run / "report.html").read_text()
    assert f"<td>Run</td><td>{trained_run}</td>" in page
    assert re.search(r"<td>Tested</td><td>\d{4}-\d\d-\d\d \d\d:\d\d UTC</td>", page)
    assert "<td>Seed</td><td>42</td>" in page
    assert re.search(r"<td>Optimizer</td><td>adamw, learning rate [\d.]+</td>", page)
    assert re.search(r"<td>Best epoch</td><td>[12]</td>", page)
    graph = r"the \d+ nearest hits of the bucket, distance in localY, localZ"
    assert re.search(f"<td>Graph</td><td>{graph}</td>", page)
    assert re.search(r"<td>Machine of the test</td><td>[^<]+, \d+ cores?</td>", page)
    for file in ("config.yaml", "metrics.csv", "run.log"):
        assert f'<a href="{file}">{file}</a>' in page


def test_auc_has_the_digits_of_its_interval(trained_run: Path) -> None:
    page = (trained_run / "report.html").read_text()
    found = re.search(
        r"<td>AUC</td><td>(\S+) <span class=\"interval\">\[(\S+), (\S+)\]</span>", page
    )
    assert found is not None
    auc = json.loads((trained_run / "test" / "metrics.json").read_text())["auc"]
    error = (auc["high"] - auc["low"]) / 2
    decimals = len(found[1].partition(".")[2])
    # One or two digits of the error.
    assert 0.95 <= error * 10**decimals < 35.5
    assert len(found[2]) == len(found[3]) == len(found[1])
    assert abs(float(found[1]) - auc["value"]) <= 0.51 * 10**-decimals


def shown_hits(figure: Path) -> dict[str, int]:
    """Number of hits by the label of their series in the table of a display."""
    counts: dict[str, int] = {}
    with figure.open(newline="") as file:
        for row in csv.DictReader(file):
            counts[row["series"]] = counts.get(row["series"], 0) + 1
    return counts


def test_a_display_says_which_hits_the_cut_rejected(
    run: Run, random_model: Path, toy_file: Path, tmp_path: Path
) -> None:
    scored, filtered = tmp_path / "scored.root", tmp_path / "filtered.root"
    run("infer", random_model, toy_file, "-o", scored, "--cut", 0)
    run("infer", random_model, scored, "-o", filtered, "--cut", 0, "--mode", "filter")
    for file in (toy_file, scored, filtered):
        run("inspect", file, "--display", tmp_path / file.stem)
    before, cut, after = (
        shown_hits(tmp_path / file.stem / "event_zy.csv") for file in (toy_file, scored, filtered)
    )
    assert sum(cut.values()) == sum(before.values())
    assert cut["Background, rejected by the cut"] + cut["Background, kept"] == before["Background"]
    assert cut["Background, kept"] == after["Background"]
    assert all(label in ("Background", *before) for label in after)
