"""A call to a number of the switch: every step, in its order."""

from dataclasses import replace
from math import inf

import pytest

from routing.decision import (
    PATIENCE,
    Caller,
    RefusalCause,
    Refuse,
    Ring,
    Serve,
    Service,
    refuse,
)
from routing.limit import Claim, LimitKey, LimitKind
from routing.line import FaxMode, WhenFull
from routing.standing import AssumedStanding
from routing.trace import Finding, Rule
from tests.support.routed import (
    APP,
    DESK,
    LOBBY,
    MAIN,
    NOW,
    OFFICE,
    ONE,
    SHARED,
    STRANGER,
    decide,
    directory,
    found,
    inside,
    outside,
    rules,
    told,
    with_direct,
    with_line,
)

CHANNEL = Claim(LimitKey(LimitKind.NUMBER, SHARED), 3)
CALLER = Caller(STRANGER, "", withheld=False)
FULL = AssumedStanding(in_progress={CHANNEL.key: 3})
NOBODY = AssumedStanding(unregistered={"desk", "lobby", "app"})
SHUT = AssumedStanding(closed={SHARED, DESK.number})


def test_a_representative_number_rings_fixed_phones_then_apps_and_takes_a_channel() -> None:
    decision = decide(outside(display_name="Yamada"))
    assert decision.outcome == Ring(
        ((DESK, LOBBY), (APP,)),
        PATIENCE,
        Caller(STRANGER, "Yamada", withheld=False),
        MAIN,
        (APP,),
        None,
        (CHANNEL,),
    )
    assert rules(decision) == [
        Rule.DID,
        Rule.LINE,
        Rule.REJECTION,
        Rule.ANONYMITY,
        Rule.CHANNELS,
        Rule.FAX,
        Rule.HOURS,
        Rule.RING_PLAN,
        Rule.VOICEMAIL,
    ]


def test_a_direct_number_rings_its_device_and_takes_no_channel() -> None:
    outcome = decide(outside("0312340001")).outcome
    assert isinstance(outcome, Ring)
    assert outcome.stages == ((DESK,),)
    assert outcome.late == outcome.claims == ()
    assert outcome.line is not None
    assert outcome.line.number == DESK.number


@pytest.mark.parametrize("called", ["+81398765000", "0398765000", "03-9876-5000", "01081398765000"])
def test_a_number_is_found_in_every_form(called: str) -> None:
    assert isinstance(decide(outside(called)).outcome, Ring)


@pytest.mark.parametrize(
    ("called", "rule", "finding"),
    [
        ("junk", Rule.DID, Finding.MALFORMED),
        ("201", Rule.DID, Finding.MALFORMED),
        ("*0", Rule.DID, Finding.MALFORMED),
        ("110", Rule.LINE, Finding.UNKNOWN),
        ("0398765999", Rule.LINE, Finding.UNKNOWN),
        ("01012125551234", Rule.LINE, Finding.UNKNOWN),
    ],
)
def test_a_carrier_reaches_numbers_and_nothing_else(
    called: str, rule: Rule, finding: Finding
) -> None:
    decision = decide(outside(called))
    assert decision.outcome == refuse(RefusalCause.UNKNOWN_NUMBER)
    assert found(decision, rule) is finding


def test_a_carrier_reaches_only_the_numbers_that_it_carries() -> None:
    other = replace(ONE, numbers=frozenset({DESK.number}))
    assert isinstance(decide(outside("0312340001", origin=other)).outcome, Ring)
    decision = decide(outside(origin=other))
    assert decision.outcome == refuse(RefusalCause.UNKNOWN_NUMBER)
    assert found(decision, Rule.DID) is Finding.NOT_CARRIED


@pytest.mark.parametrize(("begin", "rings"), [(NOW, True), (NOW + 1, False), (inf, False)])
def test_a_number_that_is_ported_in_rings_from_its_date_on(begin: float, *, rings: bool) -> None:
    decision = decide(outside(), with_line(replace(MAIN, in_service_from=begin)))
    assert isinstance(decision.outcome, Ring) is rings
    if not rings:
        assert decision.outcome == refuse(RefusalCause.NOT_IN_SERVICE)
        assert rules(decision) == [Rule.DID, Rule.LINE]


def test_no_call_comes_in_to_a_suspended_contract() -> None:
    decision = decide(outside(), directory(replace(OFFICE, is_suspended=True)))
    assert decision.outcome == refuse(RefusalCause.SUSPENDED)


def test_a_caller_on_the_list_is_declined_shown_or_not() -> None:
    known = directory(replace(OFFICE, rejected=frozenset({STRANGER})))
    assert decide(outside(), known).outcome == refuse(RefusalCause.REJECTED)
    assert decide(outside(withhold=True), known).outcome == refuse(RefusalCause.REJECTED)
    assert isinstance(decide(outside(presented="+819099998888"), known).outcome, Ring)
    assert isinstance(decide(outside(presented=None), known).outcome, Ring)


def test_a_contract_may_refuse_callers_who_are_not_shown() -> None:
    known = directory(replace(OFFICE, rejects_anonymous=True))
    assert decide(outside(withhold=True), known).outcome == refuse(RefusalCause.ANONYMOUS)
    assert isinstance(decide(outside(), known).outcome, Ring)
    # A payphone's number, or one that got lost on the way, is not withheld by anybody.
    assert isinstance(decide(outside(presented=None), known).outcome, Ring)
    decision = decide(outside(withhold=True))
    assert isinstance(decision.outcome, Ring)
    assert found(decision, Rule.ANONYMITY) is Finding.WITHHELD


@pytest.mark.parametrize("held", [0, 1, 2])
def test_calls_fit_below_the_number_of_ids(held: int) -> None:
    standing = AssumedStanding(in_progress={CHANNEL.key: held})
    assert isinstance(decide(outside(), None, standing).outcome, Ring)


def test_the_call_after_the_last_channel_is_busy() -> None:
    decision = decide(outside(), None, FULL)
    assert decision.outcome == refuse(RefusalCause.CHANNELS_FULL)
    assert told(decision, Rule.CHANNELS) == {"number": SHARED, "used": "3", "limit": "3"}
    assert rules(decision)[-1] is Rule.WHEN_FULL


def test_one_id_more_is_one_channel_more() -> None:
    fourth = replace(APP, username="app-2", extension="204", number="+81312340004")
    known = directory(replace(OFFICE, devices=(*OFFICE.devices, fourth)))
    assert isinstance(decide(outside(), known, FULL).outcome, Ring)


def test_the_busy_announcement_answers_where_it_was_chosen_and_takes_no_channel() -> None:
    line = replace(MAIN, when_full=WhenFull.ANNOUNCEMENT)
    assert decide(outside(), with_line(line), FULL).outcome == Serve(
        Service.BUSY_ANNOUNCEMENT, line, CALLER
    )


def test_a_contract_may_limit_all_its_calls_together() -> None:
    known = directory(replace(OFFICE, max_calls=1))
    key = LimitKey(LimitKind.CONTRACT, "c1")
    outcome = decide(outside("0312340001"), known).outcome
    assert isinstance(outcome, Ring)
    assert outcome.claims == (Claim(key, 1),)
    full = AssumedStanding(in_progress={key: 1})
    assert decide(outside("0312340001"), known, full).outcome == refuse(RefusalCause.CONTRACT_FULL)


def test_cloud_fax_alone_answers_at_once() -> None:
    line = replace(MAIN, fax=FaxMode.ONLY, after_hours=True, voicemail_delay=20)
    decision = decide(outside(), with_line(line), SHUT)
    assert decision.outcome == Serve(Service.FAX, line, CALLER, (CHANNEL,))
    assert rules(decision)[-1] is Rule.FAX


def test_on_a_shared_number_a_voice_call_goes_on_as_without_fax() -> None:
    line = replace(MAIN, fax=FaxMode.SHARED)
    outcome = decide(outside(), with_line(line)).outcome
    voice = Ring(((DESK, LOBBY), (APP,)), PATIENCE, CALLER, line, (APP,), None, (CHANNEL,))
    assert outcome == Serve(Service.FAX_DETECTION, line, CALLER, (CHANNEL,), voice)


def test_a_fax_comes_in_after_hours_and_without_any_phone() -> None:
    line = replace(MAIN, fax=FaxMode.SHARED, after_hours=True)
    closed = decide(outside(), with_line(line), SHUT).outcome
    assert isinstance(closed, Serve)
    assert closed.then == Serve(Service.AFTER_HOURS, line, CALLER, (CHANNEL,))
    alone = decide(outside(), with_line(line), NOBODY).outcome
    assert isinstance(alone, Serve)
    assert alone.then == refuse(RefusalCause.UNREACHABLE)


def test_after_hours_the_announcement_answers_where_it_is_contracted() -> None:
    line = replace(MAIN, after_hours=True, voicemail_delay=20)
    assert decide(outside(), with_line(line), SHUT).outcome == Serve(
        Service.AFTER_HOURS, line, CALLER, (CHANNEL,)
    )
    opened = decide(outside(), with_line(line))
    assert isinstance(opened.outcome, Ring)
    assert found(opened, Rule.HOURS) is Finding.OPEN
    assert isinstance(decide(outside(), None, SHUT).outcome, Ring)


def test_voicemail_answers_after_its_delay() -> None:
    decision = decide(outside(), with_line(replace(MAIN, voicemail_delay=20)))
    outcome = decision.outcome
    assert isinstance(outcome, Ring)
    assert (outcome.patience, outcome.then) == (20, Service.VOICEMAIL)
    assert told(decision, Rule.VOICEMAIL) == {"number": SHARED, "seconds": "20"}


def test_voicemail_answers_at_once_for_phones_that_are_not_there() -> None:
    line = replace(MAIN, voicemail_delay=20)
    decision = decide(outside(), with_line(line), NOBODY)
    assert decision.outcome == Serve(Service.VOICEMAIL, line, CALLER, (CHANNEL,))
    assert found(decision, Rule.VOICEMAIL) is Finding.AT_ONCE


def test_without_voicemail_phones_that_are_not_there_are_unavailable() -> None:
    assert decide(outside(), None, NOBODY).outcome == refuse(RefusalCause.UNREACHABLE)


def test_a_device_with_as_many_calls_as_it_may_is_busy_or_has_voicemail() -> None:
    limited = (replace(DESK, max_calls=1), LOBBY, APP)
    key = LimitKey(LimitKind.DEVICE, "desk")
    full = AssumedStanding(in_progress={key: 1})
    known = directory(replace(OFFICE, devices=limited))
    assert decide(outside("0312340001"), known, full).outcome == refuse(RefusalCause.BUSY)
    free = decide(outside("0312340001"), known).outcome
    assert isinstance(free, Ring)
    assert free.claims == (Claim(key, 1),)
    recorded = with_direct(voicemail_delay=5)
    missing = decide(outside("0312340001"), recorded, NOBODY).outcome
    assert isinstance(missing, Serve)
    assert missing.service is Service.VOICEMAIL


def test_a_colleague_goes_through_the_same_steps() -> None:
    known = with_line(replace(MAIN, after_hours=True))
    outcome = decide(inside("0398765000", APP), known, SHUT).outcome
    assert isinstance(outcome, Serve)
    assert outcome.service is Service.AFTER_HOURS
    busy = decide(inside("0398765000", APP), None, FULL).outcome
    assert isinstance(busy, Refuse)
    assert busy.status == 486
