"""What the command line prints of blocks and budgets."""

import io

from rich.console import Console

from switch import fraud_report
from switch.effect import WriteBlock
from switch.view import BudgetView

BLOCK = WriteBlock("device", "desk", "abroad", "c1", "yen_per_day", 120.0, 100.0, 0.0, None)
LIMITS: dict[str, int | None] = {
    "calls_at_once": None,
    "calls_per_hour": 200,
    "calls_per_day": 1000,
    "yen_per_day": 20_000,
}


def console() -> Console:
    return Console(file=io.StringIO(), width=300)


def printed(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def test_a_block_tells_what_was_spent_or_who_has_set_it() -> None:
    on = console()
    own = WriteBlock("contract", "c1", "all", "c1", "operator", 0, 0, 0.0, 9e8, "un[paid]")
    fraud_report.blocks([BLOCK, own], on)
    head, spent, operator = printed(on).splitlines()
    assert "stops" in head
    assert "yen_per_day 120 of 100" in spent
    assert "released" in spent
    assert "operator" in operator
    assert operator.rstrip().endswith("un[paid]")


def test_a_budget_tells_its_limits_where_there_are_any() -> None:
    on = console()
    view = BudgetView("device", "desk", "c1", "domestic", 1, 2, 31, 93.5, LIMITS, is_blocked=True)
    free = BudgetView("device", "app", "c1", "abroad", 0, 0, 1, 0, LIMITS, is_blocked=False)
    fraud_report.budgets([view, free], on)
    row = printed(on).splitlines()[1].split()
    assert row == [
        *("device", "desk", "c1", "domestic", "1", "2", "of", "200"),
        *("31", "of", "1000", "93.5", "of", "20000", "blocked"),
    ]


def test_nobody_blocked_and_nobody_calling_is_said_in_words() -> None:
    on = console()
    fraud_report.blocks([], on)
    fraud_report.budgets([], on)
    assert printed(on).splitlines() == ["nobody is blocked", "nobody has called out within a day"]
    on = console()
    fraud_report.blocks([], on, name="desk")
    fraud_report.budgets([], on, name="desk")
    assert printed(on).splitlines() == [
        "desk is not blocked",
        "desk has not called out within a day",
    ]
