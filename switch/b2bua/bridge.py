"""The bridge: what passes between two legs whose sessions depend on each other (RFC 3264, 3261 14).

A hold stays on its own side: the holder is answered with the other side's description as it stands,
and the other side hears music, whatever way of holding the phone has. So no carrier is bothered by
a hold, and a resumption cannot fail at the far end. What changes more than directions is passed on.
"""

from functools import partial
from typing import Protocol

from media.plane import Music
from switch.b2bua.call_media import CallMedia
from switch.b2bua.event import Acknowledge, SessionEvent, Update, UpdateCancelled, Updated
from switch.b2bua.leg import Leg
from switch.b2bua.phase import Phase
from switch.b2bua.solo import Solo
from switch.sdp.description import Direction, parse
from switch.sdp.offer_answer import is_hold
from switch.sdp.termination import mirrored
from switch.sip.uas import REASONS


class Bridged(Protocol):
    """The call, as the bridge knows it."""

    def other(self, leg: Leg) -> Leg | None:
        """Return whom a leg talks to."""

    def changed(self, leg: Leg, event: Updated) -> None:
        """Learn how a leg took the other's wish to change the session."""

    def held(self, leg: Leg, *, on: bool) -> None:
        """Learn that a leg holds the other, or holds it no longer."""

    def lose_session(self) -> None:
        """Learn that an offer was never answered: there is no session."""


class Bridge:
    """What passes between the two legs of a call."""

    def __init__(self, call: Bridged, media: CallMedia) -> None:
        self._call = call
        self._media = media
        self._holders: set[Leg] = set()
        self._restoring: Leg | None = None
        """Whose session is put back to what it was; once, whatever comes of it."""

    def holds(self, leg: Leg) -> bool:
        """Tell whether a leg holds the other."""
        return leg in self._holders

    def hold(self, leg: Leg) -> None:
        """Let a leg hold the other again, as it did before it was led away in vain."""
        other = self._call.other(leg)
        if other is not None:
            self._hold(leg, other)

    def forget(self, leg: Leg) -> None:
        """Forget the hold of a leg that has left."""
        self._holders.discard(leg)

    def hear(self, leg: Leg, event: SessionEvent) -> None:
        """Take what one leg says to the other."""
        other = self._call.other(leg)
        match event:
            case Update() if other is None:
                leg.answer_update(Updated(491, REASONS[491], b""))
            case _ if other is None:
                pass
            case Update():
                self._update(leg, other, event)
            case Updated():
                self._updated(leg, other, event)
            case UpdateCancelled():
                other.cancel_update()
            case Acknowledge():
                other.acknowledge(event.body)
                if not event.body:
                    # The offer of the 2xx was never answered: no session (RFC 3261 13.2.2.4).
                    self._call.lose_session()
            case _:
                other.inform(event)

    def _update(self, leg: Leg, other: Leg, event: Update) -> None:
        if not self._keeps_to_itself(leg, other, event):
            proceed = partial(other.update, event)
            self._media.when_ready(event.body, (leg.side, other.side), proceed)

    def _keeps_to_itself(self, leg: Leg, other: Leg, event: Update) -> bool:
        """Answer a hold, or its end, here; False for what the other side has to be asked about."""
        is_held = leg in self._holders
        holds = bool(event.body) and is_hold(parse(event.body))
        stands = other.change.negotiation.remote
        if other.phase is not Phase.CONFIRMED or not (holds or is_held):
            return False
        asks = not holds and other not in self._holders and waits(other)
        answer = mirrored(event.body, stands) if event.body and stands and not asks else None
        if answer is not None:
            leg.answer_update(Updated(200, "OK", answer))
        if holds and answer is not None and not is_held:
            self._hold(leg, other)
        elif is_held and not holds:
            self._resume(leg, other)
        return answer is not None

    def _hold(self, leg: Leg, other: Leg) -> None:
        self._holders.add(leg)
        Solo(other, (Music(),)).begin()
        self._call.held(leg, on=True)

    def _resume(self, leg: Leg, other: Leg) -> None:
        self._holders.discard(leg)
        if not self._holders:
            self._media.join(leg.side, other.side)
        self._call.held(leg, on=False)

    def _updated(self, leg: Leg, other: Leg, event: Updated) -> None:
        self._call.changed(leg, event)
        if self._restoring is leg:
            self._restoring = None
        elif not other.answer_update(event) and event.status < 300:
            self._restore(leg, other)

    def _restore(self, leg: Leg, other: Leg) -> None:
        """Put back the session that a withdrawn re-INVITE has changed on the other side."""
        leg.acknowledge(b"")
        self._restoring = leg
        leg.update(Update("INVITE", other.change.negotiation.remote or b""))


def waits(leg: Leg) -> bool:
    """Tell whether a leg's far side was told of a hold, by a change that crossed it."""
    local = leg.change.negotiation.local
    if not local:
        return False
    description = parse(local)
    used = [media for media in description.media if media.port]
    return any(description.direction_of(media) is not Direction.SENDRECV for media in used)
