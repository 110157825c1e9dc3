"""A generator of RTP for many calls at once, in batches, with the delay each packet met.

Two sockets stand for all callers and all callees: the relay tells calls by its own ports. Packets
carry their send time; the kernel stamps their arrival, so that the generator's own lateness in
reading does not count as the relay's delay.
"""

import ctypes
import select
import time
from dataclasses import dataclass
from ipaddress import IPv4Address
from socket import AF_INET, SO_RCVBUF, SOCK_DGRAM, SOL_SOCKET, htons, socket

import numpy as np
import numpy.typing as npt

Address = tuple[str, int]
Words = npt.NDArray[np.uint8]

SO_TIMESTAMPNS = 35
PACKET = 172
PTIME = 0.020
TICKS = 20
"""The calls are spread over so many ticks of a millisecond in each packet time."""
BURST = 10
"""Packets of one system call; they share a send time, which blurs the delay by their own cost."""
RECEIVE = 256
CONTROL = 64
_LIBC = ctypes.CDLL(None, use_errno=True)


class _IoVec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


class _Message(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint),
        ("vector", ctypes.c_void_p),
        ("vector_size", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_size_t),  # an int and its padding
        ("count", ctypes.c_size_t),
    )


class _Batch:
    """Messages for sendmmsg and recvmmsg over arrays that live as long as it does."""

    def __init__(self, packets: Words, names: Words | None, control: Words | None) -> None:
        self._keep = (packets, names, control)
        count, size = packets.shape
        self._vectors = (_IoVec * count)()
        self.messages = (_Message * count)()
        for index in range(count):
            self._vectors[index].base = packets.ctypes.data + index * size
            self._vectors[index].size = size
            message = self.messages[index]
            message.vector = ctypes.addressof(self._vectors[index])
            message.vector_size = 1
            if names is not None:
                message.name = names.ctypes.data + index * 16
                message.name_size = 16
            if control is not None:
                message.control = control.ctypes.data + index * CONTROL
                message.control_size = CONTROL

    def at(self, index: int) -> ctypes.c_void_p:
        """Point at a message."""
        return ctypes.c_void_p(ctypes.addressof(self.messages) + index * ctypes.sizeof(_Message))


def _names(targets: list[Address]) -> Words:
    """Lay out a sockaddr_in each."""
    names = np.zeros((len(targets), 16), np.uint8)
    for index, (host, port) in enumerate(targets):
        names[index, 0:2] = np.frombuffer(np.uint16(AF_INET).tobytes(), np.uint8)
        names[index, 2:4] = np.frombuffer(np.uint16(htons(port)).tobytes(), np.uint8)
        names[index, 4:8] = np.frombuffer(IPv4Address(host).packed, np.uint8)
    return names


class Party:
    """All callers, or all callees."""

    def __init__(self) -> None:
        self.socket = socket(AF_INET, SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 4 << 20)
        self.socket.setsockopt(SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sent = 0
        self.received = 0
        self.delays: list[npt.NDArray[np.float64]] = []
        self._arrived = np.zeros((RECEIVE, 2048), np.uint8)
        self._control = np.zeros((RECEIVE, CONTROL), np.uint8)
        self._incoming = _Batch(self._arrived, None, self._control)

    @property
    def address(self) -> Address:
        """Where it is heard."""
        host, port = self.socket.getsockname()
        return host, port

    def aim(self, targets: list[Address]) -> None:
        """Speak to these, one a call."""
        self._packets = np.zeros((len(targets), PACKET), np.uint8)
        self._packets[:, 0] = 0x80
        self._packets[:, 8:12] = (
            np.arange(1, len(targets) + 1, dtype=">u4").view(np.uint8).reshape(-1, 4)
        )
        self._outgoing = _Batch(self._packets, _names(targets), None)

    def speak(self, first: int, last: int, sequence: int) -> None:
        """Send a packet of each call from `first` up to `last`."""
        head = np.array([sequence & 0xFFFF], ">u2").view(np.uint8)
        stamp = np.array([(sequence * 160) & 0xFFFFFFFF], ">u4").view(np.uint8)
        self._packets[first:last, 2:4] = head
        self._packets[first:last, 4:8] = stamp
        for begin in range(first, last, BURST):
            end = min(begin + BURST, last)
            now = np.array([time.clock_gettime_ns(time.CLOCK_REALTIME)], "<i8").view(np.uint8)
            self._packets[begin:end, 12:20] = now
            sent = _LIBC.sendmmsg(self.socket.fileno(), self._outgoing.at(begin), end - begin, 0)
            self.sent += max(0, sent)

    def listen(self, *, measure: bool) -> None:
        """Take all that has arrived."""
        while True:
            count = _LIBC.recvmmsg(self.socket.fileno(), self._incoming.at(0), RECEIVE, 0x40, None)
            if count <= 0:
                return
            self.received += count
            if measure:
                sent = self._arrived[:count, 12:20].copy().view("<i8")[:, 0]
                stamp = self._control[:count, 16:32].copy().view("<i8")
                arrived = stamp[:, 0] * 1_000_000_000 + stamp[:, 1]
                self.delays.append((arrived - sent) / 1000)
            for index in range(count):
                self._incoming.messages[index].control_size = CONTROL
            if count < RECEIVE:
                return


@dataclass(frozen=True)
class Heard:
    """What a run came to."""

    sent: int
    received: int
    p50_us: float
    p99_us: float

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return max(0, self.sent - self.received)


def talk(parties: tuple[Party, Party], calls: int, seconds: float, *, measure: bool) -> Heard:
    """Let both sides of all calls speak at 50 packets a second each."""
    for party in parties:
        party.sent = party.received = 0
        party.delays.clear()
    begin = time.monotonic()
    for tick in range(int(seconds / PTIME) * TICKS):
        sequence, part = divmod(tick, TICKS)
        first, last = calls * part // TICKS, calls * (part + 1) // TICKS
        for party in parties:
            party.speak(first, last, sequence)
        for party in parties:
            party.listen(measure=measure)
        wait = begin + (tick + 1) * PTIME / TICKS - time.monotonic()
        if wait > 0:
            select.select([], [], [], wait)
    settle = time.monotonic() + 0.3
    while time.monotonic() < settle:
        select.select([], [], [], 0.01)
        for party in parties:
            party.listen(measure=measure)
    delays = np.concatenate([np.zeros(0), *(each for party in parties for each in party.delays)])
    p50, p99 = np.percentile(delays, [50, 99]) if delays.size else (0.0, 0.0)
    return Heard(
        sent=sum(party.sent for party in parties),
        received=sum(party.received for party in parties),
        p50_us=float(p50),
        p99_us=float(p99),
    )
