# shellcheck shell=bash
# What the jobs of this folder have in common; they source it.

export STATIONHIT_SETUP=${STATIONHIT_SETUP-$SLURM_SUBMIT_DIR/tools/setup_lxplus.sh}   # empty: the environment is that of sbatch

slurm_error() { printf 'slurm: error: %s\n' "$*" >&2; }

child='' stop_asked=no requeue=no

# SIGUSR1 and not SIGTERM goes to the child: srun passes it on to its tasks, but ends at once by SIGTERM. ConfigRun.sh makes SIGTERM of it.
# shellcheck disable=SC2317  # called by traps
stop_child() {
  stop_asked=yes
  [ -z "$child" ] || kill -USR1 "$child" 2>/dev/null || true
}

# Runs ConfigRun.sh with these arguments. Slurm announces the end of the time by SIGUSR1 (--signal): the program saves, and the job goes back
# into the queue, where it continues. SIGTERM (scancel, preemption) stops it too, without that.
run_job() {
  local configrun=$SLURM_SUBMIT_DIR/htcondor/ConfigRun.sh command status
  if [ ! -x "$configrun" ]; then
    slurm_error "$configrun: not there; call sbatch in the folder of the checkout"
    return 2
  fi
  command=("$configrun" "$@")
  if [ "${SLURM_NTASKS:-1}" -gt 1 ]; then
    MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -1)
    export MASTER_ADDR MASTER_PORT=${MASTER_PORT:-$((20000 + SLURM_JOB_ID % 10000))}
    # srun does not take the number of CPUs from the job.
    command=(srun --kill-on-bad-exit=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" "${command[@]}")
  fi
  trap 'requeue=yes; stop_child' USR1
  trap stop_child TERM
  "${command[@]}" &
  child=$!
  [ "$stop_asked" = no ] || stop_child
  while :; do
    stop_asked=no status=0
    wait "$child" || status=$?
    [ "$stop_asked" = yes ] || break
  done
  if [ "$requeue" = yes ] && [ "$status" -ne 0 ]; then
    echo "== $(date '+%F %T') the time of the job is over: back into the queue"
    scontrol requeue "$SLURM_JOB_ID"
  fi
  return "$status"
}
