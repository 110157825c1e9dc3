"""DTMF in the sound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.codec import g711
from media.codec.samples import Samples, silence, to_samples
from media.dtmf import HIGH_HZ, LOW_HZ, DtmfDetector
from media.music import music
from tests.support.sound import chord, sine

KEYS = {
    digit: (low, high)
    for low, row in zip(LOW_HZ, ("123A", "456B", "789C", "*0#D"), strict=True)
    for high, digit in zip(HIGH_HZ, row, strict=True)
}


def dialled(digits: str, on: float = 0.08, off: float = 0.06, rate: int = 8000) -> Samples:
    parts = [silence(round(0.013 * rate))]
    for digit in digits:
        parts += [chord(*KEYS[digit], on, rate), silence(round(off * rate))]
    return np.concatenate(parts)


def found(sound: Samples, rate: int = 8000) -> str:
    detector = DtmfDetector(rate)
    size = rate // 50
    return "".join(detector.hear(sound[at : at + size]) for at in range(0, len(sound), size))


@pytest.mark.parametrize("rate", [8000, 16000])
def test_every_key_is_found_once(rate: int) -> None:
    assert found(dialled("1234567890*#ABCD", rate=rate), rate) == "1234567890*#ABCD"


@given(st.text("0123456789*#", min_size=1, max_size=8), st.floats(0.05, 0.2), st.floats(0.045, 0.2))
def test_digits_are_found_however_long_pressed(digits: str, on: float, off: float) -> None:
    assert found(dialled(digits, on, off)) == digits


def test_digits_survive_g711_and_noise() -> None:
    sound = dialled("0120")
    noise = np.random.default_rng(1).normal(0, 300, len(sound))
    noisy = (sound + noise).astype(np.int16)
    assert found(g711.ULAW.decode(g711.ULAW.encode(noisy))) == "0120"


def test_pitches_that_are_a_little_off_are_found() -> None:
    for factor in (0.985, 1.015):
        low, high = KEYS["6"]
        assert found(chord(low * factor, high * factor, 0.1)) == "6"


def test_too_short_a_tone_is_no_digit() -> None:
    assert found(dialled("5", on=0.02)) == ""


@pytest.mark.parametrize("strong", [0, 1])
def test_a_pair_too_uneven_or_too_faint_is_no_digit(strong: int) -> None:
    levels = (-12.0, -26.0) if strong else (-26.0, -12.0)
    uneven = [sine(hz, 0.1, dbfs=at) for hz, at in zip(KEYS["5"], levels, strict=True)]
    assert found(uneven[0] + uneven[1]) == ""
    assert found((chord(*KEYS["5"], 0.1) // 64).astype(np.int16)) == ""


def test_one_tone_alone_music_and_a_voice_are_no_digits() -> None:
    assert found(sine(697, 1.0)) == ""
    assert found(music(8000)) == ""
    turn = np.arange(80_000) / 8000
    glide = 2 * np.pi * (120 * turn + 20 * np.sin(2 * np.pi * turn))
    voice = sum(np.sin(n * glide) / n for n in range(1, 25)) * 0.1
    assert found(to_samples(np.asarray(voice))) == ""


def test_a_short_break_within_a_press_does_not_double_it() -> None:
    broken = np.concatenate((chord(*KEYS["5"], 0.08), silence(80), chord(*KEYS["5"], 0.08)))
    assert found(broken) == "5"
