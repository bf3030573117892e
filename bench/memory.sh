#!/bin/sh
# What idle bots need, a minute after their start; see README.md.
# Arguments: --bots N, --rounds N, --seconds N. Ends with 1 when the goal is missed.
exec python3 "$(dirname "$0")/bots/bots.py" memory "$@"
