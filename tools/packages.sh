#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# packages.sh pure|all - the packages of the main module in the order of their layers: none may import one that comes after
# it. (Some may not import what comes before either; see .golangci.yml.)
pure="internal/bounded rlp internal/keccak ecc internal/mpt types enr params event rlpx eth/wire discover/v4wire discover/v5wire discover/dnstree discover/kad discover/self"
engines="internal/owner nat discover/dns nodedb nodedb/pebble discover/v4 discover/v5 discover p2p p2p/server eth chain eth/serve eth/txgossip eth/blockgossip devnet . probe crawl sink sink/ndjson sink/terminal"
tests="internal/test/bubble internal/test/memnet internal/test/peers internal/test/swarm internal/test/nodenet internal/test/script internal/test/vectors"
case $1 in
pure) echo "$pure" ;;
all) echo "$pure $engines $tests cmd/ethpeer" ;;
*) exit 2 ;;
esac
