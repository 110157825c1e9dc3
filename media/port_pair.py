"""Opening of a stream's two ports: taken from the pool, bound by the packet path."""

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

from media.packet_path import PacketPath, Place
from media.port_pool import PortPool

MAX_BUSY = 512
"""Ports in a row that others occupy before an allocation gives up: the range is somebody else's."""


class NoPortsError(Exception):
    """No pair of ports could be had; its text is for the operator."""


class PortPairs:
    """The port pairs of one address family on one local address."""

    def __init__(self, place: Place, pool: PortPool) -> None:
        self._place = place
        self._pool = pool

    def __len__(self) -> int:
        """Count the pairs that are not taken, resting ones included."""
        return len(self._pool)

    def open(self, path: PacketPath) -> tuple[int, int]:
        """Open a pair on the path: the RTP port, and the slot of it and the next port."""
        for _ in range(MAX_BUSY):
            port = self._pool.take(time.monotonic())
            if port is None:
                raise NoPortsError(f"all {self._pool.size} RTP port pairs are in use")
            try:
                return port, path.open(self._place, port)
            except OSError as error:
                self.free(port)
                if error.errno != EADDRINUSE:
                    reason = f"{self._place.host} port {port}: {error.strerror}"
                    raise NoPortsError(reason) from error
        raise NoPortsError(
            f"{MAX_BUSY} RTP ports in a row are taken by other programs; give [media] another range"
        )

    def free(self, port: int) -> None:
        """Give a pair's port back; its sockets are closed already."""
        self._pool.free(port, time.monotonic())


def bind_pair(place: Place, port: int) -> tuple[socket, socket]:
    """Open a non-blocking socket on the port and one on the next; raise `OSError`."""
    rtp = _bind(place, port)
    try:
        return rtp, _bind(place, port + 1)
    except OSError:
        rtp.close()
        raise


def _bind(place: Place, port: int) -> socket:
    opened = socket(AF_INET6 if place.is_ipv6 else AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
    try:
        if place.is_ipv6:
            opened.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
            opened.setsockopt(IPPROTO_IPV6, IPV6_TCLASS, place.tos)
        else:
            opened.setsockopt(IPPROTO_IP, IP_TOS, place.tos)
        opened.bind((place.host, port))
    except OSError:
        opened.close()
        raise
    return opened
