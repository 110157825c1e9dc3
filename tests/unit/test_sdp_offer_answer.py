"""The offer/answer machine, state by input (RFC 3264)."""

from collections.abc import Callable

import pytest

from switch.sdp.description import Direction, SdpError, parse
from switch.sdp.offer_answer import OfferAnswer, State, directions, is_hold, media_lines
from switch.sip.errors import LocalProtocolError, RemoteProtocolError

HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n"


def body(*streams: str) -> bytes:
    return (HEAD + "".join(streams)).encode()


def stream(port: int = 5004, direction: str = "") -> str:
    line = f"a={direction}\r\n" if direction else ""
    return f"m=audio {port} RTP/AVP 0\r\n{line}"


ONE, OTHER, TWO = body(stream()), body(stream(6000)), body(stream(), stream(5006))


def machine(state: State) -> OfferAnswer:
    made = OfferAnswer()
    if state is State.OFFER_SENT:
        made.send_offer(ONE)
    elif state is State.OFFER_RECEIVED:
        made.receive_offer(ONE)
    return made


INPUTS: dict[str, Callable[[OfferAnswer], object]] = {
    "send offer": lambda m: m.send_offer(ONE),
    "receive offer": lambda m: m.receive_offer(ONE),
    "send answer": lambda m: m.send_answer(OTHER),
    "receive answer": lambda m: m.receive_answer(OTHER),
    "cancel offer": lambda m: m.cancel_offer(),
}
MOVES: dict[tuple[State, str], State | type[Exception] | int] = {
    (State.STABLE, "send offer"): State.OFFER_SENT,
    (State.STABLE, "receive offer"): State.OFFER_RECEIVED,
    (State.STABLE, "send answer"): LocalProtocolError,
    (State.STABLE, "receive answer"): 0,
    (State.STABLE, "cancel offer"): State.STABLE,
    (State.OFFER_SENT, "send offer"): LocalProtocolError,
    (State.OFFER_SENT, "receive offer"): 491,
    (State.OFFER_SENT, "send answer"): LocalProtocolError,
    (State.OFFER_SENT, "receive answer"): State.STABLE,
    (State.OFFER_SENT, "cancel offer"): State.STABLE,
    (State.OFFER_RECEIVED, "send offer"): LocalProtocolError,
    (State.OFFER_RECEIVED, "receive offer"): 500,
    (State.OFFER_RECEIVED, "send answer"): State.STABLE,
    (State.OFFER_RECEIVED, "receive answer"): 0,
    (State.OFFER_RECEIVED, "cancel offer"): State.STABLE,
}


@pytest.mark.parametrize(("state", "name"), list(MOVES))
def test_each_state_takes_each_input_as_the_table_says(state: State, name: str) -> None:
    made, move = machine(state), MOVES[state, name]
    if isinstance(move, State):
        INPUTS[name](made)
        assert made.state is move
    elif isinstance(move, int):
        with pytest.raises(RemoteProtocolError) as caught:
            INPUTS[name](made)
        assert caught.value.status == move
        assert made.state is state
    else:
        with pytest.raises(move):
            INPUTS[name](made)
        assert made.state is state


def test_the_table_is_whole() -> None:
    assert set(MOVES) == {(state, name) for state in State for name in INPUTS}


def test_an_answered_offer_holds_on_both_sides() -> None:
    made = machine(State.OFFER_SENT)
    made.receive_answer(OTHER)
    assert (made.local, made.remote, made.offer) == (ONE, OTHER, None)
    made.receive_offer(TWO)
    made.send_answer(body(stream(1), stream(2)))
    assert made.remote == TWO
    assert repr(made) == "<OfferAnswer STABLE>"


def test_a_refused_offer_leaves_what_was_agreed() -> None:
    made = machine(State.OFFER_SENT)
    made.receive_answer(OTHER)
    made.send_offer(TWO)
    made.cancel_offer()
    assert (made.local, made.remote, made.offer) == (ONE, OTHER, None)


def test_an_offer_that_repeats_the_current_description_changes_nothing() -> None:
    made = machine(State.STABLE)
    assert made.receive_offer(ONE)
    made.send_answer(OTHER)
    assert not made.receive_offer(ONE)
    made.send_answer(OTHER)
    assert made.receive_offer(TWO)


def test_an_answer_may_lack_streams_but_not_add_any() -> None:
    made = machine(State.OFFER_SENT)
    with pytest.raises(SdpError) as caught:
        made.receive_answer(TWO)
    assert caught.value.status == 488
    assert made.state is State.OFFER_SENT
    made.cancel_offer()
    made.send_offer(TWO)
    made.receive_answer(ONE)
    assert made.remote == ONE
    assert media_lines(TWO) == 2


@pytest.mark.parametrize(
    ("offered", "answered", "flows"),
    [
        ("", "", Direction.SENDRECV),
        ("sendonly", "recvonly", Direction.SENDONLY),
        ("recvonly", "sendonly", Direction.RECVONLY),
        ("inactive", "inactive", Direction.INACTIVE),
        ("sendrecv", "recvonly", Direction.SENDONLY),
        ("sendonly", "sendonly", Direction.INACTIVE),
    ],
)
def test_media_flows_as_both_sides_agree(offered: str, answered: str, flows: Direction) -> None:
    offer, answer = body(stream(direction=offered)), body(stream(direction=answered))
    assert directions(parse(offer), parse(answer)) == [flows]


def test_refused_and_missing_streams_do_not_flow() -> None:
    offer = parse(body(stream(), stream(0), stream(5008)))
    answer = parse(body(stream(0), stream()))
    assert directions(offer, answer) == [Direction.INACTIVE] * 3


@pytest.mark.parametrize(
    ("description", "held"),
    [
        (body(stream(direction="sendonly")), True),
        (body(stream(direction="inactive"), stream(0)), True),
        (body(stream(direction="sendonly"), stream(direction="recvonly")), False),
        (body(stream()), False),
        (body(stream(0)), False),
        (body(), False),
        (body(stream()).replace(b"c=IN IP4 192.0.2.5", b"c=IN IP4 0.0.0.0"), True),
    ],
)
def test_a_hold_is_told_by_what_is_no_longer_received(description: bytes, *, held: bool) -> None:
    assert is_hold(parse(description)) is held
