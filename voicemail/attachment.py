"""A message as it is attached to mail: a compact sound file that any mail program plays."""

import io
from pathlib import Path

import numpy as np
import soundfile

CHUNK_FRAMES = 80_000
"""Ten seconds at 8 kHz are encoded at a time: memory stays small whatever was recorded."""

FORMS = {
    "mp3": ("MP3", "MPEG_LAYER_III", "mp3", "audio/mpeg"),
    "opus": ("OGG", "OPUS", "ogg", "audio/ogg"),
    "wav": ("WAV", "ULAW", "wav", "audio/x-wav"),
}
"""Format and codec as libsndfile names them, the file name's ending, the media type."""


def ending(form: str) -> str:
    """Tell how a file name of a form ends."""
    return FORMS[form][2]


def media_type(form: str) -> str:
    """Tell the media type of a form."""
    return FORMS[form][3]


def compact(path: Path, form: str) -> bytes:
    """Encode a recording; blocks for some tenths of a second, raises OSError."""
    container, codec, *_ = FORMS[form]
    sink = io.BytesIO()
    try:
        with (
            soundfile.SoundFile(str(path)) as source,
            soundfile.SoundFile(
                sink, "w", source.samplerate, 1, format=container, subtype=codec
            ) as encoder,
        ):
            for block in source.blocks(CHUNK_FRAMES, dtype="float32", always_2d=True):
                encoder.write(np.asarray(block, np.float32).mean(axis=1))
    except soundfile.SoundFileError as error:
        raise OSError(str(error)) from error
    return sink.getvalue()
