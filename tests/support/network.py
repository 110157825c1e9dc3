"""A network in virtual time: seeded delay, loss, duplication and reordering between named hosts.

One heap holds everything that will happen. Datagrams may be lost, doubled or overtake each other
(that is what jitter does); streams are reliable and in order, and have the connection numbers that
a transport layer would give them. Hosts are told octets and the flow as they see it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Protocol

from switch.sip.flow import Address, Flow, Transport
from tests.support.chance import Chance
from tests.support.passage import Fate, Passage, label

FIRST_EPHEMERAL_PORT = 40000
"""Streams are opened from this port upwards, one a connection."""


@dataclass(frozen=True, slots=True)
class Link:
    """What happens to datagrams in one direction between two hosts; times in seconds."""

    delay: float = 0.010
    jitter: float = 0.0
    """Up to this much is added to each delay: datagrams closer than that may be reordered."""
    loss: float = 0.0
    duplication: float = 0.0


class Host(Protocol):
    """Whoever stands at an address."""

    @property
    def name(self) -> str:
        """The column of the ladder."""

    def arrive(self, octets: bytes, flow: Flow) -> None:
        """Take a message from the network."""

    def lose_flow(self, flow: Flow, reason: str) -> None:
        """Hear that octets could not be sent on this flow, or that its connection is closed."""


class Event:
    """Something that will happen, unless it is cancelled before."""

    __slots__ = ("act", "at")

    def __init__(self, at: float, act: Callable[[], None]) -> None:
        self.at = at
        self.act: Callable[[], None] | None = act

    def cancel(self) -> None:
        """Take it back; an event that has happened is no fault."""
        self.act = None


@dataclass(slots=True)
class _Connection:
    """A stream from who opened it to who accepted it, and the last delivery time each way."""

    number: int
    transport: Transport
    ends: tuple[tuple[str, Address], tuple[str, Address]]
    last_delivery: dict[str, float] = field(default_factory=dict)

    def flow_of(self, host: str, local: Address) -> Flow:
        """Return the flow as this end names it."""
        (_, opener), (acceptor, accepting) = self.ends
        remote = opener if host == acceptor else accepting
        return Flow(self.transport, local, remote, self.number)


class SimulatedNetwork:
    """Virtual time, hosts at addresses, links between them, and the record of what passed."""

    def __init__(
        self, seed: str | int = 0, link: Link | None = None, *, records: bool = True
    ) -> None:
        self.now = 0.0
        self.seed = seed
        self.passages: list[Passage] = []
        self._records = records
        self._link = link or Link()
        self._links: dict[tuple[str, str], Link] = {}
        self._chances: dict[tuple[str, str], Chance] = {}
        self._hosts: dict[Address, Host] = {}
        self._local: dict[str, Address] = {}
        self._unplugged: set[str] = set()
        self._connections: dict[int, _Connection] = {}
        self._connections_opened = 0
        self._heap: list[tuple[float, int, Event]] = []
        self._order = 0
        self._filters: list[Callable[[str, str, bytes], bool]] = []
        self._watchers: list[Callable[[Passage], None]] = []

    # Building it.

    def attach(self, host: Host, *addresses: Address) -> None:
        """Put a host at its addresses; its first one is where streams that it opens come from."""
        self._local[host.name] = addresses[0]
        for address in addresses:
            self._hosts[address] = host

    def move(self, host: Host, old: Address, new: Address) -> None:
        """Let a host be found at another address, as a NAT that forgot it does."""
        del self._hosts[old]
        self.attach(host, new)

    def set_link(self, one: str, other: str, link: Link, *, both_ways: bool = True) -> None:
        """Give the way from one host to another its own behaviour."""
        self._links[one, other] = link
        if both_ways:
            self._links[other, one] = link

    def set_links(self, link: Link) -> None:
        """Give every way without one of its own this behaviour from now on."""
        self._link = link

    def filter(self, loses: Callable[[str, str, bytes], bool]) -> None:
        """Lose every datagram (source, destination, octets) for which this says so."""
        self._filters.append(loses)

    def lose(
        self, source: str, destination: str, what: str, *, times: int = 1, skip: int = 0
    ) -> None:
        """Lose the next datagrams whose label begins like this, after letting `skip` pass."""
        met = 0

        def loses(sender: str, receiver: str, octets: bytes) -> bool:
            nonlocal met
            if (sender, receiver) != (source, destination) or not label(octets).startswith(what):
                return False
            met += 1
            return skip < met <= skip + times

        self.filter(loses)

    def watch(self, see: Callable[[Passage], None]) -> None:
        """Show every passage as it is sent."""
        self._watchers.append(see)

    def unplug(self, host: str) -> None:
        """Cut a host off: nothing that it sends or that is sent to it arrives."""
        self._unplugged.add(host)

    def plug_in(self, host: str) -> None:
        """Let an unplugged host take part again."""
        self._unplugged.discard(host)

    # Time.

    def at(self, when: float, act: Callable[[], None]) -> Event:
        """Let something happen at a time."""
        event = Event(max(when, self.now), act)
        self._order += 1
        heappush(self._heap, (event.at, self._order, event))
        return event

    def after(self, delay: float, act: Callable[[], None]) -> Event:
        """Let something happen this much later."""
        return self.at(self.now + delay, act)

    def run_until(self, when: float) -> None:
        """Let everything happen that is due up to a time, and make that the time."""
        while (due := self._next_due()) is not None and due <= when:
            self._step()
        self.now = max(self.now, when)

    def run_for(self, seconds: float) -> None:
        """Let this much time pass."""
        self.run_until(self.now + seconds)

    def run_until_idle(self, quiet: float = 35.0, limit: float = 100_000.0) -> None:
        """Run until nothing is due for `quiet` seconds; stop in any case after `limit` seconds."""
        end = self.now + limit
        while (due := self._next_due()) is not None and due <= min(end, self.now + quiet):
            self._step()

    def _next_due(self) -> float | None:
        while self._heap:
            at, _, event = self._heap[0]
            if event.act is not None:
                return at
            heappop(self._heap)
        return None

    def _step(self) -> None:
        at, _, event = heappop(self._heap)
        act, event.act = event.act, None
        self.now = at
        if act is not None:
            act()

    # Passing messages.

    def transmit(self, source: str, octets: bytes, flow: Flow) -> None:
        """Send octets from a host on a flow as that host names it."""
        if flow.transport.is_reliable:
            self._transmit_on_stream(source, octets, flow)
        else:
            self._transmit_datagram(source, octets, flow)

    def _transmit_datagram(self, source: str, octets: bytes, flow: Flow) -> None:
        host = self._hosts.get(flow.remote)
        destination = host.name if host else str(flow.remote)
        link = self._links.get((source, destination), self._link)
        chance = self._chance(source, destination)
        lost = chance.happens(link.loss) or host is None or self._is_cut(source, destination)
        if lost or host is None or self._is_filtered(source, destination, octets):
            self._record(source, destination, octets, Fate.LOST)
            return
        twice = chance.happens(link.duplication)
        self._record(source, destination, octets, Fate.DUPLICATED if twice else Fate.DELIVERED)
        seen = Flow(flow.transport, flow.remote, flow.local)
        for _ in range(2 if twice else 1):
            delay = link.delay + (chance.uniform(0, link.jitter) if link.jitter else 0.0)
            self.after(delay, lambda: self._deliver(host, octets, seen))

    def _transmit_on_stream(self, source: str, octets: bytes, flow: Flow) -> None:
        connection = self._connection(source, flow)
        if connection is None:
            self._record(source, self._name_at(flow.remote), octets, Fate.LOST)
            self.after(0.0, lambda: self._tell_lost(source, flow))
            return
        (opener, opening), (acceptor, accepting) = connection.ends
        destination = acceptor if source == opener else opener
        host = self._hosts[accepting if source == opener else self._local[opener]]
        if self._is_cut(source, destination):
            self._record(source, destination, octets, Fate.LOST)
            return
        self._record(source, destination, octets, Fate.DELIVERED)
        link = self._links.get((source, destination), self._link)
        jitter = self._chance(source, destination).uniform(0, link.jitter) if link.jitter else 0.0
        at = max(self.now + link.delay + jitter, connection.last_delivery.get(destination, 0.0))
        connection.last_delivery[destination] = at
        local = accepting if source == opener else opening
        seen = connection.flow_of(destination, local)
        self.at(at, lambda: self._deliver(host, octets, seen))

    def close(self, number: int) -> None:
        """Close a connection: both ends hear of it."""
        connection = self._connections.pop(number)
        for name, local in connection.ends:
            flow = connection.flow_of(name, local)
            self.after(0.0, lambda name=name, flow=flow: self._tell_lost(name, flow))  # type: ignore[misc]

    def connections(self) -> tuple[int, ...]:
        """Return the numbers of the open connections."""
        return tuple(self._connections)

    def _connection(self, source: str, flow: Flow) -> _Connection | None:
        if flow.connection:
            return self._connections.get(flow.connection)
        for connection in self._connections.values():
            (opener, opening), (acceptor, accepting) = connection.ends
            remote = accepting if source == opener else opening if source == acceptor else None
            if remote == flow.remote and connection.transport is flow.transport:
                return connection
        return self._open(source, flow)

    def _open(self, source: str, flow: Flow) -> _Connection | None:
        acceptor = self._hosts.get(flow.remote)
        if acceptor is None or self._is_cut(source, acceptor.name):
            return None
        self._connections_opened += 1
        number = self._connections_opened
        opening = Address(self._local[source].host, FIRST_EPHEMERAL_PORT + number)
        ends = ((source, opening), (acceptor.name, flow.remote))
        self._connections[number] = _Connection(number, flow.transport, ends)
        return self._connections[number]

    def _deliver(self, host: Host, octets: bytes, flow: Flow) -> None:
        if host.name not in self._unplugged:
            host.arrive(octets, flow)

    def _tell_lost(self, name: str, flow: Flow) -> None:
        self._hosts[self._local[name]].lose_flow(flow, "connection refused or closed")

    def _name_at(self, address: Address) -> str:
        host = self._hosts.get(address)
        return host.name if host else str(address)

    def _is_cut(self, source: str, destination: str) -> bool:
        return source in self._unplugged or destination in self._unplugged

    def _is_filtered(self, source: str, destination: str, octets: bytes) -> bool:
        return any(loses(source, destination, octets) for loses in self._filters)

    def _chance(self, source: str, destination: str) -> Chance:
        way = (source, destination)
        if way not in self._chances:
            self._chances[way] = Chance(self.seed, *way)
        return self._chances[way]

    # Remembering.

    def _record(self, source: str, destination: str, octets: bytes, fate: Fate) -> None:
        passage = Passage(self.now, source, destination, octets, fate)
        if self._records:
            self.passages.append(passage)
        for see in self._watchers:
            see(passage)

    def trace(self) -> bytes:
        """Return everything that passed, for comparing runs byte for byte."""
        return b"".join(
            f"{p.sent_at:.6f} {p.source} {p.destination} {p.fate.value}\n".encode() + p.octets
            for p in self.passages
        )
