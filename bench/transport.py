"""CPU time of the driver, the transports and the parser per datagram in and out, over loopback UDP.

Run as `python bench/transport.py`; each row is a process of its own. The load generator is a child,
whose time does not count. The core answers with octets made once, so that what is measured is
around it; the row `parse` is the parser's share.
"""

import asyncio
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import uvloop

from switch.driver import CoreOutput
from switch.sip.effect import Transmit
from switch.sip.flow import Flow, Transport
from switch.sip.message import Request, Response
from switch.sip.parser import parse
from switch.transport.address import ListenerSettings
from tests.support.echo_core import EchoCore
from tests.support.wire import options, running_driver

DATAGRAMS = 60_000
GENERATOR = """
import socket, sys, time
port, count, rate = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
sock.connect(("127.0.0.1", port))
sock.setblocking(False)
template = sys.stdin.buffer.read()
sent = received = 0
start = last = time.perf_counter()
window = 256
while received < count and time.perf_counter() - last < 2:
    allowed = int((time.perf_counter() - start) * rate) if rate else received + window
    due = min(count, allowed)
    while sent < due:
        try:
            sock.send(template)
        except BlockingIOError:
            break
        sent += 1
    try:
        while True:
            sock.recv(65536)
            received += 1
            last = time.perf_counter()
    except BlockingIOError:
        if rate:
            time.sleep(0.001)
print(received)
"""


class FastCore(EchoCore):
    """Answers as fast as Python can, so that what is measured is around it."""

    answer = b""

    def receive(self, message: Request | Response, flow: Flow, now: float) -> Sequence[CoreOutput]:
        """Answer with octets made once."""
        del message, now
        return (Transmit(self.answer, flow),)


def cpu() -> float:
    """Return this process's user and system time."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def message() -> bytes:
    """Give a request of the size of an INVITE."""
    return options(1, body=b"v=0\r\n" + b"a=x:0123456789\r\n" * 45)


async def run(rate: float) -> dict[str, float]:
    """Measure one process."""
    async with running_driver(ListenerSettings.parse("udp:127.0.0.1:0"), core=FastCore()) as bench:
        FastCore.answer = b"SIP/2.0 200 OK\r\n" + message().partition(b"\r\n")[2][:500]
        _, port = bench.address(Transport.UDP)
        generator = await asyncio.create_subprocess_exec(
            sys.executable, "-c", GENERATOR, str(port), str(DATAGRAMS), str(rate),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        before = cpu()
        output, _ = await generator.communicate(message())
        used = cpu() - before
    received = int(output)
    return {"us": used / received * 1e6, "lost": DATAGRAMS - received}


def parts() -> dict[str, float]:
    """Measure the parser alone."""
    octets = message()
    gc.disable()
    start = time.process_time()
    for _ in range(20_000):
        parse(octets)
    return {"us": (time.process_time() - start) / 20_000 * 1e6, "lost": 0}


def main() -> None:
    """Measure each combination, or the one that the arguments name."""
    if len(sys.argv) > 1:
        if sys.argv[1] == "parse":
            result = parts()
        else:
            rate = float(sys.argv[2])
            runner = uvloop.run if sys.argv[1] == "uvloop" else asyncio.run
            result = runner(run(rate))
        print(json.dumps(result))
        return
    print("| loop | native | rate | µs per datagram in and out | lost |\n|---|---|---|---|---|")
    for pure in ("0", "1"):
        for loop, rate in (("parse", "-"), ("uvloop", "0"), ("asyncio", "0"), ("uvloop", "5000")):
            output = subprocess.run(
                [sys.executable, __file__, loop, rate],
                env={**os.environ, "DAIHYO_PURE": pure}, check=True, capture_output=True,
            ).stdout  # fmt: skip
            result = json.loads(output)
            native = "no" if pure == "1" else "yes"
            print(f"| {loop} | {native} | {rate} | {result['us']:.1f} | {result['lost']} |")


if __name__ == "__main__":
    main()
