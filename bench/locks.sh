#!/bin/sh
# Lock pools beside Redis (append-only file, fsync always), and etcd and ZooKeeper where they are at
# hand: acquire + release over HTTP, durable; hand-over among many waiters; expiry; memory; the time
# that `svcshare lock` adds to a command. Medians of ROUNDS runs, taken in turns.
#
#   bench/locks.sh                 needs cc and redis-server (Debian: redis-server)
#   ROUNDS=5 SECONDS_EACH=10 bench/locks.sh
#   LOCKBENCH='java -cp … lockbench.LockBench' ETCD=127.0.0.1:2379 ZOOKEEPER=127.0.0.1:2181 bench/locks.sh
#       also measures etcd and ZooKeeper that run already, with a driver that takes
#       `pairs etcd|zk-mutex ADDRESS CLIENTS SECONDS` and prints pairs/s=N
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=bench/locks/common
. "$root/bench/locks/common"
port=${PORT:-19889}
redis_port=$((port + 1))

cat >"$out/config.conf" <<CONF
http.listen = "127.0.0.1:$port"
irc.server = "127.0.0.1:1"
gate.targets = ["127.0.0.1:1"]
gate.listen = "127.0.0.1:$((port + 2))"
client.type = proxy
pools.max-waiters = 200000
pools.max-tickets = 400000
CONF
# bin/svcshare keeps the heap small; a busy server of locks may have more (docs/pools.md).
SVCSHARE_STATE_FOLDER=$out/state SVCSHARE_JAVA_OPTS="${SVCSHARE_JAVA_OPTS:--Xms512m -Xmx512m -Xmn256m}" \
    "$root/bin/svcshare" run -c "$out/config.conf" 2>"$out/svcshare.log" &
pids="$pids $!"
if command -v redis-server >/dev/null; then
    redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly yes \
        --appendfsync always --dir "$out" >/dev/null &
    pids="$pids $!"
fi
tries=0
until curl -fs "http://127.0.0.1:$port/livez" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ]; then
        cat "$out/svcshare.log" >&2
        exit 1
    fi
    sleep 0.1
done

pairs() { # KIND CLIENTS
    case $1 in
        svcshare) "$load" pairs http 127.0.0.1 "$port" "$2" "$seconds" | value pairs_per_second ;;
        redis) "$load" pairs redis 127.0.0.1 "$redis_port" "$2" "$seconds" | value pairs_per_second ;;
        etcd) $LOCKBENCH pairs etcd "$ETCD" "$2" "$seconds" 2>/dev/null | value pairs/s ;;
        zookeeper) $LOCKBENCH pairs zk-mutex "$ZOOKEEPER" "$2" "$seconds" 2>/dev/null | value pairs/s ;;
    esac
}

kinds=svcshare
[ "$(printf '%s' "$pids" | wc -w)" -lt 2 ] || kinds="$kinds redis"
[ -z "${ETCD:-}" ] || kinds="$kinds etcd"
[ -z "${ZOOKEEPER:-}" ] || kinds="$kinds zookeeper"

# A cold JVM says nothing about a server that runs for weeks.
"$load" pairs http 127.0.0.1 "$port" 128 10 >/dev/null
echo "acquire + release, durable: pairs per second, median of $rounds"
compare
echo
# shellcheck disable=SC3045 # every shell of a system with epoll has it
ulimit -n "$(ulimit -H -n)"
"$load" handoff http 127.0.0.1 "$port" 5000
"$load" parked http 127.0.0.1 "$port" 100000
"$load" expiry http 127.0.0.1 "$port" 50
java_home=${JAVA_HOME:-}
"${java_home:+$java_home/bin/}java" -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xmx512m -cp "$root/target/test-classes:$root/target/classes:$root/target/lib/*" \
    org.svcshare.pool.TableWeight || echo 'table weight: run bin/test once to compile it'

echo
echo 'svcshare lock of an idle pool: ms that it adds to a command, median of 21'
SVCSHARE_ADDR="http://127.0.0.1:$port"
export SVCSHARE_ADDR
"$root/bin/svcshare" lock warm -- true
i=0
while [ "$i" -lt 21 ]; do
    began=$(date +%s%N)
    "$root/bin/svcshare" lock idle -- true
    ended=$(date +%s%N)
    echo $(((ended - began) / 1000000))
    i=$((i + 1))
done | median
