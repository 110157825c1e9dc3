"""A running driver with the echo core on loopback, and the messages that shell tests send to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from media.plane import PlaneCommand, PlaneReport, Release, StreamCounters
from switch.driver import Addresses, Driver
from switch.effect import DeleteBinding, Log, Target, WriteBinding, WriteCdr
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address, Transport
from switch.transport.address import Listener, ListenerSettings
from switch.transport.layer import TransportLayer, TransportSettings
from switch.transport.stream import StreamLimits
from switch.transport.tls import TlsClientSettings
from switch.transport.trace import Trace
from tests.support.echo_core import EchoCore

HOSTS = {False: "127.0.0.1", True: "::1"}


class SilentRelay:
    """A relay that remembers its commands."""

    def __init__(self) -> None:
        self.commands: list[PlaneCommand] = []
        self.is_closed = False
        self.answer: PlaneReport | None = None
        """What is reported from within each command."""

    def start(self, report: Callable[[PlaneReport], None]) -> None:
        """Remember whom to tell."""
        self._report = report

    def perform(self, command: PlaneCommand) -> None:
        """Remember the command; fail, as no relay should, for the endpoint `faulty`."""
        if command == Release("faulty"):
            raise RuntimeError("a fault on purpose")
        self.commands.append(command)
        if self.answer is not None:
            self._report(self.answer)

    def counters(self, endpoint: str) -> tuple[StreamCounters, ...]:
        """Have nothing to tell."""
        del endpoint
        return ()

    async def close(self) -> None:
        """Remember that it is over."""
        self.is_closed = True


class ListSink:
    """Keeps effects in a list."""

    def __init__(self) -> None:
        self.effects: list[WriteBinding | DeleteBinding | WriteCdr] = []

    def write(self, effect: WriteBinding | DeleteBinding | WriteCdr) -> None:
        """Keep it."""
        self.effects.append(effect)


class ListLog:
    """Keeps log lines in a list."""

    def __init__(self) -> None:
        self.lines: list[Log] = []

    def write(self, effect: Log) -> None:
        """Keep it."""
        self.lines.append(effect)

    def of(self, event: str) -> list[Log]:
        """Return the lines of one event."""
        return [line for line in self.lines if line.event == event]


class TableResolver:
    """Answers from a table: `now` at once, `later` after a turn of the loop."""

    def __init__(self) -> None:
        self.now: dict[str, Addresses] = {}
        self.later: dict[str, Addresses] = {}

    def known(self, target: Target) -> Addresses | None:
        """Answer at once what is known."""
        return self.now.get(target.host)

    async def resolve(self, target: Target) -> Addresses:
        """Answer after a turn of the loop; fail for a name that is in no table."""
        await asyncio.sleep(0)
        return self.later[target.host]


def reject(octets: bytes, error: RemoteProtocolError, source: Address) -> bytes | None:
    """Answer a malformed message recognisably, or with silence when it asks for that."""
    del source
    return (
        None if b"silence" in octets else f"SIP/2.0 {error.status} {error.reason}\r\n\r\n".encode()
    )


@dataclass
class Bench:
    """A running driver and its surroundings."""

    driver: Driver
    core: EchoCore
    transports: TransportLayer
    listeners: Sequence[Listener]
    relay: SilentRelay = field(default_factory=SilentRelay)
    sink: ListSink = field(default_factory=ListSink)
    log: ListLog = field(default_factory=ListLog)
    resolver: TableResolver = field(default_factory=TableResolver)

    def address(self, transport: Transport, *, ipv6: bool = False) -> tuple[str, int]:
        """Return where a listener can be reached."""
        for listener in self.listeners:
            if listener.transport is transport and listener.local.is_ipv6 == ipv6:
                return HOSTS[ipv6], listener.local.port
        raise LookupError(transport)


@asynccontextmanager
async def running_driver(
    *listeners: ListenerSettings,
    limits: StreamLimits | None = None,
    tls_client: TlsClientSettings | None = None,
    trace: Trace | None = None,
    core: EchoCore | None = None,
) -> AsyncIterator[Bench]:
    """Run a driver with the echo core; by default on one UDP port."""
    settings = TransportSettings(
        listeners or (ListenerSettings.parse("udp:127.0.0.1:0"),),
        limits or StreamLimits(),
        tls_client or TlsClientSettings(),
    )
    transports = TransportLayer(settings)
    core = core or EchoCore()
    relay, sink, log, resolver = SilentRelay(), ListSink(), ListLog(), TableResolver()
    bound = transports.bind()
    driver = Driver(
        core,
        transports=transports,
        media=relay,
        resolver=resolver,
        sink=sink,
        log=log,
        reject=reject,
        trace=trace,
    )
    async with driver.running():
        yield Bench(driver, core, transports, bound, relay, sink, log, resolver)


def options(
    number: int = 1, *, method: str = "OPTIONS", transport: str = "UDP", body: bytes = b""
) -> bytes:
    """Write a request as a phone would."""
    head = (
        f"{method} sip:switch@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/{transport} 127.0.0.1:5070;branch=z9hG4bK{number};rport\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:phone@127.0.0.1>;tag=a\r\n"
        "To: <sip:switch@127.0.0.1>\r\n"
        f"Call-ID: call-{number}@phone\r\n"
        f"CSeq: {number} {method}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class UdpPeer(asyncio.DatagramProtocol):
    """A peer on UDP whose received datagrams can be awaited."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Keep a datagram (asyncio)."""
        del addr
        self.received.put_nowait(data)

    async def next(self) -> bytes:
        """Wait for the next datagram."""
        async with asyncio.timeout(5):
            return await self.received.get()


@asynccontextmanager
async def udp_peer(
    remote: tuple[str, int],
) -> AsyncIterator[tuple[asyncio.DatagramTransport, UdpPeer]]:
    """Open a UDP socket connected to the switch."""
    loop = asyncio.get_running_loop()
    transport, peer = await loop.create_datagram_endpoint(UdpPeer, remote_addr=remote)
    try:
        yield transport, peer
    finally:
        transport.close()
        await asyncio.sleep(0)


async def until(condition: Callable[[], object], *, bound: float = 5.0) -> None:
    """Let the loop run until the condition holds."""
    async with asyncio.timeout(bound):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)
