#!/usr/bin/env bash
# Configures where needed and builds the targets (all if none is named). Prints little when nothing
# is to do.
# usage: tools/build.sh PRESET [JOBS [TARGET ...]]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1 jobs=${2:-$(nproc)} targets=("${@:3}")
mkdir -p "build/$preset"
log=build/$preset/configure.log
if ! cmake --preset "$preset" > "$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
cmake --build --preset "$preset" -j "$jobs" ${targets:+--target "${targets[@]}"}
