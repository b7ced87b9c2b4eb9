#!/usr/bin/env bash
# Builds the fuzz targets (clang 16, preset fuzz) and lets each run for some seconds. Inputs that reach new code are kept in build/fuzz/corpus/TARGET,
# where the next call begins; the first one begins with files of the checkout. A fault ends the script with code 1 and the name of the input that shows it.
# usage: tools/fuzz.sh [SECONDS [TARGET ...]]     (60 s each of all fuzz/fuzz_TARGET.cpp)
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60} targets=("${@:2}")
mapfile -t all < <(basename -a -s .cpp fuzz/fuzz_*.cpp | sed s/fuzz_//)
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "fuzz: SECONDS is '$seconds', expected a number > 0" >&2; exit 2; }
for target in "${targets[@]}"; do
  [ -f "fuzz/fuzz_$target.cpp" ] || { echo "fuzz: no target '$target'; there are ${all[*]}" >&2; exit 2; }
done
command -v clang++-16 >/dev/null || { echo "fuzz: clang++-16 is missing: tools/bootstrap.sh installs it, or apt-get install clang-16 libclang-rt-16-dev llvm-16" >&2; exit 2; }
tools/build.sh fuzz "${JOBS:-$(nproc)}" "${targets[@]/#/fuzz_}"
.deps/venv/bin/python fuzz/make_seeds.py build/fuzz/seeds

# libFuzzer forks nothing here: what a target allocates is limited by -rss_limit_mb, how long a call takes by -timeout.
for target in "${targets[@]}"; do
  corpus=build/fuzz/corpus/$target log=build/fuzz/$target.log
  mkdir -p "$corpus" "build/fuzz/faults/$target"
  if ! "build/fuzz/bin/fuzz_$target" "$corpus" "build/fuzz/seeds/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=300000 \
    -artifact_prefix="build/fuzz/faults/$target/" -print_final_stats=1 > "$log" 2>&1; then
    tail -40 "$log" >&2
    echo "fuzz: $target found a fault (see above, $log, and the input in build/fuzz/faults/$target)" >&2
    exit 1
  fi
  printf '%-15s %12s inputs, %6s of them kept, %s edges covered\n' "$target" "$(awk '/stat::number_of_executed_units/ {print $2}' "$log")" \
    "$(find "$corpus" -type f | wc -l)" "$(grep -oE 'cov: [0-9]+' "$log" | tail -1 | cut -d' ' -f2)"
done
