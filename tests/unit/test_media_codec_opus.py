"""Opus: packets within the bit rate, a guess for what was lost, and no trust in what comes."""

import pytest

from media.codec.errors import MalformedPayload
from media.codec.opus import BIT_RATE, SAMPLE_RATE_HZ, OpusCodec
from media.codec.samples import level, silence
from tests.support.sound import sine

PACKET = SAMPLE_RATE_HZ // 50


def test_packets_keep_to_the_bit_rate() -> None:
    codec, sound = OpusCodec(), sine(440, 2.0, SAMPLE_RATE_HZ)
    sizes = [len(codec.encode(sound[at : at + PACKET])) for at in range(0, len(sound), PACKET)]
    assert 8 * sum(sizes) / 2.0 < 1.5 * BIT_RATE


@pytest.mark.parametrize("packet_ms", [10, 20, 40, 60])
def test_every_packet_time_comes_back_as_long_as_it_was(packet_ms: int) -> None:
    codec = OpusCodec()
    count = SAMPLE_RATE_HZ * packet_ms // 1000
    assert len(codec.decode(codec.encode(silence(count)))) == count


def test_what_was_lost_is_guessed_from_what_went_before() -> None:
    codec = OpusCodec()
    for _ in range(10):
        codec.decode(codec.encode(sine(400, 0.02, SAMPLE_RATE_HZ)))
    guess = codec.conceal(PACKET)
    assert guess is not None
    assert len(guess) == PACKET
    assert level(guess) > -30


@pytest.mark.parametrize("octets", [b"\xff" * 3, b"\x03\xff", bytes([0x03, 63])])
def test_what_is_no_opus_packet_is_told(octets: bytes) -> None:
    with pytest.raises(MalformedPayload):
        OpusCodec().decode(octets)
