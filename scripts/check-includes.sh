#!/usr/bin/env bash
# Checks that includes point one way. For each folder: which of our own folders its files may include, and whether the
# headers of MPI and HDF5 may appear.
#
#   checkpoint -> optimizer -> engine -> numerics | vector | comm      base and public headers: free to all
#   cli -> public headers only        mpi -> comm, checkpoint/h5.h
set -euo pipefail
cd "$(dirname "$0")/.."
failures=0

complain() {
  echo "$1: includes $2, which $3" >&2
  failures=$((failures + 1))
}

# allow FOLDER REGEX: every quoted include of the files in FOLDER must match REGEX.
allow() {
  local file include
  while IFS=: read -r file include; do
    [[ $include =~ ^($2)/ || $include != */* ]] || complain "$file" "$include" "points the wrong way"
  done < <(grep -rHoP '^\s*#\s*include\s*"\K[^"]+' "$1" --include='*.[ch]' || true)
}

# only_in REGEX FILES...: an angle include that matches REGEX may appear under src, include and mpi in FILES only.
only_in() {
  local pattern=$1 file include
  shift
  while IFS=: read -r file include; do
    for allowed in "$@"; do [[ $file == $allowed ]] && continue 2; done
    complain "$file" "<$include>" "does not belong there"
  done < <(grep -rHoP '^\s*#\s*include\s*<\K[^>]+' src include mpi --include='*.[ch]' | grep -P ":$pattern$" || true)
}

allow src/base 'base'
allow src/numerics 'base|numerics'
allow src/vector 'base|vector'
allow src/comm 'base|comm'
allow src/engine 'base|numerics|vector|comm|engine'
allow src/optimizer 'base|numerics|vector|comm|engine|optimizer'
allow src/checkpoint 'base|numerics|vector|comm|engine|optimizer|checkpoint'
allow src/cli 'cli'
allow mpi 'base|comm|checkpoint|mpi'
allow include 'secant'
only_in 'mpi\.h' 'mpi/*' 'include/secant/mpi.h'
only_in 'secant/mpi\.h' 'mpi/*'
only_in 'hdf5\.h' 'src/checkpoint/*' 'mpi/h5_mpi.c' 'src/cli/model_file.c'
only_in 'omp\.h' 'src/vector/*' 'src/cli/*' 'src/optimizer/threads.c'

((failures == 0)) || exit 1
echo "includes point one way"
