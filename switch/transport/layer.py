"""All sockets as one: octets in with their flow, octets out on a flow (RFC 3261 section 18)."""

import errno
import socket
import ssl
from asyncio import AbstractEventLoop, TaskGroup, timeout
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from switch.effect import Level, Log
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address, Flow, Transport
from switch.transport import stun
from switch.transport.address import Listener, ListenerSettings, is_unspecified
from switch.transport.stream import StreamLimits
from switch.transport.stream_listener import StreamListener, bind_stream_socket
from switch.transport.stream_pool import StreamPool
from switch.transport.tls import (
    CertificateError,
    TlsClientSettings,
    client_context,
    reload_server_context,
    server_context,
)
from switch.transport.udp import (
    DatagramCounters,
    UdpListener,
    bind_datagram_socket,
    local_address,
    outward_host,
)

SMALLEST_MESSAGE = 20
"""Octets: no SIP message is shorter than its start line."""

START_OCTETS = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~\r\n"
)
"""What a message can begin with: a token, or empty lines, forgiven by RFC 3261 section 7.5."""

KEEP_ALIVE_OCTETS = frozenset(b"\r\n\0 ")
"""What a UDP keep-alive consists of: clients send CRLFCRLF, CRLF, one NUL or blanks."""

KEEP_ALIVE_LENGTH = 32
"""Octets looked at to tell a keep-alive from junk."""

CLOSE_BOUND = 2.0
"""Seconds that connections get to send what is written before they are cut."""

NOTES = 20
"""Log lines of the transports' own in each interval."""

NOTE_INTERVAL = 60.0


class TransportUser(Protocol):
    """Who is told what the transports saw; never called from within `TransportLayer.send`."""

    def receive(self, octets: bytes, flow: Flow) -> None:
        """Take one whole message."""

    def receive_broken(self, octets: bytes, flow: Flow, error: RemoteProtocolError) -> None:
        """Take what could not be framed on a stream, which is then closed."""

    def lose(self, flow: Flow, reason: str) -> None:
        """Learn that octets could not be put on the flow, or that its connection has closed."""

    def note(self, line: Log) -> None:
        """Log a line of the transports' own."""


class ListenError(Exception):
    """Some listeners could not be opened; `faults` has one line for each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


@dataclass(slots=True)
class LayerCounters:
    """What arrived that was no SIP message, and what could not be sent."""

    keep_alives: int = 0
    stun_requests: int = 0
    junk: int = 0
    """Datagrams that cannot be SIP, dropped before the parser."""
    unroutable: int = 0
    """Messages for a flow to which no listener belongs."""


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """Which sockets to open, and what peers may do with them."""

    listeners: tuple[ListenerSettings, ...]
    limits: StreamLimits = field(default_factory=StreamLimits)
    tls_client: TlsClientSettings = field(default_factory=TlsClientSettings)


@dataclass(frozen=True, slots=True)
class _Bound:
    settings: ListenerSettings
    socket: socket.socket
    listener: Listener
    context: ssl.SSLContext | None


class TransportLayer:
    """Every SIP socket of the switch.

    `bind` opens the sockets, so that their addresses are known; `start` begins to read them.
    """

    def __init__(self, settings: TransportSettings) -> None:
        self.counters = LayerCounters()
        self.listeners: tuple[Listener, ...] = ()
        self._settings = settings
        self._bound: list[_Bound] = []
        self._udp: dict[Address, UdpListener] = {}
        self._accepting: list[StreamListener] = []
        self._client_context: ssl.SSLContext | None = None
        self._is_started = False

    def bind(self) -> tuple[Listener, ...]:
        """Open every listener, or none: raise one `ListenError` with all that is wrong."""
        faults: list[str] = []
        for settings in self._settings.listeners:
            try:
                self._bound.append(_bind(settings))
            except (OSError, CertificateError) as error:
                faults.append(f"{settings}: {_why(error)}")
        try:
            self._client_context = client_context(self._settings.tls_client)
        except CertificateError as error:
            faults.append(f"outgoing TLS: {error}")
        if faults:
            for bound in self._bound:
                bound.socket.close()
            self._bound.clear()
            raise ListenError(faults)
        self.listeners = tuple(bound.listener for bound in self._bound)
        return self.listeners

    def start(self, user: TransportUser, loop: AbstractEventLoop, tasks: TaskGroup) -> None:
        """Begin to read; connections open in `tasks`."""
        self._user, self._loop = user, loop
        self._is_started = True
        self._notes = NoteLimit(loop, user.note)
        self.streams = StreamPool(
            self._settings.limits,
            self._client_context or client_context(self._settings.tls_client),
            self,
            loop=loop,
            tasks=tasks,
        )
        for bound in self._bound:
            if bound.listener.transport is Transport.UDP:
                self._udp[bound.listener.local] = self._read_datagrams(bound)
            else:
                self._accepting.append(self._accept_streams(bound))

    def _read_datagrams(self, bound: _Bound) -> UdpListener:
        return UdpListener(
            bound.socket,
            bound.listener,
            receive=self._receive_datagram,
            fail=self._user.lose,
            loop=self._loop,
        )

    def _accept_streams(self, bound: _Bound) -> StreamListener:
        return StreamListener(
            bound.socket,
            bound.listener,
            bound.context,
            admit=self.streams.admit,
            exhaust=self._exhaust,
            loop=self._loop,
        )

    @property
    def datagrams(self) -> dict[Listener, DatagramCounters]:
        """The counters of each UDP listener."""
        return {udp.listener: udp.counters for udp in self._udp.values()}

    def expect(self, remote: Address, name: str) -> None:
        """Demand that the certificate shown at this address bears this name (RFC 5922)."""
        self.streams.expect(remote, name)

    def reload_certificates(self) -> list[str]:
        """Read the listeners' certificates again; return a line for each that stays as it was."""
        faults = []
        for bound in self._bound:
            if bound.context is not None:
                try:
                    reload_server_context(bound.context, bound.settings)
                except CertificateError as error:
                    faults.append(f"{bound.settings}: {error}")
        return faults

    def send(self, octets: bytes, flow: Flow) -> None:
        """Put octets on a flow; what goes wrong is told to the user later, never from within."""
        if flow.transport is not Transport.UDP:
            self.streams.send(octets, flow)
            return
        listener = self._udp.get(flow.local) or self._sibling(flow)
        if listener is None:
            self.counters.unroutable += 1
            self._loop.call_soon(self._user.lose, flow, "no UDP listener of that address family")
            return
        listener.send(octets, flow)

    def _sibling(self, flow: Flow) -> UdpListener | None:
        """Find a listener for a flow that was kept from before a restart with other listeners."""
        for local, listener in self._udp.items():
            if local.is_ipv6 == flow.remote.is_ipv6:
                return listener
        return None

    async def close(self) -> None:
        """Accept nothing more, let what is written leave, then close every socket."""
        if not self._is_started:
            for bound in self._bound:
                bound.socket.close()
            return
        for accepting in self._accepting:
            accepting.close()
        for listener in self._udp.values():
            listener.close()
        with suppress(TimeoutError):
            async with timeout(CLOSE_BOUND):
                await self.streams.close()
        self.streams.abort()

    # What the sockets tell.

    def receive(self, octets: bytes, flow: Flow) -> None:
        """Pass a stream's message on."""
        self._user.receive(octets, flow)

    def receive_broken(self, octets: bytes, flow: Flow, error: RemoteProtocolError) -> None:
        """Pass on what could not be framed."""
        self._user.receive_broken(octets, flow, error)

    def lose(self, flow: Flow, reason: str) -> None:
        """Pass on that a connection is gone."""
        self._user.lose(flow, reason)

    def note(self, event: str, flow: Flow, reason: str) -> None:
        """Log what went wrong with a connection."""
        self._notes.write(event, {"flow": str(flow), "reason": reason})

    def _exhaust(self, listener: Listener, reason: str) -> None:
        self._notes.write("accept_paused", {"listener": str(listener), "reason": reason})

    def _receive_datagram(self, octets: bytes, flow: Flow) -> None:
        if len(octets) >= SMALLEST_MESSAGE and octets[0] in START_OCTETS:
            self._user.receive(octets, flow)
        elif stun.is_stun(octets):
            self._answer_stun(octets, flow)
        elif KEEP_ALIVE_OCTETS.issuperset(octets[:KEEP_ALIVE_LENGTH]):
            self.counters.keep_alives += 1
        else:
            self.counters.junk += 1

    def _answer_stun(self, octets: bytes, flow: Flow) -> None:
        try:
            request = stun.parse(octets)
        except stun.StunError:
            self.counters.junk += 1
            return
        self.counters.stun_requests += 1
        self._udp[flow.local].send(stun.answer(request, flow.remote), flow)


class NoteLimit:
    """Writes only so many log lines each interval that a scan of the port fills no disk."""

    def __init__(self, loop: AbstractEventLoop, write: Callable[[Log], None]) -> None:
        self.suppressed = 0
        self._loop = loop
        self._write = write
        self._left = NOTES
        self._since = loop.time()

    def write(self, event: str, fields: dict[str, str | int | float | bool | None]) -> None:
        """Log a warning, unless there were too many; the next one tells how many were lost."""
        now = self._loop.time()
        if now - self._since >= NOTE_INTERVAL:
            self._since, self._left = now, NOTES
        if not self._left:
            self.suppressed += 1
            return
        self._left -= 1
        if self.suppressed:
            fields["suppressed"], self.suppressed = self.suppressed, 0
        self._write(Log(event, Level.WARNING, fields))


def _bind(settings: ListenerSettings) -> _Bound:
    context = None
    if settings.transport is Transport.TLS:
        context = server_context(settings)
    opener = bind_datagram_socket if settings.transport is Transport.UDP else bind_stream_socket
    sock = opener(settings)
    local = local_address(sock)
    host = settings.advertise_host
    if host is None:
        unspecified = is_unspecified(local.host)
        host = outward_host(is_ipv6=settings.is_ipv6) if unspecified else local.host
    advertised = Address(host, settings.advertise_port or local.port)
    return _Bound(settings, sock, Listener(settings.transport, local, advertised), context)


def _why(error: OSError | CertificateError) -> str:
    if isinstance(error, CertificateError):
        return str(error)
    match error.errno:
        case errno.EADDRINUSE:
            return "the port is taken by another program; stop it or change [[listener]] port"
        case errno.EADDRNOTAVAIL:
            return "this machine does not have that address"
        case errno.EACCES | errno.EPERM:
            return "ports below 1024 need the right CAP_NET_BIND_SERVICE"
        case _:
            return error.strerror or str(error)
