"""The A leg, phase by phase: what the caller does, what the call asks, what time brings."""

import pytest

from switch.b2bua.event import (
    Accepted,
    Answer,
    Cause,
    Fail,
    Inform,
    Release,
    Ring,
    Update,
    Updated,
)
from switch.b2bua.phase import Phase
from switch.sip.effect import FailureCause, ServerKey
from switch.sip.message import Response
from tests.support.exchange import UDP
from tests.support.leg_bench import FAR, HELD, OTHER, TWO_STREAMS, Answering

RELIABLE = ("Supported", "100rel")
INSISTS = ("Require", "100rel")
BUSY = Fail(486, "Busy Here", Cause.BUSY)
HANG_UP = Release(Cause.NORMAL)


def answered(bench: Answering) -> Response:
    """Answer the call and return the 2xx."""
    bench.answering.answer(Answer(OTHER))
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert bench.told()[-1] == Accepted()
    return response


def confirmed() -> Answering:
    """Make a leg whose call stands."""
    bench = Answering()
    answered(bench)
    bench.ack()
    return bench


def test_ringing_is_passed_on_with_our_tag_and_contact() -> None:
    bench = Answering()
    bench.answering.ring(Ring(180, b""))
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert (response.status, response.to_tag) == (180, bench.near_tag)
    assert response.first("contact") == "<sip:192.0.2.1:5060>"
    assert bench.leg.phase is Phase.EARLY


def test_early_media_is_described_by_our_own_address() -> None:
    bench = Answering()
    bench.answering.ring(Ring(183, OTHER))
    (response,) = bench.sent()
    assert b"c=IN IP4 192.0.2.1" in response.body
    assert response.first("rseq") is None


def test_the_2xx_repeats_the_description_of_an_unreliable_provisional() -> None:
    bench = Answering()
    bench.answering.ring(Ring(183, OTHER))
    (early,) = bench.sent()
    assert answered(bench).body == early.body


def test_a_2xx_is_repeated_until_its_ack() -> None:
    bench = Answering()
    first = answered(bench)
    bench.wait(1.6)
    assert [each.octets() for each in bench.sent()] == [first.octets()] * 2
    bench.ack()
    bench.wait(10)
    assert bench.sent() == []
    assert bench.leg.phase is Phase.CONFIRMED


def test_an_ack_of_another_cseq_acknowledges_nothing() -> None:
    bench = Answering()
    answered(bench)
    bench.ack(cseq=7)
    assert bench.leg.phase is Phase.ANSWERED


def test_a_2xx_that_is_never_acknowledged_ends_the_call() -> None:
    bench = Answering()
    answered(bench)
    bench.wait(40)
    assert bench.told() == [Release(Cause.NO_ACK)]
    assert bench.requests()[-1].method == "BYE"
    assert bench.leg.phase is Phase.ENDED


def test_a_release_waits_for_the_ack_before_the_bye() -> None:
    bench = Answering()
    answered(bench)
    bench.answering.release(Release(Cause.NORMAL, "Q.850;cause=16"))
    assert bench.requests() == []
    bench.ack()
    bye = bench.last_request("BYE")
    assert bye.first("reason") == "Q.850;cause=16"
    assert bench.leg.phase is Phase.ENDED


def test_a_late_offer_is_made_in_the_2xx_and_answered_in_the_ack() -> None:
    bench = Answering(body=b"")
    offer = answered(bench)
    assert b"m=audio 40000" in offer.body
    bench.ack(FAR)
    (event,) = bench.told()
    assert event.body == FAR  # type: ignore[union-attr]  # the kind is seen by the body


def test_an_ack_without_the_answer_that_it_owes_is_told_as_empty() -> None:
    bench = Answering(body=b"")
    answered(bench)
    bench.ack()
    (event,) = bench.told()
    assert event.body == b""  # type: ignore[union-attr]  # the kind is seen by the body


def test_a_refusal_ends_the_leg_and_says_when_to_come_back() -> None:
    bench = Answering()
    bench.answering.fail(Fail(503, "Service Unavailable", Cause.OVERLOAD, "30"))
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert (response.status, response.first("retry-after")) == (503, "30")
    assert bench.leg.phase is Phase.ENDED
    assert bench.stack.usage(bench.near_tag) is None


def test_an_answered_leg_is_neither_rung_nor_answered_nor_refused_again() -> None:
    bench = confirmed()
    bench.answering.ring(Ring(180, b""))
    bench.answering.answer(Answer(OTHER))
    bench.answering.fail(BUSY)
    assert bench.sent() == []


def test_a_release_before_the_answer_refuses_the_call() -> None:
    bench = Answering()
    bench.answering.release(HANG_UP)
    assert bench.statuses() == [480]


def test_a_cancel_is_answered_with_487_and_told_with_its_reason() -> None:
    bench = Answering()
    bench.answering.ring(Ring(180, b""))
    bench.sent()
    bench.cancel()
    assert bench.statuses() == [200, 487]
    assert bench.told() == [Release(Cause.CANCELLED, None)]


def test_a_cancel_that_crosses_the_2xx_changes_nothing() -> None:
    bench = Answering()
    answered(bench)
    bench.cancel()
    assert bench.told() == []
    assert bench.leg.phase is Phase.ANSWERED


def test_a_bye_in_the_early_dialog_ends_the_invite_too() -> None:
    bench = Answering()
    bench.answering.ring(Ring(180, b""))
    bench.sent()
    bench.ask("BYE")
    assert bench.statuses() == [200, 487]
    assert bench.told() == [Release(Cause.CANCELLED, None)]


def test_a_bye_ends_the_call() -> None:
    bench = confirmed()
    bench.ask("BYE", ("Reason", "Q.850;cause=16"))
    assert bench.statuses() == [200]
    assert bench.told() == [Release(Cause.NORMAL, "Q.850;cause=16")]
    assert bench.leg.phase is Phase.ENDED


def test_byes_that_cross_are_both_answered() -> None:
    bench = confirmed()
    bench.answering.release(HANG_UP)
    bye = bench.last_request("BYE")
    bench.ask("BYE")
    assert bench.statuses() == [200]
    assert bench.told() == []
    bench.answer(bye, 481)
    assert bench.stack.usage(bench.near_tag) is None


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "OPTIONS", "PRACK"])
def test_other_requests_that_cross_the_bye_find_no_dialog(method: str) -> None:
    bench = confirmed()
    bench.answering.release(HANG_UP)
    bench.sent()
    bench.ask(method)
    assert bench.statuses() == [481]


def test_an_ended_leg_is_forgotten_when_its_bye_is_never_answered() -> None:
    bench = confirmed()
    bench.answering.release(HANG_UP)
    bench.wait(40)
    assert bench.stack.usage(bench.near_tag) is None
    assert bench.stack.pending_timers == 0
    assert bench.leg.phase is Phase.ENDED


def test_a_request_of_another_dialog_is_refused_with_481() -> None:
    bench = confirmed()
    bench.ask("INFO", tag="somebody")
    assert bench.statuses() == [481]


def test_an_ack_of_another_dialog_is_never_answered() -> None:
    bench = Answering()
    answered(bench)
    bench.ask("ACK", cseq=1, tag="somebody")
    assert bench.statuses() == []


def test_a_request_older_than_the_last_is_refused_with_500() -> None:
    bench = confirmed()
    bench.ask("OPTIONS", cseq=20)
    bench.ask("OPTIONS", cseq=19)
    assert bench.statuses() == [200, 500]


def test_a_digit_is_passed_on_and_answered() -> None:
    bench = confirmed()
    bench.ask("INFO", ("Content-Type", "application/dtmf-relay"), body=b"Signal=1")
    assert bench.statuses() == [200]
    assert bench.told() == [Inform("application/dtmf-relay", b"Signal=1")]


def test_a_digit_is_sent_to_a_phone_that_takes_it() -> None:
    bench = confirmed()
    bench.answering.inform(Inform("application/dtmf-relay", b"Signal=1"))
    info = bench.last_request("INFO")
    assert (info.first("content-type"), info.body) == ("application/dtmf-relay", b"Signal=1")
    bench.answer(info, 200)
    assert bench.leg.phase is Phase.CONFIRMED


def test_a_digit_before_the_answer_is_dropped() -> None:
    bench = Answering()
    bench.answering.inform(Inform("application/dtmf-relay", b"Signal=1"))
    assert bench.sent() == []


def test_options_inside_the_call_says_what_is_served() -> None:
    bench = confirmed()
    bench.ask("OPTIONS")
    (response,) = bench.sent()
    assert "UPDATE" in (response.first("allow") or "")


def test_a_method_that_is_not_served_inside_a_call_is_refused_with_405() -> None:
    bench = confirmed()
    bench.ask("PUBLISH")
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert (response.status, "INVITE" in (response.first("allow") or "")) == (405, True)


# Reliable provisional responses (RFC 3262)


def test_early_media_is_sent_reliably_to_a_caller_that_can() -> None:
    bench = Answering(RELIABLE)
    bench.answering.ring(Ring(183, OTHER))
    (response,) = bench.sent()
    assert response.first("rseq") is not None
    assert response.has_token("require", "100rel")


def test_an_alert_without_description_is_sent_reliably_only_to_a_caller_that_insists() -> None:
    lenient, strict = Answering(RELIABLE), Answering(INSISTS)
    for bench in (lenient, strict):
        bench.answering.ring(Ring(180, b""))
    assert lenient.sent()[0].first("rseq") is None
    assert strict.sent()[0].first("rseq") is not None


def prack(bench: Answering, response: Response, body: bytes = b"") -> None:
    """Acknowledge a provisional response."""
    rack = f"{response.first('rseq')} {response.cseq.number} INVITE"
    bench.ask("PRACK", ("RAck", rack), body=body)


def rung(bench: Answering, event: Ring) -> Response:
    """Ring and return what was sent."""
    bench.answering.ring(event)
    (response,) = bench.sent()
    assert isinstance(response, Response)
    return response


def test_a_reliable_provisional_is_repeated_until_its_prack() -> None:
    bench = Answering(RELIABLE)
    early = rung(bench, Ring(183, OTHER))
    bench.wait(1.6)
    assert bench.statuses() == [183, 183]
    prack(bench, early)
    assert bench.statuses() == [200]
    bench.wait(30)
    assert bench.statuses() == []


def test_a_reliable_provisional_that_nobody_acknowledges_ends_the_call() -> None:
    bench = Answering(RELIABLE)
    rung(bench, Ring(183, OTHER))
    bench.wait(40)
    assert bench.told() == [Release(Cause.NO_ACK)]
    assert 504 in bench.statuses()
    assert bench.leg.phase is Phase.ENDED


def test_the_answer_waits_for_the_prack_and_is_not_said_twice() -> None:
    bench = Answering(RELIABLE)
    early = rung(bench, Ring(183, OTHER))
    bench.answering.answer(Answer(OTHER))
    assert bench.sent() == []
    prack(bench, early)
    responses = [each for each in bench.sent() if isinstance(each, Response)]
    assert [(each.status, each.cseq.method) for each in responses] == [
        (200, "PRACK"),
        (200, "INVITE"),
    ]
    assert responses[1].body == b""


def test_a_second_reliable_provisional_waits_for_the_prack_of_the_first() -> None:
    bench = Answering(INSISTS)
    first = rung(bench, Ring(180, b""))
    bench.answering.ring(Ring(183, OTHER))
    assert bench.sent() == []
    prack(bench, first)
    assert bench.statuses() == [200, 183]


def test_a_prack_of_nothing_is_refused_with_481() -> None:
    bench = Answering(RELIABLE)
    rung(bench, Ring(183, OTHER))
    bench.ask("PRACK", ("RAck", "1 1 INVITE"))
    assert bench.statuses() == [481]


def test_a_prack_that_names_nothing_is_refused_with_400() -> None:
    bench = Answering(RELIABLE)
    rung(bench, Ring(183, OTHER))
    bench.ask("PRACK")
    assert bench.statuses() == [400]


def test_an_offer_in_a_prack_is_refused_but_acknowledges() -> None:
    bench = Answering(RELIABLE)
    early = rung(bench, Ring(183, OTHER))
    prack(bench, early, HELD)
    assert bench.statuses() == [488]
    assert answered(bench).status == 200


# An UPDATE before the answer (RFC 3311)


def test_an_update_with_an_offer_before_the_first_is_answered_gets_500() -> None:
    bench = Answering()
    rung(bench, Ring(180, b""))
    bench.ask("UPDATE", body=HELD)
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert (response.status, response.first("retry-after") is not None) == (500, True)


def test_an_update_with_an_offer_by_a_caller_that_expects_ours_gets_491() -> None:
    bench = Answering(body=b"")
    rung(bench, Ring(180, b""))
    bench.ask("UPDATE", body=FAR)
    assert bench.statuses() == [491]


def test_an_early_update_is_passed_on_once_the_first_offer_is_answered() -> None:
    bench = Answering(RELIABLE)
    prack(bench, rung(bench, Ring(183, OTHER)))
    bench.sent()
    bench.ask("UPDATE", body=HELD)
    assert bench.told() == [Update("UPDATE", HELD)]
    assert bench.answering.answer_update(Updated(200, "OK", OTHER))
    assert bench.statuses() == [200]


def test_an_early_update_that_waits_does_not_take_the_place_of_the_invites_offer() -> None:
    bench = Answering(RELIABLE)
    prack(bench, rung(bench, Ring(183, OTHER)))
    bench.sent()
    bench.ask("UPDATE", body=TWO_STREAMS)
    assert answered(bench).body == b""
    assert bench.answering.answer_update(Updated(200, "OK", OTHER))
    assert bench.statuses() == [200]


def test_an_early_update_arms_no_session_timer() -> None:
    bench = Answering()
    rung(bench, Ring(180, b""))
    bench.ask("UPDATE", ("Supported", "timer"), ("Session-Expires", "90;refresher=uac"))
    assert bench.statuses() == [200]
    assert bench.stack.pending_timers == 0


def test_a_reinvite_before_the_answer_gets_500() -> None:
    bench = Answering()
    rung(bench, Ring(180, b""))
    bench.ask("INVITE", body=HELD)
    assert bench.statuses() == [500]


# Transports and transactions that fail


def test_a_caller_that_is_lost_before_the_answer_ends_the_call() -> None:
    bench = Answering()
    bench.stack.perform(bench.stack.layer.lose_transport(UDP, 0.0))
    assert bench.told() == [Release(Cause.UNREACHABLE)]
    assert bench.leg.phase is Phase.ENDED
    bench.wait(40)
    assert len(bench.stack.layer) == 0


def test_a_response_that_fails_after_the_answer_is_left_to_the_acceptance_timer() -> None:
    bench = Answering()
    key = ServerKey("z9hG4bK1", "192.0.2.7:5060", "INVITE")
    answered(bench)
    bench.answering.fail_response(key, FailureCause.TRANSPORT)
    bench.leg.fail_response(key, FailureCause.TRANSPORT)
    assert bench.told() == []


def test_the_leg_says_what_it_is() -> None:
    bench = Answering()
    assert repr(bench.leg) == "<AnsweringLeg call/x STARTING>"
    assert bench.leg.sip_call_id == "call-1"
