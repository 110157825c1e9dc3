"""Recordings on their way to the disk."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.recording import RecordingFile
from tests.support.sound import sine


def test_the_file_has_its_name_when_it_is_whole_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    recording = RecordingFile(path, 8000)
    sound = sine(440, 0.5)
    recording.write(sound[:100].tobytes())
    recording.write(sound[100:].tobytes())
    assert [each.name for each in tmp_path.iterdir()] == ["a.wav.part"]
    recording.finish()
    assert list(tmp_path.iterdir()) == [path]
    read, rate = soundfile.read(path, dtype="int16")
    assert rate == 8000
    assert np.array_equal(read, sound)


def test_a_recording_without_sound_is_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    RecordingFile(path, 16000).finish()
    assert soundfile.info(path).frames == 0


def test_a_discarded_recording_leaves_nothing(tmp_path: Path) -> None:
    recording = RecordingFile(tmp_path / "a.wav", 8000)
    recording.discard()
    recording.write(b"xx")
    recording.discard()
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_and_a_full_disk_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RecordingFile(tmp_path / "none/a.wav", 8000).write(b"xx")
