"""Who is tried when, and what the hunt makes of what they say."""

import pytest

from switch.b2bua.call import State
from switch.b2bua.event import Cause
from switch.b2bua.hunt import SILENCE
from switch.sip.flow import Address, Flow
from tests.support.call_bench import CallBench
from tests.support.exchange import UDP
from tests.support.leg_bench import ALLOW, FAR, URI

ELSEWHERE = Flow(UDP.transport, UDP.local, Address("192.0.2.77", 5060))


def test_the_next_group_is_tried_when_nobody_in_the_first_is_there() -> None:
    bench = CallBench()
    bench.call.hunt([(0,), (1,)], 60.0)
    (first,) = bench.requests()
    bench.as_callee()
    bench.answer(first, 503)
    assert [each.method for each in bench.requests()] == ["ACK", "INVITE"]
    bench.call.release(Cause.OPERATOR)
    bench.as_callee(1)
    bench.expect_clean()


def test_a_group_out_of_reach_is_passed_over_and_none_left_is_no_answer() -> None:
    bench = CallBench()
    bench.unreachable = {0, 1}
    assert bench.hunt((0,), (1,)) == []
    assert bench.call.state is State.ENDED
    assert bench.call.record.status == 480
    bench.expect_clean()


def test_a_call_without_any_group_ends_at_once() -> None:
    bench = CallBench()
    bench.call.hunt([()], 60.0)
    assert bench.statuses() == [480]
    bench.expect_clean()


def test_a_silent_device_lets_the_next_stage_ring_and_may_still_answer() -> None:
    bench = CallBench()
    bench.call.hunt([(0,), (1,)], 60.0, rings=True)
    (first,) = bench.requests()
    bench.wait(SILENCE + 0.1)
    asked = [each for each in bench.requests() if each.call_id != first.call_id]
    assert [each.method for each in asked] == ["INVITE"]
    assert bench.stories.count("leg_silent") == 1
    bench.as_callee()
    bench.answer(first, 200, ALLOW, body=FAR)
    assert bench.call.far is bench.call.branches[0].leg
    bench.as_caller()
    bench.ask("ACK", cseq=1)
    bench.ask("BYE")
    bench.expect_clean()


@pytest.mark.parametrize("status", [404, 486])
def test_an_urgent_call_is_tried_elsewhere_whatever_a_carrier_says(status: int) -> None:
    bench = CallBench()
    bench.call.hunt([(0,), (1,)], 60.0, urgent=True)
    (first,) = bench.requests()
    bench.as_callee()
    bench.answer(first, status)
    assert [each.method for each in bench.requests()] == ["ACK", "INVITE"]
    bench.call.release(Cause.OPERATOR)
    bench.expect_clean()


def test_a_device_that_comes_joins_once_and_moves_its_place_with_its_address() -> None:
    bench = CallBench()
    bench.call.hunt([(0,)], 60.0, rings=True)
    bench.requests()
    bench.call.join(0, UDP, URI)
    assert bench.requests() == []
    bench.call.join(0, ELSEWHERE, URI)
    assert [each.method for each in bench.requests()] == ["INVITE"]
    assert bench.left == ["b1"]
    assert [each.is_over for each in bench.call.branches] == [True, False]
    bench.call.release(Cause.OPERATOR)
    bench.expect_clean()
