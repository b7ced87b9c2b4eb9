#!/usr/bin/env bash
# Installs stationhit into a Debian 12 image, from the checkout at /opt/stationhit/src; containers/Dockerfile and
# containers/stationhit.def call it.
set -euo pipefail
cd /opt/stationhit/src
export DEBIAN_FRONTEND=noninteractive STATIONHIT_DEPS=${STATIONHIT_DEPS:-/opt/stationhit/deps}
export PIP_NO_CACHE_DIR=1 CCACHE_DISABLE=1   # caches would stay in the image
rm -rf build .deps                           # of the machine where the image is made
apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates git npm python3 python3-venv
tools/bootstrap.sh
cmake --preset release
cmake --build --preset release --target stationhit
ln -sf "$PWD/build/release/bin/stationhit" /usr/local/bin/stationhit
rm -rf /var/lib/apt/lists/*
stationhit --version
