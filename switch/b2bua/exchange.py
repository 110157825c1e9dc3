"""The exchange: a leg takes another's place in a call (RFC 3891, RFC 5359, RFC 3725).

Whoever stays is asked first, by a session change; the newcomer is answered with what it says, and
only then does the leaver go. When it fails, everybody is where they were.
"""

from collections.abc import Callable
from functools import partial

from switch.b2bua.answering_leg import AnsweringLeg
from switch.b2bua.branch import Member, Party
from switch.b2bua.bridge import waits
from switch.b2bua.call import Call
from switch.b2bua.event import Answer, Cause, Fail, Update, Updated
from switch.b2bua.leg import Leg
from switch.b2bua.seeker import open_offer
from switch.sdp.termination import meet, mirrored
from switch.sip.uas import REASONS

Done = Callable[[bool], None]
"""Told whether the exchange has come to pass."""

UNAVAILABLE = Fail(480, REASONS[480], Cause.FAILED)


def fetch(call: Call, stayer: Leg, newcomer: Party, leaver: Member | None, done: Done) -> None:
    """Connect a caller, not yet answered, with a leg that stands: a parked one, or a talking one.

    The newcomer belongs to the call already.
    """
    leg = newcomer.leg
    assert isinstance(leg, AnsweringLeg)  # noqa: S101 - a newcomer is whoever has just called
    offer = leg.offer

    def decide(updated: Updated) -> None:
        if newcomer.is_over or updated.status >= 300 or not updated.body:
            if not newcomer.is_over:
                leg.fail(UNAVAILABLE)
                call.end_member(newcomer, Cause.FAILED, "switch")
            done(False)
            return
        call.connect(stayer, leg)
        leg.answer(Answer(updated.body))
        if leaver is not None and not leaver.is_over:
            call.end_member(leaver, Cause.TRANSFERRED, "switch")
        done(True)

    def ask() -> None:
        call.stack.out.extend(leg.side.direct(offer))
        call.ask(stayer, Update("INVITE", offer), decide)

    call.media.when_ready(offer, (leg.side, stayer.side), ask)


def merge(call: Call, stayer: Leg, newcomer: Party, done: Done) -> None:
    """Connect two legs that stand: the end of an attended transfer."""
    leg = newcomer.leg
    offer = open_offer(stayer)

    def decide(updated: Updated) -> None:
        if newcomer.is_over or updated.status >= 300 or not updated.body:
            done(False)
            return
        call.connect(stayer, leg)
        settle(call, stayer, updated.body)
        done(True)

    call.media.when_ready(
        offer, (leg.side, stayer.side), partial(call.ask, leg, Update("INVITE", offer), decide)
    )


def pick_up(call: Call, newcomer: Party, done: Done) -> None:
    """Let a caller answer a call that rings elsewhere, both having offered."""
    leg, seeker = newcomer.leg, call.seeker
    assert isinstance(leg, AnsweringLeg)  # noqa: S101 - a newcomer is whoever has just called
    met = meet(leg.offer, seeker.offer) if leg.offer and seeker.offer else None
    if met is None:
        done(False)
        return
    mine, theirs = met

    def answer() -> None:
        if newcomer.is_over or not call.is_hunting:
            done(False)
            return
        call.stack.out.extend(leg.side.direct(leg.offer))
        call.stack.out.extend(seeker.side.direct(seeker.offer))
        call.take(newcomer)
        leg.answer(Answer(mine))
        seeker.answer(Answer(theirs))
        done(True)

    call.media.when_ready(leg.offer, (leg.side, seeker.side), answer)


def settle(call: Call, leg: Leg, description: bytes) -> None:
    """Tell a leg what its new other side speaks, unless it speaks that and is not told to wait."""
    local = leg.change.negotiation.local or b""
    is_told_to_wait = waits(leg) and not call.bridge.holds(leg)
    if local and not is_told_to_wait and mirrored(local, description) is not None:
        return
    call.ask(leg, Update("INVITE", description), lambda _: None)
