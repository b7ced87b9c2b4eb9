#!/usr/bin/env bash
# Compares the speed of an earlier commit with that of the present tree: builds both, runs the same benchmark with both in turns, after a check that the
# answers are the same, and prints ratios. Ends with 1 if answers differ.
# usage: tools/bench_regression.sh OLD_COMMIT [OPTIONS of tools/bench_regression.py, for example --rounds 15]
# The earlier tree and its build stay in build/regression/COMMIT for the next call; `git worktree remove --force build/regression/COMMIT` removes them.
set -euo pipefail
cd "$(dirname "$0")/.."
usage="usage: tools/bench_regression.sh OLD_COMMIT [OPTIONS of tools/bench_regression.py]"
[ $# -ge 1 ] || { echo "$usage" >&2; exit 2; }
case $1 in -*) echo "error: $1: the first argument is a commit" >&2; echo "$usage" >&2; exit 2 ;; esac
old=$(git rev-parse --verify --quiet "$1^{commit}") || { echo "error: $1: no such commit" >&2; exit 2; }
shift
old_tree=$PWD/build/regression/$(git rev-parse --short "$old") jobs=${JOBS:-$(nproc)}
compare=(.deps/venv/bin/python tools/bench_regression.py "$old_tree/build/release/bin" build/release/bin "$@")

tools/bootstrap.sh
# What is wrong with the options is said now and not after two builds.
"${compare[@]}" --check-options
if [ ! -e "$old_tree/HACKING.md" ]; then
  git worktree prune
  git worktree add --quiet --detach "$old_tree" "$old"
fi
"$old_tree/tools/bootstrap.sh"
for tree in "$PWD" "$old_tree"; do
  "$tree/tools/build.sh" release "$jobs" stationhit make_random_model
done
exec "${compare[@]}"
