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
    assert layers.check_links("graph", rows["graph"], "stationhit_module(graph SOURCES a.cpp PUBLIC core)") == []
    upward = layers.check_links("core", rows["core"], "target_link_libraries(x PRIVATE stationhit::graph)")
    assert upward == ["links graph, but the row of core does not name it"]


def test_this_checkout_is_clean():
    assert layers.main() == 0
