"""Results of an earlier call: what is taken, what is refused by the names of the settings, what
--force and -d do."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from conftest import ROOT, Run, set_options

CONFIGURATION = 3
DATA = 4


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def finished(trained_run: Path, tmp_path: Path) -> Path:
    """A copy of the trained run directory."""
    return Path(shutil.copytree(trained_run, tmp_path / "run"))


@pytest.fixture
def call(run: Run, finished: Path) -> Callable[..., str]:
    """Runs a verb on the configuration of the run directory; gives what it says."""

    def call(verb: str, *options: str, code: int = 0, **settings: object) -> str:
        keys = {key.replace("__", "."): value for key, value in settings.items()}
        config = ["-c", finished / "config.yaml", "--set", f"experiment_dir={finished}"]
        done = run(verb, *config, *options, *set_options(keys), code=code)
        return done.stdout + done.stderr

    return call


def test_resume_names_what_differs(
    call: Callable[..., str], finished: Path, prepared: Path
) -> None:
    before = contents(finished)
    last = finished / "checkpoints" / "last.safetensors"
    said = call("train", code=CONFIGURATION, seed=8, training__epochs=3)
    assert f"error: {last}: was trained with seed: " in said
    assert "the configuration has 8; give another experiment_dir, or start again" in said
    said = call(
        "train", code=CONFIGURATION, train_path=prepared / "train_small", training__epochs=3
    )
    assert f"train_path: {prepared / 'train'}, the configuration has " in said
    assert f"{prepared / 'train_small'}, which holds other events; " in said
    assert contents(finished) == before


def test_resume_goes_on_with_the_same_events_elsewhere(
    call: Callable[..., str], prepared: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(prepared / "train", tmp_path / "moved")
    said = call("train", train_path=moved, training__epochs=3)
    assert "continuing" in said and "after epoch 2" in said


def test_a_change_of_a_finished_training_is_said(call: Callable[..., str]) -> None:
    said = call("train", training__optimizer__weight_decay=0.5)
    assert "this training is finished, so nothing of this has an effect (" in said
    assert "training.optimizer.weight_decay: " in said and ", now 0.5); raise" in said


def test_train_replaces_another_run_only_with_force(
    call: Callable[..., str], finished: Path
) -> None:
    before = contents(finished)
    changes = {"seed": 8, "training.epochs": 1}
    said = call("train", code=CONFIGURATION, training__resume="false", **changes)
    assert "was trained with seed: " in said
    assert "training.epochs" not in said, "it may change where a training goes on, too"
    assert contents(finished) == before
    call("train", "--force", **changes)
    assert len((finished / "metrics.csv").read_text().splitlines()) == 2
    assert "seed: 8" in (finished / "config.yaml").read_text()


def test_prune_takes_no_step_that_was_pruned_otherwise(
    call: Callable[..., str], finished: Path
) -> None:
    settings = {"prune.steps": 1, "prune.epochs": 1, "prune.events": 5, "prune.keep": 0.5}
    call("prune", **settings)
    step = finished / "prune" / "step_1" / "pruned.safetensors"
    before = contents(finished)
    said = call("prune", code=CONFIGURATION, **{**settings, "prune.keep": 0.75})
    assert f"error: {step}: was pruned with prune.keep: 0.5, the configuration has 0.75; " in said
    assert contents(finished) == before


def test_simulate_does_not_go_on_with_another_hepmc_file(run: Run, tmp_path: Path) -> None:
    events = tmp_path / "events.hepmc3.gz"
    content = (ROOT / "tests/data/pythia8_mix.hepmc3.gz").read_bytes()
    events.write_bytes(content)
    settings = {
        "hepmc_file": events,
        "output": tmp_path / "toy",
        "events_per_file": 2,
        "mu": 1,
        "events": 2,
    }
    config = ["simulate", "-c", ROOT / "configs/simulate_hepmc.yaml"]
    run(*config, *set_options(settings))
    run(*config, *set_options({**settings, "events": 4}))
    events.write_bytes(gzip.compress(gzip.decompress(content), 1))
    error = run(*config, *set_options({**settings, "events": 6}), code=CONFIGURATION).stderr
    assert "another configuration or version (hepmc_file: its content is another one now)" in error


# Root may write everywhere, unless it gives that up.
POWERLESS = (
    [
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
    ]
    if os.geteuid() == 0
    else []
)


@pytest.mark.parametrize(
    ("verb", "folder"),
    [
        ("test", "."),
        ("test", "plots"),
        ("train", "."),
        ("train", "checkpoints"),
        ("prune", "."),
        ("export", "checkpoints"),
    ],
)
def test_run_directories_that_take_no_file_are_noticed_first(
    stationhit: Path, finished: Path, verb: str, folder: str
) -> None:
    if POWERLESS and not shutil.which("setpriv"):
        pytest.skip("root needs setpriv to be refused anything")
    config = ["-c", finished / "config.yaml", *set_options({"experiment_dir": finished})]
    closed = finished / folder
    closed.chmod(0o555)
    command = [*POWERLESS, stationhit, verb, *config, "--set", "training.epochs=3"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    closed.chmod(0o755)
    assert done.returncode == DATA, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"error: {closed}") and ": Permission denied" in last
    assert "%" not in done.stderr.replace(last, "")


DEBUG_VERBS = [
    ("stats",),
    ("train",),
    ("test",),
    ("export",),
    ("export", "--interface", "edges"),
    ("export", "-q", "--latency-events", "1"),
    ("prune",),
    ("study", "graphs"),
]


@pytest.mark.parametrize("verb", DEBUG_VERBS, ids=" ".join)
def test_debug_runs_write_nothing(
    call: Callable[..., str], finished: Path, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    before = contents(tmp_path)
    said = call(
        *verb, "-d", normalization_stats=finished / "normalization.yaml", quantization__tolerance=1
    )
    assert contents(tmp_path) == before
    if verb[0] == "export":
        assert "debug run: no ONNX file is written" in said and "model.onnx:" not in said


def test_an_edited_model_is_quantized_with_allow_modified(
    call: Callable[..., str], finished: Path
) -> None:
    checkpoints = finished / "checkpoints"
    call("export")
    model = onnx.load(checkpoints / "model.onnx")
    for entry in model.metadata_props:
        if entry.key == "pos_weight":
            entry.value = "3"
    edited = checkpoints / "edited.onnx"
    onnx.save(model, edited)
    arguments = ("-q", "--model", str(edited), "--latency-events", "1")
    said = call("export", *arguments, code=DATA)
    assert f"error: {edited}: the model was changed after it was written" in said
    said = call("export", *arguments, "--allow-modified", quantization__tolerance=1)
    assert "; accepted as it is" in said
    assert (checkpoints / "onnx_benchmarking" / "edited.int8.onnx").exists()
    said = call("export", "--allow-modified", code=2)
    assert "--allow-modified requires --model" in said


def test_files_that_no_earlier_call_made_are_kept(
    run: Run, call: Callable[..., str], finished: Path, toy_file: Path, tmp_path: Path
) -> None:
    """An output that names a file of another kind by mistake."""
    ntuple = Path(shutil.copy(toy_file, tmp_path / "other.root"))
    before = ntuple.read_bytes()
    model = finished / "checkpoints" / "model.onnx"
    call("export", "-o", str(model))
    kept = f"error: {ntuple}: is there already and "
    assert kept + "is no ONNX model" in call("export", "-o", str(ntuple), code=DATA)
    assert kept + "is no statistics file" in call("stats", normalization_stats=ntuple, code=DATA)
    config = finished / "config.yaml"
    for kind, command in {
        "is no report of bench": ("bench", model, "--input", toy_file, "-o", ntuple),
        "has no scores": ("infer", model, toy_file, "-o", ntuple),
        "is no safetensors file": (
            *("infer", model, toy_file, "-o", tmp_path / "scored.root"),
            *("--dump-inputs", ntuple),
        ),
        "is no event dump": (
            *("infer", model, toy_file, "-o", tmp_path / "scored.root"),
            *("--dump-events", ntuple),
        ),
        "is no SVG figure": ("inspect", config, "--draw", ntuple),
    }.items():
        assert kept + kind in run(*command, code=DATA).stderr
    assert ntuple.read_bytes() == before
    for _ in range(2):
        run("infer", model, toy_file, "-o", tmp_path / "scored.root")


def test_a_configuration_in_the_run_directory_is_kept(
    call: Callable[..., str], finished: Path
) -> None:
    config = finished / "config.yaml"
    shutil.rmtree(finished / "checkpoints")
    written = config.read_bytes()
    config.write_bytes(b"# mine\n" + written)
    before = config.read_bytes()
    said = call("train", code=CONFIGURATION)
    assert f"error: {config}: the run would write its complete configuration over this file" in said
    assert config.read_bytes() == before
