"""`cmake --install` as somebody else uses it: the package is moved away from where it was
installed, and programs are built against it in an environment that knows nothing of the checkout.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from installed_package import (
    C_COMPILERS,
    COMPILERS,
    assert_known_scores,
    build_project,
    dynamic_section,
    execute,
    install,
    symbols_shown,
    write_project,
)

OWN = re.compile(r"^(((vtable|VTT|typeinfo|typeinfo name) for )?stationhit::|STATIONHIT_)")


def test_no_file_names_the_place_of_the_builder(package: Path, build: Path) -> None:
    places = {ROOT, build, ROOT.resolve(), (ROOT / ".deps").resolve(), Path.home() / ".cache"}
    for path in package.rglob("*"):
        # Libraries of others are as their makers built them.
        if path.is_file() and path.parent != package / "lib/stationhit":
            content = path.read_bytes()
            for place in places:
                assert bytes(place) not in content, f"{path} names {place}"


def test_the_shared_library_shows_its_own_symbols_only(package: Path) -> None:
    shown = symbols_shown(package / "lib/libstationhit.so")
    assert any("HitClassifier::scores" in name for name in shown)
    assert [name for name in shown if not OWN.match(name)] == []


def test_the_shared_library_finds_what_it_needs_beside_itself(package: Path) -> None:
    library = package / "lib/libstationhit.so"
    assert dynamic_section(library, "SONAME") == ["libstationhit.so.0.1"]
    assert dynamic_section(library, "RPATH") == ["$ORIGIN/stationhit"]
    system = ("libstdc++.so", "libm.so", "libgcc_s.so", "libc.so", "ld-linux")
    bundled = {path.name for path in (package / "lib/stationhit").iterdir()}
    for name in dynamic_section(library, "NEEDED"):
        assert name.startswith(system) or name in bundled
    # A program that has this folder in LD_LIBRARY_PATH gets no library of others from it.
    assert {path.name.split(".")[0] for path in (package / "lib").glob("*.so*")} == {
        "libstationhit",
        "libstationhit_c",
    }


def test_the_c_library_shows_what_its_header_declares(package: Path) -> None:
    header = (package / "include/stationhit.h").read_text()
    declared = set(re.findall(r"\b(stationhit_\w+)\(", header))
    shown = symbols_shown(package / "lib/libstationhit_c.so")
    assert set(shown) == declared | {"STATIONHIT_C_1"}
    assert dynamic_section(package / "lib/libstationhit_c.so", "SONAME") == ["libstationhit_c.so.1"]


@pytest.fixture
def stubs(package: Path, tmp_path: Path) -> Path:
    """A folder with empty libraries of the names that ours needs, as another environment has."""
    folder = tmp_path / "stubs"
    folder.mkdir()
    (folder / "empty.cpp").write_text("")
    for path in (package / "lib/stationhit").iterdir():
        execute(
            *("g++", "-shared", f"-Wl,-soname,{path.name}", "-o", folder / path.name),
            folder / "empty.cpp",
        )
    return folder


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_program_of_somebody_else(
    package: Path, known_model: Path, stubs: Path, tmp_path: Path, compiler: str
) -> None:
    source = ROOT / "examples/01_score_event"
    shutil.copytree(source, tmp_path / "source")
    built = build_project(tmp_path / "source", package, tmp_path / "build", compiler)
    program = built / "score_event"
    assert_known_scores(execute(program, known_model, "0.985"))
    other = {"LD_LIBRARY_PATH": str(stubs)}
    assert_known_scores(execute(program, known_model, "0.985", variables=other))
    missing = tmp_path / "missing.onnx"
    assert f"error: {missing}: no such model" in execute(program, missing, code=1)


@pytest.mark.parametrize("compiler", C_COMPILERS)
def test_a_program_in_c(
    package: Path, known_model: Path, stubs: Path, tmp_path: Path, compiler: str
) -> None:
    settings = {"CMAKE_C_COMPILER": compiler, "CMAKE_C_FLAGS": "-Wall -Wextra -pedantic -Werror"}
    source = ROOT / "examples/02_score_event_c"
    built = build_project(source, package, tmp_path / "build", **settings)
    other = {"LD_LIBRARY_PATH": str(stubs)}
    said = execute(built / "score_event", known_model, "0.985", variables=other)
    assert_known_scores(said)
    assert "-std=c11" in (built / "CMakeFiles/score_event.dir/flags.make").read_text()
    said = execute(built / "score_event", tmp_path / "missing.onnx", code=1)
    assert f"error: {tmp_path / 'missing.onnx'}: no such model" in said
    said = execute(built / "score_event", known_model, "0.5", code=1)
    assert "no threshold for working point 0.5" in said


C_TYPES = {
    "size_t": ctypes.c_size_t,
    "uint64_t": ctypes.c_uint64,
    "uint32_t": ctypes.c_uint32,
}


def event_structure(header: str) -> type[ctypes.Structure]:
    """stationhit_event of the header: numbers, and pointers to columns."""
    body = header.split("typedef struct stationhit_event {")[1].split("}")[0]
    members = re.findall(r"^ +(const )?(\w+)(\*?) (\w+);", body, re.MULTILINE)
    fields = [
        (name, ctypes.c_void_p if pointer else C_TYPES[kind]) for _, kind, pointer, name in members
    ]
    return type("stationhit_event", (ctypes.Structure,), {"_fields_": fields})


class CLibrary:
    """libstationhit_c in this process."""

    def __init__(self, package: Path) -> None:
        self.library = ctypes.CDLL(str(package / "lib/libstationhit_c.so"))
        self.library.stationhit_error_text.restype = ctypes.c_char_p
        for name in ("load", "threshold", "scores", "needed_columns"):
            getattr(self.library, f"stationhit_model_{name}").restype = ctypes.c_void_p
        self.event = event_structure((package / "include/stationhit.h").read_text())

    def call(self, function: str, *arguments: object) -> str:
        """What the error says; empty if there is none."""
        error = getattr(self.library, f"stationhit_model_{function}")(*arguments)
        text = self.library.stationhit_error_text(ctypes.c_void_p(error)).decode()
        self.library.stationhit_error_free(ctypes.c_void_p(error))
        return text


def test_python_calls_the_c_library(package: Path, known_model: Path) -> None:
    c = CLibrary(package)
    model = ctypes.c_void_p()
    assert c.call("load", bytes(known_model), None, ctypes.byref(model)) == ""
    x, y, z = (np.linspace(-1, 1, 50, dtype=np.float32) * factor for factor in (3, 5, 7))
    scores = np.zeros(50, np.float32)
    hits, offsets = np.arange(50, dtype=np.uint32), np.array([0, 50], np.uint32)
    event = c.event(struct_size=ctypes.sizeof(c.event), n_hits=50, n_buckets=1, n_bucket_hits=50)
    columns = {"local_x": x, "local_y": y, "local_z": z}
    for name, values in {**columns, "bucket_offsets": offsets, "bucket_hits": hits}.items():
        setattr(event, name, values.ctypes.data)

    def score() -> str:
        view, room = ctypes.c_void_p(scores.ctypes.data), ctypes.c_size_t(len(scores))
        return c.call("scores", model, ctypes.byref(event), view, room)

    assert score() == ""
    assert np.allclose(scores, x + 2 * y, rtol=1e-6, atol=1e-6)
    hits[7] = 50
    assert "bucket_spacePoints refers to hit 50, but the event has 50 hits" in score()
    hits[7] = 7
    event.local_y = None
    assert "the event has no spacePoint_PositionY, but the feature localY" in score()
    event.local_y = y.ctypes.data
    event.struct_size -= 8
    assert "event.struct_size is" in score()
    assert "model is a null pointer" in c.call("scores", None, None, None, 0)
    c.library.stationhit_model_free(model)


def test_pkg_config(package: Path, known_model: Path, tmp_path: Path) -> None:
    if not shutil.which("pkg-config"):
        pytest.skip("pkg-config is not installed")
    folder = {"PKG_CONFIG_PATH": str(package / "lib/pkgconfig")}
    flags = execute("pkg-config", "--cflags", "--libs", "stationhit", variables=folder).split()
    program = tmp_path / "score_event"
    source = ROOT / "examples/01_score_event/score_event.cpp"
    execute("g++", "-std=c++20", source, *flags, f"-Wl,-rpath,{package}/lib", "-o", program)
    assert_known_scores(execute(program, known_model, "0.985"))


PLUGIN = """
#include <stationhit/inference/hit_classifier.hpp>

extern "C" std::size_t count_scores(const char* model) {
  const stationhit::inference::HitClassifier classifier(model);
  return classifier.scores(stationhit::core::Event()).size();
}
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_plugin_of_the_static_libraries_shows_nothing_of_them(
    package: Path, tmp_path: Path, compiler: str
) -> None:
    source = write_project(
        tmp_path / "source",
        "find_package(stationhit 0.1 REQUIRED COMPONENTS inference)\n"
        "add_library(plugin SHARED plugin.cpp)\n"
        "target_link_libraries(plugin PRIVATE stationhit::inference)\n",
        {"plugin.cpp": PLUGIN},
    )
    hidden = "-fvisibility=hidden -fvisibility-inlines-hidden"
    source.joinpath("plugin.cpp").write_text(
        PLUGIN.replace('extern "C"', 'extern "C" __attribute__((visibility("default")))')
    )
    built = build_project(source, package, tmp_path / "build", compiler, CMAKE_CXX_FLAGS=hidden)
    shown = symbols_shown(built / "libplugin.so")
    # Templates of the standard library that the compiler keeps visible in whatever it compiles.
    assert [name for name in shown if "std::" not in name] == ["count_scores"]


COUNT_EVENTS = """
#include <cstdio>

#include <stationhit/root_io/muon_hit_dump.hpp>

int main(int, char** argv) {
  stationhit::root_io::MuonHitDumpReader reader({argv[1]});
  stationhit::core::Event event;
  int n = 0;
  while (reader.next(event)) ++n;
  std::printf("%d events\\n", n);
}
"""


def test_the_component_root_reads_ntuples(package: Path, toy_file: Path, tmp_path: Path) -> None:
    root = (ROOT / ".deps/site-packages").resolve() / "ROOT/cmake"
    if not (package / "lib/cmake/stationhit/stationhit-root-targets.cmake").exists():
        pytest.skip("built without ROOT")
    source = write_project(
        tmp_path / "source",
        "find_package(stationhit 0.1 REQUIRED COMPONENTS root)\n"
        "add_executable(count_events count_events.cpp)\n"
        "target_link_libraries(count_events PRIVATE stationhit::root_io)\n"
        # ROOT from PyPI has libraries under mangled names that its own libraries refer to.
        "target_link_options(count_events PRIVATE -Wl,--allow-shlib-undefined)\n",
        {"count_events.cpp": COUNT_EVENTS},
    )
    settings = {"ROOT_DIR": root} if root.exists() else {}
    built = build_project(source, package, tmp_path / "build", **settings)
    assert execute(built / "count_events", toy_file) == "120 events\n"


def test_a_component_that_is_missing_is_named(package: Path, tmp_path: Path) -> None:
    source = write_project(
        tmp_path / "source", "find_package(stationhit 0.1 REQUIRED COMPONENTS nothing)\n", {}
    )
    said = execute(
        *("cmake", "-S", source, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={package}"),
        code=1,
    )
    assert "this stationhit has no component nothing; it has shared engine" in " ".join(
        said.split()
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of this checkout and nothing else."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    folder = tmp_path_factory.mktemp("clone") / "stationhit"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_a_fresh_clone_says_what_it_lacks(clone: Path) -> None:
    if Path("/usr/include/onnxruntime").exists():
        pytest.skip("this system has an ONNX Runtime")
    said = " ".join(execute("cmake", "--preset", "deploy", cwd=clone, code=1).split())
    assert "stationhit: ONNX Runtime was not found: get it with tools/bootstrap.sh deploy" in said
    assert "or leave it out with -DSTATIONHIT_WITH_ONNXRUNTIME=OFF" in said


def test_a_fresh_clone_without_onnx_runtime(clone: Path, known_model: Path, tmp_path: Path) -> None:
    cache = dict(os.environ)  # what makes objects equal to those that the build has compiled
    off = "-DSTATIONHIT_WITH_ONNXRUNTIME=OFF"
    execute("cmake", "--preset", "deploy", off, cwd=clone, variables=cache)
    targets = execute("ninja", "-C", clone / "build/deploy", "-t", "targets", "all")
    assert "bin/stationhit:" in targets
    assert "bin/test_" not in targets and "bin/bench_" not in targets
    parts = ("stationhit_shared", "stationhit_c", "stationhit_inference")
    execute(
        *("cmake", "--build", "--preset", "deploy", "--target", *parts),
        cwd=clone,
        variables=cache,
    )
    (tmp_path / "moved").mkdir()
    package = install(clone / "build/deploy", tmp_path)
    library = package / "lib/libstationhit.so"
    assert library.stat().st_size < 10_000_000
    assert not [name for name in dynamic_section(library, "NEEDED") if "onnxruntime" in name]
    built = build_project(ROOT / "examples/01_score_event", package, tmp_path / "build")
    shutil.rmtree(clone)
    assert_known_scores(execute(built / "score_event", known_model, "0.985"))
