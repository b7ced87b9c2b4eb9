"""stationhit study: variants of a run, trained and compared on the validation split."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest
from conftest import ROOT, Run, set_options, tiny_run

SETTINGS: dict[str, object] = {
    "features": "[localX, localY, localZ, driftR, technology]",
    "training.epochs": 1,
    "model.width": 8,
    "model.blocks": 1,
    "study.seeds": "[1, 2]",
}
CONFIG, DATA, USAGE = 3, 4, 2


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "study.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def options(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options of a small run with statistics; its studies share the folder."""
    folder = tmp_path_factory.mktemp("study")
    options = tiny_run(folder, prepared, SETTINGS)
    run("stats", *options)
    return options


def folder_of(options: list[str]) -> Path:
    values = [text.split("=", 1)[1] for text in options if text.startswith("experiment_dir=")]
    return Path(values[-1])


def test_a_study_of_features_permutes_and_leaves_out(run: Run, options: list[str]) -> None:
    leave_out = ["--set", "study.leave_out=[groups]", "--set", "study.permutations=1"]
    said = run("study", "features", *options, *leave_out).stdout
    assert "training 1 of 8: base, seed 1" in said
    rows = rows_of(folder_of(options) / "study" / "features")
    trained = {row["variant"] for row in rows if row["method"] == "trained"}
    assert trained == {
        "base",
        "without_group_local_position",
        "without_group_detector",
        "without_group_drift",
    }
    permuted = [row for row in rows if row["method"] == "permuted"]
    assert len(permuted) == 2 * (3 + 5), "groups and features, with two seeds"
    base = {row["seed"]: row for row in rows if row["variant"] == "base"}
    for seed, row in base.items():
        with (folder_of(options) / f"study/base/seed_{seed}/metrics.csv").open() as file:
            epoch = list(csv.DictReader(file))[int(row["best_epoch"]) - 1]
        columns = {"val_auc": "auc", "val_purity_0.99": "purity", "val_loss": "loss"}
        for column, quantity in columns.items():
            # The study scores with the engine, the training with Torch.
            assert float(row[quantity]) == pytest.approx(float(epoch[column]), rel=1e-6)
    for row in rows:
        assert row["base_auc"] == base[row["seed"]]["auc"]
        assert 0 < float(row["auc"]) < 1


def test_a_feature_that_the_network_does_not_read_is_worth_nothing(
    run: Run, options: list[str], tmp_path: Path
) -> None:
    settings: dict[str, object] = {
        "experiment_dir": tmp_path,
        "model.encoding.features": "[localX, localY, localZ, driftR]",
        "study.leave_out": "[features]",
        "study.seeds": "[1]",
    }
    run("study", "features", *options, *set_options(settings))
    rows = {(row["variant"], row["method"]): row for row in rows_of(tmp_path / "study/features")}
    base = rows["base", "trained"]
    for unread in (rows["technology", "permuted"], rows["without_technology", "trained"]):
        for quantity in ("auc", "purity", "loss"):
            assert float(unread[quantity]) == pytest.approx(float(base[quantity]), abs=1e-12)
    for read in (rows["driftR", "permuted"], rows["without_driftR", "trained"]):
        assert float(read["loss"]) != pytest.approx(float(base["loss"]), abs=1e-6)


def test_the_table_has_the_mean_and_the_paired_difference(run: Run, options: list[str]) -> None:
    lists = {
        "study.encodings": "[none]",
        "study.residual": "[without]",
        "study.bases": "[]",
        "study.scales": "[]",
    }
    run("study", "encodings", *options, *set_options(lists))
    folder = folder_of(options) / "study" / "encodings"
    rows = [row for row in rows_of(folder) if row["variant"] == "none_without_residual"]
    changes = [float(row["auc"]) - float(row["base_auc"]) for row in rows]
    mean = sum(changes) / 2
    error = math.sqrt(sum((x - mean) ** 2 for x in changes)) / math.sqrt(2)
    entry = json.loads((folder / "study.json").read_text())["entries"][1]
    assert entry["name"] == "none_without_residual"
    assert entry["auc"]["difference"]["value"] == pytest.approx(mean)
    assert entry["auc"]["difference"]["error"] == pytest.approx(error)
    assert f"{mean:+.5f} ± {error:.5f}" in (folder / "study.md").read_text()


def test_graphs_of_other_groups_have_their_own_statistics(run: Run, options: list[str]) -> None:
    lists = {
        "study.k": "[4]",
        "study.radii": "[]",
        "study.groupings": "[sector]",
        "study.seeds": "[1]",
    }
    said = run("study", "graphs", *options, *set_options(lists)).stdout
    folder = folder_of(options) / "study" / "graphs"
    assert "training 1 of 4: base, seed 1, finished" in said, "the base of the other studies"
    assert (folder / "grouping_sector" / "normalization.yaml").exists()
    assert not (folder / "knn_4" / "normalization.yaml").exists()
    names = {row["variant"] for row in rows_of(folder)}
    assert names == {"base", "knn_4", "fully_connected", "grouping_sector"}
    assert (folder / "graphs_purity.png").stat().st_size > 0


def test_a_list_of_the_variants_writes_nothing(
    run: Run, prepared: Path, tmp_path: Path, options: list[str]
) -> None:
    elsewhere = [*options, *set_options({"experiment_dir": tmp_path / "none"})]
    wide = set_options({"model.edge_features": "[localY]"})
    said = run("study", "graphs", *elsewhere, *wide, "--list").stdout
    assert "fully_connected" in said and "not possible: model.edge_features needs" in said
    assert "trainings, 2 seeds each for" in said and "; 0 of them finished" in said
    assert said == run("study", "graphs", *elsewhere, *wide, "-d").stdout
    assert not (tmp_path / "none").exists()
    listed = run("study", "features", *elsewhere, "--list").stdout
    assert "permuted: localY" in listed and "times for each of 2 seeds of the base" in listed
    never = run("study", "features", *elsewhere, *set_options({"study.permutations": 0}), "--list")
    assert "permuted" not in never.stdout


def test_other_settings_are_refused(run: Run, options: list[str]) -> None:
    said = run(
        "study", "features", *options, *set_options({"training.epochs": 2}), code=CONFIG
    ).stderr
    assert "was trained with training.epochs: 1, the configuration has 2" in said


def test_a_variant_that_fails_is_told_and_the_others_are_kept(run: Run, options: list[str]) -> None:
    lists = {"study.encodings": "[none]", "study.bases": "[]", "study.scales": "[]"}
    encodings = [*options, *set_options({**lists, "study.residual": "[without]"})]
    run("study", "encodings", *encodings)
    folder = folder_of(options) / "study" / "encodings"
    last = folder / "none_without_residual" / "seed_1" / "checkpoints" / "last.safetensors"
    last.write_bytes(last.read_bytes()[:100])
    said = run("study", "encodings", *encodings, code=DATA)
    assert "1 of the variants failed" in said.stderr
    assert "none without residual: failed: seed 1: " in (folder / "study.md").read_text()
    assert {row["variant"] for row in rows_of(folder)} == {"base", "none_without_residual"}


def test_the_kind_of_study_must_be_known(run: Run) -> None:
    said = run("study", "speed", "-c", ROOT / "configs/tiny.yaml", code=USAGE).stderr
    assert "speed not in {features,graphs,encodings,networks,events}" in said


@pytest.mark.parametrize("kind", ["features", "graphs", "encodings", "networks", "events"])
def test_the_recipe_is_possible(run: Run, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    said = run("study", kind, "-c", "configs/study/edgeconv.yaml", "--list").stdout
    assert "not possible" not in said
