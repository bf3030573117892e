#!/bin/sh
# Kills the leader of a group of three, again and again, while a client works at another node: how long
# does that client hear nothing? Prints each round, then the median and the longest.
#
#   bench/failover.sh              needs cc, openssl, curl
#   ROUNDS=100 bench/failover.sh   a quarter of an hour
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=bench/locks/common
. "$root/bench/locks/common"
# shellcheck source=bench/locks/group
. "$root/bench/locks/group"
rounds=${ROUNDS:-10}

start_group
for each in 1 2 3; do
    "$load" pairs http 127.0.0.1 $((port + each)) 16 3 >/dev/null
done
round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    roles
    "$load" gap http 127.0.0.1 $((port + follower)) 4 >"$out/gap" &
    client=$!
    pids="$pids $client"
    sleep 1
    eval "victim=\$pid$leader"
    # shellcheck disable=SC2154 # set by eval
    kill -9 "$victim"
    wait "$victim" 2>/dev/null || true
    wait "$client"
    forget "$victim"
    forget "$client"
    printf 'round %d: killed n%d; %s\n' "$round" "$leader" "$(cat "$out/gap")"
    value longest_ms <"$out/gap" >>"$out/gaps"
    node "$leader"
    await "$leader"
done
sort -n "$out/gaps" | awk '{ v[NR] = $1 }
    END { printf "without an answer, ms: median %d, longest of %d %d\n", v[int((NR + 1) / 2)], NR, v[NR] }'
