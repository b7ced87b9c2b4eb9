"""The scripts of Slurm, with commands that only say how they were called."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from batch_jobs import HTCONDOR, TERMINATED, USAGE, Dag, make_stub, run_script, variables
from conftest import ROOT

# sbatch numbers its jobs and says their options; srun says its options and runs the command.
SBATCH = 'echo "$*" >> "$CALLS"; grep -c . "$CALLS"\n'
SRUN = 'echo "srun $1 $2 MASTER_ADDR=$MASTER_ADDR"; shift 2; exec "$@"\n'
SCONTROL = 'if [ "$1" = show ]; then echo node1; else echo "scontrol $*"; fi\n'


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    return make_stub(tmp_path)


@pytest.fixture
def chain() -> Dag:
    return Dag(HTCONDOR / "chain.dag")


@pytest.fixture
def slurm(stub: Path, tmp_path: Path) -> dict[str, str]:
    """Variables of a job, with the commands in PATH."""
    for name, text in {"sbatch": SBATCH, "srun": SRUN, "scontrol": SCONTROL}.items():
        command = stub.parent / name
        command.write_text(f"#!/usr/bin/env bash\n{text}")
        command.chmod(0o755)
    return variables(
        stub,
        CALLS=str(tmp_path / "calls"),
        SLURM_SUBMIT_DIR=str(ROOT),
        SLURM_JOB_ID="123456",
        SLURM_JOB_NODELIST="node[1-2]",
        SLURM_CPUS_PER_TASK="4",
        STATIONHIT_SETUP="",
    )


def slurm_job(
    environment: dict[str, str], name: str, *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    return run_script(["bash", ROOT / "slurm" / name, *arguments], environment, code, ROOT)


def test_slurm_trains_alone_and_with_ranks(slurm: dict[str, str]) -> None:
    one = slurm_job(slurm, "train.sh", "-c", "my run.yaml").stdout
    assert "[train][--set][devices=1][--threads][4][-c][my run.yaml] in" in one
    assert "srun" not in one
    two = slurm_job({**slurm, "SLURM_NTASKS": "2"}, "train.sh", "-c", "run.yaml").stdout
    assert "srun --kill-on-bad-exit=1 --cpus-per-task=4 MASTER_ADDR=node1\n" in two


def test_slurm_gives_every_task_its_piece(slurm: dict[str, str]) -> None:
    def task(code: int = 0, **others: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **slurm,
            **{f"SLURM_ARRAY_TASK_{key}": value for key, value in others.items()},
        }
        return slurm_job(environment, "pieces.sh", "simulate", "-c", "x.yaml", code=code)

    assert "[--shard][3/8]" in task(ID="3", COUNT="8", MIN="1", MAX="8").stdout
    error = task(ID="3", COUNT="2", MIN="3", MAX="5", code=USAGE).stderr
    assert "--array has 2 tasks from 3 to 5; use --array=1-N" in error
    slurm["STATIONHIT_PIECES"] = "8"
    assert "[--shard][5/8]" in task(ID="5", COUNT="2", MIN="3", MAX="5").stdout


def test_slurm_needs_the_folder_of_the_checkout(slurm: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "slurm", tmp_path / "slurm")
    slurm["SLURM_SUBMIT_DIR"] = str(tmp_path)
    error = slurm_job(slurm, "step.sh", "stats", code=USAGE).stderr
    assert f"{tmp_path}/htcondor/ConfigRun.sh: not there; call sbatch in the folder of" in error


@pytest.mark.parametrize(
    ("announcement", "requeued"), [(signal.SIGUSR1, True), (signal.SIGTERM, False)]
)
def test_slurm_puts_a_job_back_into_the_queue(
    slurm: dict[str, str], announcement: signal.Signals, requeued: bool
) -> None:
    job = subprocess.Popen(
        ["bash", ROOT / "slurm/train.sh", "slow"],
        env=slurm,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert job.stdout is not None
    for line in job.stdout:
        if line == "ready\n":
            break
    job.send_signal(announcement)
    output, _ = job.communicate(timeout=30)
    assert job.returncode == TERMINATED
    assert "saved\n" in output
    assert ("scontrol requeue 123456\n" in output) is requeued


def test_the_chain_of_slurm_is_that_of_htcondor(slurm: dict[str, str], chain: Dag) -> None:
    names = [line.split()[0] for line in slurm_job(slurm, "chain.sh").stdout.splitlines()]
    assert names == chain.order()
    calls = Path(slurm["CALLS"]).read_text().splitlines()
    for number, (call, node) in enumerate(zip(calls, names, strict=True)):
        waits = re.findall(r"--dependency=afterok:(\d+) --kill-on-invalid-dep=yes", call)
        assert waits == ([str(number)] if number else [])
        (script,) = re.findall(r"slurm/(\w+)\.sh", call)
        macros = {**chain.variables["ALL_NODES"], **chain.variables[node]}
        command = macros["ARGS"].replace("$(SET)", macros["SET"])
        given = call.partition(f"slurm/{script}.sh ")[2]
        assert given == command.removeprefix("train ")
        pieces = {"simulate", "prepare", "materialize"}
        assert script == ("pieces" if node in pieces else "train" if node == "train" else "step")
        assert ("--array=1-8" in call) is (node in pieces)


def test_options_of_the_scripts_of_slurm() -> None:
    for path in (ROOT / "slurm").glob("*.sh"):
        subprocess.run(["bash", "-n", path], check=True)
        options = re.findall(r"(?m)^#SBATCH --([\w-]+)=?(\S*)$", path.read_text())
        if path.name not in {"common.sh", "chain.sh"}:
            assert {"requeue", "signal", "open-mode", "output", "time"} <= dict(options).keys()
            assert dict(options)["open-mode"] == "append"
