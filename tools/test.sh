#!/usr/bin/env bash
# Lint, the check of every header, ctest, pytest; each ends with its own summary and a line with the
# seconds that it took. ctest and pytest keep all cores busy, so nothing is gained by overlapping.
# usage: tools/test.sh (after the build)
set -uo pipefail
cd "$(dirname "$0")/.." || exit
cores=$(nproc) status=0
part() {  # $1: name, then the command
  local name=$1 begin=$SECONDS; shift
  "$@" || status=1
  echo "test: $name took $((SECONDS - begin)) s"
}
part lint tools/lint.sh
# Quiet unless a header does not build alone.
part "header checks" tools/build.sh release "$cores" stationhit_header_checks
part ctest ctest --preset release -j "$cores"
# A worker runs whole files, the longest first (tests/python/conftest.py).
export STATIONHIT_BIN=build/release/bin/stationhit
part pytest .deps/venv/bin/python -m pytest tests/python -q \
  -n "$cores" --dist loadfile --no-loadscope-reorder
exit $status
