"""G.722: two samples an octet, state from one packet to the next, no concealment of its own."""

import numpy as np

from media.codec.g722 import SAMPLE_RATE_HZ, G722Codec
from media.codec.samples import silence
from tests.support.sound import purity, sine

PACKET = SAMPLE_RATE_HZ // 50


def test_an_octet_holds_two_samples() -> None:
    codec = G722Codec()
    payload = codec.encode(silence(PACKET))
    assert len(payload) == PACKET // 2
    assert len(codec.decode(payload)) == PACKET


def test_sound_above_the_band_of_g711_survives() -> None:
    sender, receiver, sound = G722Codec(), G722Codec(), sine(5500, 0.5, SAMPLE_RATE_HZ)
    packets = [sender.encode(sound[at : at + PACKET]) for at in range(0, len(sound), PACKET)]
    heard = np.concatenate([receiver.decode(packet) for packet in packets])
    assert purity(heard[PACKET * 5 :], 5500, SAMPLE_RATE_HZ) > 0.9


def test_the_codec_adapts_to_what_went_before() -> None:
    sound = sine(440, 0.1, SAMPLE_RATE_HZ)
    codec = G722Codec()
    codec.encode(sound)
    assert codec.encode(sound) != G722Codec().encode(sound)


def test_lost_samples_are_left_to_who_knows_the_last_sound() -> None:
    assert G722Codec().conceal(PACKET) is None
