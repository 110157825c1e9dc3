"""Reaching an ID: callers it does not want, do-not-disturb, call waiting."""

from dataclasses import replace

import pytest

from routing.decision import Attempt, RefusalCause, Refuse, Ring, Serve, Service
from routing.device import Device
from routing.directory import Directory
from routing.handling import CallHandling
from routing.limit import Claim, LimitKey, LimitKind
from routing.line import Line, LineKind, Ringer
from routing.standing import AssumedStanding
from routing.trace import Finding, Rule
from tests.support.routed import (
    APP,
    CAROL,
    DESK,
    LOBBY,
    MAIN,
    OFFICE,
    STRANGER,
    decide,
    directory,
    found,
    inside,
    outside,
    rules,
)

DIRECT = Line(DESK.number, "c1", LineKind.DIRECT, (Ringer("desk"),))
KEY = LimitKey(LimitKind.DEVICE, "desk")
QUIET = CallHandling(do_not_disturb=True)
TO_DIRECT, TO_EXTENSION = outside(DESK.number), inside("201", APP)


def office(
    handling: CallHandling, device: Device = DESK, lines: tuple[Line, ...] = ()
) -> Directory:
    """Make the directory in which one ID of the office has set something."""
    devices = tuple(
        replace(each, handling=handling) if each.username == device.username else each
        for each in OFFICE.devices
    )
    return directory(replace(OFFICE, devices=devices, lines=(MAIN, *lines)))


def cause(attempt: Attempt, known: Directory) -> tuple[int, RefusalCause] | None:
    """Return how a call is refused; None when it rings."""
    outcome = decide(attempt, known).outcome
    if isinstance(outcome, Refuse):
        return outcome.status, outcome.cause
    assert isinstance(outcome, Ring)
    return None


# Who is not wanted


@pytest.mark.parametrize(
    ("attempt", "number"),
    [
        (TO_DIRECT, STRANGER),
        (inside(DESK.number, CAROL), CAROL.number),
        (inside(DESK.number, APP), APP.number),
        (TO_EXTENSION, APP.number),
    ],
)
def test_a_listed_caller_is_rejected_at_the_number_and_the_extension(
    attempt: Attempt, number: str
) -> None:
    known = office(CallHandling(rejected=frozenset({number})))
    assert cause(attempt, known) == (603, RefusalCause.REJECTED)
    assert cause(attempt, office(CallHandling(rejected=frozenset({"+81399999999"})))) is None


@pytest.mark.parametrize("called", [DESK.number, "201"])
def test_an_anonymous_caller_is_rejected_where_the_id_says_so(called: str) -> None:
    known = office(CallHandling(rejects_anonymous=True))
    assert cause(inside(called, APP, withhold=True), known) == (433, RefusalCause.ANONYMOUS)
    assert cause(inside(called, APP), known) is None


def test_who_is_not_wanted_by_one_id_still_reaches_the_shared_number() -> None:
    known = office(CallHandling(rejected=frozenset({STRANGER}), rejects_anonymous=True))
    ring = decide(outside(withhold=True), known).outcome
    assert isinstance(ring, Ring)
    assert "desk" in [device.username for device in ring.devices]


def test_a_rejected_caller_does_not_come_in_by_a_forward() -> None:
    known = office(CallHandling(rejected=frozenset({STRANGER})), LOBBY)
    devices = tuple(
        replace(each, handling=CallHandling({"always": "202"})) if each is DESK else each  # type: ignore[dict-item]
        for each in known.customers["c1"].devices
    )
    known = directory(replace(known.customers["c1"], devices=devices))
    assert cause(TO_DIRECT, known) == (603, RefusalCause.REJECTED)


# Do not disturb


@pytest.mark.parametrize("attempt", [TO_DIRECT, TO_EXTENSION])
def test_who_is_not_to_be_disturbed_is_unavailable(attempt: Attempt) -> None:
    decision = decide(attempt, office(QUIET))
    assert isinstance(decision.outcome, Refuse)
    assert (decision.outcome.status, decision.outcome.cause) == (480, RefusalCause.DO_NOT_DISTURB)
    assert found(decision, Rule.DO_NOT_DISTURB) is Finding.YES


@pytest.mark.parametrize("attempt", [TO_DIRECT, TO_EXTENSION])
def test_voicemail_answers_at_once_for_who_is_not_to_be_disturbed(attempt: Attempt) -> None:
    line = replace(DIRECT, voicemail_delay=20.0)
    serve = decide(attempt, office(QUIET, lines=(line,))).outcome
    assert isinstance(serve, Serve)
    assert (serve.service, serve.line, serve.diverted_by) == (Service.VOICEMAIL, line, ())


def test_who_is_not_to_be_disturbed_does_not_ring_for_the_shared_number() -> None:
    decision = decide(outside(), office(QUIET))
    ring = decision.outcome
    assert isinstance(ring, Ring)
    assert "desk" not in [device.username for device in (*ring.devices, *ring.late)]
    assert found(decision, Rule.DO_NOT_DISTURB) is Finding.SILENT


def test_who_has_set_nothing_leaves_no_step_of_it() -> None:
    weighed = rules(decide(TO_DIRECT)) + rules(decide(TO_EXTENSION)) + rules(decide(outside()))
    assert not {Rule.SCREENING, Rule.FORWARD, Rule.DO_NOT_DISTURB} & set(weighed)


# Call waiting


def test_without_call_waiting_a_second_call_is_busy() -> None:
    known = office(CallHandling(call_waiting=False))
    busy = AssumedStanding(in_progress={KEY: 1})
    for attempt in (TO_DIRECT, TO_EXTENSION):
        outcome = decide(attempt, known, busy).outcome
        assert isinstance(outcome, Refuse)
        assert outcome.cause is RefusalCause.BUSY
        first = decide(attempt, known).outcome
        assert isinstance(first, Ring)
        assert Claim(KEY, 1) in first.claims


def test_without_call_waiting_a_busy_device_is_left_out_of_the_ring() -> None:
    known = office(CallHandling(call_waiting=False))
    ring = decide(outside(), known, AssumedStanding(in_progress={KEY: 1})).outcome
    assert isinstance(ring, Ring)
    assert "desk" not in [device.username for device in ring.devices]


def test_without_call_waiting_the_phone_still_calls_out_beside_its_call() -> None:
    known = office(CallHandling(call_waiting=False))
    desk = known.devices["desk"]
    busy = AssumedStanding(in_progress={KEY: 1})
    assert isinstance(decide(inside("202", desk), known, busy).outcome, Ring)
