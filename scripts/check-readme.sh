#!/usr/bin/env bash
# The C program in the README is examples/minimal.c, letter for letter; that one is compiled and run by the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
diff -u examples/minimal.c <(sed -n '/^```c$/,/^```$/p' README.md | sed '1d;$d')
echo "the README shows examples/minimal.c"
