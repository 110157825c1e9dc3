"""A leg that stands and is led on: what it hears meanwhile, and what it is told."""

from media.plane import Music, Play, Source, Tone, ToneName
from switch.b2bua.event import Answer, Cause, Fail, Ring
from switch.b2bua.seeker import StandingSeeker, open_offer
from tests.support.description import Description
from tests.support.leg_bench import ALLOW, FAR, Originating


class Led:
    """A leg that is led on, and what comes of it."""

    def __init__(self, answer: bytes = FAR) -> None:
        self.bench = Originating()
        self.bench.answer(self.bench.call(), 200, ALLOW, body=answer)
        self.outcomes: list[Answer | Fail] = []
        self.seeker = StandingSeeker(
            self.bench.leg, (Music(),), self.outcomes.append, self.outcomes.append
        )

    def heard(self) -> list[tuple[Source, ...]]:
        """Return what the leg has been played."""
        return [each.sources for each in self.bench.stack.out if isinstance(each, Play)]


def test_a_leg_that_is_led_on_hears_music_and_from_the_first_ringing_on_the_ringback_tone() -> None:
    led = Led()
    assert led.heard() == [(Music(),)]
    led.seeker.ring(Ring(180, b""))
    led.seeker.ring(Ring(183, FAR))
    assert led.heard() == [(Music(),), (Tone(ToneName.RINGBACK),)]
    assert led.seeker.side is led.bench.leg.side


def test_a_leg_that_is_led_on_learns_who_has_answered_or_that_nobody_will() -> None:
    led = Led()
    answer, failure = Answer(FAR), Fail(486, "Busy Here", Cause.BUSY)
    led.seeker.answer(answer)
    led.seeker.fail(failure)
    assert led.outcomes == [answer, failure]


def test_a_leg_that_was_held_is_offered_on_as_one_that_talks() -> None:
    held = Description("192.0.2.7", 6000, direction="recvonly").octets()
    led = Led(held)
    assert b"a=recvonly" not in led.seeker.offer
    assert b"m=audio 6000 RTP/AVP 0 8 101" in led.seeker.offer


def test_a_leg_that_has_agreed_to_nothing_has_nothing_to_offer() -> None:
    bench = Originating()
    bench.call()
    assert open_offer(bench.leg) == b""
