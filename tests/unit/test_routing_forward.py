"""Forwards: what becomes of a call that an ID sends on, who pays, and what is never done."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.customer import Customer
from routing.decision import (
    Attempt,
    Caller,
    Decision,
    Diversion,
    Forward,
    Out,
    RefusalCause,
    Refuse,
    Ring,
    Serve,
    Service,
)
from routing.device import Device
from routing.directory import Directory
from routing.explain import document, story, summary
from routing.forward import MAX_FORWARDS, after, resolve, target_fault
from routing.handling import VOICEMAIL, CallHandling, Condition
from routing.limit import Claim, LimitKey, LimitKind
from routing.line import FaxMode, Line, LineKind, Ringer
from routing.number import NumberKind
from routing.standing import AssumedStanding
from routing.trace import Finding, Rule
from routing.wording import Language
from tests.support.any_route import Scene, scene
from tests.support.chance import Chance
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
    STRANGER,
    TWO,
    decide,
    directory,
    found,
    inside,
    outside,
    rules,
    told,
)

MOBILE = "+819033334444"
DIRECT = Line(DESK.number, "c1", LineKind.DIRECT, (Ringer("desk"),))
ALWAYS, BUSY = Condition.ALWAYS, Condition.BUSY
NO_ANSWER, UNREACHABLE = Condition.NO_ANSWER, Condition.UNREACHABLE


def forwarding(device: Device, forwards: Mapping[Condition, str], **more: object) -> Device:
    """Make a device whose ID forwards."""
    return replace(device, handling=CallHandling(forwards, **more))


def office(*devices: Device, lines: tuple[Line, ...] = (MAIN,), **fields: object) -> Directory:
    """Make the directory in which the office has these devices in their places."""
    changed = {device.username: device for device in devices}
    kept = tuple(changed.get(each.username, each) for each in OFFICE.devices)
    return directory(replace(OFFICE, devices=kept, lines=lines, **fields))


def always(target: str, **more: object) -> Directory:
    """Make the office whose desk forwards every call."""
    return office(forwarding(DESK, {ALWAYS: target}, **more))


def cause(decision: Decision) -> tuple[int, RefusalCause]:
    """Return how a call was refused."""
    outcome = decision.outcome
    assert isinstance(outcome, Refuse)
    assert outcome.warning is None
    return outcome.status, outcome.cause


# Every call


def test_a_call_from_outside_goes_on_to_a_mobile_phone_in_the_ids_name() -> None:
    known = always(MOBILE)
    decision = decide(outside(DESK.number), known)
    out = decision.outcome
    assert isinstance(out, Out)
    assert (out.number.text, out.trunks) == (MOBILE, (ONE, TWO))
    assert out.caller == Caller(DESK.number, DESK.display_name, withheld=False)
    desk = known.devices["desk"]
    assert out.diverted_by == (Diversion(desk, DESK.number, ALWAYS, MOBILE),)
    assert out.payer(ONE) is desk
    assert found(decision, Rule.FORWARD) is Finding.ALWAYS
    assert told(decision, Rule.CALLER_ID) == {"device": "desk", "asked": "", "number": DESK.number}


def test_both_parts_of_the_decision_are_in_its_trace() -> None:
    weighed = rules(decide(outside(DESK.number), always(MOBILE)))
    assert weighed[0] is Rule.DID
    assert weighed.index(Rule.LINE) < weighed.index(Rule.FORWARD) < weighed.index(Rule.TRUNKS)
    assert Rule.BARRING in weighed[weighed.index(Rule.FORWARD) :]
    assert Rule.BLOCK in weighed


def test_who_is_not_forwarded_pays_for_the_own_call() -> None:
    out = decide(inside(MOBILE)).outcome
    assert isinstance(out, Out)
    assert out.payer(DESK) is DESK


def test_a_forward_inside_shows_the_first_caller() -> None:
    for attempt in (outside(DESK.number), inside(DESK.number, CAROL)):
        for target in ("202", LOBBY.number):
            ring = decide(attempt, always(target)).outcome
            assert isinstance(ring, Ring)
            assert ring.devices == (LOBBY,)
            assert ring.caller.number in {STRANGER, CAROL.number}
            assert [each.target for each in ring.diverted_by] == [target]


def test_an_extension_is_forwarded_with_its_caller_as_an_extension() -> None:
    decision = decide(inside("201", APP), always("202"))
    ring = decision.outcome
    assert isinstance(ring, Ring)
    assert (ring.devices, ring.caller.number) == ((LOBBY,), "203")
    assert found(decision, Rule.EXTENSION) is Finding.HERE
    assert ring.diverted_by[0].called == "201"


def test_a_forward_to_a_representative_number_rings_the_others() -> None:
    ring = decide(outside(DESK.number), always(SHARED)).outcome
    assert isinstance(ring, Ring)
    assert ring.stages == ((LOBBY,), (APP,))
    assert Claim(LimitKey(LimitKind.NUMBER, SHARED), 3) in ring.claims


def test_a_call_to_a_representative_number_is_not_forwarded_by_an_id() -> None:
    ring = decide(outside(), always(MOBILE)).outcome
    assert isinstance(ring, Ring)
    assert "desk" in [device.username for device in ring.stages[0]]
    assert (ring.when_busy, ring.when_unanswered, ring.when_unreachable) == (None, None, None)


def test_the_representative_number_that_an_id_presents_gives_a_channel() -> None:
    desk = replace(forwarding(DESK, {ALWAYS: MOBILE}), caller_id=SHARED)
    known = office(desk)
    out = decide(outside(DESK.number), known).outcome
    assert isinstance(out, Out)
    assert out.caller.number == SHARED
    claim = Claim(LimitKey(LimitKind.NUMBER, SHARED), 3)
    assert out.claims == (claim,)
    full = AssumedStanding(in_progress={claim.key: 3})
    assert cause(decide(outside(DESK.number), known, full)) == (486, RefusalCause.CHANNELS_FULL)


def test_a_forward_takes_its_contracts_call_once_and_no_place_of_its_device() -> None:
    desk = replace(forwarding(DESK, {ALWAYS: MOBILE}), max_calls=1)
    busy = AssumedStanding(in_progress={LimitKey(LimitKind.DEVICE, "desk"): 1})
    out = decide(outside(DESK.number), office(desk, max_calls=2), busy).outcome
    assert isinstance(out, Out)
    assert out.claims == (Claim(LimitKey(LimitKind.CONTRACT, "c1"), 2),)


@pytest.mark.parametrize("attempt", [outside(DESK.number), inside("201", APP)])
def test_a_full_contract_forwards_nothing(attempt: Attempt) -> None:
    full = AssumedStanding(in_progress={LimitKey(LimitKind.CONTRACT, "c1"): 2})
    known = office(forwarding(DESK, {ALWAYS: MOBILE}), max_calls=2)
    decision = decide(attempt, known, full)
    assert cause(decision) == (486, RefusalCause.CONTRACT_FULL)
    assert Rule.FORWARD not in rules(decision)


# What an ID may not, its forward may not


def test_a_forward_is_held_to_its_ids_bars_and_its_caller_hears_nothing_of_them() -> None:
    desk = forwarding(DESK, {ALWAYS: MOBILE})
    known = office(replace(desk, barred=frozenset({NumberKind.MOBILE})))
    assert cause(decide(outside(DESK.number), known)) == (480, RefusalCause.BARRED)
    abroad = replace(
        forwarding(DESK, {ALWAYS: "+12025550123"}), barred=frozenset(), countries=frozenset()
    )
    assert cause(decide(outside(DESK.number), office(abroad))) == (
        480,
        RefusalCause.COUNTRY_BARRED,
    )


def test_a_forward_is_held_to_its_ids_budgets() -> None:
    spent = AssumedStanding(blocks={"desk": "calls_per_day"})
    decision = decide(inside("201", APP), always(MOBILE), spent)
    assert cause(decision) == (480, RefusalCause.BLOCKED)
    callers = AssumedStanding(blocks={"app": "calls_per_day"})
    assert isinstance(decide(inside("201", APP), always(MOBILE), callers).outcome, Out)


@pytest.mark.parametrize("target", ["110", "118", "119", "184119"])
def test_no_call_is_ever_forwarded_to_an_emergency_number(target: str) -> None:
    attempt = outside(DESK.number)
    forward = Forward(
        (Diversion(DESK, DESK.number, ALWAYS, target),), Caller(STRANGER, "", withheld=False)
    )
    decision = resolve(attempt, forward, directory(), AssumedStanding())
    assert cause(decision) == (480, RefusalCause.BARRED)
    assert found(decision, Rule.FORWARD) is Finding.BARRED


@pytest.mark.parametrize("target", ["*72", "299", "0"])
def test_a_target_that_is_nothing_makes_the_id_unavailable(target: str) -> None:
    status, _ = cause(decide(outside(DESK.number), always(target)))
    assert status == 480


# Loops


def test_forwards_that_lead_back_end_in_a_loop() -> None:
    known = office(forwarding(DESK, {ALWAYS: "202"}), forwarding(LOBBY, {ALWAYS: "201"}))
    decision = decide(outside(DESK.number), known)
    assert cause(decision) == (482, RefusalCause.FORWARD_LOOP)
    by_number = office(
        forwarding(DESK, {ALWAYS: LOBBY.number}), forwarding(LOBBY, {ALWAYS: DESK.number})
    )
    assert cause(decide(outside(DESK.number), by_number)) == (482, RefusalCause.FORWARD_LOOP)
    assert cause(decide(outside(DESK.number), always("201"))) == (482, RefusalCause.FORWARD_LOOP)


def test_the_same_id_forwards_a_call_once_whatever_stands_between() -> None:
    before = (
        Diversion(DESK, DESK.number, ALWAYS, "202"),
        Diversion(LOBBY, "202", ALWAYS, "201"),
        Diversion(DESK, "201", ALWAYS, MOBILE),
    )
    forward = Forward(before, Caller(STRANGER, "", withheld=False))
    decision = resolve(outside(DESK.number), forward, directory(), AssumedStanding())
    assert cause(decision) == (482, RefusalCause.FORWARD_LOOP)


def test_a_forward_back_to_the_caller_finds_the_caller_busy() -> None:
    for target in ("203", APP.number):
        decision = decide(inside("201", APP), always(target))
        assert cause(decision) == (486, RefusalCause.OWN_NUMBER)


def test_a_chain_of_forwards_has_an_end() -> None:
    def chain(length: int) -> Directory:
        devices = tuple(
            Device(
                f"d{position}",
                "c1",
                str(300 + position),
                f"+813123400{position:02}",
                "",
                DESK.kind,
                {},
                handling=CallHandling({ALWAYS: str(301 + position)} if position < length else {}),
            )
            for position in range(length + 1)
        )
        return Directory.build([Customer("c1", devices)], [ONE])

    ring = decide(outside("+81312340000"), chain(MAX_FORWARDS)).outcome
    assert isinstance(ring, Ring)
    assert len(ring.diverted_by) == MAX_FORWARDS
    decision = decide(outside("+81312340000"), chain(MAX_FORWARDS + 1))
    assert cause(decision) == (482, RefusalCause.FORWARD_LOOP)
    assert decision.trace[-1].outcome is Finding.TOO_MANY


# Voicemail


def test_a_forward_to_voicemail_is_answered_at_once_where_it_is_contracted() -> None:
    desk = forwarding(DESK, {ALWAYS: VOICEMAIL})
    line = replace(DIRECT, voicemail_delay=20.0)
    serve = decide(inside("201", APP), office(desk, lines=(MAIN, line))).outcome
    assert isinstance(serve, Serve)
    assert (serve.service, serve.line) == (Service.VOICEMAIL, line)
    assert serve.diverted_by[0].target == VOICEMAIL
    assert cause(decide(inside("201", APP), office(desk))) == (480, RefusalCause.UNREACHABLE)


def test_a_busy_id_without_voicemail_stays_busy() -> None:
    desk = replace(forwarding(DESK, {BUSY: VOICEMAIL}), max_calls=1)
    busy = AssumedStanding(in_progress={LimitKey(LimitKind.DEVICE, "desk"): 1})
    decision = decide(inside("201", APP), office(desk), busy)
    assert cause(decision) == (486, RefusalCause.BUSY)


# Busy and unreachable, known before anything rings


@pytest.mark.parametrize("attempt", [outside(DESK.number), inside("201", APP)])
def test_a_busy_or_unreachable_device_forwards_at_once(attempt: Attempt) -> None:
    desk = replace(forwarding(DESK, {BUSY: "202", UNREACHABLE: MOBILE}), max_calls=1)
    known = office(desk)
    busy = AssumedStanding(in_progress={LimitKey(LimitKind.DEVICE, "desk"): 1})
    decision = decide(attempt, known, busy)
    assert isinstance(decision.outcome, Ring)
    assert decision.outcome.devices == (LOBBY,)
    assert found(decision, Rule.FORWARD) is Finding.BUSY
    away = AssumedStanding(unregistered={"desk"})
    decision = decide(attempt, known, away)
    assert isinstance(decision.outcome, Out)
    assert found(decision, Rule.FORWARD) is Finding.UNREACHABLE


def test_a_full_contract_does_not_forward_a_busy_extension() -> None:
    desk = replace(forwarding(DESK, {UNREACHABLE: MOBILE}), max_calls=1)
    standing = AssumedStanding(
        unregistered={"desk"}, in_progress={LimitKey(LimitKind.CONTRACT, "c1"): 1}
    )
    decision = decide(inside("201", APP), office(desk, max_calls=1), standing)
    assert cause(decision) == (486, RefusalCause.CONTRACT_FULL)


def test_forwards_of_other_conditions_do_not_count() -> None:
    known = office(forwarding(DESK, {BUSY: "202"}))
    away = AssumedStanding(unregistered={"desk"})
    assert cause(decide(inside("201", APP), known, away)) == (480, RefusalCause.UNREACHABLE)
    assert cause(decide(outside(DESK.number), known, away)) == (480, RefusalCause.UNREACHABLE)


# While it rings


@pytest.mark.parametrize("attempt", [outside(DESK.number), inside("201", APP)])
def test_a_ring_knows_where_the_call_goes_next(attempt: Attempt) -> None:
    targets = {NO_ANSWER: MOBILE, BUSY: "202", UNREACHABLE: SHARED}
    known = office(forwarding(DESK, targets, no_answer_delay=12.0))
    ring = decide(attempt, known).outcome
    assert isinstance(ring, Ring)
    assert (ring.patience, ring.then) == (12.0, None)
    assert ring.when_unanswered is not None
    assert (ring.when_unanswered.target, ring.when_unanswered.device.username) == (MOBILE, "desk")
    assert after(ring, 486) == after(ring, 600) == ring.when_busy
    assert after(ring, 408) == after(ring, 480) == ring.when_unreachable
    assert after(ring, 603) is None


@pytest.mark.parametrize(
    ("delay", "patience", "forwards"), [(20.0, 20.0, True), (10.0, 10.0, True), (21.0, 20.0, False)]
)
def test_voicemail_and_a_forward_wait_side_by_side_and_the_sooner_has_the_call(
    delay: float,
    patience: float,
    forwards: bool,  # noqa: FBT001 - a row of the table
) -> None:
    desk = forwarding(DESK, {NO_ANSWER: MOBILE}, no_answer_delay=delay)
    known = office(desk, lines=(MAIN, replace(DIRECT, voicemail_delay=20.0)))
    ring = decide(outside(DESK.number), known).outcome
    assert isinstance(ring, Ring)
    assert ring.patience == patience
    assert (ring.when_unanswered is not None) == forwards
    assert (ring.then is Service.VOICEMAIL) == (not forwards)


def test_an_unanswered_call_is_resolved_with_what_it_holds_already() -> None:
    desk = replace(forwarding(DESK, {NO_ANSWER: MOBILE}), caller_id=SHARED, max_calls=1)
    known = office(desk, max_calls=1)
    attempt = inside("201", APP)
    ring = decide(attempt, known).outcome
    assert isinstance(ring, Ring)
    assert ring.when_unanswered is not None
    device = Claim(LimitKey(LimitKind.DEVICE, "desk"), 1)
    assert device in ring.claims
    assert device not in ring.when_unanswered.claims
    held = AssumedStanding(in_progress={claim.key: 1 for claim in ring.claims})
    decision = resolve(attempt, ring.when_unanswered, known, held)
    out = decision.outcome
    assert isinstance(out, Out)
    assert found(decision, Rule.FORWARD) is Finding.NO_ANSWER
    assert out.caller.number == SHARED
    assert set(ring.when_unanswered.claims) < set(out.claims)


def test_an_id_that_has_forwarded_does_not_ring_for_the_same_call_again() -> None:
    known = office(
        forwarding(DESK, {NO_ANSWER: "202"}), forwarding(LOBBY, {NO_ANSWER: DESK.number})
    )
    attempt = outside(DESK.number)
    first = decide(attempt, known).outcome
    assert isinstance(first, Ring)
    assert first.when_unanswered is not None
    second = resolve(attempt, first.when_unanswered, known, AssumedStanding()).outcome
    assert isinstance(second, Ring)
    assert second.when_unanswered is not None
    third = resolve(attempt, second.when_unanswered, known, AssumedStanding())
    assert cause(third) == (482, RefusalCause.FORWARD_LOOP)


def test_after_a_fax_detection_the_voice_part_is_forwarded() -> None:
    line = replace(DIRECT, fax=FaxMode.SHARED)
    known = office(forwarding(DESK, {ALWAYS: MOBILE}), lines=(MAIN, line))
    serve = decide(outside(DESK.number), known).outcome
    assert isinstance(serve, Serve)
    assert (serve.service, serve.diverted_by) == (Service.FAX_DETECTION, ())
    assert isinstance(serve.then, Out)
    assert serve.then.diverted_by[0].device.username == "desk"


# Told


def test_what_may_follow_a_ring_is_told_in_either_language() -> None:
    targets = {NO_ANSWER: MOBILE, BUSY: "202", UNREACHABLE: VOICEMAIL}
    decision = decide(outside(DESK.number), office(forwarding(DESK, targets)))
    assert summary(decision.outcome) == (
        f"ring desk for 20 s, unanswered to {MOBILE}, busy to 202, unreachable to voicemail"
    )
    assert story(document(decision), Language.ENGLISH)[-3:] == [
        "When nobody has answered, the call is forwarded to 09033334444.",
        "If the device is busy, the call is forwarded to 202.",
        "If it cannot be reached, the call is forwarded to voicemail.",
    ]
    assert story(document(decision), Language.JAPANESE)[-1] == (
        "端末につながらなければ、留守番電話 へ転送します。"
    )


# Whatever is set


def _handling(chance: Chance, known: Directory) -> CallHandling:
    extensions = [device.extension for device in known.devices.values()]
    targets = [*known.lines, *extensions, VOICEMAIL, MOBILE, "0120123456"]
    conditions = chance.sample(list(Condition), chance.randint(0, 3))
    return CallHandling(
        {condition: chance.choice(targets) for condition in conditions},
        no_answer_delay=chance.choice([1.0, 20.0]),
        do_not_disturb=chance.happens(0.2),
        call_waiting=chance.happens(0.7),
        rejected=frozenset(chance.sample([STRANGER, *known.lines], 1)),
        rejects_anonymous=chance.happens(0.2),
    )


def handled(seed: int) -> Scene:
    """Draw a scene in which IDs have set something."""
    drawn = scene(seed)
    chance = Chance("handling", seed)
    customers = [
        replace(
            each,
            devices=tuple(
                replace(device, handling=_handling(chance, drawn.known)) for device in each.devices
            ),
        )
        for each in drawn.known.customers.values()
    ]
    known = Directory.build(customers, drawn.known.trunks)
    attempts = tuple(
        inside(each.called, known.devices[each.origin.username], withhold=each.withhold)
        if isinstance(each.origin, Device)
        else each
        for each in drawn.attempts
    )
    return replace(drawn, known=known, attempts=attempts)


def walked(drawn: Scene, attempt: Attempt) -> Iterator[Ring | Out]:
    """Yield every ring and call out that a call may come to, unanswered and busy throughout."""
    waiting = [decide(attempt, drawn.known, drawn.standing).outcome]
    while waiting:
        outcome = waiting.pop()
        if isinstance(outcome, Serve) and outcome.then is not None:
            waiting.append(outcome.then)
        if isinstance(outcome, Ring | Out):
            yield outcome
        if isinstance(outcome, Ring):
            nexts = (outcome.when_unanswered, outcome.when_busy, outcome.when_unreachable)
            waiting += [
                resolve(attempt, each, drawn.known, drawn.standing).outcome
                for each in nexts
                if each is not None
            ]


@given(st.integers(0, 10**9).map(handled))
def test_every_call_comes_to_an_end_and_nobody_has_part_in_it_twice(drawn: Scene) -> None:
    for attempt in drawn.attempts:
        own = {attempt.origin.username} if isinstance(attempt.origin, Device) else set()
        for end in walked(drawn, attempt):
            parties = {each.device.username for each in end.diverted_by}
            assert len(parties) == len(end.diverted_by) <= MAX_FORWARDS
            rung = [*end.devices, *end.late] if isinstance(end, Ring) else []
            assert not {each.username for each in rung} & (parties | own)
            assert not any(each.handling.do_not_disturb for each in rung)


@given(st.integers(0, 10**9).map(handled))
def test_a_forward_calls_nothing_that_its_id_may_not(drawn: Scene) -> None:
    for attempt in drawn.attempts:
        for end in walked(drawn, attempt):
            if isinstance(end, Out) and end.diverted_by:
                payer = end.payer(attempt.origin)
                assert isinstance(payer, Device)
                assert not end.emergency
                assert end.number.kind not in payer.barred
                assert payer.username not in drawn.standing.blocks


def test_the_neighbour_is_reached_like_anybody() -> None:
    ring = decide(outside(DESK.number), always(CAROL.number)).outcome
    assert isinstance(ring, Ring)
    assert ring.devices == NEIGHBOUR.devices
    assert ring.when_busy is None


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("202", None),
        (MOBILE, None),
        (SHARED, None),
        (VOICEMAIL, None),
        ("110", RefusalCause.BARRED),
        ("01012025550123", RefusalCause.BARRED),
        ("201", RefusalCause.OWN_NUMBER),
        (DESK.number, RefusalCause.OWN_NUMBER),
        ("0312", RefusalCause.INVALID_NUMBER),
        ("299", RefusalCause.UNKNOWN_NUMBER),
    ],
)
def test_what_a_phone_dials_as_a_target_is_judged_at_once(
    target: str, fault: RefusalCause | None
) -> None:
    assert target_fault(DESK, target, directory(), NOW) is fault
