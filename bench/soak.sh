#!/bin/sh
# The fault tests of a group for longer: each thing that can happen, ROUNDS times under load. Some need
# root (disks that are full, cables that are unplugged), and say so when they are skipped.
# Histories of all clients go through the linearizability checker.
#
#   bench/soak.sh                 100 rounds of each: hours
#   ROUNDS=10 bench/soak.sh
#   ONLY='leader killed' TESTS=GroupFaultsIT bench/soak.sh
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root"
exec bin/test -Dtest=NoUnitTests -Dsurefire.failIfNoSpecifiedTests=false \
    -Dit.test="${TESTS:-Group*IT}" -Dgroup.rounds="${ROUNDS:-100}" -Dgroup.only="${ONLY:-.*}"
