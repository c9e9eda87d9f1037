#!/usr/bin/env bash
# Installs what is missing, builds, and does the main job: fits softmax regression to 6000 images of Fashion-MNIST on two
# ranks, interrupts it half-way, resumes it with the same command line, and applies the model to the 10000 test images.
set -euo pipefail
cd "$(dirname "$0")/.."
./scripts/setup.sh
. scripts/common.sh
mkdir -p build
echo "building ..."
build build/quickstart -DCMAKE_BUILD_TYPE=Release -DSECANT_BUILD_TESTS=OFF

secant=$root/build/quickstart/secant
data=/usr/share/datasets/fashion-mnist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=1

fit=(mpirun -n 2 "$secant" fit "$data/train-images-idx3-ubyte.gz" --labels "$data/train-labels-idx1-ubyte.gz"
  --loss softmax --l2 0.01 --scale 255 --rows 6000
  --checkpoint "$work/fit.h5" --resume --trace "$work/trace.csv" --model "$work/model.h5")

echo "== fit, to be interrupted: ${fit[*]}"
"${fit[@]}" >"$work/first.txt" 2>"$work/first.err" &
job=$!
half_way=250
until [[ -f $work/trace.csv ]] && (($(wc -l <"$work/trace.csv") > half_way)); do
  kill -0 "$job" 2>/dev/null || break
  sleep 0.1
done
kill -USR1 "$job" 2>/dev/null || true
status=0
wait "$job" || status=$?
grep '^secant' "$work/first.err" || true
if ((status != 75)); then
  cat "$work/first.err" >&2
  echo "quickstart: expected exit status 75 of the interrupted run, got $status" >&2
  exit 1
fi
echo "exit status $status: stopped with a checkpoint at iteration $(tail -n 1 "$work/trace.csv" | cut -d, -f1)"

echo "== the same command again"
"${fit[@]}" --quiet | tee "$work/second.txt"
echo "== the model on the 10000 test images"
"$secant" predict "$work/model.h5" "$data/t10k-images-idx3-ubyte.gz" --labels "$data/t10k-labels-idx1-ubyte.gz" \
  | tee "$work/predict.txt"

# The optimum is known from two other solvers (L-BFGS-B of SciPy and newton-cg of scikit-learn).
awk -v want=0.589910613144 '$1 == "loss" { good = $2 - want < 1e-9 && want - $2 < 1e-9 } END { exit !good }' "$work/second.txt"
awk -v want=0.8148 '$1 == "accuracy" { good = $2 - want < 1e-9 && want - $2 < 1e-9 } END { exit !good }' "$work/predict.txt"
printf 'quickstart: loss %.12f and test accuracy %.4f, as they should be\n' \
  "$(awk '$1 == "loss" { print $2 }' "$work/second.txt")" "$(awk '$1 == "accuracy" { print $2 }' "$work/predict.txt")"
