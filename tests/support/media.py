"""A media plane without packets: it keeps the books of ports and answers commands with reports.

It tells whether sound would pass, what is left over, and which commands made no sense.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from media.plane import (
    Allocate,
    Allocated,
    AllocationFailed,
    Connect,
    Direct,
    MediaAddress,
    MediaCommand,
    MediaReport,
    OneWay,
    Release,
    Released,
    StreamCounters,
)
from tests.support.chance import Chance
from tests.support.network import SimulatedNetwork

FIRST_PORT = 20000


@dataclass(slots=True)
class Endpoint:
    """One leg's side of the media as the plane knows it."""

    call_id: str
    local: list[MediaAddress] = field(default_factory=list)
    directed: dict[int, Direct] = field(default_factory=dict)
    connected: str | None = None


class SimulatedMediaPlane:
    """Answers each command after a small seeded delay; `capacity` is how many streams fit."""

    def __init__(
        self,
        network: SimulatedNetwork,
        report: Callable[[MediaReport], None],
        *,
        host: str = "198.51.100.1",
        capacity: int = 10_000,
        jitter: float = 0.0,
    ) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.allocations = 0
        self.releases = 0
        self.refusals = 0
        self.faults: list[str] = []
        self._network = network
        self._report = report
        self._host = host
        self.capacity = capacity
        self.delay = 0.001
        self._jitter = jitter
        self._chance = Chance(network.seed, "media")
        self._port = FIRST_PORT

    @property
    def streams_in_use(self) -> int:
        """How many port pairs are taken."""
        return sum(len(endpoint.local) for endpoint in self.endpoints.values())

    def perform(self, command: MediaCommand) -> None:
        """Carry out a command; its report comes later."""
        match command:
            case Allocate():
                self._allocate(command)
            case Direct():
                self._direct(command)
            case Connect():
                self._connect(command)
            case Release():
                self._release(command)

    def destination(self, host: str, port: int) -> tuple[str, int] | None:
        """Tell where RTP sent to this local address goes on to; None when it goes nowhere."""
        for endpoint in self.endpoints.values():
            for stream, local in enumerate(endpoint.local):
                if (local.host, local.port) == (host, port):
                    return self._onwards(endpoint, stream)
        return None

    def report_one_way(self, endpoint: str, reason: str) -> None:
        """Claim that the endpoint's first stream is one-way."""
        self._later(OneWay(endpoint, self.endpoints[endpoint].call_id, 0, reason))

    def _onwards(self, endpoint: Endpoint, stream: int) -> tuple[str, int] | None:
        heard = endpoint.directed.get(stream)
        other = self.endpoints.get(endpoint.connected or "")
        sent = other.directed.get(stream) if other else None
        if (
            heard is None
            or not heard.receive
            or sent is None
            or not sent.send
            or sent.remote is None
        ):
            return None
        return sent.remote.host, sent.remote.port

    def _allocate(self, command: Allocate) -> None:
        if self.streams_in_use + command.streams > self.capacity:
            self.refusals += 1
            self._later(AllocationFailed(command.endpoint, "no RTP ports are free"))
            return
        endpoint = self.endpoints.get(command.endpoint)
        if endpoint is None:
            self.allocations += 1
            endpoint = self.endpoints[command.endpoint] = Endpoint(command.call_id)
        host = "2001:db8::1" if command.ipv6 else self._host
        for _ in range(command.streams):
            endpoint.local.append(MediaAddress(host, self._port, self._port + 1))
            self._port = FIRST_PORT + (self._port + 2 - FIRST_PORT) % 40_000
        self._later(Allocated(command.endpoint, tuple(endpoint.local)))

    def _direct(self, command: Direct) -> None:
        endpoint = self.endpoints.get(command.endpoint)
        if endpoint is None or command.stream >= len(endpoint.local):
            self.faults.append(f"directed an unknown stream: {command}")
        else:
            endpoint.directed[command.stream] = command

    def _connect(self, command: Connect) -> None:
        one, other = self.endpoints.get(command.one), self.endpoints.get(command.other)
        if one is None or other is None:
            self.faults.append(f"connected an unknown endpoint: {command}")
            return
        for name in (command.one, command.other):
            self._part(name)
        one.connected, other.connected = command.other, command.one

    def _part(self, name: str) -> None:
        partner = self.endpoints.get(self.endpoints[name].connected or "")
        if partner is not None:
            partner.connected = None
        self.endpoints[name].connected = None

    def _release(self, command: Release) -> None:
        if command.endpoint not in self.endpoints:
            self._later(Released(command.endpoint, ()))
            return
        self._part(command.endpoint)
        endpoint = self.endpoints.pop(command.endpoint)
        self.releases += 1
        self._later(Released(command.endpoint, tuple(_COUNTERS for _ in endpoint.local)))

    def _later(self, report: MediaReport) -> None:
        delay = self._chance.uniform(0, self._jitter) if self._jitter else 0.0
        self._network.after(self.delay + delay, lambda: self._report(report))


_COUNTERS = StreamCounters(
    packets_received=50,
    octets_received=8600,
    packets_sent=50,
    octets_sent=8600,
    packets_lost=0,
    packets_rejected=0,
    jitter_ms=0.5,
    rtcp_received=1,
    payload_type=0,
)
