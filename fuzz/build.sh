#!/usr/bin/env bash
# Builds the fuzz targets the way OSS-Fuzz asks for: its compilers and flags in CC, CXX, CFLAGS, CXXFLAGS, its engine in LIB_FUZZING_ENGINE; programs,
# first inputs (TARGET_seed_corpus.zip) and options go to OUT. Needs the Debian packages of tools/debian-packages.txt and Python with numpy, onnx, safetensors.
# usage: CXX=clang++ LIB_FUZZING_ENGINE=-fsanitize=fuzzer OUT=FOLDER fuzz/build.sh
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CXX:?names the compiler}" "${LIB_FUZZING_ENGINE:?names what targets are linked with}" "${OUT:?names the folder of the programs}"
work=${WORK:-build/oss-fuzz}
mkdir -p "$OUT" "$work"
cmake -S . -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DCMAKE_CXX_COMPILER=$CXX" "-DCMAKE_CXX_FLAGS=${CXXFLAGS:-}" \
  -DSTATIONHIT_WITH_TORCH=OFF -DSTATIONHIT_WITH_ROOT=OFF -DSTATIONHIT_WITH_CURL=OFF -DSTATIONHIT_WITH_HEPMC=OFF -DSTATIONHIT_WITH_ONNXRUNTIME=OFF \
  -DSTATIONHIT_BUILD_TESTS=OFF -DSTATIONHIT_BUILD_BENCH=OFF -DSTATIONHIT_BUILD_FUZZ=ON "-DSTATIONHIT_FUZZING_ENGINE=$LIB_FUZZING_ENGINE"
cmake --build "$work/build" --target fuzz -j "${JOBS:-$(nproc)}"
"${PYTHON:-python3}" fuzz/make_seeds.py "$work/seeds"
for program in "$work"/build/bin/fuzz_*; do
  target=$(basename "$program")
  cp "$program" "$OUT/"
  (cd "$work/seeds/${target#fuzz_}" && "${PYTHON:-python3}" -m zipfile -c "$OUT/${target}_seed_corpus.zip" ./*)
  printf '[libfuzzer]\nmax_len = 300000\n' > "$OUT/$target.options"
done
