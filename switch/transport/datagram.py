"""Datagram sockets many datagrams a turn: the face of the native batches, and their plain twin."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from socket import AF_INET6, SOCK_DGRAM, AddressFamily, inet_pton, socket
from typing import Protocol

from switch.sip.flow import Address, Flow

BATCH = 64
"""Datagrams read in one go: enough to empty a burst, few enough to let timers run between."""

KNOWN_PEERS = 16384
"""Peers whose flow is kept ready; the store is emptied when a flood of sources fills it."""

LARGEST_DATAGRAM = 65535

MakeFlow = Callable[[str, int], Flow]
"""Give the flow of a source address; called once a peer, not once a datagram."""


class Datagrams(Protocol):
    """One datagram socket."""

    def receive(self) -> list[tuple[bytes, Flow]]:
        """Read what is there, at most one batch; nothing when the socket would block."""
        ...

    def send(self, queue: list[tuple[bytes, Flow]], start: int) -> int:
        """Send from `queue[start]` on, at most a batch; tell how many went, 0 when it would block.

        Raises `OSError` when the first of them cannot be sent.
        """
        ...


class PlainDatagrams:
    """The twin without native code: one system call a datagram."""

    def __init__(self, sock: socket, make_flow: MakeFlow) -> None:
        self._socket = sock
        self._make_flow = make_flow
        self._flows: dict[tuple[str, int], Flow] = {}

    def receive(self) -> list[tuple[bytes, Flow]]:
        """Read what is there, at most one batch; nothing when the socket would block."""
        batch: list[tuple[bytes, Flow]] = []
        with suppress(BlockingIOError, InterruptedError):
            for _ in range(BATCH):
                octets, source = self._socket.recvfrom(LARGEST_DATAGRAM)
                batch.append((octets, self._flow(source)))
        return batch

    def _flow(self, source: tuple[str, int] | tuple[str, int, int, int]) -> Flow:
        key = _host(source), source[1]
        flow = self._flows.get(key)
        if flow is None:
            if len(self._flows) >= KNOWN_PEERS:
                self._flows.clear()
            flow = self._flows[key] = self._make_flow(*key)
        return flow

    def send(self, queue: list[tuple[bytes, Flow]], start: int) -> int:
        """Send from `queue[start]` on, at most a batch; tell how many went."""
        sent = 0
        for octets, flow in queue[start : start + BATCH]:
            try:
                self._socket.sendto(octets, _name(flow.remote, self._socket.family))
            except (BlockingIOError, InterruptedError):
                break
            except (OSError, TypeError, ValueError):
                if sent:
                    break
                raise
            sent += 1
        return sent


def open_datagrams(sock: socket, make_flow: MakeFlow) -> Datagrams:
    """Wrap a socket natively where the extension is built and `DAIHYO_PURE` does not forbid it."""
    if sock.type != SOCK_DGRAM:  # pragma: no cover - the listener opens its own sockets
        raise ValueError("not a datagram socket")
    if os.environ.get("DAIHYO_PURE") == "1":
        return PlainDatagrams(sock, make_flow)
    try:
        from switch.transport._batch import NativeDatagrams  # noqa: PLC0415 - an optional part
    except ImportError:
        return PlainDatagrams(sock, make_flow)
    return NativeDatagrams(sock, make_flow)


def _host(source: tuple[str, int] | tuple[str, int, int, int]) -> str:
    # The system names a scope by its interface, the native twin by its number.
    host = source[0]
    if len(source) == 4 and source[3]:
        return f"{host.partition('%')[0]}%{source[3]}"
    return host


def _name(
    remote: Address, family: AddressFamily | int
) -> tuple[str, int] | tuple[str, int, int, int]:
    if not 0 < remote.port < 65536:
        raise OSError(errno.EINVAL, f"{remote.port} is not a port")
    host, _, scope = remote.host.partition("%")
    try:
        # A name would be looked up in the system's resolver, which blocks.
        inet_pton(family, host)
    except (OSError, ValueError):
        reason = f"{remote.host} is not an address of this listener's family"
        raise OSError(errno.EINVAL, reason) from None
    if family == AF_INET6:
        return host, remote.port, 0, int(scope) if scope.isdigit() else 0
    return host, remote.port
