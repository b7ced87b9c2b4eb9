#!/usr/bin/env bash
# The inner part of htcondor_pool.sh, the first process of the chroot: starts HTCondor, then calls itself as an ordinary user for the trials.
# usage: htcondor_pool_inside.sh CHECKOUT PROGRAM
set -uo pipefail
checkout=$1 program=$2 trials=${3:-}
# shellcheck source=tests/batch/training_progress.sh
. "$checkout/tests/batch/training_progress.sh"

start_pool() {
  mount -t proc proc /proc
  umount -l /old
  mount -t tmpfs tmpfs /run
  mkdir -p /run/lock/condor /run/condor
  chown condor: /run/condor /run/lock/condor
  find "$(condor_config_val SPOOL)" "$(condor_config_val EXECUTE)" -mindepth 1 -delete   # jobs of an earlier call
  condor_master
  local i
  for i in $(seq 30); do
    sleep 1
    if timeout 5 condor_status -af Name 2>/dev/null | grep -q slot; then echo "pool is up after $i s"; return; fi
  done
  echo "error: the pool does not come up; see var/log/condor" >&2
  return 1
}

# A checkout as a user has it, and an LCG view whose libraries are those of this chroot.
make_folder() {
  cp -r "$checkout/htcondor" "$checkout/configs" "$checkout/tools" .
  mkdir -p build/release/bin logs
  ln -s "$program" build/release/bin/stationhit
  sed -i -e 's/^events: .*/events: 160/' -e 's/^events_per_file: .*/events_per_file: 20/' -e 's/^mu: .*/mu: 20/' configs/batch/simulate.yaml
  sed -i -e 's/^  epochs: .*/  epochs: 12/' configs/batch/run.yaml
}

say() { printf '\n== %s %s\n' "$(date +%T)" "$*"; }

wait_for_dag() {  # $1: file
  timeout 900 condor_wait -status "$1.dagman.log" > /dev/null || { echo "error: $1 does not end"; tail -20 "$1.dagman.out"; condor_q -nobatch; return 1; }
  grep -h 'EXITING WITH STATUS' "$1.dagman.out" | tail -1
  grep -hE 'Retrying node|All jobs Completed|Node .* failed|ERROR:' "$1.dagman.out" | cut -c1-120
}

trial_chain() {
  say "chain.dag"
  condor_submit_dag htcondor/chain.dag > /dev/null
  wait_for_dag htcondor/chain.dag
  grep -h '^== .* exit code' logs/*.txt | awk '{print $NF}' | sort | uniq -c | sed 's/^/jobs and their exit codes: /'
  ls -l runs/batch/run/checkpoints runs/batch/run/report.html
}

# Where the training does not come to the epoch, the reason is why its job does not run.
require_epoch() {  # $1: number, $2: run directory
  wait_for_epoch "$@" && return
  condor_q -better-analyze | tail -20
  return 1
}

submit_training() {  # $1: name of the run directory in runs/batch; says the number of the job
  local set="--set train_path=runs/batch/set/train --set val_path=runs/batch/set/val --set test_path=runs/batch/set/test"
  condor_submit -terse htcondor/submit_ConfigRun.sh -append ARGS="-c configs/batch/run.yaml $set --set experiment_dir=runs/batch/$1" | cut -d. -f1
}

show() { grep -hE '^==|continuing|stopped|^epoch +[0-9]+ ' "$@" | cut -c1-100; }

# An undisturbed training is that of the chain; this one is sent away twice.
trial_eviction() {
  say "a training that is evicted"
  local job epoch
  job=$(submit_training evicted)
  for epoch in 2 6; do
    require_epoch "$epoch" runs/batch/evicted || return
    condor_vacate_job "$job" | tail -1
  done
  condor_wait "logs/$job.log" > /dev/null
  grep -E '^(001|004|005) |return value' "logs/$job.log" | cut -c1-80
  show "logs/$job.0.txt"
}

# A job is removed when its MaxRuntime is over; the same command goes on.
trial_removal() {
  say "a training that is removed and submitted again"
  local first second
  first=$(submit_training removed)
  require_epoch 4 runs/batch/removed || return
  condor_rm "$first"
  condor_wait "logs/$first.log" > /dev/null
  second=$(submit_training removed)
  condor_wait "logs/$second.log" > /dev/null
  show "logs/$first.0.txt" "logs/$second.0.txt"
}

# The configuration of node b appears only before its second attempt.
trial_retry() {
  say "a DAG with a node that fails and is retried"
  cat > retry.dag <<'DAG'
JOB a htcondor/step.sub
JOB b htcondor/step.sub
PARENT a CHILD b
VARS a ARGS="stats -c configs/batch/run.yaml"
VARS b ARGS="simulate -c late.yaml"
SCRIPT PRE b late.sh $RETRY
RETRY b 2
DAG
  # shellcheck disable=SC2016  # that is for the shell of the script
  printf '#!/bin/sh\n[ "$1" -eq 0 ] || cp configs/batch/simulate.yaml late.yaml\n' > late.sh
  chmod +x late.sh
  condor_submit_dag retry.dag > /dev/null
  wait_for_dag retry.dag
}

# Node d fails for good. The same command goes on with it once its configuration is there, and node c is not run again.
trial_rescue() {
  say "the same DAG after a failure"
  sed -e 's/ a / c /; s/ b / d /; s/CHILD b/CHILD d/; /^SCRIPT\|^RETRY/d; s/late.yaml/later.yaml/' retry.dag > rescue.dag
  condor_submit_dag rescue.dag > /dev/null
  wait_for_dag rescue.dag
  cp configs/batch/simulate.yaml later.yaml
  condor_submit_dag rescue.dag | grep -i rescue
  wait_for_dag rescue.dag
  echo "jobs of node c: $(grep -c 'Submitting HTCondor Node c' rescue.dag.dagman.out)"
}

# As the users of the study do: in the folder of the submit file.
trial_in_its_folder() {
  say "condor_submit in the folder htcondor"
  mkdir -p htcondor/logs
  cd htcondor || return
  sed 's#: runs/#: ../runs/#' ../configs/batch/run.yaml > 'my run.yaml'
  condor_submit submit_ConfigRun.sh -append ARGS="-c 'my run.yaml' -d"
  condor_wait logs/*.log
  grep -E '^==|^epoch +[0-9]+ ' logs/*.txt | cut -c1-100
  cd ..
}

# What the table of likely mistakes in docs/batch.md quotes.
trial_mistakes() {
  say "a GPU that the pool does not have"
  condor_submit -terse htcondor/submit_ConfigRun.sh -append ARGS="-c configs/batch/run.yaml" -append GPU=H100
  sleep 5
  condor_q -better-analyze | grep -A8 'reduces to these conditions' | cut -c1-100
  condor_rm -all
  say "a setup script that is not there"
  local job
  job=$(condor_submit -terse htcondor/step.sub -append ARGS="stats -c configs/batch/run.yaml" -append SETUP=/nowhere.sh | cut -d. -f1)
  timeout 120 condor_wait "logs/$job.log" | tail -1
  cat "logs/$job.0.txt"
  say "a key that does not exist in the configuration"
  job=$(condor_submit -terse htcondor/step.sub -append ARGS="stats -c configs/batch/run.yaml --set thread=3" | cut -d. -f1)
  timeout 120 condor_wait "logs/$job.log" | tail -1
  cat "logs/$job.0.txt"
}

if [ -z "$trials" ]; then
  start_pool && exec su - user -c "cd work && bash '$0' '$checkout' '$program' trials"
  exit 1
fi
condor_version | head -1
make_folder
trial_chain
trial_eviction
trial_removal
trial_retry
trial_rescue
trial_in_its_folder
trial_mistakes
