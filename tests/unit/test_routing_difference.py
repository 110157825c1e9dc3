"""Two directories: exactly the calls that end otherwise are told."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from routing.customer import Customer
from routing.decision import Attempt
from routing.device import Device, DeviceKind
from routing.difference import (
    ABSENT,
    NO_TRUNK,
    NOBODY,
    Comparison,
    Difference,
    Probe,
    told,
)
from routing.directory import Directory
from routing.handling import CallHandling, Condition
from routing.line import FaxMode, Line, LineKind, Ringer
from routing.number import NumberKind
from routing.route import route
from routing.standing import AssumedStanding
from routing.trunk import Trunk
from tests.support.routed import APP, DESK, MAIN, NEIGHBOUR, NOW, OFFICE, ONE, SHARED, TWO

OUT = {Probe.FIXED, Probe.MOBILE, Probe.NAVI}
"""The calls out that a device presents its number on and may make unasked."""


def compared(before: Directory, after: Directory) -> list[Difference]:
    return list(Comparison(before, after, NOW).differences())


def of_office(office: Customer, *trunks: Trunk) -> Directory:
    return Directory.build([office, NEIGHBOUR], trunks or (ONE, TWO))


def found(office: Customer) -> set[tuple[str, Probe]]:
    """Say what differs when the office becomes another."""
    return {(each.subject, each.probe) for each in compared(of_office(OFFICE), of_office(office))}


def test_equal_directories_differ_in_nothing_and_are_not_tried() -> None:
    assert Comparison(of_office(OFFICE), of_office(OFFICE), NOW).contracts == ()
    assert found(OFFICE) == set()


def test_who_presents_another_number_is_told_with_both_outcomes() -> None:
    presenting = replace(DESK, caller_id=SHARED)
    changed = replace(OFFICE, devices=(presenting, *OFFICE.devices[1:]))
    first, *_ = told_of = compared(of_office(OFFICE), of_office(changed))
    assert {(each.subject, each.probe) for each in told_of} == {("desk", each) for each in OUT}
    assert (first.contract, first.before, first.after) == (
        "c1",
        "call +81311110000 by one, then two, presenting +81312340001",
        f"call +81311110000 by one, then two, presenting {SHARED}; 3 at once by {SHARED}",
    )


def test_a_number_that_comes_or_goes_is_told() -> None:
    gone = replace(OFFICE, lines=())
    (difference,) = compared(of_office(OFFICE), of_office(gone))
    assert (difference.subject, difference.probe, difference.after) == (
        SHARED,
        Probe.INBOUND,
        ABSENT,
    )
    (difference,) = compared(of_office(gone), of_office(OFFICE))
    assert difference.before == ABSENT
    rung = "ring desk, lobby, then app for 180 s; app may join"
    assert difference.after == f"{rung}; 3 at once by {SHARED}"


def test_an_id_that_goes_changes_its_calls_and_the_channels_of_its_contract() -> None:
    line = replace(MAIN, ringers=MAIN.ringers[:2])
    before = replace(OFFICE, lines=(line,))
    after = replace(before, devices=OFFICE.devices[:2])
    differing = {
        (each.subject, each.probe) for each in compared(of_office(before), of_office(after))
    }
    assert differing == {
        (SHARED, Probe.INBOUND),
        (APP.number, Probe.INBOUND),
        *(("app", each) for each in Probe if each not in {Probe.INBOUND, Probe.AFTER_HOURS}),
    }


def test_an_id_alone_is_called_by_nobody() -> None:
    alone = replace(OFFICE, devices=(DESK,), lines=())
    told_of = compared(of_office(alone), of_office(OFFICE))
    by_extension = {each.subject: each for each in told_of if each.probe is Probe.EXTENSION}
    assert by_extension["desk"].before == NOBODY
    assert by_extension["desk"].after == "201: ring desk for 180 s"


def test_the_closed_office_is_tried_where_it_has_hours() -> None:
    after = replace(OFFICE, lines=(replace(MAIN, after_hours=True),))
    (difference,) = compared(of_office(OFFICE), of_office(after))
    assert difference.probe is Probe.AFTER_HOURS
    assert difference.after == f"after_hours answers for {SHARED}; 3 at once by {SHARED}"


def test_a_number_that_moves_to_another_contract_is_told_once() -> None:
    moved = replace(MAIN, contract="c2", ringers=(Ringer("carol"),))
    after = Directory.build(
        [replace(OFFICE, lines=()), replace(NEIGHBOUR, lines=(moved,))], [ONE, TWO]
    )
    told_of = compared(of_office(OFFICE), after)
    assert [(each.contract, each.subject) for each in told_of] == [("c2", SHARED)]


def test_an_id_that_moves_is_told_once() -> None:
    moved = replace(APP, contract="c2")
    before = replace(OFFICE, lines=())
    neighbour = replace(NEIGHBOUR, devices=(*NEIGHBOUR.devices, moved))
    after = Directory.build([replace(before, devices=OFFICE.devices[:2]), neighbour], [ONE, TWO])
    (difference,) = compared(of_office(before), after)
    assert (difference.contract, difference.subject) == ("c2", "carol")
    assert difference.probe is Probe.EXTENSION


def test_who_forwards_to_what_has_changed_is_told_too() -> None:
    handling = CallHandling(forwards={Condition.ALWAYS: "+81612340001"})
    forwarding = replace(OFFICE, devices=(replace(DESK, handling=handling), *OFFICE.devices[1:]))
    suspended = replace(NEIGHBOUR, is_suspended=True)
    before = Directory.build([forwarding, NEIGHBOUR], [ONE])
    after = Directory.build([forwarding, suspended], [ONE])
    differing = {(each.subject, each.probe) for each in compared(before, after)}
    assert {(DESK.number, Probe.INBOUND), ("desk", Probe.EXTENSION)} <= differing


def test_other_carriers_make_every_contract_worth_a_try() -> None:
    comparison = Comparison(of_office(OFFICE), of_office(OFFICE, TWO), NOW)
    assert comparison.contracts == ("c1", "c2")
    assert {each.probe for each in comparison.differences()} == {*OUT, Probe.EMERGENCY}
    narrow = replace(TWO, numbers=frozenset({SHARED}))
    told_of = compared(of_office(OFFICE), of_office(OFFICE, narrow))
    assert {each.after for each in told_of if each.probe is Probe.INBOUND} == {NO_TRUNK}
    told_of = compared(of_office(OFFICE), Directory.build([OFFICE, NEIGHBOUR]))
    assert {each.after for each in told_of if each.probe is Probe.INBOUND} == {NO_TRUNK}


def test_contracts_without_carriers_are_compared_by_what_they_present() -> None:
    presenting = replace(DESK, caller_id=SHARED)
    changed = replace(OFFICE, devices=(presenting, *OFFICE.devices[1:]))
    told_of = compared(Directory.build([OFFICE]), Directory.build([changed]))
    assert {(each.subject, each.probe) for each in told_of} == {("desk", each) for each in OUT}


def test_what_is_called_is_nobodys_number() -> None:
    taken = replace(NEIGHBOUR.devices[0], number="+81311110000")
    neighbour = replace(NEIGHBOUR, devices=(taken,))
    before = Directory.build([OFFICE, neighbour], [ONE])
    after = Directory.build([replace(OFFICE, is_suspended=True), neighbour], [ONE])
    called = {each.before for each in compared(before, after) if each.probe is Probe.FIXED}
    assert all(text.startswith("call +81311110001 ") for text in called)


def test_a_fax_detector_is_told_with_what_follows() -> None:
    line = replace(MAIN, fax=FaxMode.SHARED)
    office = of_office(replace(OFFICE, lines=(line,)))
    decision = route(Attempt(ONE, SHARED, NOW), office, AssumedStanding())
    assert "app may join" in told(decision.outcome)


NAMES = ["desk", "lobby", "app"]


@st.composite
def offices(draw: st.DrawFn) -> Customer:
    """Draw an office of the same three IDs and up to two numbers, with settings at random."""
    lines = []
    for number in draw(st.lists(st.sampled_from([SHARED, "+81398765001"]), unique=True)):
        assigned = draw(st.lists(st.sampled_from(NAMES), unique=True))
        ringers = tuple(Ringer(each, draw(st.booleans())) for each in assigned)
        delay = draw(st.sampled_from([None, 20.0]))
        line = Line(number, "c1", LineKind.REPRESENTATIVE, ringers, after_hours=draw(st.booleans()))
        lines.append(replace(line, voicemail_delay=delay))
    devices = [_drawn(draw, each, lines) for each in OFFICE.devices]
    return Customer("c1", tuple(devices), tuple(lines), is_suspended=draw(st.booleans()))


def _drawn(draw: st.DrawFn, device: Device, lines: list[Line]) -> Device:
    mine = [line.number for line in lines if line.is_assigned(device.username)]
    return replace(
        device,
        kind=draw(st.sampled_from(DeviceKind)),
        caller_id=draw(st.sampled_from([None, *mine])),
        barred=frozenset(draw(st.sets(st.sampled_from([NumberKind.NAVI, NumberKind.MOBILE])))),
        # What nobody who calls can notice is no difference.
        ha1={"MD5": draw(st.sampled_from("ab"))},
    )


@given(offices(), offices())
def test_exactly_the_calls_that_end_otherwise_are_told(one: Customer, two: Customer) -> None:
    before, after = of_office(one), of_office(two)
    differing = {(each.subject, each.probe) for each in compared(before, after)}
    numbers = {*before.lines, *after.lines}
    expected = {
        (number, probe)
        for number in numbers
        for probe, closed in ((Probe.INBOUND, frozenset()), (Probe.AFTER_HOURS, numbers))
        if _inbound(before, number, closed) != _inbound(after, number, closed)
        and (probe is Probe.INBOUND or _has_hours(number, before, after))
    }
    calls = {
        Probe.FIXED: "0311110000",
        Probe.MOBILE: "09011111000",
        Probe.INTERNATIONAL: "01012025550123",
        Probe.NAVI: "0570000000",
        Probe.EMERGENCY: "110",
    }
    expected |= {
        (name, probe)
        for name in before.devices
        for probe, called in calls.items()
        if _out(before, name, called) != _out(after, name, called)
    }
    expected |= {
        (name, Probe.EXTENSION)
        for name in NAMES
        if _out(before, _other(name), before.devices[name].extension)
        != _out(after, _other(name), after.devices[name].extension)
    }
    assert differing == expected


def _has_hours(number: str, *sides: Directory) -> bool:
    return any(number in side.lines and side.lines[number].after_hours for side in sides)


def _inbound(side: Directory, number: str, closed: frozenset[str] | set[str]) -> str:
    attempt = Attempt(ONE, number, NOW, "+819000000000")
    if number not in side.lines:
        return ABSENT
    return told(route(attempt, side, AssumedStanding(closed=closed)).outcome)


def _out(side: Directory, name: str, called: str) -> str:
    return told(route(Attempt(side.devices[name], called, NOW), side, AssumedStanding()).outcome)


def _other(name: str) -> str:
    return "desk" if name != "desk" else "lobby"
