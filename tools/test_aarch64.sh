#!/usr/bin/env bash
# Builds the engine and the modules below it for 64-bit ARM and runs their tests under QEMU.
# Needs the Debian packages g++-aarch64-linux-gnu, qemu-user and libgtest-dev; ARM packages of the
# libraries are downloaded into build/aarch64, the system stays as it is.
# usage: tools/test_aarch64.sh [JOBS [CPU]]    CPU: one of `qemu-aarch64 -cpu help`; cortex-a53 has
# NEON only, max also SVE
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${1:-$(nproc)} cpu=${2:-cortex-a53}
build=$PWD/build/aarch64
root=$build/root
for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$tool" > /dev/null && continue
  echo "error: $tool is missing; apt-get install g++-aarch64-linux-gnu qemu-user libgtest-dev" >&2
  exit 1
done

if [ ! -e "$root/complete" ]; then
  rm -rf "$root"
  mkdir -p "$root/state/partial" "$root/cache/archives/partial"
  apt=(apt-get -qq -o APT::Architectures::=amd64 -o APT::Architectures::=arm64
    -o "Dir::State::lists=$root/state" -o "Dir::Cache=$root/cache" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd "$root" && "${apt[@]}" download libhwy1:arm64 libhwy-dev:arm64 libxxhash-dev:arm64 nlohmann-json3-dev)
  for package in "$root"/*.deb; do dpkg -x "$package" "$root"; done
  cmake -S /usr/src/googletest -B "$root/googletest" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_GMOCK=OFF \
    --toolchain "$PWD/cmake/aarch64.cmake" -DSTATIONHIT_AARCH64_ROOT="$root" -DCMAKE_INSTALL_PREFIX="$root/usr" > /dev/null
  cmake --build "$root/googletest" --target install -j "$jobs" > /dev/null
  touch "$root/complete"
fi

# The emulator is a property of the tests, so another CPU is another configuration.
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DSTATIONHIT_ENGINE_ONLY=ON \
  --toolchain cmake/aarch64.cmake -DSTATIONHIT_AARCH64_ROOT="$root" -DSTATIONHIT_AARCH64_CPU="$cpu" > "$build/configure.log" 2>&1 ||
  { cat "$build/configure.log" >&2; exit 1; }
cmake --build "$build" -j "$jobs"
# CrashNotes are about signals that end a program, which QEMU reports in its own way.
ctest --test-dir "$build" -j "$jobs" --output-on-failure -E '^CrashNotes'
