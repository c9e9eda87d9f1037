#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: everything on, then without MPI, HDF5, OpenMP and LAPACK, then
# with sanitizers, once without and once with MPI.
set -euo pipefail
cd "$(dirname "$0")/.."
./scripts/setup.sh --tests
. scripts/common.sh
mkdir -p build

# run_tests NAME WHICH [cmake options...]: WHICH are arguments of ctest, "" for all tests. Builds $targets.
run_tests() {
  local name=$1 which=$2
  shift 2
  echo "== $name: $*"
  build "build/$name" -DSECANT_WARNINGS_AS_ERRORS=ON "$@"
  # shellcheck disable=SC2086
  ctest --test-dir "build/$name" --output-on-failure --parallel "$jobs" $which
}

run_tests full "" -DCMAKE_BUILD_TYPE=Release
run_tests plain "-E history_dtype|plot_trace|torch_nan|layout" -DCMAKE_BUILD_TYPE=Release -DSECANT_WITH_MPI=OFF \
  -DSECANT_WITH_HDF5=OFF -DSECANT_WITH_OPENMP=OFF -DSECANT_WITH_LAPACK=OFF
# Sanitizers: the command's many starts would take long, its parsers are what they are for; Open MPI itself leaks.
run_tests sanitized "-E cli/(minimal_surface|memory|history_dtype|signals|incremental|plot_trace|torch_nan)|torch_exchange|evaluations|layout" \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSECANT_SANITIZE=ON -DSECANT_WITH_MPI=OFF
targets=mpi_tests run_tests sanitized_mpi "-L mpi -E (checkpoint_mpi|state_file_mpi|state_dict_mpi)/[24]|golden_mpi|any_ranks|elastic|suite_mpi" \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSECANT_SANITIZE=ON -DSECANT_BUILD_COMMAND=OFF
# ThreadSanitizer: two optimizers in two threads.
targets="test_two_threads test_hooks test_schedule test_schedule_state" \
  run_tests threads "-R unit/test_(two_threads|hooks|schedule)" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DSECANT_SANITIZE_THREAD=ON -DSECANT_WITH_OPENMP=OFF -DSECANT_WITH_MPI=OFF -DSECANT_WITH_HDF5=OFF \
  -DSECANT_BUILD_COMMAND=OFF
echo "all tests passed"
