"""Opening of a stream's two sockets on ports of the pool."""

import time
from errno import EADDRINUSE
from socket import (
    AF_INET,
    AF_INET6,
    IP_TOS,
    IPPROTO_IP,
    IPPROTO_IPV6,
    IPV6_TCLASS,
    IPV6_V6ONLY,
    SOCK_DGRAM,
    SOCK_NONBLOCK,
    socket,
)

from media.port_pool import PortPool

MAX_BUSY = 512
"""Ports in a row that others occupy before an allocation gives up: the range is somebody else's."""


class NoPortsError(Exception):
    """No pair of ports could be had; its text is for the operator."""


class PortPairs:
    """The port pairs of one address family on one local address."""

    def __init__(self, host: str, pool: PortPool, *, tos: int) -> None:
        self._host = host
        self._pool = pool
        self._tos = tos
        self._family = AF_INET6 if ":" in host else AF_INET

    def __len__(self) -> int:
        """Count the pairs that are not taken, resting ones included."""
        return len(self._pool)

    def open(self) -> tuple[int, socket, socket]:
        """Open a pair: the RTP port, its socket, and the RTCP socket on the next port."""
        for _ in range(MAX_BUSY):
            port = self._pool.take(time.monotonic())
            if port is None:
                raise NoPortsError(f"all {self._pool.size} RTP port pairs are in use")
            try:
                return port, *self._open_both(port)
            except OSError as error:
                self.free(port)
                if error.errno != EADDRINUSE:
                    raise NoPortsError(f"{self._host} port {port}: {error.strerror}") from error
        raise NoPortsError(
            f"{MAX_BUSY} RTP ports in a row are taken by other programs; give [media] another range"
        )

    def free(self, port: int) -> None:
        """Give a pair's port back; its sockets are closed already."""
        self._pool.free(port, time.monotonic())

    def _open_both(self, port: int) -> tuple[socket, socket]:
        rtp = self._open_one(port)
        try:
            return rtp, self._open_one(port + 1)
        except OSError:
            rtp.close()
            raise

    def _open_one(self, port: int) -> socket:
        opened = socket(self._family, SOCK_DGRAM | SOCK_NONBLOCK)
        try:
            if self._family == AF_INET6:
                opened.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
                opened.setsockopt(IPPROTO_IPV6, IPV6_TCLASS, self._tos)
            else:
                opened.setsockopt(IPPROTO_IP, IP_TOS, self._tos)
            opened.bind((self._host, port))
        except OSError:
            opened.close()
            raise
        return opened
