# Sourced by the scripts that run jobs in real pools.

wait_for_epoch() {  # $1: number, $2: run directory
  local i
  for i in $(seq 1200); do
    [ ! -e "$2/metrics.csv" ] || [ "$(wc -l < "$2/metrics.csv")" -le "$1" ] || return 0
    sleep 0.2
  done
  echo "error: $2 does not come to epoch $1 in $((i / 5)) s" >&2
  return 1
}
