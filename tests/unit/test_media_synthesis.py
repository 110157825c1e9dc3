"""Synthesis: what may be spoken, and how the sound is finished."""

import numpy as np
import pytest

from media import loudness
from media.codec.samples import FULL_SCALE
from media.synthesis import MAX_CHARACTERS, RATE_HZ, SynthesisError, clean, polish


def test_control_characters_and_line_ends_become_single_spaces() -> None:
    assert clean(" 本日は\r\n休業\x00です。\t", "ja") == "本日は 休業 です。"


@pytest.mark.parametrize("text", ["", " \n", "。、", "\x07", "—"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(SynthesisError, match="nothing that can be spoken"):
        clean(text, "ja")


def test_a_text_may_be_so_long_and_no_longer() -> None:
    assert len(clean("あ" * MAX_CHARACTERS, "ja")) == MAX_CHARACTERS
    with pytest.raises(SynthesisError, match=r"601 characters, 600 are the most"):
        clean("あ" * (MAX_CHARACTERS + 1), "ja")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SynthesisError, match="'fr' is none of ja, en"):
        clean("bonjour", "fr")


def speech(rate_hz: int, peak: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Make a second of noise between two seconds of silence, with one high peak."""
    noise = np.random.default_rng(1).normal(0.0, 0.05, rate_hz)
    noise[rate_hz // 2] = peak
    return np.concatenate((np.zeros(rate_hz), noise, np.zeros(rate_hz)))


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
def test_silence_around_speech_is_cut_and_the_level_is_that_of_prompts(rate_hz: int) -> None:
    samples = polish(speech(rate_hz, 0.1), rate_hz)
    assert len(samples) == pytest.approx(1.11 * RATE_HZ, rel=0.02)
    level = loudness.active_level(samples / FULL_SCALE, RATE_HZ)
    assert level == pytest.approx(loudness.TARGET_DBFS, abs=0.2)


def test_a_single_peak_does_not_keep_the_whole_quiet() -> None:
    samples = polish(speech(RATE_HZ, 3.0), RATE_HZ)
    level = loudness.active_level(samples / FULL_SCALE, RATE_HZ)
    assert level == pytest.approx(loudness.TARGET_DBFS, abs=0.5)
    assert np.max(np.abs(samples)) < 0.8 * FULL_SCALE


def test_the_ends_are_faded() -> None:
    samples = polish(np.ones(RATE_HZ // 100) * np.tile([0.5, -0.5], RATE_HZ // 200), RATE_HZ)
    assert samples[0] == samples[-1] == 0


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_a_voice_that_gives_only_silence_is_a_fault(count: int) -> None:
    with pytest.raises(SynthesisError, match="only silence"):
        polish(np.zeros(count), RATE_HZ)
