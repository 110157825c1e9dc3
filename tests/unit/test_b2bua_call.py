"""One call on a real SIP stack: who is tried, who wins, what crosses, what is left at the end."""

import pytest

from media.plane import (
    Allocate,
    Allocated,
    AllocationFailed,
    Latched,
    OneWay,
    Restored,
)
from switch.b2bua.call import MEDIA_PATIENCE, State
from switch.b2bua.event import Cause, Fail
from switch.b2bua.phase import Phase
from switch.sip.message import Field, Request, Response
from tests.support.call_bench import CallBench
from tests.support.exchange import request
from tests.support.leg_bench import (
    ALLOW,
    FAR,
    HELD,
    PORTS,
    RECODED,
    TWO_STREAMS,
)


def test_media_is_asked_for_before_the_offer_goes_out() -> None:
    bench = CallBench()
    bench.gives_media = False
    assert bench.call.state is State.STARTING
    assert bench.hunt() == []
    assert [type(each) for each in bench.stack.out] == [Allocate, Allocate]
    bench.gives_media = True
    (invite,) = bench.requests()
    assert b"m=audio 40000" in invite.body
    assert bench.call.state is State.HUNTING


def test_a_call_is_rung_answered_and_hung_up() -> None:
    bench = CallBench()
    (invite,) = bench.hunt()
    bench.as_callee()
    bench.answer(invite, 180)
    bench.answer(invite, 180)
    assert bench.statuses() == [180, 180]
    bench.answer(invite, 200, body=FAR)
    assert bench.joined() == [("call/a", "call/b1")]
    assert bench.statuses() == [200]
    assert bench.call.state is State.CONNECTED
    bench.as_caller()
    bench.ask("ACK", cseq=1)
    bench.ask("BYE")
    assert bench.last_request("BYE").to_tag == "far0"
    assert bench.call.state is State.ENDED
    assert bench.stories == ["leg_invited", "call_ringing", "call_answered"]
    assert (bench.call.record.released_by, bench.call.record.status) == ("caller", 200)
    bench.expect_clean()


def test_the_first_of_two_phones_wins_and_the_other_is_cancelled() -> None:
    bench = CallBench(2)
    first, second = bench.hunt()
    bench.as_callee(1)
    bench.answer(second, 180)
    bench.as_callee(0)
    bench.answer(first, 180)
    bench.answer(first, 200, body=FAR)
    cancels = [each for each in bench.requests() if each.method == "CANCEL"]
    assert [each.branch for each in cancels] == [second.branch]
    assert "completed elsewhere" in (cancels[0].first("reason") or "")
    assert bench.call.branches[1].record.cause is Cause.ELSEWHERE
    bench.as_callee(1)
    bench.answer(second, 487)
    bench.call.release(Cause.OPERATOR)
    bench.as_caller()
    bench.ask("ACK", cseq=1)
    bench.expect_clean()


def test_a_phone_that_answers_while_it_is_cancelled_is_hung_up() -> None:
    bench = CallBench(2)
    first, second = bench.hunt()
    bench.as_callee(1)
    bench.answer(second, 180)
    bench.as_callee(0)
    bench.answer(first, 200, body=FAR)
    bench.sent()
    bench.as_callee(1)
    bench.answer(second, 200, body=FAR)
    assert [each.method for each in bench.requests()] == ["ACK", "BYE"]
    assert bench.call.winner is bench.call.branches[0]


def test_a_phone_that_was_cancelled_is_heard_no_more() -> None:
    bench = CallBench(2)
    first, second = bench.hunt()
    bench.as_callee(1)
    bench.answer(second, 180)
    bench.as_callee(0)
    bench.answer(first, 200, ALLOW, body=FAR)
    bench.as_caller()
    bench.ask("ACK", cseq=1)
    bench.sent()
    bench.as_callee(1)
    bench.ask("INFO", body=b"Signal=1")
    assert bench.requests() == []


def test_only_one_phone_can_be_heard_before_the_answer() -> None:
    bench = CallBench(2)
    first, second = bench.hunt()
    for number, invite in enumerate((first, second)):
        bench.as_callee(number)
        bench.answer(invite, 183, body=FAR)
    bodies = [bool(each.body) for each in bench.sent() if isinstance(each, Response)]
    assert bodies == [True, False]
    bench.answer(second, 200, body=FAR)
    assert bench.joined() == [("call/a", "call/b1"), ("call/a", "call/b2")]


def test_a_phone_that_failed_after_early_media_leaves_the_ear_to_the_next() -> None:
    bench = CallBench(2)
    first, second = bench.hunt()
    bench.as_callee(0)
    bench.answer(first, 183, body=FAR)
    bench.answer(first, 486)
    bench.as_callee(1)
    bench.answer(second, 183, body=FAR)
    assert bench.joined() == [("call/a", "call/b1"), ("call/a", "call/b2")]


def test_a_phone_that_waits_for_ports_when_another_answers_is_not_invited() -> None:
    bench = CallBench(2)
    bench.gives_media = False
    bench.call.hunt([(0, 1)], 60.0)
    for endpoint in ("call/a", "call/b1"):
        bench.call.hear_media(Allocated(endpoint, PORTS[:1]))
    (invite,) = bench.requests()
    bench.as_callee(0)
    bench.answer(invite, 200, body=FAR)
    bench.call.hear_media(Allocated("call/b2", PORTS[:1]))
    assert [each.method for each in bench.requests()] == ["ACK"]


def test_the_next_group_is_tried_when_a_path_fails() -> None:
    bench = CallBench()
    (first,) = bench.hunt((0,), (1,))
    bench.as_callee(0)
    bench.answer(first, 503, ("Retry-After", "20"))
    second = bench.requests()[-1]
    assert second.method == "INVITE"
    assert bench.call.branches[0].record.retry_after == "20"
    bench.as_callee(1)
    bench.answer(second, 486)
    assert bench.statuses() == [486]
    assert bench.call.record.released_by == "callee"
    bench.expect_clean()


def test_targets_that_cannot_be_reached_are_told_as_480() -> None:
    bench = CallBench(2)
    bench.unreachable = {0, 1}
    bench.hunt()
    assert bench.call.state is State.ENDED
    assert (bench.call.record.status, bench.call.record.released_by) == (480, "switch")
    bench.expect_clean()


def test_a_call_without_targets_is_told_as_480() -> None:
    bench = CallBench()
    bench.call.hunt([], 60.0)
    assert bench.statuses() == [480]


def test_a_call_that_routing_refuses_never_rings() -> None:
    bench = CallBench()
    bench.call.refuse(Fail(404, "Not Found", Cause.NOT_FOUND))
    assert bench.statuses() == [404]
    bench.expect_clean()


def test_a_caller_that_waits_too_long_is_told_480() -> None:
    bench = CallBench()
    (invite,) = bench.hunt(patience=5.0)
    bench.as_callee()
    bench.answer(invite, 180)
    bench.sent()
    bench.wait(6.0)
    sent = bench.sent()
    assert {each.status for each in sent if isinstance(each, Response)} == {480}
    assert "CANCEL" in [each.method for each in sent if isinstance(each, Request)]
    assert bench.call.record.cause is Cause.NO_ANSWER
    bench.answer(invite, 487)
    bench.expect_clean()


def test_a_phone_that_is_never_heard_is_the_switchs_failure() -> None:
    bench = CallBench()
    bench.hunt()
    bench.wait(33)
    assert bench.statuses()[-1] == 480
    assert bench.call.record.released_by == "switch"


@pytest.mark.parametrize("rung", [False, True])
def test_a_caller_that_gives_up_cancels_every_phone(*, rung: bool) -> None:
    bench = CallBench(2)
    first, second = bench.hunt()
    if rung:
        for number, invite in enumerate((first, second)):
            bench.as_callee(number)
            bench.answer(invite, 180)
        bench.sent()
    bench.arrive(request("CANCEL", branch=bench.invite.branch))
    methods = [each.method for each in bench.requests()]
    assert methods == ["CANCEL", "CANCEL"] * rung
    assert (bench.call.record.status, bench.call.record.cause) == (487, Cause.CANCELLED)


@pytest.mark.parametrize("connected", [False, True])
def test_an_operator_may_end_a_call(*, connected: bool) -> None:
    bench = CallBench()
    if connected:
        bench.establish()
    else:
        bench.hunt()
    for _ in range(2):
        bench.call.release(Cause.OPERATOR)
    sent = bench.sent()
    if connected:
        assert [each.method for each in sent if isinstance(each, Request)] == ["BYE", "BYE"]
    else:
        assert [each.status for each in sent if isinstance(each, Response)] == [503]
        assert bench.call.record.status == 503
    assert bench.call.record.cause is Cause.OPERATOR


def test_a_caller_whose_answer_waits_for_its_prack_is_told_480_when_the_phone_hangs_up() -> None:
    bench = CallBench(fields=[("Supported", "100rel")])
    (invite,) = bench.hunt()
    bench.as_callee()
    bench.answer(invite, 183, body=FAR)
    bench.answer(invite, 200, body=FAR)
    bench.sent()
    assert bench.call.a.phase is Phase.EARLY
    bench.ask("BYE")
    assert bench.statuses() == [200, 480]
    assert bench.call.state is State.ENDED


# Media that cannot be had


def test_a_call_without_ports_is_refused_with_503() -> None:
    bench = CallBench()
    bench.gives_media = False
    bench.hunt()
    bench.call.hear_media(AllocationFailed("call/b1", "no free ports"))
    bench.gives_media = True
    assert bench.statuses() == [503]
    assert "media_unavailable" in bench.stories


def test_a_late_offer_that_needs_more_ports_than_there_are_ends_the_call() -> None:
    bench = CallBench(body=b"")
    (invite,) = bench.hunt()
    bench.gives_media = False
    bench.as_callee()
    bench.answer(invite, 200, body=TWO_STREAMS)
    bench.call.hear_media(AllocationFailed("call/a", "no free ports"))
    assert 480 in bench.statuses()
    assert bench.call.record.cause is Cause.NO_MEDIA_PORTS
    assert bench.call.record.released_by == "switch"


def test_a_change_that_needs_more_ports_than_there_are_is_refused_and_the_call_goes_on() -> None:
    bench = CallBench()
    bench.establish()
    bench.gives_media = False
    bench.ask("INVITE", body=TWO_STREAMS)
    bench.call.hear_media(AllocationFailed("call/b1", "no free ports"))
    assert bench.statuses() == [500]
    assert bench.call.state is State.CONNECTED


def test_ports_that_fail_after_the_end_change_nothing() -> None:
    bench = CallBench()
    bench.gives_media = False
    bench.hunt()
    bench.call.release(Cause.SHUTDOWN)
    bench.call.hear_media(AllocationFailed("call/b1", "no free ports"))
    assert bench.call.state is State.ENDED


def test_a_media_plane_that_keeps_the_counters_does_not_keep_the_call() -> None:
    bench = CallBench()
    bench.hunt()
    bench.gives_media = False
    bench.call.release(Cause.OPERATOR)
    assert not bench.is_finished
    bench.wait(MEDIA_PATIENCE)
    assert bench.is_finished


def test_what_the_media_plane_hears_is_part_of_the_story() -> None:
    bench = CallBench()
    silence = OneWay("call/a", "call", 0, "no packet has arrived")
    bench.call.hear_media(silence)
    bench.establish()
    bench.stories.clear()
    bench.call.hear_media(silence)
    bench.call.hear_media(Restored("call/a", "call", 0))
    bench.call.hear_media(Latched("call/a", "call", 0, "192.0.2.7", 6000, signalled=True))
    bench.call.hear_media(Latched("call/a", "call", 0, "198.51.100.9", 6000, signalled=False))
    assert bench.stories == ["media_one_way", "media_restored", "media_latched"]


# What crosses a call that stands


def test_a_change_crosses_the_call_and_its_answer_comes_back() -> None:
    bench = CallBench()
    bench.establish()
    bench.ask("INVITE", body=RECODED)
    change = bench.last_request("INVITE")
    assert b"RTP/AVP 0\r\n" in change.body
    bench.as_callee()
    bench.answer(change, 200, body=FAR)
    assert 200 in bench.statuses()
    assert bench.stories[-1] == "session_answered"


def test_a_late_offer_crosses_the_call_and_its_answer_comes_in_the_ack() -> None:
    bench = CallBench(body=b"")
    (invite,) = bench.hunt()
    bench.as_callee()
    bench.answer(invite, 200, body=FAR)
    (offer,) = [each for each in bench.sent() if isinstance(each, Response)]
    assert offer.body
    bench.as_caller()
    bench.ask("ACK", body=FAR, cseq=1)
    assert bench.last_request("ACK").body


def test_a_digit_crosses_the_call() -> None:
    bench = CallBench()
    bench.establish()
    bench.ask("INFO", ("Content-Type", "application/dtmf-relay"), body=b"Signal=1")
    assert bench.last_request("INFO").body == b"Signal=1"


def withdraw(bench: CallBench) -> tuple[Request, Request]:
    """Let the caller change the session, and cancel it before the called phone has answered."""
    change = bench.ask("INVITE", body=RECODED)
    sent = bench.last_request("INVITE")
    bench.as_callee()
    bench.answer(sent, 100)
    bench.as_caller()
    cancel = Request(
        "CANCEL",
        change.uri,
        [
            (name, value.replace("INVITE", "CANCEL") if name == "CSeq" else value)
            for name, value in change.fields
            if name in {"Via", "From", "To", "Call-ID", "CSeq"}
        ],
        b"",
    )
    bench.arrive(cancel)
    assert bench.requests()[-1].method == "CANCEL"
    bench.as_callee()
    return change, sent


def test_a_change_that_was_withdrawn_in_time_leaves_the_session() -> None:
    bench = CallBench()
    bench.establish()
    _, sent = withdraw(bench)
    bench.answer(sent, 487)
    assert [each.method for each in bench.requests()] == ["ACK"]


def test_a_change_that_was_withdrawn_too_late_is_put_back_once() -> None:
    bench = CallBench()
    bench.establish()
    _, sent = withdraw(bench)
    bench.answer(sent, 200, body=FAR)
    earlier = bench.last_request("INVITE")
    assert b"RTP/AVP 0 8 101\r\n" in earlier.body
    bench.answer(earlier, 200, body=FAR)
    assert [each.method for each in bench.requests()] == ["ACK"]


def test_a_late_offer_that_the_ack_leaves_unanswered_ends_the_call() -> None:
    bench = CallBench(body=b"")
    (invite,) = bench.hunt()
    bench.as_callee()
    bench.answer(invite, 200, ALLOW, body=FAR)
    bench.sent()
    bench.as_caller()
    bench.ask("ACK", cseq=1)
    assert sorted(each.method for each in bench.requests()) == ["ACK", "BYE", "BYE"]
    assert bench.call.record.cause is Cause.INCOMPATIBLE


def test_a_change_before_the_answer_that_could_go_to_several_phones_gets_491() -> None:
    bench = CallBench(2, fields=[("Supported", "100rel")])
    first, _ = bench.hunt()
    bench.as_callee(0)
    bench.answer(first, 183, body=FAR)
    (early,) = [each for each in bench.sent() if isinstance(each, Response)]
    bench.as_caller()
    bench.ask("PRACK", ("RAck", f"{early.first('rseq')} 1 INVITE"))
    bench.sent()
    bench.ask("UPDATE", body=HELD)
    assert bench.statuses() == [491]
    bench.ask("INFO", body=b"Signal=1")
    assert bench.statuses() == [200]


def test_a_change_before_the_answer_goes_to_the_only_phone_and_back() -> None:
    bench = CallBench(fields=[("Supported", "100rel")])
    (invite,) = bench.hunt()
    bench.as_callee()
    bench.answer(invite, 183, ALLOW, ("Require", "100rel"), ("RSeq", "5"), body=FAR)
    (early,) = [each for each in bench.sent() if isinstance(each, Response)]
    bench.as_caller()
    bench.ask("PRACK", ("RAck", f"{early.first('rseq')} 1 INVITE"))
    bench.sent()
    bench.ask("UPDATE", body=HELD)
    update = bench.last_request("UPDATE")
    bench.as_callee()
    bench.answer(update, 200, body=FAR)
    assert bench.statuses() == [200]
    bench.ask("UPDATE", body=HELD)
    assert bench.last_request("UPDATE").to_tag == "a"


def test_a_call_says_who_calls_whom() -> None:
    assert repr(CallBench().call) == "<Call call STARTING 101 -> 102 (0 tried)>"


def test_a_caller_who_cancels_before_its_own_2xx_left_has_not_been_answered() -> None:
    bench = CallBench(fields=[("Supported", "100rel")])
    (invite,) = bench.hunt()
    bench.as_callee()
    bench.answer(invite, 183, body=FAR)
    bench.answer(invite, 200, ALLOW, body=FAR)
    bench.sent()
    bench.call.a.receive_cancel(bench.call.a._key, Request("CANCEL", "sip:102@example.test", []))
    bench.sent()
    record = bench.call.record
    assert (record.answered_at, record.status, record.cause) == (None, 487, Cause.CANCELLED)
    assert bench.call.branches[0].record.answered_at is not None


def test_a_phone_that_rang_and_says_480_did_not_answer() -> None:
    bench = CallBench()
    (invite,) = bench.hunt()
    bench.as_callee()
    bench.answer(invite, 180)
    bench.answer(invite, 480)
    assert bench.call.record.cause is Cause.NO_ANSWER
    assert bench.call.branches[0].record.cause is Cause.NO_ANSWER


def test_a_service_that_takes_an_unanswered_call_ends_the_ringing() -> None:
    bench = CallBench(2)
    bench.is_served = True
    first, _ = bench.hunt(patience=5.0)
    bench.as_callee(0)
    bench.answer(first, 486)
    bench.as_callee(1)
    bench.sent()
    bench.stack.now += 6.0
    bench.stack.expire()
    assert "call_unanswered" in bench.stories
    assert bench.call.state is State.HUNTING
    assert [branch.record.cause for branch in bench.call.branches] == [
        Cause.BUSY, Cause.NO_ANSWER,
    ]  # fmt: skip
    assert bench.left == ["b1", "b2"]


def test_a_refusal_of_our_own_carries_its_fields_to_the_caller() -> None:
    bench = CallBench()
    warning: Field = ("Warning", '399 h "why"')
    bench.call.refuse(Fail(484, "Address Incomplete", Cause.FAILED, fields=(warning,)))
    (refusal,) = bench.sent()
    assert refusal.first("warning") == '399 h "why"'
