#!/usr/bin/env bash
# Provides what the build needs: Debian packages, a Python environment with LibTorch, ROOT and ONNX Runtime, and the
# ONNX Runtime headers. `tools/bootstrap.sh peers` adds what bench/peers needs and `tools/bootstrap.sh docs` what make docs needs; `tools/bootstrap.sh deploy` provides what the preset deploy needs and no more: ONNX Runtime without Torch, ROOT and
# Python packages. Idempotent: prints nothing when nothing is to do. The result lives outside the checkout, in
# ${STATIONHIT_DEPS:-~/.cache/stationhit/deps-<hash of the packages that the program is linked against>}; .deps in the checkout is a link to it. Other Python packages are
# added in place: a new tool for the tests builds no environment and no object file anew.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'bootstrap: %s\n' "$*"; }
fail() { printf 'bootstrap: error: %s\n' "$*" >&2; exit 1; }

install_debian_packages() {  # $@: lists
  command -v dpkg-query >/dev/null || { say "no dpkg here: the packages of $* must be installed already"; return; }
  local missing=() package
  while read -r package; do
    [ -z "$package" ] || dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
  done < <(cat "$@")
  for tool in cmake:cmake ninja-build:ninja build-essential:g++ ccache:ccache; do   # a tool installed by other means is fine
    if command -v "${tool#*:}" >/dev/null; then for i in "${!missing[@]}"; do [ "${missing[$i]}" != "${tool%%:*}" ] || unset "missing[$i]"; done; fi
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || fail "these Debian packages are missing and this user may not install them: ${missing[*]}
  Ask an administrator for:  apt-get install ${missing[*]}"
    sudo=(sudo -n)
  fi
  say "installing Debian packages: ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-python3}" python3.11 python3.12 python3.13; do
    if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then command -v "$candidate"; return; fi
  done
  fail "Python 3.11 or newer with the venv module is needed; set PYTHON to one"
}

make_environment() {  # $1: folder
  local python; python=$(find_python)
  say "making the Python environment in $1 (LibTorch, ROOT, ONNX Runtime; some minutes)"
  rm -rf "$1/venv"
  "$python" -m venv "$1/venv"
  "$1/venv/bin/pip" install --quiet --disable-pip-version-check torch=="$(sed -n 's/^torch==//p' tools/requirements.txt)"
}

add_packages() {  # $1: folder
  say "installing the Python packages of tools/requirements.txt"
  "$1/venv/bin/pip" install --quiet --disable-pip-version-check -r tools/requirements.txt
  # ROOT's CMake targets of the wheel expect this folder beside site-packages.
  local site; site=$("$1/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  ln -sfn site-packages "$(dirname "$site")/mock_site_packages"
  ln -sfn "$site" "$1/site-packages"
}

download_onnxruntime() {  # $1: folder. The library of the Python package alone, with its licenses.
  local python scratch; python=$(find_python)
  [ -d "$1/site-packages" ] || [ -d "$1/wheel" ] || {
    say "fetching ONNX Runtime"
    scratch=$(mktemp -d "$1/fetch.XXXXXX")
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps -d "$scratch" onnxruntime=="$(sed -n 's/^onnxruntime==//p' tools/requirements.txt)"
    "$python" -m zipfile -e "$scratch"/onnxruntime-*.whl "$scratch/wheel"
    mv "$scratch/wheel" "$1/wheel"
    rm -rf "$scratch"
  }
}

make_onnxruntime() {  # $1: folder, $2: folder below it with the Python package, which has the library. C++ headers from an npm package.
  local package=com.github.asus4.onnxruntime@0.4.9 scratch capi="$1/$2/onnxruntime/capi"
  local made="$package"
  [ "$2" = site-packages ] || made+=" $2"
  [ "$(cat "$1/onnxruntime/package" 2>/dev/null)" != "$made" ] || return 0
  command -v npm >/dev/null || fail "npm is needed to fetch the ONNX Runtime headers; install it or configure with -DONNXRUNTIME_ROOT=<an installed ONNX Runtime>"
  say "fetching the ONNX Runtime headers"
  scratch=$(mktemp -d)
  (cd "$scratch" && npm pack --silent "$package" >/dev/null && tar xzf ./*.tgz)
  rm -rf "$1/onnxruntime"
  mkdir -p "$1/onnxruntime/lib"
  cp -r "$scratch/package/Plugins/iOS~/onnxruntime.xcframework/ios-arm64/onnxruntime.framework/Headers" "$1/onnxruntime/include"
  rm -rf "$scratch"
  local library; library=$(basename "$(ls "$capi"/libonnxruntime.so.*.*)")
  ln -sfn "../../$2/onnxruntime/capi/$library" "$1/onnxruntime/lib/$library"
  ln -sfn "$library" "$1/onnxruntime/lib/libonnxruntime.so.1"
  ln -sfn "$library" "$1/onnxruntime/lib/libonnxruntime.so"
  echo "$made" > "$1/onnxruntime/package"
}

lists=(tools/debian-packages-deploy.txt)
[ "${1:-}" = deploy ] || lists+=(tools/debian-packages.txt)
[ "${1:-}" != docs ] || lists+=(tools/debian-packages-docs.txt)
install_debian_packages "${lists[@]}"
linked=$(grep -E '^(torch|root|onnxruntime)==' tools/requirements.txt | sha256sum | cut -c1-12)
hash=$(cat tools/requirements.txt tools/bootstrap.sh | sha256sum | cut -c1-12)
deps=${STATIONHIT_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/stationhit/deps-$linked}
mkdir -p "$deps"
exec 9>"$deps/lock"
flock 9
if [ "${1:-}" = deploy ]; then
  download_onnxruntime "$deps"
  make_onnxruntime "$deps" "$([ -d "$deps/site-packages" ] && echo site-packages || echo wheel)"
  [ "$(readlink .deps 2>/dev/null)" = "$deps" ] || ln -sfn "$deps" .deps
  exit
fi
if [ "$(cat "$deps/linked" 2>/dev/null)" != "$linked" ]; then
  rm -f "$deps/linked" "$deps/complete"
  make_environment "$deps"
  echo "$linked" > "$deps/linked"
fi
if ! grep -qsx "$hash" "$deps/complete"; then   # one line for each list that has been installed: checkouts share the folder
  add_packages "$deps"
  make_onnxruntime "$deps" site-packages
  echo "$hash" >> "$deps/complete"
  say "done"
fi
[ "$(readlink .deps 2>/dev/null)" = "$deps" ] || ln -sfn "$deps" .deps
case ${1:-} in
  peers) .deps/venv/bin/pip install --quiet --disable-pip-version-check -r bench/peers/requirements.txt ;;
  docs) .deps/venv/bin/pip install --quiet --disable-pip-version-check -r tools/site/requirements.txt ;;
esac
