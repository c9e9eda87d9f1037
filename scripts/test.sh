#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: everything on, then without MPI, then without HDF5 and OpenMP.
set -euo pipefail
cd "$(dirname "$0")/.."
./scripts/setup.sh
. scripts/common.sh
mkdir -p build

# run_tests NAME [cmake options...]
run_tests() {
  local name=$1
  shift
  echo "== $name: $*"
  build "build/$name" -DSECANT_WARNINGS_AS_ERRORS=ON "$@"
  ctest --test-dir "build/$name" --output-on-failure --parallel "$jobs"
}

run_tests full -DCMAKE_BUILD_TYPE=Release
run_tests serial -DCMAKE_BUILD_TYPE=Release -DSECANT_WITH_MPI=OFF
run_tests plain -DCMAKE_BUILD_TYPE=Release -DSECANT_WITH_MPI=OFF -DSECANT_WITH_HDF5=OFF -DSECANT_WITH_OPENMP=OFF
run_tests sanitized -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSECANT_SANITIZE=ON
echo "all tests passed"
