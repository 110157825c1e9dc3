"""Fuzz RTP, RTCP and telephone events: nothing but the typed error, and what is read is rebuilt.

Run with `python tests/fuzz/fuzz_rtp.py [atheris options]`.
"""

import sys

import atheris

with atheris.instrument_imports(include=["media"]):
    from media.latch import Latch
    from media.rtp import packet, rtcp, telephone_event
    from media.rtp.errors import MalformedPacket
    from media.rtp.jitter import InterarrivalJitter
    from media.rtp.sequence import SequenceCount


def fuzz_one(octets: bytes) -> None:
    """Read the octets as each kind of packet and build them again."""
    for parse, build in (
        (packet.parse, packet.RtpPacket.octets),
        (telephone_event.parse, telephone_event.TelephoneEvent.octets),
        (rtcp.parse, rtcp.build),
    ):
        try:
            parsed = parse(octets)
        except MalformedPacket:
            continue
        assert parse(build(parsed)) == parsed
    account(octets)


def account(octets: bytes) -> None:
    """Take the octets as a course of packets: accounts stay sane whatever comes."""
    latch, count, jitter = Latch(), SequenceCount(), InterarrivalJitter()
    latch.arm(("192.0.2.1", 1), None, 0.0)
    for at in range(0, len(octets) - 4, 4):
        ssrc, sequence, kind = octets[at] & 3, octets[at + 1] << 8 | octets[at + 2], octets[at + 3]
        latch.hear(("192.0.2.1", ssrc), float(at), ssrc, sequence)
        count.count(sequence, ssrc)
        jitter.receive(kind & 0x7F, sequence << 16, ssrc, at / 100)
    assert count.lost >= 0
    assert jitter.seconds >= 0


if __name__ == "__main__":
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()
