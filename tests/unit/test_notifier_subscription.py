"""A subscription: its refreshes, its end, the pace of its NOTIFYs and what becomes of them."""

import pytest

from switch.notifier.dialog_event import DialogFact, DialogState
from switch.notifier.subscription import MIN_INTERVAL, State, Subscription
from switch.sip.message import Request, Response
from tests.support.watch_bench import WatchBench

BUSY = DialogFact("d1", DialogState.CONFIRMED, is_recipient=False, remote="101")


def watched(*, answered: bool = True) -> tuple[WatchBench, Response, Request]:
    """Make a subscription, its first NOTIFY answered or still on its way."""
    bench = WatchBench()
    response, notify = bench.subscribe()
    assert isinstance(response, Response)
    assert isinstance(notify, Request)
    if answered:
        bench.answer(notify)
    return bench, response, notify


def change(bench: WatchBench) -> list[Request | Response]:
    """Change what is watched; return what is sent at once."""
    bench.office.facts["c1", "102"] = (BUSY,)
    bench.notifier.change("dialog", "c1", "102")
    return bench.sent()


def is_gone(bench: WatchBench) -> bool:
    """Tell whether nothing of a subscription is left."""
    left = (len(bench.notifier), bench.stack.usage_count, bench.stack.pending_timers)
    return left == (0, 0, 0)


def test_changes_soon_after_a_notify_are_told_together_when_their_time_comes() -> None:
    bench, _, _ = watched()
    assert change(bench) == []
    assert change(bench) == []
    (notify,) = bench.wait(MIN_INTERVAL)
    assert b'version="1"' in notify.body
    assert b"<state>confirmed</state>" in notify.body


def test_while_a_notify_is_on_its_way_the_next_one_waits_for_its_answer() -> None:
    bench, _, first = watched(answered=False)
    bench.stack.now += MIN_INTERVAL
    assert change(bench) == []
    (second,) = bench.answer(first)
    assert b'version="1"' in second.body
    assert bench.answer(second, 100) == []
    assert bench.answer(second) == []


def test_a_refresh_is_answered_and_tells_the_state_again() -> None:
    bench, response, _ = watched()
    bench.wait(100.0)
    answer, notify = bench.ask(response, "SUBSCRIBE", ("Expires", "900"))
    assert isinstance(answer, Response)
    assert (answer.status, answer.first("expires")) == (200, "900")
    assert notify.first("subscription-state") == "active;expires=900"


def test_too_short_a_refresh_is_refused_and_the_subscription_stays() -> None:
    bench, response, _ = watched()
    (answer,) = bench.ask(response, "SUBSCRIBE", ("Expires", "3"))
    assert isinstance(answer, Response)
    assert answer.status == 423
    assert len(bench.notifier) == 1


def test_unsubscribing_ends_it_with_a_last_notify() -> None:
    bench, response, _ = watched()
    answer, notify = bench.ask(response, "SUBSCRIBE", ("Expires", "0"))
    assert isinstance(answer, Response)
    assert answer.status == 200
    assert notify.first("subscription-state") == "terminated;reason=timeout"
    (refused,) = bench.ask(response, "SUBSCRIBE", cseq=3)
    assert isinstance(refused, Response)
    assert refused.status == 481
    bench.answer(notify)
    assert is_gone(bench)


def test_a_subscription_that_is_not_refreshed_ends_in_time() -> None:
    bench, _, _ = watched()
    (notify,) = bench.wait(600.0)
    assert notify.first("subscription-state") == "terminated;reason=timeout"
    bench.answer(notify)
    assert is_gone(bench)


def test_the_end_waits_for_the_notify_that_is_on_its_way() -> None:
    bench, response, first = watched(answered=False)
    (answer,) = bench.ask(response, "SUBSCRIBE", ("Expires", "0"))
    assert isinstance(answer, Response)
    (last,) = bench.answer(first)
    assert last.first("subscription-state") == "terminated;reason=timeout"
    bench.answer(last)
    assert is_gone(bench)


@pytest.mark.parametrize("status", [481, 404, 603, 500])
def test_a_watcher_that_refuses_a_notify_is_forgotten(status: int) -> None:
    bench, _, notify = watched(answered=False)
    bench.answer(notify, status)
    assert is_gone(bench)


def test_a_watcher_that_asks_to_wait_gets_the_next_one() -> None:
    bench, _, notify = watched(answered=False)
    bench.answer(notify, 503, ("Retry-After", "5"))
    assert len(bench.notifier) == 1
    bench.wait(1.0)
    assert len(change(bench)) == 1


def test_a_watcher_that_never_answers_is_forgotten() -> None:
    bench, _, _ = watched(answered=False)
    bench.wait(40.0)
    assert is_gone(bench)


def test_a_request_of_another_kind_or_of_a_stranger_or_of_the_past_is_refused() -> None:
    bench, response, _ = watched()
    assert bench.ask(response, "ACK") == []
    for method, cseq, tag, status in [
        ("BYE", 2, "a", 405),
        ("SUBSCRIBE", 1, "a", 500),
        ("SUBSCRIBE", 9, "stranger", 481),
    ]:
        (answer,) = bench.ask(response, method, cseq=cseq, tag=tag)
        assert isinstance(answer, Response)
        assert answer.status == status


def test_what_is_over_stays_over() -> None:
    bench, _, _ = watched()
    bench.notifier.end_device("alice")
    (notify,) = bench.sent()
    assert change(bench) == []
    bench.notifier.end_device("alice")
    assert bench.sent() == []
    bench.answer(notify)
    assert is_gone(bench)


def test_a_subscription_shows_what_it_is() -> None:
    bench, response, _ = watched()
    assert repr(bench.stack.usage(response.to_tag)) == "<Subscription alice dialog 102 ACTIVE>"


def test_a_subscription_is_active_until_it_ends_and_then_for_good() -> None:
    bench, response, _ = watched()
    tag = (response.first("to") or "").partition("tag=")[2]
    subscription = bench.stack.usage(tag)
    assert isinstance(subscription, Subscription)
    assert subscription.state is State.ACTIVE
    subscription.end("noresource")
    assert subscription.state is State.TERMINATED
    (notify,) = bench.sent()
    assert notify.first("subscription-state") == "terminated;reason=noresource"
    subscription.end("again")
    subscription.change("102")
    assert bench.sent() == []
    bench.answer(notify)
    assert is_gone(bench)
