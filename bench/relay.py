"""Measure a media relay: CPU time a packet and added delay, at so many G.711 calls.

Run from the project's root: `python -m bench.relay --calls 200 --calls 1000 --relay native`. The
relay runs in a process of its own on the first core, the generator on the last. Loopback: no
driver's cost.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import uvloop

from bench.process import cores
from bench.rtp_generator import Address, Party, talk
from bench.rtpengine import RtpEngine
from media.plane import Allocate, Allocated, Connect, Direct, MediaAddress, MediaReport
from media.relay import RelaySettings, relay

PORT_LOW = 16384
PORT_HIGH = 32767
WARM_UP = 1.0


class RelayUnderTest(Protocol):
    """A relay in a process of its own; rtpengine or another is added by an adapter of this face."""

    name: str

    def start(self) -> None:
        """Start the process on the first core."""

    def call(self, caller: Address, callee: Address) -> tuple[Address, Address]:
        """Set a call up: where the caller and where the callee have to send."""

    def cpu_seconds(self) -> float:
        """Read the processor time used so far, user and system, all threads."""

    def stop(self) -> None:
        """End the process."""


def process_cpu_seconds(pid: int) -> float:
    """Read a process's user and system time from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class OurRelay:
    """Our relay in a child process, told of calls by lines of JSON."""

    def __init__(self, name: str) -> None:
        self.name = name

    def start(self) -> None:
        """Start the process on the first core."""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.relay", "--serve", self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        os.sched_setaffinity(self._child.pid, {cores()[0]})

    def call(self, caller: Address, callee: Address) -> tuple[Address, Address]:
        """Set a call up."""
        if self._child.stdin is None or self._child.stdout is None:
            raise RuntimeError("the relay has no pipes")
        self._child.stdin.write(json.dumps([caller, callee]).encode() + b"\n")
        self._child.stdin.flush()
        one, other = json.loads(self._child.stdout.readline())
        return (one[0], one[1]), (other[0], other[1])

    def cpu_seconds(self) -> float:
        """Read the processor time used so far."""
        return process_cpu_seconds(self._child.pid)

    def stop(self) -> None:
        """End the process."""
        self._child.communicate()


async def serve(name: str) -> None:
    """Be the child process: a call a line, until the input ends."""
    settings = RelaySettings(port_low=PORT_LOW, port_high=PORT_HIGH, address_v4="127.0.0.1")
    tested = relay(settings, pure=name == "loop")
    if tested.is_native is not (name == "native"):
        sys.exit("media._relay is not built: setup.py build_ext --inplace")
    reports: asyncio.Queue[MediaReport] = asyncio.Queue()
    tested.start(reports.put_nowait)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    number = 0
    while line := await reader.readline():
        number += 1
        ours = []
        for side, (host, port) in zip("ab", json.loads(line), strict=True):
            name = f"{side}{number}"
            tested.perform(Allocate(name, str(number)))
            report = await reports.get()
            while not isinstance(report, Allocated):
                report = await reports.get()
            tested.perform(Direct(name, 0, MediaAddress(host, port, port)))
            ours.append((report.streams[0].host, report.streams[0].port))
        tested.perform(Connect(f"a{number}", f"b{number}"))
        print(json.dumps(ours), flush=True)
    await tested.close()


def measure(tested: RelayUnderTest, calls: int, seconds: float) -> dict[str, str | int | float]:
    """Run one relay at one number of calls."""
    callers, callees = parties = (Party(), Party())
    tested.start()
    sides = [tested.call(callers.address, callees.address) for _ in range(calls)]
    callers.aim([one for one, _ in sides])
    callees.aim([other for _, other in sides])
    talk(parties, calls, WARM_UP, measure=False)
    cpu, begin = tested.cpu_seconds(), time.monotonic()
    heard = talk(parties, calls, seconds, measure=True)
    cpu, elapsed = tested.cpu_seconds() - cpu, time.monotonic() - begin
    tested.stop()
    for party in parties:
        party.socket.close()
    per_packet = cpu / max(1, heard.received) * 1e6
    return {
        "relay": tested.name,
        "calls": calls,
        "packets": heard.received,
        "lost": heard.lost,
        "cpu_percent": round(100 * cpu / elapsed, 1),
        "cpu_us_per_packet": round(per_packet, 2),
        "calls_per_core": round(1e6 / max(per_packet, 0.01) / 100),
        "p50_us": round(heard.p50_us),
        "p99_us": round(heard.p99_us),
    }


RELAYS: dict[str, Callable[[], RelayUnderTest]] = {
    "native": lambda: OurRelay("native"),
    "loop": lambda: OurRelay("loop"),
    "rtpengine": RtpEngine,
}


def run(name: str, calls: int, seconds: float) -> dict[str, str | int | float]:
    """Run one relay on its core, with the generator on the other."""
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cores()[1]})
    try:
        return measure(RELAYS[name](), calls, seconds)
    finally:
        os.sched_setaffinity(0, usable)


def print_row(row: dict[str, str | int | float], *, with_head: bool) -> None:
    """Print a row of the table, under its head the first time."""
    widths = {key: max(len(key), 9) for key in row}
    if with_head:
        print("  ".join(f"{key:>{width}}" for key, width in widths.items()))
    print("  ".join(f"{row[key]:>{width}}" for key, width in widths.items()), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--relay", action="append", choices=sorted(RELAYS), default=None)
    parser.add_argument("--calls", action="append", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--json", type=Path, default=None, help="write the rows here as well")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        uvloop.run(serve(chosen.serve))
        return
    rows = []
    for calls in chosen.calls or [200, 1000]:
        for name in chosen.relay or ["native", "loop"]:
            rows.append(run(name, calls, chosen.seconds))
            print_row(rows[-1], with_head=len(rows) == 1)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
