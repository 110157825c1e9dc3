"""The seeker: the leg that waits while others are tried, and is told what comes of it.

Mostly that is the A leg, whose INVITE is answered, rung or refused. A leg whose call stands
already, and is led on to somebody else, hears the ringback tone meanwhile and gets the answer as a
session change.
"""

from collections.abc import Callable
from typing import Protocol

from media.plane import Source, Tone, ToneName
from switch.b2bua.event import Answer, Fail, Ring
from switch.b2bua.leg import Leg
from switch.b2bua.media_role import MediaSide
from switch.b2bua.solo import Solo
from switch.sdp.description import Direction
from switch.sdp.rewrite import with_direction


class Seeker(Protocol):
    """Who waits for an answer."""

    @property
    def side(self) -> MediaSide:
        """Its media."""

    @property
    def offer(self) -> bytes:
        """The description that those who are tried are offered."""

    def ring(self, event: Ring) -> None:
        """Learn that somebody alerts."""

    def answer(self, event: Answer) -> None:
        """Learn that somebody has answered."""

    def fail(self, event: Fail) -> None:
        """Learn that nobody will."""


def open_offer(leg: Leg) -> bytes:
    """Return what a standing leg can talk, whether or not it is held just now."""
    remote = leg.change.negotiation.remote
    return with_direction(remote, Direction.SENDRECV) if remote else b""


class StandingSeeker:
    """A leg whose call stands, and is led on."""

    def __init__(
        self,
        leg: Leg,
        waiting: tuple[Source, ...],
        answered: Callable[[Answer], None],
        failed: Callable[[Fail], None],
    ) -> None:
        self.side = leg.side
        self.offer = open_offer(leg)
        self._leg = leg
        self._answered = answered
        self._failed = failed
        self._rings = False
        Solo(leg, waiting).begin()

    def ring(self, event: Ring) -> None:  # noqa: ARG002 - early media would need another session
        """Let the leg hear the ringback tone."""
        if not self._rings:
            self._rings = True
            Solo(self._leg, (Tone(ToneName.RINGBACK),)).begin()

    def answer(self, event: Answer) -> None:
        """Lead the leg on to who has answered."""
        self._answered(event)

    def fail(self, event: Fail) -> None:
        """Say that it leads nowhere."""
        self._failed(event)
