"""The shipped prompts: each text has its sound in both languages, as long and loud as it should."""

from functools import cache

import numpy as np
import pytest
import soundfile

from announcement.message import BUILT_IN
from media import loudness, wav
from media.codec.samples import FULL_SCALE, Wave
from media.plane import Prompt
from media.prompt import SHIPPED, PromptCatalogue
from media.prompt_text import LANGUAGES, PromptText, prompt_texts
from media.synthesis import RATE_HZ

PARKED = [f"park-{slot}" for slot in range(1, 10)]
MOST_OCTETS = 5 * 2**20


@cache
def sound(name: str, language: str) -> tuple[Wave, str]:
    with soundfile.SoundFile(PromptCatalogue().path(Prompt(name, language))) as opened:
        assert (opened.samplerate, opened.channels) == (RATE_HZ, 1)
        return np.asarray(opened.read(), np.float64), opened.comment


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_has_its_sound_in_both_languages(language: str) -> None:
    wanted = [Prompt(name, language) for name in prompt_texts()]
    assert PromptCatalogue().missing(wanted) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sound_is_left_whose_text_is_gone(language: str) -> None:
    assert {path.stem for path in (SHIPPED / language).iterdir()} == set(prompt_texts())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sound_speaks_the_text_of_the_catalogue(language: str) -> None:
    stale = [
        name
        for name, text in prompt_texts().items()
        if sound(name, language)[1] != text.spoken(language)
    ]
    assert stale == [], "make prompts"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sound_lasts_as_long_as_its_text_takes(language: str) -> None:
    odd = {}
    for name, text in prompt_texts().items():
        seconds = len(sound(name, language)[0]) / RATE_HZ
        characters = len(text.spoken(language))
        least, most = (0.04, 0.3) if language == "en" else (0.09, 0.6)
        if not least * characters < seconds < most * characters + 0.6:
            odd[name] = (seconds, characters)
    assert odd == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_sounds_are_equally_loud_and_none_clips(language: str) -> None:
    odd = {}
    for name in prompt_texts():
        wave, _ = sound(name, language)
        level = loudness.active_level(wave, RATE_HZ)
        assert level is not None
        if abs(level - loudness.TARGET_DBFS) > 1.0 or np.max(np.abs(wave)) >= 0.99:
            odd[name] = level
    assert odd == {}


@pytest.mark.parametrize("rate_hz", [8000, 16000])
@pytest.mark.parametrize("name", ["busy", "voicemail-greeting", "closed", "number-3", "digit-7"])
def test_they_are_equally_loud_at_each_rate_at_which_they_are_played(
    name: str, rate_hz: int
) -> None:
    for language in LANGUAGES:
        wave = wav.read(PromptCatalogue().path(Prompt(name, language)), rate_hz)
        played = loudness.equalise(wave, rate_hz) / FULL_SCALE
        level = loudness.active_level(played, rate_hz)
        assert level == pytest.approx(loudness.TARGET_DBFS, abs=1.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_speech_begins_and_ends_with_the_sound(language: str) -> None:
    for name in prompt_texts():
        wave, _ = sound(name, language)
        loud = np.flatnonzero(np.abs(wave) > 0.01)
        assert loud[0] < 0.2 * RATE_HZ, name  # a devoiced first syllable
        assert len(wave) - loud[-1] < 0.3 * RATE_HZ, name


def test_all_together_are_small_enough_to_be_shipped() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.glob("*/*.ogg")) < MOST_OCTETS


def test_each_park_slot_has_a_prompt_of_its_own() -> None:
    assert set(PARKED) <= set(prompt_texts())


def test_a_text_that_would_be_misread_has_another_spelling_for_the_synthesiser() -> None:
    text = PromptText(ja="8件", en="eight messages", ja_spoken="はっけん")
    assert (text.text("ja"), text.spoken("ja")) == ("8件", "はっけん")
    assert (text.text("en"), text.spoken("en")) == ("eight messages", "eight messages")
    assert PromptText(ja="3件", en="three messages").spoken("ja") == "3件"


def test_no_text_is_empty() -> None:
    assert [name for name, text in prompt_texts().items() if not (text.ja and text.en)] == []


@pytest.mark.parametrize("key", BUILT_IN)
def test_what_a_calendar_shows_is_what_its_caller_hears(key: str) -> None:
    text = prompt_texts()["closed" if key == "closed" else f"closed-{key}"]
    assert (text.ja, text.en) == tuple(BUILT_IN[key])
