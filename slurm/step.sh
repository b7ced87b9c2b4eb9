#!/usr/bin/env bash
# One step of the chain on CPUs, any subcommand, in the folder of the checkout:
#   sbatch slurm/step.sh stats -c run.yaml
# Several workers of one search (docs/tune.md):
#   sbatch --array=1-10 slurm/step.sh tune -c run.yaml -s space.yaml --trials 100
#SBATCH --job-name=step
#SBATCH --output=logs/%x.%j.txt
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=08:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
set -euo pipefail
# shellcheck source=slurm/common.sh
source "$SLURM_SUBMIT_DIR/slurm/common.sh"
run_job "$@" --threads "${SLURM_CPUS_PER_TASK:-1}"
