#!/usr/bin/env python3
"""Measures groups of real members on one machine. See bench/README.md."""

import argparse
import asyncio
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SVCSHARE = ROOT / "bin" / "svcshare"
TOKEN = "token-of-the-benchmark-1"
NET = "198.18.77"  # RFC 2544


def free_ports(count):
    """Below those that the system draws for connections, so that none of ours takes one."""
    found = []
    for port in range(20_000 + os.getpid() % 1_000 * 10, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                found.append(port)
            except OSError:
                continue
        if len(found) == count:
            return found
    sys.exit("no free ports")


class Network:
    """Two machines as far as their network is concerned, or none: all on loopback."""

    def __init__(self, split):
        self.split = split
        self.undo = []
        if not split:
            return
        self.ip("link add svcgoss type bridge")
        self.undo.append("link del svcgoss")
        self.ip("link set svcgoss up")
        self.ip(f"addr add {NET}.254/24 dev svcgoss")
        for side in (0, 1):
            self.ip(f"netns add svcgoss{side}")
            self.undo.append(f"netns del svcgoss{side}")
            self.ip(f"link add svcgs{side} type veth peer name eth0 netns svcgoss{side}")
            self.ip(f"link set svcgs{side} master svcgoss up")
            self.ip(f"-n svcgoss{side} addr add {NET}.{side + 1}/24 dev eth0")
            self.ip(f"-n svcgoss{side} link set eth0 up")
            self.ip(f"-n svcgoss{side} link set lo up")

    @staticmethod
    def ip(words):
        subprocess.run(["ip", *words.split()], check=True)

    def host(self, number):
        return f"{NET}.{number % 2 + 1}" if self.split else "127.0.0.1"

    def within(self, number):
        return ["ip", "netns", "exec", f"svcgoss{number % 2}"] if self.split else []

    def cut(self):
        """What one half sends to the other vanishes; both still reach us."""
        for side in (0, 1):
            self.ip(
                f"-n svcgoss{side} neigh replace {NET}.{2 - side} lladdr 02:00:00:00:00:99"
                " dev eth0 nud permanent"
            )

    def heal(self):
        for side in (0, 1):
            self.ip(f"-n svcgoss{side} neigh del {NET}.{2 - side} dev eth0")

    def close(self):
        for words in reversed(self.undo):
            subprocess.run(["ip", *words.split()], check=False)


class Member:
    def __init__(self, folder, number, network, ports, seeds):
        self.name = f"m{number}"
        self.host = network.host(number)
        self.listen, self.web = ports
        self.folder = folder / self.name
        self.folder.mkdir()
        config = self.folder / "config.conf"
        secret = "" if not network.split else 'secret = "' + "5ec2e7" * 11 + '",'
        config.write_text(
            f"""bot = false
state-folder = "{self.folder}/state"
http.listen = "{self.host}:{self.web}"
http.tokens = [{{ name = bench, role = admin, token = "{TOKEN}" }}]
pools.engine = memory
gossip {{ enabled = true, name = {self.name}, {secret}
  listen = "{self.host}:{self.listen}", seeds = {json.dumps(seeds)} }}
"""
        )
        self.log = open(self.folder / "log", "wb")
        # Fifty JVMs that optimize the same code would keep a small machine busy for minutes.
        surroundings = dict(os.environ, JAVA_TOOL_OPTIONS="-XX:TieredStopAtLevel=1")
        self.process = subprocess.Popen(
            [*network.within(number), str(SVCSHARE), "run", "-c", str(config)],
            stdout=self.log,
            stderr=self.log,
            env=surroundings,
        )

    def ask(self, path, method="GET", body=None):
        request = urllib.request.Request(
            f"http://{self.host}:{self.web}{path}", data=body, method=method
        )
        request.add_header("Authorization", "Bearer " + TOKEN)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def alive(self):
        try:
            members = json.loads(self.ask("/api/v1/members"))["members"]
        except OSError:
            return 0
        return sum(member["state"] == "alive" for member in members)

    def store(self):
        entries = json.loads(self.ask("/api/v1/kv?limit=1000"))["entries"]
        return {entry["key"]: entry["value"] for entry in entries}

    def put(self, key, value):
        self.ask("/api/v1/kv/" + key, "PUT", value.encode())


def wait_for(what, condition, limit=180):
    begin = time.monotonic()
    while time.monotonic() - begin < limit:
        if condition():
            return time.monotonic() - begin
        time.sleep(0.02)
    sys.exit(f"waited {limit} s for: {what}")


def start(folder, count, network):
    ports = free_ports(2 * count)
    members = []
    seeds = [f"{network.host(0)}:{ports[0]}"]
    begin = time.monotonic()
    for number in range(count):
        pair = (ports[2 * number], ports[2 * number + 1])
        members.append(Member(folder, number, network, pair, seeds))
        if number == 0:
            wait_for("the first member", lambda: members[0].alive() == 1)
        elif number % 2 == 0:
            # All at once, a machine of two processors is busy with starting JVMs.
            wait_for("two more", lambda: members[0].alive() >= number - 1)
    for member in members:
        wait_for(member.name + " sees all", lambda: member.alive() == count)
    print(f"{count} members see each other {time.monotonic() - begin:.1f} s after the first start")
    return members


class Streams:
    """An event stream of each member; what it tells is noted with its time."""

    def __init__(self):
        self.heard = []
        self.tasks = []
        self.writers = []

    async def open(self, members, path, wanted):
        for member in members:
            reader, writer = await asyncio.open_connection(member.host, member.web, limit=1 << 20)
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: {member.host}:{member.web}\r\n"
                f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()
            )
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                sys.exit(f"{member.name} refuses {path}: {head}")
            # Python closes a connection whose writer nobody holds any more.
            self.writers.append(writer)
            self.tasks.append(asyncio.create_task(self.read(member, reader, wanted)))

    async def read(self, member, reader, wanted):
        event = ""
        while line := await reader.readline():
            text = line.decode().strip()
            if text.startswith("event:"):
                event = text[6:].strip()
            elif text.startswith("data:") and event in wanted:
                self.heard.append((time.monotonic(), member.name, json.loads(text[5:])))

    async def until(self, count, limit=60):
        end = time.monotonic() + limit
        while len(self.heard) < count:
            if time.monotonic() > end:
                sys.exit(f"heard {len(self.heard)} of {count} in {limit} s")
            await asyncio.sleep(0.001)
        return max(when for when, _, _ in self.heard)

    def close(self):
        for task in self.tasks:
            task.cancel()
        for writer in self.writers:
            writer.close()


async def put(member, key, value):
    """Without waiting for a thread of this program to be free."""
    reader, writer = await asyncio.open_connection(member.host, member.web)
    writer.write(
        f"PUT /api/v1/kv/{key} HTTP/1.1\r\nHost: {member.host}:{member.web}\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(value)}\r\n\r\n{value}".encode()
    )
    begun = time.monotonic()
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    if not head.startswith(b"HTTP/1.1 20"):
        sys.exit(f"{member.name} does not take a key: {head}")
    return begun


async def spreading(members, rounds, pause):
    """The first ones are not counted: they are for the compilers."""
    streams = Streams()
    await streams.open(members, "/api/v1/watch", {"put"})
    await asyncio.sleep(1)
    took = []
    for number in range(-rounds, rounds):
        streams.heard.clear()
        begun = await put(random.choice(members), f"k{number % 20}", f"value {number}")
        last = await streams.until(len(members))
        if number >= 0:
            took.append(1000 * (last - begun))
        await asyncio.sleep(pause)
    streams.close()
    took.sort()
    print(
        f"a put seen by all {len(members)}, ms: median {statistics.median(took):.1f},"
        f" p99 {took[int(0.99 * (len(took) - 1))]:.1f}, longest {took[-1]:.1f} of {rounds}"
    )


async def losing(members, how, what, rounds):
    """One after the other is ended or stopped: how long until all others say so?"""
    took = []
    for _ in range(rounds):
        victim = members.pop(random.randrange(1, len(members)))
        streams = Streams()
        await streams.open(members, "/api/v1/events", {"member.failed"})
        await asyncio.sleep(0.5)
        begun = time.monotonic()
        os.kill(victim.process.pid, how)
        took.append(await streams.until(len(members)) - begun)
        streams.close()
        os.kill(victim.process.pid, signal.SIGKILL)
        victim.process.wait()
    print(
        f"{what}, out of all {len(members)} views after, s: median {statistics.median(took):.2f},"
        f" longest {max(took):.2f} of {rounds}"
    )


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def loopback_bytes():
    for line in pathlib.Path("/proc/net/dev").read_text().splitlines():
        if line.strip().startswith("lo:"):
            return int(line.split(":")[1].split()[0])
    return 0


def at_rest(members, seconds):
    time.sleep(5)
    cpu = [cpu_seconds(member.process.pid) for member in members]
    wire = loopback_bytes()
    time.sleep(seconds)
    used = [cpu_seconds(m.process.pid) - c for m, c in zip(members, cpu)]
    sent = loopback_bytes() - wire
    print(
        f"at rest, a member of {len(members)}: {100 * sum(used) / len(used) / seconds:.2f} % of a"
        f" processor, {statistics.median(resident_mb(m.process.pid) for m in members):.0f} MB"
        f" resident, {8 * sent / seconds / len(members) / 1000:.1f} kbit/s sent (headers of TCP and"
        " IP included)"
    )


def healing(members, network, rounds):
    """Both halves write; how long after the cable is back do all hold the same?"""
    took = []
    for number in range(rounds):
        halves = [members[0::2], members[1::2]]
        network.cut()
        for half in halves:
            for member in half:
                wait_for("the split", lambda: member.alive() == len(half))
        for side, half in enumerate(halves):
            half[0].put("both", f"{number}.{side}")
            half[0].put(f"side{side}", str(number))
        network.heal()
        expected = {"both": f"{number}.1", "side0": str(number), "side1": str(number)}
        took.append(
            wait_for("all the same", lambda: all(m.store() == expected for m in members))
        )
        for member in members:
            wait_for("the whole group", lambda: member.alive() == len(members))
    print(
        f"all {len(members)} equal after a heal, s: median {statistics.median(took):.2f},"
        f" longest {max(took):.2f} of {rounds}"
    )


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--puts", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.3, help="seconds between two puts")
    parser.add_argument("--losses", type=int, default=5)
    parser.add_argument("--rest", type=int, default=30, help="seconds")
    parser.add_argument("--heal", type=int, default=0, help="splits; needs root and ip")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gossip"))
    network = Network(options.heal > 0)
    members = []
    everybody = []
    try:
        members = start(folder, options.members, network)
        everybody = list(members)
        if options.heal:
            healing(members, network, options.heal)
        else:
            at_rest(members, options.rest)
            asyncio.run(spreading(members, options.puts, options.pause))
            asyncio.run(losing(members, signal.SIGKILL, "killed", options.losses))
            asyncio.run(losing(members, signal.SIGSTOP, "silent", options.losses))
    finally:
        for member in everybody:
            if member.process.poll() is None:
                os.kill(member.process.pid, signal.SIGKILL)
                member.process.wait()
        network.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
