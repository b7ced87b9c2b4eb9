#!/usr/bin/env bash
# The whole chain on a small toy sample at <mu> = 200: simulate, prepare, stats, train (which
# tests), export with int8, bench; then the trained model two_stage, which comes with the program,
# on the same events: test, bench, infer, event display; then one table of both. Everything goes to
# runs/demo, which is made anew.
# usage: tools/demo.sh [generator|hepmc] (after the build)
# The argument names the source of the muons: the toy generator or events of Pythia 8.
set -euo pipefail
cd "$(dirname "$0")/.."
program=build/release/bin/stationhit
out=runs/demo
case ${1:-generator} in
  generator) source=() ;;
  hepmc) source=(--set source=hepmc --set hepmc_file=tests/data/pythia8_mix.hepmc3.gz) ;;
  *) echo "demo: SOURCE is '$1', expected generator or hepmc" >&2; exit 2 ;;
esac
start=$(date +%s)
step() { printf '\n== stationhit %s\n' "$*"; "$program" "$@"; }

rm -rf "$out"
mkdir -p "$out"
step simulate -c configs/demo/simulate.yaml "${source[@]}"
step prepare -c configs/demo/prepare.yaml
step stats -c configs/demo/run.yaml
step train -c configs/demo/run.yaml
step export -q -c configs/demo/run.yaml
step bench "$out/checkpoints/model.onnx" --input "$out/prepared/test" -o "$out/bench.json" \
  --compare "$out/checkpoints/model.onnx" --compare-backend onnxruntime

model=$out/two_stage
step test -c configs/two_stage.yaml --set checkpoint_path=models/two_stage/best.safetensors --set "experiment_dir=$model" \
  --set "train_path=$out/prepared/train" --set "val_path=$out/prepared/val" --set "test_path=$out/prepared/test"
step bench two_stage --input "$out/prepared/test" -o "$model/bench.json" --compare two_stage --compare-backend onnxruntime
step infer two_stage "$out/toy.root" -o "$out/toy_filtered.root" --working-point 0.99 --mode filter
step infer two_stage "$out/toy.root" -o "$out/toy_scored.root" --working-point 0.99
step inspect "$out/toy_scored.root" --display "$model/display"

.deps/venv/bin/python tools/demo_summary.py "$out"
printf '\nmake demo: done in %d s\n' $(($(date +%s) - start))
