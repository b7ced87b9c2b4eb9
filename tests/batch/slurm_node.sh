#!/usr/bin/env bash
# Slurm on this machine, as one node with its own daemons, in which the files of slurm/ are run: the chain with its arrays and
# dependencies, a training that goes back into the queue when its time is over, a training of two ranks under srun, an array with a wrong
# range. Needs root and Debian's slurm-wlm and munge. Everything ends with this script. docs/batch.md shows what it prints.
# usage: tests/batch/slurm_node.sh SCRATCH [PROGRAM]     (default: build/release/bin/stationhit; about ten minutes)
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: $0 SCRATCH [PROGRAM]" >&2; exit 2; }
mkdir -p "$1"
scratch=$(cd "$1" && pwd)
program=$(realpath "${2:-$checkout/build/release/bin/stationhit}")
run=$scratch/slurm work=$scratch/work
# shellcheck source=tests/batch/training_progress.sh
. "$checkout/tests/batch/training_progress.sh"

fail() { printf 'slurm_node: error: %s\n' "$*" >&2; exit 1; }
say() { printf '\n== %s %s\n' "$(date +%T)" "$*"; }
[ "$(id -u)" -eq 0 ] || fail "the daemons need root"
[ -x "$program" ] || fail "$program: no program; build it, or name one"
for tool in slurmctld slurmd munged sbatch; do
  command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || fail "$tool is missing: apt-get install slurm-wlm munge"
done
export PATH=$PATH:/usr/sbin SLURM_CONF=$run/slurm.conf

configure() {
  rm -rf "$run" "$work"
  mkdir -p "$run"/{munge,state,spool,log} "$work"
  chmod 700 "$run/munge"
  dd if=/dev/urandom of="$run/munge/key" bs=1024 count=1 status=none
  chmod 400 "$run/munge/key"
  cat > "$SLURM_CONF" <<CONFIG
ClusterName=one
SlurmctldHost=$(hostname -s)(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$run/munge/sock
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$run/state
SlurmdSpoolDir=$run/spool
SlurmctldPidFile=$run/ctld.pid
SlurmdPidFile=$run/d.pid
SlurmctldLogFile=$run/log/ctld.log
SlurmdLogFile=$run/log/d.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
KillWait=30
MinJobAge=3600
GresTypes=gpu
# Eight CPUs and two GPUs are claimed, so that the files of slurm/ run as they are.
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=8 Boards=1 SocketsPerBoard=8 CoresPerSocket=1 ThreadsPerCore=1 RealMemory=32000 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONFIG
  mknod -m 666 "$run/gpu0" c 1 3
  mknod -m 666 "$run/gpu1" c 1 3
  echo "Name=gpu File=$run/gpu[0-1]" > "$run/gres.conf"
  sed -i 's/^SlurmdPidFile/SlurmdParameters=config_overrides\n&/' "$SLURM_CONF"
}

daemons=()
stop() {
  scancel --user=root 2>/dev/null || true
  sleep 1
  [ "${#daemons[@]}" -eq 0 ] || kill "${daemons[@]}" 2>/dev/null || true
  wait || true
}

start() {
  munged --foreground --force --key-file="$run/munge/key" --socket="$run/munge/sock" --pid-file="$run/munge/pid" \
    --log-file="$run/munge/log" --seed-file="$run/munge/seed" 2>/dev/null & daemons+=($!)
  sleep 1
  slurmctld -D -f "$SLURM_CONF" > "$run/log/ctld.out" 2>&1 & daemons+=($!)
  slurmd -D -f "$SLURM_CONF" > "$run/log/d.out" 2>&1 & daemons+=($!)
  local i
  for i in $(seq 30); do
    sleep 1
    if sinfo --noheader --format=%t 2>/dev/null | grep -q idle; then echo "Slurm $(sinfo --version | cut -d' ' -f2) is up after $i s"; return; fi
  done
  fail "the node does not come up; see $run/log"
}

# A checkout as a user has it, and an LCG view without libraries of its own.
make_folder() {
  cd "$work"
  cp -r "$checkout/htcondor" "$checkout/slurm" "$checkout/configs" "$checkout/tools" .
  mkdir -p build/release/bin logs view
  ln -s "$program" build/release/bin/stationhit
  touch view/setup.sh
  export STATIONHIT_VIEW=$work/view
  sed -i -e 's/^events: .*/events: 160/' -e 's/^events_per_file: .*/events_per_file: 20/' -e 's/^mu: .*/mu: 20/' configs/batch/simulate.yaml
  sed -i -e 's/^  epochs: .*/  epochs: 12/' configs/batch/run.yaml
}

state() { scontrol --oneliner show job "$1" | sed -E 's/.*JobState=([A-Z_]+).*/\1/' | sort | uniq -c | awk '{printf "%s %s; ", $2, $1}'; }

wait_for() {  # $1: job
  local i tasks
  for i in $(seq 1800); do
    tasks=$(scontrol --oneliner show job "$1")
    [[ $tasks =~ JobState=(PENDING|RUNNING|COMPLETING|CONFIGURING|SUSPENDED|REQUEUED) ]] || { echo "job $1: $(state "$1")"; return 0; }
    sleep 0.5
  done
  echo "error: job $1 does not end in $((i / 2)) s: $(state "$1")" >&2
  return 1
}

set_paths=(--set train_path=runs/batch/set/train --set val_path=runs/batch/set/val --set test_path=runs/batch/set/test)

trial_chain() {
  say "slurm/chain.sh${1:-}"
  local name job
  slurm/chain.sh > jobs.txt
  while read -r name job; do printf '%-12s ' "$name"; wait_for "$job"; done < jobs.txt
  ls -l runs/batch/run/checkpoints runs/batch/run/report.html
}

# The last lines of the jobs: nothing is made again but what takes seconds.
show_last_lines() {
  for file in logs/{simulate,prepare,materialize}.*.1.txt logs/{merge,merge_set,train}.*.txt; do
    printf '%s: %s\n' "$file" "$(grep -v '^==' "$file" | tail -1 | cut -c1-110)"
  done
}

show() { grep -E '^==|continuing|stopped|^epoch +[0-9]+ ' "$1" | cut -c1-100; }

compare() { PYTHONPATH=$checkout/tests/python "$checkout/.deps/venv/bin/python" "$checkout/tests/batch/compare_runs.py" "$@"; }

submit_training() {  # $1: name of the run directory in runs/batch, then options of sbatch; says the number of the job
  local name=$1
  shift
  sbatch --parsable "$@" slurm/train.sh -c configs/batch/run.yaml "${set_paths[@]}" --set "experiment_dir=runs/batch/$name"
}

# What Slurm does when the time is nearly over, only earlier; the end of the time itself would be minutes away.
trial_requeue() {
  say "a training that goes back into the queue"
  local job
  job=$(submit_training requeued)
  wait_for_epoch 3 runs/batch/requeued
  scancel --batch --signal=USR1 "$job"
  wait_for "$job"
  scontrol show job "$job" | grep -oE 'Restarts=[0-9]+'
  show "logs/train.$job.txt"
  compare runs/batch/requeued runs/batch/run
}

trial_cancel() {
  say "a training that is canceled and submitted again"
  local first second
  first=$(submit_training canceled)
  wait_for_epoch 4 runs/batch/canceled
  scancel "$first"
  wait_for "$first"
  second=$(submit_training canceled)
  wait_for "$second"
  show "logs/train.$first.txt"
  show "logs/train.$second.txt"
  compare runs/batch/canceled runs/batch/run
}

trial_ranks() {
  say "two ranks under srun"
  local job
  job=$(submit_training ranks --ntasks=2 --cpus-per-task=1)
  wait_for_epoch 2 runs/batch/ranks
  scancel --batch --signal=USR1 "$job"
  wait_for "$job"
  show "logs/train.$job.txt"
  build/release/bin/stationhit train -c configs/batch/run.yaml "${set_paths[@]}" --set devices=cpu:2 --threads 1 --set experiment_dir=runs/batch/both --quiet >/dev/null
  compare runs/batch/ranks runs/batch/both
}

# Two workers of one search; one of them has to stop and goes on when it is started again.
trial_workers() {
  say "two workers of a search"
  printf 'parameters:\n  training.optimizer.learning_rate: {low: 5e-4, high: 5e-3, log: true}\n' > space.yaml
  local job
  job=$(STATIONHIT_PYTHON=$checkout/.deps/venv/bin/python sbatch --parsable --array=1-2 slurm/step.sh tune -c configs/batch/run.yaml -s space.yaml --trials 6 "${set_paths[@]}")
  wait_for_epoch 1 runs/tune/space/trials/0001
  scancel --batch --signal=USR1 "${job}_1"
  wait_for "$job"
  grep -hE '^== .*exit code|requeue|back into the queue' logs/step.*.txt
  cut -d, -f1-3 runs/tune/space/trials.csv
}

trial_mistakes() {
  say "mistakes"
  local job
  job=$(sbatch --parsable --array=3,5 slurm/pieces.sh simulate -c configs/batch/simulate.yaml)
  wait_for "$job"
  cat "logs/pieces.$job.3.txt"
  for file in train step pieces; do sbatch --test-only "slurm/$file.sh" -c x.yaml 2>&1 | cut -c1-60; done
  sbatch --test-only --gpus-per-task=0 slurm/train.sh -c x.yaml --set devices=cpu 2>&1 | cut -c1-60
}

configure
trap stop EXIT
start
make_folder
trial_chain
rm logs/*
trial_chain " again"
show_last_lines
trial_requeue
trial_cancel
trial_ranks
trial_workers
trial_mistakes
