"""The layer check finds the offences it is there for."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("check_layers", ROOT / "tools/check_layers.py")
assert spec and spec.loader
layers = importlib.util.module_from_spec(spec)
sys.modules["check_layers"] = layers  # dataclasses look their module up
spec.loader.exec_module(layers)

TABLE = """
## Layers
| module | may use | third parties |
|---|---|---|
| core | | |
| graph | core | private: nlohmann-json |
| config | core graph training(config headers) | private: yaml-cpp |
| python/bindings | core | nanobind |

## Decisions
"""


@pytest.fixture(scope="module")
def rows():
    return layers.read_table(TABLE)


@pytest.mark.parametrize(
    ("module", "include", "public"),
    [
        ("graph", "stationhit/core/event.hpp", True),
        ("graph", "nlohmann/json.hpp", False),
        ("config", "stationhit/training/training_config.hpp", True),
        ("core", "vector", True),
    ],
)
def test_allowed(rows, module, include, public):
    assert layers.check_include(module, rows[module], include, public) is None


@pytest.mark.parametrize(
    ("module", "include", "public", "text"),
    [
        ("core", "stationhit/graph/nodes.hpp", False, "does not name graph"),
        ("graph", "nlohmann/json.hpp", True, "is private to graph"),
        ("graph", "TFile.h", False, "does not name ROOT"),
        ("graph", "ATen/ATen.h", False, "does not name LibTorch"),
        ("config", "stationhit/training/trainer.hpp", False, "does not name training"),
    ],
)
def test_offences(rows, module, include, public, text):
    assert text in layers.check_include(module, rows[module], include, public)


def test_link_lines(rows):
    assert (
        layers.check_links(
            "graph", rows["graph"], "stationhit_module(graph SOURCES a.cpp PUBLIC core)"
        )
        == []
    )
    upward = layers.check_links(
        "core", rows["core"], "target_link_libraries(x PRIVATE stationhit::graph)"
    )
    assert upward == ["links graph, but the row of core does not name it"]


@pytest.mark.parametrize(
    ("path", "include"),
    [
        ("tests/unit/graph/nodes_test.cpp", "../../../src/graph/search.hpp"),
        ("tests/unit/graph/nodes_test.cpp", "nlohmann/json.hpp"),
        ("tests/unit/graph/nodes_test.cpp", "support/random_event.hpp"),
        ("bench/graph_bench.cpp", "../src/graph/search.hpp"),
        ("bench/kernels_bench.cpp", "../src/models/encode.hpp"),
        ("apps/stationhit/verb_train.cpp", "frame/program.hpp"),
        ("python/bindings/module.cpp", "nanobind/nanobind.h"),
        ("python/bindings/module.cpp", "stationhit/core/event.hpp"),
    ],
)
def test_allowed_outside_of_the_modules(rows, path, include):
    assert layers.check_outside(Path(path), [include], rows) == []


@pytest.mark.parametrize(
    ("path", "include", "text"),
    [
        (
            "tests/unit/core/event_test.cpp",
            "../../../src/graph/search.hpp",
            "a private header of graph",
        ),
        ("python/bindings/module.cpp", "stationhit/graph/nodes.hpp", "does not name graph"),
        ("python/bindings/module.cpp", "TFile.h", "does not name ROOT"),
        ("tests/unit/core/event_test.cpp", "../../support/event.hpp", "write <support/event.hpp>"),
        ("tests/unit/core/event_test.cpp", "nlohmann/json.hpp", "core does not name nlohmann-json"),
        ("tests/unit/graph/nodes_test.cpp", "src/core/buckets.hpp", "a private header of core"),
        ("bench/graph_bench.cpp", "../src/core/buckets.hpp", "a private header of core"),
        ("bench/graph_bench.cpp", "../apps/stationhit/formats.hpp", "a source of the program"),
        (
            "apps/stationhit/verb_train.cpp",
            "../../src/core/buckets.hpp",
            "a private header of core",
        ),
        ("apps/stationhit/verb_train.cpp", "TFile.h", "apps/stationhit does not name ROOT"),
        ("examples/score/score.cpp", "../../bench/figures.hpp", "outside of its own folder"),
    ],
)
def test_offences_outside_of_the_modules(rows, path, include, text):
    assert text in "\n".join(layers.check_outside(Path(path), [include], rows))


def test_incompatible_third_parties():
    assert layers.check_incompatible(["torch/torch.h", "nlohmann/json.hpp"]) == []
    assert "LibTorch and spdlog" in layers.check_incompatible(["ATen/ATen.h", "spdlog/spdlog.h"])[0]
    assert "ROOT and nlohmann-json" in layers.check_incompatible(["TH1F.h", "nlohmann/json.hpp"])[0]


def test_this_checkout_is_clean():
    assert layers.main() == 0
