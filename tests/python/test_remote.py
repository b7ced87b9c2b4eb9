"""Inputs on other machines: a server of XRootD where there is one, else only what is refused."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uproot
from conftest import CASES, Run
from side_by_side import free_port

# Else the client of XRootD waits for minutes.
SHORT = {"XRD_CONNECTIONWINDOW": "1", "XRD_CONNECTIONRETRY": "1"}


@pytest.fixture(scope="module")
def served(toy_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a folder with the toy sample and RNTuples."""
    program = shutil.which("xrootd")
    if program is None:
        pytest.skip("xrootd is not installed")
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(toy_file, folder / "toy_PU20.root")
    shutil.copy(CASES / "rntuple" / "uproot_default.root", folder)
    port = free_port()
    config = folder / "xrootd.cfg"
    config.write_text(f"all.export {folder}\nxrd.port {port}\nall.adminpath {folder}/admin\n")
    # It does not run as root.
    folder.chmod(0o777)
    for part in folder.parents:
        if part.owner() != "root" or part.name.startswith("pytest"):
            part.chmod(part.stat().st_mode | 0o755)
    server = subprocess.Popen(
        [program, "-c", config, "-R", "nobody"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"root://127.0.0.1:{port}/{folder}"
    server.terminate()
    server.wait()


def local(address: str) -> Path:
    return Path(address[address.index("//", 7) :].replace("//", "/"))


def test_remote_files_are_prepared_like_their_copies(run: Run, served: str, tmp_path: Path) -> None:
    file = f"{served}/toy_PU20.root"
    run("prepare", f"{file}?authz=secret", "-o", tmp_path / "remote")
    run("prepare", local(file), "-o", tmp_path / "local")
    text = (tmp_path / "remote" / "manifest.json").read_text()
    assert text == (tmp_path / "local" / "manifest.json").read_text()
    assert "secret" not in text


@pytest.mark.parametrize("name", ["toy_PU20.root", "uproot_default.root"])
def test_remote_files_are_described_and_scored_like_their_copies(
    run: Run, served: str, random_model: Path, tmp_path: Path, name: str
) -> None:
    file = f"{served}/{name}"
    assert run("inspect", file).stdout == run("inspect", local(file)).stdout
    scores = []
    for place in (file, local(file)):
        run("infer", random_model, place, "-o", tmp_path / "out.root")
        scores.append(uproot.open(tmp_path / "out.root")["MuonHitDump"]["spacePoint_score"].array())
    assert scores[0].tolist() == scores[1].tolist()


def test_remote_files_that_cannot_be_used_are_never_left_out(
    run: Run, served: str, tmp_path: Path
) -> None:
    good = f"{served}/toy_PU20.root"
    error = run("prepare", good, f"{served}/none.root", "-o", tmp_path / "set", code=4).stderr
    assert f"{served}/none.root: cannot be opened; check the name, the server" in error
    assert f"{local(served)}/none.root; no such file" in error
    assert not (tmp_path / "set" / "manifest.json").exists()


def test_servers_that_do_not_answer_are_named(run: Run) -> None:
    file = f"root://127.0.0.1:{free_port()}//d/f.root"
    error = run("inspect", file, code=4, timeout=60, env=SHORT).stderr
    assert f"{file}: cannot be opened; check" in error or "cannot open root:// names" in error


def test_protocols_without_a_class_are_refused(
    run: Run, random_model: Path, tmp_path: Path, toy_file: Path
) -> None:
    file = "gsidcap://host/d/f.root"
    refused = f"{file}: the ROOT of this build cannot open gsidcap:// names; copy the file"
    commands = [
        ("inspect", file),
        ("inspect", "--plots", file, "-o", tmp_path / "figures"),
        ("inspect", file, "--display", tmp_path / "figures"),
        ("prepare", file, toy_file, "-o", tmp_path / "set"),
        ("infer", random_model, file, "-o", tmp_path / "out.root"),
        ("bench", random_model, "--input", file),
    ]
    for command in commands:
        assert refused in run(*command, code=4).stderr


def test_other_files_and_outputs_are_local(
    run: Run, random_model: Path, toy_file: Path, tmp_path: Path
) -> None:
    far = "root://host//d/f"
    hepmc = ("--set", "source=hepmc", "--set", f"hepmc_file={far}")
    error = run("simulate", *hepmc, "--set", f"output={tmp_path / 'o'}", code=4).stderr
    assert f"{far}: cannot be read: only ROOT ntuples are read from other machines" in error
    for command in (
        ("simulate", "--set", f"output={far}"),
        ("prepare", toy_file, "-o", far),
        ("infer", random_model, toy_file, "-o", far),
    ):
        assert f"{far}: is on another machine; write to this one" in run(*command, code=4).stderr
    assert not list(tmp_path.iterdir())
