"""The INVITE usage of a dialog (RFC 3261 sections 13 and 14, RFC 3311, RFC 5057).

Who may invite now, and who has acknowledged what.

Two small machines. `Floor` knows which INVITEs are under way and what a crossing one is answered
with. `Acceptance` repeats a 2xx of ours until its ACK arrives. The ACKs that we sent are kept by
`Acknowledgements`, so that a repeated 2xx is answered with the same octets.
"""

from enum import Enum

from switch.sip.timer import TimerValues

KEPT_ACKS = 4
"""ACKs kept for repeated 2xx.

One INVITE at a time and dialog, so that a few survive any reordering.
"""


class Verdict(Enum):
    """What becomes of an INVITE that arrives inside the dialog."""

    PROCEED = 0
    PENDING = 491
    """One of ours crosses it (section 14.2)."""
    RETRY_LATER = 500
    """An earlier one of theirs is not yet answered (section 14.2)."""


class Floor:
    """Which INVITE is under way, on either side.

    Offers have a machine of their own (`switch.sdp.offer_answer`).
    """

    __slots__ = ("invited", "inviting")

    def __init__(self) -> None:
        self.inviting = False
        """An INVITE of ours has no final response."""
        self.invited = False
        """An INVITE of theirs has no final response, or its 2xx no ACK."""

    @property
    def is_free(self) -> bool:
        """Whether we may send an INVITE now (section 14.1)."""
        return not (self.inviting or self.invited)

    def judge(self) -> Verdict:
        """Judge an INVITE that arrives now (section 14.2)."""
        if self.invited:
            return Verdict.RETRY_LATER
        return Verdict.PENDING if self.inviting else Verdict.PROCEED


class Acceptance:
    """A 2xx of ours on its way to its ACK (section 13.3.1.4).

    Repeated at T1, doubling to T2, for 64*T1.
    """

    __slots__ = ("_after", "_elapsed", "_values")

    def __init__(self, values: TimerValues) -> None:
        self._values = values
        self._after = values.t1
        self._elapsed = 0.0

    def start(self) -> float:
        """Return the seconds until the first repetition."""
        return self._after

    def expire(self) -> float | None:
        """Return the seconds until the next repetition, this one being due now.

        None when no ACK will come.
        """
        self._elapsed += self._after
        if self._elapsed >= self._values.transaction_timeout:
            return None
        self._after = min(2 * self._after, self._values.t2)
        return min(self._after, self._values.transaction_timeout - self._elapsed)


class Acknowledgements:
    """The ACKs that we sent for 2xx, by dialog and CSeq, to be sent again for a repeated 2xx.

    Section 13.2.2.4.
    """

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: dict[tuple[str, int], bytes] = {}

    def keep(self, remote_tag: str, cseq: int, octets: bytes) -> None:
        """Keep an ACK; the oldest is dropped beyond the bound."""
        if len(self._sent) >= KEPT_ACKS:
            del self._sent[next(iter(self._sent))]
        self._sent[remote_tag, cseq] = octets

    def find(self, remote_tag: str, cseq: int) -> bytes | None:
        """Return the ACK sent for this 2xx."""
        return self._sent.get((remote_tag, cseq))
