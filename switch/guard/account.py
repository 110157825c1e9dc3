"""An account: what one ID or contract has called out, in one scope, within the windows of a budget.

Calls are counted when they begin; money is counted a minute ahead, so that what a call in progress
costs is never behind.
"""

from typing import NamedTuple

from routing.budget import Budget
from switch.guard.window import Window

HOUR = 3600.0
DAY = 86_400.0


class Spent(NamedTuple):
    """A budget that is spent."""

    cause: str
    """Its name in `routing.budget.Budget`."""
    spent: float
    limit: float
    window: float
    """Seconds."""


class Account:
    """The windows of one scope, and the calls in progress."""

    __slots__ = ("calls", "day_calls", "day_yen", "hour_calls")

    def __init__(self) -> None:
        self.calls: set[str] = set()
        """Those in progress."""
        self.clear()

    def clear(self) -> None:
        """Forget what was counted; the calls in progress go on being counted."""
        self.hour_calls, self.day_calls, self.day_yen = Window(HOUR), Window(DAY), Window(DAY)

    def begin(self, call_id: str, at: float) -> None:
        """Count a call."""
        self.calls.add(call_id)
        self.count(at)

    def count(self, at: float) -> None:
        """Count a call that is over already."""
        self.hour_calls.add(1, at)
        self.day_calls.add(1, at)

    def spent(self, budget: Budget, at: float) -> Spent | None:
        """Return the first budget that is spent."""
        yen, a_day, an_hour = budget.yen_per_day, budget.calls_per_day, budget.calls_per_hour
        if yen is not None and (held := self.day_yen.sum(at)) >= yen:
            return Spent("yen_per_day", held, yen, DAY)
        if a_day is not None and (held := self.day_calls.sum(at)) >= a_day:
            return Spent("calls_per_day", held, a_day, DAY)
        if an_hour is not None and (held := self.hour_calls.sum(at)) >= an_hour:
            return Spent("calls_per_hour", held, an_hour, HOUR)
        return None

    def is_full(self, budget: Budget) -> bool:
        """Tell whether as many calls are in progress as may be."""
        return budget.calls_at_once is not None and len(self.calls) >= budget.calls_at_once

    def is_idle(self, at: float) -> bool:
        """Tell whether nothing is left to remember."""
        return not self.calls and not self.day_calls.holds(at) and not self.day_yen.holds(at)
