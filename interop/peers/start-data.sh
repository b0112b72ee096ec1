#!/bin/bash
# start-data.sh  - one geth v1.17.8 (eth/69..72) on 127.0.0.1 with the chain of a genesis file, and of a file of blocks, if CHAIN is given
# (executed before it starts). Nothing drives it: a test sends forkchoice updates to http://127.0.0.1:$((BASEAUTH+1)), secret in DIR/jwt.
# env: GENESIS (required), CHAIN, GETH, DIR, BASEPORT, BASERPC, BASEAUTH, NETID, VERB=log verbosity
# Stop: DIR/stop.sh   enodes: DIR/enodes.txt   RPC http://127.0.0.1:$((BASERPC+1))   genesis: DIR/genesis.json
set -e
PEERS=${PEERS:-$HOME/.cache/ethpeer-peers}; GETH=${GETH:-$PEERS/v1.17.8/geth} DIR=${DIR:-$PEERS/run/data} BASEPORT=${BASEPORT:-31500} BASERPC=${BASERPC:-8500} BASEAUTH=${BASEAUTH:-8550}
[ -x $DIR/stop.sh ] && $DIR/stop.sh >/dev/null 2>&1 || true
rm -rf $DIR; mkdir -p $DIR; : > $DIR/pids
printf '#!/bin/bash\nfor p in $(cat %s/pids); do kill $p 2>/dev/null; done; sleep 1; rm -f %s/pids\n' $DIR $DIR > $DIR/stop.sh; chmod +x $DIR/stop.sh
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > $DIR/jwt
cp $GENESIS $DIR/genesis.json
$GETH --datadir $DIR/n1 init $DIR/genesis.json > $DIR/n1.init.log 2>&1
[ -z "$CHAIN" ] || $GETH --datadir $DIR/n1 --syncmode full import $CHAIN >> $DIR/n1.init.log 2>&1
printf '[Node.P2P]\nListenAddr = "127.0.0.1:%s"\n' $((BASEPORT+1)) > $DIR/n1.toml   # --port would listen on all interfaces
$GETH --config $DIR/n1.toml --datadir $DIR/n1 --networkid $NETID --netrestrict 127.0.0.0/8 --maxpeers 60 --syncmode full --nodiscover --nat none \
  --http --http.addr 127.0.0.1 --http.port $((BASERPC+1)) --http.api eth,net,web3,admin,debug --authrpc.addr 127.0.0.1 --authrpc.port $((BASEAUTH+1)) --authrpc.jwtsecret $DIR/jwt \
  --ipcpath $DIR/n1.ipc --verbosity ${VERB:-3} > $DIR/n1.log 2>&1 &
echo $! >> $DIR/pids
for t in $(seq 300); do [ -S $DIR/n1.ipc ] && break; sleep 0.1; done
$GETH --exec admin.nodeInfo.enode attach ipc:$DIR/n1.ipc 2>/dev/null | tr -d '"' | sed 's/@[^:]*:/@127.0.0.1:/' > $DIR/enodes.txt
cat $DIR/enodes.txt; echo "stop with $DIR/stop.sh"
