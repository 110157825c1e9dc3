"""The route as a whole: what holds for every directory, every moment and every attempt."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from routing.decision import Attempt, Decision, Out, Outcome, Ring, Serve, Service
from routing.device import Device
from routing.directory import Directory
from routing.limit import Claim, LimitKey, LimitKind
from routing.line import Line
from routing.number import is_emergency
from routing.trace import Rule
from tests.support.any_route import Scene, scene
from tests.support.routed import decide, inside, outside

SCENES = st.integers(0, 10**9).map(scene)
"""Seeds, not structures: a scene of a dozen devices and calls is drawn a hundred times faster."""


def outcomes(drawn: Scene) -> Iterator[tuple[Attempt, Decision, Ring | Serve | Out]]:
    """Return every ring, service and call out of a scene, those behind a fax detection too."""
    for attempt in drawn.attempts:
        decision = decide(attempt, drawn.known, drawn.standing)
        part: Outcome | None = decision.outcome
        while isinstance(part, Ring | Serve | Out):
            yield attempt, decision, part
            part = part.then if isinstance(part, Serve) else None


def called_contract(attempt: Attempt, decision: Decision) -> str:
    """Return whose number or extension the trace says was called."""
    told = {step.rule: dict(step.inputs) for step in decision.trace}
    if Rule.LINE in told:
        return told[Rule.LINE]["contract"]
    assert isinstance(attempt.origin, Device)
    return attempt.origin.contract


@given(SCENES)
def test_no_device_outside_the_called_contract_ever_rings(drawn: Scene) -> None:
    for attempt, decision, part in outcomes(drawn):
        contract = called_contract(attempt, decision)
        if isinstance(part, Ring):
            assert {device.contract for device in (*part.devices, *part.late)} == {contract}
        if not isinstance(part, Out) and part.line is not None:
            assert part.line.contract == contract


@given(SCENES)
def test_only_devices_that_are_there_and_are_not_the_callers_own_ring(drawn: Scene) -> None:
    for attempt, _, part in outcomes(drawn):
        if isinstance(part, Ring):
            ringing = {device.username for device in part.devices}
            assert ringing
            assert not ringing & drawn.unregistered
            if isinstance(attempt.origin, Device):
                late = {device.username for device in part.late}
                assert attempt.origin.username not in ringing | late


@given(SCENES)
def test_fixed_phones_never_ring_together_with_apps_and_always_before_them(drawn: Scene) -> None:
    for _, _, part in outcomes(drawn):
        if isinstance(part, Ring):
            kinds = [{device.kind.is_fixed for device in stage} for stage in part.stages]
            assert kinds in ([{True}], [{False}], [{True}, {False}])


@given(SCENES, st.sampled_from(["110", "118", "119"]), st.sampled_from(["", "184", "186"]))
def test_an_emergency_call_goes_out_by_every_carrier_whatever_the_configuration(
    drawn: Scene, number: str, prefix: str
) -> None:
    for device in drawn.known.devices.values():
        attempt = inside(prefix + number, device, withhold=True)
        outcome = decide(attempt, drawn.known, drawn.standing).outcome
        assert isinstance(outcome, Out)
        assert outcome.emergency
        assert outcome.number.text == number
        assert set(outcome.trunks) == set(drawn.known.trunks)
        assert outcome.caller.number == device.number
        assert not outcome.caller.withheld
        assert outcome.claims == ()


@given(SCENES)
def test_only_emergency_numbers_are_treated_as_such(drawn: Scene) -> None:
    for attempt, _, part in outcomes(drawn):
        urgent = isinstance(part, Out) and part.emergency
        assert urgent == (isinstance(attempt.origin, Device) and is_emergency(attempt.called))


@given(SCENES)
def test_a_channel_is_free_and_claimed_wherever_a_representative_number_takes_part(
    drawn: Scene,
) -> None:
    for attempt, _, part in outcomes(drawn):
        if isinstance(part, Serve) and part.service is Service.BUSY_ANNOUNCEMENT:
            assert part.claims == ()
            continue
        keys = [claim.key for claim in part.claims]
        assert len(set(keys)) == len(keys)
        assert all(drawn.standing.held(claim.key) < claim.limit for claim in part.claims)
        for line in shared_lines(attempt, part, drawn.known):
            limit = len(drawn.known.customers[line.contract].devices)
            assert Claim(LimitKey(LimitKind.NUMBER, line.number), limit) in part.claims


def shared_lines(attempt: Attempt, part: Ring | Serve | Out, known: Directory) -> list[Line]:
    """Return the representative numbers that a call calls and presents."""
    called = None if isinstance(part, Out) else part.line
    shown = known.line(part.caller.number or "") if isinstance(attempt.origin, Device) else None
    return [line for line in (called, shown) if line is not None and line.is_representative]


@given(SCENES)
def test_a_device_presents_only_what_it_holds(drawn: Scene) -> None:
    for attempt, _, part in outcomes(drawn):
        device, number = attempt.origin, part.caller.number
        if not isinstance(device, Device) or number in {device.number, device.extension}:
            continue
        line = drawn.known.lines[number or ""]
        assert line.is_assigned(device.username)
        assert line.in_service_from <= attempt.at


@given(SCENES)
def test_the_same_attempt_gets_the_same_decision(drawn: Scene) -> None:
    for attempt in drawn.attempts:
        first = decide(attempt, drawn.known, drawn.standing)
        assert decide(attempt, drawn.known, drawn.standing) == first


def test_a_carriers_call_and_a_devices_call_go_their_own_ways() -> None:
    assert decide(outside()).trace[0].rule is Rule.DID
    assert decide(inside("202")).trace[0].rule is Rule.EMERGENCY


def test_octets_that_are_no_text_do_not_reach_the_trace() -> None:
    assert dict(decide(inside("\udcff12")).trace[0].inputs) == {"called": "?12"}
