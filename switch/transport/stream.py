"""One TCP or TLS connection: octets framed into messages, within limits (RFC 3261 section 18.3)."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Protocol, cast

from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Flow
from switch.sip.framing import PONG, Ping, StreamFraming

LONGEST_PAUSE = 3
"""Octets that may rest between messages: a pong, or half of a ping, is no message begun."""

USUAL_MESSAGE = 8192
"""Octets of an unfinished message that every connection may keep: more than phones send."""

EARLY_MESSAGES = 64
"""Messages that may wait for a connection to open; a burst to one trunk is smaller."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What peers may do with stream connections; times in seconds."""

    connections: int = 16_384
    """All together: each costs a file descriptor and some 20 kB, with TLS some 60."""
    connections_per_source: int = 512
    """Of one address: the phones of an office behind one NAT, with room."""
    first_message: float = 32.0
    """From the handshake to the first whole message or keep-alive: timer B."""
    message: float = 10.0
    """From a message's first octet to its last, against senders that drip."""
    unfinished: int = 64 * 1024 * 1024
    """Octets of unfinished messages, all together: who keeps many of them is cut beyond it."""
    idle: float = 3900.0
    """Without any octet from the peer: beyond the longest registration, which refreshes."""
    handshake: float = 10.0
    connect: float = 5.0
    """Until a next hop has accepted: short enough to try another within timer B."""
    write_buffer: int = 256 * 1024
    """Octets that may wait for a slow reader, which is then cut."""
    user_timeout: float = 20.0
    """For sent octets to be acknowledged (RFC 5482): so a phone without power is found."""


class ConnectionOwner(Protocol):
    """Who keeps the connection."""

    def receive(self, octets: bytes, flow: Flow) -> None:
        """Take one whole message."""

    def receive_broken(self, octets: bytes, flow: Flow, error: RemoteProtocolError) -> None:
        """Take what could not be framed, before the connection closes."""

    def opened(self) -> None:
        """Learn that the connection is open."""

    def closed(self, connection: "StreamConnection", reason: str) -> None:
        """Learn that the connection is gone."""

    def answered_ping(self) -> None:
        """Learn that a keep-alive was answered."""

    def keep(self, octets: int) -> bool:
        """Learn that so many more octets wait (or fewer); tell whether there is room for them."""
        ...


class StreamConnection(asyncio.Protocol):
    """One connection, from its making to its loss."""

    def __init__(
        self,
        flow: Flow,
        owner: ConnectionOwner,
        limits: StreamLimits,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.flow = flow
        self.is_open = False
        self.carried_unnumbered = False
        """Whether a message for the flow with connection 0 went out here."""
        self._owner = owner
        self._limits = limits
        self._loop = loop
        self._framing = StreamFraming()
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._heard_at = self._opened_at = loop.time()
        self._partial_since: float | None = None
        self._has_spoken = False
        self._kept = 0
        self._reason = ""

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<StreamConnection {self.flow.connection} {self.flow} {state}>"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send what has waited (asyncio)."""
        # uvloop's stream transports are no subclass of asyncio's.
        self._transport = stream = cast("asyncio.Transport", transport)
        self.is_open = True
        self._heard_at = self._opened_at = self._loop.time()
        stream.set_write_buffer_limits(high=self._limits.write_buffer)
        self._owner.opened()
        early, self._early = self._early, []
        for octets in early:
            self.send(octets)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the loss (asyncio)."""
        self.is_open = False
        self._transport = None
        self._owner.keep(-self._kept)
        self._kept = 0
        self._owner.closed(self, self._reason or (str(exc) if exc else "closed by the peer"))

    def eof_received(self) -> None:
        """Close as well when the peer has closed (asyncio)."""

    def pause_writing(self) -> None:
        """Cut a peer that does not read (asyncio)."""
        self.abort("the peer does not read what it is sent")

    def data_received(self, data: bytes) -> None:
        """Frame what came (asyncio)."""
        now = self._heard_at = self._loop.time()
        frames = self._framing.feed(data)
        if frames:
            self._has_spoken = True
            self._partial_since = None
        for frame in frames:
            if not self.is_open:
                return
            if isinstance(frame, bytes):
                self._owner.receive(frame, self.flow)
            elif isinstance(frame, Ping):
                self._pong()
            else:
                self._owner.receive_broken(frame.octets, self.flow, frame.error)
                self.close(frame.error.reason)
        self._watch_rest(now)

    def _watch_rest(self, now: float) -> None:
        """Watch what waits for the rest of its message: for how long, and how much."""
        waiting = len(self._framing)
        if waiting <= LONGEST_PAUSE:
            self._partial_since = None
        elif self._partial_since is None:
            self._partial_since = now
        if waiting != self._kept and self.is_open:
            has_room = self._owner.keep(waiting - self._kept)
            self._kept = waiting
            if not has_room and waiting > USUAL_MESSAGE:
                self.abort("too much of unfinished messages waits")

    def send(self, octets: bytes) -> bool:
        """Write octets, or keep them until the connection opens; False when neither can be done."""
        if self._transport is not None:
            self._transport.write(octets)
            return self.is_open
        if self._reason or len(self._early) >= EARLY_MESSAGES:
            return False
        self._early.append(octets)
        return True

    def overdue(self, now: float) -> str | None:
        """Tell which limit of time the connection has passed."""
        limits = self._limits
        if not self.is_open:
            return None
        if self._partial_since is not None and now - self._partial_since > limits.message:
            return "a message was not completed in time"
        if not self._has_spoken and now - self._opened_at > limits.first_message:
            return "no message came"
        if now - self._heard_at > limits.idle:
            return "idle"
        return None

    def close(self, reason: str) -> None:
        """Close when what is written has left."""
        if self._transport is not None:
            self._reason = self._reason or reason
            self._transport.close()

    def abort(self, reason: str) -> None:
        """Close at once, losing what is written."""
        self.is_open = False
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.abort()

    def speak_first(self) -> None:
        """Excuse the peer from speaking: it was we who connected."""
        self._has_spoken = True

    def _pong(self) -> None:
        self.send(PONG)
        self._owner.answered_ping()


def prepare_socket(sock: socket.socket, limits: StreamLimits) -> None:
    """Set a connection's socket options."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        timeout_ms = int(limits.user_timeout * 1000)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)
