"""tools/measure_code.py finds functions by their braces."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("measure_code", ROOT / "tools/measure_code.py")
assert spec and spec.loader
measure = importlib.util.module_from_spec(spec)
sys.modules["measure_code"] = measure
spec.loader.exec_module(measure)

SOURCE = """\
MACRO(a, b)

namespace {
struct Table {
  int member() const {
    if (x) {
    }
    return 1;
  }
  int size = {3};
};
// A comment with a {
int function(
    int a) {
  const auto lambda = [](int) { return "{"; };
  return a;
}
const std::map<int, int> table = {
    {1, f(2)},
};
}  // namespace
"""


def test_functions_are_found_with_their_lengths() -> None:
    assert measure.function_lengths(SOURCE, "x.cpp") == [(5, "x.cpp:5"), (5, "x.cpp:13")]


def test_quantiles() -> None:
    assert measure.quantile([], 0.5) == 0
    assert measure.quantile(list(range(1, 11)), 0.9) == 10
