"""Accounts of calls out."""

import pytest

from routing.budget import Budget
from switch.guard.account import DAY, HOUR, Account


@pytest.mark.parametrize(
    ("budget", "cause", "window"),
    [
        (Budget(calls_per_hour=2), "calls_per_hour", HOUR),
        (Budget(calls_per_day=2), "calls_per_day", DAY),
        (Budget(yen_per_day=50), "yen_per_day", DAY),
    ],
)
def test_a_budget_is_spent_when_its_limit_is_reached(
    budget: Budget, cause: str, window: float
) -> None:
    account = Account()
    account.begin("1", 0.0)
    account.day_yen.add(40, 0.0)
    assert account.spent(budget, 0.0) is None
    account.begin("2", 1.0)
    account.day_yen.add(10, 1.0)
    spent = account.spent(budget, 1.0)
    assert spent is not None
    assert (spent.cause, spent.window) == (cause, window)


def test_without_limits_nothing_is_ever_spent_or_full() -> None:
    account = Account()
    for number in range(100):
        account.begin(str(number), 0.0)
    assert account.spent(Budget(), 0.0) is None
    assert not account.is_full(Budget())


def test_as_many_calls_are_in_progress_as_may_be() -> None:
    account = Account()
    account.begin("1", 0.0)
    assert not account.is_full(Budget(calls_at_once=2))
    assert account.is_full(Budget(calls_at_once=1))


def test_an_account_is_idle_after_a_day_without_calls() -> None:
    account = Account()
    assert account.is_idle(0.0)
    account.begin("1", 0.0)
    assert not account.is_idle(3 * DAY)
    account.calls.clear()
    assert account.is_idle(3 * DAY)


def test_a_cleared_account_forgets_counts_and_keeps_calls_in_progress() -> None:
    account = Account()
    account.begin("1", 0.0)
    account.clear()
    assert account.spent(Budget(calls_per_day=1), 0.0) is None
    assert account.is_full(Budget(calls_at_once=1))
