"""How much a relay has carried since its start, for the operators' counters."""

from collections.abc import Iterable
from dataclasses import dataclass

from media.plane import StreamCounters


@dataclass(slots=True)
class Traffic:
    """RTP packets, by what became of them."""

    received: int = 0
    sent: int = 0
    lost: int = 0
    """Gaps in the sequence numbers of what was received."""
    rejected: int = 0
    """From a source that the latching rule refused, or not RTP."""
    dropped: int = 0
    """By the kernel, because a socket's queue was full."""

    def add(self, streams: Iterable[StreamCounters]) -> None:
        """Count these streams in."""
        for stream in streams:
            self.received += stream.packets_received
            self.sent += stream.packets_sent
            self.lost += stream.packets_lost
            self.rejected += stream.packets_rejected
            self.dropped += stream.packets_dropped
