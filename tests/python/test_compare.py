"""stationhit compare: tested runs side by side."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import uproot
from conftest import Run, tiny_run

DATA, USAGE = 4, 2


@pytest.fixture(scope="module")
def runs(
    run: Run, prepared: Path, trained_run: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Two tested runs that differ in seed and epochs."""
    folder = tmp_path_factory.mktemp("runs") / "other_seed"
    options = tiny_run(folder, prepared, {"training.epochs": 1, "seed": 7})
    for verb in ("stats", "train"):
        run(verb, *options)
    return trained_run, folder


@pytest.fixture
def copy_of(runs: tuple[Path, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Copies the second run under a name."""

    def make(name: str) -> Path:
        return Path(shutil.copytree(runs[1], tmp_path / name))

    return make


def test_values_are_those_of_the_tests_and_differences_theirs(
    run: Run, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    said = run("compare", *runs, "--names", "base,other seed", "-o", tmp_path / "compare").stdout
    assert (tmp_path / "compare" / "compare.md").read_text() in said
    compared = json.loads((tmp_path / "compare" / "compare.json").read_text())
    assert [of["name"] for of in compared["runs"]] == ["base", "other seed"]
    tested = [json.loads((folder / "test" / "metrics.json").read_text()) for folder in runs]
    for of, test in zip(compared["runs"], tested, strict=True):
        assert of["auc"] == test["auc"]
        for point, expected in zip(of["working_points"], test["working_points"], strict=True):
            for key in ("purity", "rejection", "muons_kept_share", "whole_segments_share"):
                assert point[key] == expected[key]
    for i, point in enumerate(compared["runs"][1]["working_points"]):
        for key in ("purity", "rejection", "hits_kept_per_event", "muons_kept_share"):
            first, other = (test["working_points"][i][key]["value"] for test in tested)
            difference = point["difference_to_first"][key]
            assert difference["value"] == pytest.approx(other - first, abs=1e-12)
            assert difference["low"] <= difference["value"] <= difference["high"]
    summary = compared["runs"][1]["summary"]
    assert summary["weights"] == "as trained" and summary["device"] == "CPU, 1 rank"
    assert summary["epochs"] == "1 of 1" and summary["schedule"].startswith("reduce_lr_on_plateau")
    keys = {setting["key"]: setting["values"] for setting in compared["settings"]}
    assert keys["seed"] == ["42", "7"]
    assert keys["training.epochs"] == ["2", "1"]
    assert "experiment_dir" not in keys


def test_results_of_another_checkpoint_are_told(
    run: Run, runs: tuple[Path, Path], copy_of: Callable[[str], Path], tmp_path: Path
) -> None:
    other = copy_of("other")
    last = other / "checkpoints" / "last.safetensors"
    options = ("-c", other / "config.yaml", "--set", f"experiment_dir={other}")
    run("test", *options, "--set", f"checkpoint_path={last}")
    assert json.loads((other / "test" / "metrics.json").read_text())["checkpoint"] == (
        f"{last}, epoch 1"
    )
    page = (other / "report.html").read_text()
    assert f"<td>Tested checkpoint</td><td>{last}, epoch 1</td>" in page
    assert "<td>Best epoch</td>" not in page
    compared = run("compare", runs[0], other, "-o", tmp_path / "compare")
    assert f"its results are those of {last}, epoch 1, not of its best checkpoint" in (
        compared.stdout + compared.stderr
    )
    # The best one under its path is no other one.
    best = last.with_name("best.safetensors")
    run("test", *options, "--set", f"checkpoint_path={best}")
    assert "checkpoint" not in json.loads((other / "test" / "metrics.json").read_text())


def test_interval_of_a_difference_is_the_spread_of_paired_samples(
    run: Run, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    """Against a bootstrap of our own at the thresholds of each drawn sample."""
    run("compare", *runs, "-o", tmp_path / "compare")
    compared = json.loads((tmp_path / "compare" / "compare.json").read_text())
    found = compared["runs"][1]["working_points"][1]["difference_to_first"]["purity"]
    samples = []
    for folder in runs:
        tree = uproot.open(folder / "test" / "scores.root")["scores"]
        events = tree.arrays(["score", "truth_link"], library="np")
        samples.append([(s, t >= 0) for s, t in zip(*events.values(), strict=True)])

    def purity(events: list[tuple[np.ndarray, np.ndarray]]) -> float:
        score, signal = (np.concatenate(column) for column in zip(*events, strict=True))
        of_signal = np.sort(score[signal])[::-1]
        kept = score >= of_signal[int(np.ceil(0.99 * len(of_signal) - 1e-9)) - 1]
        return float(signal[kept].mean())

    random = np.random.default_rng(1)
    differences = []
    for _ in range(300):
        drawn = random.integers(0, len(samples[0]), len(samples[0]))
        first, other = (purity([sample[event] for event in drawn]) for sample in samples)
        differences.append(other - first)
    low, high = np.quantile(differences, [0.1587, 0.8413])
    assert found["high"] - found["low"] == pytest.approx(high - low, rel=0.35)


def test_page_links_files_and_figures_have_a_curve_per_run(
    run: Run, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "compare"
    run("compare", *runs, "-o", folder)
    page = (folder / "compare.html").read_text()
    links = [unescape(link) for link in re.findall(r'(?:href|src)="([^"]+)"', page)]
    assert len(links) > 10
    assert all((folder / link).is_file() for link in links), links
    expected = {"roc", "rejection_vs_efficiency", "purity_vs_efficiency"}
    expected |= {"train_loss", "val_loss", "val_auc", "val_purity_0_99"}
    assert {path.stem for path in (folder / "plots").glob("*.csv")} == expected
    for stem in expected:
        lines = (folder / "plots" / f"{stem}.csv").read_text().splitlines()[1:]
        assert {line.split(",")[0] for line in lines} == {path.name for path in runs}, stem
    before = (folder / "compare.json").read_bytes()
    run("compare", *runs, "-o", folder)
    assert (folder / "compare.json").read_bytes() == before, "may be made again"


def test_other_events_have_no_difference(
    run: Run,
    runs: tuple[Path, Path],
    copy_of: Callable[[str], Path],
    prepared: Path,
    tmp_path: Path,
) -> None:
    other = copy_of("other_events")
    options = tiny_run(other, prepared, {"training.epochs": 1, "seed": 7})
    run("test", *options, "--set", f"test_path={prepared / 'val'}", "--set", "val_path=null")
    said = run("compare", runs[1], other, "-o", tmp_path / "compare").stdout
    assert "No difference is given for other_events: tested on other events than" in said
    compared = json.loads((tmp_path / "compare" / "compare.json").read_text())
    for point in compared["runs"][1]["working_points"]:
        assert point["difference_to_first"] is None


def test_runs_that_cannot_be_compared(
    run: Run, runs: tuple[Path, Path], copy_of: Callable[[str], Path], tmp_path: Path
) -> None:
    first, second = runs

    def refused(code: int, *arguments: object) -> str:
        return run("compare", *arguments, code=code, cwd=tmp_path).stderr

    assert "is the same run as" in refused(USAGE, first, f"{first}/../{first.name}")
    assert "no such run directory" in refused(DATA, first, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "not a run directory" in refused(DATA, first, tmp_path / "empty")
    untested = copy_of("untested")
    shutil.rmtree(untested / "test")
    assert f"`stationhit test -c {untested}/config.yaml`" in refused(DATA, first, untested)
    (tmp_path / "deep").mkdir()
    twin = shutil.copytree(second, tmp_path / "deep" / second.name)
    assert f'two runs have the name "{second.name}"' in refused(USAGE, second, twin)
    assert "--names has 1 names for 2 runs" in refused(USAGE, first, second, "--names", "a")
    assert "two runs have the name" in refused(USAGE, first, second, "--names", "a,a")
    assert "cannot stand in tables" in refused(USAGE, first, second, "--names", "a,b|c")
    assert not (tmp_path / "compare").exists(), "nothing was begun"


def test_results_that_do_not_belong_together(
    run: Run, runs: tuple[Path, Path], copy_of: Callable[[str], Path], tmp_path: Path
) -> None:
    def refused(other: Path) -> str:
        return run("compare", runs[0], other, "-o", tmp_path / "out", code=DATA).stderr

    def change(other: Path, edit: Callable[[dict], object]) -> Path:
        path = other / "test" / "metrics.json"
        results = json.loads(path.read_text())
        edit(results)
        path.write_text(json.dumps(results))
        return other

    points = change(copy_of("points"), lambda results: results["working_points"].pop())
    assert "tested at the working points [0.985, 0.99]" in refused(points)
    old = change(copy_of("old"), lambda results: results["working_points"][0].pop("purity"))
    assert "earlier version" in refused(old)
    mixed = copy_of("mixed")
    shutil.copy(runs[0] / "test" / "scores.root", mixed / "test" / "scores.root")
    assert "not the scores of metrics.json" in refused(mixed)


def test_output_in_the_way(run: Run, runs: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    said = run("compare", *runs, "-o", tmp_path, code=DATA).stderr
    assert "holds other files than a comparison" in said
    said = run("compare", *runs, "-o", tmp_path / "notes.txt", code=DATA).stderr
    assert "notes.txt" in said
    assert (tmp_path / "notes.txt").read_text() == "mine"
