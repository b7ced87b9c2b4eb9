#!/usr/bin/env bash
# Lint, the check of every header, ctest, pytest; each ends with its own summary.
# usage: tools/test.sh (after the build)
set -uo pipefail
cd "$(dirname "$0")/.." || exit
status=0
tools/lint.sh || status=1
# Quiet unless a header does not build alone.
tools/build.sh release "$(nproc)" stationhit_header_checks || status=1
ctest --preset release -j "$(nproc)" || status=1
STATIONHIT_BIN=build/release/bin/stationhit \
  .deps/venv/bin/python -m pytest tests/python -q || status=1
exit $status
