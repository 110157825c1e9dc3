"""The office: park and fetch, pick up and transfer, as a business phone has them (R29, RFC 5359).

Every feature ends with both parties in a defined state: who stays hears music or the ringback tone
until somebody talks to it, and when a feature fails everybody is where they were.
"""

from collections.abc import Callable
from typing import Protocol

from media.plane import Music, Prompt, Source
from routing.decision import Attempt, Caller, Out, Outcome, Refuse, Ring, Use
from routing.device import Device
from routing.dial_plan import Feature, FeatureCall
from routing.directory import Directory
from routing.forward import target_fault
from routing.handling import Condition, dialled_change
from routing.trunk import Trunk
from switch.b2bua import exchange
from switch.b2bua.branch import Party
from switch.b2bua.call import Call
from switch.b2bua.event import Answer, Cause, Fail, Refer
from switch.b2bua.failure import failure_of
from switch.b2bua.leg import Leg
from switch.b2bua.park import DEFAULT_SLOTS, Parked, ParkingLot
from switch.b2bua.plan import Plan
from switch.b2bua.seeker import StandingSeeker
from switch.b2bua.solo import Solo
from switch.effect import ChangeHandling, Level
from switch.sdp import termination
from switch.sip.errors import RemoteProtocolError
from switch.sip.header.replaces import Replaces
from switch.sip.message import Request
from switch.sip.stack import Stack
from switch.sip.uas import REASONS

TAKE_OVER = FeatureCall(Feature.DIRECTED_PICKUP, "")
"""What an INVITE with Replaces asks for."""

_CONFIRMED = {
    Feature.FORWARD: "forwarding-on",
    Feature.FORWARD_END: "forwarding-off",
    Feature.DO_NOT_DISTURB: "do-not-disturb-on",
    Feature.DO_NOT_DISTURB_END: "do-not-disturb-off",
}

PARK_SECONDS = 180.0
"""How long a call waits in a slot before its parker is rung back."""

RETURN_SECONDS = 30.0
"""How long somebody is rung who is to take a call back."""

SLOT = "*"
"""What stands before a slot's name in its lamp and its code."""

MUSIC: tuple[Source, ...] = (Music(),)


class Switchboard(Protocol):
    """Whoever has the calls."""

    directory: Directory
    calls: dict[str, Call]
    watch: Callable[[str, str], None]
    """Told when what a lamp of a contract shows has changed."""

    def decide(self, attempt: Attempt) -> Outcome:
        """Route an attempt as things stand."""

    def busy(self, username: str) -> list[Call]:
        """Return the calls that a device takes part in, or is rung for."""

    def hunt_again(
        self, call: Call, origin: Device | Trunk, plan: Plan, seconds: float | None
    ) -> bool:
        """Hunt for a leg of a call that stands; False when no channel is free."""

    def move(self, party: Party, home: Call, call: Call) -> None:
        """Let a leg's place and endpoint follow it to another call."""

    def dissolve(self, home: Call, call: Call) -> None:
        """Forget a call whose every leg has gone to another one."""

    def tell(self, call: Call, event: str, level: Level, **fields: str | float | None) -> None:
        """Write one line of the call's story."""

    def wall(self) -> float:
        """Return the Unix time of this turn."""


class Office:
    """The features of every contract's phones."""

    def __init__(self, board: Switchboard, stack: Stack) -> None:
        self.lot = ParkingLot()
        self._board = board
        self._stack = stack

    # Feature codes

    def use(self, call: Call, use: Use) -> None:
        """Do what a device's feature code asks for; its call has no answer yet."""
        device, argument = use.device, use.feature.argument
        match use.feature.feature:
            case Feature.PARK:
                self._park_by_code(call, device, self.lot.free_slot(device.contract))
            case Feature.PARK_SLOT if argument in DEFAULT_SLOTS:
                self._use_slot(call, device, argument)
            case Feature.GROUP_PICKUP:
                self._pick_up(call, self._ringing(device))
            case Feature.DIRECTED_PICKUP:
                self._pick_up(call, self._ringing(device, argument))
            case _:
                self._set(call, use)

    def _set(self, call: Call, use: Use) -> None:
        """Set what becomes of an ID's calls, as its phone has dialled."""
        change = dialled_change(use.feature)
        if change is None:
            call.refuse(failure_of(404))
            return
        device, directory = use.device, self._board.directory
        target = change.forwards.get(Condition.ALWAYS)
        if target and target_fault(device, target, directory, self._board.wall()) is not None:
            self._say(call, "forwarding-failed")
            return
        forwards = {condition.value: to for condition, to in change.forwards.items()}
        self._stack.out.append(ChangeHandling(device.username, forwards, change.do_not_disturb))
        self._say(call, _CONFIRMED[use.feature.feature])

    def _say(self, call: Call, name: str) -> None:
        """Announce what has come of a code; a caller that speaks none of our codecs hears 480."""
        if not self.announce(call, name):
            call.refuse(failure_of(480))

    def _use_slot(self, call: Call, device: Device, slot: str) -> None:
        """Park in a free slot what the device holds; fetch what is in a taken one."""
        parked = self.lot.occupant(device.contract, slot)
        holds = self._held_by(device) is not None
        if parked is None:
            self._park_by_code(call, device, slot)
        elif holds:
            self._say(call, "park-taken")
        else:
            self._fetch(call, parked)

    def _park_by_code(self, call: Call, device: Device, slot: str | None) -> None:
        held = self._held_by(device)
        if held is None:
            self._say(call, "park-empty")
        elif slot is None:
            self._say(call, "park-full")
        elif self._park(*held, device, slot):
            self._say(call, f"park-{slot}")
        else:
            self._say(call, "park-failed")

    def _held_by(self, device: Device) -> tuple[Call, Leg] | None:
        """Find the call that a device holds."""
        for call in self._board.busy(device.username):
            for leg in (call.near, call.far):
                if leg is not None and leg.device == device.username and call.bridge.holds(leg):
                    return call, leg
        return None

    # Park

    def _park(self, call: Call, leaver: Leg, device: Device, slot: str) -> bool:
        """Put whom a device talks to into a slot, and let the device go."""
        stayer = call.other(leaver)
        parked = Parked(device.contract, slot, call.id, device.username, self._stack.now)
        if stayer is None or call.is_hunting or not self.lot.park(parked):
            return False
        if not call.seclude(stayer, Solo(stayer, MUSIC)):
            self.lot.leave(call.id)
            return False
        leaver.progress(200, "OK")
        call.end_member(call.member(leaver), Cause.PARKED, "switch")
        self._stack.set_timer(self, call.id, PARK_SECONDS)
        self._board.tell(call, "call_parked", Level.INFO, slot=slot, by=device.username)
        self._board.watch(device.contract, SLOT + slot)
        return True

    def leave(self, call: Call) -> Parked | None:
        """Free the slot of a call that has ended, or is fetched."""
        parked = self.lot.leave(call.id)
        if parked is not None:
            self._stack.cancel_timer(self, call.id)
            self._board.watch(parked.contract, SLOT + parked.slot)
        return parked

    def _fetch(self, call: Call, parked: Parked) -> None:
        """Connect the caller of a slot with who waits in it."""
        target = self._board.calls[parked.call_id]
        stayer = target.near
        self.leave(target)
        target.stop_hunting()
        party = self._bring(call, target)

        def done(succeeded: bool) -> None:  # noqa: FBT001 - the one thing it is told
            if succeeded:
                self._board.tell(target, "call_fetched", Level.INFO, slot=parked.slot)
            elif target.id in self._board.calls and not target.is_ended:
                self._wait_again(target, stayer, parked)

        exchange.fetch(target, stayer, party, None, done)

    def _wait_again(self, call: Call, stayer: Leg, parked: Parked) -> None:
        """Put a call back into its slot, or any, that nobody has taken over after all."""
        slot = parked.slot if self.lot.occupant(parked.contract, parked.slot) is None else None
        slot = slot or self.lot.free_slot(parked.contract)
        again = Parked(parked.contract, slot or "", call.id, parked.parker, self._stack.now)
        if slot is None or not call.seclude(stayer, Solo(stayer, MUSIC)):
            call.release(Cause.FAILED)
            return
        self.lot.park(again)
        self._stack.set_timer(self, call.id, PARK_SECONDS)
        self._board.watch(parked.contract, SLOT + slot)

    def expire(self, timer: str) -> None:
        """Ring back the parker of a call that nobody has fetched."""
        parked, call = self.lot.of_call(timer), self._board.calls[timer]
        assert parked is not None  # noqa: S101 - a call that leaves its slot has no timer any more
        device = self._board.directory.device(parked.parker)
        self._board.tell(call, "park_expired", Level.INFO, slot=parked.slot)
        if device is None or not self._ring_back(call, device, f"*{parked.slot}", parked):
            self._stack.set_timer(self, call.id, PARK_SECONDS)

    def _ring_back(self, call: Call, device: Device, name: str, parked: Parked) -> bool:
        stayer = call.near
        plan = self._return_plan(call, stayer, device, name)

        def answered(answer: Answer) -> None:
            self.leave(call)
            exchange.settle(call, stayer, answer.body)

        def failed(_failure: Fail) -> None:
            self.leave(call)
            self._wait_again(call, stayer, parked)

        solo = Solo(stayer, MUSIC)
        call.lead_on(stayer, StandingSeeker(stayer, MUSIC, answered, failed), solo)
        return self._board.hunt_again(call, device, plan, RETURN_SECONDS)

    def _return_plan(self, call: Call, stayer: Leg, device: Device, name: str) -> Plan:
        """Ring the device that let a call go, showing where that comes from."""
        who = self.shown(call, stayer)
        call.called = device.extension
        caller = Caller(who.number, f"{name} {who.display_name}".strip(), who.withheld)
        return Plan.of(Ring(((device,),), RETURN_SECONDS, caller), from_trunk=call.from_trunk)

    # Pickup

    def _ringing(self, device: Device, extension: str | None = None) -> Call | None:
        """Find the call that rings longest in the device's contract, or at an extension of it."""
        directory = self._board.directory
        if extension is None:
            customer = directory.customer(device.contract)
            rung = customer.devices if customer is not None else ()
        else:
            found = directory.by_extension(device.contract, extension)
            rung = (found,) if found is not None else ()
        calls = [
            call
            for each in rung
            for call in self._board.busy(each.username)
            if call.is_hunting and any(b.target == each for b in call.branches.open())
        ]
        return min(calls, key=lambda call: call.record.started_at, default=None)

    def _pick_up(self, call: Call, ringing: Call | None) -> None:
        if ringing is None or ringing is call:
            call.refuse(failure_of(404))
            return
        party = self._bring(call, ringing)

        def done(succeeded: bool) -> None:  # noqa: FBT001 - the one thing it is told
            if succeeded:
                self._board.tell(ringing, "call_picked_up", Level.INFO, by=party.leg.device)
            elif not party.is_over:
                party.leg.release_unanswered()
                ringing.end_member(party, Cause.FAILED, "switch")

        exchange.pick_up(ringing, party, done)

    def _bring(self, call: Call, target: Call) -> Party:
        """Bring the leg of a call that has just begun into another call."""
        party = call.give(call.a)
        target.adopt(party)
        self._board.move(party, call, target)
        self._board.dissolve(call, target)
        return party

    def replace(self, call: Call, replaces: Replaces, device: Device) -> None:
        """Let a caller take the place of a dialog of its own contract (RFC 3891)."""
        found = self._find(replaces, device.contract)
        if found is None:
            call.refuse(failure_of(481))
            return
        target, leg = found
        stayer = target.other(leg)
        if target.is_hunting and leg is not target.near:
            self._pick_up(call, target)
        elif replaces.early_only or target.is_hunting or target.far is None or stayer is None:
            call.refuse(failure_of(486 if replaces.early_only else 481))
        else:
            leaver, party = target.member(leg), self._bring(call, target)
            exchange.fetch(target, stayer, party, leaver, lambda _: None)

    def _find(self, replaces: Replaces, contract: str) -> tuple[Call, Leg] | None:
        """Find the leg whose dialog is named, if it is of the contract; else it is not there."""
        usage = self._stack.usage(replaces.to_tag)
        if not isinstance(usage, Leg) or usage.sip_call_id != replaces.call_id:
            return None
        device = self._board.directory.device(usage.device)
        if device is None or device.contract != contract:
            return None
        if not usage.has_dialog(replaces.from_tag):
            return None
        call = usage.listener
        return (call, usage) if isinstance(call, Call) and not call.is_over(usage) else None

    # Transfer

    def refer(self, call: Call, leg: Leg, event: Refer) -> None:
        """Lead whom a device talks to on to somebody else (RFC 3515, RFC 5589)."""
        device, stayer = self._board.directory.device(leg.device), call.other(leg)
        if device is None or stayer is None or call.is_hunting:
            leg.progress(403 if device is None else 481, REASONS[403 if device is None else 481])
            return
        replaces = event.referral.replaces
        if replaces is not None:
            self._attend(call, leg, stayer, replaces, device)
            return
        attempt = Attempt(device, event.referral.target.user, self._board.wall())
        outcome = self._board.decide(attempt)
        match outcome:
            case Use(feature, _) if feature.feature in {Feature.PARK, Feature.PARK_SLOT}:
                slot = feature.argument or self.lot.free_slot(device.contract) or ""
                if slot not in DEFAULT_SLOTS or not self._park(call, leg, device, slot):
                    leg.progress(486, REASONS[486])
            case Refuse(status, reason):
                leg.progress(status, reason)
            case Ring() | Out():
                call.called = event.referral.target.user
                self._lead(call, leg, stayer, device, outcome)
            case _:
                leg.progress(480, REASONS[480])

    def _lead(self, call: Call, leg: Leg, stayer: Leg, device: Device, outcome: Ring | Out) -> None:
        """Lead a leg on by a blind transfer; the transferor may wait for what comes of it."""
        plan = self._plan_for(call, stayer, outcome)
        was_held = call.bridge.holds(leg)

        def answered(answer: Answer) -> None:
            self._board.tell(call, "call_transferred", Level.INFO, by=device.username)
            if not call.is_over(leg):
                leg.progress(200, "OK")
                call.end_member(call.member(leg), Cause.TRANSFERRED, "switch")
            exchange.settle(call, stayer, answer.body)

        def failed(failure: Fail) -> None:
            self._board.tell(call, "transfer_failed", Level.INFO, status=failure.status)
            if call.is_over(leg):
                self._give_back(call, stayer, device)
                return
            leg.progress(failure.status, failure.reason)
            call.connect(stayer, leg)
            if was_held:
                call.bridge.hold(leg)

        solo = Solo(stayer, MUSIC)
        call.lead_on(stayer, StandingSeeker(stayer, MUSIC, answered, failed), solo)
        if not self._board.hunt_again(call, device, plan, None):
            failed(failure_of(486))

    def _plan_for(self, call: Call, stayer: Leg, outcome: Ring | Out) -> Plan:
        """Show phones who is led on to them; a carrier is shown who pays."""
        if isinstance(outcome, Ring):
            who = self.shown(call, stayer)
            outcome = Ring(
                outcome.stages, outcome.patience, who, outcome.line, outcome.late, None,
                outcome.claims,
            )  # fmt: skip
        return Plan.of(outcome, from_trunk=call.from_trunk)

    def shown(self, call: Call, leg: Leg) -> Caller:
        """Say who a leg's far side is, as far as it may be shown."""
        record = call.member(leg).record
        if record.shown_as is not None:
            return record.shown_as
        device = self._board.directory.device(leg.device)
        if device is not None and device.contract == call.record.contract:
            return Caller(device.extension, device.display_name, withheld=False)
        number = device.number if device is not None else record.called
        is_known = number.removeprefix("+").isdigit()
        return Caller(number if is_known else None, "", withheld=not is_known)

    def _give_back(self, call: Call, stayer: Leg, device: Device) -> None:
        """Ring a transferor that has hung up already: who it has led on finds nobody."""
        plan = self._return_plan(call, stayer, device, "")

        def answered(answer: Answer) -> None:
            exchange.settle(call, stayer, answer.body)

        def failed(_failure: Fail) -> None:
            call.release(Cause.NO_ANSWER)

        solo = Solo(stayer, MUSIC)
        call.lead_on(stayer, StandingSeeker(stayer, MUSIC, answered, failed), solo)
        self._board.hunt_again(call, device, plan, RETURN_SECONDS)  # It claims no channel.

    def _attend(
        self, call: Call, leg: Leg, stayer: Leg, replaces: Replaces, device: Device
    ) -> None:
        """Connect the two whom a device has talked to."""
        found = self._find(replaces, device.contract)
        if found is None or found[0] is call or found[1].device != device.username:
            leg.progress(481, REASONS[481])
            return
        consultation, own = found
        target = consultation.other(own)
        if consultation.is_hunting and own is consultation.a:
            self._hand_over(call, leg, stayer, consultation)
        elif consultation.is_hunting or target is None:
            leg.progress(480, REASONS[480])
        else:
            self._merge(call, leg, stayer, consultation, target)

    def _merge(self, call: Call, leg: Leg, stayer: Leg, consultation: Call, target: Leg) -> None:
        party = consultation.give(target)
        call.adopt(party)
        self._board.move(party, consultation, call)

        def done(succeeded: bool) -> None:  # noqa: FBT001 - the one thing it is told
            if succeeded:
                self._board.tell(call, "call_transferred", Level.INFO, by=leg.device)
                leg.progress(200, "OK")
                call.end_member(call.member(leg), Cause.TRANSFERRED, "switch")
                consultation.release(Cause.TRANSFERRED)
            else:
                leg.progress(480, REASONS[480])
                self._return(call, party, consultation)

        exchange.merge(call, stayer, party, done)

    def _return(self, call: Call, party: Party, home: Call) -> None:
        """Give a leg back to the call that it came from; without it that one is over too."""
        if party.is_over:
            home.release(Cause.FAILED)
            return
        if home.is_ended:
            call.end_member(party, Cause.FAILED, "switch")
            return
        back = call.give(party.leg)
        home.adopt(back)
        self._board.move(back, call, home)
        home.connect(home.near, back.leg)

    def _hand_over(self, call: Call, leg: Leg, stayer: Leg, consultation: Call) -> None:
        """Let who is held wait for whom the device was calling: a semi-attended transfer."""
        party = call.give(stayer)
        consultation.adopt(party)
        self._board.move(party, call, consultation)

        def answered(answer: Answer) -> None:
            exchange.settle(consultation, stayer, answer.body)

        def failed(_failure: Fail) -> None:
            self._give_back(consultation, stayer, device)

        device = self._board.directory.devices[leg.device]
        own = consultation.a
        seeker = StandingSeeker(stayer, MUSIC, answered, failed)
        consultation.lead_on(stayer, seeker, Solo(stayer, MUSIC))
        own.release_unanswered()
        consultation.end_member(consultation.member(own), Cause.TRANSFERRED, "switch")
        leg.progress(200, "OK")
        self._board.tell(consultation, "call_transferred", Level.INFO, by=leg.device)
        call.release(Cause.TRANSFERRED)

    # Announcements

    def announce(self, call: Call, name: str) -> bool:
        """Answer a call with a prompt, and end it; False when the caller does not speak our codecs.

        The call is then still unanswered.
        """
        leg = call.a
        answer = termination.answer(leg.offer) if leg.offer else None
        if answer is None:
            return False

        def play() -> None:
            call.stack.out.extend(leg.side.direct(leg.offer))
            leg.answer(Answer(answer.body))
            call.seclude(
                leg, Solo(leg, (Prompt(name),), repeat=1), lambda: call.release(Cause.NORMAL)
            )

        call.media.when_ready(leg.offer, (leg.side,), play)
        return True


def named_by(invite: Request) -> Replaces | Fail | None:
    """Read whose place an INVITE wants to take (RFC 3891 section 3)."""
    lines = invite.all("replaces")
    try:
        return None if not lines else Replaces.parse(", ".join(lines))
    except RemoteProtocolError as fault:
        return failure_of(fault.status or 400)
