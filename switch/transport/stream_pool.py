"""Every stream connection: admitted or opened, reused by address, swept (RFC 3261 section 18)."""

import socket
import ssl
from asyncio import AbstractEventLoop, CancelledError, Event, Task, TaskGroup, TimerHandle, timeout
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypedDict

from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address, Flow, Transport
from switch.transport.address import is_unspecified
from switch.transport.stream import StreamConnection, StreamLimits, prepare_socket
from switch.transport.stream_listener import StreamListener

SWEEP_INTERVAL = 2.0
"""Seconds between looks for connections that have passed a limit of time."""

EXPECTED_NAMES = 4096
"""Names of next hops kept for certificate checks; without one, the address is checked."""


@dataclass(slots=True)
class StreamCounters:
    """What the stream connections saw."""

    accepted: int = 0
    opened: int = 0
    refused: int = 0
    """Closed at once because of a limit on their number."""
    failed: int = 0
    """Handshakes and connects that came to nothing."""
    cut: int = 0
    """Closed because of a limit of time."""
    received: int = 0
    sent: int = 0
    keep_alives: int = 0
    broken: int = 0
    """Closed because what came was no SIP message."""


class PoolUser(Protocol):
    """Who is told what the connections carry."""

    def receive(self, octets: bytes, flow: Flow) -> None:
        """Take one whole message."""

    def receive_broken(self, octets: bytes, flow: Flow, error: RemoteProtocolError) -> None:
        """Take what could not be framed."""

    def lose(self, flow: Flow, reason: str) -> None:
        """Learn that a connection is gone."""

    def note(self, event: str, flow: Flow, reason: str) -> None:
        """Log what went wrong with a connection."""


class StreamPool:
    """The connections, by number and by remote address."""

    def __init__(
        self,
        limits: StreamLimits,
        client_context: ssl.SSLContext,
        user: PoolUser,
        *,
        loop: AbstractEventLoop,
        tasks: TaskGroup,
    ) -> None:
        self.counters = StreamCounters()
        self._limits = limits
        self._client_context = client_context
        self._user = user
        self._loop = loop
        self._tasks = tasks
        self._number = 0
        self._unfinished = 0
        self._connections: dict[int, StreamConnection] = {}
        self._by_remote: dict[tuple[Transport, Address], StreamConnection] = {}
        self._sources: Counter[str] = Counter()
        self._openings: set[Task[None]] = set()
        self._names: dict[Address, str] = {}
        self._emptied = Event()
        self._sweeper: TimerHandle = loop.call_later(SWEEP_INTERVAL, self._sweep)

    def __len__(self) -> int:
        return len(self._connections)

    def expect(self, remote: Address, name: str) -> None:
        """Demand that the certificate shown at this address bears this name (RFC 5922)."""
        self._names.pop(remote, None)
        self._names[remote] = name
        if len(self._names) > EXPECTED_NAMES:
            del self._names[next(iter(self._names))]

    def admit(self, listener: StreamListener, sock: socket.socket, source: Address) -> None:
        """Take an accepted socket, unless there are too many."""
        if (
            len(self._connections) >= self._limits.connections
            or self._sources[source.host] >= self._limits.connections_per_source
        ):
            self.counters.refused += 1
            sock.close()
            return
        transport = Transport.TCP if listener.context is None else Transport.TLS
        connection = self._add(transport, listener.listener.local, source)
        self._begin(self._accept(connection, sock, listener.context), connection)

    def send(self, octets: bytes, flow: Flow) -> None:
        """Write on the flow's connection, or on one to its address, opened when there is none."""
        connection = self._find(flow)
        if connection is None and flow.connection == 0:
            connection = self._open(flow)
        if connection is None or not connection.send(octets):
            self._loop.call_soon(self._user.lose, flow, "the connection is closed")
            return
        self.counters.sent += 1
        if flow.connection == 0:
            connection.carried_unnumbered = True

    async def close(self) -> None:
        """Close every connection, once what is written has left."""
        self._sweeper.cancel()
        for task in self._openings:
            task.cancel()
        for connection in list(self._connections.values()):
            connection.close("the switch stops")
        while self._connections:
            self._emptied.clear()
            await self._emptied.wait()

    def abort(self) -> None:
        """Cut what has not closed."""
        for connection in list(self._connections.values()):
            connection.abort("the switch stops")

    # What connections tell.

    def receive(self, octets: bytes, flow: Flow) -> None:
        """Pass a message on."""
        self.counters.received += 1
        self._user.receive(octets, flow)

    def receive_broken(self, octets: bytes, flow: Flow, error: RemoteProtocolError) -> None:
        """Pass on what could not be framed."""
        self.counters.broken += 1
        self._user.receive_broken(octets, flow, error)

    def opened(self) -> None:
        """Count an open connection."""
        self.counters.opened += 1

    def closed(self, connection: StreamConnection, reason: str) -> None:
        """Forget a connection and tell whoever used it."""
        if self._connections.pop(connection.flow.connection, None) is None:
            return
        flow = connection.flow
        if self._by_remote.get((flow.transport, flow.remote)) is connection:
            del self._by_remote[flow.transport, flow.remote]
        self._sources[flow.remote.host] -= 1
        if not self._sources[flow.remote.host]:
            del self._sources[flow.remote.host]
        if not self._connections:
            self._emptied.set()
        self._user.lose(flow, reason)
        if connection.carried_unnumbered:
            self._user.lose(Flow(flow.transport, flow.local, flow.remote), reason)

    def answered_ping(self) -> None:
        """Count a keep-alive."""
        self.counters.keep_alives += 1

    def keep(self, octets: int) -> bool:
        """Count the octets of unfinished messages."""
        self._unfinished += octets
        return self._unfinished <= self._limits.unfinished

    # How connections come about.

    def _find(self, flow: Flow) -> StreamConnection | None:
        if flow.connection:
            return self._connections.get(flow.connection)
        return self._by_remote.get((flow.transport, flow.remote))

    def _add(self, transport: Transport, local: Address, remote: Address) -> StreamConnection:
        self._number += 1
        flow = Flow(transport, local, remote, self._number)
        connection = StreamConnection(flow, self, self._limits, self._loop)
        self._connections[self._number] = connection
        self._by_remote[transport, remote] = connection
        self._sources[remote.host] += 1
        return connection

    def _open(self, flow: Flow) -> StreamConnection | None:
        if len(self._connections) >= self._limits.connections:
            self.counters.refused += 1
            return None
        family = socket.AF_INET6 if flow.remote.is_ipv6 else socket.AF_INET
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            self.counters.refused += 1
            return None
        connection = self._add(flow.transport, flow.local, flow.remote)
        connection.speak_first()
        self._begin(self._connect(connection, sock), connection)
        return connection

    def _begin(self, opening: Coroutine[None, None, None], connection: StreamConnection) -> None:
        task = self._tasks.create_task(opening, name=f"open {connection.flow}")
        self._openings.add(task)
        task.add_done_callback(self._openings.discard)

    async def _accept(
        self, connection: StreamConnection, sock: socket.socket, context: ssl.SSLContext | None
    ) -> None:
        with self._opening(connection, sock, "handshake_failed"):
            prepare_socket(sock, self._limits)
            await self._loop.connect_accepted_socket(
                lambda: connection,
                sock,
                ssl=context,
                ssl_handshake_timeout=None if context is None else self._limits.handshake,
            )
            self.counters.accepted += 1

    async def _connect(self, connection: StreamConnection, sock: socket.socket) -> None:
        flow = connection.flow
        with self._opening(connection, sock, "connect_failed"):
            prepare_socket(sock, self._limits)
            if flow.local.is_ipv6 == flow.remote.is_ipv6 and not is_unspecified(flow.local.host):
                sock.bind((flow.local.host, 0))
            async with timeout(self._limits.connect):
                await self._loop.sock_connect(sock, (flow.remote.host, flow.remote.port))
            await self._loop.create_connection(
                lambda: connection, sock=sock, **self._client_tls(flow)
            )

    @contextmanager
    def _opening(
        self, connection: StreamConnection, sock: socket.socket, event: str
    ) -> Iterator[None]:
        try:
            yield
        except CancelledError:
            sock.close()
            raise
        except Exception as error:  # noqa: BLE001 - one peer must not end the others' task group
            sock.close()
            reason = str(error) or type(error).__name__
            self.counters.failed += 1
            self._user.note(event, connection.flow, reason)
            connection.abort(reason)
            self.closed(connection, reason)

    def _client_tls(self, flow: Flow) -> "_ClientTls":
        if flow.transport is not Transport.TLS:
            return {}
        return {
            "ssl": self._client_context,
            "server_hostname": self._names.get(flow.remote, flow.remote.host),
            "ssl_handshake_timeout": self._limits.handshake,
        }

    def _sweep(self) -> None:
        now = self._loop.time()
        for connection in list(self._connections.values()):
            reason = connection.overdue(now)
            if reason is not None:
                self.counters.cut += 1
                connection.abort(reason)
        self._sweeper = self._loop.call_later(SWEEP_INTERVAL, self._sweep)


class _ClientTls(TypedDict, total=False):
    ssl: ssl.SSLContext
    server_hostname: str
    ssl_handshake_timeout: float
