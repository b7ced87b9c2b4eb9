#!/usr/bin/env bash
# Checks the training on a GPU: builds without ROOT, trains the same short run on the CPU, on the
# GPU and on the GPU in bfloat16, compares losses, and prints events/s, waiting times and the
# utilization of the GPU. Ends with 1 if the losses differ by more than 1 % (bfloat16: 5 %).
# usage: tools/check_gpu.sh CONFIG [EVENTS] [TORCH_DIR]
#   CONFIG: a run whose paths lead to a materialized set (stationhit prepare --materialize)
#   EVENTS: training events, otherwise 400
#   TORCH_DIR: folder of TorchConfig.cmake of a LibTorch with CUDA, otherwise that of python3's torch
set -euo pipefail
[ $# -ge 1 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
config=$(realpath "$1")
events=${2:-400}
cd "$(dirname "$0")/.."
command -v nvidia-smi > /dev/null || { echo "check_gpu: nvidia-smi is not installed; this machine has no NVIDIA driver" >&2; exit 2; }
torch=${3:-$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path + "/Torch")')}
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader

cmake --preset train-only -DTorch_DIR="$torch" -DSTATIONHIT_BUILD_TESTS=OFF -DSTATIONHIT_BUILD_BENCH=OFF
cmake --build --preset train-only --target stationhit
program=build/train-only/bin/stationhit
out=runs/check_gpu
rm -rf "$out"
mkdir -p "$out"

train() {  # NAME, then settings
  local name=$1
  shift
  echo "== $name: $*"
  nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv,noheader,nounits -l 1 > "$out/$name.gpu" &
  local sampler=$!
  "$program" train -c "$config" --set experiment_dir="$out/$name" --set training.events="$events" \
    --set training.epochs=2 --set training.callbacks='[profile]' --set training.early_stopping.enabled=false "$@" \
    > "$out/$name.out" 2> "$out/$name.log" || { tail -5 "$out/$name.log" >&2; kill "$sampler"; exit 1; }
  kill "$sampler"
  grep -h 'waited\|profile' "$out/$name.out" "$out/$name.log" || true
  awk -F, '{ sum += $1; if ($2 > memory) memory = $2 } END {
    printf "GPU: %.0f %% used on average, at most %d MiB\n", NR ? sum / NR : 0, memory }' "$out/$name.gpu"
}

train cpu --set devices=cpu
train gpu --set devices=1
train gpu_again --set devices=1 --set training.deterministic=true
train gpu_bf16 --set devices=1 --set training.precision=bf16

compare() {  # NAME TOLERANCE: the losses of the last epoch beside those of the CPU
  awk -F, -v name="$1" -v tolerance="$2" '
    FNR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
    { train[FILENAME] = $column["train_loss"]; val[FILENAME] = $column["val_loss"] }
    function distance(a, b) { return (a > b ? a - b : b - a) / b }
    END {
      cpu = ARGV[1]; other = ARGV[2]
      t = distance(train[other], train[cpu]); v = distance(val[other], val[cpu])
      printf "%-10s train loss %.6f (CPU %.6f), val loss %.6f (CPU %.6f)\n", name, train[other], train[cpu], val[other], val[cpu]
      if (t > tolerance || v > tolerance) { print name " differs by more than " tolerance; exit 1 }
    }' "$out/cpu/metrics.csv" "$out/$1/metrics.csv"
}
status=0
compare gpu 0.01 || status=1
compare gpu_again 0.01 || status=1
compare gpu_bf16 0.05 || status=1
exit $status
