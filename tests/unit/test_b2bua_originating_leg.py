"""The B leg, phase by phase: what the called side does, what the call asks, what time brings."""

import pytest

from switch.b2bua.event import Answer, Cause, Fail, Release, Ring, Update, Updated
from switch.b2bua.phase import Phase
from switch.sip.dialog.dialog_set import MAX_EARLY_DIALOGS
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from tests.support.exchange import UDP
from tests.support.leg_bench import (
    ALLOW,
    FAR,
    HELD,
    OTHER,
    SDP,
    TWO_STREAMS,
    URI,
    Originating,
    invitation,
)

HANG_UP = Release(Cause.NORMAL)
GIVE_UP = Release(Cause.CANCELLED, "SIP;cause=200")
RELIABLY: tuple[Field, ...] = (("Require", "100rel"), ("RSeq", "7"))


class Carrier:
    """Answers challenges with one field, as a trunk that has credentials does."""

    def __init__(self, field: Field | None = ("Proxy-Authorization", "Digest here")) -> None:
        self.field = field

    def authorize(self, _request: Request, _response: Response, _flow: Flow) -> Field | None:
        """Return the answer to a challenge."""
        return self.field


def carried(carrier: Carrier | None = None) -> Originating:
    """Make a leg to a carrier that challenges."""
    return Originating(invitation(authorizer=carrier or Carrier()))


# The INVITE


def test_the_invite_says_who_calls_whom_and_offers_our_own_address() -> None:
    bench = Originating(invitation(route=("<sip:edge;lr>",), fields=(("Subject", "hi"),)))
    invite = bench.call()
    assert invite.uri == URI
    assert invite.first("route") == "<sip:edge;lr>"
    assert invite.first("max-forwards") == "69"
    assert invite.first("subject") == "hi"
    assert b"c=IN IP4 192.0.2.1" in invite.body
    assert invite.has_token("supported", "100rel")


def test_an_invite_without_offer_invites_no_reliable_provisional() -> None:
    invite = Originating().call(b"")
    assert invite.body == b""
    assert not invite.has_token("supported", "100rel")


def test_trying_is_told_to_nobody() -> None:
    bench = Originating()
    bench.answer(bench.call(), 100)
    assert (bench.told(), bench.leg.phase) == ([], Phase.STARTING)


def test_alerting_is_told_and_makes_an_early_dialog() -> None:
    bench = Originating()
    bench.answer(bench.call(), 180)
    assert (bench.told(), bench.leg.phase) == ([Ring(180, b"")], Phase.EARLY)


def test_alerting_without_a_tag_is_told_but_makes_no_dialog() -> None:
    bench = Originating()
    bench.remote_tag = ""
    bench.answer(bench.call(), 180)
    assert (bench.told(), bench.leg.phase) == ([Ring(180, b"")], Phase.STARTING)


def test_more_early_dialogs_than_a_fork_has_are_not_kept() -> None:
    bench = Originating()
    invite = bench.call()
    for number in range(MAX_EARLY_DIALOGS + 2):
        bench.answer(invite, 180, tag=f"t{number}")
    assert len(bench.originating._set) == MAX_EARLY_DIALOGS


def test_an_answer_is_acknowledged_and_told() -> None:
    bench = Originating()
    bench.answer(bench.call(), 200, body=FAR)
    ack = bench.last_request("ACK")
    assert ack.uri == "sip:far@192.0.2.7:5060"
    assert (bench.told(), bench.leg.phase) == ([Answer(FAR)], Phase.CONFIRMED)


def test_the_ack_carries_the_credentials_of_its_invite() -> None:
    bench = carried()
    invite = bench.call()
    bench.answer(invite, 407)
    again = bench.requests()[-1]
    bench.answer(again, 200, body=FAR)
    assert bench.last_request("ACK").first("proxy-authorization") == "Digest here"


def test_a_repeated_2xx_is_acknowledged_with_the_same_octets() -> None:
    bench = Originating()
    invite = bench.call()
    acks = []
    for _ in range(2):
        bench.answer(invite, 200, body=FAR)
        acks.append(bench.last_request("ACK").octets())
    assert acks[0] == acks[1]
    assert bench.told() == [Answer(FAR)]


def test_a_2xx_of_another_branch_is_acknowledged_and_hung_up_and_the_call_goes_on() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 200, body=FAR)
    bench.sent()
    bench.answer(invite, 200, body=FAR, tag="fork")
    ack, bye = bench.requests()
    assert [(each.method, each.to_tag) for each in (ack, bye)] == [("ACK", "fork"), ("BYE", "fork")]
    bench.answer(bye, 200)
    bench.told()
    bench.ask("BYE")
    assert bench.statuses() == [200]
    assert bench.told() == [Release(Cause.NORMAL)]


def test_a_request_of_the_branch_that_lost_is_refused_with_481() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 200, body=FAR)
    bench.answer(invite, 200, body=FAR, tag="fork")
    bench.sent()
    bench.ask("INFO", tag="fork")
    assert bench.statuses() == [481]
    bench.arrive(bench.compose("INFO", tag="nobody"))
    assert bench.statuses() == [481]


def test_a_request_with_another_call_id_is_refused_with_481() -> None:
    bench = Originating()
    bench.establish()
    stray = bench.compose("INFO")
    fields = [
        ("Call-ID", "x") if name == "Call-ID" else (name, each) for name, each in stray.fields
    ]
    bench.arrive(Request(stray.method, stray.uri, fields, b""))
    assert bench.statuses() == [481]


@pytest.mark.parametrize("body", [b"", b"nonsense", b"v=0\r\ns=-\r\nt=0 0\r\n"])
def test_an_answer_without_a_usable_description_ends_the_leg(body: bytes) -> None:
    bench = Originating()
    bench.answer(bench.call(), 200, body=body)
    assert [each.method for each in bench.requests()] == ["ACK", "BYE"]
    assert bench.told() == [Fail(488, "Not Acceptable Here", Cause.INCOMPATIBLE)]


def test_an_answer_with_more_streams_than_the_offer_ends_the_leg() -> None:
    bench = Originating()
    bench.answer(bench.call(), 200, body=TWO_STREAMS)
    assert [each.method for each in bench.requests()] == ["ACK", "BYE"]
    assert bench.told() == [Fail(488, "Not Acceptable Here", Cause.INCOMPATIBLE)]


def test_a_route_that_cannot_be_read_is_not_taken() -> None:
    bench = Originating()
    bench.answer(bench.call(), 200, ("Record-Route", "nobody knows"), body=FAR)
    assert bench.last_request("ACK").first("route") is None


# Early media and reliable provisional responses


def test_early_media_is_told_and_is_the_answer_that_a_bare_2xx_lacks() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 183, body=FAR)
    bench.answer(invite, 200)
    assert bench.told() == [Ring(183, FAR), Answer(FAR)]


def test_early_media_with_too_many_streams_is_no_answer_for_a_bare_2xx() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 183, body=TWO_STREAMS)
    bench.answer(invite, 200)
    assert bench.told()[-1] == Fail(488, "Not Acceptable Here", Cause.INCOMPATIBLE)


def test_early_media_of_an_invite_without_offer_is_not_listened_to() -> None:
    bench = Originating()
    bench.answer(bench.call(b""), 183, body=FAR)
    assert bench.told() == [Ring(183, b"")]


def test_a_reliable_provisional_is_acknowledged_once_and_its_description_is_the_answer() -> None:
    bench = Originating()
    invite = bench.call()
    for _ in range(2):
        bench.answer(invite, 183, *RELIABLY, body=FAR)
    prack = bench.last_request("PRACK")
    assert prack.first("rack") == f"7 {invite.cseq.number} INVITE"
    bench.answer(prack, 200)
    bench.answer(invite, 200)
    assert bench.told() == [Ring(183, FAR), Answer(FAR)]


def test_the_2xx_of_another_branch_may_describe_another_session() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 183, *RELIABLY, body=FAR)
    bench.answer(invite, 200, body=HELD, tag="fork")
    assert bench.told()[-1] == Answer(HELD)


def test_early_media_after_the_answer_was_given_reliably_is_only_listened_to() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 183, *RELIABLY, body=FAR)
    bench.answer(invite, 183, body=HELD)
    assert bench.told() == [Ring(183, FAR), Ring(183, HELD)]
    bench.answer(invite, 200)
    assert bench.told() == [Answer(FAR)]


def test_a_reliable_provisional_with_a_wrong_answer_leaves_the_offer_open() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 183, *RELIABLY, body=TWO_STREAMS)
    assert bench.told() == [Ring(183, b"")]
    bench.answer(invite, 200, body=FAR)
    assert bench.told() == [Fail(488, "Not Acceptable Here", Cause.INCOMPATIBLE)]


def test_an_early_update_of_theirs_is_passed_on_once_the_offer_is_answered() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 183, *RELIABLY, body=FAR)
    bench.sent()
    bench.ask("UPDATE", body=HELD)
    assert bench.told()[-1] == Update("UPDATE", HELD)
    bench.answer(invite, 200)
    assert bench.told() == [Answer(FAR)]
    assert bench.leg.answer_update(Updated(200, "OK", OTHER))


def test_an_early_update_of_ours_goes_out_once_the_offer_is_answered() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 183, *RELIABLY, ALLOW, body=FAR)
    bench.told()
    bench.leg.update(Update("UPDATE", HELD))
    update = bench.last_request("UPDATE")
    bench.answer(invite, 200)
    bench.answer(update, 200, body=FAR)
    assert bench.told() == [Answer(FAR), Updated(200, "OK", FAR)]


def test_an_early_update_of_ours_waits_while_the_offer_is_open() -> None:
    bench = Originating()
    bench.answer(bench.call(), 180, ALLOW)
    bench.told()
    bench.leg.update(Update("UPDATE", HELD))
    assert bench.told() == [Updated(491, "Request Pending", b"")]


def test_an_update_with_an_offer_by_a_phone_that_is_to_offer_in_its_2xx_gets_491() -> None:
    bench = Originating()
    bench.answer(bench.call(b""), 180)
    bench.ask("UPDATE", body=FAR)
    assert 491 in bench.statuses()


def test_the_end_of_a_prack_changes_nothing_before_the_answer() -> None:
    bench = Originating()
    bench.answer(bench.call(), 183, *RELIABLY)
    prack = bench.last_request("PRACK")
    bench.answer(prack, 481)
    assert (bench.told(), bench.leg.phase) == ([Ring(183, b"")], Phase.EARLY)


# Late offers


def test_a_late_offer_is_told_and_acknowledged_with_the_other_sides_answer() -> None:
    bench = Originating()
    invite = bench.call(b"")
    bench.answer(invite, 200, body=FAR)
    assert (bench.requests(), bench.told()) == ([], [Answer(FAR)])
    assert bench.leg.phase is Phase.ANSWERED
    bench.answer(invite, 200, body=FAR)
    assert bench.requests() == []
    bench.leg.acknowledge(OTHER)
    ack = bench.last_request("ACK")
    assert (ack.first("content-type"), bench.leg.phase) == (SDP[1], Phase.CONFIRMED)


def test_a_late_offer_that_nobody_answers_is_acknowledged_before_the_bye() -> None:
    bench = Originating()
    bench.answer(bench.call(b""), 200, body=FAR)
    bench.leg.release(HANG_UP)
    assert [each.method for each in bench.requests()] == ["ACK", "BYE"]


def test_a_late_offer_that_is_acknowledged_without_an_answer_stands_as_it_was() -> None:
    bench = Originating()
    bench.answer(bench.call(b""), 200, body=FAR)
    bench.leg.acknowledge(b"")
    assert bench.last_request("ACK").body == b""
    bench.leg.acknowledge(b"")
    assert bench.requests() == []


def test_a_2xx_that_owes_an_offer_and_has_none_ends_the_leg() -> None:
    bench = Originating()
    bench.answer(bench.call(b""), 200)
    assert [each.method for each in bench.requests()] == ["ACK", "BYE"]
    assert bench.told() == [Fail(488, "Not Acceptable Here", Cause.INCOMPATIBLE)]


# Failures, challenges, withdrawal


@pytest.mark.parametrize(
    ("status", "cause"),
    [(302, Cause.FAILED), (486, Cause.BUSY), (500, Cause.FAILED), (603, Cause.DECLINED)],
)
def test_a_refusal_is_told_with_its_cause(status: int, cause: Cause) -> None:
    bench = Originating()
    bench.answer(bench.call(), status, ("Retry-After", "5"))
    (event,) = bench.told()
    assert isinstance(event, Fail)
    assert (event.status, event.cause, event.retry_after) == (status, cause, "5")
    assert bench.leg.phase is Phase.ENDED
    assert bench.stack.usage(bench.near_tag) is None


def test_a_challenge_is_answered_once() -> None:
    bench = carried()
    bench.answer(bench.call(), 407)
    again = bench.requests()[-1]
    assert again.first("proxy-authorization") == "Digest here"
    bench.answer(again, 407)
    (event,) = bench.told()
    assert isinstance(event, Fail)
    assert event.status == 407


def test_a_challenge_that_is_not_ours_to_answer_is_a_failure() -> None:
    for bench in (Originating(), carried(Carrier(None))):
        bench.answer(bench.call(), 401)
        (event,) = bench.told()
        assert isinstance(event, Fail)
        assert event.status == 401


def test_the_early_dialogs_of_a_challenged_invite_are_over() -> None:
    bench = carried()
    invite = bench.call()
    bench.answer(invite, 183, *RELIABLY)
    bench.answer(invite, 407)
    again = bench.requests()[-1]
    bench.answer(again, 183, ("Require", "100rel"), ("RSeq", "3"))
    assert bench.last_request("PRACK").first("rack") == f"3 {again.cseq.number} INVITE"


def test_a_larger_interval_is_offered_when_it_is_asked_for_and_may_be_challenged_again() -> None:
    bench = carried()
    bench.answer(bench.call(), 407)
    bench.answer(bench.requests()[-1], 422, ("Min-SE", "3600"))
    larger = bench.requests()[-1]
    assert (larger.first("session-expires") or "").startswith("3600")
    bench.answer(larger, 407)
    last = bench.requests()[-1]
    assert last.first("proxy-authorization") == "Digest here"
    bench.answer(last, 200, body=FAR)
    assert bench.told() == [Answer(FAR)]


def test_a_far_side_that_raises_the_interval_for_ever_is_given_up() -> None:
    bench = Originating()
    invite = bench.call()
    for interval in range(2000, 2010):
        bench.answer(invite, 422, ("Min-SE", str(interval)))
        if bench.events:
            break
        invite = bench.requests()[-1]
    (event,) = bench.told()
    assert isinstance(event, Fail)
    assert event.status == 422


def test_an_invite_that_is_never_answered_fails_unheard() -> None:
    bench = Originating()
    bench.call()
    bench.wait(33)
    (event,) = bench.told()
    assert isinstance(event, Fail)
    assert (event.status, event.cause) == (408, Cause.UNREACHABLE)


def test_an_invite_whose_transport_fails_is_told_as_503() -> None:
    bench = Originating()
    bench.call()
    bench.stack.perform(bench.stack.layer.lose_transport(UDP, 0.0))
    (event,) = bench.told()
    assert isinstance(event, Fail)
    assert event.status == 503


def test_a_leg_that_was_not_called_yet_is_withdrawn_without_a_word() -> None:
    bench = Originating()
    bench.leg.release(GIVE_UP)
    assert bench.sent() == []
    assert bench.told() == [Fail(487, "Request Terminated", Cause.CANCELLED)]
    bench.wait(40)
    assert bench.stack.usage(bench.near_tag) is None


def test_a_withdrawn_leg_is_cancelled_once_and_ends_with_the_487() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 180)
    bench.told()
    for _ in range(2):
        bench.leg.release(GIVE_UP)
    cancel = bench.last_request("CANCEL")
    assert cancel.first("reason") == "SIP;cause=200"
    bench.answer(invite, 183)
    bench.answer(invite, 487)
    assert [type(event) for event in bench.told()] == [Fail]
    assert bench.leg.phase is Phase.ENDED


def test_a_withdrawn_leg_does_not_answer_a_challenge() -> None:
    bench = carried()
    invite = bench.call()
    bench.answer(invite, 180)
    bench.leg.release(GIVE_UP)
    bench.answer(invite, 407)
    assert [each.method for each in bench.requests()] == ["CANCEL", "ACK"]


def test_a_2xx_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 180)
    bench.leg.release(GIVE_UP)
    bench.sent()
    bench.told()
    bench.answer(invite, 200, body=FAR)
    ack, bye = bench.requests()
    assert [ack.method, bye.method] == ["ACK", "BYE"]
    assert bench.told() == [Fail(487, "Request Terminated", Cause.CANCELLED)]
    bench.answer(invite, 200, body=FAR)
    assert [each.method for each in bench.requests()] == ["ACK"]
    bench.answer(bye, 200)
    bench.wait(70)
    assert bench.stack.usage(bench.near_tag) is None
    assert bench.stack.pending_timers == 0


def test_a_far_side_whose_first_word_was_a_2xx_after_the_cancel_may_hang_up_too() -> None:
    bench = Originating()
    invite = bench.call()
    bench.leg.release(GIVE_UP)
    bench.sent()
    bench.answer(invite, 200, body=FAR)
    bench.sent()
    bench.ask("BYE")
    assert bench.statuses() == [200]


def test_a_2xx_of_a_leg_that_was_lost_before_is_hung_up() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 180)
    bench.ask("BYE")
    bench.sent()
    bench.told()
    bench.answer(invite, 200, body=FAR)
    assert [each.method for each in bench.requests()] == ["ACK", "BYE"]
    assert bench.told() == []


def test_a_bye_in_the_early_dialog_ends_the_invite_too() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 180)
    bench.told()
    bench.ask("BYE")
    sent = bench.sent()
    assert [getattr(each, "method", None) or getattr(each, "status", None) for each in sent] == [
        200,
        "CANCEL",
    ]
    (event,) = bench.told()
    assert isinstance(event, Fail)
    assert event.status == 480
    bench.answer(invite, 487)
    assert bench.told() == []


def test_provisionals_after_the_answer_are_told_to_nobody() -> None:
    bench = Originating()
    invite = bench.establish()
    bench.answer(invite, 180)
    assert bench.told() == []


def test_a_release_after_the_answer_hangs_up() -> None:
    bench = Originating()
    bench.establish()
    bench.leg.release(HANG_UP)
    bye = bench.last_request("BYE")
    bench.leg.release(HANG_UP)
    assert bench.requests() == []
    bench.answer(bye, 200)
    assert bench.stack.usage(bench.near_tag) is None


def test_a_bye_of_theirs_after_the_answer_ends_the_call() -> None:
    bench = Originating()
    bench.establish()
    bench.ask("BYE")
    assert bench.statuses() == [200]
    assert bench.told() == [Release(Cause.NORMAL)]


def test_a_prack_to_a_leg_that_sends_no_provisionals_is_refused_with_481() -> None:
    bench = Originating()
    bench.establish()
    bench.ask("PRACK", ("RAck", "1 1 INVITE"))
    assert bench.statuses() == [481]
