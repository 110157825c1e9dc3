"""Tokens drawn from the operating system's random numbers, read in advance by the pool."""

import os

from switch.sip.header.via import MAGIC_COOKIE
from switch.sip.token import (
    CALL_ID_BITS,
    FIRST_CSEQ_BITS,
    NONCE_BITS,
    TAG_BITS,
    worker_prefix,
)

POOL_OCTETS = 8192
"""One system call serves some thousand tokens."""

_FRACTION_BITS = 52  # as many as a float has
_FRACTIONS = 1 << _FRACTION_BITS


class EntropyTokens:
    """Tokens that nobody can guess; `switch.sip.token` has the face and the form."""

    __slots__ = ("_at", "_pool", "_worker")

    def __init__(self, *, worker: int = 0) -> None:
        self._worker = worker_prefix(worker)
        self._pool = ""
        self._at = 0

    def tag(self) -> str:
        """Return a tag for From or To."""
        return self._draw(TAG_BITS)

    def branch(self) -> str:
        """Return a branch, magic cookie included."""
        return f"{MAGIC_COOKIE}{self._worker}{self._draw(TAG_BITS)}"

    def call_id(self) -> str:
        """Return a Call-ID that names no host."""
        return f"{self._worker}{self._draw(CALL_ID_BITS)}"

    def cnonce(self) -> str:
        """Return a client nonce for a digest."""
        return self._draw(NONCE_BITS)

    def first_cseq(self) -> int:
        """Return the number that a CSeq or an RSeq begins with."""
        return 1 + int(self._draw(FIRST_CSEQ_BITS), 16)

    def uniform(self, low: float, high: float) -> float:
        """Return a number between the two."""
        return low + (high - low) * int(self._draw(_FRACTION_BITS), 16) / _FRACTIONS

    def _draw(self, bits: int) -> str:
        """Take hexadecimal digits off the pool; none is given out twice."""
        start = self._at
        end = start + bits // 4
        if end > len(self._pool):
            self._pool = os.urandom(POOL_OCTETS).hex()
            start, end = 0, bits // 4
        self._at = end
        return self._pool[start:end]
