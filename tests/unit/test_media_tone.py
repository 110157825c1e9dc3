"""The tones: their pitch, cadence, level, and that they repeat without a seam."""

import numpy as np
import pytest

from media import tone
from media.codec.samples import level
from media.plane import ToneName
from tests.support.sound import cadence, pitch, purity

RATES = (8000, 16000)


@pytest.mark.parametrize("rate", RATES)
def test_dial_tone_is_400_hz_and_never_pauses(rate: int) -> None:
    sound = tone.tone(ToneName.DIAL, 2.5, rate)
    assert pitch(sound, rate) == pytest.approx(400, abs=0.5)
    assert cadence(sound, rate) == [(True, pytest.approx(2.5, abs=0.02))]


@pytest.mark.parametrize("rate", RATES)
def test_periods_put_end_to_end_have_no_seam(rate: int) -> None:
    once = tone.period(ToneName.DIAL, rate)
    twice = np.tile(once, 2).astype(np.int32)
    steps = np.abs(np.diff(twice))
    assert steps[len(once) - 1] <= steps.max()
    assert purity(np.tile(once, 2), 400, rate) > 0.9999


@pytest.mark.parametrize(
    ("name", "on", "off"),
    [
        (ToneName.RINGBACK, 1.0, 2.0),
        (ToneName.BUSY, 0.5, 0.5),
        (ToneName.REORDER, 0.25, 0.19),
        (ToneName.CALL_WAITING, 0.5, 8.0),
    ],
)
def test_a_period_sounds_and_pauses_as_long_as_it_must(
    name: ToneName, on: float, off: float
) -> None:
    runs = cadence(tone.period(name, 8000))
    assert sum(length for sounds, length in runs if sounds) == pytest.approx(on, abs=0.08)
    assert runs[-1] == (False, pytest.approx(off, abs=0.08))
    assert len(tone.period(name, 8000)) == round((on + off) * 8000)


def test_ringback_is_400_hz_modulated_by_16() -> None:
    sounding = tone.period(ToneName.RINGBACK, 8000)[:8000].astype(np.float64)
    power = np.abs(np.fft.rfft(sounding)) ** 2
    strongest = sorted(int(each) for each in np.argsort(power)[-3:])
    assert strongest == [384, 400, 416]


@pytest.mark.parametrize("name", [ToneName.DIAL, ToneName.BUSY, ToneName.RINGBACK])
def test_tones_have_the_power_of_an_exchange(name: ToneName) -> None:
    sounding = tone.period(name, 8000)[: 500 * 8]
    # -15 dBm0: a sine of full scale has +3.14 dBm0 and an RMS of -3.01 dBFS.
    assert level(sounding) == pytest.approx(-15 - 3.14 - 3.01, abs=0.2)


def test_the_beep_is_one_kilohertz_and_does_not_go_on() -> None:
    assert not tone.is_periodic(ToneName.BEEP)
    assert pitch(tone.period(ToneName.BEEP, 8000)) == pytest.approx(1000, abs=1)


def test_a_tone_is_as_long_as_asked_for() -> None:
    assert len(tone.tone(ToneName.BUSY, 1.26, 8000)) == 10080
    assert len(tone.tone(ToneName.BUSY, 0.0, 8000)) == 0
