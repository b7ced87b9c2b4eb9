"""The submit files of HTCondor and the chain."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import classad2
import pytest
from batch_jobs import HTCONDOR, TERMINATED, UNFIT_MACHINE, Dag, submit
from conftest import ROOT, Run


@pytest.fixture(autouse=True)
def in_htcondor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Submit files include another one of their folder; the parser does not know theirs."""
    monkeypatch.chdir(HTCONDOR)


def gpu_machine(name: str) -> classad2.ClassAd:
    return classad2.ClassAd({"GPUs_DeviceName": name, "Requirements": True})


@pytest.mark.parametrize(
    ("wanted", "machine", "matches"),
    [
        ("A100", "NVIDIA A100-PCIE-40GB", True),
        ("A100", "NVIDIA A100-SXM4-40GB MIG 3g.20gb", False),
        ("A100", "NVIDIA H100 NVL", False),
        ("A100", "Tesla T4", False),
        ("H100", "NVIDIA H100 NVL", True),
        ("H100", "NVIDIA A100-PCIE-40GB", False),
    ],
)
def test_trainings_go_to_the_gpu_that_is_asked_for(
    wanted: str, machine: str, matches: bool
) -> None:
    description = submit("submit_ConfigRun.sh", GPU=wanted)
    job = classad2.ClassAd({"Requirements": classad2.ExprTree(description.expand("requirements"))})
    assert gpu_machine(machine).matches(job) is matches
    assert description.expand("request_gpus") == "1"


def test_a_training_is_submitted_as_the_study_does() -> None:
    description = submit("submit_ConfigRun.sh", ARGS="-c 'my run.yaml'")
    assert description.expand("arguments") == ("\"-c 'my run.yaml' --set devices=1 --threads 4\"")
    several = submit("submit_ConfigRun.sh", ARGS="-c x", GPUS="2", CPUS="6")
    assert several.expand("arguments") == '"-c x --set devices=2 --threads 3"'
    assert (several.expand("request_gpus"), several.expand("request_cpus")) == ("2", "6")
    assert description["MY.MaxRuntime"] == str(7 * 24 * 3600)
    assert description["MY.SendCredential"] == "True"
    retry = classad2.ExprTree(description["retry_until"])
    codes = {
        code: classad2.ClassAd({"ExitCode": code, "Stop": retry}).eval("Stop")
        for code in (2, 3, 4, UNFIT_MACHINE, TERMINATED)
    }
    assert [code for code, stop in codes.items() if stop] == [2, 3]
    assert classad2.ClassAd({"Stop": retry}).eval("Stop") is False  # killed: no exit code


SUBMIT_FILES = ["submit_ConfigRun.sh", "step.sub", "pieces.sub"]


@pytest.mark.parametrize("name", SUBMIT_FILES)
def test_submit_files_have_no_misspelled_command(name: str) -> None:
    """HTCondor takes an unknown command for a macro. Ours have capitals, and all are used."""
    known = {
        *("executable", "arguments", "environment", "log", "output", "error", "requirements"),
        *("should_transfer_files", "transfer_output_files", "job_max_vacate_time", "max_retries"),
        *("retry_until", "request_cpus", "request_gpus", "request_memory"),
        *("MY.SendCredential", "MY.MaxRuntime", "MY.JobFlavour"),
    }
    description = submit(name)
    text = "".join(description.values()) + description.getQArgs()
    for key in set(description.keys()) - known:
        assert key.isupper(), key
        assert re.search(rf"\$\w*\({key}\b", text), key


@pytest.mark.parametrize("name", SUBMIT_FILES)
def test_a_job_finds_its_files(name: str) -> None:
    description = submit(name, ARGS="stats")
    assert (HTCONDOR / description.expand("executable")).samefile(HTCONDOR / "ConfigRun.sh")
    environment = dict(
        part.split("=") for part in description.expand("environment").strip('"').split()
    )
    assert set(environment) == {"STATIONHIT_FOLDER", "STATIONHIT_SETUP", "STATIONHIT_LOG"}
    setup = HTCONDOR / environment["STATIONHIT_SETUP"].strip("'")
    assert setup.samefile(ROOT / "tools/setup_lxplus.sh")
    assert f"--threads {description.expand('request_cpus')}" in description.expand("arguments")


def test_an_array_makes_every_piece_once() -> None:
    description = submit("pieces.sub", ARGS="simulate -c simulate.yaml", PIECES="3")
    assert description.getQArgs() == "$(PIECES)"
    commands = []
    for process in range(3):
        description["Process"] = str(process)
        commands.append(description.expand("arguments"))
    assert commands == [
        f'"simulate -c simulate.yaml --shard {piece}/3 --threads 1"' for piece in (1, 2, 3)
    ]


@pytest.mark.parametrize("name", ["submit_ConfigRun.sh", "step.sub"])
def test_workers_have_the_same_command(name: str) -> None:
    command = "tune -c run.yaml -s space.yaml --trials 100"
    description = submit(name, ARGS=command, WORKERS="3")
    assert description.getQArgs() == "$(WORKERS)"
    commands = set()
    for process in range(3):
        description["Process"] = str(process)
        commands.add(description.expand("arguments"))
    (same,) = commands
    assert same.startswith(f'"{command} ')
    assert submit(name)["WORKERS"] == "1"


@pytest.fixture
def chain() -> Dag:
    return Dag(HTCONDOR / "chain.dag")


def test_the_nodes_of_the_chain_exist(chain: Dag) -> None:
    assert all(file.exists() for file in chain.files.values())
    for child, parents in chain.parents.items():
        assert {child, *parents} <= set(chain.files)
    assert set(chain.variables) - {"ALL_NODES"} == set(chain.files)
    assert chain.retries == ["ALL_NODES 2 UNLESS-EXIT 3"]
    assert chain.order() == [
        *("simulate", "prepare", "merge", "stats", "materialize", "merge_set"),
        *("train", "test", "export"),
    ]


def test_the_chain_is_one(run: Run, stationhit: Path, chain: Dag, tmp_path: Path) -> None:
    """All commands, one after the other, as the jobs call them, on few events."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    small = tmp_path / "configs/batch/simulate.yaml"
    text = small.read_text()
    for key, value in {"events": 32, "events_per_file": 8, "mu": 10}.items():
        text, count = re.subn(rf"(?m)^{key}: .*", f"{key}: {value}", text)
        assert count == 1
    small.write_text(text)
    for node in chain.order():
        command = chain.command(node)
        if "--shard" in command:
            command[command.index("--shard") + 1] = "1/1"
        run(*command, cwd=tmp_path)
    assert (tmp_path / "runs/batch/run/checkpoints/model.onnx").exists()
