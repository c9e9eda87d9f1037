#!/usr/bin/env bash
# Installs what is missing of Debian's packages for building and the main job, with --tests also for the tests, with --fuzz
# for scripts/fuzz.sh.
# Idempotent; as root or with sudo.
set -euo pipefail

packages=(
  build-essential cmake pkg-config       # compiler and build system
  openmpi-bin libopenmpi-dev             # ranks
  libhdf5-openmpi-dev libxxhash-dev      # checkpoints
  liblapacke-dev                         # dense initial inverse Hessians
  libopenblas-pthread-dev zlib1g-dev libcjson-dev # the command: dense products, gzip, JSON
  dataset-fashion-mnist                  # data
)
if [[ ${1:-} == --tests ]]; then
  packages+=(
    libhdf5-dev                          # the serial flavour, for builds without MPI
    libcmocka-dev python3 python3-numpy python3-scipy python3-h5py python3-xxhash # tests
    python3-torch                        # the real torch.optim.LBFGS to exchange states with
    python3-matplotlib                   # pictures of traces
    liblinear-tools                      # data, and a foreign solver
    doxygen                              # API reference
    clang libomp-dev                     # another compiler, which must give the same bits
  )
fi

if [[ ${1:-} == --fuzz ]]; then
  packages+=(libhdf5-dev clang libclang-rt-14-dev) # fuzzers are of clang
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "setup: all packages are installed"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "setup: run as root or install sudo; missing: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "setup: done"
