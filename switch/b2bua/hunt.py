"""The hunt: who is tried for a call, stage after stage, until somebody answers (RFC 3261 16.7).

It knows nothing of what follows an answer: the call is told who has answered, or that nobody will.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from switch.b2bua.branch import Branch
from switch.b2bua.event import Cause, Fail, Ring
from switch.b2bua.fork import EVERY_FAILURE, NOT_DECLINED, TRUNK_FAILED, Fork, Outcome
from switch.effect import Level
from switch.sip.flow import Flow
from switch.sip.uas import REASONS

if TYPE_CHECKING:
    from switch.b2bua.call import Call, Caller

SILENCE = 5.0
"""Seconds until a device that has not answered at all lets the next stage ring.

Four INVITEs have then been sent, and a caller has heard at most two ringback tones of three
seconds. The device may still answer.
"""


class Hunt:
    """One search for somebody who answers.

    Devices ring: a stage of them is over as soon as nobody in it can answer, and a silent device
    does not hold the next stage up. Of carriers only a failed one lets the next try, and any that
    does not connect an urgent call.
    """

    def __init__(
        self,
        call: "Call",
        owner: "Caller",
        groups: Sequence[Sequence[int]],
        *,
        rings: bool,
        urgent: bool,
    ) -> None:
        self._call = call
        self._owner = owner
        elsewhere = NOT_DECLINED if rings else EVERY_FAILURE if urgent else TRUNK_FAILED
        self._fork = Fork(groups, try_elsewhere=elsewhere)
        self._hurries = rings
        """Silence lets the next group try too."""
        self._is_urgent = urgent
        """Whatever a carrier says, the next one is tried."""
        self._has_rung = False

    def begin(self) -> None:
        """Try the first group."""
        self._next_group()

    def join(self, index: int, flow: Flow, uri: str) -> None:
        """Offer a call that still rings to a device that has just registered there.

        One that rings there already goes on, one that has declined is left in peace.
        """
        is_unwanted = self._call.branches.is_full or self._call.branches.has_declined(index)
        open_there = self._call.branches.open_at(index)
        if is_unwanted:
            return
        if any(branch.is_at(flow, uri) for branch in open_there):
            return
        for branch in open_there:
            self._call.end_member(branch, Cause.UNREACHABLE, "switch")
        self._fork.join(index)
        self._try(index, joins=True)

    def _next_group(self) -> None:
        group = self._fork.next_group()
        self._call.stack.cancel_timer(self._call, "silence")
        if self._hurries and self._fork.has_next:
            self._call.stack.set_timer(self._call, "silence", SILENCE)
        for index in group:
            self._try(index)
        if not group:
            self._call.miss(Fail(480, REASONS[480], Cause.UNREACHABLE))

    def _try(self, index: int, *, joins: bool = False) -> None:
        made = self._owner.make_branch(self._call, index)
        if isinstance(made, Fail):
            self._fail_target(index, made)
            return
        self._call.branches.append(made)
        if joins:
            self._owner.tell(self._call, "leg_joined", Level.INFO, leg=made.record.leg)
        offer = self._call.seeker.offer
        self._call.media.when_ready(
            offer, (self._call.seeker.side, made.leg.side), partial(self.invite, made, offer)
        )

    def doubt(self) -> None:
        """Go on to the next stage past those who are silent; they may still answer."""
        outcomes = []
        for branch in self._call.branches.silent():
            self._owner.tell(self._call, "leg_silent", Level.INFO, leg=branch.record.leg)
            outcomes.append(self._fork.doubt(branch.index))
        if Outcome.NEXT in outcomes:
            self._next_group()

    def invite(self, branch: Branch, offer: bytes) -> None:
        """Send a branch's INVITE, its media being there."""
        if self._call.is_hunting and not branch.is_over:
            if self._call.seeker is self._call.a:
                self._call.stack.out.extend(self._call.a.side.direct(offer))
            branch.leg.invite(offer)
            flow = str(branch.leg.flow)
            self._owner.tell(
                self._call, "leg_invited", Level.INFO, leg=branch.record.leg, address=flow
            )

    def ring(self, branch: Branch, event: Ring) -> None:
        """Take that somebody alerts, or lets early media be heard."""
        now = self._owner.wall()
        is_one_more = self._has_rung and branch.record.ringing_at is None and not event.body
        branch.record.ring(now)
        self._call.record.ring(now)
        if not self._has_rung or event.body:
            self._owner.tell(
                self._call,
                "call_early_media" if event.body else "call_ringing",
                Level.INFO,
                leg=branch.record.leg,
            )
        self._has_rung = True
        if is_one_more:
            return  # The caller knows already that it rings, at however many phones.
        if event.body and self._call.media_of is None:
            self._call.join_media(branch.leg)
        # Only one branch can be heard; the others ring without their early media.
        body = event.body if self._call.media_of is branch.leg else b""
        self._call.seeker.ring(event if body == event.body else Ring(180, b""))
        self._owner.change(self._call)

    def fail(self, branch: Branch, event: Fail) -> None:
        """Take that a leg has ended without an answer."""
        branch.is_over = True
        branch.record.sip_call_id = branch.leg.sip_call_id
        if event.status == 480 and branch.record.ringing_at is not None:
            event = msgspec.structs.replace(event, cause=Cause.NO_ANSWER)
        by = "switch" if event.is_unheard else "callee"
        branch.record.is_unheard = event.is_unheard
        branch.record.retry_after = event.retry_after
        branch.record.end(self._owner.wall(), event.status, event.cause, by)
        self._call.media.release(branch.leg.side)
        self._owner.leave(self._call, branch)
        if self._call.media_of is branch.leg:
            self._call.media_of = None
        self._owner.tell(
            self._call,
            "leg_failed",
            Level.INFO,
            leg=branch.record.leg,
            status=event.status,
            reason=event.reason,
        )
        # A party that rang is not rung again by way of another carrier, nor is one whom a carrier
        # calls unavailable: it speaks of the party then, and not of itself.
        has_spoken = event.status == 480 or branch.record.ringing_at is not None
        is_last = branch.is_trunk and not self._is_urgent and has_spoken
        self._fail_target(branch.index, event, is_last=is_last)

    def _fail_target(self, index: int, event: Fail, *, is_last: bool = False) -> None:
        match self._fork.fail(index, event, is_last=is_last):
            case Outcome.NEXT:
                self._next_group()
            case Outcome.EXHAUSTED:
                self._call.miss(self._fork.best_failure())
            case _:
                pass
