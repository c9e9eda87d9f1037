#!/usr/bin/env bash
# Every public function, type, value and field has a comment: Doxygen makes the reference without a warning. With an
# argument, the reference is left in that directory. Exit status 77 (skipped) where Doxygen is not installed.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
command -v doxygen >/dev/null || { echo "doxygen is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
output=${1:-$work/reference}
mkdir -p "$output"
version=$(sed -nE 's/^project\(secant VERSION ([0-9.]+).*/\1/p' "$root/CMakeLists.txt")
sed -e "s|@SECANT_DOCS_SOURCE@|$root|g" -e "s|@SECANT_DOCS_OUTPUT@|$output|g" -e "s|@PROJECT_VERSION@|$version|g" \
  "$root/docs/Doxyfile.in" >"$work/Doxyfile"
doxygen "$work/Doxyfile" >/dev/null 2>"$work/warnings" || { cat "$work/warnings" >&2; exit 1; }
if [[ -s $work/warnings ]]; then
  cat "$work/warnings" >&2
  exit 1
fi
echo "every public name is documented"
