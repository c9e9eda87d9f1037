#!/usr/bin/env bash
# Measures what a checkpoint of 2 GB costs beside plain writes of as many bytes, from 2 ranks, and writes
# docs/checkpoint-bandwidth.md: about a minute. The directory in which the files are made may be given; the disk that it is
# on is what is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh
place=$(cd "${1:-.}" && pwd)
rounds=9

mkdir -p build
build build/bench -DCMAKE_BUILD_TYPE=Release -DSECANT_BUILD_BENCH=ON -DSECANT_BUILD_TESTS=OFF -DSECANT_BUILD_COMMAND=OFF
export OMPI_MCA_pml=ob1 OMPI_MCA_osc=^ucx OMP_NUM_THREADS=1
for io in mpio gather; do
  mpirun -n 2 build/bench/bench/checkpoint_bandwidth "$place/bandwidth.h5" 2 "$rounds" "$io" >"build/bandwidth-$io.txt"
done
/usr/bin/python3 bench/checkpoint_report.py "$place" build/bandwidth-mpio.txt build/bandwidth-gather.txt \
  >docs/checkpoint-bandwidth.md
cat docs/checkpoint-bandwidth.md
