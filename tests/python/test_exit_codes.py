"""The exit codes of README.md: the same cause has the same code in every subcommand."""

import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Run

USAGE, CONFIGURATION, DATA = 2, 3, 4
VERBS: dict[str, list[str]] = {
    "simulate": [],
    "prepare": [],
    "stats": [],
    "train": [],
    "test": [],
    "export": [],
    "prune": [],
    "study": ["graphs"],
    "tune": ["-s", "space.yaml", "--trials", "1"],
    "parameters": [],
}
OF_FILES = ("compare", "bench", "infer", "replay", "inspect", "models")
SPACE = """
search: {objectives: [val_auc]}
parameters:
  training.optimizer.learning_rate: {low: 0.001, high: 0.01, log: true}
"""


def test_all_subcommands_are_here(run: Run) -> None:
    listed = run("--help").stdout.split("Subcommands:")[1].splitlines()
    names = {line.split()[0] for line in listed if line.strip()}
    assert names == {*VERBS, *OF_FILES}


@pytest.mark.parametrize("verb", [*VERBS, *OF_FILES])
def test_wrong_options(run: Run, verb: str) -> None:
    error = run(verb, "--nonsense", code=USAGE).stderr
    assert error.startswith(f"error: {verb}: ")


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_configurations(run: Run, verb: str, tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(SPACE)

    def error(config: str) -> str:
        command = [verb, *VERBS[verb], "-c", config]
        return run(*command, code=CONFIGURATION, cwd=tmp_path).stderr

    assert "error: none.yaml: cannot be read: No such file or directory; " in error("none.yaml")
    (tmp_path / "wrong.yaml").write_text("colour: red\n")
    assert "wrong.yaml:1: colour: unknown key" in error("wrong.yaml")
    (tmp_path / "toy.root").write_bytes(b"root\0\0\0\0")
    assert "toy.root: is a file of another kind (ROOT file); expected" in error("toy.root")
    error(".")


def test_other_configuration_files(run: Run, tmp_path: Path) -> None:
    config = ROOT / "configs" / "tiny.yaml"
    error = run("tune", "-c", config, "-s", "none.yaml", "--trials", 1, code=CONFIGURATION).stderr
    assert "error: none.yaml: cannot be read: No such file or directory; expected a YAML" in error
    command = ("prepare", "--materialize", "none.yaml", "-o", tmp_path / "set")
    assert "error: none.yaml: cannot be read" in run(*command, code=CONFIGURATION).stderr
    error = run("prepare", "-o", tmp_path / "set", code=CONFIGURATION).stderr
    assert "error: no input files; give ROOT files" in error


def test_missing_data(run: Run, trained_run: Path, toy_file: Path, tmp_path: Path) -> None:
    """Every file and folder that is no configuration."""
    model = tmp_path / "model.onnx"
    config: list[object] = ["-c", trained_run / "config.yaml"]
    config += ["--set", f"experiment_dir={tmp_path}/run"]
    shutil.copytree(trained_run, tmp_path / "run")
    run("export", *config, "-o", model)
    (tmp_path / "space.yaml").write_text(SPACE)
    lacking: dict[str, list[list[object]]] = {
        "train_path": [
            ["stats", *config],
            ["train", *config],
            ["prune", *config],
            ["study", "graphs", *config],
            ["tune", *config, "-s", tmp_path / "space.yaml", "--trials", 1, "-o", tmp_path / "t"],
            ["prepare", "--materialize", trained_run / "config.yaml", "-o", tmp_path / "set"],
        ],
        "test_path": [["test", *config]],
        "checkpoint_path": [[verb, *config] for verb in ("test", "export", "prune")],
    }
    commands: list[list[object]] = [
        [*command, "--set", f"{key}=none"] for key, verbs in lacking.items() for command in verbs
    ]
    commands += [
        ["train", *config, "--set", "normalization_stats=none", "--force"],
        ["simulate", "--set", "source=hepmc", "--set", "hepmc_file=none"],
        ["prepare", "none.root", "-o", tmp_path / "set"],
        ["export", *config, "-q", "--model", "none.onnx"],
        ["bench", "none.onnx", "--input", toy_file],
        ["bench", model, "--input", "none"],
        ["bench", model, "--input", toy_file, "--compare", "none.onnx"],
        ["bench", model, "--input", toy_file, "--checkpoint", "none"],
        ["infer", "none.onnx", toy_file, "-o", tmp_path / "o.root"],
        ["infer", model, "none.root", "-o", tmp_path / "o.root"],
        ["replay", "none.onnx", model],
        ["replay", model, "none.jsonl"],
        ["compare", trained_run, "none"],
        ["inspect", "none"],
        ["inspect", "none", "--plots", "-o", tmp_path / "plots"],
        ["inspect", "none", "--display", tmp_path / "display"],
    ]
    for command in commands:
        error = run(*command, code=DATA, cwd=tmp_path).stderr.splitlines()[-1]
        assert error.startswith("error: ") and "none" in error, command


def test_missing_keys(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "run.yaml"
    config.write_text("normalization_stats: n.yaml\n")
    for verb in ("stats", "train"):
        error = run(verb, "-c", config, code=CONFIGURATION).stderr
        assert "key train_path is missing" in error
