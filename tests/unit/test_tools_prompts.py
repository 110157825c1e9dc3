"""Making prompts: the files are whole, can be made again, and say what they speak."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.plane import Prompt
from media.prompt import SHIPPED
from media.synthesis import RATE_HZ
from tools.ogg import serial_of, with_serial
from tools.prompts import SERIAL, list_prompts, make_prompts, play_prompt, spoken_in, write

SPEECH = (np.sin(np.arange(RATE_HZ) / 5) * 8000).astype(np.int16)


def test_the_same_sound_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("a.ogg", "b.ogg"):
        write(tmp_path / name, SPEECH, "音声")
    assert (tmp_path / "a.ogg").read_bytes() == (tmp_path / "b.ogg").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ogg", "b.ogg"]


def test_a_file_says_what_it_speaks_and_can_be_read(tmp_path: Path) -> None:
    write(tmp_path / "a.ogg", SPEECH, "音声")
    assert spoken_in(tmp_path / "a.ogg") == "音声"
    samples, rate_hz = soundfile.read(tmp_path / "a.ogg", dtype="int16")
    assert (len(samples), rate_hz) == (len(SPEECH), RATE_HZ)
    assert spoken_in(tmp_path / "b.ogg") is None


def test_the_shipped_files_bear_the_serial_number() -> None:
    assert serial_of((SHIPPED / "ja/busy.ogg").read_bytes()) == SERIAL


def test_a_serial_number_is_written_with_its_checksums() -> None:
    octets = (SHIPPED / "en/busy.ogg").read_bytes()
    other = with_serial(octets, 7)
    assert other != octets
    assert with_serial(other, SERIAL) == octets


def test_what_is_no_ogg_stream_is_refused() -> None:
    with pytest.raises(ValueError, match="no page at octet 0"):
        with_serial(b"RIFF....", 1)


def test_a_name_that_has_no_text_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_prompts(["nothing"], tmp_path) == 1
    assert capsys.readouterr().err == "no such prompt: nothing\n"
    assert list(tmp_path.iterdir()) == []


def test_what_speaks_its_text_is_not_made_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert make_prompts([], SHIPPED) == 0
    assert capsys.readouterr().out.startswith("0 prompts made")


def test_prompts_are_listed_with_their_texts(capsys: pytest.CaptureFixture[str]) -> None:
    assert list_prompts("voicemail-full") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["voicemail-full", "ja"],
        ["voicemail-full", "en"],
    ]


def test_without_a_player_one_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert play_prompt(Prompt("busy"), 8000) == 1
    assert capsys.readouterr().err.startswith("install one of: paplay aplay")
