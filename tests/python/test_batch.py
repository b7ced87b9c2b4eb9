"""The scripts for batch systems: ConfigRun.sh with a program that only says how it was called,
setup_lxplus.sh with a stand-in for an LCG view, the submit files of HTCondor, the scripts of Slurm
with commands that only say how they were called. tests/batch runs the real systems."""

from __future__ import annotations

import graphlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import classad2
import htcondor2
import pytest
from conftest import ROOT, Run

HTCONDOR = ROOT / "htcondor"
USAGE, UNFIT_MACHINE, TERMINATED = 2, 75, 143

# Says its arguments and variables; "slow" waits for SIGTERM and takes its time to end.
STUB = """#!/usr/bin/env bash
printf '[%s]' "$@"; echo " in $PWD"
case " $* " in
  *" slow "*)
    trap 'sleep 0.2; echo saved; exit 143' TERM
    echo ready
    while :; do sleep 0.02; done ;;
  *" fail "*) echo message >&2; exit 3 ;;
esac
"""


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "stationhit"
    program.write_text(STUB)
    program.chmod(0o755)
    return program


def variables(stub: Path, **others: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STATIONHIT")}
    return {**kept, "PATH": f"{stub.parent}:{os.environ['PATH']}", **others}


def config_run(
    environment: dict[str, str], *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [HTCONDOR / "ConfigRun.sh", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done


def test_trains_in_the_folder_of_the_submission(stub: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    done = config_run(variables(stub, STATIONHIT_FOLDER=str(folder)), "-c", "my run.yaml", "")
    assert f"[train][-c][my run.yaml][] in {folder}\n" in done.stdout
    assert "exit code 0" in done.stdout


def test_runs_other_subcommands(stub: Path) -> None:
    done = config_run(variables(stub), "export", "-q", "-c", "run.yaml")
    assert "[export][-q][-c][run.yaml] in " in done.stdout


def test_keeps_the_exit_code_and_appends_the_output(stub: Path, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "1.txt"
    environment = variables(stub, STATIONHIT_LOG=str(log))
    config_run(environment, "-c", "fail", "fail", code=3)
    config_run(environment, "-c", "second.yaml")
    text = log.read_text()
    first, second = text.index("message\n"), text.index("[train][-c][second.yaml]")
    assert first < text.index("exit code 3\n") < second < text.index("exit code 0\n")


@pytest.mark.parametrize("request_to_stop", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_passes_a_request_to_stop_on_and_waits(
    stub: Path, tmp_path: Path, request_to_stop: signal.Signals
) -> None:
    log = tmp_path / "log.txt"
    job = subprocess.Popen(
        [HTCONDOR / "ConfigRun.sh", "-c", "slow", "slow"],
        env=variables(stub, STATIONHIT_LOG=str(log)),
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while "ready" not in (log.read_text() if log.exists() else ""):
        assert time.monotonic() < deadline and job.poll() is None
        time.sleep(0.02)
    if request_to_stop == signal.SIGUSR1:
        os.killpg(job.pid, request_to_stop)  # as srun does: the program gets it too
    else:
        job.send_signal(request_to_stop)
    assert job.wait(timeout=30) == TERMINATED
    assert "saved\n" in log.read_text()
    assert "exit code 143" in log.read_text()


def test_says_what_a_machine_lacks(stub: Path, tmp_path: Path) -> None:
    def error(**others: str) -> str:
        return config_run(variables(stub, **others), "-c", "run.yaml", code=UNFIT_MACHINE).stderr

    missing = tmp_path / "missing"
    assert f"{missing}: this machine (" in error(STATIONHIT_FOLDER=str(missing))
    assert f"{missing}: the setup script cannot be read on" in error(STATIONHIT_SETUP=str(missing))
    assert f"{missing}: no such program on" in error(STATIONHIT_PROGRAM=str(missing))
    failing = tmp_path / "setup.sh"
    failing.write_text("echo reason >&2; return 1\n")
    text = error(STATIONHIT_SETUP=str(failing))
    assert f"reason\nConfigRun: error: {failing}: the setup failed on" in text
    assert "error: no arguments" in config_run(variables(stub), code=USAGE).stderr


# --- tools/setup_lxplus.sh ---


def source_setup(command: str = "", **others: str) -> subprocess.CompletedProcess[str]:
    """Sources the script under set -eu, then runs the command."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STATIONHIT")}
    lines = [
        "set -euo pipefail",
        f"source {ROOT}/tools/setup_lxplus.sh",
        "set -o | grep -E '^(errexit|nounset)'",
        command,
    ]
    return subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        env={**kept, **others},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def view(tmp_path: Path) -> Path:
    """Reads variables that are not set and runs commands that fail, as those of LCG do."""
    folder = tmp_path / "a view"
    folder.mkdir()
    text = 'X="$NOT_SET_BY_ANYBODY"; false; export ROOTSYS=/view/root; true\n'
    (folder / "setup.sh").write_text(text)
    return folder


def test_a_view_is_set_up_in_a_strict_shell(view: Path) -> None:
    done = source_setup('echo "$ROOTSYS $PATH"', STATIONHIT_VIEW=str(view))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\ton\n") == 2
    assert f"/view/root {ROOT}/build/release/bin:" in done.stdout


def test_a_conda_environment_is_set_up(tmp_path: Path) -> None:
    folder = tmp_path / "conda"
    (folder / "etc/conda/activate.d").mkdir(parents=True)
    (folder / "conda-meta").mkdir()
    (folder / "etc/conda/activate.d/root.sh").write_text('export ROOTSYS="$CONDA_PREFIX"$NOT_SET\n')
    done = source_setup(
        'echo "$ROOTSYS $PATH"', STATIONHIT_CONDA=str(folder), STATIONHIT_BUILD="/my/build"
    )
    assert done.returncode == 0, done.stderr
    assert f"{folder} /my/build:{folder}/bin:" in done.stdout


def test_a_missing_view_is_named(tmp_path: Path) -> None:
    done = source_setup("echo went on", STATIONHIT_VIEW=str(tmp_path))
    assert done.returncode == 1
    assert f"setup_lxplus: error: {tmp_path}/setup.sh: no such LCG view on" in done.stderr
    assert "went on" not in done.stdout
    error = source_setup(STATIONHIT_CONDA=str(tmp_path)).stderr
    assert f"{tmp_path}: is no conda environment" in error


def test_configrun_uses_the_setup(stub: Path, view: Path) -> None:
    environment = variables(
        stub,
        STATIONHIT_SETUP=str(ROOT / "tools/setup_lxplus.sh"),
        STATIONHIT_VIEW=str(view),
        STATIONHIT_BUILD=str(stub.parent),
        PATH="/usr/bin:/bin",
    )
    assert "[train][-c][run.yaml]" in config_run(environment, "-c", "run.yaml").stdout


@pytest.fixture
def installed(stationhit: Path, tmp_path: Path) -> Path:
    """A working folder without a checkout, with links to the installed files."""
    build = stationhit.parent.parent
    if not (build / "cmake_install.cmake").exists():
        pytest.skip(f"{build} is no folder of a build")
    prefix, folder = tmp_path / "prefix", tmp_path / "work"
    command = f"cmake --install {build} --prefix {prefix} --component batch"
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    (prefix / "bin").mkdir()
    folder.mkdir()
    for name in ("htcondor", "slurm", "tools", "configs"):
        (folder / name).symlink_to(prefix / "share/stationhit" / name)
    return folder


def test_installed_files_find_each_other_and_the_program(
    installed: Path, stub: Path, view: Path
) -> None:
    shutil.copy(stub, installed.parent / "prefix/bin")
    environment = variables(
        stub,
        SLURM_SUBMIT_DIR=str(installed),
        SLURM_JOB_ID="1",
        STATIONHIT_VIEW=str(view),
        PATH="/usr/bin:/bin",
    )
    for script in ("slurm/step.sh", "htcondor/ConfigRun.sh"):
        setup = {"STATIONHIT_SETUP": "tools/setup_lxplus.sh"} if "htcondor" in script else {}
        done = subprocess.run(
            [f"./{script}", "stats", "-c", "configs/two_stage.yaml"],
            env={**environment, **setup},
            cwd=installed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "[stats][-c][configs/two_stage.yaml]" in done.stdout, done.stderr
        assert f" in {installed}\n" in done.stdout
    assert (installed / "configs/batch/run.yaml").exists()


# --- submit files ---


@pytest.fixture(autouse=True)
def in_htcondor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Submit files include another one of their folder; the parser does not know theirs."""
    monkeypatch.chdir(HTCONDOR)


def submit(name: str, **macros: str) -> htcondor2.Submit:
    description = htcondor2.Submit((HTCONDOR / name).read_text())
    description.update(macros)
    return description


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


class Dag:
    """Nodes and edges of a DAG file."""

    def __init__(self, path: Path) -> None:
        self.files: dict[str, Path] = {}
        self.parents: dict[str, set[str]] = {}
        self.variables: dict[str, dict[str, str]] = {}
        self.retries: list[str] = []
        for line in path.read_text().splitlines():
            words = shlex.split(line, comments=True)
            match words:
                case ["JOB", node, file]:
                    assert node not in self.files
                    self.files[node] = ROOT / file
                case ["PARENT", *parents, "CHILD", child]:
                    self.parents.setdefault(child, set()).update(parents)
                case ["VARS", node, *settings]:
                    values = dict(setting.split("=", 1) for setting in settings)
                    self.variables.setdefault(node, {}).update(values)
                case ["RETRY", *words]:
                    self.retries.append(" ".join(words))
                case []:
                    pass
                case _:
                    raise AssertionError(line)

    def order(self) -> list[str]:
        return list(graphlib.TopologicalSorter(self.parents).static_order())

    def command(self, node: str) -> list[str]:
        """What the program gets, of the first job of the node."""
        macros = {**self.variables.get("ALL_NODES", {}), **self.variables[node]}
        description = submit(self.files[node].name, **macros)
        return shlex.split(description.expand("arguments").strip('"'))


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


# --- slurm ---

# sbatch numbers its jobs and says their options; srun says its options and runs the command.
SBATCH = 'echo "$*" >> "$CALLS"; grep -c . "$CALLS"\n'
SRUN = 'echo "srun $1 $2 MASTER_ADDR=$MASTER_ADDR"; shift 2; exec "$@"\n'
SCONTROL = 'if [ "$1" = show ]; then echo node1; else echo "scontrol $*"; fi\n'


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
    done = subprocess.run(
        ["bash", ROOT / "slurm" / name, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done


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
