"""Shared fixtures: the program, a small toy sample, a prepared set of it."""

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pytest
from installed_package import install
from side_by_side import made_once

ROOT = Path(__file__).resolve().parents[2]

# The Python package that tools/asan_python.sh has built, and the settings of processes that import
# it. What these load before it is nothing for other programs.
BUILT_SITE = os.environ.get("STATIONHIT_PYTHON_SITE")
SANITIZER = {
    name: os.environ[name]
    for name in ("LD_PRELOAD", "PYTHONMALLOC", "ASAN_OPTIONS", "UBSAN_OPTIONS")
    if BUILT_SITE
}
if BUILT_SITE:
    del os.environ["LD_PRELOAD"]

# Where a shell starts the tests in the background they ignore Ctrl-C, and so would every program
# that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

CASES = ROOT / "tests" / "cases"

Run = Callable[..., subprocess.CompletedProcess[str]]

# Files that take longest, measured with `pytest --durations=0` on a machine without other work.
LONGEST_FIRST = [
    f"test_{name}.py"
    for name in (
        *("network_trackers", "tune", "onnx", "ranks", "padded_hdf5", "tune_kills", "campaign"),
        *("parity", "peers", "export", "training", "overview", "related_trees", "bench_regression"),
        *("cases_models", "cases_results", "cases_outputs", "cases_inputs", "install", "simulate"),
        *("docs_snippets", "materialized", "quantization", "pieces", "exit_codes", "cases_ntuples"),
    )
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers of pytest-xdist take the files in this order: one that takes long must not be begun
    when the others have nothing left to do."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = {name: number for number, name in enumerate(LONGEST_FIRST)}
        items.sort(key=lambda item: place.get(item.path.name, len(place)))


# Columns of metrics.csv that measure the machine.
TIMES = {"seconds", "events_per_second", "loader_wait"}


def set_options(settings: Mapping[str, object]) -> list[str]:
    """The settings as options --set key=value."""
    return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


def built_program(name: str) -> Path:
    """A program of the build (beside environment variable STATIONHIT_BIN, else of the release
    build); skips the test where there is none."""
    program = (
        Path(os.environ.get("STATIONHIT_BIN", ROOT / "build/release/bin/stationhit"))
        .absolute()
        .with_name(name)
    )
    if not program.exists():
        pytest.skip(f"{program} is not built; set STATIONHIT_BIN or run `make build`")
    return program


@pytest.fixture(scope="session")
def stationhit() -> Path:
    """The program."""
    return built_program("stationhit")


@pytest.fixture(scope="session")
def write_parity_case() -> Path:
    """The program that writes networks, gradients and losses for test_parity.py."""
    return built_program("write_parity_case")


@pytest.fixture(scope="session")
def run(stationhit: Path) -> Run:
    """Runs the program: run("prepare", ...). Fails the test on another exit code than `code`."""

    def call(*arguments: object, code: int = 0, **options) -> subprocess.CompletedProcess[str]:
        command = [str(stationhit), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
        assert done.returncode == code, (
            f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    return call


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An EdgeConv ONNX file with random weights whose features include covY."""
    path = tmp_path_factory.mktemp("random_model") / "model.onnx"
    program = built_program("make_random_model")
    subprocess.run([program, "edgeconv", path, "table", "knn", "covY"], check=True)
    return path


@pytest.fixture(scope="session")
def toy_file(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 toy events of mixed processes at low pile-up, as the verb simulate writes them."""
    name = "mix_PU20_skip0_n120.root"

    def make(folder: Path) -> None:
        settings = {"output": folder / name, "events": 120, "mu": 20, "seed": 1}
        run("simulate", *set_options(settings))

    return made_once(tmp_path_factory, "toy", make) / name


@pytest.fixture(scope="session")
def prepared(run: Run, toy_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy sample as a prepared set: folders train, val, test, ..."""

    def make(folder: Path) -> None:
        settings = {"events_per_shard": 50, "split.train": 0.7, "split.validation": 0.15}
        run("prepare", toy_file, "-o", folder / "data", *set_options(settings))

    return made_once(tmp_path_factory, "prepared", make) / "data"


def tiny_run(
    folder: Path, prepared: Path, settings: Mapping[str, object] | None = None
) -> list[str]:
    """Options of a run of configs/tiny.yaml in this folder on a prepared set."""
    splits = {f"{split}_path": prepared / split for split in ("train", "val", "test")}
    place = {"experiment_dir": folder, "normalization_stats": folder / "normalization.yaml"}
    values = {**place, **splits, **(settings or {})}
    return ["-c", str(ROOT / "configs" / "tiny.yaml"), *set_options(values)]


SMALL_RUN = """
train_path: {prepared}/train
val_path: {prepared}/val
test_path: {prepared}/test
normalization_stats: {folder}/normalization.yaml
threads: 1
features: [localX, localY, localZ, driftR]
graph: {{k: 6}}
model: {{architecture: edgeconv, width: 16, blocks: 2, encoding: {{scales: [-1, 0, 1]}},
  dropout: 0.1}}
training: {{early_stopping: {{enabled: false}}, optimizer: {{learning_rate: 0.003}}, {training}}}
"""


def small_run(run: Run, prepared: Path, folder: Path, training: str) -> Path:
    """A configuration without experiment_dir of a small EdgeConv, with its normalization.
    training: more of this section, in YAML."""
    path = folder / "run.yaml"
    path.write_text(SMALL_RUN.format(folder=folder, prepared=prepared, training=training))
    run("stats", "-c", path)
    return path


@pytest.fixture(scope="session")
def trained_run(run: Run, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run directory of a tiny network after two epochs on the prepared set, trained and tested."""
    folder = tmp_path_factory.mktemp("run")
    options = tiny_run(folder, prepared, {"training.epochs": 2})
    for verb in ("stats", "train"):
        run(verb, *options)
    return folder


@pytest.fixture(scope="session")
def python_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the Python package as `pip install .` puts it there, which this process imports
    it from."""
    if BUILT_SITE:
        site = Path(BUILT_SITE)
    else:
        # Its build is in a folder of the sources, where two at once would be in each other's way.
        site = made_once(tmp_path_factory, "python_package", install_package) / "site"
    sys.path.insert(0, str(site))
    return site


def package_variables(site: Path) -> dict[str, str]:
    """The environment of a Python process that imports the package."""
    return {"PYTHONPATH": str(site), **SANITIZER}


def execute(package: Path, source: str, *options: str) -> str:
    """Runs Python with the package in a process of its own."""
    done = subprocess.run(
        [sys.executable, *options, "-c", source],
        env=package_variables(package),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def install_package(folder: Path, *options: str, **variables: str) -> Path:
    """Builds the Python package and installs it into a folder below. Objects that the build has
    compiled come from ccache, which takes g++ for another compiler than c++."""
    environment = {"CXX": "c++", **os.environ, **variables}
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]

    def call(*arguments: object) -> None:
        command = [*pip, *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    call("wheel", ROOT, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, *options)
    call("install", "--no-deps", "--target", folder / "site", *folder.glob("stationhit-*.whl"))
    return folder / "site"


@pytest.fixture(scope="session")
def stationhit_package(python_package: Path) -> ModuleType:
    """The package as a user imports it."""
    package = importlib.import_module("stationhit")
    assert Path(str(package.__file__)).parent == python_package / "stationhit"
    return package


@pytest.fixture(scope="session")
def build() -> Path:
    """The folder of a build with the libraries that are installed."""
    folder = built_program("stationhit").parent.parent
    if not (folder / "lib/libstationhit.so").exists():
        pytest.skip(f"{folder} has no libstationhit.so")
    return folder


@pytest.fixture(scope="session")
def package(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed package, moved from where it was installed."""

    def make(folder: Path) -> None:
        (folder / "moved").mkdir()
        install(build, folder)

    return made_once(tmp_path_factory, "package", make) / "moved/stationhit"


@pytest.fixture(scope="session")
def known_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """logit = x + 2 y of the local position."""
    path = tmp_path_factory.mktemp("known_model") / "model.onnx"
    subprocess.run([built_program("make_known_model"), path], check=True)
    return path
