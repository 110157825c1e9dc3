"""The store of clips."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.clip import Clip
from media.clip_store import MAX_SECONDS, ClipStore
from media.codec.catalogue import ENCODINGS
from media.codec.errors import UnknownCodecError
from media.codec.samples import Samples, level
from media.plane import AudioFile, AudioFormat, Music, Prompt, Silence, Source, Tone, ToneName
from media.prompt import MissingPromptError, PromptCatalogue
from tests.support.sound import pitch, sine

PCMU = AudioFormat("PCMU", 0)


def store(folder: Path | None = None, *, max_octets: int = 10**6) -> ClipStore:
    return ClipStore(PromptCatalogue(folder), max_octets=max_octets)


def sound(clip: Clip, encoding: str = "pcmu") -> Samples:
    codec = ENCODINGS[encoding].make()
    return np.concatenate([codec.decode(payload) for payload in clip.payloads])


@pytest.mark.parametrize(
    ("source", "seconds"),
    [
        (Tone(ToneName.RINGBACK), 3.0),
        (Tone(ToneName.BUSY, 0.7), 0.7),
        (Silence(0.5), 0.5),
        (Silence(-1), 0.0),
        (Music(), 44.8),
    ],
)
def test_a_source_is_made_as_long_as_it_is(source: Source, seconds: float) -> None:
    assert len(store().make(source, PCMU).payloads) == round(seconds * 50)


def test_nothing_is_longer_than_the_longest() -> None:
    assert len(store().make(Silence(10 * MAX_SECONDS), PCMU).payloads) == MAX_SECONDS * 50


def test_a_prompt_is_brought_to_one_loudness_in_each_codec(tmp_path: Path) -> None:
    (tmp_path / "ja").mkdir()
    soundfile.write(tmp_path / "ja/hello.flac", sine(440, 1.0, 48000, dbfs=-35), 48000)
    for audio in (PCMU, AudioFormat("G722", 9), AudioFormat("opus", 107)):
        encoding = ENCODINGS[audio.encoding.lower()]
        heard = sound(store(tmp_path).make(Prompt("hello"), audio), encoding.name.lower())
        assert level(heard) == pytest.approx(-21, abs=0.8)
        assert pitch(heard, encoding.sample_rate_hz) == pytest.approx(440, abs=2)


def test_a_file_is_equalised_or_left_alone_as_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sine(440, 1.0, dbfs=-35), 8000)
    assert level(sound(store().make(AudioFile(str(path)), PCMU))) == pytest.approx(-21, abs=0.5)
    as_is = store().make(AudioFile(str(path), equalise=False), PCMU)
    assert level(sound(as_is)) == pytest.approx(-35, abs=0.5)


def test_what_cannot_be_had_is_told() -> None:
    with pytest.raises(MissingPromptError):
        store().make(Prompt("none"), PCMU)
    with pytest.raises(UnknownCodecError):
        store().make(Silence(1), AudioFormat("G729", 18))


def test_what_was_not_played_for_longest_is_forgotten_first() -> None:
    kept = store(max_octets=3 * 1000)
    clips = [Silence(seconds) for seconds in (1.0, 2.0, 3.0, 4.0)]
    for source in clips[:3]:
        kept.keep(source, PCMU, Clip((b"x" * 959,)))
    assert kept.find(clips[0], PCMU)
    kept.keep(clips[3], PCMU, Clip((b"x" * 959,)))
    assert [kept.find(source, PCMU) is not None for source in clips] == [True, False, True, True]
    assert (len(kept), kept.octets) == (3, 3000)


def test_a_clip_kept_again_replaces_the_former() -> None:
    kept = store()
    for size in (100, 200):
        kept.keep(Silence(1), PCMU, Clip((b"x" * size,)))
    assert (len(kept), kept.octets) == (1, 241)


def test_files_and_what_is_larger_than_the_store_are_not_kept() -> None:
    kept = store(max_octets=50)
    kept.keep(AudioFile("/a.wav"), PCMU, Clip((b"x",)))
    kept.keep(Silence(1), PCMU, Clip((b"x" * 50,)))
    assert not len(kept)


def test_a_clip_is_of_one_codec_and_packet_time() -> None:
    kept = store()
    kept.keep(Silence(1), PCMU, Clip((b"x",)))
    assert kept.find(Silence(1), AudioFormat("pcmu", 0))
    assert not kept.find(Silence(1), AudioFormat("PCMU", 0, 30))
    assert not kept.find(Silence(1), AudioFormat("PCMA", 8))
