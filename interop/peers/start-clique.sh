#!/bin/bash
# start-clique.sh [N=2] [PERIOD=1] [TXPS=5]  - private clique network of N geth v1.9.25 nodes (eth/63..65) on 127.0.0.1
# ENGINE=clique: node 1 seals every PERIOD s. ENGINE=fakepow: no PoW, ENGINE=testpow: real sealing on a tiny DAG (random
# intervals, DIFF=0x20000 start); with MINERS=k nodes mining (k>1: forks, uncles, reorgs).
#  all peer by admin.addPeer over IPC (star on node 1 + chain); a tx generator sends TXPS tx/s to the LAST node.
# env: GETH, DIR, BASEPORT (p2p), BASERPC, NETID, GETH may be v1.10.26 (eth/66, 67) or v1.13.15 (eth/68) with KIND=new, VERB=log verbosity (5 shows block/tx propagation), NOTX=1, NOLINK=1 (nodes are not linked to each other)
# FROM=DIR2: another network's genesis and account, for a node of the same chain that is not linked to it (with MINERS=0: it does not seal)
# Stop: DIR/stop.sh    enodes: DIR/enodes.txt    RPC: http://127.0.0.1:$BASERPC+i
set -e
N=${1:-2} PERIOD=${2:-1} TXPS=${3:-5}
PEERS=${PEERS:-$HOME/.cache/ethpeer-peers}; GETH=${GETH:-$PEERS/v1.9.25/geth} DIR=${DIR:-$PEERS/run/clique} BASEPORT=${BASEPORT:-31900} BASERPC=${BASERPC:-8900} NETID=${NETID:-1925}
HERE=$(cd $(dirname $0) && pwd)
[ -x $DIR/stop.sh ] && $DIR/stop.sh >/dev/null 2>&1 || true
rm -rf $DIR; mkdir -p $DIR; echo -n pw > $DIR/pw
if [ -n "$FROM" ]; then
  mkdir -p $DIR/n1; cp -r $FROM/n1/keystore $DIR/n1/; cp $FROM/genesis.json $FROM/signer $DIR/; SIGNER=$(cat $DIR/signer)
else
  SIGNER=$($GETH --datadir $DIR/n1 account new --password $DIR/pw 2>/dev/null | grep -o '0x[0-9a-fA-F]\{40\}' | head -1)
  echo $SIGNER > $DIR/signer
fi
S=${SIGNER#0x}
ENGINE=${ENGINE:-clique}; CQ='"clique":{"period":'$PERIOD',"epoch":30000}'; POWMODE=""; DIFF=${DIFF:-0x1}; XD="0x$(printf '0%.0s' {1..64})${S}$(printf '0%.0s' {1..130})"
[ $ENGINE = fakepow ] && { CQ='"ethash":{}'; POWMODE=3; XD=0x; }   # --fakepow is ignored by a running node; [Eth.Ethash] PowMode is not (2: real sealing over the tiny test DAG, 3: none)
[ $ENGINE = testpow ] && { CQ='"ethash":{}'; POWMODE=2; XD=0x; }
[ -n "$FROM" ] || cat > $DIR/genesis.json <<G
{"config":{"chainId":$NETID,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,"byzantiumBlock":0,"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"muirGlacierBlock":0,$CQ},
"nonce":"0x0","timestamp":"0x0","mixHash":"0x$(printf '0%.0s' {1..64})","coinbase":"0x$(printf '0%.0s' {1..40})","difficulty":"0x${DIFF#0x}","gasLimit":"30000000","extraData":"$XD",
"alloc":{"$S":{"balance":"0x200000000000000000000000000000000000000000000000000000000000000"}}}
G
printf '#!/bin/bash\nfor p in $(cat %s/pids); do kill $p 2>/dev/null; done; sleep 1; rm -f %s/pids\n' $DIR $DIR > $DIR/stop.sh; chmod +x $DIR/stop.sh; : > $DIR/pids
for i in $(seq 1 $N); do
  [ $i -gt 1 ] && { mkdir -p $DIR/n$i; cp -r $DIR/n1/keystore $DIR/n$i/; }
  $GETH --datadir $DIR/n$i init $DIR/genesis.json > $DIR/n$i.init.log 2>&1
  EXTRA=""; MF="--mine --miner.gaslimit 30000000 --miner.gasprice 1 --miner.etherbase $SIGNER"; [ "$KIND" = new ] || MF="$MF --miner.gastarget 30000000 --miner.threads 1"
  [ "$KIND" = new ] && EXTRA="$EXTRA --authrpc.addr 127.0.0.1 --authrpc.port $((BASERPC+50+i))"
  [ $i -le ${MINERS:-1} ] && EXTRA="$EXTRA $MF"
  printf '[Node.P2P]\nListenAddr = "127.0.0.1:%s"\n' $((BASEPORT+i)) > $DIR/n$i.toml   # --port would listen on all interfaces
  [ -n "$POWMODE" ] && printf '[Eth.Ethash]\nPowMode = %s\n' $POWMODE >> $DIR/n$i.toml
  $GETH --config $DIR/n$i.toml --datadir $DIR/n$i --networkid $NETID --nodiscover --nat none --nousb --netrestrict 127.0.0.0/8 --maxpeers 60 --syncmode full \
    --http --http.addr 127.0.0.1 --http.port $((BASERPC+i)) --http.api eth,net,web3,admin,txpool,personal,debug --allow-insecure-unlock --unlock $SIGNER --password $DIR/pw \
    --txpool.pricelimit 1 --ipcpath $DIR/n$i.ipc --verbosity ${VERB:-3} $EXTRA > $DIR/n$i.log 2>&1 &
  echo $! >> $DIR/pids
done
for i in $(seq 1 $N); do for t in $(seq 100); do [ -S $DIR/n$i.ipc ] && break; sleep 0.1; done; done
# A node drops transactions until it mines, and it mines when its account is unlocked: one that came before would leave a gap in the nonces for good.
for i in $(seq 1 ${MINERS:-1}); do for t in $(seq 100); do [ "$($GETH --exec eth.mining attach ipc:$DIR/n$i.ipc 2>/dev/null)" = true ] && break; sleep 0.1; done; done
: > $DIR/enodes.txt
for i in $(seq 1 $N); do $GETH --exec admin.nodeInfo.enode attach ipc:$DIR/n$i.ipc 2>/dev/null | tr -d '"' | sed 's/@[^:]*:/@127.0.0.1:/' >> $DIR/enodes.txt; done
E1=$(head -1 $DIR/enodes.txt)
[ -n "$NOLINK" ] || for i in $(seq 2 $N); do
  $GETH --exec "admin.addPeer('$E1')" attach ipc:$DIR/n$i.ipc >/dev/null
  [ $i -gt 2 ] && $GETH --exec "admin.addPeer('$(sed -n $((i-1))p $DIR/enodes.txt)')" attach ipc:$DIR/n$i.ipc >/dev/null
done
if [ -z "$NOTX" ]; then
  python3 $HERE/txgen.py http://127.0.0.1:$((BASERPC+N)) $SIGNER $TXPS > $DIR/txgen.log 2>&1 & echo $! >> $DIR/pids
fi
echo "signer $SIGNER"; cat $DIR/enodes.txt; echo "stop with $DIR/stop.sh"
