"""Measure what a running switch with 100,000 numbers lets a packet wait while contracts change.

A process of its own sends an OPTIONS every two milliseconds and notes how long each answer takes.
Meanwhile contracts change in the database, and the switch is asked to take them. Audio is relayed
by a thread of its own and waits for none of this; what is measured is signalling.
"""

import asyncio
import socket
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from bench.process import Pinned, StartError, cores, pause
from provisioning.contract import Contract
from provisioning.document import Terms, Tree, read
from provisioning.store import ContractStore, Stamp
from switch import control
from switch.store.database import Database, sqlite_url
from switch.view import Ask

ADDRESS = ("127.0.0.8", 15098)
EVERY = 0.002
"""Seconds between two OPTIONS."""

LATE = 0.020
"""Seconds after which a packet counts as late: the time of one RTP packet."""

QUIET_SECONDS = 5.0
BULK = 1000
"""Contracts of the large change."""

CHANGES = 5
START_SECONDS = 60.0

CONFIGURATION = """
[server]
data_dir = "{folder}/data"
realm = "bench"
[security]
requests_per_second = 100000
request_burst = 100000
[[listener]]
transport = "udp"
host = "{host}"
port = {port}
[media]
address = "127.0.0.8"
[http]
enabled = false
"""

Sample = tuple[float, float]
"""When an OPTIONS was sent, and how long its answer took."""


@dataclass(frozen=True, slots=True)
class Swaps:
    """What was measured, in milliseconds."""

    quiet: float
    """The longest wait while nothing changed."""
    one: float
    """The longest while one contract changed, again and again."""
    bulk: float
    """The longest while a thousand changed at once."""
    one_taken: float
    """How long the switch took to have one contract's change in effect."""
    bulk_taken: float
    late: int
    """Answers later than 20 ms, over all."""
    answers: int


def tables(contracts: int, ids: int) -> Tree:
    """Write a file of contracts, each with its IDs and a representative number."""
    return {"version": 1, "contract": [_table(each, ids) for each in range(contracts)]}


def _table(index: int, ids: int) -> Tree:
    kinds = ["fixed" if each < 2 else "app" for each in range(ids)]
    identities = [
        {
            "username": f"u{index}-{each}",
            "ha1": {"MD5": f"{index * ids + each:032x}", "SHA-256": f"{index * ids + each:064x}"},
            "extension": str(101 + each),
            "number": f"+813{1000_0000 + index * ids + each}",
            "device": {"kind": kind},
        }
        for each, kind in enumerate(kinds)
    ]
    assigned = [{"id": identity["username"]} for identity in identities]
    shared = {"number": f"+816{1000_0000 + index}", "name": "Office", "assigned": assigned}
    return {"name": f"c{index}", "id": identities, "representative": [shared]}


class Bench:
    """A running switch, the contracts that it serves, and whoever changes them."""

    def __init__(self, folder: Path, contracts: int, ids: int) -> None:
        self.contracts = read(tables(contracts, ids), Terms("bench", ("MD5", "SHA-256")))
        self._folder = folder
        self._data = folder / "data"
        self._data.mkdir()

    def start(self) -> Pinned:
        """Start a switch that has taken every contract."""
        self.put(self.contracts)
        host, port = ADDRESS
        text = CONFIGURATION.format(folder=self._folder, host=host, port=port)
        file, log = self._folder / "bench.toml", self._folder / "log"
        file.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "switch", "run", "-c", str(file)]
        root = str(Path(__file__).parent.parent)
        switch = Pinned(command, cores()[0], log, environment={"PYTHONPATH": root})
        until = time.monotonic() + START_SECONDS
        while '"started"' not in log.read_text(encoding="utf-8"):
            if time.monotonic() > until or not switch.is_running:
                switch.stop()
                raise StartError(f"the switch has not started: {switch.said()}")
            pause(0.1)
        return switch

    def put(self, changed: Iterable[Contract]) -> None:
        """Write contracts into the database."""
        asyncio.run(self._put(list(changed)))

    async def _put(self, changed: list[Contract]) -> None:
        database = await Database.open(sqlite_url(self._data / "daihyo.db"), migrate=True)
        try:
            async with ContractStore(database.engine).change(Stamp("bench", 1.0)) as change:
                await change.put(changed, "bench")
        finally:
            await database.close()

    def renew(self) -> float:
        """Have the switch take what has changed; return the seconds until it is in effect."""
        begun = time.monotonic()
        asyncio.run(control.ask(self._data, Ask("renew"), int))
        return time.monotonic() - begun


def measure(contracts: int, ids: int) -> Swaps:
    """Run a switch with so many contracts, and change some; raise `StartError`."""
    with tempfile.TemporaryDirectory(prefix="daihyo-bench-") as name:
        bench = Bench(Path(name), contracts, ids)
        switch = bench.start()
        try:
            return _changes(bench)
        finally:
            switch.stop()


def _changes(bench: Bench) -> Swaps:
    made = bench.contracts
    ours, theirs = get_context("spawn").Pipe()
    prober = get_context("spawn").Process(target=probe, args=(theirs,), daemon=True)
    prober.start()
    ours.recv()
    begun = time.monotonic()
    pause(QUIET_SECONDS)
    quiet = (begun, time.monotonic())
    one, taken = [], []
    for limit in range(CHANGES):
        bench.put([made[0].model_copy(update={"max_calls": 5 + limit})])
        begun = time.monotonic()
        taken.append(bench.renew())
        one.append((begun, time.monotonic() + 0.2))
        pause(0.5)
    bench.put([each.model_copy(update={"max_calls": 9}) for each in made[:BULK]])
    begun = time.monotonic()
    bulk_taken = bench.renew()
    bulk = (begun, time.monotonic() + 0.2)
    pause(0.3)
    ours.send("stop")
    samples: list[Sample] = ours.recv()
    prober.join()
    return Swaps(
        quiet=_longest(samples, [quiet]),
        one=_longest(samples, one),
        bulk=_longest(samples, [bulk]),
        one_taken=median(taken) * 1000,
        bulk_taken=bulk_taken * 1000,
        late=sum(delay > LATE for _, delay in samples),
        answers=len(samples),
    )


def _longest(samples: list[Sample], windows: list[tuple[float, float]]) -> float:
    waits = [
        delay
        for sent, delay in samples
        if any(begin <= sent <= end or begin <= sent + delay <= end for begin, end in windows)
    ]
    return max(waits, default=0.0) * 1000


def probe(pipe: Connection) -> None:
    """Send OPTIONS until told to stop, one at a time, and tell how long each answer took."""
    samples: list[Sample] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((ADDRESS[0], 0))
        sock.settimeout(10.0)
        port = sock.getsockname()[1]
        pipe.send("ready")
        while not pipe.poll():
            sent = time.monotonic()
            sock.sendto(_options(port, len(samples)), ADDRESS)
            sock.recv(65536)
            samples.append((sent, time.monotonic() - sent))
            pause(EVERY)
    pipe.send(samples)


def _options(port: int, number: int) -> bytes:
    host, branch = ADDRESS[0], f"z9hG4bK-{port}-{number}"
    return (
        f"OPTIONS sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch={branch};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:probe@{host}>;tag=p\r\nTo: <sip:{host}>\r\n"
        f"Call-ID: {branch}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()
