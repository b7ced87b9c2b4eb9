#!/usr/bin/env bash
# Runs `stationhit train ARGUMENTS`, or another subcommand if the first argument names one, as a batch job does: in the
# folder of the submission, with the environment of a setup script, with output that is appended and never replaced.
# A request to stop (SIGTERM, SIGINT, SIGUSR1) is passed on; the program then saves its state, and the next call with the same arguments
# continues. The exit code is that of the program, or 75 if this machine lacks what a job needs (another one may have it).
# usage: ConfigRun.sh [SUBCOMMAND] ARGUMENTS, for example ConfigRun.sh -c configs/two_stage.yaml
#   STATIONHIT_FOLDER   folder to run in; relative paths in arguments and configurations start there (default: here)
#   STATIONHIT_SETUP    script to source first, such as tools/setup_lxplus.sh (default: none)
#   STATIONHIT_PROGRAM  the program (default: stationhit in PATH)
#   STATIONHIT_LOG      file to append all output to (default: standard output)
set -euo pipefail

fail() {
  printf 'ConfigRun: error: %s\n' "$*" >&2
  exit 75
}

enter_folder() {
  local folder=${STATIONHIT_FOLDER:-.}
  cd "$folder" 2>/dev/null ||
    fail "$folder: this machine ($(hostname)) cannot enter the folder of the submission; submit from a file system that it shares"
}

# Attempts of one job follow one another in this file; batch systems begin their own output files anew.
append_output() {
  [ -n "${STATIONHIT_LOG:-}" ] || return 0
  { mkdir -p "$(dirname "$STATIONHIT_LOG")" && : >> "$STATIONHIT_LOG"; } ||
    fail "$STATIONHIT_LOG: the output of the job cannot be written there; set STATIONHIT_LOG to a file in a folder of yours"
  exec >> "$STATIONHIT_LOG" 2>&1
}

set_up() {
  local script=${STATIONHIT_SETUP:-}
  [ -n "$script" ] || return 0
  [ -r "$script" ] || fail "$script: the setup script cannot be read on $(hostname); set STATIONHIT_SETUP to one that it sees"
  # shellcheck source=/dev/null
  source "$script" || fail "$script: the setup failed on $(hostname); its message is above"
}

find_program() {
  program=${STATIONHIT_PROGRAM:-stationhit}
  command -v "$program" >/dev/null ||
    fail "$program: no such program on $(hostname); set STATIONHIT_PROGRAM, or STATIONHIT_SETUP to a script that puts it into PATH"
}

child=
stop_asked=no
interrupted=no
# shellcheck disable=SC2317  # called by a trap
pass_on() {
  stop_asked=yes
  interrupted=yes
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
}

# Only a command in the background leaves the shell free to take signals; `wait` ends early when one arrives. srun sends SIGUSR1 to the
# program too, which would end by it.
run() {
  trap pass_on TERM INT USR1
  (trap '' USR1 && exec "$@") <&0 &
  child=$!
  [ "$stop_asked" = no ] || kill -TERM "$child" 2>/dev/null || true
  local status
  while :; do
    interrupted=no
    status=0
    wait "$child" || status=$?
    [ "$interrupted" = yes ] || break
  done
  return "$status"
}

case ${1:-} in
  "") printf 'ConfigRun: error: no arguments; expected [SUBCOMMAND] ARGUMENTS such as -c configs/two_stage.yaml\n' >&2; exit 2 ;;
  -*) set -- train "$@" ;;
esac
enter_folder
append_output
set_up
find_program
printf '== %s %s stationhit %s\n' "$(date '+%F %T')" "$(hostname)" "$*"
status=0
run "$program" "$@" || status=$?
printf '== %s %s exit code %s\n' "$(date '+%F %T')" "$(hostname)" "$status"
exit "$status"
