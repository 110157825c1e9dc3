"""Sequence and loss accounting of one received stream (RFC 3550 appendices A.1 and A.3).

The probation of A.1 is left out: the latching rule has already admitted the source. A new SSRC or a
restarted sequence begins a new run; the losses of former runs are kept.
"""

MAX_DROPOUT = 3000
"""A forward jump up to this is loss; a longer one is a restart (A.1)."""
MAX_MISORDER = 100
"""A backward step up to this is reordering (A.1)."""
_MODULUS = 1 << 16


class SequenceCount:
    """Count what arrived and what is missing of a stream's sequence numbers."""

    __slots__ = ("_bad", "_base", "_cycles", "_highest", "_lost_before", "_received", "_ssrc")

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._lost_before = 0
        self._base = self._highest = 0
        self._cycles = 0
        self._received = 0
        self._bad: int | None = None

    @property
    def lost(self) -> int:
        """Expected less received packets, never below zero, over all runs."""
        return self._lost_before + self._lost_in_run()

    def count(self, sequence: int, ssrc: int) -> None:
        """Account for one packet."""
        if ssrc != self._ssrc:
            self._lost_before = self.lost
            self._ssrc = ssrc
            self._begin(sequence)
            return
        advance = (sequence - self._highest) % _MODULUS
        if advance < MAX_DROPOUT:
            if sequence < self._highest:
                self._cycles += _MODULUS
            self._highest = sequence
        elif advance <= _MODULUS - MAX_MISORDER:
            # Two in sequence after a jump are a sender that began anew; one alone is a stray.
            if sequence != self._bad:
                self._bad = (sequence + 1) % _MODULUS
                return
            self._lost_before = self.lost
            self._begin(sequence)
            return
        self._received += 1

    def _begin(self, sequence: int) -> None:
        self._base = self._highest = sequence
        self._cycles = 0
        self._bad = None
        self._received = 1

    def _lost_in_run(self) -> int:
        if self._ssrc is None:
            return 0
        expected = self._cycles + self._highest - self._base + 1
        return max(0, expected - self._received)
