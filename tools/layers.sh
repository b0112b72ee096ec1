#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# layers.sh - proves that the rules of .golangci.yml bite. It builds a tree of stubs with this module's packages, in which
# every package imports all packages that come after it in the order below, every pure one reads the clock and imports
# what it must not, and all import go-ethereum; then it counts what the linter says. A rule that matches no file, or
# allows too much, shows as a difference.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
module=github.com/ethpeer/ethpeer
pure=$("$top/tools/packages.sh" pure)
all=$("$top/tools/packages.sh" all)

stub=$(mktemp -d)
trap 'rm -rf "$stub"' EXIT
cd "$stub"
cp "$top/.golangci.yml" .
mkdir -p geth
printf 'module github.com/ethereum/go-ethereum\n\ngo 1.26.0\n' >geth/go.mod
printf 'package geth\n' >geth/geth.go
printf 'module %s\n\ngo 1.26.0\n\nrequire github.com/ethereum/go-ethereum v0.0.0\n\nreplace github.com/ethereum/go-ethereum => ./geth\n' $module >go.mod

path() { [ "$1" = . ] && echo $module || echo "$module/$1"; }
want=0
later=$all
for p in $all; do
  later=${later#"$p"}
  later=${later# }
  mkdir -p "$p"
  {
    printf '// SPDX-License-Identifier: Apache-2.0\n\npackage stub\n\nimport (\n\t_ "github.com/ethereum/go-ethereum"\n'
    want=$((want + 1))
    for q in $later; do
      printf '\t_ "%s"\n' "$(path "$q")"
      want=$((want + 1))
    done
    if [[ " $pure " == *" $p "* ]]; then
      printf '\t_ "crypto/rand"\n\t_ "math/rand/v2"\n\t_ "net"\n\t_ "os"\n\t"time"\n)\n\nvar _ = time.Now()\n'
      want=$((want + 5))
    else
      printf ')\n'
    fi
  } >"$p/stub.go"
done

"$top/bin/golangci-lint" run --enable-only depguard,forbidigo ./... >out 2>&1 || true
have=$(grep -cE "\(depguard\)|\(forbidigo\)" out || true)
if [ "$have" != "$want" ]; then
  tail -50 out
  echo "layers.sh: the linter reports $have of $want violations"
  exit 1
fi
echo "layers: all $want violations are reported"
