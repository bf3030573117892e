#!/bin/sh
# Lock pools on a group of three nodes with TLS between them, beside etcd and ZooKeeper on three
# nodes each where they are at hand: acquire + release over HTTP, durable on a majority; hand-over
# among many waiters; time to start; memory of a node. Medians of ROUNDS runs, taken in turns.
#
#   bench/group.sh                 needs cc, openssl, curl
#   ROUNDS=5 SECONDS_EACH=10 bench/group.sh
#   LOCKBENCH='java -cp … lockbench.LockBench' ETCD=HOST:PORT,… ZOOKEEPER=HOST:PORT,… bench/group.sh
#       also measures groups of etcd and ZooKeeper that run already, with the driver of bench/locks.sh
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=bench/locks/common
. "$root/bench/locks/common"
# shellcheck source=bench/locks/group
. "$root/bench/locks/group"

start_group
roles

# One that comes back while the others run: how long until it answers.
eval "kill \$pid$follower"
eval "wait \$pid$follower; forget \$pid$follower" || true
began=$(now_ms)
node "$follower"
await "$follower"
echo "start of a node, until it is ready: $(($(now_ms) - began)) ms"

pairs() { # KIND CLIENTS
    case $1 in
        leader) "$load" pairs http 127.0.0.1 $((port + leader)) "$2" "$seconds" | value pairs_per_second ;;
        follower) "$load" pairs http 127.0.0.1 $((port + follower)) "$2" "$seconds" | value pairs_per_second ;;
        etcd) $LOCKBENCH pairs etcd "$ETCD" "$2" "$seconds" 2>/dev/null | value pairs/s ;;
        zookeeper) $LOCKBENCH pairs zk-mutex "$ZOOKEEPER" "$2" "$seconds" 2>/dev/null | value pairs/s ;;
    esac
}
kinds='leader follower'
[ -z "${ETCD:-}" ] || kinds="$kinds etcd"
[ -z "${ZOOKEEPER:-}" ] || kinds="$kinds zookeeper"

# A cold JVM says nothing about a server that runs for weeks.
for each in $leader $follower; do
    "$load" pairs http 127.0.0.1 $((port + each)) 128 10 >/dev/null
done
echo "acquire + release, on a majority of three disks: pairs per second, median of $rounds"
compare
# shellcheck disable=SC3045 # every shell of a system with epoll has it
ulimit -n "$(ulimit -H -n)"
echo 'one lock and many who wait, at the leader and at a node that does not lead:'
"$load" handoff http 127.0.0.1 $((port + leader)) 5000
"$load" handoff http 127.0.0.1 $((port + follower)) 5000
for each in 1 2 3; do
    eval "pid=\$pid$each"
    # shellcheck disable=SC2154 # set by eval
    awk -v node="n$each" '/^VmRSS/ { printf "resident, %s: %.0f MB\n", node, $2 / 1024 }' "/proc/$pid/status"
done
