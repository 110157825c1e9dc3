"""The library: clips made on a thread of its own, so that no encoding holds up the loop."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from media.clip import Clip
from media.clip_store import ClipStore
from media.codec.errors import UnknownCodecError
from media.plane import AudioFormat, Source
from media.prompt import MissingPromptError
from media.wav import SoundFileError

FAULTS = (MissingPromptError, SoundFileError, UnknownCodecError, MemoryError)
"""What can go wrong with a source."""

Clips = tuple[Clip, ...]


class Library:
    """Fetch the clips of sources, at once when they are kept."""

    def __init__(self, store: ClipStore) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clips")

    def now(self, source: Source, audio: AudioFormat) -> Clip:
        """Fetch a clip without a thread: for what is short and made of nothing."""
        clip = self._store.find(source, audio)
        if clip is None:
            clip = self._store.make(source, audio)
            self._store.keep(source, audio, clip)
        return clip

    def fetch(
        self,
        sources: tuple[Source, ...],
        audio: AudioFormat,
        ready: Callable[[Clips], None],
        failed: Callable[[str], None],
    ) -> None:
        """Fetch the clips of sources; one of the two is called, at once or later on the loop."""
        kept = self._kept(sources, audio)
        if kept is not None:
            ready(kept)
            return
        found = {source: self._store.find(source, audio) for source in sources}

        def finish(made: "asyncio.Future[dict[Source, Clip] | str]") -> None:
            if made.cancelled():
                return
            clips = made.result()
            if isinstance(clips, str):
                failed(clips)
                return
            for source, clip in clips.items():
                self._store.keep(source, audio, clip)
            ready(tuple(clips[source] for source in sources))

        self._loop.run_in_executor(self._thread, self._make, found, audio).add_done_callback(finish)

    async def prepare(self, sources: Iterable[Source], formats: Iterable[AudioFormat]) -> list[str]:
        """Make clips before they are needed: what could not be had, in words."""
        faults = []
        every = list(sources)
        for audio in formats:
            for source in every:
                found = {source: self._store.find(source, audio)}
                made = await self._loop.run_in_executor(self._thread, self._make, found, audio)
                if isinstance(made, str):
                    faults.append(made)
                else:
                    self._store.keep(source, audio, made[source])
        return faults

    async def close(self) -> None:
        """Stop; what is being made is not waited for by anybody any more."""
        await self._loop.run_in_executor(None, lambda: self._thread.shutdown(cancel_futures=True))

    def _kept(self, sources: tuple[Source, ...], audio: AudioFormat) -> Clips | None:
        clips = []
        for source in sources:
            clip = self._store.find(source, audio)
            if clip is None:
                return None
            clips.append(clip)
        return tuple(clips)

    def _make(
        self, found: dict[Source, Clip | None], audio: AudioFormat
    ) -> dict[Source, Clip] | str:
        """Make what is not there yet, on the thread; the fault in words when one can't be had."""
        try:
            return {
                source: self._store.make(source, audio) if clip is None else clip
                for source, clip in found.items()
            }
        except FAULTS as error:
            return str(error)
