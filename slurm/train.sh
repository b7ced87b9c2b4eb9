#!/usr/bin/env bash
# Trains on one GPU, in the folder of the checkout:
#   mkdir -p logs; sbatch slurm/train.sh -c path/to/config.yaml
# The arguments are those of `stationhit train`. Options of sbatch stand before the script: two ranks on two GPUs are
#   sbatch --ntasks=2 slurm/train.sh -c path/to/config.yaml
# docs/batch.md explains everything. Without GPUs: sbatch --gpus-per-task=0 slurm/train.sh -c config.yaml --set devices=cpu
#SBATCH --job-name=train
#SBATCH --output=logs/%x.%j.txt
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=24:00:00
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
set -euo pipefail
# shellcheck source=slurm/common.sh
source "$SLURM_SUBMIT_DIR/slurm/common.sh"
run_job train --set devices=1 --threads "${SLURM_CPUS_PER_TASK:-1}" "$@"
