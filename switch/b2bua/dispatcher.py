"""The dispatcher: turns INVITEs into calls and keeps them until their last record is written.

It is the one place that knows both routing and legs: it asks `route` for the decision, makes the B
legs of its targets, and writes each call's story.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from media.plane import PlaneReport
from routing import explain
from routing.decision import (
    Attempt,
    Decision,
    Forward,
    Out,
    Outcome,
    RefusalCause,
    Refuse,
    Ring,
    Serve,
    Service,
    Use,
)
from routing.device import Device
from routing.directory import Directory
from routing.forward import after, resolve
from routing.limit import Leases
from routing.number import is_emergency
from routing.route import route
from routing.trunk import Trunk
from switch.b2bua.answering_leg import AnsweringLeg
from switch.b2bua.attempt import attempt_of, caller_text, shown_as
from switch.b2bua.branch import Branch, Member, Party
from switch.b2bua.call import Call
from switch.b2bua.cdr import LegRecord
from switch.b2bua.channel import Channels
from switch.b2bua.engagement import Engagements
from switch.b2bua.event import Cause, Fail, Refer, cause_of
from switch.b2bua.facts import CallFacts, facts_of
from switch.b2bua.failure import failure_of, warning_fields
from switch.b2bua.invitation import Inviter
from switch.b2bua.leg import Leg
from switch.b2bua.media_role import MediaSide
from switch.b2bua.office import TAKE_OVER, Office, named_by
from switch.b2bua.originating_leg import OriginatingLeg
from switch.b2bua.plan import Plan
from switch.b2bua.spending import Spending
from switch.b2bua.standing import LiveStanding
from switch.b2bua.story import about_branch, about_call, about_owner, about_packets, about_party
from switch.b2bua.verdict import judge
from switch.effect import Fields, Level, Log
from switch.guard.budget import Budgets
from switch.registrar.location import LocationService
from switch.sip.dialog.session_timer import DEFAULT_INTERVAL, DEFAULT_MINIMUM, SessionTimer
from switch.sip.flow import Flow
from switch.sip.message import Request
from switch.sip.stack import Stack
from switch.sip.uri import SipUri
from switch.trunk.service import TrunkService


@dataclass(frozen=True, slots=True)
class CallSettings:
    """What calls need to know of the configuration."""

    max_calls: int = 10_000
    """Calls in progress at once; more are refused with 503."""
    session_interval: int = DEFAULT_INTERVAL
    """Seconds between refreshes twice over (RFC 4028)."""
    session_minimum: int = DEFAULT_MINIMUM


class Dispatcher:
    """Every call in progress."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        stack: Stack,
        directory: Directory,
        locations: LocationService,
        trunks: TrunkService,
        settings: CallSettings,
        budgets: Budgets,
        *,
        domain: str,
        wall_offset: float,
    ) -> None:
        self.directory = directory
        self.calls: dict[str, Call] = {}
        self.is_draining = False
        self.leases = Leases()
        self.services: dict[Service, Callable[[Call], bool]] = {
            Service.BUSY_ANNOUNCEMENT: self._announce_busy
        }
        """What answers in place of a person: each takes the call, or says that it can't."""
        self.office = Office(self, stack)
        self.watch: Callable[[str, str], None] = _nobody_watches
        """Told when what a lamp of a contract shows has changed."""
        self._engaged = Engagements()
        self._moved: dict[str, Call] = {}
        """The calls of legs that came from others, by their endpoints."""
        self._joined: dict[str, list[Call]] = {}
        """The calls whose legs went to another one: what they pay for goes on there."""
        self._channels = Channels(self.leases)
        self._inviter = Inviter(locations, trunks, domain)
        self._stack = stack
        self._locations = locations
        self._trunks = trunks
        self._settings = settings
        self._domain = domain
        self._wall_offset = wall_offset
        self._spending = Spending(stack, budgets, self.calls, wall_offset, self.hang_up)
        self.standing = LiveStanding(locations, trunks, self.leases, self._spending)
        self._plans: dict[str, Plan] = {}
        self._attempts: dict[str, Attempt] = {}
        self._awaited: dict[str, set[str]] = {}
        """The calls that ring and may be joined, by the user names of devices."""
        self._stories: dict[str, Fields] = {}
        """What each line about a call says."""

    def wall(self) -> float:
        """Return the Unix time of this turn."""
        return self._stack.now + self._wall_offset

    # From INVITE to call

    def receive_invite(self, invite: Request, flow: Flow, origin: Device | Trunk) -> None:
        """Begin a call for an INVITE whose sender is known."""
        if self.is_draining or self._is_full(invite, origin):
            self._stack.refuse(invite, flow, 503, [("Retry-After", "30")])
            why = "draining" if self.is_draining else "call limit reached"
            self._tell_refusal(invite, origin, 503, why)
            return
        refusal = self._session().refusal(invite)
        if refusal is not None:
            self._stack.refuse(invite, flow, refusal[0], refusal[1])
            self._tell_refusal(invite, origin, refusal[0], "session interval too short")
            return
        replaces = named_by(invite)
        if isinstance(replaces, Fail):
            self._stack.refuse(invite, flow, replaces.status)
            self._tell_refusal(invite, origin, replaces.status, "Replaces names no one dialog")
            return
        call_id = self._stack.tokens.tag()
        attempt = attempt_of(invite, origin, self.wall())
        if replaces is not None and isinstance(origin, Device):
            decision = Decision(Use(TAKE_OVER, origin), ())
        else:
            replaces, decision = None, route(attempt, self.directory, self.standing)
        call = self._make_call(call_id, invite, flow, attempt, decision)
        self._stories[call_id] = about_call(call, origin, decision)
        self._attempts[call_id] = attempt
        self.tell(
            call,
            "call_received",
            Level.INFO,
            caller=call.record.caller,
            called=attempt.called,
            source=str(flow),
        )
        self.tell(call, "call_routed", Level.INFO, decision=explain.summary(decision.outcome))
        self._spending.begin(call, origin, decision.outcome)
        if replaces is not None and isinstance(origin, Device):
            self._channels.begin(call.id, origin, ())
            self.office.replace(call, replaces, origin)
        else:
            self._begin(call, origin, decision.outcome)

    def _is_full(self, invite: Request, origin: Device | Trunk) -> bool:
        """Whether there is no room for this call; for one to 110, 118 or 119 there always is."""
        if len(self.calls) < self._settings.max_calls:
            return False
        return isinstance(origin, Trunk) or not is_emergency(SipUri.parse(invite.uri).user)

    def _tell_refusal(
        self, invite: Request, origin: Device | Trunk, status: int, reason: str
    ) -> None:
        """Tell why an INVITE did not become a call."""
        fields: Fields = {"sip_call_id": invite.call_id, **about_party(origin)}
        if isinstance(origin, Device):
            fields |= {"contract": origin.contract, "number": origin.number}
        fields |= {"status": status, "reason": reason}
        self._stack.out.append(Log("call_refused", Level.WARNING, fields))

    def _make_call(
        self, call_id: str, invite: Request, flow: Flow, attempt: Attempt, decision: Decision
    ) -> Call:
        origin = attempt.origin
        is_trunk = isinstance(origin, Trunk)
        contract = about_owner(origin, decision).get("contract")
        record = LegRecord(
            leg="a",
            direction="in",
            contract=contract if isinstance(contract, str) else None,
            device=None if isinstance(origin, Trunk) else origin.username,
            trunk=origin.name if isinstance(origin, Trunk) else None,
            caller=caller_text(origin, attempt),
            called=attempt.called,
            started_at=self.wall(),
            sip_call_id=invite.call_id,
            shown_as=shown_as(decision.outcome),
        )
        trace = msgspec.json.encode(explain.document(decision)).decode()
        call = Call(self, self._stack, call_id, record, from_trunk=is_trunk, trace=trace)
        side = self._side(call_id, "a", flow)
        session = self._session()
        call.attend(AnsweringLeg(self._stack, call, side, flow, session, invite))
        call.a.device = record.device or ""
        self.calls[call_id] = call
        self._engaged.enter(call.a.device, call.id)
        return call

    def _begin(self, call: Call, origin: Device | Trunk, outcome: Outcome) -> None:
        """Take what the call needs of channels, and do with it what was decided."""
        claims = () if isinstance(outcome, Refuse) else outcome.claims
        exhausted = self._channels.begin(call.id, origin, claims)
        if exhausted is not None:
            # Routing saw a free channel, but who shares the limits with us was faster.
            full = RefusalCause.CHANNELS_FULL.value
            self.tell(call, "call_refused", Level.INFO, status=486, reason=full)
            call.refuse(failure_of(486))
            return
        self._carry_out(call, outcome)

    def _carry_out(self, call: Call, outcome: Outcome) -> None:
        match outcome:
            case Refuse(status, reason, cause, warning):
                self.tell(call, "call_refused", Level.INFO, status=status, reason=cause.value)
                told = warning_fields(warning, self._domain) if warning is not None else ()
                why = _CAUSES.get(cause) or cause_of(status)
                call.refuse(Fail(status, reason, why, fields=told))
            case Serve(service, then=then):
                if self._serve(call, service):
                    pass
                elif then is not None:
                    self._carry_out(call, then)
                else:
                    busy = service is Service.BUSY_ANNOUNCEMENT
                    call.refuse(failure_of(486 if busy else 480))
            case Use() as use:
                self.office.use(call, use)
            case _:
                self._hunt(call, Plan.of(outcome, from_trunk=call.from_trunk))

    def _hunt(self, call: Call, plan: Plan) -> None:
        """Try devices or carriers, and let devices of the plan join that come while it rings."""
        self._plans[call.id] = plan
        for _, device in plan.devices():
            self._awaited.setdefault(device.username, set()).add(call.id)
        rings = plan.rings
        patience = OUTBOUND_PATIENCE if rings is None else rings.patience
        call.hunt(plan.groups, patience, rings=rings is not None, urgent=plan.is_urgent)

    def _serve(self, call: Call, service: Service) -> bool:
        """Let a service of the switch answer; False when it can't, which is told.

        This is where every service begins: what routing sends to one, and what nobody answered.
        """
        begin = self.services.get(service)
        if begin is not None and begin(call):
            return True
        self.tell(call, "service_absent", Level.ERROR, service=service.value)
        return False

    def _session(self) -> SessionTimer:
        return SessionTimer(self._settings.session_interval, self._settings.session_minimum)

    def _side(self, call_id: str, leg: str, flow: Flow) -> MediaSide:
        return MediaSide(
            endpoint=f"{call_id}/{leg}",
            call_id=call_id,
            source=flow.remote.host,
            session_id=self._stack.tokens.first_cseq(),
        )

    # What a call asks of its owner

    def make_branch(self, call: Call, index: int) -> Branch | Fail:
        """Make the B leg of a target, or say why it can't be reached now."""
        plan = self._plans[call.id]
        target = plan.targets[index]
        if not self._channels.enter(call.id, target, urgent=plan.is_urgent):
            self._tell_unreachable(call, target, "no channel is free")
            return failure_of(480 if isinstance(target, Trunk) else 486)
        way = self._inviter.way(plan, target, call.a.invite, call.called)
        if way is None:
            self._channels.leave(call.id, target)
            why = "next hop not resolved" if isinstance(target, Trunk) else "not registered"
            self._tell_unreachable(call, target, why)
            return failure_of(480)
        leg_name = call.branches.next_name()
        side = self._side(call.id, leg_name, way.flow)
        session = self._session()
        leg = OriginatingLeg(self._stack, call, side, way.flow, session, way.invitation)
        record = call.record.sent_on(leg_name, target, call.called, self.wall())
        leg.device = record.device or ""
        self._engaged.enter(leg.device, call.id)
        return Branch(index, leg, record, isinstance(target, Trunk), target=target)

    def _tell_unreachable(self, call: Call, target: Device | Trunk, why: str) -> None:
        self.tell(call, "leg_unreachable", Level.INFO, **about_party(target), reason=why)

    def serve(self, call: Call, failure: Fail) -> bool:
        """Let a service, or who its ID is forwarded to, take a call that nobody has answered.

        False when there is neither.
        """
        plan = self._plans.get(call.id)
        if plan is None or plan.rings is None:
            return False
        if plan.then is not None:
            return self._serve(call, plan.then)
        forward = plan.rings.when_unanswered
        if failure.cause is not Cause.NO_ANSWER:
            forward = after(plan.rings, failure.status)
        return forward is not None and self._forward(call, forward)

    def _forward(self, call: Call, forward: Forward) -> bool:
        """Send a call on as the ID that it rang has set it."""
        attempt = msgspec.structs.replace(self._attempts[call.id], at=self.wall())
        decision = resolve(attempt, forward, self.directory, self.standing)
        by, to = forward.diverted_by[-1].device, explain.summary(decision.outcome)
        self.tell(call, "call_forwarded", Level.INFO, by=by.username, decision=to)
        match decision.outcome:
            case Ring() | Out() as outcome:
                plan = Plan.of(outcome, from_trunk=call.from_trunk)
                self._channels.leave(call.id, by)
                return self.hunt_again(call, attempt.origin, plan, None)
            case Serve(service):
                return self._serve(call, service)
            case _:
                return False

    def leave(self, call: Call, member: Member) -> None:
        """Free the place of a leg that is over at its device or trunk."""
        device = member.leg.device
        if member.target is not None:
            self._channels.leave(call.id, member.target)
        if device and all(each.is_over or each.leg.device != device for each in call.members()):
            self._engaged.leave(device, call.id)
            self._light(device)

    def free(self, call: Call) -> None:
        """Free every channel of a call that has ended; nobody can join it any more."""
        self._channels.free(call.id)
        self.office.leave(call)
        for each in (*self._joined.pop(call.id, ()), call):
            self._spending.end(each)
        for username in {each.leg.device for each in call.members() if each.leg.device}:
            self._engaged.leave(username, call.id)
            self._light(username)
        self._forget_plan(call)

    def _forget_plan(self, call: Call) -> None:
        """Let no device join any more that the last plan names."""
        plan = self._plans.pop(call.id, None)
        for _, device in plan.devices() if plan is not None else ():
            waiting = self._awaited.get(device.username, set())
            waiting.discard(call.id)
            if not waiting:
                self._awaited.pop(device.username, None)

    def tell(self, call: Call, event: str, level: Level, **fields: str | float | None) -> None:
        """Write one line of the call's story."""
        said = self._stories[call.id]
        leg = fields.get("leg")
        branch = next((each for each in call.branches if each.record.leg == leg), None)
        if branch is not None and branch.target is not None:
            said = about_branch(said, branch, branch.target)
        self._stack.out.append(Log(event, level, said | fields))

    def finish(self, call: Call) -> None:
        """Write the records of a call that is over, and forget it."""
        del self.calls[call.id]
        self._stack.cancel_timer(call, "media")
        record = call.record
        self.tell(
            call,
            "call_ended",
            Level.INFO,
            cause=(record.cause or Cause.FAILED).value,
            by=record.released_by,
            status=record.status,
            duration=round(record.duration, 3),
            **about_packets(call),
        )
        for member in call.members():
            if member.leg is call.a and call.has_given_away:
                continue
            self._stack.out.append(member.record.row(member.home or call.id, member.trace))
            self._moved.pop(member.leg.side.endpoint, None)
            if member.record.trunk is not None and member.record.direction == "out":
                judge(self._trunks, member.record.trunk, member.record)
        del self._stories[call.id], self._attempts[call.id]

    # What the office asks

    def decide(self, attempt: Attempt) -> Outcome:
        """Route an attempt as things stand."""
        return route(attempt, self.directory, self.standing).outcome

    def busy(self, username: str) -> list[Call]:
        """Return the calls that a device takes part in, or is rung for."""
        found = (self.calls.get(call_id) for call_id in self._engaged.calls(username))
        return [call for call in found if call is not None and not call.is_ended]

    def hunt_again(
        self, call: Call, origin: Device | Trunk, plan: Plan, seconds: float | None
    ) -> bool:
        """Hunt for somebody else on behalf of who began or leads; False when no channel is free."""
        if self._channels.begin(call.id, origin, plan.outcome.claims) is not None:
            return False
        self._spending.begin(call, origin, plan.outcome)
        patience = seconds or (OUTBOUND_PATIENCE if plan.rings is None else plan.rings.patience)
        self._forget_plan(call)
        self._plans[call.id] = plan
        for _, each in plan.devices():
            self._awaited.setdefault(each.username, set()).add(call.id)
        call.hunt(plan.groups, patience, rings=plan.rings is not None, urgent=plan.is_urgent)
        return True

    def move(self, party: Party, home: Call, call: Call) -> None:
        """Let a leg's place and endpoint follow it to another call."""
        leg = party.leg
        self._moved[leg.side.endpoint] = call
        self._engaged.enter(leg.device, call.id)
        if party.target is not None:
            self._channels.leave(home.id, party.target)
            self._channels.enter(call.id, party.target, urgent=True)
        self._engaged.leave(leg.device, home.id)

    def dissolve(self, home: Call, call: Call) -> None:
        """Forget a call whose every leg has gone to another one."""
        self.tell(home, "call_joined", Level.INFO, to=call.id)
        self.leases.move(home.id, call.id)
        self._joined.setdefault(call.id, []).append(home)
        self._forget_plan(home)
        del self.calls[home.id], self._stories[home.id], self._attempts[home.id]

    def refer(self, call: Call, leg: Leg, event: Refer) -> None:
        """Do what a leg's far side asks for the other side."""
        self.office.refer(call, leg, event)

    def change(self, call: Call) -> None:
        """Light the lamps of everybody in the call anew."""
        for username in {each.leg.device for each in call.members() if not each.is_over}:
            if username:
                self._light(username)

    def _light(self, username: str) -> None:
        device = self.directory.device(username)
        if device is not None:
            self.watch(device.contract, device.extension)

    def _announce_busy(self, call: Call) -> bool:
        return self.office.announce(call, "busy")

    # Everybody else

    def welcome(self, device: Device, flow: Flow, contact: str) -> None:
        """Offer the calls that ring to a device of theirs that has just come (R31.2)."""
        for call_id in sorted(self._awaited.get(device.username, ())):
            for index, target in self._plans[call_id].devices():
                if (target.username, target.contract) == (device.username, device.contract):
                    self.calls[call_id].join(index, flow, contact)

    def hear_media(self, report: PlaneReport) -> None:
        """Hand a report of the media plane to the call whose endpoint it names."""
        endpoint = report.endpoint
        call = self._moved.get(endpoint) or self.calls.get(endpoint.partition("/")[0])
        if call is not None:
            call.hear_media(report)

    def hang_up(self, call_id: str, cause: Cause) -> None:
        """End a call; an unknown one is no fault."""
        call = self.calls.get(call_id)
        if call is not None:
            call.release(cause)

    def hang_up_all(self, cause: Cause) -> None:
        """End every call."""
        for call in list(self.calls.values()):
            call.release(cause)

    @property
    def is_idle(self) -> bool:
        """Whether no call is in progress."""
        return not self.calls

    def facts(self) -> Iterator[CallFacts]:
        """Describe each call in progress."""
        return map(facts_of, self.calls.values())


OUTBOUND_PATIENCE = 180.0
"""Seconds that a caller waits for a trunk's answer; carriers give up earlier by themselves."""


_CAUSES = {
    RefusalCause.NO_TRUNK: Cause.NO_TRUNK,
    RefusalCause.NUMBER_NOT_CARRIED: Cause.NO_TRUNK,
    RefusalCause.TRUNKS_UNAVAILABLE: Cause.NO_TRUNK,
}
"""What routing's refusals mean for the record, where their status says less."""


def _nobody_watches(_contract: str, _name: str) -> None:
    """Take a change that nobody is told of."""
