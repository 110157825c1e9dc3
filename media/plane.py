"""The face of the media plane: commands in, reports out, and the port that every relay implements.

An *endpoint* is one leg's side of the media: a local RTP and RTCP port pair for each stream. Two
endpoints are *connected*: what arrives on stream n of one leaves from stream n of the other.
Endpoints are allocated, directed, connected and released one by one, so that park, pickup and
transfer only re-connect them. The plane knows nothing of SIP.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec


class MediaAddress(msgspec.Struct, frozen=True, gc=False):
    """An IP address literal (IPv6 without brackets), an RTP port and an RTCP port."""

    host: str
    port: int
    rtcp_port: int


class Allocate(msgspec.Struct, frozen=True, gc=False):
    """Take ports for an endpoint: `streams` pairs on the address family of `ipv6`.

    For a known endpoint `streams` is how many it shall have in all. Answered by `Allocated` or
    `AllocationFailed`. `call_id` is carried into reports and logs only.
    """

    endpoint: str
    call_id: str
    streams: int = 1
    ipv6: bool = False


class Direct(msgspec.Struct, frozen=True, gc=False):
    """Say where a stream's far side is, as its session description signalled it.

    Each Direct re-arms latching: the signalled address is used until the first packet from the
    signalled address or, when that never speaks, from another source arrives; then the source is
    locked. `remote` None stops sending. `send` and `receive` are from the switch's view of this
    endpoint: with `receive` False, packets from this far side are dropped and their absence is no
    fault. `source` is the address that the far side signals from, when it is known: behind NAT it
    is where the media will come from, and the latching rule trusts it more than a stranger.
    """

    endpoint: str
    stream: int
    remote: MediaAddress | None
    send: bool = True
    receive: bool = True
    source: str | None = None


class Connect(msgspec.Struct, frozen=True, gc=False):
    """Join two endpoints both ways, parting each from whom it was joined to before."""

    one: str
    other: str


class Release(msgspec.Struct, frozen=True, gc=False):
    """Give the endpoint's ports back; answered by `Released` with its final counters."""

    endpoint: str


MediaCommand = Allocate | Direct | Connect | Release


class Allocated(msgspec.Struct, frozen=True, gc=False):
    """The endpoint's local addresses, one a stream, as they go into a session description."""

    endpoint: str
    streams: tuple[MediaAddress, ...]


class AllocationFailed(msgspec.Struct, frozen=True, gc=False):
    """No ports could be had; `reason` is for the operator."""

    endpoint: str
    reason: str


class Latched(msgspec.Struct, frozen=True, gc=False):
    """A far side has been heard and is locked; `signalled`: it is the signalled address."""

    endpoint: str
    call_id: str
    stream: int
    host: str
    port: int
    signalled: bool


class OneWay(msgspec.Struct, frozen=True, gc=False):
    """A stream that should flow both ways has not for five seconds; `reason` says why.

    `endpoint` is the side that is not heard. Sent once per direction and negotiation; `Restored`
    follows when it flows again.
    """

    endpoint: str
    call_id: str
    stream: int
    reason: str


class Restored(msgspec.Struct, frozen=True, gc=False):
    """A stream reported as one-way flows again."""

    endpoint: str
    call_id: str
    stream: int


class StreamCounters(msgspec.Struct, frozen=True, gc=False):
    """What one stream of an endpoint carried: RTP packets and their octets, header included."""

    packets_received: int
    octets_received: int
    packets_sent: int
    octets_sent: int
    packets_lost: int
    """Gaps in the received sequence numbers."""
    packets_rejected: int
    """From a source that the latching rule refused, or not RTP."""
    jitter_ms: float
    """Interarrival jitter of what was received (RFC 3550 section 6.4.1)."""
    rtcp_received: int
    payload_type: int | None
    """The payload type last received."""
    packets_dropped: int = 0
    """RTP that the kernel dropped because the socket's queue was full."""


class Released(msgspec.Struct, frozen=True, gc=False):
    """The endpoint is gone; its counters, one a stream. An unknown endpoint has none."""

    endpoint: str
    streams: tuple[StreamCounters, ...]


MediaReport = Allocated | AllocationFailed | Latched | OneWay | Restored | Released


class MediaRelay(Protocol):
    """A relay: our native thread, the uvloop fallback, or another engine behind the same face."""

    def start(self, report: Callable[[MediaReport], None]) -> None:
        """Begin; `report` is called on the loop's thread, never re-entrantly from `perform`."""

    def perform(self, command: MediaCommand) -> None:
        """Carry out a command; never raises for what the network did."""

    def counters(self, endpoint: str) -> tuple[StreamCounters, ...]:
        """Read the endpoint's counters as they stand; none for an unknown endpoint."""

    async def close(self) -> None:
        """Release every port and stop."""
