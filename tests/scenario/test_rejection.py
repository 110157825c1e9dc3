"""Calls that are turned away, each with its status, its record and its line in the log."""

from dataclasses import replace
from math import inf

import pytest

from routing.line import FaxMode
from switch.effect import Level
from tests.support.manner import NEVER_ANSWERS, Manner
from tests.support.office import (
    HEAD,
    HEAD_DIALLED,
    directory_of,
    office,
    office_world,
    shared,
    small_office,
    staff,
)
from tests.support.switch import WALL_OFFSET, World

DESK = ("desk",)


def refused(world: World) -> tuple[str, str]:
    """Return the reason in the log and the cause in the record."""
    world.run(2)
    (line,) = world.switch.logged("call_refused")
    assert line.level is Level.INFO
    return str(line.fields["reason"]), world.switch.cdrs[0].cause


def test_a_caller_on_the_contracts_list_is_declined() -> None:
    customer = replace(small_office(*DESK), rejected=frozenset({"+819012345678"}))
    world = office_world(customer, *DESK)
    call = world.carrier_1.call_in(HEAD_DIALLED, caller="09012345678")
    assert refused(world) == ("rejected", "declined")
    assert (call.final, world.phones["desk"].calls) == (603, [])
    assert world.switch.cdrs[0].contract == "office"
    world.expect_clean()


def test_a_caller_who_is_not_shown_is_turned_away_where_the_contract_wants_it() -> None:
    world = office_world(replace(small_office(*DESK), rejects_anonymous=True), *DESK)
    call = world.carrier_1.call_in(HEAD_DIALLED, fields=(("Privacy", "id"),))
    assert refused(world)[0] == "anonymous"
    assert call.final == 433
    world.expect_clean()


def test_a_number_that_nobody_has_is_not_found() -> None:
    world = office_world(small_office(*DESK), *DESK)
    call = world.carrier_1.call_in("0398769999")
    assert refused(world) == ("unknown_number", "not_found")
    assert call.final == 404
    world.expect_clean()


@pytest.mark.parametrize("since", [inf, WALL_OFFSET + 1000])
def test_a_number_whose_port_in_is_not_due_is_not_found_with_its_own_cause(since: float) -> None:
    line = replace(shared(HEAD, "desk"), in_service_from=since)
    world = office_world(office(line, devices=[staff("desk")]), *DESK)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    assert refused(world)[0] == "not_in_service"
    assert call.final == 404
    world.expect_clean()


def test_a_number_is_in_service_from_the_second_of_its_date() -> None:
    line = replace(shared(HEAD, "desk"), in_service_from=WALL_OFFSET + 60)
    world = office_world(office(line, devices=[staff("desk")]), *DESK)
    world.run(60)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_suspended_contract_gets_no_call_and_calls_nobody_but_110() -> None:
    world = office_world(replace(small_office(*DESK), is_suspended=True), *DESK)
    inbound = world.carrier_1.call_in(HEAD_DIALLED)
    out, urgent = world.phones["desk"].call("0398761234"), world.phones["desk"].call("110")
    world.run(4)
    assert (inbound.final, out.final, urgent.final) == (480, 403, 200)
    urgent.hang_up()
    world.expect_clean()


@pytest.mark.parametrize(
    ("called", "status", "reason"),
    [
        ("01015551234", 403, "barred"),
        ("0990123456", 403, "barred"),
        ("0398", 484, "invalid_number"),
        ("299", 404, "unknown_number"),
        ("201", 486, "own_number"),
    ],
)
def test_what_a_device_may_not_call_is_refused(called: str, status: int, reason: str) -> None:
    world = office_world(small_office(*DESK), *DESK)
    call = world.phones["desk"].call(called)
    assert refused(world)[0] == reason
    assert call.final == status
    assert world.carrier_1.calls == []
    world.expect_clean()


def test_a_caller_is_told_in_words_what_helps_and_no_attacker() -> None:
    world = office_world(small_office(*DESK), *DESK)
    broken, barred = world.phones["desk"].call("0398"), world.phones["desk"].call("01015551234")
    world.run(2)
    assert broken.final_response is not None
    assert barred.final_response is not None
    warning = broken.final_response.first("warning") or ""
    assert warning.startswith('399 example.test "')
    assert barred.final_response.first("warning") is None
    world.expect_clean()


def test_voicemail_is_asked_for_when_nobody_answers_within_its_delay() -> None:
    line = shared(HEAD, "desk", voicemail_delay=15)
    world = office_world(office(line, devices=[staff("desk")]), *DESK)
    world.phones["desk"].manner = NEVER_ANSWERS
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(14)
    assert call.final is None
    world.run(2)
    assert call.final == 480
    assert world.switch.logged("service_absent")[0].fields["service"] == "voicemail"
    world.expect_clean()


@pytest.mark.parametrize("status", [486, 603])
def test_voicemail_is_asked_for_when_every_phone_refuses(status: int) -> None:
    line = shared(HEAD, "desk", voicemail_delay=15)
    world = office_world(office(line, devices=[staff("desk")]), *DESK)
    world.phones["desk"].manner = Manner(answer_after=1.0, answer_status=status)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert call.final == status
    assert world.switch.logged("service_absent")[0].fields["service"] == "voicemail"
    world.expect_clean()


def test_voicemail_is_asked_for_at_once_when_nobody_is_registered() -> None:
    line = shared(HEAD, "desk", voicemail_delay=15)
    world = office_world(office(line, devices=[staff("desk")]))
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert call.final == 480
    assert world.switch.logged("service_absent")[0].fields["service"] == "voicemail"
    world.expect_clean()


def test_fax_is_asked_for_before_anybody_rings() -> None:
    line = replace(shared(HEAD, "desk"), fax=FaxMode.ONLY)
    world = office_world(office(line, devices=[staff("desk")]), *DESK)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert (call.final, world.phones["desk"].calls) == (480, [])
    assert world.switch.logged("service_absent")[0].fields["service"] == "fax"
    world.expect_clean()


def test_a_number_that_is_shared_with_fax_rings_when_nothing_can_listen_for_one() -> None:
    line = replace(shared(HEAD, "desk"), fax=FaxMode.SHARED)
    world = office_world(office(line, devices=[staff("desk")]), *DESK)
    call = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    assert call.is_established
    assert world.switch.logged("service_absent")[0].fields["service"] == "fax_detection"
    call.hang_up()
    world.expect_clean()


def test_a_full_number_does_not_ask_for_its_fax() -> None:
    line = replace(shared(HEAD, "desk"), fax=FaxMode.ONLY)
    world = office_world(office(shared(HEAD, "desk"), devices=[staff("desk")]), *DESK)
    first = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(4)
    world.switch.replace_directory(directory_of(office(line, devices=[staff("desk")])))
    second = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert second.final == 486
    assert world.switch.logged("service_absent") == []
    first.hang_up()
    world.expect_clean()
