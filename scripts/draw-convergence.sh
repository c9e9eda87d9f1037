#!/usr/bin/env bash
# Draws docs/pictures/convergence.svg, which the README shows: what pairs of the history are worth, on a minimal surface.
#   ./scripts/draw-convergence.sh [COMMAND]     default build/secant
set -euo pipefail
command=$(realpath "${1:-$(dirname "$0")/../build/secant}")
cd "$(dirname "$0")/.."
traces=$(mktemp -d)
trap 'rm -rf "$traces"' EXIT

files=()
for pairs in 0 1 5 20; do
  file="$traces/m = $pairs.csv"
  files+=("$file")
  # Status 3 is the limit: without a history 400 iterations do not suffice.
  "$command" run minimal-surface --history-size "$pairs" --max-iter 400 --quiet --trace "$file" >/dev/null || (($? == 3))
done
mkdir -p docs/pictures
scripts/plot_trace.py "${files[@]}" -o docs/pictures/convergence.svg
echo "docs/pictures/convergence.svg is drawn"
