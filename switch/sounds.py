"""The sounds that are made ready at the start, so that no call has to wait for them."""

from pathlib import Path

from media.codec.catalogue import available
from media.plane import AudioFormat, Music, Prompt, Source, Tone, ToneName
from media.prompt import FORMATS

MAX_OWN_PROMPTS = 2000
"""Own prompts that are read at the start; the shipped ones are 400 a language."""
_FORMATS = (AudioFormat("PCMU", 0), AudioFormat("G722", 9))
"""What carriers speak and what phones like to speak, with the usual packet time."""


def first_sounds(prompts: Path | None) -> list[Source]:
    """List the tones, the hold music and the prompts of an operator's own folder.

    What is wrong with an own prompt is so told at the start, and not by the first caller.
    """
    every: list[Source] = [*map(Tone, ToneName), Music()]
    if prompts is not None:
        files = sorted(path for path in prompts.glob("*/*") if path.suffix in FORMATS)
        own = dict.fromkeys(Prompt(path.stem, path.parent.name) for path in files)
        every += list(own)[:MAX_OWN_PROMPTS]
    return every


def first_formats() -> list[AudioFormat]:
    """List the formats that sounds are made ready in, as far as they can be spoken here."""
    spoken = available()
    return [audio for audio in _FORMATS if audio.encoding in spoken]
