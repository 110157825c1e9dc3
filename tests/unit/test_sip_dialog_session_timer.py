"""Session timers: interval and refresher, at either side (RFC 4028)."""

import pytest

from switch.sip.dialog.session_timer import MAX_INTERVAL, Refresher, SessionTimer
from switch.sip.message import Field, Request, Response
from tests.support.exchange import request, response

TIMER = ("Supported", "timer")


def asking(value: str | None, *fields: Field) -> Request:
    own = [] if value is None else [("Session-Expires", value)]
    return request(fields=[*own, *fields])


def granting(value: str | None) -> Response:
    return response(200, fields=[] if value is None else [("Session-Expires", value)])


# The client side


def test_a_first_request_names_the_interval_and_leaves_the_refresher_open() -> None:
    made = SessionTimer()
    assert made.request_fields() == [("Session-Expires", "1800")]
    assert made.refresher is None
    assert made.refresh_after is None
    assert made.expire_after is None
    assert repr(made) == "<SessionTimer 1800 s, refreshed by nobody>"


def test_a_minimum_above_the_standards_is_named() -> None:
    assert SessionTimer(1800, 300).request_fields()[1] == ("Min-SE", "300")


@pytest.mark.parametrize(
    ("value", "refresher", "refresh_after", "expire_after"),
    [
        ("1800;refresher=uac", Refresher.US, 900, 1768),
        ("600;refresher=uas", Refresher.THEM, None, 568),
        ("90;refresher=uac", Refresher.US, 45, 60),
        ("600", Refresher.US, 300, 568),
        (None, Refresher.US, 900, None),
        ("x", Refresher.US, 900, None),
        ("1;refresher=uac", Refresher.US, 45, 60),
        ("4294967295;refresher=uas", Refresher.THEM, None, MAX_INTERVAL - 32),
    ],
)
def test_the_2xx_settles_interval_and_refresher(
    value: str | None,
    refresher: Refresher,
    refresh_after: float | None,
    expire_after: float | None,
) -> None:
    made = SessionTimer()
    made.confirm(granting(value))
    assert made.refresher is refresher
    assert made.refresh_after == refresh_after
    assert made.expire_after == expire_after


@pytest.mark.parametrize(("role", "kept"), [("uac", "uac"), ("uas", "uas")])
def test_a_later_request_keeps_the_roles(role: str, kept: str) -> None:
    made = SessionTimer()
    made.confirm(granting(f"600;refresher={role}"))
    assert made.request_fields() == [("Session-Expires", f"600;refresher={kept}")]


def test_a_422_raises_the_interval_once() -> None:
    made = SessionTimer(300)
    refusal = response(422, fields=[("Min-SE", "900")])
    assert made.raise_interval(refusal)
    assert made.request_fields() == [("Session-Expires", "900"), ("Min-SE", "900")]
    assert not made.raise_interval(refusal)


@pytest.mark.parametrize("value", [None, "x", "10", str(MAX_INTERVAL + 1)])
def test_a_422_that_asks_for_nothing_sensible_is_final(value: str | None) -> None:
    fields = [] if value is None else [("Min-SE", value)]
    made = SessionTimer(300)
    assert not made.raise_interval(response(422, fields=fields))
    assert made.interval == 300


# The server side


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (asking(None, TIMER), None),
        (asking("90", TIMER), None),
        (asking("89", TIMER), (422, [("Min-SE", "90")])),
        (asking("89"), None),
        (asking("x", TIMER), (400, [])),
        (asking("1800", TIMER, ("Min-SE", "x")), (400, [])),
    ],
)
def test_an_interval_that_is_too_small_is_refused_to_who_can_repeat(
    asked: Request, refused: tuple[int, list[Field]] | None
) -> None:
    assert SessionTimer().refusal(asked) == refused


@pytest.mark.parametrize(
    ("asked", "answer", "refresher"),
    [
        (asking("600;refresher=uac", TIMER), "600;refresher=uac", Refresher.THEM),
        (asking("600;refresher=uas", TIMER), "600;refresher=uas", Refresher.US),
        (asking("600", TIMER), "600;refresher=uas", Refresher.US),
        (asking("600", ("Require", "timer")), "600;refresher=uas", Refresher.US),
        (asking("600"), "600;refresher=uas", Refresher.US),
        (asking("3600", TIMER), "1800;refresher=uas", Refresher.US),
        (asking("3600", TIMER, ("Min-SE", "2400")), "2400;refresher=uas", Refresher.US),
        (asking("3600", TIMER, ("Min-SE", "9999")), "3600;refresher=uas", Refresher.US),
        (asking("3600", TIMER, ("Min-SE", "x")), "1800;refresher=uas", Refresher.US),
        (asking(None, TIMER), "1800;refresher=uas", Refresher.US),
        (asking(None, TIMER, ("Min-SE", "2000")), "2000;refresher=uas", Refresher.US),
        (asking("x", TIMER), "1800;refresher=uas", Refresher.US),
        (asking("10"), "90;refresher=uas", Refresher.US),
    ],
)
def test_the_answer_settles_interval_and_refresher(
    asked: Request, answer: str, refresher: Refresher
) -> None:
    made = SessionTimer()
    fields = made.answer(asked)
    assert dict(fields)["Session-Expires"] == answer
    assert made.refresher is refresher
    assert made.expire_after is not None
    assert (made.refresh_after is None) is (refresher is Refresher.THEM)
    assert ("Require", "timer") in fields or refresher is Refresher.US


def test_who_knows_no_session_timers_is_told_nothing_and_refreshed_all_the_same() -> None:
    made = SessionTimer(600)
    assert made.answer(asking(None)) == []
    assert made.refresh_after == 300
    assert made.expire_after is None


def test_each_refresh_settles_the_roles_anew() -> None:
    made = SessionTimer()
    made.confirm(granting("600;refresher=uac"))
    made.answer(asking("600;refresher=uac", TIMER))
    assert made.refresher is Refresher.THEM
    assert made.request_fields() == [("Session-Expires", "600;refresher=uas")]
    assert repr(made) == "<SessionTimer 600 s, refreshed by THEM>"
