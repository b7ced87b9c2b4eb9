#!/usr/bin/env bash
# One step of the chain as jobs side by side, for simulate, prepare and prepare --materialize, in the folder of the checkout:
#   sbatch --array=1-20 slurm/pieces.sh simulate -c simulate.yaml
# Task 1 gets --shard 1/20 and so on. Some of them again: STATIONHIT_PIECES=20 sbatch --array=3,7 slurm/pieces.sh ...
# At most five at a time: --array=1-20%5. After prepare, a job of step.sh with --merge makes the set (docs/data.md).
#SBATCH --job-name=pieces
#SBATCH --output=logs/%x.%A.%a.txt
#SBATCH --open-mode=append
#SBATCH --array=1-8
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=3G
#SBATCH --time=08:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
set -euo pipefail
# shellcheck source=slurm/common.sh
source "$SLURM_SUBMIT_DIR/slurm/common.sh"
pieces=${STATIONHIT_PIECES:-$SLURM_ARRAY_TASK_COUNT}
if [ -z "${STATIONHIT_PIECES:-}" ] && [ "$SLURM_ARRAY_TASK_MIN-$SLURM_ARRAY_TASK_MAX" != "1-$pieces" ]; then
  slurm_error "--array has $pieces tasks from $SLURM_ARRAY_TASK_MIN to $SLURM_ARRAY_TASK_MAX; use --array=1-N, or say the number of all pieces by STATIONHIT_PIECES=N sbatch ..."
  exit 2
fi
run_job "$@" --shard "$SLURM_ARRAY_TASK_ID/$pieces" --threads "${SLURM_CPUS_PER_TASK:-1}"
