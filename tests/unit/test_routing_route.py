"""The route: every rule, in its order."""

from dataclasses import replace

import pytest

from routing.customer import plain_customers
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.number import NumberFormat, NumberKind
from routing.route import (
    PATIENCE,
    Attempt,
    Caller,
    Decision,
    Out,
    RefusalCause,
    Refuse,
    Ring,
    route,
)
from routing.standing import AssumedStanding
from routing.trunk import Trunk

ALICE = Device("alice", "c1", "101", "+81312340001", "Alice", DeviceKind.FIXED, {})
BOB = Device("bob", "c1", "102", "+81312340002", "Bob", DeviceKind.APP, {})
CAROL = Device("carol", "c2", "103", "+81312340003", "Carol", DeviceKind.ATA, {})
ONE = Trunk("one", "192.0.2.1", priority=1, number_format=NumberFormat.NATIONAL)
TWO = Trunk("two", "192.0.2.2", priority=2, numbers=frozenset({"+81312340001"}))
DIRECTORY = Directory.build(plain_customers([ALICE, BOB, CAROL]), [ONE, TWO])
ALL = frozenset({"one", "two"})


def decide(
    called: str,
    origin: Device | Trunk = ALICE,
    directory: Directory = DIRECTORY,
    healthy: frozenset[str] = ALL,
    *,
    withhold: bool = False,
    presented: str | None = None,
) -> Decision:
    attempt = Attempt(origin, called, 1.8e9, presented=presented, withhold=withhold)
    return route(attempt, directory, AssumedStanding(unhealthy=ALL - healthy))


def rules(decision: Decision) -> list[str]:
    return [step.rule for step in decision.trace]


def test_an_extension_rings_its_device_and_shows_the_callers_extension() -> None:
    decision = decide("102")
    assert decision.outcome == Ring(((BOB,),), PATIENCE, Caller("101", "Alice", withheld=False))
    assert rules(decision) == ["emergency", "extension"]


def test_another_contracts_extension_is_not_reached() -> None:
    outcome = decide("103").outcome
    # 103 is then no more than a short code of the network.
    assert isinstance(outcome, Out)


@pytest.mark.parametrize("called", ["0312340003", "+81312340003", "03-1234-0003"])
def test_a_direct_number_of_this_switch_rings_without_a_trunk(called: str) -> None:
    decision = decide(called)
    caller = Caller("+81312340001", "Alice", withheld=False)
    assert decision.outcome == Ring(((CAROL,),), PATIENCE, caller)
    assert rules(decision) == [
        "emergency", "extension", "presentation", "number", "on_net", "caller_id",
    ]  # fmt: skip


def test_184_withholds_on_the_net_too() -> None:
    outcome = decide("1840312340003").outcome
    assert isinstance(outcome, Ring)
    assert outcome.caller.withheld


@pytest.mark.parametrize(
    ("called", "withhold", "withheld"),
    [
        ("0398765432", False, False),
        ("0398765432", True, True),
        ("1840398765432", False, True),
        ("1860398765432", True, False),
    ],
)
def test_the_prefix_overrules_the_header_field(
    called: str, *, withhold: bool, withheld: bool
) -> None:
    outcome = decide(called, withhold=withhold).outcome
    assert isinstance(outcome, Out)
    assert outcome.caller.withheld is withheld
    assert outcome.number.text == "+81398765432"


def test_an_outside_number_goes_by_the_trunks_in_order_each_in_its_format() -> None:
    decision = decide("0398765432")
    outcome = decision.outcome
    assert isinstance(outcome, Out)
    assert outcome.trunks == (ONE, TWO)
    assert [outcome.dialled(trunk) for trunk in outcome.trunks] == ["0398765432", "+81398765432"]
    assert not outcome.emergency
    assert rules(decision) == [
        "emergency", "extension", "presentation", "number", "on_net", "barring", "trunk",
        "caller_id",
    ]  # fmt: skip


def test_a_device_presents_its_own_number_whatever_it_asks_for() -> None:
    outcome = decide("0398765432", presented="+81312349999").outcome
    assert isinstance(outcome, Out)
    assert outcome.caller == Caller("+81312340001", "Alice", withheld=False)


def test_a_trunk_that_does_not_carry_the_callers_number_is_passed_over() -> None:
    outcome = decide("0398765432", origin=BOB).outcome
    assert isinstance(outcome, Out)
    assert outcome.trunks == (ONE,)


def test_without_a_trunk_for_the_callers_number_the_call_is_refused() -> None:
    only = Directory.build(plain_customers([ALICE, BOB]), [TWO])
    assert decide("0398765432", BOB, only).outcome == Refuse(
        503, "Service Unavailable", RefusalCause.NUMBER_NOT_CARRIED
    )


def test_an_unhealthy_trunk_is_passed_over_and_with_none_left_the_call_is_refused() -> None:
    outcome = decide("0398765432", healthy=frozenset({"two"})).outcome
    assert isinstance(outcome, Out)
    assert outcome.trunks == (TWO,)
    assert decide("0398765432", healthy=frozenset()).outcome == Refuse(
        503, "Service Unavailable", RefusalCause.TRUNKS_UNAVAILABLE
    )


def test_without_any_trunk_an_outside_number_is_not_found() -> None:
    alone = Directory.build(plain_customers([ALICE]))
    refused = Refuse(404, "Not Found", RefusalCause.NO_TRUNK)
    assert decide("0398765432", directory=alone).outcome == refused
    assert decide("110", directory=alone).outcome == refused


@pytest.mark.parametrize("called", ["110", "184119", "186118"])
def test_an_emergency_call_goes_out_by_every_trunk_with_its_number(called: str) -> None:
    decision = decide(called, BOB, healthy=frozenset({"two"}), withhold=True)
    outcome = decision.outcome
    assert isinstance(outcome, Out)
    assert outcome.trunks == (TWO, ONE)
    assert outcome.emergency
    assert outcome.caller == Caller("+81312340002", "Bob", withheld=False)
    assert rules(decision) == ["emergency", "trunk", "caller_id"]


def test_who_calls_itself_is_busy() -> None:
    busy = Refuse(486, "Busy Here", RefusalCause.OWN_NUMBER)
    assert decide("101").outcome == busy
    assert decide("0312340001").outcome == busy


def test_what_is_no_number_is_not_found() -> None:
    assert decide("hello").outcome == Refuse(404, "Not Found", RefusalCause.INVALID_NUMBER)


def test_octets_that_are_no_text_do_not_reach_the_trace() -> None:
    decision = decide("\udcff12")
    assert isinstance(decision.outcome, Refuse)
    assert ("called", "?12") in decision.trace[0].inputs


def test_calls_abroad_need_the_contracts_consent_and_carrier_prefixes_lead_nowhere() -> None:
    barred = Refuse(403, "Forbidden", RefusalCause.BARRED)
    assert decide("01012125551234").outcome == barred
    assert decide("0033010123456").outcome == barred
    travelling = replace(ALICE, barred=frozenset({NumberKind.CARRIER_SELECTION}))
    assert isinstance(decide("01012125551234", travelling).outcome, Out)
    assert decide("0033010123456", travelling).outcome == barred


def test_a_trunks_call_rings_the_device_of_its_direct_number() -> None:
    attempt = Attempt(
        ONE, "0312340001", 1.8e9, presented="+819011112222", withhold=True, display_name="Yamada"
    )
    decision = route(attempt, DIRECTORY, AssumedStanding())
    caller = Caller("+819011112222", "Yamada", withheld=True)
    assert decision.outcome == Ring(((ALICE,),), PATIENCE, caller)
    assert rules(decision) == ["direct_number"]


def test_a_trunk_that_writes_numbers_bare_is_understood() -> None:
    bare = replace(ONE, number_format=NumberFormat.E164_BARE)
    outcome = decide("81312340002", bare).outcome
    assert isinstance(outcome, Ring)
    assert outcome.devices == (BOB,)
    assert isinstance(decide("0312340002", bare).outcome, Ring)


@pytest.mark.parametrize("called", ["0312340009", "101", "110", "junk"])
def test_a_trunks_call_to_no_direct_number_is_not_found(called: str) -> None:
    outcome = decide(called, ONE).outcome
    assert outcome == Refuse(404, "Not Found", RefusalCause.UNKNOWN_NUMBER)


def test_a_trunk_reaches_only_the_numbers_that_it_carries() -> None:
    decision = decide("0312340002", TWO)
    assert isinstance(decision.outcome, Refuse)
    assert decision.trace[0].outcome == "the trunk does not carry it"


def test_the_same_attempt_gets_the_same_decision() -> None:
    assert decide("0398765432") == decide("0398765432")
