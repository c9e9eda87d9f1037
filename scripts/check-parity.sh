#!/usr/bin/env bash
# Every row of docs/parity.md has a test whose name begins with the row's id, and the page names tests that exist.
set -euo pipefail
cd "$(dirname "$0")/.."
page=docs/parity.md
failures=0

complain() {
  echo "$1" >&2
  failures=$((failures + 1))
}

tests=$(grep -rhoP 'cmocka_unit_test\(\K[A-E][0-9]+_\w+' tests --include='*.[ch]' | sort -u)
rows=$(grep -oP '^\| \K[A-E][0-9]+(?= \|)' "$page")
expected=$(printf '%s\n' A{1..21} B{1..24} C{1..11} D{1..11} E{1..24})

if [[ $rows != "$expected" ]]; then
  diff <(echo "$expected") <(echo "$rows") >&2 || true
  complain "$page: its rows are not A1-A21, B1-B24, C1-C11, D1-D11, E1-E24 in this order"
fi
for id in $expected; do
  own=$(grep "^${id}_" <<<"$tests" || true)
  [[ -n $own ]] || complain "$id: no test in tests/ has a name that begins with ${id}_"
  named=$(grep -oP "^\| $id \|.*" "$page" | grep -oP "\b${id}_\w+" | sort -u || true)
  [[ -n $named ]] || complain "$id: $page names no test"
  for test in $named; do
    grep -qx "$test" <<<"$own" || complain "$id: $page names $test, which does not exist"
  done
done
while IFS=: read -r test file; do
  grep -qF "cmocka_unit_test($test)" "$file" 2>/dev/null || complain "$page: $test is not in $file"
done < <(grep -oP '`[A-E][0-9]+_\w+` in `[^`]+`' "$page" | sed -E 's/^`(.*)` in `(.*)`$/\1:\2/')

((failures == 0)) || exit 1
echo "$(wc -l <<<"$rows") rows, each with a test"
