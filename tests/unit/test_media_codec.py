"""The codecs: what goes in comes out, and the names they go by."""

import sys

import numpy as np
import pytest

from media.codec.catalogue import ENCODINGS, available, encoding_of
from media.codec.errors import UnknownCodecError
from media.codec.samples import QUIETEST, level, silence, to_samples
from media.plane import AudioFormat
from tests.support.sound import purity, sine

NAMES = tuple(ENCODINGS)


@pytest.mark.parametrize("name", NAMES)
def test_a_tone_survives_each_codec(name: str) -> None:
    encoding = ENCODINGS[name]
    rate = encoding.sample_rate_hz
    sender, receiver = encoding.make(), encoding.make()
    sound, size = sine(440, 1.0, rate), rate // 50
    payloads = [sender.encode(sound[at : at + size]) for at in range(0, rate, size)]
    heard = np.concatenate([receiver.decode(payload) for payload in payloads])
    assert len(heard) == rate
    assert purity(heard[rate // 4 :], 440, rate) > 0.98
    assert level(heard[rate // 4 :]) == pytest.approx(-12, abs=1)


@pytest.mark.parametrize(
    ("audio", "fault"),
    [
        (AudioFormat("G729", 18), "'G729' is none of PCMU, PCMA, G722, opus"),
        (AudioFormat("PCMU", 0, 25), "25 ms"),
        (AudioFormat("opus", 107, 30), "30 ms"),
        (AudioFormat("PCMU", 128), "128 is no payload type"),
    ],
)
def test_what_cannot_be_spoken_is_refused(audio: AudioFormat, fault: str) -> None:
    with pytest.raises(UnknownCodecError, match=fault):
        encoding_of(audio)


def test_names_are_taken_in_either_case() -> None:
    assert encoding_of(AudioFormat("pcma", 8)).payload_type == 8
    assert encoding_of(AudioFormat("OPUS", 107)).clock_rate_hz == 48000
    assert set(available()) == {"PCMU", "PCMA", "G722", "opus"}


@pytest.mark.parametrize(
    ("module", "name", "fault"),
    [("media.codec.opus", "opus", "Opus is not"), ("media.codec.g722", "G722", "G.722 is not")],
)
def test_without_its_library_a_codec_is_not_spoken(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, fault: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnknownCodecError, match=fault):
        ENCODINGS[name.lower()].make()
    assert set(available()) == {"PCMU", "PCMA", "G722", "opus"} - {name}


def test_levels_are_measured_against_full_scale() -> None:
    assert level(to_samples(np.ones(100))) == pytest.approx(0, abs=0.001)
    assert level(silence(100)) == QUIETEST
    assert level(silence(0)) == QUIETEST
    assert to_samples(np.array([2.0, -2.0])).tolist() == [32767, -32768]
