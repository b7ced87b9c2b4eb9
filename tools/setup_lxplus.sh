# shellcheck shell=bash
# An environment for machines where nobody may install Debian packages, such as lxplus and its batch machines. To be sourced, in bash:
#   source tools/setup_lxplus.sh             ROOT and compiler of an LCG view, Torch and ONNX Runtime of .deps (tools/bootstrap.sh)
#   STATIONHIT_CONDA=FOLDER source tools/setup_lxplus.sh     everything of a conda environment in FOLDER
# It puts `stationhit` into PATH: that of this checkout (build/release/bin) or installation. How to make both: docs/batch.md. Works under `set -eu`; LCG's own scripts do not.
#   STATIONHIT_VIEW   another LCG view, or the folder of any installation with a setup.sh
#   STATIONHIT_BUILD  another folder with the program
# A working folder may have a link to the folder of this file: what counts is where the file is.
_stationhit_root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

_stationhit_error() { printf 'setup_lxplus: error: %s\n' "$*" >&2; }

# The scripts of others read variables that are not set: they run without `set -u` and `set -e`.
_stationhit_source() {
  local options=$- status=0
  set +eu
  # shellcheck source=/dev/null
  source "$1" || status=$?
  case $options in *e*) set -e ;; esac
  case $options in *u*) set -u ;; esac
  return "$status"
}

_stationhit_use_view() {
  local view=${STATIONHIT_VIEW:-/cvmfs/sft.cern.ch/lcg/views/LCG_110/x86_64-el9-gcc13-opt}
  if [ ! -r "$view/setup.sh" ]; then
    _stationhit_error "$view/setup.sh: no such LCG view on $(hostname); set STATIONHIT_VIEW to one (ls /cvmfs/sft.cern.ch/lcg/views), or STATIONHIT_CONDA to a conda environment"
    return 1
  fi
  _stationhit_source "$view/setup.sh" || { _stationhit_error "$view/setup.sh: failed"; return 1; }
}

_stationhit_use_conda() {
  if [ ! -d "$STATIONHIT_CONDA/conda-meta" ]; then
    _stationhit_error "$STATIONHIT_CONDA: is no conda environment (no folder conda-meta); make one with micromamba create -p $STATIONHIT_CONDA -c conda-forge --file tools/conda-packages.txt"
    return 1
  fi
  export CONDA_PREFIX=$STATIONHIT_CONDA
  export PATH=$CONDA_PREFIX/bin:$PATH CMAKE_PREFIX_PATH=$CONDA_PREFIX${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}
  local script
  for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do
    [ ! -e "$script" ] || _stationhit_source "$script" || { _stationhit_error "$script: failed"; return 1; }
  done
}

_stationhit_set_up() {
  if [ -n "${STATIONHIT_CONDA:-}" ]; then _stationhit_use_conda || return 1; else _stationhit_use_view || return 1; fi
  local programs=$_stationhit_root/build/release/bin
  case $_stationhit_root in */share/stationhit) programs=${_stationhit_root%/share/stationhit}/bin ;; esac
  export PATH=${STATIONHIT_BUILD:-$programs}:$PATH
}

_stationhit_status=0
_stationhit_set_up || _stationhit_status=$?
unset -f _stationhit_error _stationhit_source _stationhit_use_view _stationhit_use_conda _stationhit_set_up
unset _stationhit_root
# shellcheck disable=SC2317  # the second command is for calls that do not source this file
return "$_stationhit_status" 2>/dev/null || exit "$_stationhit_status"
