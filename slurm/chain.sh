#!/usr/bin/env bash
# The whole chain, from toy events to an ONNX file, as jobs that wait for one another. In the folder of the checkout:
#   mkdir -p logs; slurm/chain.sh
# A job that fails cancels those behind it. What is done is kept: the same command goes on from there.
# PIECES=16 slurm/chain.sh makes more jobs side by side; options in TRAIN_OPTIONS go to the sbatch of the training.
set -euo pipefail
pieces=${PIECES:-8}
config=configs/batch
set_paths=(--set train_path=runs/batch/set/train --set val_path=runs/batch/set/val --set test_path=runs/batch/set/test)
read -ra train_options <<< "${TRAIN_OPTIONS:-}"
previous=

# Submits a job that starts when the one before it has succeeded. $1: name; then the rest of the command line of sbatch.
submit() {
  local name=$1 wait=()
  shift
  [ -z "$previous" ] || wait=(--dependency="afterok:$previous" --kill-on-invalid-dep=yes)
  previous=$(sbatch --parsable --job-name="$name" "${wait[@]}" "$@")
  previous=${previous%%;*}   # with the name of the cluster on some sites
  printf '%-12s %s\n' "$name" "$previous"
}

submit simulate --array="1-$pieces" slurm/pieces.sh simulate -c "$config/simulate.yaml"
submit prepare --array="1-$pieces" slurm/pieces.sh prepare -c "$config/prepare.yaml"
submit merge slurm/step.sh prepare -c "$config/prepare.yaml" --merge
submit stats slurm/step.sh stats -c "$config/run.yaml"
submit materialize --array="1-$pieces" slurm/pieces.sh prepare --materialize "$config/run.yaml" -o runs/batch/set
submit merge_set slurm/step.sh prepare --materialize "$config/run.yaml" -o runs/batch/set --merge
submit train "${train_options[@]}" slurm/train.sh -c "$config/run.yaml" "${set_paths[@]}"
submit test slurm/step.sh test -c "$config/run.yaml" "${set_paths[@]}"
submit export slurm/step.sh export -c "$config/run.yaml" "${set_paths[@]}"
