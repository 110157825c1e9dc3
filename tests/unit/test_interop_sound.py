"""The ear of the interop tests tells a lone tone from a wrong one, a mixture, a gap, silence."""

from pathlib import Path

import numpy as np
import pytest

from tests.interop.support import picture, sound

RATE = 8000


@pytest.mark.parametrize("rate", [8000, 16_000, 48_000])
@pytest.mark.parametrize("hertz", [350.0, 440.0, 620.0, 880.0])
def test_a_lone_tone_is_heard_as_itself(hertz: float, rate: int) -> None:
    heard = sound.measure(sound.tone(hertz, rate, 17, rate // 2), rate)
    assert heard.is_tone(hertz)
    assert not heard.is_tone(hertz + 20)
    assert heard.level == pytest.approx(-15.3, abs=0.2)
    assert heard.gap == 0


def test_two_tones_at_once_are_neither() -> None:
    both = sound.tone(440, RATE, 0, RATE) // 2 + sound.tone(620, RATE, 0, RATE) // 2
    heard = sound.measure(both, RATE)
    assert not heard.is_tone(440)
    assert not heard.is_tone(620)


def test_silence_is_no_tone() -> None:
    heard = sound.measure(np.zeros(RATE, np.int16), RATE)
    assert heard.is_silence
    assert not heard.is_tone(0)


def test_a_recording_too_short_to_judge_is_silence() -> None:
    assert sound.measure(sound.tone(440, RATE, 0, 100), RATE).is_silence


def test_a_lost_piece_is_counted_as_a_gap() -> None:
    torn = sound.tone(440, RATE, 0, RATE)
    torn[4000:4320] = 0
    assert sound.measure(torn, RATE).gap == pytest.approx(0.04)


def test_a_recording_is_read_as_it_was_written_and_drawn(tmp_path: Path) -> None:
    samples = sound.tone(440, RATE, 0, RATE)
    sound.write(tmp_path / "tone.wav", samples, RATE)
    again, rate = sound.read(tmp_path / "tone.wav")
    assert rate == RATE
    assert np.array_equal(again, samples)
    picture.draw(tmp_path / "tone.png", [(samples, RATE), (samples, RATE)])
    assert (tmp_path / "tone.png").read_bytes().startswith(b"\x89PNG")
