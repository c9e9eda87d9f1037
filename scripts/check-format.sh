#!/usr/bin/env bash
# Layout is clang-format's business. Exit status 77 (skipped) where clang-format 14 is not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
clang-format --version 2>/dev/null | grep -q 'version 14' || { echo "clang-format 14 is not installed"; exit 77; }
find src include mpi tests examples bench -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
echo "all files are formatted"
