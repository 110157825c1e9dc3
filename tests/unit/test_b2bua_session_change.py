"""Session changes of one leg: theirs, ours, crossing ones, refreshes, and what ends them."""

import pytest

from media.plane import Direct
from switch.b2bua.event import Acknowledge, Answer, Cause, Release, Update, UpdateCancelled, Updated
from switch.b2bua.phase import Phase
from switch.sip.message import Field, Request, Response
from tests.support.exchange import COOKIE, request
from tests.support.leg_bench import ALLOW, FAR, HELD, OTHER, TWO_STREAMS, Answering, Originating

HANG_UP = Release(Cause.NORMAL)
PENDING = Updated(491, "Request Pending", b"")
NO_UPDATE: Field = ("Allow", "INVITE, ACK, BYE, CANCEL")


def standing(allow: Field = ALLOW) -> Originating:
    """Make a leg whose call stands."""
    bench = Originating()
    bench.answer(bench.call(), 200, allow, body=FAR)
    bench.sent()
    bench.told()
    return bench


def reinvited() -> tuple[Originating, Request]:
    """Make a leg whose re-INVITE of theirs waits for the other leg."""
    bench = standing()
    invite = bench.ask("INVITE", body=HELD)
    bench.told()
    return bench, invite


def cancel(bench: Originating, invite: Request) -> None:
    """Cancel a re-INVITE of the far side's."""
    bench.arrive(
        request(
            "CANCEL",
            uri=invite.uri,
            branch=invite.branch,
            from_=invite.first("from") or "",
            to=invite.first("to") or "",
            call_id=invite.call_id,
            cseq=invite.cseq.number,
        )
    )


# Theirs


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_change_of_theirs_is_told_and_answered_by_the_other_leg(method: str) -> None:
    bench = standing()
    asked = bench.ask(method, body=HELD)
    assert bench.told() == [Update(method, HELD)]
    assert bench.leg.answer_update(Updated(200, "OK", OTHER))
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert (response.status, b"c=IN IP4 192.0.2.1" in response.body) == (200, True)
    assert any(isinstance(each, Direct) for each in bench.stack.out)
    if method == "INVITE":
        bench.ask("ACK", cseq=asked.cseq.number)
        bench.wait(40)
        assert bench.sent() == []


def test_a_refusal_by_the_other_leg_is_passed_on_and_another_change_may_follow() -> None:
    bench, _ = reinvited()
    assert bench.leg.answer_update(Updated(488, "Not Acceptable Here", b""))
    assert bench.statuses() == [488]
    bench.ask("UPDATE", body=HELD)
    assert bench.told() == [Update("UPDATE", HELD)]


def test_a_refusal_for_now_says_when_to_try_again() -> None:
    bench, _ = reinvited()
    bench.leg.answer_update(Updated(500, "Server Internal Error", b""))
    (response,) = bench.sent()
    assert 0 <= int(response.first("retry-after") or "-1") <= 10


def test_a_2xx_of_the_other_leg_without_a_description_refuses_the_offer() -> None:
    bench, _ = reinvited()
    bench.leg.answer_update(Updated(200, "OK", b""))
    assert bench.statuses() == [488]


def test_nothing_that_waits_can_be_answered_no_more() -> None:
    bench = standing()
    assert not bench.leg.answer_update(Updated(200, "OK", OTHER))
    bench.leg.release(HANG_UP)
    assert not bench.leg.answer_update(Updated(200, "OK", OTHER))


def test_a_reinvite_without_offer_is_offered_the_other_legs_session() -> None:
    bench = standing()
    asked = bench.ask("INVITE")
    assert bench.told() == [Update("INVITE", b"")]
    bench.leg.answer_update(Updated(200, "OK", OTHER))
    (response,) = bench.sent()
    assert b"m=audio" in response.body
    bench.ask("ACK", body=HELD, cseq=asked.cseq.number)
    assert bench.told() == [Acknowledge(HELD)]


def test_a_reinvite_without_offer_may_be_accepted_without_one() -> None:
    bench = standing()
    asked = bench.ask("INVITE")
    bench.leg.answer_update(Updated(200, "OK", b""))
    assert bench.statuses() == [200]
    bench.told()
    bench.ask("ACK", cseq=asked.cseq.number)
    assert bench.told() == []


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_description_that_changes_nothing_is_answered_at_once(method: str) -> None:
    bench = standing()
    bench.ask(method, body=FAR)
    (response,) = bench.sent()
    assert (response.body, bench.told()) == (bench.leg.change.negotiation.local, [])


def test_a_refresh_gets_the_session_that_was_agreed_not_one_that_was_refused() -> None:
    bench = standing(NO_UPDATE)
    agreed = bench.leg.change.negotiation.local
    bench.leg.update(Update("INVITE", HELD))
    bench.answer(bench.last_request("INVITE"), 488)
    bench.sent()
    bench.ask("INVITE", body=FAR)
    assert bench.sent()[0].body == agreed


def test_an_update_without_offer_is_answered_at_once() -> None:
    bench = standing()
    bench.ask("UPDATE")
    assert (bench.statuses(), bench.told()) == ([200], [])


def test_a_second_reinvite_before_the_first_is_answered_gets_500() -> None:
    bench, _ = reinvited()
    bench.ask("INVITE", body=HELD)
    bench.ask("UPDATE", body=HELD)
    assert bench.statuses() == [500, 500]
    assert bench.told() == []


def test_a_reinvite_before_the_ack_of_the_last_gets_500() -> None:
    bench, _ = reinvited()
    bench.leg.answer_update(Updated(200, "OK", OTHER))
    bench.sent()
    bench.ask("INVITE", body=HELD)
    assert bench.statuses() == [500]


def test_a_reinvite_before_the_ack_of_a_late_offer_gets_491() -> None:
    bench = Originating()
    bench.answer(bench.call(b""), 200, body=FAR)
    bench.ask("INVITE", body=HELD)
    assert bench.statuses() == [491]


def test_a_reinvite_that_crosses_ours_gets_491() -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", HELD))
    bench.sent()
    bench.ask("INVITE", body=HELD)
    bench.ask("UPDATE", body=HELD)
    assert bench.statuses() == [491, 491]


def test_an_update_that_crosses_our_reinvite_without_offer_gets_491() -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", b""))
    invite = bench.last_request("INVITE")
    bench.ask("UPDATE", body=HELD)
    assert bench.statuses() == [491]
    bench.answer(invite, 200, body=FAR)
    assert bench.told() == [Updated(200, "OK", FAR)]


def test_an_update_without_offer_may_cross_ours() -> None:
    bench = standing()
    bench.leg.update(Update("UPDATE", HELD))
    bench.sent()
    bench.ask("UPDATE")
    assert bench.statuses() == [200]


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/plain", b"hello", 415),
        ("application/sdp", b"nonsense", 400),
        ("application/sdp", b"v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nt=0 0\r\n", 488),
    ],
)
def test_a_body_that_is_no_offer_is_refused(content_type: str, body: bytes, status: int) -> None:
    bench = standing()
    asked = bench.compose("UPDATE")
    fields = [*asked.fields, ("Content-Type", content_type)]
    bench.arrive(Request(asked.method, asked.uri, fields, body))
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert response.status == status
    assert (response.first("accept") is not None) == (status == 415)


def test_an_interval_that_is_too_small_is_refused_with_422() -> None:
    bench = standing()
    bench.ask("UPDATE", ("Supported", "timer"), ("Session-Expires", "30"))
    assert bench.statuses() == [422]


def test_a_reinvite_of_theirs_may_be_cancelled() -> None:
    bench, invite = reinvited()
    cancel(bench, invite)
    assert bench.statuses() == [200, 487]
    assert bench.told() == [UpdateCancelled()]
    assert not bench.leg.answer_update(Updated(200, "OK", OTHER))


def test_a_cancel_of_a_change_that_is_answered_is_too_late() -> None:
    bench, invite = reinvited()
    bench.leg.answer_update(Updated(200, "OK", OTHER))
    bench.told()
    cancel(bench, invite)
    assert bench.told() == []


def test_a_bye_answers_the_reinvite_that_waits() -> None:
    bench, _ = reinvited()
    bench.ask("BYE")
    assert bench.statuses() == [200, 487]


def test_an_update_that_waits_is_given_back_with_the_end() -> None:
    bench = standing()
    bench.ask("UPDATE", body=HELD)
    bench.leg.release(HANG_UP)
    assert bench.statuses() == [487]


# Ours


def test_our_change_goes_out_as_an_update_where_it_came_as_one() -> None:
    bench = standing()
    bench.leg.update(Update("UPDATE", HELD))
    bench.answer(bench.last_request("UPDATE"), 200, body=FAR)
    assert bench.told() == [Updated(200, "OK", FAR)]


def test_our_change_goes_out_as_a_reinvite_to_a_phone_that_takes_no_update() -> None:
    bench = standing(NO_UPDATE)
    bench.leg.update(Update("UPDATE", HELD))
    invite = bench.last_request("INVITE")
    bench.answer(invite, 100)
    bench.answer(invite, 200, body=FAR)
    assert bench.last_request("ACK").body == b""
    assert bench.told() == [Updated(200, "OK", FAR)]
    bench.answer(invite, 200, body=FAR)
    assert [each.method for each in bench.requests()] == ["ACK"]


def test_the_refusal_of_our_change_is_told_and_the_session_stays() -> None:
    bench = standing()
    agreed = bench.leg.change.negotiation.local
    bench.leg.update(Update("INVITE", HELD))
    bench.answer(bench.last_request("INVITE"), 488)
    assert bench.told() == [Updated(488, "Not Acceptable Here", b"")]
    assert bench.leg.change.negotiation.local == agreed
    assert bench.leg.change.is_free


def test_a_refused_wish_for_an_offer_is_told() -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", b""))
    bench.answer(bench.last_request("INVITE"), 488)
    assert bench.told() == [Updated(488, "Not Acceptable Here", b"")]


@pytest.mark.parametrize("status", [408, 481])
def test_a_change_that_finds_no_dialog_ends_the_call(status: int) -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", HELD))
    bench.answer(bench.last_request("INVITE"), status)
    assert bench.told()[1:] == [Release(Cause.DIALOG_LOST)]
    assert bench.requests()[-1].method == "BYE"


@pytest.mark.parametrize("body", [HELD, b""])
def test_a_change_that_is_never_answered_ends_the_call(body: bytes) -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", body))
    bench.wait(33)
    assert bench.told() == [Updated(408, "Request Timeout", b""), Release(Cause.DIALOG_LOST)]


def test_our_change_waits_while_one_is_under_way() -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", HELD))
    bench.leg.update(Update("INVITE", HELD))
    assert bench.told() == [PENDING]


def test_our_reinvite_waits_for_the_ack_of_theirs() -> None:
    bench, _ = reinvited()
    bench.leg.answer_update(Updated(200, "OK", OTHER))
    bench.leg.update(Update("INVITE", HELD))
    assert bench.told() == [PENDING]


def test_our_change_waits_for_the_answer_to_the_call() -> None:
    bench = Answering()
    bench.leg.update(Update("INVITE", HELD))
    assert bench.told() == [PENDING]


def test_an_answer_with_too_many_streams_is_told_as_none() -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", HELD))
    bench.answer(bench.last_request("INVITE"), 200, body=TWO_STREAMS)
    assert bench.told() == [Updated(200, "OK", b"")]
    assert bench.leg.change.is_free


def test_the_wish_for_an_offer_is_acknowledged_with_the_other_sides_answer() -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", b""))
    bench.answer(bench.last_request("INVITE"), 200, body=HELD)
    assert (bench.requests(), bench.told()) == ([], [Updated(200, "OK", HELD)])
    bench.leg.acknowledge(OTHER)
    assert b"m=audio" in bench.last_request("ACK").body
    assert bench.leg.phase is Phase.CONFIRMED


def test_a_2xx_without_the_offer_that_it_owes_is_acknowledged() -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", b""))
    bench.answer(bench.last_request("INVITE"), 200)
    assert bench.last_request("ACK").body == b""
    assert bench.told() == [Updated(200, "OK", b"")]


def test_an_offer_that_nobody_will_answer_is_acknowledged_before_the_bye() -> None:
    bench = standing()
    bench.leg.update(Update("INVITE", b""))
    bench.answer(bench.last_request("INVITE"), 200, body=HELD)
    bench.leg.release(HANG_UP)
    assert [each.method for each in bench.requests()] == ["ACK", "BYE"]


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_an_answer_that_the_bye_has_overtaken_is_only_acknowledged(method: str) -> None:
    bench = standing()
    bench.leg.update(Update(method, HELD))
    asked = bench.last_request(method)
    bench.leg.release(HANG_UP)
    bench.sent()
    bench.answer(asked, 200, body=FAR)
    assert [each.method for each in bench.requests()] == ["ACK"] * (method == "INVITE")
    assert bench.told() == []


def test_our_change_is_withdrawn_by_a_cancel_where_it_is_a_reinvite() -> None:
    bench = standing()
    bench.leg.cancel_update()
    bench.leg.update(Update("INVITE", HELD))
    invite = bench.last_request("INVITE")
    bench.answer(invite, 100)
    bench.leg.cancel_update()
    assert bench.last_request("CANCEL").cseq.number == invite.cseq.number
    bench.answer(invite, 487)
    assert bench.told() == [Updated(487, "Request Terminated", b"")]


def test_an_update_of_ours_cannot_be_withdrawn() -> None:
    bench = standing()
    bench.leg.update(Update("UPDATE", HELD))
    bench.sent()
    bench.leg.cancel_update()
    assert bench.sent() == []


# Refreshes (RFC 4028)


def refreshed(bench: Originating) -> Request:
    """Wait for the refresh and return it."""
    bench.wait(901)
    return bench.requests()[0]


def test_a_session_is_refreshed_by_an_update_without_offer_where_the_far_side_takes_it() -> None:
    bench = standing()
    update = refreshed(bench)
    assert (update.method, update.body) == ("UPDATE", b"")
    bench.answer(update, 200)
    assert bench.told() == []
    assert refreshed(bench).method == "UPDATE"


def test_a_session_is_refreshed_by_the_agreed_description_otherwise() -> None:
    bench = standing(NO_UPDATE)
    agreed = bench.leg.change.negotiation.local
    invite = refreshed(bench)
    assert (invite.method, invite.body) == ("INVITE", agreed)
    bench.answer(invite, 200, body=FAR)
    assert bench.last_request("ACK").body == b""
    assert bench.told() == []


def test_a_refresh_that_crosses_their_change_is_tried_again() -> None:
    bench = standing()
    update = refreshed(bench)
    bench.answer(update, 491)
    bench.sent()
    bench.wait(5)
    assert bench.requests()[0].method == "UPDATE"


def test_a_refused_refresh_leaves_the_call_alone() -> None:
    bench = standing()
    bench.answer(refreshed(bench), 500)
    assert (bench.told(), bench.leg.phase) == ([], Phase.CONFIRMED)


def test_a_refresh_waits_while_a_change_is_under_way() -> None:
    bench = standing()
    bench.wait(890)
    bench.leg.update(Update("INVITE", HELD))
    invite = bench.last_request("INVITE")
    bench.answer(invite, 100)
    bench.wait(12)
    assert all(each.method == "INVITE" for each in bench.requests())
    bench.answer(invite, 488)
    bench.wait(5)
    assert "UPDATE" in [each.method for each in bench.requests()]


def test_a_change_waits_while_a_refresh_is_under_way() -> None:
    bench = standing()
    refreshed(bench)
    bench.leg.update(Update("UPDATE", HELD))
    assert bench.told() == [PENDING]


def test_a_refresh_that_is_never_answered_ends_the_call() -> None:
    bench = standing()
    bench.wait(940)
    assert bench.told() == [Release(Cause.DIALOG_LOST)]


def test_a_session_that_the_far_side_does_not_refresh_is_ended() -> None:
    bench = Originating()
    expires = ("Session-Expires", "90;refresher=uas")
    bench.answer(bench.call(), 200, expires, ("Require", "timer"), body=FAR)
    assert bench.told() == [Answer(FAR)]
    bench.wait(70)
    assert bench.told() == [Release(Cause.SESSION_EXPIRED)]
    assert bench.requests()[-1].method == "BYE"


def test_a_change_says_what_it_is() -> None:
    bench, _ = reinvited()
    assert repr(bench.leg.change) == "<SessionChange <OfferAnswer OFFER_RECEIVED> incoming=True>"
    assert COOKIE in bench.stack.via(bench.leg.flow)
