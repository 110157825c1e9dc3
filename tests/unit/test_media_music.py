"""The hold music."""

import numpy as np
import pytest

from media.codec.samples import level
from media.music import SECONDS, music


def test_the_piece_is_as_long_as_its_bars_and_at_a_pleasant_level() -> None:
    piece = music(8000)
    assert len(piece) == round(SECONDS * 8000)
    assert level(piece) == pytest.approx(-21, abs=0.1)
    assert np.abs(piece.astype(np.int32)).max() < 32767 * 0.7


def test_the_piece_has_no_seam_and_no_long_pause() -> None:
    piece = music(8000).astype(np.int32)
    assert abs(int(piece[0]) - int(piece[-1])) <= np.abs(np.diff(piece)).max()
    levels = [level(piece[at : at + 4000].astype(np.int16)) for at in range(0, len(piece), 4000)]
    assert min(levels) > -35


def test_the_piece_is_the_same_each_time_it_is_computed() -> None:
    first = music(16000).copy()
    music.cache_clear()
    assert np.array_equal(first, music(16000))


def test_most_of_the_piece_lies_in_the_band_of_a_telephone() -> None:
    power = np.abs(np.fft.rfft(music(8000).astype(np.float64))) ** 2
    hertz = np.fft.rfftfreq(len(music(8000)), 1 / 8000)
    assert power[hertz > 300].sum() > 0.5 * power.sum()
