"""What one leg hears of the switch itself."""

import pytest

from media.plane import AudioFormat, Music, PlaneCommand, Play, Prompt, Terminate
from switch.b2bua.event import Update
from switch.b2bua.solo import Solo
from switch.sip.message import Response
from tests.support.description import Description
from tests.support.leg_bench import FAR, TWO_STREAMS, Answering, Originating

PCMA = Description("192.0.2.7", 6000, payloads=(8,), version=2).octets()
UNSPOKEN = FAR.replace(b"0 8 101", b"18").replace(b"a=rtpmap:0 PCMU/8000\r\n", b"")
AUDIO = AudioFormat("pcmu", 0, 20)
ENDPOINT = "call/x"


def commands(bench: Originating | Answering) -> list[PlaneCommand]:
    """Return what the switch asked for to be heard by itself."""
    return [each for each in bench.stack.out if isinstance(each, Terminate | Play)]


def established(answer: bytes = FAR) -> Originating:
    """Make a leg that has agreed to a description."""
    bench = Originating()
    bench.answer(bench.call(), 200, body=answer)
    bench.sent()
    bench.told()
    return bench


def test_a_leg_hears_the_switch_in_the_codec_that_it_has_agreed_to() -> None:
    bench = established()
    assert Solo(bench.leg, (Music(),)).begin()
    assert commands(bench) == [
        Terminate(ENDPOINT, AUDIO, 0, 101, in_band=False), Play(ENDPOINT, (Music(),), None)
    ]  # fmt: skip


def test_a_prompt_is_repeated_as_often_as_is_asked_and_digits_may_be_in_band() -> None:
    bench = established(PCMA)
    assert Solo(bench.leg, (Prompt("busy"),), repeat=1).begin()
    assert commands(bench) == [
        Terminate(ENDPOINT, AudioFormat("pcma", 8, 20), 0, None, in_band=True),
        Play(ENDPOINT, (Prompt("busy"),), 1),
    ]


@pytest.mark.parametrize("is_offered", [True, False])
def test_a_leg_that_has_agreed_to_nothing_hears_nothing(*, is_offered: bool) -> None:
    bench = Originating() if is_offered else Answering(body=b"")
    if isinstance(bench, Originating):
        bench.call()
    assert not Solo(bench.leg, (Music(),)).begin()
    assert commands(bench) == []


def test_a_leg_that_speaks_no_codec_of_the_switch_hears_nothing() -> None:
    bench = established(UNSPOKEN)
    assert not Solo(bench.leg, (Music(),)).begin()
    assert commands(bench) == []


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_change_of_the_leg_is_answered_with_what_the_switch_speaks(method: str) -> None:
    bench = established()
    solo = Solo(bench.leg, (Music(),))
    bench.ask(method, body=PCMA)
    (event,) = bench.told()
    assert isinstance(event, Update)
    solo.answer(event)
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert response.status == 200
    assert b"RTP/AVP 8\r\n" in response.body
    audio = AudioFormat("pcma", 8, 20)
    assert commands(bench) == [Terminate(ENDPOINT, audio, 0, None, in_band=True)]


def test_a_second_stream_is_refused_and_the_sound_taken() -> None:
    bench = established()
    bench.ask("INVITE", body=TWO_STREAMS)
    Solo(bench.leg, (Music(),)).answer(Update("INVITE", TWO_STREAMS))
    (response,) = bench.sent()
    assert b"m=video 0 " in response.body


def test_a_change_to_what_the_switch_does_not_speak_is_refused_with_488() -> None:
    bench = established()
    bench.ask("INVITE", body=UNSPOKEN)
    Solo(bench.leg, (Music(),)).answer(Update("INVITE", UNSPOKEN))
    assert bench.statuses() == [488]
    assert commands(bench) == []


def test_a_leg_that_asks_for_an_offer_is_offered_what_every_phone_speaks() -> None:
    bench = established()
    bench.ask("INVITE")
    (event,) = bench.told()
    assert event == Update("INVITE", b"")
    Solo(bench.leg, (Music(),)).answer(Update("INVITE", b""))
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert response.status == 200
    assert b"m=audio 40000 RTP/AVP 0 8 101\r\n" in response.body
    assert commands(bench) == []
