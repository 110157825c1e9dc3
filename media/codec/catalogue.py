"""The codecs that a terminated endpoint can speak, by their encoding names (RFC 3551, RFC 7587)."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from media.codec import g711
from media.codec.errors import UnknownCodecError
from media.codec.samples import Samples
from media.plane import AudioFormat

PTIMES_MS = (10, 20, 30, 40, 50, 60)
"""Packet times that are sent with: whole ticks of the packet clock."""
_OPUS_PTIMES_MS = (10, 20, 40, 60)


class Codec(Protocol):
    """One stream's codec; encoding and decoding do not disturb each other."""

    sample_rate_hz: int

    def encode(self, samples: Samples) -> bytes:
        """Compress one packet's samples."""

    def decode(self, payload: bytes) -> Samples:
        """Expand a payload; `MalformedPayload` when it is none."""

    def conceal(self, count: int) -> Samples | None:
        """Guess lost samples from what went before; None when the codec can't."""


class Encoding(msgspec.Struct, frozen=True, gc=False):
    """What is the same in every stream of an encoding."""

    name: str
    clock_rate_hz: int
    """Of the RTP timestamps."""
    sample_rate_hz: int
    payload_type: int | None
    """The static one; None: it is negotiated."""
    make: Callable[[], Codec]
    ptimes_ms: tuple[int, ...] = PTIMES_MS


def _make_g722() -> Codec:
    try:
        from media.codec.g722 import G722Codec  # noqa: PLC0415 - it fails without libg722
    except ImportError as error:
        raise UnknownCodecError(f"G.722 is not available: {error}") from error
    return G722Codec()


def _make_opus() -> Codec:
    try:
        from media.codec.opus import OpusCodec  # noqa: PLC0415 - it fails without libopus
    except Exception as error:  # the binding raises plain Exception without the library
        raise UnknownCodecError(f"Opus is not available: {error}") from error
    return OpusCodec()


ENCODINGS = {
    each.name.lower(): each
    for each in (
        Encoding("PCMU", 8000, 8000, 0, lambda: g711.ULAW),
        Encoding("PCMA", 8000, 8000, 8, lambda: g711.ALAW),
        Encoding("G722", 8000, 16000, 9, _make_g722),
        Encoding("opus", 48000, 16000, None, _make_opus, _OPUS_PTIMES_MS),
    )
}


def encoding_of(audio: AudioFormat) -> Encoding:
    """Find a format's encoding; `UnknownCodecError` when it can't be spoken."""
    encoding = ENCODINGS.get(audio.encoding.lower())
    if encoding is None:
        known = ", ".join(each.name for each in ENCODINGS.values())
        raise UnknownCodecError(f"{audio.encoding!r} is none of {known}")
    if audio.ptime_ms not in encoding.ptimes_ms:
        raise UnknownCodecError(f"{encoding.name} is not sent with {audio.ptime_ms} ms a packet")
    if not 0 <= audio.payload_type <= 127:
        raise UnknownCodecError(f"{audio.payload_type} is no payload type")
    return encoding


def available() -> tuple[str, ...]:
    """Name the encodings that can be spoken here: some need a library."""
    return tuple(each.name for each in ENCODINGS.values() if _is_available(each))


def _is_available(encoding: Encoding) -> bool:
    try:
        encoding.make()
    except UnknownCodecError:
        return False
    return True
