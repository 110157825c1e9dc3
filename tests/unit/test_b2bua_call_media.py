"""The media of one call: what waits for ports, and when all are back."""

from random import Random

from media.plane import Allocate, Allocated, Connect, Release
from switch.b2bua.call_media import CallMedia
from switch.b2bua.media_role import MediaSide
from switch.sip.stack import Stack
from switch.sip.timer import TimerValues
from switch.sip.token import SeededTokens
from tests.support.leg_bench import FAR, PORTS

ONE = PORTS[:1]


class Bench:
    """The media of a call with two legs."""

    def __init__(self) -> None:
        tokens = SeededTokens(Random(7))  # noqa: S311 - the same run every time
        self.stack = Stack([], tokens, TimerValues())
        self.media = CallMedia(self.stack)
        self.a, self.b = (
            MediaSide(endpoint=f"call/{leg}", call_id="call", source="192.0.2.7", session_id=1)
            for leg in "ab"
        )
        self.done: list[str] = []

    def wait_for(self, *sides: MediaSide, name: str = "invite") -> None:
        """Ask for ports and note when they are there."""
        self.media.when_ready(FAR, sides, lambda: self.done.append(name))


def test_what_needs_ports_waits_until_all_are_there() -> None:
    bench = Bench()
    bench.wait_for(bench.a, bench.b)
    assert [type(each) for each in bench.stack.out] == [Allocate, Allocate]
    bench.media.take(Allocated("call/a", ONE))
    assert bench.done == []
    bench.media.take(Allocated("call/b", ONE))
    assert bench.done == ["invite"]
    bench.wait_for(bench.a, bench.b, name="answer")
    assert bench.done == ["invite", "answer"]


def test_ports_of_nobody_are_not_taken() -> None:
    bench = Bench()
    bench.media.take(Allocated("call/z", ONE))
    bench.media.lose("call/z")
    assert bench.media.is_released


def test_what_waits_for_ports_that_cannot_be_had_is_not_done() -> None:
    bench = Bench()
    bench.wait_for(bench.a, name="lost")
    bench.wait_for(bench.b, name="kept")
    bench.media.lose("call/a")
    bench.media.take(Allocated("call/b", ONE))
    assert bench.done == ["kept"]


def test_more_ports_that_cannot_be_had_leave_those_that_are_there() -> None:
    bench = Bench()
    bench.wait_for(bench.a)
    bench.media.take(Allocated("call/a", ONE))
    bench.a.allocate(2)
    bench.media.lose("call/a")
    assert (bench.a.requested, bench.media.is_released) == (1, False)


def test_what_waits_is_forgotten_when_the_call_ends() -> None:
    bench = Bench()
    bench.wait_for(bench.a)
    bench.media.stop()
    bench.media.take(Allocated("call/a", ONE))
    assert bench.done == []


def test_every_endpoint_comes_back() -> None:
    bench = Bench()
    bench.wait_for(bench.a, bench.b)
    bench.media.join(bench.a, bench.b)
    bench.media.release(bench.a)
    bench.media.release(bench.b)
    assert bench.stack.out[2:] == [
        Connect("call/a", "call/b"),
        Release("call/a"),
        Release("call/b"),
    ]
    bench.media.returned("call/a")
    assert not bench.media.is_released
    bench.media.returned("call/b")
    assert bench.media.is_released


def test_a_leg_whose_media_was_given_back_needs_none() -> None:
    bench = Bench()
    bench.a.is_released = True
    bench.wait_for(bench.a)
    assert (bench.done, bench.media.is_released) == (["invite"], True)
