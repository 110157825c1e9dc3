"""Names that nobody can guess: tags, branches, Call-IDs, nonces (RFC 3261 8.1.1 and 19.3).

The core draws no random numbers: it is given a source of tokens. `switch.entropy` has the real one;
the seeded one here repeats a run exactly.
"""

from typing import Protocol

from switch.sip.header.via import MAGIC_COOKIE

TAG_BITS = 64
"""Who would forge a request inside a dialog must guess two tags; section 19.3 asks for 32 bits."""

CALL_ID_BITS = 96
NONCE_BITS = 128

FIRST_CSEQ_BITS = 24
"""A first CSeq or RSeq leaves room to count on below 2**31 (8.1.1.5, RFC 3262 section 3)."""


class Tokens(Protocol):
    """A source of names and of chance."""

    def tag(self) -> str:
        """Return a tag for From or To."""

    def branch(self) -> str:
        """Return a branch, magic cookie included."""

    def call_id(self) -> str:
        """Return a Call-ID that names no host."""

    def cnonce(self) -> str:
        """Return a client nonce for a digest."""

    def first_cseq(self) -> int:
        """Return the number that a CSeq or an RSeq begins with."""

    def uniform(self, low: float, high: float) -> float:
        """Return a number between the two, for delays that must not coincide."""


class RandomSource(Protocol):
    """As much of `random.Random` as tokens need."""

    def getrandbits(self, k: int, /) -> int:
        """Return an integer of so many random bits."""

    def random(self) -> float:
        """Return a number from 0 up to and without 1."""


class SeededTokens:
    """Tokens from a source that was seeded: the same ones in every run.

    Branch and Call-ID begin with the number of the worker that made them, so that a dispatcher can
    send a response, or the other leg's request, to the process that waits for it.
    """

    __slots__ = ("_source", "_worker")

    def __init__(self, source: RandomSource, *, worker: int = 0) -> None:
        self._source = source
        self._worker = worker_prefix(worker)

    def tag(self) -> str:
        """Return a tag for From or To."""
        return self._hexadecimal(TAG_BITS)

    def branch(self) -> str:
        """Return a branch, magic cookie included."""
        return f"{MAGIC_COOKIE}{self._worker}{self._hexadecimal(TAG_BITS)}"

    def call_id(self) -> str:
        """Return a Call-ID that names no host."""
        return f"{self._worker}{self._hexadecimal(CALL_ID_BITS)}"

    def cnonce(self) -> str:
        """Return a client nonce for a digest."""
        return self._hexadecimal(NONCE_BITS)

    def first_cseq(self) -> int:
        """Return the number that a CSeq or an RSeq begins with."""
        return 1 + self._source.getrandbits(FIRST_CSEQ_BITS)

    def uniform(self, low: float, high: float) -> float:
        """Return a number between the two."""
        return low + (high - low) * self._source.random()

    def _hexadecimal(self, bits: int) -> str:
        return f"{self._source.getrandbits(bits):0{bits // 4}x}"


def worker_prefix(worker: int) -> str:
    """Return the two digits by which a branch or a Call-ID names its worker, 0 to 255."""
    return f"{worker:02x}"
