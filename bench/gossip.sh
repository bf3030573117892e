#!/bin/sh
# Fifty members on this machine. In one process: how fast a put is everywhere. As processes: what
# they cost at rest, how fast a put is everywhere, how soon a killed and a silent one is out of all
# views; and with the right to make network namespaces (root), how soon all are equal after a split
# of two halves.
#
#   bench/gossip.sh --together               50 members in one process; a minute
#   bench/gossip.sh                          needs python3; ten minutes and some 7 GB
#   bench/gossip.sh --members 10 --puts 50   arguments go to gossip/members.py
#   bench/gossip.sh --heal 3 --members 10
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
if [ "${1:-}" = --together ]; then
    # shellcheck source=bin/find-jdk
    . "$root/bin/find-jdk"
    find_jdk || exit 69
    [ -d "$root/target/test-classes" ] && [ -d "$root/target/lib" ] || {
        echo "build first: mvn -DskipTests package" >&2
        exit 1
    }
    exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED \
        -cp "$root/target/classes:$root/target/test-classes:$root/target/lib/*" \
        org.svcshare.gossip.SpreadBench "${2:-50}" 4 "${3:-100}" 300
fi
"$root/bin/svcshare" version >/dev/null
exec python3 -u "$root/bench/gossip/members.py" "$@"
