"""A call: one A leg, the B legs that are tried for it, and what passes between them (RFC 7092).

The call hears its legs' events and tells the other side. It asks for media before it offers
(`Allocate`, then the INVITE), joins endpoints, keeps the record of each leg, and ends whatever way
it ends with every endpoint released and every record written.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Protocol

from media.plane import (
    Allocated,
    AllocationFailed,
    Latched,
    OneWay,
    PlaneReport,
    PlayEnd,
    PlayEnded,
    Released,
    Restored,
    StreamCounters,
)
from switch.b2bua.branch import Branch, Branches, Member, Party
from switch.b2bua.bridge import Bridge
from switch.b2bua.call_media import CallMedia, leg_name, media_line
from switch.b2bua.cdr import LegRecord
from switch.b2bua.event import (
    Accepted,
    Answer,
    Cause,
    Fail,
    LegEvent,
    Refer,
    Release,
    Ring,
    Update,
    Updated,
)
from switch.b2bua.failure import told_to_caller
from switch.b2bua.header_policy import reason_across
from switch.b2bua.hunt import Hunt
from switch.b2bua.leg import Leg
from switch.b2bua.originating_leg import OriginatingLeg
from switch.b2bua.phase import Phase
from switch.b2bua.seeker import Seeker
from switch.b2bua.solo import Solo
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

    def serve(self, call: "Call", failure: Fail) -> bool:
        """Let something else take a call that nobody has answered; False when nothing does."""

    def leave(self, call: "Call", member: Member) -> None:
        """Free what a leg holds: it is over."""

    def refer(self, call: "Call", leg: Leg, event: Refer) -> None:
        """Do what a leg's far side asks for the other side."""

    def change(self, call: "Call") -> None:
        """Learn that somebody who watches a party of the call would see a change."""

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
        self.called = record.called
        """Whom it is for now: who leads it on changes that."""
        self.branches = Branches()
        self.guests: list[Party] = []
        """Legs that have come from other calls."""
        self.a: AnsweringLeg
        self.near: Leg
        """The leg that stays: the A leg, until that has handed the call over."""
        self.far: Leg | None = None
        """Whom it talks to."""
        self.seeker: Seeker
        """Who waits while others are tried."""
        self.solo: Solo | None = None
        """What the near leg hears of the switch while it talks to nobody."""
        self.winner: Branch | None = None
        self.stack = stack
        self.media = CallMedia(stack)
        self.bridge = Bridge(self, self.media)
        self._asked: dict[Leg, Callable[[Updated], None]] = {}
        self._played: Callable[[], None] | None = None
        self._first: Party
        self.has_given_away = False
        """Whether the A leg has gone to another call, and its record with it."""
        self._owner = owner
        self.search: Hunt
        """The hunt that is on, or was last."""
        self.media_of: OriginatingLeg | None = None
        """Whose endpoint the A leg's is joined to."""

    # The beginning

    def attend(self, leg: "AnsweringLeg") -> None:
        """Begin with the A leg."""
        self.a = self.near = leg
        self.seeker = leg
        self._first = Party(leg, self.record, self.from_trunk, self.id, trace=self.trace)

    def hunt(
        self,
        groups: Sequence[Sequence[int]],
        patience: float,
        *,
        rings: bool = False,
        urgent: bool = False,
    ) -> None:
        """Try targets, group after group, for as long as the caller may wait."""
        self.state, self.winner = State.HUNTING, None
        self.branches.begin()
        self.search = Hunt(self, self._owner, groups, rings=rings, urgent=urgent)
        self.stack.set_timer(self, "patience", patience)
        self.search.begin()

    def join(self, index: int, flow: Flow, uri: str) -> None:
        """Offer a call that still rings to a device that has just registered there."""
        if self.is_hunting:
            self.search.join(index, flow, uri)

    def refuse(self, failure: Fail) -> None:
        """End the call before it began."""
        self._give_up(failure)

    def hear_media(self, report: PlaneReport) -> None:
        """Take what the media plane says of one of the call's endpoints."""
        match report:
            case Allocated():
                self.media.take(report)
            case AllocationFailed(endpoint, reason):
                self._lose_media(endpoint, reason)
            case Released(endpoint, counters):
                self._take_counters(endpoint, counters)
            case Latched() | OneWay() | Restored():
                self._tell_media(report)
            case PlayEnded(endpoint, PlayEnd.FINISHED | PlayEnd.FAILED):
                self._end_play(endpoint)
            case _:
                pass  # The rest of what the plane plays and records is no call's business.

    def _end_play(self, endpoint: str) -> None:
        """Go on with what follows what has been played."""
        if self.solo is None or self.solo.leg.side.endpoint != endpoint:
            return
        then, self._played = self._played, None
        if then is not None:
            then()

    def _lose_media(self, endpoint: str, reason: str) -> None:
        """Go on without the media that could not be had.

        A call that began fails, one that stands stays as it is.
        """
        self.media.lose(endpoint)
        self._owner.tell(
            self, "media_unavailable", Level.ERROR, leg=leg_name(endpoint), reason=reason
        )
        if self.state is State.HUNTING:
            self._give_up(Fail(503, REASONS[503], Cause.NO_MEDIA_PORTS))
        elif self.state is State.CONNECTED and self.a.phase in {Phase.STARTING, Phase.EARLY}:
            self._release_all(Cause.NO_MEDIA_PORTS, "switch")
        elif self.far is not None:
            for leg in (self.near, self.far):
                leg.answer_update(Updated(500, REASONS[500], b""))

    # What the legs say

    def hear(self, leg: Leg, event: LegEvent) -> None:
        """Take what a leg's far side did."""
        if self.state is State.ENDED or self.is_over(leg):
            return  # What such a leg still hears, it ends by itself.
        match event:
            case Ring():
                self.search.ring(self.branches.of(leg), event)
            case Answer():
                self._answer(self.branches.of(leg), event)
            case Accepted():
                self._accepted(leg)
            case Fail():
                self.search.fail(self.branches.of(leg), event)
            case Release():
                self._release(leg, event)
            case Refer():
                self._owner.refer(self, leg, event)
            case Updated() if leg in self._asked:
                self._asked.pop(leg)(event)
            case Update() if self.solo is not None and self.solo.leg is leg:
                self.solo.answer(event)
            case _:
                self.bridge.hear(leg, event)

    def join_media(self, leg: OriginatingLeg) -> None:
        """Let the caller hear what a leg says before it has answered."""
        if self.seeker is not self.a:
            return  # A leg that stands hears the ringback tone of the switch.
        self.media_of = leg
        self.media.join(self.a.side, leg.side)

    def _answer(self, branch: Branch, event: Answer) -> None:
        self.winner = branch
        branch.record.answer(self._owner.wall())
        self.stop_hunting(branch)
        self.state, self.far, self.solo = State.CONNECTED, branch.leg, None
        if self.media_of is not branch.leg:
            self.media_of = branch.leg
            self.media.join(self.near.side, branch.leg.side)
        self.media.when_ready(
            event.body, (self.near.side, branch.leg.side), partial(self.seeker.answer, event)
        )
        self._owner.change(self)

    def stop_hunting(
        self, winner: Branch | None = None, cause: Cause = Cause.ELSEWHERE, why: str = ELSEWHERE
    ) -> None:
        """Give up who is being tried, but for the winner: whoever waits has found somebody."""
        self._cancel_timers()
        for other in self.branches.open():
            # One that stands waits at the side for what comes of what it has asked for.
            stands = other.leg is self.near or other.leg.phase is Phase.CONFIRMED
            if other is not winner and not stands:
                self.end_member(other, cause, "switch", why or None)

    def _accepted(self, leg: Leg) -> None:
        """Take that a caller has been answered: from now on it talks, and pays."""
        now = self._owner.wall()
        member = self.member(leg)
        member.record.answer(now)
        if leg is not self.a:
            self._owner.tell(self, "leg_answered", Level.INFO, leg=member.record.leg)
            return
        after = round(now - self.record.started_at, 3)
        other = None if self.far is None else self.member(self.far).record.leg
        self._owner.tell(self, "call_answered", Level.INFO, leg=other, after=after)

    # Who talks to whom

    @property
    def is_ended(self) -> bool:
        """Whether the call is over, though its records may still be to be written."""
        return self.state is State.ENDED

    @property
    def is_hunting(self) -> bool:
        """Whether somebody is sought."""
        return self.state is State.HUNTING

    def connect(self, near: Leg, far: Leg) -> None:
        """Let two legs of the call talk to each other."""
        self.state = State.CONNECTED
        self.near, self.far = near, far
        self.solo = self._played = None
        self.bridge.forget(near)
        self.bridge.forget(far)
        self.media.join(near.side, far.side)
        self._owner.change(self)

    def take(self, newcomer: Party) -> None:
        """Let a newcomer have the call that rings elsewhere."""
        self.stop_hunting()
        self.connect(self.near, newcomer.leg)

    def seclude(self, leg: Leg, solo: Solo, then: Callable[[], None] | None = None) -> bool:
        """Let a leg talk to nobody but the switch; `then` follows when what is played has ended.

        False when the switch does not speak what the leg does.
        """
        if not solo.begin():
            return False
        self.state = State.CONNECTED
        self.near, self.far, self.solo, self._played = leg, None, solo, then
        self.bridge.forget(leg)
        self._owner.change(self)
        return True

    def lead_on(self, leg: Leg, seeker: Seeker, solo: Solo) -> None:
        """Let a leg that stands be the one who waits for the next hunt."""
        self.near, self.far, self.seeker, self.solo = leg, None, seeker, solo
        self._played = self.media_of = None

    def adopt(self, party: Party) -> None:
        """Take in a leg of another call."""
        self.guests.append(party)
        party.leg.listener = self
        self.media.keep(party.leg.side)

    def give(self, leg: Leg) -> Party:
        """Give a leg away to another call; its record goes with it."""
        member = self.member(leg)
        self.media.drop(leg.side)
        self.bridge.forget(leg)
        if leg is self.near and self.far is not None:
            self.near, self.far = self.far, None
        elif leg is self.far:
            self.far = None
        party = Party(
            leg,
            member.record,
            member.is_trunk,
            member.home or self.id,
            target=member.target,
            trace=self.trace if leg is self.a else "",
        )
        if member is self._first:
            self.has_given_away = self._first.is_over = True
        elif isinstance(member, Branch):
            self.branches.remove(member)
        else:
            self.guests.remove(member)
        return party

    def members(self) -> Iterator[Member]:
        """Yield every leg that belongs or belonged to the call."""
        yield self._first
        yield from self.branches
        yield from self.guests

    def member(self, leg: Leg) -> Member:
        """Find what is kept of a leg."""
        return next(member for member in self.members() if member.leg is leg)

    def is_over(self, leg: Leg) -> bool:
        """Tell whether a leg has left the call, or was given away."""
        return all(member.is_over or member.leg is not leg for member in self.members())

    def other(self, leg: Leg) -> Leg | None:
        """Return whom a leg talks to, or would."""
        if self.far is not None:
            return self.far if leg is self.near else self.near if leg is self.far else None
        if self.seeker is not self.a:
            return None
        if leg is not self.near:
            return self.near
        ringing = self.branches.open()
        return ringing[0].leg if len(ringing) == 1 else None

    def changed(self, leg: Leg, event: Updated) -> None:
        """Write how a leg took the other's wish to change the session."""
        level = Level.DEBUG if event.status < 300 else Level.INFO
        said: dict[str, str | float] = {"status": event.status, "reason": event.reason}
        self._owner.tell(self, "session_answered", level, leg=leg_name(leg.side.endpoint), **said)

    def held(self, leg: Leg, *, on: bool) -> None:
        """Write that a leg holds the other, or does no longer."""
        event = "call_held" if on else "call_resumed"
        self._owner.tell(self, event, Level.INFO, leg=self.member(leg).record.leg)
        self._owner.change(self)

    def miss(self, failure: Fail) -> None:
        """Take that nobody has answered: a service does, or the caller is told why."""
        self._cancel_timers()
        given_up = self.branches.open()
        # A leg that stands goes back to who has led it on: no service could answer it.
        if self.seeker is not self.a or not self._owner.serve(self, failure):
            self._give_up(failure)
            return
        for branch in given_up:
            if not branch.is_over:
                self.end_member(branch, Cause.NO_ANSWER, "switch")

    def _give_up(self, failure: Fail) -> None:
        """Tell the caller that the call fails, and end."""
        told = told_to_caller(failure)
        if self.seeker is not self.a:
            self.stop_hunting(cause=Cause.NO_ANSWER, why="")
            self.seeker.fail(told)
            return
        self.a.fail(told)
        is_ours = failure.is_unheard or failure.cause is Cause.NO_MEDIA_PORTS
        is_theirs = bool(self.branches) and not is_ours
        self._end(told.status, failure.cause, "callee" if is_theirs else "switch")

    def _release(self, leg: Leg, event: Release) -> None:
        if leg is not self.near and leg is not self.far:
            # Somebody who waits at the side: a transferor, a device that was about to take over.
            self.end_member(self.member(leg), event.cause, "caller")
            self._forsake(leg)
            return
        by = "caller" if leg is self.a else "callee"
        if event.cause is not Cause.NORMAL and event.cause is not Cause.CANCELLED:
            by = "switch"
        other = self.other(leg)
        to_trunk = other is not None and self.member(other).is_trunk
        self._release_all(event.cause, by, reason_across(event.reason, to_trunk=to_trunk))

    def release(self, cause: Cause) -> None:
        """End the call on the operator's word or at shutdown."""
        if self.state is State.ENDED:
            return
        if self.state is State.CONNECTED or self.seeker is not self.a:
            self._release_all(cause, "switch")
            return
        self.a.fail(Fail(503, REASONS[503], cause))
        self._end(503, cause, "switch")

    def _release_all(self, cause: Cause, by: str, reason: str | None = None) -> None:
        status = 487
        if self._first.is_over:
            pass
        elif self.a.phase in {Phase.ANSWERED, Phase.CONFIRMED}:
            self.a.release(Release(cause, reason))
        elif self.a.phase is not Phase.ENDED:
            status = 480
            self.a.fail(Fail(status, REASONS[status], cause))
        self._end(status, cause, by, reason)

    def lose_session(self) -> None:
        """Learn that an offer was never answered: there is no session."""
        self._release_all(Cause.INCOMPATIBLE, "switch")

    def ask(self, leg: Leg, event: Update, then: Callable[[Updated], None]) -> None:
        """Change a leg's session on the switch's own account, and go on with its answer."""
        self._asked[leg] = then
        leg.update(event)

    def _forsake(self, *legs: Leg) -> None:
        """Go on without the answers of legs that are over to what they were asked."""
        for leg in legs:
            if leg in self._asked:
                self._asked.pop(leg)(Updated(481, REASONS[481], b""))

    def expire(self, timer: str) -> None:
        """Take a timer of the call's."""
        match timer:
            case "patience":
                self._owner.tell(self, "call_unanswered", Level.INFO)
                self.miss(Fail(480, REASONS[480], Cause.NO_ANSWER, is_unheard=True))
            case "silence":
                self.search.doubt()
            case _:
                self._owner.finish(self)

    def end_member(self, member: Member, cause: Cause, by: str, reason: str | None = None) -> None:
        """End a leg; the call goes on without it."""
        member.is_over = True
        member.record.sip_call_id = member.leg.sip_call_id
        member.record.end(self._owner.wall(), 487, cause, by)
        member.leg.release(Release(cause, reason))
        self.media.release(member.leg.side)
        self.bridge.forget(member.leg)
        self._owner.leave(self, member)
        if self.media_of is member.leg:
            self.media_of = None

    def _end(self, status: int, cause: Cause, by: str, reason: str | None = None) -> None:
        """End every leg that still lives, give the media back and wait for its counters."""
        self.state = State.ENDED
        self.media.stop()
        self._cancel_timers()
        for member in tuple(self.members()):
            if member is not self._first and not member.is_over:
                self.end_member(member, cause, by, reason)
        if not self.has_given_away:
            self.record.end(self._owner.wall(), status, cause, by)
            self.media.release(self.a.side)
        self._first.is_over = True
        # Channels are free at once, whatever the media plane still counts.
        self._owner.free(self)
        self._forsake(*self._asked)
        self.stack.set_timer(self, "media", MEDIA_PATIENCE)
        if self.media.is_released:
            self._owner.finish(self)

    def _cancel_timers(self) -> None:
        self.stack.cancel_timer(self, "patience")
        self.stack.cancel_timer(self, "silence")

    def _take_counters(self, endpoint: str, counters: tuple[StreamCounters, ...]) -> None:
        self.media.returned(endpoint)
        for member in self.members():
            if member.leg.side.endpoint == endpoint:
                member.record.counters = counters
        if self.state is State.ENDED and self.media.is_released:
            self._owner.finish(self)

    # Small pieces

    def _tell_media(self, report: Latched | OneWay | Restored) -> None:
        """Write what was heard, or not heard, on a stream."""
        if self.state is not State.CONNECTED and isinstance(report, OneWay):
            return  # Before the answer only one side speaks.
        line = media_line(report)
        if line is not None:
            self._owner.tell(self, line.event, line.level, **line.fields)

    def __repr__(self) -> str:
        who = f"{self.record.caller} -> {self.record.called}"
        return f"<Call {self.id} {self.state.name} {who} ({len(self.branches)} tried)>"
