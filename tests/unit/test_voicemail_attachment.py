"""A recording becomes a compact file that decodes to the same sound."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media import wav
from voicemail.attachment import FORMS, compact, ending, media_type


def recording(folder: Path, seconds: float, rate_hz: int = 8000) -> Path:
    wave = np.sin(np.arange(round(seconds * rate_hz)) * 2 * np.pi * 440 / rate_hz) * 8000
    octets = wave.astype("<i2").tobytes()
    path = folder / "m.wav"
    path.write_bytes(wav.header(rate_hz, len(octets)) + octets)
    return path


@pytest.mark.parametrize("rate_hz", [8000, 16_000])
@pytest.mark.parametrize("form", FORMS)
def test_a_recording_is_small_and_still_the_same_sound(
    tmp_path: Path, form: str, rate_hz: int
) -> None:
    path = recording(tmp_path, 12.5, rate_hz)
    octets = compact(path, form)
    assert len(octets) < path.stat().st_size * 0.6
    wave, rate = soundfile.read(io.BytesIO(octets))
    assert abs(len(wave) / rate - 12.5) < 0.1
    middle = wave[len(wave) // 4 : len(wave) // 2]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert abs(spectrum.argmax() * rate / len(middle) - 440) < 2
    assert 0.12 < np.sqrt(np.mean(middle**2)) < 0.22


def test_each_form_has_a_name_and_a_type() -> None:
    assert {form: (ending(form), media_type(form)) for form in FORMS} == {
        "mp3": ("mp3", "audio/mpeg"),
        "opus": ("ogg", "audio/ogg"),
        "wav": ("wav", "audio/x-wav"),
    }


def test_a_file_that_is_no_sound_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.wav").write_text("no sound")
    with pytest.raises(OSError, match=r"m\.wav"):
        compact(tmp_path / "m.wav", "mp3")
    with pytest.raises(OSError, match="gone"):
        compact(tmp_path / "gone.wav", "mp3")
