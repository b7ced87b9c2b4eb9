"""Damaged prepared sets, runs that are begun again, options out of range, stopped programs."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import ROOT, Run, tiny_run

USAGE, CONFIG, DATA = 2, 3, 4


def prepare_again(run: Run, toy_file: Path, folder: Path):
    """The call that made the set of fixture `prepared`."""
    settings = ["events_per_shard=50", "split.train=0.7", "split.validation=0.15"]
    options = [part for setting in settings for part in ("--set", setting)]
    return run("prepare", toy_file, "-o", folder, *options)


def test_lost_and_damaged_shards_are_made_again(
    run: Run, toy_file: Path, prepared: Path, tmp_path: Path
):
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    lost, damaged = folder / "train/shard_000001.root", folder / "val/shard_000000.root"
    lost.unlink()
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 0xFF
    damaged.write_bytes(content)
    done = run("inspect", folder / "train", "--display", tmp_path / "display", code=DATA)
    assert "the same `stationhit prepare` into the same folder makes missing and" in done.stderr
    done = prepare_again(run, toy_file, folder)
    assert f"{lost}: is missing (this shard is made again now)" in done.stderr
    assert str(damaged) in done.stderr
    assert f"{folder}: 2 shards were missing or damaged and were made again" in done.stdout
    assert "already holds this set; nothing was done" in prepare_again(run, toy_file, folder).stdout
    manifests = [path.relative_to(prepared) for path in prepared.rglob("manifest.json")]
    for manifest in manifests:
        assert (folder / manifest).read_bytes() == (prepared / manifest).read_bytes()


def test_prepare_names_the_option_of_the_output(run: Run, toy_file: Path, tmp_path: Path):
    error = run("prepare", toy_file, code=CONFIG).stderr
    assert "no folder to write to; give it with -o FOLDER (or the key output)" in error
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "mlp.yaml").write_text("features: [r]\n")
    error = run("prepare", toy_file, "-o", tmp_path / "configs", code=DATA).stderr
    assert "configs: is no folder of a prepared set, it holds mlp.yaml" in error
    assert [path.name for path in (tmp_path / "configs").iterdir()] == ["mlp.yaml"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["train", "-c", ""], "--config: the name is empty"),
        (["prepare", ""], "input: the name is empty"),
        (["bench", "m", "--input", "d", "--tolerance", "-1"], "expected a number >= 0, found '-1'"),
        (["bench", "m", "--input", "d", "--tolerance", "nan"], "number >= 0, found 'nan'"),
        (["bench", "m", "--input", "d", "--tolerance", "inf"], "number >= 0, found 'inf'"),
        (["bench", "m", "--input", "d", "--repetitions", "99999999999"], "from 1 to 1000000"),
        (["bench", "m", "--input", "d", "--warmup", "99999999999"], "from 0 to 1000000"),
        (["infer", "m", "i", "-o", "o", "--threads", "99999999999"], "integer from 0 to 1024"),
        (["simulate", "--threads", "1025"], "integer from 0 to 1024, found '1025'"),
        (["simulate", "--validate", "v", "--sigmas", "nan"], "a number >= 0, found 'nan'"),
    ],
)
def test_options_out_of_range(run: Run, arguments: list[str], expected: str):
    assert expected in run(*arguments, code=USAGE).stderr


def test_parameters_is_listed(run: Run):
    assert "parameters" in run("--help").stdout
    assert "parameters" in run("parameter", code=USAGE).stderr


def test_a_missing_hepmc_file_names_its_key(run: Run, tmp_path: Path):
    recipe = ROOT / "configs" / "simulate_hepmc.yaml"
    error = run("simulate", "-c", recipe, code=DATA, cwd=tmp_path).stderr
    assert "pythia8_mix.hepmc3.gz: cannot be read" in error
    assert "the key hepmc_file names it" in error


def test_inspect_says_what_it_takes_instead(run: Run, trained_run: Path, prepared: Path):
    assert "this is a run directory" in run("inspect", trained_run, code=DATA).stderr
    metrics = trained_run / "test" / "metrics.json"
    assert "results are texts" in run("inspect", metrics, code=DATA).stderr
    error = run(
        "inspect", prepared / "val", "--display", prepared / "x", "--event", "9999", code=DATA
    ).stderr
    assert "has no event 9999, its event numbers are from " in error


def test_pruning_refuses_parts_that_the_network_lacks_at_once(
    run: Run, trained_run: Path, prepared: Path
):
    options = tiny_run(trained_run, prepared, {"prune.parts": "[heads]"})
    error = run("prune", *options, code=CONFIG).stderr
    assert "prune.parts has heads, but edgeconv has no attention heads" in error
    assert not (trained_run / "prune" / "step_0").exists()


def test_a_stopped_bench_says_so(
    run: Run, stationhit: Path, trained_run: Path, prepared: Path, tmp_path: Path
):
    model = tmp_path / "model.onnx"
    run("export", *tiny_run(trained_run, prepared), "-o", model)
    call = [stationhit, "bench", model, "--input", prepared / "test", "--repetitions", "9999"]
    with subprocess.Popen(list(map(str, call)), stderr=subprocess.PIPE, text=True) as program:
        time.sleep(5)
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == -signal.SIGTERM
        assert program.stderr is not None
        assert program.stderr.read().endswith("stopped: no report is written\n")
