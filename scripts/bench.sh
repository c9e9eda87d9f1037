#!/usr/bin/env bash
# Installs the peers, builds the benchmarks, runs everything and writes docs/benchmarks.md with its pictures: about
# 25 minutes on two processors that have nothing else to do. The part on the network needs root; without, it is left
# out. With --quick: a smoke run of two sizes and one network, whose report goes to build/bench/quick.md.
set -euo pipefail
cd "$(dirname "$0")/.."
./scripts/setup.sh
. scripts/common.sh

packages=(
  pkg-config petsc-dev liblbfgs-dev libnlopt-dev         # peers in C
  python3 python3-numpy python3-scipy python3-torch      # peers in Python
  python3-matplotlib                                     # pictures
  iproute2                                               # hosts on this machine, for the part on the network
)
install_peers "${packages[@]}"

output=docs/benchmarks.md
[[ ${1:-} != --quick ]] || output=build/bench/quick.md
mkdir -p build
build build/bench -DCMAKE_BUILD_TYPE=Release -DSECANT_BUILD_BENCH=ON -DSECANT_BUILD_TESTS=OFF -DSECANT_BUILD_COMMAND=OFF
grep 'Benchmarks without' build/bench.log || true

export OMPI_MCA_pml=ob1 OMPI_MCA_osc=^ucx  # shared memory only: other transports warn, or are not there
export OMPI_MCA_ess_singleton_isolated=1   # a single rank without mpirun needs no daemon
/usr/bin/python3 bench/driver.py --build build/bench --output "$output" "$@"
