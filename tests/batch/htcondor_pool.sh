#!/usr/bin/env bash
# A personal HTCondor pool on this machine, in which the files of htcondor/ are run: the chain as a DAG, a training that is evicted,
# a DAG with a node that fails and is retried. Needs root, mmdebstrap and unshare; HTCondor comes from Debian 13, as a chroot of 0.5 GB in SCRATCH
# (kept for the next call). The GPU is pretended. Everything ends with this script. docs/batch.md shows what it prints.
# usage: tests/batch/htcondor_pool.sh SCRATCH [PROGRAM]     (default: build/release/bin/stationhit; about five minutes)
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: $0 SCRATCH [PROGRAM]" >&2; exit 2; }
mkdir -p "$1"
scratch=$(cd "$1" && pwd)
program=$(realpath "${2:-$checkout/build/release/bin/stationhit}")
deps=$(realpath "$checkout/.deps")
root=$scratch/trixie work=$scratch/work

fail() { printf 'htcondor_pool: error: %s\n' "$*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || fail "needs root for its chroot"
[ -x "$program" ] || fail "$program: no program; build it, or name one"
command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap"

make_chroot() {
  [ ! -e "$scratch/complete" ] || return 0
  local mirror
  # shellcheck disable=SC2016  # apt fills this in
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main' | head -1)
  [ -n "$mirror" ] || fail "apt of this machine names no Debian mirror"
  # ROOT draws figures with its interpreter, which reads the headers of the C++ library.
  mmdebstrap --quiet --variant=minbase --include=minicondor,procps,iproute2,libstdc++-14-dev,libc6-dev trixie "$root" \
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror%/} trixie main"
  chroot "$root" useradd --create-home --shell /bin/bash user
  touch "$scratch/complete"
}

# The libraries of this machine that the program needs and that the chroot has in other versions or not at all; .deps is mounted.
copy_libraries() {
  mkdir -p "$root/opt/libraries"
  ldd "$program" "$deps/site-packages/ROOT/lib/libASImage.so" | awk -v deps="$deps/" '$2 == "=>" && index($3, deps) != 1 && $1 !~ "^lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\\+\\+)\\.so" {print $3}' |
    while read -r library; do cp -L "$library" "$root/opt/libraries/"; done
}

configure() {
  cat > "$root/etc/condor/config.d/50-local" <<CONFIG
CONDOR_HOST = 127.0.0.1
NETWORK_INTERFACE = 127.0.0.1
NUM_CPUS = 8
MEMORY = 32000
UPDATE_INTERVAL = 3
NEGOTIATOR_INTERVAL = 2
NEGOTIATOR_MIN_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 1
SCHEDD_INTERVAL = 2
SCHEDD_MIN_INTERVAL = 1
DAGMAN_USER_LOG_SCAN_INTERVAL = 1
MACHINE_RESOURCE_GPUs = CUDA0
STARTD_ATTRS = \$(STARTD_ATTRS) GPUs_DeviceName
GPUs_DeviceName = "NVIDIA A100-PCIE-40GB"
STARTER_ALLOW_RUNAS_OWNER = True
MOUNT_UNDER_SCRATCH =
MOUNT_PRIVATE_DEV_SHM = False
# There is no Kerberos here.
JOB_TRANSFORM_NAMES = NoTicket
JOB_TRANSFORM_NoTicket @=end
  DELETE SendCredential
@end
CONFIG
  printf '127.0.0.1 localhost %s\n' "$(hostname)" > "$root/etc/hosts"   # an empty one makes condor_master wait for minutes
  chmod 755 "$root/root"   # .deps may be in there
  local view=$root/cvmfs/sft.cern.ch/lcg/views/LCG_110/x86_64-el9-gcc13-opt   # the view that tools/setup_lxplus.sh takes
  mkdir -p "$view"
  # shellcheck disable=SC2016  # as scripts of LCG do, it reads a variable that is not set
  echo 'export LD_LIBRARY_PATH=/opt/libraries$NOT_SET' > "$view/setup.sh"
}

# Becomes the first process of namespaces of its own, in which the chroot is the root of all (HTCondor unshares mounts itself, which a
# plain chroot does not allow). What is started in there ends with it.
write_init() {
  cat > "$scratch/init.sh" <<INIT
set -e
ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
for folder in "$checkout" "$deps" "$(dirname "$program")"; do
  mkdir -p "$root\$folder"
  mount --bind "\$folder" "$root\$folder"
done
mkdir -p "$root/home/user/work"   # DAGMan refuses logs in /tmp
mount --bind "$work" "$root/home/user/work"
cd "$root"
mkdir -p old
pivot_root . old
exec chroot . bash "$checkout/tests/batch/htcondor_pool_inside.sh" "$checkout" "$program"
INIT
}

make_chroot
copy_libraries
configure
rm -rf "$work"
mkdir -p "$work"
chown "$(chroot "$root" id -u user)" "$work"
write_init
status=0
unshare --mount --pid --net --uts --fork --kill-child --mount-proc bash "$scratch/init.sh" || status=$?
[ "$status" -eq 0 ] || exit "$status"
for name in evicted removed; do
  PYTHONPATH=$checkout/tests/python "$checkout/.deps/venv/bin/python" "$checkout/tests/batch/compare_runs.py" "$work"/runs/batch/{"$name",run}
done
