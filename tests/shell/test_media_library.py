"""The library: what is kept comes at once, the rest by its thread, and faults in words."""

import asyncio
from pathlib import Path

import soundfile

from media.clip_store import ClipStore
from media.library import Clips, Library
from media.plane import AudioFile, AudioFormat, Prompt, Silence, Source, Tone, ToneName
from media.prompt import PromptCatalogue
from tests.support.sound import sine

PCMU = AudioFormat("PCMU", 0)
BUSY, PAUSE = Tone(ToneName.BUSY), Silence(0.1)


class Asking:
    """Somebody who fetches clips."""

    def __init__(self, library: Library) -> None:
        self.clips: Clips | None = None
        self.fault = ""
        self._library = library
        self._answered = asyncio.Event()

    def fetch(self, *sources: Source) -> None:
        """Ask."""
        self._library.fetch(sources, PCMU, self._ready, self._failed)

    async def answer(self) -> None:
        """Wait for the answer."""
        async with asyncio.timeout(5):
            await self._answered.wait()

    def _ready(self, clips: Clips) -> None:
        self.clips = clips
        self._answered.set()

    def _failed(self, fault: str) -> None:
        self.fault = fault
        self._answered.set()


def library() -> Library:
    return Library(ClipStore(PromptCatalogue(None)))


async def test_clips_are_made_once_and_come_at_once_afterwards() -> None:
    shelf = library()
    first, second = Asking(shelf), Asking(shelf)
    first.fetch(BUSY, PAUSE, BUSY)
    assert first.clips is None
    await first.answer()
    second.fetch(PAUSE, BUSY)
    assert first.clips is not None
    assert second.clips == (first.clips[1], first.clips[0])
    assert second.clips[1] is first.clips[2]
    await shelf.close()


async def test_what_is_short_can_be_had_without_a_thread() -> None:
    shelf = library()
    assert shelf.now(PAUSE, PCMU) is shelf.now(PAUSE, PCMU)
    await shelf.close()


async def test_a_source_that_cannot_be_had_is_told_in_words(tmp_path: Path) -> None:
    shelf = library()
    for source in (Prompt("none-such"), AudioFile(str(tmp_path / "none.wav"))):
        asking = Asking(shelf)
        asking.fetch(BUSY, source)
        await asking.answer()
        assert asking.clips is None
        assert "none" in asking.fault
    await shelf.close()


async def test_a_file_is_read_anew_each_time_as_it_may_have_changed(tmp_path: Path) -> None:
    shelf, path = library(), tmp_path / "own.wav"
    lengths = []
    for seconds in (0.2, 0.4):
        soundfile.write(path, sine(440, seconds), 8000)
        asking = Asking(shelf)
        asking.fetch(AudioFile(str(path)))
        await asking.answer()
        assert asking.clips is not None
        lengths.append(len(asking.clips[0].payloads))
    assert lengths == [10, 20]
    await shelf.close()


async def test_what_is_prepared_is_there_and_each_fault_is_told() -> None:
    shelf = library()
    unspoken = AudioFormat("G729", 18)
    faults = await shelf.prepare([BUSY, Prompt("none-such")], [PCMU, unspoken])
    assert len(faults) == 3
    asking = Asking(shelf)
    asking.fetch(BUSY)
    assert asking.clips is not None
    await shelf.close()


async def test_nobody_hears_of_what_was_not_made_before_the_end() -> None:
    shelf = library()
    asked = [Asking(shelf) for _ in range(20)]
    for number, asking in enumerate(asked):
        asking.fetch(Tone(ToneName.DIAL, 10.0 + number))
    await shelf.close()
    await asyncio.sleep(0)
    assert sum(asking.clips is None for asking in asked) > 0
    assert not any(asking.fault for asking in asked)
