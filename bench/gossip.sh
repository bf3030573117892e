#!/bin/sh
# Fifty members on this machine, as processes: what they cost at rest, how fast a put is everywhere,
# how soon a killed and a silent one is out of all views; and with the right to make network
# namespaces (root), how soon all are equal after a split of two halves.
#
#   bench/gossip.sh                          needs python3; a few minutes and some 6 GB
#   bench/gossip.sh --members 10 --puts 50   arguments go to gossip/members.py
#   bench/gossip.sh --heal 3 --members 10
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
"$root/bin/svcshare" version >/dev/null
exec python3 -u "$root/bench/gossip/members.py" "$@"
