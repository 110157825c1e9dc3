"""The store of clips: each source rendered and encoded once a codec and packet time.

It is bounded in octets and forgets what was not played for longest.
"""

from collections import OrderedDict
from pathlib import Path

from media import loudness, music, tone, wav
from media.clip import Clip, encode
from media.codec.catalogue import encoding_of
from media.codec.samples import Samples, silence, to_samples
from media.plane import AudioFile, AudioFormat, Music, Prompt, Silence, Source, Tone
from media.prompt import PromptCatalogue

MAX_SECONDS = wav.MAX_SECONDS
"""Of any source: what is longer is a mistake of who asks."""
MAX_STORED = 64 * 2**20
"""Octets that are kept: an hour and a half of G.711; every prompt in each codec has room."""

_Key = tuple[Source, str, int]
"""A source, the encoding's name and the packet time."""


class ClipStore:
    """Make and keep clips. `make` may run on another thread; all else belongs to one."""

    def __init__(self, prompts: PromptCatalogue, *, max_octets: int = MAX_STORED) -> None:
        self._prompts = prompts
        self._max_octets = max_octets
        self._clips: OrderedDict[_Key, tuple[Clip, int]] = OrderedDict()
        self._octets = 0

    def __len__(self) -> int:
        """Count the clips that are kept."""
        return len(self._clips)

    @property
    def octets(self) -> int:
        """The memory that the kept clips take."""
        return self._octets

    def find(self, source: Source, audio: AudioFormat) -> Clip | None:
        """Look for a clip that is kept; files are the caller's to make anew, as they change."""
        kept = self._clips.get(_key(source, audio))
        if kept is None:
            return None
        self._clips.move_to_end(_key(source, audio))
        return kept[0]

    def keep(self, source: Source, audio: AudioFormat, clip: Clip) -> None:
        """Keep a clip, and forget others when there is no room; files are not kept."""
        size = clip.size
        if isinstance(source, AudioFile) or size > self._max_octets:
            return
        self._forget(_key(source, audio))
        while self._octets + size > self._max_octets:
            self._forget(next(iter(self._clips)))
        self._clips[_key(source, audio)] = (clip, size)
        self._octets += size

    def make(self, source: Source, audio: AudioFormat) -> Clip:
        """Render and encode a source; raises what `wav.read`, `PromptCatalogue.path` raise."""
        encoding = encoding_of(audio)
        samples, is_periodic = self._render(source, encoding.sample_rate_hz)
        return encode(samples, encoding, audio.ptime_ms, is_periodic=is_periodic)

    def _forget(self, key: _Key) -> None:
        forgotten = self._clips.pop(key, None)
        if forgotten is not None:
            self._octets -= forgotten[1]

    def _render(self, source: Source, rate_hz: int) -> tuple[Samples, bool]:
        """Make a source's sound, and say whether it repeats without a seam."""
        match source:
            case Tone(name, seconds):
                if seconds is None:
                    return tone.period(name, rate_hz), tone.is_periodic(name)
                return tone.tone(name, _bounded(seconds), rate_hz), False
            case Silence(seconds):
                return silence(round(_bounded(seconds) * rate_hz)), False
            case Music():
                return music.music(rate_hz), True
            case Prompt():
                path = self._prompts.path(source)
                return loudness.equalise(wav.read(path, rate_hz), rate_hz), False
            case AudioFile(path_name, equalise):
                wave = wav.read(Path(path_name), rate_hz)
                return (loudness.equalise(wave, rate_hz) if equalise else to_samples(wave)), False


def _key(source: Source, audio: AudioFormat) -> _Key:
    return (source, audio.encoding.lower(), audio.ptime_ms)


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), MAX_SECONDS)
