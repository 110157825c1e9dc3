"""The face of a packet path: what carries packets between sockets, beneath the relay's accounts.

A path knows *slots*: a slot is one stream of one endpoint, an RTP and an RTCP socket. The native
thread and the event loop's path implement it, with the same rules for latching, counting and
forwarding.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from media.latch import Source
from media.plane import StreamCounters

MAX_PACKET = 2048
"""Longer datagrams are no RTP of a call (an Ethernet frame holds 1,472 octets) and are refused."""
MAX_PACKETS_PER_SECOND = 2000
"""More of one far side in a second are refused: Opus at 2.5 ms is 400, video of 8 Mbit/s below
1,000. It bounds floods, and the loop of two calls that were signalled into each other."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where sockets are bound, and the octet that marks what they send."""

    host: str
    tos: int

    @property
    def is_ipv6(self) -> bool:
        """Whether it is of the IPv6 family."""
        return ":" in self.host


class Course(msgspec.Struct, frozen=True, gc=False):
    """Where a slot's far side is, checked and in canonical spelling."""

    rtp: Source | None
    rtcp: Source | None
    host: str | None
    """Where the far side's signalling comes from."""
    send: bool
    receive: bool

    @property
    def is_muxed(self) -> bool:
        """Whether RTCP shares the RTP port (RFC 5761)."""
        return self.rtp is not None and self.rtp == self.rtcp


class SlotState(msgspec.Struct, frozen=True, gc=False):
    """A slot as it stands."""

    counters: StreamCounters
    locked: Source | None
    """The source that the RTP latch has locked."""
    is_signalled: bool
    """Whether it is the signalled address."""
    refused: Source | None
    """The last source whose RTP was refused since the negotiation."""
    last_heard: float
    """When RTP was last accepted (monotonic), 0 for never."""


class PacketPath(Protocol):
    """What moves packets."""

    @property
    def name(self) -> str:
        """Name the path for logs: `native` or `loop`."""

    def start(self, locked: Callable[[int], None]) -> None:
        """Begin; `locked(slot)` is called on the loop's thread after a source has been locked."""

    def open(self, place: Place, port: int) -> int:
        """Open the port for RTP and the next one for RTCP, as a slot; raise `OSError`."""

    def direct(self, slot: int, course: Course) -> None:
        """Say where the far side is and open the latching window."""

    def join(self, one: int, other: int) -> None:
        """Carry what arrives on either slot to the other."""

    def part(self, slot: int) -> None:
        """Carry nothing to or from the slot any longer."""

    def read(self, slot: int) -> SlotState:
        """Read the slot's state."""

    def last_heard(self, slot: int) -> float:
        """Read when RTP was last accepted (monotonic), 0 for never."""

    def close(self, slot: int) -> SlotState:
        """Close the slot's sockets and read its final state."""

    def stop(self) -> None:
        """Stop for good; every slot is closed."""
