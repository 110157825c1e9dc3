"""The notifier: who may watch what, what is told at once and on a change, in lists too."""

import pytest

from switch.notifier.dialog_event import DialogFact, DialogState
from switch.notifier.message_summary import MessageCounts
from switch.notifier.notifier import MAX_PER_DEVICE
from switch.sip.message import Field, Request, Response
from tests.support.watch_bench import WatchBench

RINGING = DialogFact("d1", DialogState.EARLY, is_recipient=True, remote="0312345678")
EVENTLIST: Field = ("Supported", "eventlist")


def accepted(messages: list[Request | Response]) -> tuple[Response, Request]:
    """Split what a subscription gets at once: the 200 and the first NOTIFY."""
    response, notify = messages
    assert isinstance(response, Response)
    assert isinstance(notify, Request)
    assert response.status == 200
    return response, notify


def only_status(messages: list[Request | Response]) -> int:
    (response,) = messages
    assert isinstance(response, Response)
    return response.status


def test_a_subscription_is_accepted_and_the_state_told_at_once() -> None:
    bench = WatchBench()
    response, notify = accepted(bench.subscribe())
    assert response.first("expires") == "600"
    assert notify.first("subscription-state") == "active;expires=600"
    assert notify.first("event") == "dialog"
    assert notify.uri == "sip:watcher@192.0.2.7:5060"
    assert b'version="0"' in notify.body
    assert b"<state>terminated</state>" in notify.body


def test_a_change_is_told_to_everybody_who_watches_the_resource() -> None:
    bench = WatchBench()
    for name in ("one", "two"):
        _, notify = accepted(bench.subscribe(call_id=name))
        bench.answer(notify)
    bench.wait(1.0)
    bench.office.facts["c1", "102"] = (RINGING,)
    bench.notifier.change("dialog", "c1", "102")
    told = bench.sent()
    assert [each.call_id for each in told] == ["one", "two"]
    assert all(b"<state>early</state>" in each.body for each in told)


def test_a_change_of_something_else_is_not_told() -> None:
    bench = WatchBench()
    accepted(bench.subscribe())
    bench.notifier.change("dialog", "c1", "101")
    assert bench.wait(0.4) == []


@pytest.mark.parametrize("user", ["201", "999", "lamps-of-others"])
def test_what_belongs_to_another_contract_is_answered_like_what_is_nowhere(user: str) -> None:
    assert only_status(WatchBench().subscribe(user)) == 404


def test_an_unknown_package_is_refused_with_those_that_are_known() -> None:
    (response,) = WatchBench().subscribe(event="presence")
    assert isinstance(response, Response)
    assert (response.status, response.first("allow-events")) == (489, "dialog, message-summary")


def test_a_subscription_without_a_package_or_a_contact_is_malformed() -> None:
    bench = WatchBench()
    assert only_status(bench.subscribe(event=";")) == 400
    assert only_status(bench.subscribe(contact=("Contact", "<<"))) == 400


def test_too_short_a_subscription_is_told_the_minimum_and_a_malformed_one_refused() -> None:
    bench = WatchBench()
    (response,) = bench.subscribe(expires="5")
    assert isinstance(response, Response)
    assert (response.status, response.first("min-expires")) == (423, "30")
    assert only_status(bench.subscribe(expires="soon")) == 400
    response, _ = accepted(bench.subscribe(expires=None))
    assert response.first("expires") == "3600"


def test_a_device_watches_its_own_messages_alone() -> None:
    bench = WatchBench()
    bench.office.mail["alice"] = MessageCounts(2, 1)
    _, notify = accepted(bench.subscribe("alice", "message-summary"))
    assert b"Messages-Waiting: yes" in notify.body
    assert b"Voice-Message: 2/1 (0/0)" in notify.body
    assert only_status(bench.subscribe("alice", "message-summary", device="bob")) == 404
    assert only_status(bench.subscribe("bob", "message-summary", device="bob")) == 404


def test_a_subscription_without_a_user_is_to_the_devices_own_account() -> None:
    bench = WatchBench()
    accepted(bench.subscribe("", "message-summary"))


def test_a_list_is_told_whole_first_and_then_by_what_changed() -> None:
    bench = WatchBench()
    assert only_status(bench.subscribe("lamps")) == 404
    _, notify = accepted(bench.subscribe("lamps", "dialog", EVENTLIST))
    assert notify.first("require") == "eventlist"
    assert b'fullState="true"' in notify.body
    assert notify.body.count(b"Content-Type: application/dialog-info+xml") == 3
    bench.answer(notify)
    bench.wait(1.0)
    bench.office.facts["c1", "*1"] = (RINGING,)
    bench.notifier.change("dialog", "c1", "*1")
    (change,) = bench.sent()
    assert b'fullState="false"' in change.body
    assert change.body.count(b"Content-Type: application/dialog-info+xml") == 1
    assert b'uri="sip:*1@example.jp"' in change.body


def test_a_device_that_asks_for_too_much_loses_its_oldest_subscription() -> None:
    bench = WatchBench()
    for index in range(MAX_PER_DEVICE):
        _, notify = accepted(bench.subscribe(call_id=f"w{index}"))
        bench.answer(notify)
    assert len(bench.notifier) == MAX_PER_DEVICE
    told = bench.subscribe(call_id="one-more")
    ended = next(each for each in told if each.call_id == "w0")
    assert ended.first("subscription-state") == "terminated;reason=rejected"
    assert len(bench.notifier) == MAX_PER_DEVICE
    bench.answer(ended)
    assert len(bench.notifier) == MAX_PER_DEVICE


def test_a_device_that_is_gone_watches_nothing_any_more() -> None:
    bench = WatchBench()
    _, notify = accepted(bench.subscribe())
    bench.answer(notify)
    bench.notifier.end_device("alice")
    (ended,) = bench.sent()
    assert ended.first("subscription-state") == "terminated;reason=noresource"
    bench.answer(ended)
    assert (len(bench.notifier), bench.stack.usage_count) == (0, 0)
    bench.notifier.end_device("nobody")
