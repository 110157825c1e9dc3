"""SIP over UDP: a socket read in batches, written once per turn of the loop (RFC 3261 section 18).

A request larger than the path's MTU leaves in IP fragments: phones behind NAT cannot be asked to
take it by TCP, as section 18.1.1 would have it.
"""

import socket
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from switch.sip.flow import Address, Flow, Transport
from switch.transport.address import Listener, ListenerSettings
from switch.transport.datagram import BATCH, Datagrams, open_datagrams

SOCKET_BUFFER = 4 * 1024 * 1024
"""Octets the kernel may hold each way: a second of a registration storm while the loop is busy."""

BATCHES_PER_TURN = 4
"""Batches read before timers and other sockets get their turn."""

SEND_QUEUE = 8192
"""Datagrams that may wait for a full socket; SIP retransmits, so what is beyond is dropped."""

RECEIVE_ERRORS = 64
"""Errors skipped in one turn: the kernel reports each refused datagram once."""


@dataclass(slots=True)
class DatagramCounters:
    """What one UDP listener saw."""

    received: int = 0
    sent: int = 0
    dropped: int = 0
    """Not sent because the queue was full."""
    failed: int = 0
    """Not sent because the system refused."""
    receive_errors: int = 0


def bind_datagram_socket(settings: ListenerSettings) -> socket.socket:
    """Open the listener's socket; raise `OSError` when the address is taken or not ours."""
    family = socket.AF_INET6 if settings.is_ipv6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            # Linux gives what net.core.rmem_max allows and says nothing.
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        sock.bind((settings.host, settings.port))
    except BaseException:
        sock.close()
        raise
    return sock


class UdpListener:
    """One UDP socket on the loop."""

    def __init__(
        self,
        sock: socket.socket,
        listener: Listener,
        *,
        receive: Callable[[bytes, Flow], None],
        fail: Callable[[Flow, str], None],
        loop: AbstractEventLoop,
    ) -> None:
        self.listener = listener
        self.counters = DatagramCounters()
        self._socket = sock
        self._receive = receive
        self._fail = fail
        self._loop = loop
        self._datagrams: Datagrams = open_datagrams(sock, self.flow_to)
        self._queue: list[tuple[bytes, Flow]] = []
        self._flush_is_due = False
        self._is_blocked = False
        loop.add_reader(sock.fileno(), self._read)

    def flow_to(self, host: str, port: int) -> Flow:
        """Give the flow between this listener and a peer."""
        return Flow(Transport.UDP, self.listener.local, Address(host, port))

    def send(self, octets: bytes, flow: Flow) -> None:
        """Queue a datagram; it leaves at the end of this turn of the loop."""
        if len(self._queue) >= SEND_QUEUE:
            self.counters.dropped += 1
            return
        self._queue.append((octets, flow))
        if not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Send what is queued as far as the socket takes it, and close the socket."""
        if self._socket.fileno() < 0:
            return
        self._is_blocked = False
        self._flush()
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._queue.clear()
        self._socket.close()

    def _read(self) -> None:
        # Answers queued while reading leave at the end of this very call, not of the turn.
        was_due, self._flush_is_due = self._flush_is_due, True
        for _ in range(BATCHES_PER_TURN):
            batch = self._next_batch()
            self.counters.received += len(batch)
            for octets, flow in batch:
                self._receive(octets, flow)
            if len(batch) < BATCH:
                break
        self._flush_is_due = was_due
        if not was_due and self._queue:
            self._flush()

    def _next_batch(self) -> list[tuple[bytes, Flow]]:
        for _ in range(RECEIVE_ERRORS):
            try:
                return self._datagrams.receive()
            except OSError:
                # An ICMP error of an earlier datagram (ECONNREFUSED): reading goes on.
                self.counters.receive_errors += 1
        return []

    def _flush(self) -> None:
        self._flush_is_due = False
        if self._is_blocked or self._socket.fileno() < 0:
            return
        queue, start = self._queue, 0
        while start < len(queue):
            try:
                sent = self._datagrams.send(queue, start)
            except (OSError, TypeError, ValueError) as error:
                # What cannot be sent must not stand in the way of the rest.
                self._refuse(queue[start][1], str(error))
                start += 1
                continue
            if sent == 0:
                self._block()
                break
            self.counters.sent += sent
            start += sent
        del queue[:start]

    def _refuse(self, flow: Flow, reason: str) -> None:
        self.counters.failed += 1
        # Reported in a later turn: whoever sends must not be called back from within.
        self._loop.call_soon(self._fail, flow, reason)

    def _block(self) -> None:
        self._is_blocked = True
        self._loop.add_writer(self._socket.fileno(), self._unblock)

    def _unblock(self) -> None:
        self._loop.remove_writer(self._socket.fileno())
        self._is_blocked = False
        self._flush()


def local_address(sock: socket.socket) -> Address:
    """Give the address to which a socket is bound."""
    name = sock.getsockname()
    return Address(name[0], name[1])


def outward_host(*, is_ipv6: bool) -> str:
    """Find the address from which this machine reaches others, for a listener on every interface.

    Connecting a datagram socket sends nothing; it only asks the routing table. The addresses are
    those for documentation (RFC 5737, RFC 3849).
    """
    family, target = (socket.AF_INET6, "2001:db8::1") if is_ipv6 else (socket.AF_INET, "192.0.2.1")
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((target, 9))
        return local_address(probe).host
    return "::1" if is_ipv6 else "127.0.0.1"
