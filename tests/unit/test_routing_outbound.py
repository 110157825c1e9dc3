"""A call from a device: emergency, extensions, features, numbers of the switch, the world."""

from dataclasses import replace
from decimal import Decimal
from math import inf

import pytest

from routing.carrier import CarrierRoute
from routing.customer import Customer
from routing.decision import (
    PATIENCE,
    SUSPENDED_CALLER,
    Caller,
    Out,
    RefusalCause,
    Ring,
    Serve,
    Use,
    refuse,
)
from routing.destination import Destination
from routing.device import Device
from routing.dial_plan import Feature, FeatureCall
from routing.directory import Directory
from routing.limit import Claim, LimitKey, LimitKind
from routing.number import NumberKind
from routing.standing import AssumedStanding
from routing.trace import Finding, Rule
from tests.support.routed import (
    APP,
    CAROL,
    DESK,
    LOBBY,
    MAIN,
    NEIGHBOUR,
    NOW,
    OFFICE,
    ONE,
    SHARED,
    TWO,
    decide,
    directory,
    found,
    inside,
    rules,
    told,
    with_line,
)

OUTSIDE = "0398761234"
CHANNEL = Claim(LimitKey(LimitKind.NUMBER, SHARED), 3)
OWN = LimitKey(LimitKind.DEVICE, "desk")
CONTRACT = LimitKey(LimitKind.CONTRACT, "c1")


def with_desk(**fields: object) -> tuple[Directory, Device]:
    desk = replace(DESK, **fields)
    return directory(replace(OFFICE, devices=(desk, LOBBY, APP))), desk


# Emergency


@pytest.mark.parametrize("called", ["110", "118", "119", "184110", "186119", "1-1-0"])
def test_an_emergency_call_goes_out_by_every_carrier_with_the_direct_number(called: str) -> None:
    decision = decide(inside(called, withhold=True, presented=CAROL.number))
    outcome = decision.outcome
    assert isinstance(outcome, Out)
    assert outcome.emergency
    assert outcome.trunks == (ONE, TWO)
    assert outcome.caller == Caller(DESK.number, "Desk", withheld=False)
    assert outcome.claims == ()
    assert rules(decision) == [Rule.EMERGENCY, Rule.CALLER_ID, Rule.TRUNKS]


def test_nothing_that_a_contract_sets_or_owes_keeps_an_emergency_call_back() -> None:
    desk = replace(DESK, barred=frozenset(NumberKind), max_calls=0, caller_id=SHARED)
    office = replace(OFFICE, devices=(desk, LOBBY, APP), is_suspended=True, max_calls=0)
    standing = AssumedStanding(
        in_progress={CHANNEL.key: 9, OWN: 9, CONTRACT: 9},
        unhealthy={"one", "two"},
        blocks={"desk": "operator", "c1": "operator"},
    )
    outcome = decide(inside("110", desk), directory(office), standing).outcome
    assert isinstance(outcome, Out)
    assert outcome.emergency
    assert set(outcome.trunks) == {ONE, TWO}


def test_without_any_carrier_there_is_nobody_to_call() -> None:
    alone = Directory.build([OFFICE])
    for called in ("110", OUTSIDE):
        decision = decide(inside(called), alone)
        assert decision.outcome == refuse(RefusalCause.NO_TRUNK)
        assert found(decision, Rule.TRUNKS) is Finding.NOT_CONFIGURED


def test_a_suspended_contract_calls_nobody_else() -> None:
    known = directory(replace(OFFICE, is_suspended=True))
    for called in ("202", "*0", OUTSIDE, "0612340001"):
        assert decide(inside(called), known).outcome == SUSPENDED_CALLER


# Extensions


def test_an_extension_rings_its_device_and_shows_the_callers_extension() -> None:
    decision = decide(inside("203", withhold=True, presented=CAROL.number))
    assert decision.outcome == Ring(((APP,),), PATIENCE, Caller("201", "Desk", withheld=True))
    assert rules(decision) == [Rule.EMERGENCY, Rule.CONTRACT, Rule.EXTENSION]


def test_an_extension_is_the_own_contracts() -> None:
    outcome = decide(inside("201", CAROL)).outcome
    assert outcome == refuse(RefusalCause.OWN_NUMBER)
    assert decide(inside("202", CAROL)).outcome == refuse(RefusalCause.UNKNOWN_NUMBER)


def test_a_device_that_is_not_there_is_unavailable() -> None:
    gone = AssumedStanding(unregistered={"app"})
    assert decide(inside("203"), None, gone).outcome == refuse(RefusalCause.UNREACHABLE)


def test_an_extension_takes_a_call_of_both_devices_and_of_the_contract() -> None:
    desk, app = replace(DESK, max_calls=2), replace(APP, max_calls=1)
    known = directory(replace(OFFICE, devices=(desk, LOBBY, app), max_calls=9))
    other = LimitKey(LimitKind.DEVICE, "app")
    outcome = decide(inside("203", desk), known).outcome
    assert isinstance(outcome, Ring)
    assert outcome.claims == (Claim(OWN, 2), Claim(CONTRACT, 9), Claim(other, 1))
    for key, count, cause in (
        (OWN, 2, RefusalCause.DEVICE_FULL),
        (CONTRACT, 9, RefusalCause.CONTRACT_FULL),
        (other, 1, RefusalCause.BUSY),
    ):
        standing = AssumedStanding(in_progress={key: count})
        assert decide(inside("203", desk), known, standing).outcome == refuse(cause)


# Features


def test_a_feature_that_is_not_served_yet_says_so() -> None:
    decision = decide(inside("*43"))
    assert decision.outcome == refuse(RefusalCause.FEATURE_NOT_SERVED)
    assert told(decision, Rule.FEATURE) == {"called": "*43", "feature": "echo"}


def test_a_feature_that_is_served_is_used_by_the_device() -> None:
    decision = decide(inside("**203"))
    assert isinstance(decision.outcome, Use)
    assert decision.outcome.feature == FeatureCall(Feature.DIRECTED_PICKUP, "203")
    assert decision.outcome.device.username == "desk"
    assert found(decision, Rule.FEATURE) is Finding.YES


def test_a_code_that_is_no_feature_is_not_found() -> None:
    decision = decide(inside("*44"))
    assert decision.outcome == refuse(RefusalCause.UNKNOWN_NUMBER)
    assert found(decision, Rule.FEATURE) is Finding.UNKNOWN


# Numbers


@pytest.mark.parametrize("called", ["0", "03123", "+", "+81", "03-98-1", "010", "312345678", "0*1"])
def test_what_was_meant_for_a_number_and_is_none_is_incomplete(called: str) -> None:
    decision = decide(inside(called))
    assert decision.outcome == refuse(RefusalCause.INVALID_NUMBER)
    assert found(decision, Rule.NUMBER) is Finding.MALFORMED


@pytest.mark.parametrize("called", ["", "299", "2999", "hello", "0x11", "184", "\udcff12", "199"])
def test_what_is_nobodys_is_not_found(called: str) -> None:
    decision = decide(inside(called))
    assert decision.outcome == refuse(RefusalCause.UNKNOWN_NUMBER)
    assert found(decision, Rule.NUMBER) is Finding.UNKNOWN


@pytest.mark.parametrize("called", ["117", "104", "#7119", "0120123456", "0570123456"])
def test_services_of_the_country_go_out(called: str) -> None:
    outcome = decide(inside(called)).outcome
    assert isinstance(outcome, Out)
    assert outcome.number.text == called


def test_an_outside_number_goes_out_by_the_carriers_in_order() -> None:
    decision = decide(inside(OUTSIDE))
    assert decision.outcome == Out(
        (ONE, TWO), decision.outcome.number, Caller(DESK.number, "Desk", withheld=False)
    )
    assert decision.outcome.number.text == "+81398761234"
    assert rules(decision) == [
        Rule.EMERGENCY,
        Rule.CONTRACT,
        Rule.EXTENSION,
        Rule.FEATURE,
        Rule.PRESENTATION,
        Rule.NUMBER,
        Rule.CALLER_ID,
        Rule.ON_NET,
        Rule.BARRING,
        Rule.BLOCK,
        Rule.TRUNKS,
    ]


@pytest.mark.parametrize(
    ("called", "header", "withheld"),
    [
        (OUTSIDE, False, False),
        (OUTSIDE, True, True),
        ("184" + OUTSIDE, False, True),
        ("186" + OUTSIDE, True, False),
    ],
)
def test_184_and_186_overrule_the_header_field(
    called: str, *, header: bool, withheld: bool
) -> None:
    outcome = decide(inside(called, withhold=header)).outcome
    assert isinstance(outcome, Out)
    assert outcome.caller.withheld is withheld
    assert outcome.number.text == "+81398761234"


def test_another_contracts_number_cannot_be_presented() -> None:
    asked = inside(OUTSIDE, presented=CAROL.number)
    assert decide(asked).outcome == refuse(RefusalCause.FOREIGN_CALLER)


# Numbers of this switch


def test_a_number_of_another_contract_rings_without_a_carrier() -> None:
    decision = decide(inside("1840612340001"))
    outcome = decision.outcome
    assert isinstance(outcome, Ring)
    assert outcome.stages == ((CAROL,),)
    assert outcome.caller == Caller(DESK.number, "Desk", withheld=True)
    assert found(decision, Rule.ON_NET) is Finding.HERE


def test_who_calls_itself_is_busy() -> None:
    assert decide(inside("0312340001")).outcome == refuse(RefusalCause.OWN_NUMBER)


def test_who_calls_the_shared_number_rings_the_others() -> None:
    outcome = decide(inside("0398765000")).outcome
    assert isinstance(outcome, Ring)
    assert outcome.stages == ((LOBBY,), (APP,))
    assert outcome.claims == (CHANNEL,)


def test_a_call_between_shared_numbers_takes_a_channel_on_both_sides() -> None:
    sales = replace(MAIN, number="+81398765001")
    desk = replace(DESK, caller_id=SHARED)
    known = directory(replace(OFFICE, devices=(desk, LOBBY, APP), lines=(MAIN, sales)))
    other = Claim(LimitKey(LimitKind.NUMBER, sales.number), 3)
    outcome = decide(inside("0398765001", desk), known).outcome
    assert isinstance(outcome, Ring)
    assert outcome.claims == (CHANNEL, other)
    full = AssumedStanding(in_progress={CHANNEL.key: 3})
    refused = decide(inside("0398765001", desk), known, full).outcome
    assert refused == refuse(RefusalCause.CHANNELS_FULL)


def test_the_other_contract_may_turn_the_caller_away() -> None:
    known = directory(neighbour=replace(NEIGHBOUR, rejected=frozenset({DESK.number})))
    assert decide(inside("0612340001"), known).outcome == refuse(RefusalCause.REJECTED)


def test_a_number_that_has_yet_to_be_ported_in_is_still_reached_outside() -> None:
    decision = decide(inside("0398765000"), with_line(replace(MAIN, in_service_from=inf)))
    assert isinstance(decision.outcome, Out)
    assert found(decision, Rule.ON_NET) is Finding.NOT_YET


# Bars, countries, blocks


@pytest.mark.parametrize(
    "called", ["01012125551234", "+12125551234", "0033010123456", "0990123456"]
)
def test_abroad_carrier_prefixes_and_premium_services_are_barred_by_default(called: str) -> None:
    decision = decide(inside(called))
    assert decision.outcome == refuse(RefusalCause.BARRED)
    assert decision.outcome.warning is None


def test_a_contract_may_bar_other_kinds() -> None:
    known, desk = with_desk(barred=frozenset({NumberKind.MOBILE}))
    assert decide(inside("09011112222", desk), known).outcome == refuse(RefusalCause.BARRED)
    assert isinstance(decide(inside(OUTSIDE, desk), known).outcome, Out)


@pytest.mark.parametrize(
    ("countries", "called", "cause"),
    [
        (None, "01012125551234", None),
        ({"US"}, "01012125551234", None),
        ({"GB"}, "01012125551234", RefusalCause.COUNTRY_BARRED),
        ({"US"}, "01018762345678", RefusalCause.COUNTRY_BARRED),
        ({"US"}, "01019995551234", RefusalCause.COUNTRY_BARRED),
        (set(), "01012125551234", RefusalCause.COUNTRY_BARRED),
        (None, "010121255", RefusalCause.INVALID_NUMBER),
        (None, "0104420123456789012", RefusalCause.INVALID_NUMBER),
        (None, "010999123456789", RefusalCause.UNKNOWN_NUMBER),
    ],
)
def test_calls_abroad_go_to_countries_that_are_allowed_and_exist(
    countries: set[str] | None, called: str, cause: RefusalCause | None
) -> None:
    allowed = None if countries is None else frozenset(countries)
    known, desk = with_desk(barred=frozenset(), countries=allowed)
    outcome = decide(inside(called, desk), known).outcome
    if cause is None:
        assert isinstance(outcome, Out)
    else:
        assert outcome == refuse(cause)


def test_a_blocked_id_calls_nobody_outside_and_still_its_colleagues() -> None:
    blocked = AssumedStanding(blocks={"desk": "budget spent"})
    decision = decide(inside(OUTSIDE), None, blocked)
    assert decision.outcome == refuse(RefusalCause.BLOCKED)
    assert told(decision, Rule.BLOCK)["reason"] == "budget spent"
    assert isinstance(decide(inside("203"), None, blocked).outcome, Ring)
    assert isinstance(decide(inside("0612340001"), None, blocked).outcome, Ring)


class BlockedAbroad(AssumedStanding):
    """A standing in which the budget for calls abroad is spent."""

    def block(self, contract: str, username: str, *, abroad: bool) -> str | None:
        """Block calls abroad."""
        return f"{contract}/{username}" if abroad else None


def test_a_spent_budget_abroad_leaves_calls_in_the_country() -> None:
    known, desk = with_desk(barred=frozenset())
    assert isinstance(decide(inside(OUTSIDE, desk), known, BlockedAbroad()).outcome, Out)
    for called in ("01012125551234", "0033010123456", "0990123456"):
        refused = decide(inside(called, desk), known, BlockedAbroad()).outcome
        assert refused == refuse(RefusalCause.BLOCKED)


# Channels and carriers


def test_a_call_that_presents_a_shared_number_takes_one_of_its_channels() -> None:
    known, desk = with_desk(caller_id=SHARED)
    outcome = decide(inside(OUTSIDE, desk), known).outcome
    assert isinstance(outcome, Out)
    assert outcome.claims == (CHANNEL,)
    assert outcome.caller == Caller(SHARED, "Main", withheld=False)
    full = AssumedStanding(in_progress={CHANNEL.key: 3})
    refused = decide(inside(OUTSIDE, desk), known, full).outcome
    assert refused == refuse(RefusalCause.CHANNELS_FULL)
    assert isinstance(decide(inside(OUTSIDE), None, full).outcome, Out)


def test_a_carrier_that_does_not_carry_the_presented_number_is_passed_over() -> None:
    narrow = replace(ONE, numbers=frozenset({SHARED}))
    known = Directory.build([OFFICE], [narrow, TWO])
    outcome = decide(inside(OUTSIDE), known).outcome
    assert isinstance(outcome, Out)
    assert outcome.trunks == (TWO,)
    alone = Directory.build([OFFICE], [narrow])
    refused = decide(inside(OUTSIDE), alone).outcome
    assert refused == refuse(RefusalCause.NUMBER_NOT_CARRIED)


def test_a_carrier_that_takes_no_calls_is_passed_over() -> None:
    outcome = decide(inside(OUTSIDE), None, AssumedStanding(unhealthy={"one"})).outcome
    assert isinstance(outcome, Out)
    assert outcome.trunks == (TWO,)
    none = AssumedStanding(unhealthy={"one", "two"})
    assert decide(inside(OUTSIDE), None, none).outcome == refuse(RefusalCause.TRUNKS_UNAVAILABLE)


def test_a_call_knows_the_dearest_rate_that_it_may_come_to() -> None:
    everywhere = [Destination(kind=kind) for kind in (NumberKind.FIXED, NumberKind.EMERGENCY)]
    routes = [CarrierRoute("one", each, rate_per_minute=Decimal("2.5")) for each in everywhere]
    known = Directory.build([OFFICE], [ONE], routes)
    outcome = decide(inside(OUTSIDE), known).outcome
    assert isinstance(outcome, Out)
    assert outcome.rate_per_minute == Decimal("2.5")
    refused = decide(inside("09011112222"), known)
    assert refused.outcome == refuse(RefusalCause.NO_ROUTE)
    assert found(refused, Rule.TRUNKS) is Finding.NO_ROUTE


def test_a_service_of_another_contract_answers_a_device_too() -> None:
    line = replace(CAROL_LINE, voicemail_delay=10)
    known = directory(neighbour=Customer("c2", (CAROL,), (line,)))
    gone = AssumedStanding(unregistered={"carol"})
    outcome = decide(inside("0612340001", at=NOW), known, gone).outcome
    assert isinstance(outcome, Serve)
    assert outcome.line is line


CAROL_LINE = NEIGHBOUR.all_lines()[0]
