#!/usr/bin/env python3
"""Measure proxies before HTTP backends side by side in one run; ../replica.sh starts them.

  bench.py --load HTTPLOAD get nginx=19761 haproxy=19763 svcshare=17117 post nginx-mirror=19762 …

Words after `get` are asked with GET and 64 connections, words after `post` with POST of 256 bytes
and 64 connections and with 1. In each round every test visits all of its candidates, in turns from
either end. Medians are reported beside the first of each test. Exits with 1 when an answer had
another status than 200.
"""
import argparse, os, re, statistics, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "proxy"))
from bench import cpu, listeners, mem

POST_BYTES = 256
TESTS = {"get64": ("get", 0, 64), "post64": ("post", POST_BYTES, 64), "post1": ("post", POST_BYTES, 1)}
NAMES = {"get64": "GET, 64 connections", "post64": f"POST {POST_BYTES} B, 64 connections",
         "post1": f"POST {POST_BYTES} B, 1 connection"}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--load", required=True)
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--secs", type=float, default=2)
    ap.add_argument("--warm", type=int, default=3, help="rounds that do not count")
    ap.add_argument("--tests", default=",".join(TESTS))
    ap.add_argument("words", nargs="+")
    a = ap.parse_args()
    kinds, kind = {"get": [], "post": []}, ""
    for word in a.words:
        if word in kinds:
            kind = word
        else:
            name, port = word.split("=")
            kinds[kind].append((name, int(port), listeners(int(port))))
    tests = a.tests.split(",")
    found = {}
    for r in range(-a.warm, a.rounds):
        for test in tests:
            kind, body, connections = TESTS[test]
            for name, port, pids in kinds[kind][:: 1 if r % 2 else -1]:
                before = cpu(pids)
                said = subprocess.run(
                    [a.load, str(port), "/a", str(body), str(connections), str(a.secs), "200"],
                    capture_output=True, text=True)
                if said.returncode:
                    sys.exit(f"{name}, {test}: {said.stderr}")
                used = cpu(pids) - before
                v = {k: float(x) for k, x in re.findall(r"(\w+)=([\d.]+)", said.stdout)}
                v["cpu_us"] = used / max(1, v["requests"]) * 1e6
                if r >= 0 or v["bad"]:
                    found.setdefault((test, name), []).append(v)
        print(f"# round {r}", file=sys.stderr)
    bad = 0
    for test in tests:
        candidates = [name for name, _, _ in kinds[TESTS[test][0]]]
        first = candidates[0]
        median = lambda name, what: statistics.median(v[what] for v in found[test, name])
        print(f"\n{NAMES[test]}, beside {first}\n\n| | requests/s | p50 us | p99 us | CPU us/request | bad |")
        print("|---|---|---|---|---|---|")
        for name in candidates:
            cells = []
            for what, digits in (("requests_per_second", 0), ("p50_us", 0), ("p99_us", 0), ("cpu_us", 1)):
                value, theirs = median(name, what), median(first, what)
                ratio = f" ({value / theirs:.2f}x)" if theirs else ""
                cells.append(f"{value:,.{digits}f}{ratio}")
            wrong = int(sum(v["bad"] for v in found[test, name]))
            bad += wrong
            print(f"| {name} | {' | '.join(cells)} | {wrong} |")
    print("\n| | memory after it, MiB (PSS) |\n|---|---|")
    for name, _, pids in {c[0]: c for k in kinds.values() for c in k}.values():
        print(f"| {name} | {mem(pids)[1]:.0f} |")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
