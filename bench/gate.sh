#!/bin/sh
# The gate beside haproxy with its default settings, in one run; see README.md.
# Arguments go to proxy/bench.py, for example: bench/gate.sh --rounds 5 --secs 1
set -eu
cd "$(dirname "$0")/.."
out=bench/out
backend=${BACKEND_PORT:-19700} peer=${HAPROXY_PORT:-19801} gate=${GATE_PORT:-18999}
# shellcheck source=bin/find-jdk
. bin/find-jdk
find_jdk || exit 69
java=$JAVA_HOME/bin/java
haproxy=$(command -v haproxy || echo /usr/sbin/haproxy)
[ -x "$haproxy" ] || { echo "haproxy is not installed" >&2; exit 1; }
[ -d target/test-classes ] && [ -d target/lib ] || {
    echo "build first: mvn -DskipTests package" >&2
    exit 1
}
mkdir -p "$out"
cc -O2 -o "$out/pbench" bench/proxy/pbench.c

pids=
fifo=$out/gate.$$
stop() {
    exec 9>&-
    [ -z "$pids" ] || kill $pids 2>/dev/null || :
    rm -f "$fifo"
}
trap stop EXIT
trap 'exit 1' INT TERM

cat >"$out/haproxy.cfg" <<H
global
  maxconn 9000
  nbthread 2
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen t
  bind 127.0.0.1:$peer
  server s 127.0.0.1:$backend
H
"$out/pbench" serve "$backend" &
pids="$!"
"$haproxy" -f "$out/haproxy.cfg" -db &
pids="$pids $!"
mkfifo "$fifo"
"$java" -XX:+UseSerialGC -Xmx128m --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow \
    -Dlogback.configurationFile=bench/gate-logback.xml \
    -cp "target/test-classes:target/classes:target/lib/*" \
    org.svcshare.gate.GateBench "$gate" "$backend" ${LOOPS:-} ${LOOPS:+${ENGINE:-}} <"$fifo" >"$out/gate.log" &
pids="$pids $!"
exec 9>"$fifo"
tries=100
until grep -q '^open' "$out/gate.log" || [ $tries -eq 0 ]; do
    sleep 0.1
    tries=$((tries - 1))
done
python3 bench/proxy/bench.py --pbench "$out/pbench" --ref haproxy \
    --rounds 3 --secs 0.6 --warm 6 --warm-only gate --check --json "$out/gate.json" \
    "$@" direct="$backend" haproxy="$peer" gate="$gate" | tee "$out/gate.md"
