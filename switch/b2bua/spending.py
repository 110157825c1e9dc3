"""Spending: tells the budgets of calls out, and does to calls what they say (R65, R66)."""

from collections.abc import Callable, Mapping

from routing.decision import Out, Outcome
from routing.device import Device
from routing.trunk import Trunk
from switch.b2bua.call import Call
from switch.b2bua.event import Cause
from switch.guard.budget import Budgets
from switch.guard.fraud import Due
from switch.sip.stack import Stack

TIMER = "spending"

MARGIN = 0.001
"""Seconds after a deadline: Unix seconds in floating point are coarser than a timer."""


class Spending:
    """What stands between the calls in progress and the budgets."""

    def __init__(
        self,
        stack: Stack,
        budgets: Budgets,
        calls: Mapping[str, Call],
        wall_offset: float,
        hang_up: Callable[[str, Cause], None],
    ) -> None:
        self.budgets = budgets
        self._stack = stack
        self._calls = calls
        self._wall_offset = wall_offset
        self._hang_up = hang_up

    def refusal(self, contract: str, username: str, *, abroad: bool) -> str | None:
        """Return why an ID may not call out now, or None."""
        return self.budgets.refusal(contract, username, abroad=abroad, at=self._wall())

    def begin(self, call: Call, origin: Device | Trunk, outcome: Outcome) -> None:
        """Count a call to a trunk for the ID that pays; one for help is nobody's business."""
        payer = outcome.payer(origin) if isinstance(outcome, Out) else None
        if isinstance(outcome, Out) and isinstance(payer, Device) and not outcome.emergency:
            rate = outcome.rate_per_minute
            yen = float(rate) if rate is not None else None
            self._do(self.budgets.begin(call.id, payer, outcome.number, self._wall(), yen))

    def end(self, call: Call) -> None:
        """Settle a call that has ended."""
        self._do(self.budgets.end(call.id, call.record.answered_at, self._wall()))

    def expire(self, timer: str) -> None:  # noqa: ARG002 - it has one timer
        """Charge what has become due."""
        self._do(self.budgets.expire(self._wall(), self._answered_at))

    def _do(self, due: Due) -> None:
        self._stack.out.extend(due.effects)
        for call_id in due.ended:
            self._hang_up(call_id, Cause.BLOCKED)
        deadline = self.budgets.next_deadline()
        if deadline is None:
            self._stack.cancel_timer(self, TIMER)
        else:
            self._stack.set_timer(self, TIMER, max(0.0, deadline - self._wall()) + MARGIN)

    def _answered_at(self, call_id: str) -> float | None:
        return self._calls[call_id].record.answered_at

    def _wall(self) -> float:
        return self._stack.now + self._wall_offset
