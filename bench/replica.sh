#!/bin/sh
# The proxy before copies of a service, beside nginx and haproxy, in one run; see README.md.
# Arguments go to replica/bench.py, for example: bench/replica.sh --rounds 7 --tests get64,post64
set -eu
cd "$(dirname "$0")/.."
out=bench/out
a=${BACKEND_PORT:-19750} peers=${PEER_PORT:-19761} ours=${PROXY_PORT:-17120}
b=$((a + 1)) mirror=$((peers + 1)) haproxy_port=$((peers + 2))
PATH=$PATH:/usr/sbin
# shellcheck source=bin/find-jdk
. bin/find-jdk
find_jdk || exit 69
missing=
for each in nginx haproxy cc python3; do
    command -v "$each" >/dev/null || missing="$missing $each"
done
[ -z "$missing" ] || {
    echo "not installed:$missing (Debian, Ubuntu: apt-get install nginx haproxy gcc python3)" >&2
    exit 69
}
[ -d target/test-classes ] && [ -d target/lib ] || {
    echo "build first: mvn -DskipTests package" >&2
    exit 69
}
mkdir -p "$out"
place=$(mktemp -d "$PWD/$out/replica.XXXXXX")
cc -O2 -o "$place/httpload" bench/replica/httpload.c

pids=
# What is started is ended, by its id.
stop() {
    exec 9>&-
    [ -z "$pids" ] || kill $pids 2>/dev/null || :
    wait 2>/dev/null || :
    rm -rf "$place"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

answer=$(printf '%127s' '' | tr ' ' a)
paths() { # NAME
    cat <<N
pid $place/$1.pid;
error_log $place/$1.log crit;
daemon off;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path $place/$1.body;
  proxy_temp_path $place/$1.proxy;
  fastcgi_temp_path $place/$1.fastcgi;
  uwsgi_temp_path $place/$1.uwsgi;
  scgi_temp_path $place/$1.scgi;
N
}
{
    echo 'worker_processes 1;'
    paths backend
    cat <<N
  server { listen 127.0.0.1:$a backlog=4096; location / { return 200 "$answer\n"; } }
  server { listen 127.0.0.1:$b backlog=4096; location / { return 200 "$answer\n"; } }
}
N
} >"$place/backend.conf"
{
    echo 'worker_processes 2;'
    paths proxy
    cat <<N
  upstream a { server 127.0.0.1:$a; keepalive 128; keepalive_requests 1000000000; }
  upstream b { server 127.0.0.1:$b; keepalive 128; keepalive_requests 1000000000; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  server { listen 127.0.0.1:$peers backlog=4096; location / { proxy_pass http://a; } }
  server {
    listen 127.0.0.1:$mirror backlog=4096;
    location / { mirror /m; proxy_pass http://a; }
    location = /m { internal; proxy_pass http://b\$request_uri; }
  }
}
N
} >"$place/proxy.conf"
cat >"$place/haproxy.cfg" <<H
global
  maxconn 9000
  nbthread 2
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen t
  bind 127.0.0.1:$haproxy_port
  server s 127.0.0.1:$a
H
chmod 755 "$place"
for each in backend proxy; do
    nginx -p "$place" -c "$place/$each.conf" 2>"$place/$each.err" &
    pids="$pids $!"
done
haproxy -f "$place/haproxy.cfg" -db >"$place/haproxy.log" 2>&1 &
pids="$pids $!"

# Each ends with its standard input, so that it never outlives the script.
mkfifo "$place/in"
port=$ours get= post=
for durability in FSYNC OS MEMORY; do
    for in_flight in 1 16; do
        "$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xmx192m --enable-native-access=ALL-UNNAMED \
            --sun-misc-unsafe-memory-access=allow \
            -Dlogback.configurationFile=bench/gate-logback.xml -Dreplica.loops="${LOOPS:-2}" \
            -cp "target/test-classes:target/classes:target/lib/*" org.svcshare.proxy.ProxyProcess \
            "$place/$durability-$in_flight" "$port" "$durability" "$in_flight" "$a" "$b" \
            <"$place/in" >>"$place/ours.log" 2>&1 &
        pids="$pids $!"
        post="$post $(echo "$durability" | tr '[:upper:]' '[:lower:]')-$in_flight=$port"
        [ "$durability-$in_flight" != FSYNC-16 ] || get="svcshare=$port"
        port=$((port + 1))
    done
done
exec 9>"$place/in"
tries=200
until [ "$(grep -c '^listens' "$place/ours.log" || :)" -eq 6 ]; do
    sleep 0.1
    tries=$((tries - 1))
    [ $tries -gt 0 ] || {
        cat "$place"/*.log "$place"/*.err >&2
        exit 1
    }
done
code=0
# shellcheck disable=SC2086 # words without blanks
python3 bench/replica/bench.py --load "$place/httpload" "$@" \
    get nginx="$peers" haproxy="$haproxy_port" $get \
    post nginx-mirror="$mirror" $post >"$out/replica.md" || code=$?
cat "$out/replica.md"
exit "$code"
