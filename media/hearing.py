"""Hearing: received packets as continuous sound, without holes, in step with the clock.

What is missing in the numbers was lost and is concealed; what is missing in the timestamps only was
silence that was not sent (RFC 3551 section 4.1), and so is what comes as comfort noise (RFC 3389).
When nothing comes at all, silence follows the clock, so that a record is as long as it took.
"""

from collections.abc import Callable

from media.codec.catalogue import Codec, Encoding
from media.codec.errors import MalformedPayload
from media.codec.samples import Samples, silence
from media.concealment import LONGEST, Concealment
from media.rtp.packet import RtpPacket
from media.rtp.reorder import PATIENCE, Reorder

LAG = PATIENCE + 0.1
"""How far silence stays behind the clock: longer than a packet is waited for."""
MAX_LEAP = 2.0
"""A timestamp that leaps further is a sender that began anew; the arrival counts instead. So much
sound ahead of the clock is too much of it, and not taken."""


class Hearing:
    """Turn one stream's packets into sound, given on in order as it becomes known."""

    def __init__(
        self, encoding: Encoding, payload_type: int, now: float, give: Callable[[Samples], None]
    ) -> None:
        self.rate_hz = encoding.sample_rate_hz
        self._clock_hz = encoding.clock_rate_hz
        self._payload_type = payload_type
        self._codec: Codec = encoding.make()
        self._concealment = Concealment(self.rate_hz)
        self._reorder = Reorder()
        self._give = give
        self._began = now
        self._given = 0
        self._ssrc: int | None = None
        self._sequence = 0
        self._timestamp = 0
        """Of the sample that comes next."""
        self._heard_at = now

    def hear(self, packet: RtpPacket, now: float) -> None:
        """Take a packet of any payload type; what isn't the codec's only keeps the order."""
        for ready in self._reorder.push(packet, now):
            self._take(*ready)

    def poll(self, now: float) -> None:
        """Let time pass."""
        for ready in self._reorder.poll(now):
            self._take(*ready)
        behind = self._behind(now) - round(LAG * self.rate_hz)
        if now - self._heard_at >= LAG and behind > 0:
            self._ssrc = None  # whoever speaks next is placed by the clock
            self._pass_on(silence(behind))

    def finish(self) -> None:
        """Give what still waits."""
        for ready in self._reorder.drain():
            self._take(*ready)

    def _take(self, packet: RtpPacket, came: float) -> None:
        if packet.payload_type != self._payload_type:
            if packet.ssrc == self._ssrc:
                self._sequence = (packet.sequence + 1) & 0xFFFF
            return
        if self._behind(came) < -MAX_LEAP * self.rate_hz:
            return
        try:
            samples = self._codec.decode(packet.payload)
        except MalformedPayload:
            return
        self._fill(packet, len(samples), came)
        self._concealment.hear(samples)
        self._pass_on(samples)
        self._ssrc = packet.ssrc
        self._sequence = (packet.sequence + 1) & 0xFFFF
        self._timestamp = packet.timestamp + len(samples) * self._clock_hz // self.rate_hz
        self._heard_at = came

    def _fill(self, packet: RtpPacket, count: int, came: float) -> None:
        """Make up for what should have come before the packet."""
        ahead = (packet.timestamp - self._timestamp + 0x80000000) % 0x100000000 - 0x80000000
        missing = ahead * self.rate_hz // self._clock_hz
        if packet.ssrc != self._ssrc or abs(missing) > MAX_LEAP * self.rate_hz:
            self._pass_on(silence(max(0, self._behind(came) - count)))
        elif missing > 0:
            lost = packet.sequence != self._sequence
            self._pass_on(self._conceal(missing) if lost else silence(missing))

    def _conceal(self, count: int) -> Samples:
        guessed = self._codec.conceal(count) if count <= LONGEST * self.rate_hz else None
        return self._concealment.guess(count) if guessed is None else guessed

    def _behind(self, now: float) -> int:
        """Count the samples that the sound is behind the clock."""
        return round((now - self._began) * self.rate_hz) - self._given

    def _pass_on(self, samples: Samples) -> None:
        if len(samples):
            self._given += len(samples)
            self._give(samples)
