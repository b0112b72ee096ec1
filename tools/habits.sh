#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# habits.sh - what no linter checks: every package has a place in the order of layers, and no test sleeps for real.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0

known=" $(tools/packages.sh all) "
for p in $(go list -e ./...); do
  p=${p#github.com/ethpeer/ethpeer}
  p=${p#/}
  if [[ "$known" != *" ${p:-.} "* ]]; then
    echo "package $p has no layer: add it to tools/packages.sh and to a rule of .golangci.yml"
    bad=1
  fi
done

# time.Sleep is free in a bubble of testing/synctest and wrong everywhere else.
for f in $(grep -rl --include='*_test.go' 'time\.Sleep' . --exclude-dir=interop || true); do
  if ! grep -qE '"testing/synctest"|internal/test/bubble"|^package bubble$' "$f"; then
    echo "$f sleeps outside of testing/synctest"
    bad=1
  fi
done

# A bubble that internal/test/bubble does not make crashes the race detector now and then.
for f in $(grep -rl --include='*_test.go' 'synctest\.Test(' . || true); do
  echo "$f calls synctest.Test: call bubble.Test, see internal/test/bubble"
  bad=1
done
[ $bad = 0 ] && echo "habits: good"
exit $bad
