#!/bin/sh
# From the start of a bot to its JOIN on a real ngircd, with and without the AOT cache; see README.md.
# Arguments: --bots N, --rounds N, --seconds N. Ends with 1 when the goal is missed.
exec python3 "$(dirname "$0")/bots/bots.py" start "$@"
