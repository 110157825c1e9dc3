"""Putting a received stream's packets in order: early ones wait for the one that is missing.

It is the jitter buffer of what is recorded or listened to, where a delay costs nothing: packets are
given on in the order of their sequence numbers, as soon as nothing before them can still come.
"""

from media.rtp.packet import RtpPacket

PATIENCE = 0.2
"""How long a missing packet is waited for, in seconds: networks in use are rarely so late."""
MAX_WAITING = 64
"""Packets that wait for a missing one: at 10 ms a packet more than the patience holds."""
MAX_MISORDER = 100
"""A number further off is a sender that began anew (RFC 3550 appendix A.1)."""
_MODULUS = 0x10000

Arrival = tuple[RtpPacket, float]
"""A packet and when it came."""


class Reorder:
    """One stream's packets in order."""

    __slots__ = ("_next", "_ssrc", "_waiting")

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._next = 0
        self._waiting: dict[int, Arrival] = {}

    def push(self, packet: RtpPacket, now: float) -> list[Arrival]:
        """Take a packet: those that are in order now."""
        if packet.ssrc != self._ssrc:
            return self._begin(packet, now)
        ahead = (packet.sequence - self._next) % _MODULUS
        if ahead >= _MODULUS - MAX_MISORDER or packet.sequence in self._waiting:
            return []  # too late, or there already
        if ahead > MAX_MISORDER:
            return self._begin(packet, now)
        self._waiting[packet.sequence] = (packet, now)
        ready = self._take_run()
        if len(self._waiting) > MAX_WAITING:
            ready += self._pass_gap()
        return ready

    def poll(self, now: float) -> list[Arrival]:
        """Give up waiting where the patience has ended: what follows the gap."""
        ready: list[Arrival] = []
        while self._waiting and min(at for _, at in self._waiting.values()) <= now - PATIENCE:
            ready += self._pass_gap()
        return ready

    def drain(self) -> list[Arrival]:
        """Give everything that waits, in order."""
        ready: list[Arrival] = []
        while self._waiting:
            ready += self._pass_gap()
        return ready

    def _begin(self, packet: RtpPacket, now: float) -> list[Arrival]:
        """Start with a new stream's packet, after all of the former's."""
        ready = self.drain()
        self._ssrc = packet.ssrc
        self._next = (packet.sequence + 1) % _MODULUS
        return [*ready, (packet, now)]

    def _pass_gap(self) -> list[Arrival]:
        self._next = min(self._waiting, key=lambda number: (number - self._next) % _MODULUS)
        return self._take_run()

    def _take_run(self) -> list[Arrival]:
        run = []
        while self._next in self._waiting:
            run.append(self._waiting.pop(self._next))
            self._next = (self._next + 1) % _MODULUS
        return run
