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
if [ ! -f build/tidy/compile_commands.json ] && ! cmake --preset tidy >/dev/null 2>&1; then
  echo "tidy: skipped, 'cmake --preset tidy' does not configure here (run 'make bootstrap')"
  exit 0
fi
ninja -C build/tidy src/onnx_file/generated/onnx-ml.pb.h >/dev/null
# A source of an option that is off, or of examples/01_score_event, has no compile command.
mapfile -t known < <(printf '%s\n' "${files[@]}" | while read -r file; do
  ! grep -qF "\"file\": \"$PWD/$file\"" build/tidy/compile_commands.json || echo "$file"
done)
[ "${#known[@]}" -gt 0 ] || { echo "tidy: no changed source is built here"; exit 0; }
printf '%s\0' "${known[@]}" |
  xargs -0 -n 1 -P "${JOBS:-$(nproc)}" \
    clang-tidy-14 --quiet --warnings-as-errors='*' "${more[@]}" -p build/tidy \
    2> >(grep -v ' warnings generated' >&2)
echo "tidy: ${#known[@]} sources passed"
