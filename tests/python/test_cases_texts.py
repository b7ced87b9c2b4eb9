"""Texts from outside: configurations, the command line, JSON of files, HepMC."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import CASES, ROOT, Run

USAGE, CONFIG, DATA = 2, 3, 4
MEMORY = 4_000_000  # kB


def limited(stationhit: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the program with a bound on its memory and on its time."""
    command = f'ulimit -v {MEMORY}; exec "$@"'
    return subprocess.run(
        ["bash", "-c", command, "bash", stationhit, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def safetensors(path: Path, header: str) -> Path:
    """A file with this header and no data."""
    data = header.encode()
    path.write_bytes(len(data).to_bytes(8, "little") + data)
    return path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("latin1.yaml", ":10: the byte 0xFC is not UTF-8 text; save the file"),
        ("pos_weight.yaml", ":9: training.loss.pos_weight: expected auto or a number > 0, found"),
    ],
)
def test_configurations_that_no_run_can_have(run: Run, name: str, message: str) -> None:
    file = CASES / "config_text" / name
    assert f"error: {file}{message}" in run("train", "-c", file, code=CONFIG).stderr


def test_home_directory_in_paths(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    shown = run("inspect", CASES / "config_text" / "tilde.yaml").stdout
    assert f"experiment_dir: {tmp_path}/runs/x" in shown
    refused = run("simulate", "--set", "output=${HOME}/x.root", code=CONFIG, cwd=tmp_path).stderr
    assert "output: '${HOME}/x.root': variables of the environment are not replaced" in refused
    assert not list(tmp_path.iterdir())


def test_a_comma_ends_at_once(stationhit: Path) -> None:
    for arguments in (
        ["train", "-c", CASES / "hostile_text" / "one_comma.yaml"],
        ["inspect", CASES / "hostile_text" / "one_comma.yaml"],
        ["simulate", "--set", "seed=,"],
    ):
        done = limited(stationhit, *arguments)
        assert done.returncode == CONFIG, done.stderr
        assert ":1: not valid YAML: a value cannot begin with this character" in done.stderr


@pytest.mark.parametrize("name", ["120", "230", "637"])
def test_manifests_of_wrong_types(run: Run, tmp_path: Path, name: str) -> None:
    shutil.copy(CASES / "hostile_text" / f"manifest_{name}.json", tmp_path / "manifest.json")
    error = run("inspect", tmp_path, code=DATA).stderr
    assert error.startswith(f"error: {tmp_path}/manifest.json: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "name", ["weight_count_not_a_number", "weight_name_twice", "weights_do_not_match_names"]
)
def test_wrong_hepmc_weights(run: Run, tmp_path: Path, name: str) -> None:
    file = CASES / "hostile_text" / f"{name}.hepmc3"
    settings = ["source=hepmc", f"hepmc_file={file}", "events=1", f"output={tmp_path}/x.root"]
    overrides = [part for setting in settings for part in ("--set", setting)]
    assert f"error: {file}: " in run("simulate", *overrides, code=DATA).stderr


def test_deep_json_is_refused(stationhit: Path, prepared: Path, tmp_path: Path) -> None:
    deep = "[" * 100_000
    file = safetensors(tmp_path / "deep.safetensors", '{"a": ' + deep)
    folder = tmp_path / "train"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"kind": ' + deep)
    for path, name in ((file, file), (folder, folder / "manifest.json")):
        done = limited(stationhit, "inspect", path)
        assert done.returncode == DATA, done.stderr
        assert f"error: {name}: is nested deeper than 64 levels" in done.stderr
    inside = {"__metadata__": {"note": deep}}
    done = limited(stationhit, "inspect", safetensors(file, json.dumps(inside)))
    assert done.returncode == 0, done.stderr


def test_manifests_name_only_files_of_their_folder(
    run: Run, prepared: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "train"
    shutil.copytree(prepared / "train", folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["shards"][0]["file"] = "../../x\x1b[31m"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    error = run("inspect", folder, code=DATA).stderr
    assert f"{folder}/manifest.json: names the file '../../x\\x1B[31m', expected a name" in error


def test_counts_of_manifests_are_whole_numbers(run: Run, prepared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "train"
    shutil.copytree(prepared / "train", folder)
    text = (folder / "manifest.json").read_text()
    for wrong in ("-1", "1.5", "true", '"1"'):
        manifest = json.loads(text)
        manifest["counts"]["events"] = json.loads(wrong)
        (folder / "manifest.json").write_text(json.dumps(manifest))
        assert "damaged manifest: " in run("inspect", folder, code=DATA).stderr


def test_metadata_do_not_act_on_the_terminal(run: Run, tmp_path: Path) -> None:
    header = {"__metadata__": {"note\x1b[2J": "red \x1b[31m\n\x07", "object": '{"a": "\x9b31m"}'}}
    shown = run("inspect", safetensors(tmp_path / "x.safetensors", json.dumps(header))).stdout
    assert "note\\x1B[2J: red \\x1B[31m\\x0A\\x07" in shown
    assert not any(ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160 for c in shown)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "my.yaml"], "train: unexpected argument 'my.yaml'; a configuration is given"),
        (["-ct", "my.yaml", "train"], "'-c' stands before the verb; the verb comes first: "),
        (["simulate", "--threads", "-2"], "simulate: --threads: expected an integer >= 0, found"),
        (["simulate", "--threads", "0x2"], "simulate: --threads: expected an integer >= 0, found"),
        (["inspect", "x", "--event", "1e3", "--display", "y"], "--event: expected an integer >= 0"),
        (["bench", "m", "--input", "x", "--tolerance", "0.1a"], "--tolerance: expected a number"),
        (["infer", "m", "x", "-o", "y", "--cut", "0,5"], "--cut: expected a number, found '0,5'"),
        (["prepare", "--sets", "a=b"], "prepare: unknown option '--sets', did you mean '--set'?"),
    ],
)
def test_wrong_command_lines_are_explained(run: Run, arguments: list[str], message: str) -> None:
    error = run(*arguments, code=USAGE).stderr
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1


def test_swapped_arguments(run: Run, random_model: Path, toy_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.root"
    error = run("infer", toy_file, random_model, "-o", output, code=USAGE).stderr
    assert f"{toy_file}: is a ROOT file, the first argument is the ONNX file: " in error
    error = run("bench", toy_file, "--input", random_model, code=USAGE).stderr
    assert "stationhit bench MODEL.onnx --input DATA" in error


def test_a_file_of_another_verb(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("events: 10\nmu: 20\nprocess: mix\nseed: 1\n")
    error = run("train", "-c", file, code=CONFIG).stderr
    assert f"error: {file}: is a configuration of the verb simulate, not a run" in error
    file.write_text("training:\n\tepochs: 3\n")
    error = run("train", "-c", file, code=CONFIG).stderr
    assert "line 2 is indented with a tab, YAML needs spaces" in error


def test_settings_without_effect_are_named(run: Run, tmp_path: Path) -> None:
    settings = ["graph.edges=fully_connected", "graph.k=5", "train_path=/nowhere"]
    overrides = [part for setting in settings for part in ("--set", setting)]
    done = run("stats", "-c", ROOT / "configs" / "tiny.yaml", *overrides, code=DATA)
    assert "graph.k: 5 has no effect with graph.edges: fully_connected" in done.stderr


def learning_rates(folder: Path) -> list[float]:
    """The column of metrics.csv."""
    rows = [line.split(",") for line in (folder / "metrics.csv").read_text().splitlines()]
    return [float(row[rows[0].index("learning_rate")]) for row in rows[1:]]


def test_a_changed_learning_rate_takes_effect(run: Run, trained_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(trained_run, folder)
    changed = [
        part
        for setting in (
            f"experiment_dir={folder}",
            "training.epochs=3",
            "training.optimizer.learning_rate=0.0002",
        )
        for part in ("--set", setting)
    ]
    done = run("train", "-c", trained_run / "config.yaml", *changed)
    before = learning_rates(trained_run)
    after = learning_rates(folder)
    assert after[:2] == before
    assert after[2] == pytest.approx(0.0002)
    assert "training.optimizer.learning_rate was " in done.stderr


def test_arguments_that_a_subcommand_does_not_read_are_named(
    run: Run, trained_run: Path, tmp_path: Path
) -> None:
    config = ("-c", trained_run / "config.yaml")
    other = ("--set", "normalization_stats=other.yaml", "--set", "training.batch_size=3")
    said = run("test", "-d", *config, *other).stderr
    assert (
        "warning --set normalization_stats=other.yaml, --set training.batch_size=3: without effect"
        in said
    )
    assert "without effect" not in run("test", "-d", *config, "--set", "graph.k=8").stderr
    for verb, argument in {
        ("stats",): "model.width=3",
        ("export",): "quantization.method=dynamic",
        ("prune",): "training.epochs=3",
        ("study", "graphs"): "seed=3",
        ("train",): "prune.steps=3",
    }.items():
        said = run(*verb, "-d", *config, "--set", argument).stderr
        assert f"warning --set {argument}: without effect" in said, verb
    error = run("parameters", "--set", "model.width=3", code=2).stderr
    assert "--set and --threads change the configuration of a run; name it with -c" in error
