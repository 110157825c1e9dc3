"""Listening for TCP and TLS connections, counted before their handshake (RFC 3261 section 18.2)."""

import errno
import socket
import ssl
from asyncio import AbstractEventLoop
from collections.abc import Callable

from switch.sip.flow import Address
from switch.transport.address import Listener, ListenerSettings

BACKLOG = 1024
"""Connections the kernel may hold for us: the phones of a site after a power cut."""

ACCEPTS_PER_TURN = 64

ACCEPT_PAUSE = 1.0
"""Seconds without accepting when descriptors have run out: the socket stays readable."""

EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def bind_stream_socket(settings: ListenerSettings) -> socket.socket:
    """Open the listener's socket; raise `OSError` when the address is taken or not ours."""
    family = socket.AF_INET6 if settings.is_ipv6 else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((settings.host, settings.port))
        sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


class StreamListener:
    """One listening socket on the loop."""

    def __init__(
        self,
        sock: socket.socket,
        listener: Listener,
        context: ssl.SSLContext | None,
        *,
        admit: Callable[["StreamListener", socket.socket, Address], None],
        exhaust: Callable[[Listener, str], None],
        loop: AbstractEventLoop,
    ) -> None:
        self.listener = listener
        self.context = context
        self._socket = sock
        self._admit = admit
        self._exhaust = exhaust
        self._loop = loop
        loop.add_reader(sock.fileno(), self._accept)

    def close(self) -> None:
        """Stop listening."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()

    def _accept(self) -> None:
        for _ in range(ACCEPTS_PER_TURN):
            try:
                sock, name = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in EXHAUSTED:
                    self._pause(error)
                    return
                continue  # ECONNABORTED: the peer has gone again
            self._admit(self, sock, Address(name[0], name[1]))

    def _pause(self, error: OSError) -> None:
        self._exhaust(self.listener, error.strerror or "exhausted")
        self._loop.remove_reader(self._socket.fileno())
        self._loop.call_later(ACCEPT_PAUSE, self._resume)

    def _resume(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.add_reader(self._socket.fileno(), self._accept)
