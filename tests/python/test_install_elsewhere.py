"""The installed package where less is there than usual: another user without a home, a cache and a
checkout; the component engine without the others.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from conftest import ROOT
from installed_package import (
    COMPILERS,
    assert_known_scores,
    build_project,
    dynamic_section,
    execute,
    write_project,
)

# Hides folders from the process and what it starts, then becomes a user.
AS_ANOTHER_USER = """
for folder in {hidden}; do mount -t tmpfs none "$folder"; done
exec setpriv --reuid={user} --regid={group} --clear-groups --no-new-privs "$@"
"""

BUILD_AND_RUN = """
set -eu
test ! -e {checkout}/README.md
cmake -S source -B work/build -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH={folder}/stationhit
cmake --build work/build
work/build/score_event model.onnx 0.985
"""


def can_hide_folders() -> bool:
    """Whether this process may mount: it is root, and not in a container that forbids it."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def test_another_user_builds_and_runs_a_program(package: Path, known_model: Path) -> None:
    if not can_hide_folders():
        pytest.skip("only root can become another user and hide folders from it")
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(prefix="stationhit-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(package, folder / "stationhit", symlinks=True)
        shutil.copytree(ROOT / "examples/01_score_event", folder / "source")
        shutil.copy(known_model, folder / "model.onnx")
        for own in ("home", "work"):
            (folder / own).mkdir()
            os.chown(folder / own, nobody.pw_uid, nobody.pw_gid)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        hidden = {ROOT, (ROOT / ".deps").resolve(), Path.home()}
        become = AS_ANOTHER_USER.format(
            hidden=" ".join(f"'{one}'" for one in sorted(hidden, reverse=True)),
            user=nobody.pw_uid,
            group=nobody.pw_gid,
        )
        work = BUILD_AND_RUN.format(checkout=ROOT, folder=folder)
        said = execute(
            *("unshare", "--mount", "sh", "-euc", become, "sh", "sh", "-c", work),
            cwd=folder,
            variables={"HOME": str(folder / "home")},
        )
        assert_known_scores(said)
        assert list((folder / "home").iterdir()) == []


# With weights of zero a layer gives its bias.
ENGINE_PROGRAM = """
#include <cstdio>

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/engine/engine.hpp>

using namespace stationhit;

int main() {
  architecture::ModelConfig config;
  config.architecture = "mlp";
  const auto network = architecture::describe_network(config, {"localX", "localY"});
  engine::Weights weights;
  for (const auto& [name, tensor] : architecture::tensors_by_name(network)) {
    const float value = name.ends_with(".bias") ? 1.5F : 0.0F;
    weights[name] = {tensor.shape, std::vector<float>(tensor.size(), value)};
  }
  const engine::Engine engine(network, weights, engine::Neighborhood::table);
  const std::vector<float> features{1, 2, 3, 4, 5, 6};
  engine::Workspace workspace;
  std::vector<float> logits(3);
  engine::Inputs inputs;
  inputs.features = {features.data(), 3, 2};
  engine.run(inputs, workspace, logits);
  for (const float logit : logits) std::printf("%.2f ", logit);
}
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_component_engine_needs_no_other(package: Path, tmp_path: Path, compiler: str) -> None:
    """Not even their files, but for the component shared, which is always there."""
    alone = tmp_path / "stationhit"
    shutil.copytree(package, alone, symlinks=True)
    shutil.rmtree(alone / "lib/stationhit")
    parts = ("inference", "onnx_file", "operators", "metrics", "hdf5_io", "root_io")
    for part in parts:
        (alone / f"lib/libstationhit_{part}.a").unlink(missing_ok=True)
        shutil.rmtree(alone / "include/stationhit" / part, ignore_errors=True)
    source = write_project(
        tmp_path / "source",
        "find_package(stationhit 0.1 REQUIRED COMPONENTS engine)\n"
        "add_executable(score score.cpp)\n"
        "target_link_libraries(score PRIVATE stationhit::engine)\n",
        {"score.cpp": ENGINE_PROGRAM},
    )
    built = build_project(source, alone, tmp_path / "build", compiler)
    assert execute(built / "score") == "1.50 1.50 1.50 "
    of_others = [
        name
        for name in dynamic_section(built / "score", "NEEDED")
        if not name.startswith(("libhwy", "libstdc++", "libm.", "libc.", "libgcc_s", "ld-linux"))
    ]
    assert of_others == []
