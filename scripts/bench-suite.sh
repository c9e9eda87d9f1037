#!/usr/bin/env bash
# Installs the peers, builds, runs Secant and its peers on the problem suite and writes docs/problems.md with its
# pictures: a few minutes on one processor. Arguments are handed to bench/suite/compare.py, such as
# --option line_search=nocedal_wright; with any, the report goes to build/bench/problems.md.
set -euo pipefail
cd "$(dirname "$0")/.."
./scripts/setup.sh
. scripts/common.sh

packages=(
  pkg-config petsc-dev liblbfgs-dev libnlopt-dev         # peers in C
  python3 python3-numpy python3-scipy python3-torch      # peers in Python
  python3-matplotlib                                     # pictures
)
install_peers "${packages[@]}"

output=docs/problems.md
(($# == 0)) || output=build/bench/problems.md
mkdir -p build
build build/bench -DCMAKE_BUILD_TYPE=Release -DSECANT_BUILD_BENCH=ON -DSECANT_BUILD_TESTS=OFF -DSECANT_BUILD_COMMAND=OFF
grep 'Benchmarks without' build/bench.log || true

export OMPI_MCA_pml=ob1 OMPI_MCA_osc=^ucx  # shared memory only: other transports warn, or are not there
export OMPI_MCA_ess_singleton_isolated=1   # a single rank without mpirun needs no daemon
/usr/bin/python3 bench/suite/compare.py --build build/bench --output "$output" "$@"
