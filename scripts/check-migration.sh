#!/usr/bin/env bash
# Every C snippet of docs/migration.md is a part of examples/migration.c, letter for letter; that one is compiled and run
# by the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
page=docs/migration.md
program=$(<examples/migration.c)
failures=0 snippets=0 snippet=

complain() {
  echo "$page: $1" >&2
  failures=$((failures + 1))
}

# Each function of the snippet on its own: the page may leave out what stands between them.
check_function() {
  [[ $program == *"$1"* ]] || complain "not in examples/migration.c: ${1%%$'\n'*}"
  snippets=$((snippets + 1))
}

inside=0
while IFS= read -r line; do
  if [[ $line == '```c' ]]; then
    inside=1 snippet=
  elif [[ $line == '```' ]]; then
    inside=0
  elif ((inside)); then
    snippet+=$line$'\n'
    [[ $line == '}' ]] && { check_function "${snippet#$'\n'}"; snippet=; }
  fi
done <"$page"

((failures == 0 && snippets > 0)) || exit 1
echo "$snippets functions of $page are those of examples/migration.c"
