"""What either leg does once its dialog stands: challenges, digits, the end, its own timers."""

import msgspec
import pytest

from switch.b2bua.event import Cause, Inform, Release, Update, Updated
from switch.b2bua.phase import Phase
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from tests.support.exchange import REMOTE, UDP
from tests.support.leg_bench import FAR, HELD, Originating, invitation

DIGIT = Inform("application/dtmf-relay", b"Signal=1")


class Carrier:
    """Answers every challenge, or none."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers

    def authorize(self, _request: Request, _response: Response, _flow: Flow) -> Field | None:
        """Return the answer to a challenge."""
        return ("Proxy-Authorization", "Digest here") if self.answers else None


def standing(*, challenged: bool = False) -> Originating:
    """Make a leg whose call stands."""
    authorizer = Carrier() if challenged else None
    bench = Originating(invitation(authorizer=authorizer))
    bench.establish()
    return bench


@pytest.mark.parametrize("phase", list(Phase))
def test_a_phase_is_a_word(phase: Phase) -> None:
    assert phase.name.lower() == phase.value


def test_a_leg_begins_starting_and_is_confirmed_by_its_ack() -> None:
    bench = Originating()
    assert bench.leg.phase is Phase.STARTING
    bench.establish()
    assert bench.leg.phase is Phase.CONFIRMED


def test_a_challenged_request_is_repeated_once_with_the_answer() -> None:
    bench = standing(challenged=True)
    bench.leg.inform(DIGIT)
    first = bench.last_request("INFO")
    bench.answer(first, 407)
    again = bench.last_request("INFO")
    assert again.first("proxy-authorization") == "Digest here"
    assert (again.body, again.cseq.number) == (first.body, first.cseq.number + 1)
    bench.answer(again, 407)
    assert bench.requests() == []
    assert bench.leg.phase is Phase.CONFIRMED


def test_many_challenges_in_one_call_are_all_answered() -> None:
    bench = standing(challenged=True)
    for _ in range(40):
        bench.leg.inform(DIGIT)
        bench.answer(bench.last_request("INFO"), 407)
        bench.answer(bench.last_request("INFO"), 200)


def test_a_challenged_change_is_repeated_and_its_ack_carries_the_credentials() -> None:
    bench = standing(challenged=True)
    bench.leg.update(Update("INVITE", HELD))
    bench.answer(bench.last_request("INVITE"), 401)
    again = bench.requests()[-1]
    bench.answer(again, 200, body=FAR)
    assert bench.last_request("ACK").first("proxy-authorization") == "Digest here"
    assert bench.told() == [Updated(200, "OK", FAR)]


def test_a_challenge_that_nobody_answers_refuses_the_change() -> None:
    bench = standing()
    bench.leg.update(Update("UPDATE", HELD))
    bench.answer(bench.last_request("UPDATE"), 401)
    assert bench.told() == [Updated(401, "Unauthorized", b"")]


def test_a_challenge_of_another_realm_is_not_answered() -> None:
    bench = Originating(invitation(authorizer=Carrier(answers=False)))
    bench.establish()
    bench.leg.inform(DIGIT)
    bench.answer(bench.last_request("INFO"), 407)
    assert (bench.requests(), bench.leg.phase) == ([], Phase.CONFIRMED)


def test_a_challenged_bye_is_repeated() -> None:
    bench = standing(challenged=True)
    bench.leg.release(Release(Cause.NORMAL, "Q.850;cause=16"))
    bench.answer(bench.last_request("BYE"), 407)
    again = bench.last_request("BYE")
    assert again.first("reason") == "Q.850;cause=16"
    bench.answer(again, 200)
    assert bench.stack.usage(bench.near_tag) is None


def test_a_trying_to_a_digit_changes_nothing() -> None:
    bench = standing()
    bench.leg.inform(DIGIT)
    bench.answer(bench.last_request("INFO"), 100)
    assert bench.leg.phase is Phase.CONFIRMED


@pytest.mark.parametrize("status", [408, 481])
def test_a_digit_that_finds_no_dialog_ends_the_call(status: int) -> None:
    bench = standing()
    bench.leg.inform(DIGIT)
    bench.answer(bench.last_request("INFO"), status)
    assert bench.told() == [Release(Cause.DIALOG_LOST)]


def test_a_digit_that_is_refused_changes_nothing() -> None:
    bench = standing()
    bench.leg.inform(DIGIT)
    bench.answer(bench.last_request("INFO"), 415)
    assert (bench.told(), bench.leg.phase) == ([], Phase.CONFIRMED)


def test_a_digit_that_is_never_answered_ends_the_call() -> None:
    bench = standing()
    bench.leg.inform(DIGIT)
    bench.wait(33)
    assert bench.told() == [Release(Cause.DIALOG_LOST)]


def test_a_digit_is_not_sent_to_a_phone_that_takes_none() -> None:
    bench = Originating()
    bench.answer(bench.call(), 200, ("Allow", "INVITE, BYE"), body=FAR)
    bench.sent()
    bench.leg.inform(DIGIT)
    assert bench.sent() == []


def test_a_bye_of_the_other_branch_that_is_never_answered_leaves_the_call() -> None:
    bench = Originating()
    invite = bench.call()
    bench.answer(invite, 200, body=FAR)
    bench.answer(invite, 200, body=FAR, tag="fork")
    bench.told()
    bench.wait(40)
    assert (bench.told(), bench.leg.phase) == ([], Phase.CONFIRMED)
    assert bench.stack.usage(bench.near_tag) is bench.leg


def test_requests_go_where_the_far_side_last_spoke_from() -> None:
    bench = standing()
    moved = Flow(UDP.transport, UDP.local, msgspec.structs.replace(REMOTE, port=6666))
    bench.arrive(bench.compose("OPTIONS"), moved)
    bench.sent()
    bench.leg.release(Release(Cause.NORMAL))
    assert bench.leg.flow == moved
