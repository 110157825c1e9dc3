"""A call: one A leg, the B legs that are tried for it, and what passes between them (RFC 7092).

The call hears its legs' events and tells the other side. It asks for media before it offers
(`Allocate`, then the INVITE), joins endpoints, keeps the record of each leg, and ends whatever way
it ends with every endpoint released and every record written.
"""

from collections.abc import Sequence
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Protocol

import msgspec

from media.plane import (
    Allocated,
    AllocationFailed,
    Latched,
    OneWay,
    PlaneReport,
    Released,
    Restored,
    StreamCounters,
)
from switch.b2bua.branch import Branch, Branches
from switch.b2bua.call_media import CallMedia, leg_name, media_line
from switch.b2bua.cdr import LegRecord
from switch.b2bua.event import (
    Accepted,
    Acknowledge,
    Answer,
    Cause,
    Fail,
    LegEvent,
    Release,
    Ring,
    SessionEvent,
    Update,
    UpdateCancelled,
    Updated,
)
from switch.b2bua.failure import told_to_caller
from switch.b2bua.fork import (
    EVERY_FAILURE,
    NOT_DECLINED,
    TRUNK_FAILED,
    Fork,
    Outcome,
)
from switch.b2bua.header_policy import reason_across
from switch.b2bua.leg import Leg
from switch.b2bua.originating_leg import OriginatingLeg
from switch.b2bua.phase import Phase
from switch.effect import Level
from switch.sip.flow import Flow
from switch.sip.stack import Stack
from switch.sip.uas import REASONS

if TYPE_CHECKING:
    from switch.b2bua.answering_leg import AnsweringLeg

MEDIA_PATIENCE = 2.0
"""Seconds for the last media counters; a call's records are then written without them."""

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
"""The Reason of a CANCEL to those who rang in vain (RFC 3326)."""

SILENCE = 5.0
"""Seconds until a device that has not answered at all lets the next stage ring.

Four INVITEs have then been sent, and a caller has heard at most two ringback tones of three
seconds. The device may still answer.
"""


class State(Enum):
    """How far a call has come."""

    STARTING = "starting"
    HUNTING = "hunting"
    CONNECTED = "connected"
    ENDED = "ended"


class Caller(Protocol):
    """Whoever owns calls: makes their B legs, and is told when they are over."""

    def make_branch(self, call: "Call", index: int) -> Branch | Fail:
        """Make the B leg of a target, or say why it can't be reached now."""

    def tell(self, call: "Call", event: str, level: Level, **fields: str | float | None) -> None:
        """Write one line of the call's story."""

    def serve(self, call: "Call") -> bool:
        """Let a service take a call that nobody has answered; False when none does."""

    def leave(self, call: "Call", branch: Branch) -> None:
        """Free what a B leg holds: it is over."""

    def free(self, call: "Call") -> None:
        """Free what a call holds: it has ended, though its records are still to be written."""

    def finish(self, call: "Call") -> None:
        """Write the records of a call that is over, and forget it."""

    def wall(self) -> float:
        """Return the Unix time of this turn."""


class Call:
    """One call from INVITE to the last released port."""

    def __init__(
        self,
        owner: Caller,
        stack: Stack,
        call_id: str,
        record: LegRecord,
        *,
        from_trunk: bool,
        trace: str,
    ) -> None:
        self.id = call_id
        self.state = State.STARTING
        self.trace = trace
        self.record = record
        self.from_trunk = from_trunk
        self.branches = Branches()
        self.a: AnsweringLeg
        self.winner: Branch | None = None
        self._owner = owner
        self._stack = stack
        self._fork = Fork(())
        self._media = CallMedia(stack)
        self._has_rung = False
        self._is_urgent = False
        """Whatever a carrier says, the next one is tried."""
        self._hurries = False
        """Silence lets the next group try too."""
        self._media_of: OriginatingLeg | None = None
        """Whose endpoint the A leg's is joined to."""
        self._restoring: Leg | None = None
        """Whose session is put back to what it was; once, whatever comes of it."""

    # The beginning

    def hunt(
        self,
        groups: Sequence[Sequence[int]],
        patience: float,
        *,
        rings: bool = False,
        urgent: bool = False,
    ) -> None:
        """Try the targets, group after group, for as long as the caller may wait.

        Devices ring: a stage of them is over as soon as nobody in it can answer, and a silent
        device does not hold the next stage up. Of carriers only a failed one lets the next try,
        and any that does not connect an urgent call.
        """
        self.state = State.HUNTING
        self._hurries = rings
        self._is_urgent = urgent
        elsewhere = NOT_DECLINED if rings else EVERY_FAILURE if urgent else TRUNK_FAILED
        self._fork = Fork(groups, try_elsewhere=elsewhere)
        self._stack.set_timer(self, "patience", patience)
        self._next_group()

    def join(self, index: int, flow: Flow, uri: str) -> None:
        """Offer a call that still rings to a device that has just registered there.

        One that rings there already goes on, one that has declined is left in peace.
        """
        is_unwanted = self.branches.is_full or self.branches.has_declined(index)
        open_there = self.branches.open_at(index)
        if self.state is not State.HUNTING or is_unwanted:
            return
        if any(branch.is_at(flow, uri) for branch in open_there):
            return
        for branch in open_there:
            self._end_branch(branch, Cause.UNREACHABLE, "switch")
        self._fork.join(index)
        self._try(index, joins=True)

    def refuse(self, failure: Fail) -> None:
        """End the call before it began."""
        self._give_up(failure)

    def _next_group(self) -> None:
        group = self._fork.next_group()
        self._stack.cancel_timer(self, "silence")
        if self._hurries and self._fork.has_next:
            self._stack.set_timer(self, "silence", SILENCE)
        for index in group:
            self._try(index)
        if not group:
            self._miss(Fail(480, REASONS[480], Cause.UNREACHABLE))

    def _try(self, index: int, *, joins: bool = False) -> None:
        made = self._owner.make_branch(self, index)
        if isinstance(made, Fail):
            self._fail_target(index, made)
            return
        self.branches.append(made)
        if joins:
            self._owner.tell(self, "leg_joined", Level.INFO, leg=made.record.leg)
        offer = self.a.invite.body
        self._media.when_ready(
            offer, (self.a.side, made.leg.side), partial(self.invite, made, offer)
        )

    def _doubt(self) -> None:
        """Go on to the next stage past those who are silent; they may still answer."""
        outcomes = []
        for branch in self.branches.silent():
            self._owner.tell(self, "leg_silent", Level.INFO, leg=branch.record.leg)
            outcomes.append(self._fork.doubt(branch.index))
        if Outcome.NEXT in outcomes:
            self._next_group()

    def invite(self, branch: Branch, offer: bytes) -> None:
        """Send a branch's INVITE, its media being there."""
        if self.state is State.HUNTING and not branch.is_over:
            self._stack.out.extend(self.a.side.direct(offer))
            branch.leg.invite(offer)
            flow = str(branch.leg.flow)
            self._owner.tell(self, "leg_invited", Level.INFO, leg=branch.record.leg, address=flow)

    def hear_media(self, report: PlaneReport) -> None:
        """Take what the media plane says of one of the call's endpoints."""
        match report:
            case Allocated():
                self._media.take(report)
            case AllocationFailed(endpoint, reason):
                self._lose_media(endpoint, reason)
            case Released(endpoint, counters):
                self._take_counters(endpoint, counters)
            case Latched() | OneWay() | Restored():
                self._tell_media(report)
            case _:
                pass  # Of what the plane plays and records, no call asks anything yet.

    def _lose_media(self, endpoint: str, reason: str) -> None:
        """Go on without the media that could not be had.

        A call that began fails, one that stands stays as it is.
        """
        self._media.lose(endpoint)
        self._owner.tell(
            self, "media_unavailable", Level.ERROR, leg=leg_name(endpoint), reason=reason
        )
        if self.state is State.HUNTING:
            self._give_up(Fail(503, REASONS[503], Cause.NO_MEDIA_PORTS))
        elif self.state is State.CONNECTED and self.a.phase in {Phase.STARTING, Phase.EARLY}:
            self._release_all(Cause.NO_MEDIA_PORTS, "switch")
        elif self.winner is not None:
            for leg in (self.a, self.winner.leg):
                leg.answer_update(Updated(500, REASONS[500], b""))

    # What the legs say

    def hear(self, leg: Leg, event: LegEvent) -> None:
        """Take what a leg's far side did."""
        if self.state is State.ENDED or self.branches.is_over(leg):
            return  # What such a leg still hears, it ends by itself.
        match event:
            case Ring():
                self._ring(self.branches.of(leg), event)
            case Answer():
                self._answer(self.branches.of(leg), event)
            case Accepted():
                self._accepted()
            case Fail():
                self._fail(self.branches.of(leg), event)
            case Release():
                self._release(leg, event)
            case _:
                self._pass_on(leg, event)

    def _ring(self, branch: Branch, event: Ring) -> None:
        now = self._owner.wall()
        is_one_more = self._has_rung and branch.record.ringing_at is None and not event.body
        branch.record.ring(now)
        self.record.ring(now)
        if not self._has_rung or event.body:
            self._owner.tell(
                self,
                "call_early_media" if event.body else "call_ringing",
                Level.INFO,
                leg=branch.record.leg,
            )
        self._has_rung = True
        if is_one_more:
            return  # The caller knows already that it rings, at however many phones.
        if event.body and self._media_of is None:
            self._join(branch.leg)
        # Only one branch can be heard; the others ring without their early media.
        body = event.body if self._media_of is branch.leg else b""
        self.a.ring(event if body == event.body else Ring(180, b""))

    def _join(self, leg: OriginatingLeg) -> None:
        self._media_of = leg
        self._media.join(self.a.side, leg.side)

    def _answer(self, branch: Branch, event: Answer) -> None:
        self.state = State.CONNECTED
        self.winner = branch
        self._cancel_timers()
        branch.record.answer(self._owner.wall())
        for other in self.branches.open():
            if other is not branch:
                self._end_branch(other, Cause.ELSEWHERE, "switch", ELSEWHERE)
        if self._media_of is not branch.leg:
            self._join(branch.leg)
        self._media.when_ready(
            event.body, (self.a.side, branch.leg.side), partial(self.a.answer, event)
        )

    def _accepted(self) -> None:
        """Take that the caller has been answered: from now on it talks, and pays."""
        now = self._owner.wall()
        self.record.answer(now)
        after = round(now - self.record.started_at, 3)
        leg = self.winner.record.leg if self.winner is not None else None
        self._owner.tell(self, "call_answered", Level.INFO, leg=leg, after=after)

    def _fail(self, branch: Branch, event: Fail) -> None:
        branch.is_over = True
        branch.record.sip_call_id = branch.leg.sip_call_id
        if event.status == 480 and branch.record.ringing_at is not None:
            event = msgspec.structs.replace(event, cause=Cause.NO_ANSWER)
        by = "switch" if event.is_unheard else "callee"
        branch.record.is_unheard = event.is_unheard
        branch.record.retry_after = event.retry_after
        branch.record.end(self._owner.wall(), event.status, event.cause, by)
        self._media.release(branch.leg.side)
        self._owner.leave(self, branch)
        if self._media_of is branch.leg:
            self._media_of = None
        self._owner.tell(
            self,
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
                self._miss(self._fork.best_failure())
            case _:
                pass

    def _miss(self, failure: Fail) -> None:
        """Take that nobody has answered: a service does, or the caller is told why."""
        if not self._owner.serve(self):
            self._give_up(failure)
            return
        self._cancel_timers()
        for branch in self.branches.open():
            self._end_branch(branch, Cause.NO_ANSWER, "switch")

    def _give_up(self, failure: Fail) -> None:
        """Tell the caller that the call fails, and end."""
        told = told_to_caller(failure)
        self.a.fail(told)
        is_ours = failure.is_unheard or failure.cause is Cause.NO_MEDIA_PORTS
        is_theirs = bool(self.branches) and not is_ours
        self._end(told.status, failure.cause, "callee" if is_theirs else "switch")

    def _release(self, leg: Leg, event: Release) -> None:
        by = "caller" if leg is self.a else "callee"
        if event.cause is not Cause.NORMAL and event.cause is not Cause.CANCELLED:
            by = "switch"
        to_trunk = self.winner is not None and leg is self.a and self.winner.is_trunk
        to_trunk = to_trunk or (leg is not self.a and self.from_trunk)
        self._release_all(event.cause, by, reason_across(event.reason, to_trunk=to_trunk))

    def release(self, cause: Cause) -> None:
        """End the call on the operator's word or at shutdown."""
        if self.state is State.ENDED:
            return
        if self.state is State.CONNECTED:
            self._release_all(cause, "switch")
            return
        self.a.fail(Fail(503, REASONS[503], cause))
        self._end(503, cause, "switch")

    def _release_all(self, cause: Cause, by: str, reason: str | None = None) -> None:
        status = 487
        if self.a.phase in {Phase.ANSWERED, Phase.CONFIRMED}:
            self.a.release(Release(cause, reason))
        elif self.a.phase is not Phase.ENDED:
            status = 480
            self.a.fail(Fail(status, REASONS[status], cause))
        self._end(status, cause, by, reason)

    def _pass_on(self, leg: Leg, event: SessionEvent) -> None:
        """Take what one leg says to the other."""
        other = self._other(leg)
        match event:
            case Update() if other is None:
                leg.answer_update(Updated(491, REASONS[491], b""))
            case _ if other is None:
                pass
            case Update():
                proceed = partial(other.update, event)
                self._media.when_ready(event.body, (leg.side, other.side), proceed)
            case Updated():
                self._updated(leg, other, event)
            case UpdateCancelled():
                other.cancel_update()
            case Acknowledge():
                other.acknowledge(event.body)
                if not event.body:
                    # The offer of the 2xx was never answered: there is no session (13.2.2.4).
                    self._release_all(Cause.INCOMPATIBLE, "switch")
            case _:
                other.inform(event)

    def _updated(self, leg: Leg, other: Leg, event: Updated) -> None:
        self._tell_change(leg, event)
        if self._restoring is leg:
            self._restoring = None
        elif not other.answer_update(event) and event.status < 300:
            self._restore(leg, other)

    def _restore(self, leg: Leg, other: Leg) -> None:
        """Put back the session that a withdrawn re-INVITE has changed on the other side."""
        leg.acknowledge(b"")
        self._restoring = leg
        leg.update(Update("INVITE", other.change.negotiation.remote or b""))

    def expire(self, timer: str) -> None:
        """Take a timer of the call's."""
        match timer:
            case "patience":
                self._owner.tell(self, "call_unanswered", Level.INFO)
                self._miss(Fail(480, REASONS[480], Cause.NO_ANSWER, is_unheard=True))
            case "silence":
                self._doubt()
            case _:
                self._owner.finish(self)

    def _end_branch(self, branch: Branch, cause: Cause, by: str, reason: str | None = None) -> None:
        branch.is_over = True
        branch.record.sip_call_id = branch.leg.sip_call_id
        branch.record.end(self._owner.wall(), 487, cause, by)
        branch.leg.release(Release(cause, reason))
        self._media.release(branch.leg.side)
        self._owner.leave(self, branch)
        if self._media_of is branch.leg:
            self._media_of = None

    def _end(self, status: int, cause: Cause, by: str, reason: str | None = None) -> None:
        """End every leg that still lives, give the media back and wait for its counters."""
        self.state = State.ENDED
        self._media.stop()
        self._cancel_timers()
        for branch in self.branches.open():
            self._end_branch(branch, cause, by, reason)
        self.record.end(self._owner.wall(), status, cause, by)
        self._media.release(self.a.side)
        # Channels are free at once, whatever the media plane still counts.
        self._owner.free(self)
        self._stack.set_timer(self, "media", MEDIA_PATIENCE)
        if self._media.is_released:
            self._owner.finish(self)

    def _cancel_timers(self) -> None:
        self._stack.cancel_timer(self, "patience")
        self._stack.cancel_timer(self, "silence")

    def _take_counters(self, endpoint: str, counters: tuple[StreamCounters, ...]) -> None:
        self._media.returned(endpoint)
        if endpoint == self.a.side.endpoint:
            self.record.counters = counters
        for branch in self.branches:
            if branch.leg.side.endpoint == endpoint:
                branch.record.counters = counters
        if self.state is State.ENDED and self._media.is_released:
            self._owner.finish(self)

    # Small pieces

    def _other(self, leg: Leg) -> Leg | None:
        if self.winner is not None:
            return self.winner.leg if leg is self.a else self.a
        if leg is not self.a:
            return self.a
        ringing = self.branches.open()
        return ringing[0].leg if len(ringing) == 1 else None

    def _tell_change(self, leg: Leg, event: Updated) -> None:
        """Write how a leg took the other's wish to change the session."""
        level = Level.DEBUG if event.status < 300 else Level.INFO
        said: dict[str, str | float] = {"status": event.status, "reason": event.reason}
        self._owner.tell(self, "session_answered", level, leg=leg_name(leg.side.endpoint), **said)

    def _tell_media(self, report: Latched | OneWay | Restored) -> None:
        """Write what was heard, or not heard, on a stream."""
        is_early = self.state is not State.CONNECTED
        if is_early and isinstance(report, OneWay):
            return  # Before the answer only one side speaks.
        line = media_line(report)
        if line is not None:
            self._owner.tell(self, line.event, line.level, **line.fields)

    def __repr__(self) -> str:
        tried = f"{len(self.branches)} tried"
        who = f"{self.record.caller} -> {self.record.called}"
        return f"<Call {self.id} {self.state.name} {who} ({tried})>"
