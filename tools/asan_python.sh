#!/usr/bin/env bash
# The Python package with the address and undefined-behavior sanitizers: builds its module (preset
# asan-python) and runs the tests of the package with it. Ends with 1 on a report.
# usage: tools/asan_python.sh [PYTEST_OPTION ...]
# Programs that the tests start (the release build, compilers) run without the sanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."
# The interpreter is not built with the sanitizers, so their libraries are loaded before it; the one
# of C++ too, because they look for its exceptions when they begin. What it has not freed at its end
# is no leak of the module. Its own memory comes from malloc, so that blocks of it are watched.
preload=$(for library in libasan.so libubsan.so libstdc++.so; do g++ -print-file-name=$library; done)
preload=${preload//$'\n'/ }
tools/build.sh asan-python "${JOBS:-$(nproc)}" stationhit_python
# The stub is made by a Python that loads the module.
LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=0 tools/build.sh asan-python 1 stationhit_python_stub
site=$PWD/build/asan-python/site
rm -rf "$site"
cmake --install build/asan-python --prefix "$site" --component python >/dev/null
cp -r python/stationhit "$site"

reports=$PWD/build/asan-python/report
rm -f "$reports".*
tests=(tests/python/test_python_{package,wheel,data,verbs,notebook}.py)
# They look at the libraries of a wheel, build one, measure times, or start Torch or ROOT, which the
# sanitizer does not know, in or by a process with the sanitizer.
others=(what_the_package_is_made_of package_with_onnxruntime call_adds_little
  beside_torch_and_onnxruntime events_of_rdataframe ctrl_c_saves_the_training)
status=0
LD_PRELOAD=$preload PYTHONMALLOC=malloc STATIONHIT_PYTHON_SITE=$site \
  ASAN_OPTIONS=detect_leaks=0:log_path=$reports UBSAN_OPTIONS=print_stacktrace=1:log_path=$reports \
  .deps/venv/bin/python -m pytest -q "${tests[@]}" -k "not ($(printf '%s or ' "${others[@]}")none)" "$@" || status=1
for report in "$reports".*; do
  [ ! -e "$report" ] || { cat "$report" >&2; status=1; }
done
exit $status
