#!/bin/bash
# start-beacon.sh [SLOT=3] [TXPS=2] - a real consensus client on 127.0.0.1: Lodestar v1.5.1 (npm) with VALIDATORS interop validators
# drives one real geth through the engine API; merged and Capella from genesis. It serves /eth/v1/beacon/light_client/* and events.
# FOLLOW="URL ...": one more beacon node without validators for each URL, which has that URL as its execution client (same jwt):
#   point it at ethpeer's engine listener. The first block comes 1 slot, the first optimistic update 2 slots, the first finality
#   update 33 slots (4 epochs of 8) after genesis, which is DELAY s after the start.
# A beacon node that comes up more than an epoch after genesis waits for peers for ever: raise DELAY on a busy machine.
# env: DIR, GETH, BASEPORT (p2p: geth +1, beacon nodes +11..), BASERPC (geth http +1), BASEAUTH (engine +1), BASEREST (beacon +1, followers
#   +2..), PRESET=minimal|mainnet, VALIDATORS, CAPELLA=fork epoch (Bellatrix before it), DELAY, CHAINID, NOTX=1, VERB=geth's, LOG=lodestar's log level
# `start-beacon.sh install` only installs the client.
# Needs node 20 or newer, npm, g++, make, curl; the first call installs Lodestar into $PEERS/lodestar-1.5.1 (about 3 minutes, 260 MB).
# Stop: DIR/stop.sh   REST: DIR/rest.txt   jwt: DIR/jwt   enode: DIR/enodes.txt   genesis: DIR/genesis.json, DIR/genesis.ssz   logs: DIR/*.log
set -e
SLOT=${1:-3} TXPS=${2:-2}
PEERS=${PEERS:-$HOME/.cache/ethpeer-peers}; GETH=${GETH:-$PEERS/v1.16.9/geth} ELNET=${ELNET:-$PEERS/bin/elnet} LS=$PEERS/lodestar-1.5.1
DIR=${DIR:-$PEERS/run/beacon} BASEPORT=${BASEPORT:-31500} BASERPC=${BASERPC:-8500} BASEAUTH=${BASEAUTH:-8530} BASEREST=${BASEREST:-9590} PRESET=${PRESET:-minimal} VALIDATORS=${VALIDATORS:-64} CAPELLA=${CAPELLA:-0} DELAY=${DELAY:-45} CHAINID=${CHAINID:-11523}
export NODE_BACKEND=js LODESTAR_PRESET=$PRESET   # bcrypto in JavaScript: its native part takes minutes to build and only discv5 would use it

mkdir -p $PEERS; exec 9>$PEERS/lodestar.lock; flock 9   # two tests that begin at once install it once
if [ ! -e $LS/ok ]; then
  rm -rf $LS; mkdir -p $LS; cd $LS
  # the carets of v1.5.1 resolve to packages that do not fit (multiaddr 12, mortice 3.3 for node 22, @lodestar/* 1.44): pin its generation
  O=""; for p in api beacon-node config db fork-choice light-client params reqresp state-transition types utils validator; do O="$O\"@lodestar/$p\":\"1.5.1\","; done
  cat > package.json <<P
{"name":"lodestar-peer","version":"1.0.0","private":true,"dependencies":{"@chainsafe/lodestar":"1.5.1"},
"overrides":{$O"libp2p":"0.42.2","@libp2p/tcp":"6.1.2","@libp2p/mplex":"7.1.1","@libp2p/bootstrap":"6.0.0","@libp2p/mdns":"6.0.0","@libp2p/interface-connection":"3.1.1","@libp2p/prometheus-metrics":"1.1.3",
"@multiformats/mafmt":"11.0.3","@multiformats/multiaddr":"11.6.1","@chainsafe/libp2p-gossipsub":"6.1.0","@chainsafe/libp2p-noise":"11.0.0","mortice":"3.0.1"}}
P
  npm install --ignore-scripts --no-audit --no-fund > install.log 2>&1 || npm install --ignore-scripts --no-audit --no-fund >> install.log 2>&1
  npm rebuild snappy >> install.log 2>&1   # node-gyp with node's own headers (npm's nodedir); blst, leveldb and crc32 come prebuilt in their packages
  node node_modules/.bin/lodestar --version >> install.log 2>&1 && touch ok
fi
exec 9>&-
[ -e $LS/ok ] || { tail -5 $LS/install.log; exit 1; }
[ "$1" != install ] || exit 0

[ -x $DIR/stop.sh ] && $DIR/stop.sh >/dev/null 2>&1 || true
rm -rf $DIR; mkdir -p $DIR; cd $DIR; : > pids
printf '#!/bin/bash\nP=$(cat %s/pids 2>/dev/null); kill $P 2>/dev/null; for i in $(seq 50); do kill -0 $P 2>/dev/null || break; sleep 0.1; done; kill -9 $P 2>/dev/null; rm -f %s/pids\n' $DIR $DIR > stop.sh; chmod +x stop.sh
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > jwt
SPE=8; [ $PRESET = mainnet ] && SPE=32
GT=$(($(date +%s) + DELAY)); echo $GT > genesis-time
cat > genesis.json <<G
{"config":{"chainId":$CHAINID,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,"byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,
"mergeNetsplitBlock":0,"terminalTotalDifficulty":0,"terminalTotalDifficultyPassed":true,"shanghaiTime":$((CAPELLA == 0 ? 0 : GT + CAPELLA * SPE * SLOT))},
"nonce":"0x0","timestamp":"0x$(printf %x $((GT - 1)))","extraData":"0x","gasLimit":"0x1c9c380","difficulty":"0x0","baseFeePerGas":"0x3b9aca00",
"alloc":{"71562b71999873DB5b286dF957af199Ec94617F7":{"balance":"0x200000000000000000000000000000000000000000000000000000000000000"}}}
G
$GETH --datadir g init genesis.json > g.init.log 2>&1
printf '[Node.P2P]\nListenAddr = "127.0.0.1:%s"\n' $((BASEPORT+1)) > g.toml   # --port would listen on all interfaces
$GETH --config g.toml --datadir g --networkid $CHAINID --nodiscover --nat none --netrestrict 127.0.0.0/8 --maxpeers 60 --syncmode full \
  --http --http.addr 127.0.0.1 --http.port $((BASERPC+1)) --http.api eth,net,web3,admin,txpool,debug --authrpc.addr 127.0.0.1 --authrpc.port $((BASEAUTH+1)) --authrpc.jwtsecret jwt \
  --ipcpath $DIR/g.ipc --verbosity ${VERB:-3} > g.log 2>&1 &
echo $! >> pids
for t in $(seq 100); do [ -S g.ipc ] && break; sleep 0.1; done
$GETH --exec admin.nodeInfo.enode attach ipc:$DIR/g.ipc 2>/dev/null | tr -d '"' | sed 's/@[^:]*:/@127.0.0.1:/' > enodes.txt
H=$($GETH --exec 'eth.getBlock(0).hash' attach ipc:$DIR/g.ipc | tr -d '"')

PARAMS="--params.ALTAIR_FORK_EPOCH 0 --params.BELLATRIX_FORK_EPOCH 0 --params.CAPELLA_FORK_EPOCH $CAPELLA --params.TERMINAL_TOTAL_DIFFICULTY 0 --params.SECONDS_PER_SLOT $SLOT"
lodestar() { # name command rest-port p2p-port engine-url arguments...: one beacon node in the background
  local n=$1 c=$2 r=$3 p=$4 e=$5; shift 5
  node --max-old-space-size=2048 $LS/node_modules/.bin/lodestar $c $PARAMS --dataDir $n --eth1 false --execution.urls $e --jwt-secret jwt --rest --rest.address 127.0.0.1 --rest.port $r --rest.namespace '*' \
    --listenAddress 127.0.0.1 --port $p --discv5 false --logLevel ${LOG:-info} "$@" > $n.log 2>&1 &
  echo $! >> pids; echo http://127.0.0.1:$r >> rest.txt
  for t in $(seq 120); do curl -sf -o $n.id http://127.0.0.1:$r/eth/v1/node/identity && return; kill -0 $(tail -1 pids) 2>/dev/null || break; sleep 0.5; done
  tail -5 $n.log; ./stop.sh; exit 1   # most often a port in use
}
lodestar b1 dev $((BASEREST+1)) $((BASEPORT+11)) http://127.0.0.1:$((BASEAUTH+1)) --genesisValidators $VALIDATORS --startValidators 0..$((VALIDATORS-1)) --genesisTime $GT --genesisEth1Hash $H \
  --suggestedFeeRecipient 0x00000000000000000000000000000000000000aa --server http://127.0.0.1:$((BASEREST+1))
ID=$(node -p 'JSON.parse(require("fs").readFileSync("b1.id")).data.peer_id'); i=1
for u in $FOLLOW; do
  i=$((i+1)); lodestar b$i "beacon --network dev" $((BASEREST+i)) $((BASEPORT+10+i)) $u --genesisStateFile genesis.ssz
  curl -sf -o /dev/null -X POST "http://127.0.0.1:$((BASEREST+i))/eth/v1/lodestar/connect_peer?peerId=$ID&multiaddr=/ip4/127.0.0.1/tcp/$((BASEPORT+11))"
done
if [ -z "$NOTX" ]; then # types 0, 1, 2; two seconds at a time, since elnet's type 4 is refused before Prague
  (while kill -0 $(head -1 pids) 2>/dev/null; do $ELNET tx -rpc http://127.0.0.1:$((BASERPC+1)) -tps $TXPS -blobs 0 -t $((4 / TXPS > 0 ? 4 / TXPS : 1))s; done) > tx.log 2>&1 & echo $! >> pids
fi
echo "genesis in $((GT - $(date +%s))) s, validators root $(curl -s http://127.0.0.1:$((BASEREST+1))/eth/v1/beacon/genesis | node -p 'JSON.parse(require("fs").readFileSync(0)).data.genesis_validators_root'), EL genesis $H"
cat rest.txt enodes.txt; echo "stop with $DIR/stop.sh"
