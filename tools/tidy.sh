#!/usr/bin/env bash
# clang-tidy (.clang-tidy) on C++ sources. Ends with 1 on a finding.
# usage: tools/tidy.sh [--all | FILE...]
# clang-analyzer-* is added with --all only: it doubles the time. Without it a source takes 6 to
# 25 s of CPU, one that sees Torch more.
# Without arguments: the .cpp files that changed since the merge base with main, or, on main itself,
# since the commit before. Uncommitted changes count. --all: every source, some hours on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-tidy-14 >/dev/null; then
  echo "tidy: skipped, clang-tidy-14 is not installed (apt-get install clang-tidy-14)"
  exit 0
fi

changed_files() {
  local base
  base=$(git merge-base HEAD main 2>/dev/null) || base=HEAD
  [ "$(git rev-parse "$base")" != "$(git rev-parse HEAD)" ] || base=HEAD~1
  git rev-parse -q --verify "$base" >/dev/null || return 0  # a clone of a single commit
  git diff --name-only --diff-filter=d "$base" -- '*.cpp'
}

more=()
case ${1:-} in
  --all)
    mapfile -t files < <(git ls-files '*.cpp')
    more=(--checks='clang-analyzer-*')
    ;;
  "") mapfile -t files < <(changed_files) ;;
  *) files=("$@") ;;
esac
[ "${#files[@]}" -gt 0 ] || { echo "tidy: no source changed"; exit 0; }

# The compile commands of a preset, as its CMake files are now.
configure() {
  local commands=build/$1/compile_commands.json
  if [ ! "$commands" -nt CMakePresets.json ] && ! cmake --preset "$1" >/dev/null 2>&1; then
    echo "tidy: skipped, 'cmake --preset $1' does not configure here (run 'make bootstrap')"
    exit 0
  fi
  ninja -C "build/$1" "${@:2}" >/dev/null
}

# check PRESET FILES... A source of an option that is off, or of the examples that need an installed
# stationhit, has no compile command.
n_checked=0
check() {
  local preset=$1 known=() file
  for file in "${@:2}"; do
    if grep -qF "\"file\": \"$PWD/$file\"" "build/$preset/compile_commands.json"; then
      known+=("$file")
    else
      echo "tidy: $file is left out, the preset $preset does not build it"
    fi
  done
  [ "${#known[@]}" -gt 0 ] || return 0
  printf '%s\0' "${known[@]}" |
    xargs -0 -n 1 -P "${JOBS:-$(nproc)}" \
      clang-tidy-14 --quiet --warnings-as-errors='*' "${more[@]}" -p "build/$preset" \
      2> >(grep -v ' warnings generated' >&2)
  n_checked=$((n_checked + ${#known[@]}))
}

bindings=() others=()
for file in "${files[@]}"; do
  case $file in
    python/bindings/*) bindings+=("$file") ;;
    *) others+=("$file") ;;
  esac
done
if [ "${#others[@]}" -gt 0 ]; then
  configure tidy src/onnx_file/generated/onnx-ml.pb.h
  check tidy "${others[@]}"
fi
if [ "${#bindings[@]}" -gt 0 ]; then
  configure tidy-python build.ninja
  check tidy-python "${bindings[@]}"
fi
echo "tidy: $n_checked sources passed"
