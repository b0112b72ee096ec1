#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh SECONDS MODULE - fuzzes every target that `go test -list` finds in a module, for SECONDS in all (building not
# counted). What it finds lands in the package's testdata/fuzz, for `go test` to repeat.
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

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
built=
while read -r package target; do
  if [ "$package" != "$built" ]; then
    go test -c -fuzz . -o "$tmp/test" "$package" # once for all targets of a package; go test -fuzz would link each time
    built=$package
  fi
  cd "$(go list -f '{{.Dir}}' "$package")"
  if "$tmp/test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "${each}ms" -test.fuzzminimizetime 20x \
    -test.fuzzcachedir "$(go env GOCACHE)/fuzz/$package" >"$tmp/out" 2>&1; then
    echo "ok    $target ($package): $(grep -o 'execs: [0-9]*' "$tmp/out" | tail -1)"
  elif ! grep -q 'Failing input' "$tmp/out" && grep -q 'context deadline exceeded' "$tmp/out"; then
    echo "ok    $target ($package): ended late" # go.dev/issue/75804: the end of fuzztime itself is reported as a failure
  else
    cat "$tmp/out"
    echo "FAIL  $target ($package)"
    exit 1
  fi
  cd "$OLDPWD"
done <<<"$targets"
