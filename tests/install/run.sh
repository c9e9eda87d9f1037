#!/usr/bin/env bash
# Installs a build into a fresh prefix and builds and runs a foreign project against it.  usage: run.sh BUILD SOURCE WORK
set -euo pipefail
build=$1 source=$2 work=$3
rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
cmake -S "$source/tests/install/foreign" -B "$work/foreign" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/configure.log"
cmake --build "$work/foreign" >"$work/build.log"
"$work/foreign/foreign"
if [[ -x $work/foreign/foreign_mpi ]]; then "$work/foreign/foreign_mpi"; fi

# Objectives for the installed command, if there is one.
secant=$work/prefix/bin/secant
if [[ -x $secant ]]; then
  cmake -S "$source/examples/objective" -B "$work/objective" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/objective.log"
  cmake --build "$work/objective" >>"$work/objective.log"
  awk 'BEGIN { for (t = 0; t < 5; t += 0.05) print t, 3 * exp(-0.7 * t) + 0.5 }' >"$work/rows"
  launcher=()
  if [[ -e $work/prefix/include/secant/mpi.h ]]; then launcher=(mpirun --oversubscribe -n 3); fi
  "${launcher[@]}" "$secant" run "$work/objective/chain.so" --quiet --problem-option n=300 >"$work/chain.txt"
  "${launcher[@]}" "$secant" run "$work/objective/decay.so" --quiet --problem-option "data=$work/rows" >"$work/decay.txt"
  grep -q '^status *converged' "$work/chain.txt"
  grep -q '^status *converged' "$work/decay.txt"
fi

sed 's/find_package(secant 0.1/find_package(secant 9.0/' "$source/tests/install/foreign/CMakeLists.txt" >"$work/CMakeLists.txt"
cp "$source"/tests/install/foreign/*.c "$work"
if cmake -S "$work" -B "$work/wrong" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/wrong.log" 2>&1; then
  echo "a wrong version was accepted" >&2
  exit 1
fi
echo "installed, found, linked, ran; a wrong version is refused"
