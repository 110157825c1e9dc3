"""Sound files."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media import wav
from media.codec.samples import to_samples
from media.wav import SoundFileError
from tests.support.sound import pitch, sine


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
def test_common_formats_are_read_at_the_rate_that_is_wanted(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    stereo = np.repeat(sine(440, 1.0, 44100)[:, None], 2, axis=1)
    soundfile.write(path, stereo, 44100)
    sound = to_samples(wav.read(path, 8000))
    assert len(sound) == pytest.approx(8000, abs=200)
    assert pitch(sound) == pytest.approx(440, abs=2)


def test_a_file_of_the_wanted_rate_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sine(440, 0.5), 8000)
    assert np.array_equal(to_samples(wav.read(path, 8000)), sine(440, 0.5))


@pytest.mark.parametrize("octets", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"<html>no sound</html>" * 9])
def test_what_is_no_sound_file_is_told(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(octets)
    with pytest.raises(SoundFileError, match=r"a\.wav: "):
        wav.read(path, 8000)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match="there is no such file"):
        wav.read(tmp_path / "none.wav", 8000)


def test_a_file_that_is_too_long_empty_or_odd_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(601 * 100, np.int16), 100)
    with pytest.raises(SoundFileError, match="it lasts 601 s, 600 s are the most"):
        wav.read(path, 8000)
    soundfile.write(path, np.zeros(0, np.int16), 8000)
    with pytest.raises(SoundFileError, match="it holds no sound"):
        wav.read(path, 8000)
    soundfile.write(path, np.zeros((8, 9), np.int16), 8000)
    with pytest.raises(SoundFileError, match="9 channels"):
        wav.read(path, 8000)
    soundfile.write(path, np.array([0.0, np.nan]), 8000, subtype="FLOAT")
    with pytest.raises(SoundFileError, match="no sound"):
        wav.read(path, 8000)


def test_the_header_that_is_written_is_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sound = sine(440, 0.1, 16000)
    path.write_bytes(wav.header(16000, 2 * len(sound)) + sound.tobytes())
    read, rate = soundfile.read(path, dtype="int16")
    assert rate == 16000
    assert np.array_equal(read, sound)
