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
port=${PORT:-19870}
raft=$((port + 10))

certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=group \
        -keyout "$out/ca.key" -out "$out/ca.pem" 2>/dev/null
    for node in 1 2 3; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=n$node" \
            -keyout "$out/n$node.key" -out "$out/n$node.csr" 2>/dev/null
        printf 'subjectAltName=IP:127.0.0.1,DNS:n%s\n' "$node" >"$out/n$node.ext"
        openssl x509 -req -in "$out/n$node.csr" -CA "$out/ca.pem" -CAkey "$out/ca.key" -days 2 \
            -extfile "$out/n$node.ext" -CAcreateserial -out "$out/n$node.pem" 2>/dev/null
    done
}

node() { # NUMBER
    cat >"$out/n$1.conf" <<CONF
bot = false
state-folder = "$out/n$1"
http.listen = "127.0.0.1:$((port + $1))"
pools { engine = cluster, max-waiters = 200000, max-tickets = 400000 }
cluster {
  name = bench
  node = n$1
  peers = ["n1=127.0.0.1:$raft", "n2=127.0.0.1:$((raft + 2))", "n3=127.0.0.1:$((raft + 4))"]
  tls { certificate = "$out/n$1.pem", key = "$out/n$1.key", ca = "$out/ca.pem" }
}
CONF
    SVCSHARE_JAVA_OPTS="${SVCSHARE_JAVA_OPTS:--Xms256m -Xmx256m -Xmn128m}" \
        "$root/bin/svcshare" run -c "$out/n$1.conf" 2>"$out/n$1.log" &
    pids="$pids $!"
    eval "pid$1=$!"
}

now_ms() {
    echo $(($(date +%s%N) / 1000000))
}
ready() { # NUMBER
    curl -fs "http://127.0.0.1:$((port + $1))/readyz" >/dev/null 2>&1
}
await() { # NUMBER
    tries=0
    until ready "$1"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 600 ]; then
            cat "$out/n$1.log" >&2
            exit 1
        fi
        sleep 0.05
    done
}
leads() { # NUMBER
    curl -fs "http://127.0.0.1:$((port + $1))/metrics" | grep -q '^svcshare_cluster_leader[ {].*1\(\.0\)\{0,1\}$'
}

certificates
# Builds what has to be built, before the clock runs.
"$root/bin/svcshare" --version >/dev/null
for each in 1 2 3; do node "$each"; done
for each in 1 2 3; do await "$each"; done
leader=0
for each in 1 2 3; do ! leads "$each" || leader=$each; done
if [ "$leader" -eq 0 ]; then
    echo 'bench: nobody leads' >&2
    exit 1
fi
follower=$((leader % 3 + 1))

# One that comes back while the others run: how long until it answers.
eval "kill \$pid$follower"
eval "wait \$pid$follower" || true
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
