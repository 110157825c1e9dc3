"""The latching rule: which source a stream hears, and where it sends (DESIGN: media; RFC 7362).

A far side behind NAT does not send from the address that its session description names, so the
relay sends to the address that it hears. Whoever is heard gets the audio: the rule is the guard
against *RTP bleed* (a stranger sprays the port range to be taken for the far side) and *RTP
injection* (a stranger speaks into a call). Sources are ranked:

* `SIGNALLED`: the signalled address and port;
* `KNOWN_HOST`: another port of the signalled host, or of the host that the signalling comes from
  (the same NAT);
* `STRANGER`: anybody else.

What is defended:

* The window of each negotiation closes at the first packet: from then on the stream is locked,
  and only a source of a *higher* rank may take it over. So a sprayer who was first loses the
  stream when the far side speaks, the signalled address wins once and for good, and nobody of
  equal rank steals.
* When the signalling host is known, a stranger must first show two packets in sequence of one SSRC
  (RFC 3550 A.1): a spray of one packet a port finds nothing.
* Re-negotiation with an unchanged signalled address opens the window only to sources of at least
  the rank that was locked; the locked source keeps speaking meanwhile, without a gap, and closes
  the window itself once it still speaks after `GRACE`.

What is not: an attacker behind the same NAT as the far side, and one who spoofs the exact source
address, who can inject but hears nothing. SRTP is the answer to both.
"""

from enum import Enum, IntEnum

GRACE = 1.0
"""How long after a re-negotiation the old source's packets may be stragglers of the old path."""

Source = tuple[str, int]
"""An IP address literal in its canonical spelling, and a port."""


class Rank(IntEnum):
    """How much a source is believed."""

    STRANGER = 1
    KNOWN_HOST = 2
    SIGNALLED = 3


class State(Enum):
    """Where a stream's latch stands."""

    CLOSED = "closed"
    """Not negotiated: nobody is heard."""
    OPEN = "open"
    """Negotiated and waiting for the first packet."""
    LOCKED = "locked"
    """A source is locked."""


class Verdict(Enum):
    """What becomes of a packet."""

    REFUSED = "refused"
    ACCEPTED = "accepted"
    LOCKED = "locked"
    """Accepted, and its source is locked from now on."""


class Latch:
    """One port's latch; RTP and RTCP have one each."""

    __slots__ = ("_armed_at", "_candidate", "_host", "_previous", "_rank", "locked", "signalled")

    def __init__(self) -> None:
        self.signalled: Source | None = None
        """Where the session description says the far side is."""
        self.locked: Source | None = None
        """The source that is locked."""
        self._host: str | None = None
        self._previous: Source | None = None
        self._rank = Rank.STRANGER
        self._armed_at: float | None = None
        self._candidate: tuple[Source, int, int | None] | None = None

    @property
    def state(self) -> State:
        """Where the latch stands."""
        if self.locked is not None:
            return State.LOCKED
        return State.CLOSED if self._armed_at is None else State.OPEN

    @property
    def target(self) -> Source | None:
        """Where to send: to whom is heard, else to the signalled address."""
        return self.locked or self._previous or self.signalled

    @property
    def is_signalled(self) -> bool:
        """Whether the locked source is the signalled address."""
        return self.locked is not None and self.locked == self.signalled

    def arm(self, signalled: Source | None, host: str | None, now: float) -> None:
        """Open the window of a (re-)negotiation; `host` is where the signalling comes from."""
        if signalled != self.signalled:
            self._previous = None
        elif self.locked is not None:
            self._previous = self.locked
        self.signalled = signalled
        self.locked = None
        self._host = host
        self._armed_at = now
        self._candidate = None

    def hear(self, source: Source, now: float, ssrc: int, sequence: int | None) -> Verdict:
        """Judge a well-formed packet; `sequence` is None for RTCP."""
        if source == self.locked:
            return Verdict.ACCEPTED
        if self._armed_at is None:
            return Verdict.REFUSED
        rank = self._rank_of(source)
        if source == self._previous:
            settled = rank is Rank.SIGNALLED or now - self._armed_at >= GRACE
            return self._settle(source, rank) if settled else Verdict.ACCEPTED
        if self._is_outranked(rank) or not self._is_proven(source, rank, ssrc, sequence):
            return Verdict.REFUSED
        return self._settle(source, rank)

    def _rank_of(self, source: Source) -> Rank:
        if source == self.signalled:
            return Rank.SIGNALLED
        if source[0] == self._host or (self.signalled and source[0] == self.signalled[0]):
            return Rank.KNOWN_HOST
        return Rank.STRANGER

    def _is_outranked(self, rank: Rank) -> bool:
        """Say whether the source that is locked, or was before re-negotiation, keeps the stream."""
        if self.locked is not None:
            return rank <= self._rank
        return self._previous is not None and rank < self._rank

    def _is_proven(self, source: Source, rank: Rank, ssrc: int, sequence: int | None) -> bool:
        """Ask a stranger, where better is known, for a second packet in sequence."""
        if rank is not Rank.STRANGER or self._host is None:
            return True
        claim = (source, ssrc, sequence)
        following = None if sequence is None else (sequence + 1) % 0x10000
        expected, self._candidate = self._candidate, (source, ssrc, following)
        return claim == expected

    def _settle(self, source: Source, rank: Rank) -> Verdict:
        self.locked = source
        self._previous = None
        self._candidate = None
        self._rank = rank
        return Verdict.LOCKED
