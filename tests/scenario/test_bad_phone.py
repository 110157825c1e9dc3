"""Phones that send what they should not: each gets its status, and the call stands."""

import pytest

from tests.support.manner import Habits, Manner
from tests.support.switch import World

MANY_STREAMS = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n"
    + b"m=audio 4000 RTP/AVP 0\r\n" * 20
)
TWO_STREAMS = (
    b"v=0\r\no=- 1 2 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/AVP 96\r\n"
)
TEXT = (("Content-Type", "text/plain"),)
NONSENSE = b"nothing that describes media\r\n"


@pytest.mark.parametrize("body", [MANY_STREAMS, NONSENSE])
def test_an_offer_that_cannot_be_used_is_refused(body: bytes) -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102", body=body)
    world.run(5)
    assert call.final in {400, 488}
    assert world.bob.calls == []
    world.expect_clean()


def test_an_invite_with_another_body_is_refused_with_415() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102", described=False, body=b"hello", fields=TEXT)
    world.run(5)
    assert call.final == 415
    assert world.bob.calls == []


@pytest.mark.parametrize("body", [b"", NONSENSE, MANY_STREAMS])
def test_a_phone_that_answers_without_a_usable_description_ends_the_call(body: bytes) -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(answer_body=body)
    call = world.alice.call("102")
    world.run(8)
    assert call.final is not None
    assert not call.is_established
    assert not world.bob.calls[0].is_established
    world.expect_clean()


@pytest.mark.parametrize("body", [MANY_STREAMS, NONSENSE])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_change_that_cannot_be_used_leaves_the_call_as_it_was(method: str, body: bytes) -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    statuses = call.ask(method, body=body)
    world.run(2)
    assert statuses in ([400], [488])
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_change_with_another_body_is_refused_with_415(method: str) -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    statuses = call.ask(method, body=b"hello", fields=TEXT)
    world.run(2)
    assert statuses == [415]
    call.hang_up()
    world.expect_clean()


def test_a_second_stream_without_ports_is_refused_and_the_first_goes_on() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.switch.media.capacity = 2
    statuses = call.ask("INVITE", body=TWO_STREAMS)
    world.run(2)
    assert statuses == [500]
    assert world.talks(call, world.bob.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_the_methods_of_a_dialog_are_answered_inside_it() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    assert call.ask("OPTIONS") == callee.ask("OPTIONS") == []
    answers = [call.ask("OPTIONS"), call.ask("PRACK"), callee.ask("PRACK"), call.ask("DANCE")]
    world.run(2)
    assert answers == [[200], [481], [481], [501]] or answers[3] in ([405], [501])
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("method", ["BYE", "PRACK", "UPDATE", "INFO"])
def test_a_method_of_dialogs_outside_of_one_gets_481(method: str) -> None:
    world = World()
    statuses = world.alice.ask(method)
    world.run(2)
    assert statuses == [481]
    assert world.switch.leftovers() == {}


@pytest.mark.parametrize("method", ["DANCE", "PUBLISH", "MESSAGE"])
def test_a_method_that_is_not_served_is_refused(method: str) -> None:
    world = World()
    statuses = world.alice.ask(method)
    world.run(2)
    assert statuses[0] in {405, 501}


def test_a_scanner_is_not_answered() -> None:
    world = World()
    statuses = world.alice.ask("OPTIONS", fields=(("User-Agent", "friendly-scanner"),))
    world.run(40)
    assert statuses == []


def test_a_source_that_asks_too_much_is_refused_and_then_served_again() -> None:
    world = World()
    answers = [world.alice.ask("OPTIONS") for _ in range(200)]
    world.run(0.1)
    assert 0 < answers.count([200]) < 100
    world.run(60)
    later = world.alice.ask("OPTIONS")
    world.run(1)
    assert later == [200]


def test_a_cancel_of_nothing_gets_481() -> None:
    world = World()
    statuses = world.alice.ask("CANCEL")
    world.run(2)
    assert statuses == [481]


def test_a_bye_inside_the_early_dialog_ends_the_call() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(answer_after=None)
    call = world.alice.call("102")
    world.run(1)
    call.dialog = next(iter(call.early.values()))
    statuses = call.ask("BYE")
    world.run(5)
    assert statuses == [200]
    assert call.final == 487
    world.expect_clean()


@pytest.mark.parametrize(("rack", "status"), [("nonsense", 400), ("1 1 INVITE", 481)])
def test_a_prack_of_nothing_known_is_refused(rack: str, status: int) -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(supports_100rel=True)
    world.bob.manner = Manner(ring_status=183, ring_described=True, reliable=True)
    call = world.alice.call("102")
    world.run(1)
    call.dialog = next(iter(call.early.values()))
    statuses = call.ask("PRACK", fields=(("RAck", rack),))
    world.run(5)
    assert statuses == [status]
    assert call.is_established
    call.hang_up()
    world.expect_clean()


def test_a_reliable_response_that_is_never_acknowledged_ends_the_call() -> None:
    world = World()
    world.register("alice", "bob")
    world.alice.habits = Habits(supports_100rel=True)
    world.bob.manner = Manner(ring_status=183, ring_described=True, reliable=True, answer_after=60)
    world.network.lose("alice", "switch", "PRACK", times=999)
    call = world.alice.call("102")
    world.run(50)
    assert call.final is not None
    assert call.final >= 500
    world.expect_clean()


def test_a_phone_whose_minimum_interval_is_larger_is_asked_again_and_then_left() -> None:
    world = World()
    world.register("alice", "bob")
    minimum = (("Min-SE", "3600"),)
    world.bob.manner = Manner(answer_after=0.0, answer_status=422, answer_fields=minimum)
    call = world.alice.call("102")
    world.run(5)
    assert 1 < len(world.bob.calls) < 8
    assert call.final is not None
    assert call.final >= 400
    world.expect_clean()


def test_a_phone_that_lost_its_call_ends_it_at_the_first_request() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.bob.calls.clear()
    call.press("1")
    world.run(5)
    assert call.ended_by == "them"
    assert world.switch.cdrs[0].cause == "dialog_lost"
    world.expect_clean()


def test_a_change_that_is_never_answered_is_refused_to_who_asked() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    world.bob.disappear()
    call.recode()
    world.run(40)
    assert call.reinvite_statuses[0] in {408, 481, 500, 504}
    call.hang_up()
    world.settle()
    assert world.switch.leftovers() == {}


def test_a_refusal_may_tell_when_to_try_again() -> None:
    world = World()
    world.register("alice", "bob")
    later = (("Retry-After", "30"),)
    world.bob.manner = Manner(answer_after=0.0, answer_status=480, answer_fields=later)
    call = world.alice.call("102")
    world.run(3)
    assert call.final == 480
    world.expect_clean()
