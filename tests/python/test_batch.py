"""The script that all batch systems run and its setup: ConfigRun.sh with a program that only says
how it was called, setup_lxplus.sh with a stand-in for an LCG view. tests/batch runs the real
systems."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from batch_jobs import HTCONDOR, TERMINATED, UNFIT_MACHINE, USAGE, make_stub, run_script, variables
from conftest import ROOT


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    return make_stub(tmp_path)


def config_run(
    environment: dict[str, str], *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    return run_script([HTCONDOR / "ConfigRun.sh", *arguments], environment, code)


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
