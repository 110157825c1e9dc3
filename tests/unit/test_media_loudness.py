"""Loudness."""

import numpy as np
import pytest

from media.codec.samples import FULL_SCALE, level
from media.loudness import PEAK_DBFS, TARGET_DBFS, active_level, equalise
from tests.support.sound import sine


@pytest.mark.parametrize("dbfs", [-45.0, -30.0, -10.0])
def test_soft_and_loud_sounds_come_to_one_level(dbfs: float) -> None:
    wave = sine(300, 1.0, dbfs=dbfs).astype(np.float64) / FULL_SCALE
    assert level(equalise(wave, 8000)) == pytest.approx(TARGET_DBFS, abs=0.1)


def test_pauses_do_not_make_a_prompt_louder() -> None:
    speech = sine(300, 1.0, dbfs=-30).astype(np.float64) / FULL_SCALE
    wave = np.concatenate((speech, np.zeros(24000)))
    assert level(equalise(wave, 8000)[:8000]) == pytest.approx(TARGET_DBFS, abs=0.2)


def test_no_peak_clips() -> None:
    wave = np.zeros(8000)
    wave[::400] = 0.5
    assert np.abs(equalise(wave, 8000)).max() <= FULL_SCALE * 10 ** (PEAK_DBFS / 20) + 1


def test_silence_stays_silence_and_noise_is_not_made_a_roar() -> None:
    assert not equalise(np.zeros(800), 8000).any()
    assert not len(equalise(np.zeros(0), 8000))
    faint = sine(300, 1.0, dbfs=-75).astype(np.float64) / FULL_SCALE
    assert level(equalise(faint, 8000)) < -40


def test_the_level_of_less_than_a_frame_is_measured() -> None:
    assert active_level(np.full(10, 0.5), 8000) == pytest.approx(-6.02, abs=0.01)
