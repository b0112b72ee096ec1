#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh SECONDS MODULE - fuzzes every target that `go test -list` finds in a module, for SECONDS in all.
set -euo pipefail
cd "$(dirname "$0")/../$2"

# "FuzzA FuzzB ok path": a package's line comes after its targets.
targets=$(go test -list '^Fuzz' ./... | awk '/^Fuzz/ { names[++n] = $1 } /^ok/ { for (i = 1; i <= n; i++) print $2, names[i]; n = 0 }')
count=$(grep -c . <<<"$targets" || true)
if [ "$count" = 0 ]; then
  echo "no fuzz targets"
  exit 0
fi
each=$(($1 * 1000 / count))
[ $each -ge 500 ] || each=500
echo "$count targets, $each ms each"

out=$(mktemp)
trap 'rm -f "$out"' EXIT
while read -r package target; do
  if go test -run '^$' -fuzz "^$target\$" -fuzztime "${each}ms" -fuzzminimizetime 1s "$package" >"$out" 2>&1; then
    echo "ok    $target ($package): $(grep -o 'execs: [0-9]*' "$out" | tail -1)"
  elif ! grep -q 'Failing input' "$out" && grep -q 'context deadline exceeded' "$out"; then
    echo "ok    $target ($package): ended late" # go.dev/issue/75804: the deadline of -fuzztime itself is reported as a failure
  else
    cat "$out"
    echo "FAIL  $target ($package)"
    exit 1
  fi
done <<<"$targets"
