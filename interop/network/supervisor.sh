#!/bin/bash
# supervisor.sh ROOT COMMAND... - COMMAND starts processes that live in ROOT/net. Says "started", waits until its standard input
# ends, which it does however the test ends, then stops the processes that ROOT/net/pids names and everything else in its
# own process group, and removes ROOT.
root=$1
shift
if "$@" </dev/null >"$root/start.log" 2>&1; then said=started; else said=failed; fi
trap '' TERM PIPE # from here on, so that the processes above do not inherit it
echo $said
cat >/dev/null
kill -TERM 0
alive() {
  for p in $(cat "$root/net/pids" 2>/dev/null); do
    case $(cut -d' ' -f3 "/proc/$p/stat" 2>/dev/null) in '' | Z) ;; *) return 0 ;; esac
  done
  return 1
}
for _ in $(seq 150); do
  alive || break
  sleep 0.1
done
rm -rf "$root"
kill -KILL 0 # what is left, and this shell
