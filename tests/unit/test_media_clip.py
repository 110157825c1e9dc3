"""Clips."""

import numpy as np
import pytest

from media.clip import Clip, encode
from media.codec.catalogue import ENCODINGS
from media.codec.samples import silence
from tests.support.sound import purity, sine


def test_an_end_that_fills_no_packet_is_filled_with_silence() -> None:
    clip = encode(sine(400, 0.03), ENCODINGS["pcmu"], 20, is_periodic=False)
    assert [len(payload) for payload in clip.payloads] == [160, 160]
    assert clip.payloads[1][80:] == b"\xff" * 80


def test_what_fills_its_packets_gets_nothing_added() -> None:
    assert len(encode(silence(320), ENCODINGS["pcma"], 20, is_periodic=False).payloads) == 2


@pytest.mark.parametrize(("ptime_ms", "packets"), [(20, 5), (30, 10), (60, 5)])
def test_a_period_repeats_until_it_is_whole_packets(ptime_ms: int, packets: int) -> None:
    clip = encode(sine(400, 0.1), ENCODINGS["pcmu"], ptime_ms, is_periodic=True)
    assert len(clip.payloads) == packets


def test_a_period_of_a_codec_that_adapts_was_heard_once_already() -> None:
    encoding = ENCODINGS["g722"]
    period = sine(400, 0.1, 16000)
    clip = encode(period, encoding, 20, is_periodic=True)
    decoder = encoding.make()
    heard = [decoder.decode(payload) for _ in range(3) for payload in clip.payloads]
    assert purity(np.concatenate(heard[5:]), 400, 16000) > 0.999


def test_a_clip_knows_what_memory_it_takes() -> None:
    assert Clip((b"x" * 160, b"x" * 160)).size == 402
