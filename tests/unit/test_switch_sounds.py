"""The sounds of the start: the built-in ones, and what lies in an operator's own folder."""

from pathlib import Path

import pytest

from media.plane import Music, Prompt, Tone, ToneName
from switch import sounds
from switch.sounds import first_formats, first_sounds


def test_every_tone_and_the_music_are_made_ready() -> None:
    assert first_sounds(None) == [*map(Tone, ToneName), Music()]


def test_own_prompts_are_made_ready_each_once_and_nothing_else_of_the_folder(
    tmp_path: Path,
) -> None:
    for name in ("ja/closed.wav", "ja/closed.flac", "en/busy.ogg", "ja/closed.txt", "notes.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    own = [each for each in first_sounds(tmp_path) if isinstance(each, Prompt)]
    assert own == [Prompt("busy", "en"), Prompt("closed", "ja")]


def test_a_folder_that_is_none_has_no_prompts(tmp_path: Path) -> None:
    assert len(first_sounds(tmp_path / "none")) == len(ToneName) + 1


def test_own_prompts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "MAX_OWN_PROMPTS", 2)
    (tmp_path / "ja").mkdir()
    for number in range(3):
        (tmp_path / f"ja/p{number}.wav").touch()
    assert len(first_sounds(tmp_path)) == len(ToneName) + 1 + 2


def test_the_first_formats_are_those_of_carriers_and_phones() -> None:
    assert [each.encoding for each in first_formats()] == ["PCMU", "G722"]
