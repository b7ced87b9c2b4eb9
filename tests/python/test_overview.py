"""Overview figures: their numbers against the file read with uproot."""

import csv
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot
from conftest import CASES, ROOT, Run

FEATURES = "[localY, driftR, time, eta, phi]"


def read_figure(folder: Path, stem: str) -> dict[str, np.ndarray]:
    """Rows [x_low, x_high, y, n] by series."""
    rows: dict[str, list[list[float]]] = {}
    with (folder / f"{stem}.csv").open() as file:
        for row in csv.DictReader(file):
            values = [float(row[name]) for name in ("x_low", "x_high", "y", "n")]
            rows.setdefault(row["series"], []).append(values)
    return {series: np.array(values) for series, values in rows.items()}


@pytest.fixture(scope="module")
def overview(run: Run, toy_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("overview")
    text = run("inspect", "--plots", toy_file, "-o", folder, "--events", 60).stdout
    assert f"wrote {folder}/hits_per_event.png, .pdf, .csv" in text
    return folder


def test_every_figure_has_three_files(overview: Path) -> None:
    stems = {path.stem for path in overview.glob("*.csv")}
    assert len(stems) > 40
    assert {"feature_driftR", "time_MDT", "occupancy_eta", "hits_per_event_by_process"} <= stems
    for suffix in (".png", ".pdf"):
        assert {path.stem for path in overview.glob(f"*{suffix}")} == stems


def test_counts_are_those_of_the_file(overview: Path, toy_file: Path) -> None:
    events = uproot.open(toy_file)["MuonHitDump"].arrays(entry_stop=60)
    links = events["spacePoint_truthLink"]
    hits = read_figure(overview, "hits_per_event")[""]
    edges = np.append(hits[:, 0], hits[-1, 1])
    assert (hits[:, 3] == np.histogram(ak.to_numpy(ak.num(links)), edges)[0]).all()
    muons = read_figure(overview, "muons_per_event")[""]
    assert muons[:, 3].sum() == 60
    technologies = read_figure(overview, "technology_shares")["Signal hits"]
    of_signal = ak.flatten(events["spacePoint_technology"][links >= 0])
    assert technologies[:, 3].tolist() == [ak.sum(of_signal == code) for code in (0, 2, 3, 4, 5)]
    assert technologies[:, 2].sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", ["Signal hits", "Background hits"])
def test_features_are_those_of_the_file(overview: Path, toy_file: Path, kind: str) -> None:
    events = uproot.open(toy_file)["MuonHitDump"].arrays(entry_stop=60)
    is_signal = events["spacePoint_truthLink"] >= 0
    chosen = is_signal if kind == "Signal hits" else ~is_signal
    bins = read_figure(overview, "feature_driftR")[kind]
    edges = np.append(bins[:, 0], bins[-1, 1])
    values = ak.to_numpy(ak.flatten(events["spacePoint_driftR"][chosen])).astype(float)
    expected = np.histogram(values, edges)[0]
    # Values at an edge may fall on either side of it.
    assert np.abs(bins[:, 3] - expected).sum() <= 0.001 * len(values) + 2
    assert bins[:, 2] == pytest.approx(bins[:, 3] / len(values))


def test_the_map_is_that_of_the_file(overview: Path, toy_file: Path) -> None:
    events = uproot.open(toy_file)["MuonHitDump"].arrays(entry_stop=60)
    with (overview / "occupancy_eta_phi.csv").open() as file:
        cells = [{key: float(row[key]) for key in row if row[key]} for row in csv.DictReader(file)]
    x, y, z = (ak.to_numpy(ak.flatten(events[f"spacePoint_globPos{axis}"])) for axis in "XYZ")
    eta, phi = np.arcsinh(z / np.hypot(x, y)), np.arctan2(y, x)
    edges = [sorted({cell[low] for cell in cells}) for low in ("x_low", "y_low")]
    bins = [np.append(low, 2 * low[-1] - low[-2]) for low in edges]
    # The edges are between the middles of the sectors, where the hits are.
    middles = np.arange(-8, 8) * np.pi / 8
    assert np.abs(bins[1][:, None] - middles).min() > 0.09
    phi = np.where(phi < bins[1][-1], phi, phi - 2 * np.pi)
    expected = np.histogram2d(eta, phi, bins)[0]
    found = np.array([cell["n"] for cell in cells])
    assert [cell["z"] for cell in cells] == pytest.approx(found / 60)
    assert found.sum() > 0.9 * len(eta)
    assert np.abs(found.reshape(expected.shape) - expected).sum() <= 0.005 * len(eta)


def test_splits_have_them_too(run: Run, prepared: Path, tmp_path: Path) -> None:
    config = tmp_path / "run.yaml"
    splits = {f"{split}_path": prepared / split for split in ("train", "val", "test")}
    lines = [f"{key}: {path}" for key, path in splits.items()]
    config.write_text("\n".join([*lines, f"features: {FEATURES}"]))
    run("prepare", "--materialize", config, "-o", tmp_path / "set")
    for name, data in {"prepared": prepared, "set": tmp_path / "set"}.items():
        run("inspect", "--plots", data / "test", "-o", tmp_path / name)
    stems = {path.stem for path in (tmp_path / "set").glob("*.csv")}
    assert {"feature_localY", "time_MDT", "occupancy_phi"} <= stems
    assert "feature_channel" not in stems
    for stem in stems:
        made, expected = (
            (tmp_path / name / f"{stem}.csv").read_text() for name in ("set", "prepared")
        )
        assert made == expected, stem


def test_files_without_columns_have_fewer_figures(run: Run, tmp_path: Path) -> None:
    folder = CASES / "missing_branches"
    for name in ("base", "nocov"):
        run("inspect", "--plots", folder / f"{name}.root", "-o", tmp_path / name)
    lacking = {path.stem for path in (tmp_path / "base").glob("*.csv")} - {
        path.stem for path in (tmp_path / "nocov").glob("*.csv")
    }
    assert lacking == {"feature_covX", "feature_covY", "feature_covXY"}


def test_wrong_inputs_are_named(run: Run, tmp_path: Path) -> None:
    config = ROOT / "configs" / "tiny.yaml"
    error = run("inspect", "--plots", config, "-o", tmp_path / "x", code=4).stderr
    assert f"{config}: not a readable ROOT file" in error
    assert not (tmp_path / "x").exists()
    assert "--plots" in run("inspect", config, "--events", 3, code=2).stderr
