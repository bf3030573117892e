#!/bin/sh
# How long an election by command takes in a group of ten, on a real ngircd; see README.md.
# Arguments: --bots N, --rounds N, --seconds N. Ends with 1 when the goal is missed.
exec python3 "$(dirname "$0")/bots/bots.py" election "$@"
