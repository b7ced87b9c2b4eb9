#!/usr/bin/env bash
# Fast checks of the sources: layers, format, spelling, Python, shell scripts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
bin=.deps/venv/bin status=0
step() { local name=$1; shift; "$@" || { echo "lint: $name failed" >&2; status=1; }; }
mapfile -t python < <(git ls-files '*.py')
step layers "$bin/python" tools/check_layers.py
step ruff "$bin/ruff" check --quiet "${python[@]}"
step ruff-format "$bin/ruff" format --check --quiet "${python[@]}"
step mypy "$bin/mypy" --no-error-summary "${python[@]}"
step codespell "$bin/codespell"
mapfile -t cmake < <(git ls-files '*CMakeLists.txt' '*.cmake')
step gersemi "$bin/gersemi" --check --quiet "${cmake[@]}"
if command -v clang-format-14 >/dev/null; then
  mapfile -t cpp < <(git ls-files '*.hpp' '*.cpp')
  step clang-format clang-format-14 --dry-run --Werror "${cpp[@]}"
fi
if command -v shellcheck >/dev/null; then
  mapfile -t shell < <(git ls-files '*.sh' ':!htcondor/submit_ConfigRun.sh')   # that one is a submit file
  step shellcheck shellcheck -x "${shell[@]}"
fi
step clang-tidy tools/tidy.sh
[ $status -ne 0 ] ||
  echo "lint: layers, ruff, mypy, codespell, gersemi, clang-format, clang-tidy passed"
exit $status
