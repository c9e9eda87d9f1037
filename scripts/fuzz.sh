#!/usr/bin/env bash
# Fuzzes what reads files: fuzz.sh [SECONDS] (default 600, shared by all targets). Builds with clang and sanitizers in
# build/fuzz, lets the library write the inputs to begin with, and keeps what it finds worth keeping in build/fuzz/corpus
# for the next time. Exit status 1 if a target fails, with the input that did it in build/fuzz/findings.
set -euo pipefail
. "$(dirname "$0")/common.sh"
seconds=${1:-600}
shares=(bytes:1 data:1 checkpoint:4 state:3 inspect:3) # of the time

"$root/scripts/setup.sh" --fuzz
mkdir -p "$root/build"
build build/fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSECANT_SANITIZE=ON \
  -DSECANT_BUILD_FUZZERS=ON -DSECANT_BUILD_TESTS=OFF -DSECANT_WITH_MPI=OFF -DSECANT_WITH_OPENMP=OFF \
  -DSECANT_WITH_LAPACK=OFF
cd "$root/build/fuzz"
mkdir -p seeds corpus findings
tests/fuzz/make_seeds seeds

export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=16} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export OPENBLAS_NUM_THREADS=1
whole=0
for share in "${shares[@]}"; do ((whole += ${share#*:})); done
failed=0
for share in "${shares[@]}"; do
  target=${share%:*}
  mkdir -p "corpus/$target"
  "tests/fuzz/fuzz_$target" -max_total_time=$((seconds * ${share#*:} / whole + 1)) -timeout=60 -rss_limit_mb=4096 \
    -artifact_prefix="findings/$target-" "corpus/$target" "seeds/$target" >"$target.log" 2>&1 || failed=1
  rm -rf /dev/shm/secant-fuzz.?????? # a target that was ended leaves its files
  grep -E 'does not hold|ERROR: |SUMMARY: |Test unit written|^#[0-9]+.DONE|^Done' "$target.log" | sed "s/^/$target: /" || true
done
((failed == 0)) && echo "fuzz: no findings" || echo "fuzz: findings in build/fuzz/findings"
exit $failed
