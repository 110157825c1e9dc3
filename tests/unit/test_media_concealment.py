"""Concealment."""

import numpy as np
import pytest

from media.codec.samples import level, silence
from media.concealment import LONGEST, Concealment
from tests.support.sound import pitch, sine


@pytest.mark.parametrize("hertz", [100, 200, 333])
@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_guess_keeps_the_pitch_and_fades(hertz: float, rate: int) -> None:
    concealment = Concealment(rate)
    concealment.hear(sine(hertz, 0.1, rate))
    guess = concealment.guess(rate // 20)
    assert pitch(guess, rate) == pytest.approx(hertz, rel=0.06)
    assert level(guess[: rate // 100]) > -15
    assert level(guess[-rate // 100 :]) < -22


def test_what_is_longer_than_a_guess_is_silence() -> None:
    concealment = Concealment(8000)
    concealment.hear(sine(200, 0.1))
    guess = concealment.guess(2000)
    assert len(guess) == 2000
    assert guess[: round(LONGEST * 8000)].any()
    assert not guess[round(LONGEST * 8000) :].any()


def test_after_silence_silence_is_guessed() -> None:
    assert not Concealment(8000).guess(160).any()
    concealment = Concealment(8000)
    concealment.hear(silence(10))
    assert not concealment.guess(160).any()


def test_the_guess_goes_on_where_the_sound_ended() -> None:
    concealment = Concealment(8000)
    sound = sine(200, 0.1)
    concealment.hear(sound)
    guess = concealment.guess(160)
    expected = sine(200, 0.12)[800:]
    assert np.abs(guess[:40].astype(np.int32) - expected[:40]).max() < 1200
