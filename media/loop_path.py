"""The packet path on the event loop: the fallback for the native thread, and its test double."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from socket import SOL_SOCKET, socket
from struct import Struct

from media.latch import Latch, Source, Verdict
from media.packet_path import MAX_PACKET, MAX_PACKETS_PER_SECOND, Course, Place, SlotState
from media.plane import StreamCounters
from media.port_pair import bind_pair
from media.rtp.jitter import InterarrivalJitter
from media.rtp.sequence import SequenceCount

_RTP = Struct("!BBHII")
_RTCP = Struct("!BBHI")
_SO_MEMINFO = 55
_SK_MEMINFO = Struct("=9I")


class _Slot:
    """One stream of one endpoint."""

    __slots__ = (
        "course",
        "jitter",
        "last_heard",
        "latch",
        "octets_received",
        "octets_sent",
        "packets_received",
        "packets_rejected",
        "packets_sent",
        "partner",
        "payload_type",
        "refused",
        "rtcp",
        "rtcp_latch",
        "rtcp_received",
        "rtp",
        "second",
        "second_count",
        "sequence",
    )

    def __init__(self, rtp: socket, rtcp: socket) -> None:
        self.rtp = rtp
        self.rtcp = rtcp
        self.course = Course(None, None, None, send=False, receive=False)
        self.partner: _Slot | None = None
        self.latch = Latch()
        self.rtcp_latch = Latch()
        self.sequence = SequenceCount()
        self.jitter = InterarrivalJitter()
        self.payload_type: int | None = None
        self.refused: Source | None = None
        self.last_heard = 0.0
        self.packets_received = self.octets_received = 0
        self.packets_sent = self.octets_sent = 0
        self.packets_rejected = self.rtcp_received = 0
        self.second = self.second_count = 0

    def is_flooded(self, now: float) -> bool:
        """Count a packet of the far side and say whether the second's share is used up."""
        second = int(now)
        if second != self.second:
            self.second = second
            self.second_count = 0
        self.second_count += 1
        return self.second_count > MAX_PACKETS_PER_SECOND

    def send(self, packet: bytes) -> None:
        """Send RTP to the far side, if it may be sent to."""
        target = self.latch.target
        if target is None or not self.course.send:
            return
        with suppress(OSError):
            self.rtp.sendto(packet, target)
            self.packets_sent += 1
            self.octets_sent += len(packet)

    def state(self) -> SlotState:
        """Take the slot's state as a value."""
        return SlotState(
            counters=StreamCounters(
                packets_received=self.packets_received,
                octets_received=self.octets_received,
                packets_sent=self.packets_sent,
                octets_sent=self.octets_sent,
                packets_lost=self.sequence.lost,
                packets_rejected=self.packets_rejected,
                jitter_ms=self.jitter.milliseconds,
                rtcp_received=self.rtcp_received,
                payload_type=self.payload_type,
                packets_dropped=kernel_drops(self.rtp),
            ),
            locked=self.latch.locked,
            is_signalled=self.latch.is_signalled,
            refused=self.refused,
            last_heard=self.last_heard,
        )


class LoopPath:
    """Carry packets by the running event loop's readers."""

    name = "loop"

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._slots: dict[int, _Slot] = {}
        self._next = 0
        self._locked: Callable[[int], None] = lambda _slot: None

    def start(self, locked: Callable[[int], None]) -> None:
        """Begin."""
        self._locked = locked

    def open(self, place: Place, port: int) -> int:
        """Open the port for RTP and the next one for RTCP."""
        rtp, rtcp = bind_pair(place, port)
        number = self._next
        self._next += 1
        slot = self._slots[number] = _Slot(rtp, rtcp)
        self._loop.add_reader(rtp, self._read_rtp, number, slot)
        self._loop.add_reader(rtcp, self._read_rtcp, slot)
        return number

    def direct(self, slot: int, course: Course) -> None:
        """Say where the far side is and open the latching window."""
        now = time.monotonic()
        directed = self._slots[slot]
        directed.course = course
        directed.refused = None
        directed.latch.arm(course.rtp, course.host, now)
        directed.rtcp_latch.arm(course.rtcp, course.host, now)

    def join(self, one: int, other: int) -> None:
        """Carry what arrives on either slot to the other."""
        self.part(one)
        self.part(other)
        self._slots[one].partner = self._slots[other]
        self._slots[other].partner = self._slots[one]

    def part(self, slot: int) -> None:
        """Carry nothing to or from the slot any longer."""
        parted = self._slots[slot]
        if parted.partner is not None:
            parted.partner.partner = None
            parted.partner = None

    def read(self, slot: int) -> SlotState:
        """Read the slot's state."""
        return self._slots[slot].state()

    def last_heard(self, slot: int) -> float:
        """Read when RTP was last accepted."""
        return self._slots[slot].last_heard

    def close(self, slot: int) -> SlotState:
        """Close the slot's sockets and read its final state."""
        self.part(slot)
        closed = self._slots.pop(slot)
        state = closed.state()
        for opened in (closed.rtp, closed.rtcp):
            self._loop.remove_reader(opened)
            opened.close()
        return state

    def stop(self) -> None:
        """Close every slot."""
        for slot in list(self._slots):
            self.close(slot)

    # One packet a wake-up: readiness is level-triggered, so that a flooded socket waits its turn,
    # and a quiet one is spared the read that finds nothing.

    def _read_rtp(self, number: int, slot: _Slot) -> None:
        try:
            packet, address = slot.rtp.recvfrom(MAX_PACKET + 1)
        except OSError:  # nothing there, or an ICMP error that a former send earned
            return
        self._receive_rtp(number, slot, packet, (address[0], address[1]))

    def _receive_rtp(self, number: int, slot: _Slot, packet: bytes, source: Source) -> None:
        if not _RTCP.size <= len(packet) <= MAX_PACKET:
            slot.packets_rejected += 1
            return
        # RFC 5761 section 4: on a shared port the second octet tells RTCP from RTP.
        if 192 <= packet[1] <= 223:
            self._receive_rtcp(slot, packet, source)
            return
        if packet[0] >> 6 != 2 or len(packet) < _RTP.size + 4 * (packet[0] & 0x0F):
            slot.packets_rejected += 1
            return
        now = time.monotonic()
        _, second, sequence, timestamp, ssrc = _RTP.unpack_from(packet)
        if source != slot.latch.locked:
            verdict = slot.latch.hear(source, now, ssrc, sequence)
            if verdict is Verdict.REFUSED:
                slot.refused = source
                slot.packets_rejected += 1
                return
            if verdict is Verdict.LOCKED:
                self._locked(number)
        if slot.is_flooded(now):
            slot.packets_rejected += 1
            return
        slot.last_heard = now
        slot.packets_received += 1
        slot.octets_received += len(packet)
        slot.payload_type = second & 0x7F
        slot.sequence.count(sequence, ssrc)
        slot.jitter.receive(slot.payload_type, timestamp, ssrc, now)
        if slot.partner is not None and slot.course.receive:
            slot.partner.send(packet)

    def _read_rtcp(self, slot: _Slot) -> None:
        try:
            packet, address = slot.rtcp.recvfrom(MAX_PACKET + 1)
        except OSError:
            return
        self._receive_rtcp(slot, packet, (address[0], address[1]))

    def _receive_rtcp(self, slot: _Slot, packet: bytes, source: Source) -> None:
        if not _RTCP.size <= len(packet) <= MAX_PACKET:
            slot.packets_rejected += 1
            return
        first, kind, _length, ssrc = _RTCP.unpack_from(packet)
        if first >> 6 != 2 or not 192 <= kind <= 223:
            slot.packets_rejected += 1
            return
        now = time.monotonic()
        verdict = slot.rtcp_latch.hear(source, now, ssrc, None)
        if verdict is Verdict.REFUSED or slot.is_flooded(now):
            slot.packets_rejected += 1
            return
        slot.rtcp_received += 1
        partner = slot.partner
        if partner is None or partner.course.rtcp is None:
            return
        if partner.course.is_muxed:
            sender, target = partner.rtp, partner.latch.target
        else:
            sender, target = partner.rtcp, partner.rtcp_latch.target
        if target is not None:
            with suppress(OSError):
                sender.sendto(packet, target)


def kernel_drops(opened: socket) -> int:
    """Ask the kernel how many datagrams the socket's full queue has cost (Linux's SO_MEMINFO)."""
    try:
        answer = opened.getsockopt(SOL_SOCKET, _SO_MEMINFO, _SK_MEMINFO.size)
    except OSError:
        return 0
    return int(_SK_MEMINFO.unpack(answer)[8]) if len(answer) == _SK_MEMINFO.size else 0
