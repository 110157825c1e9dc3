"""The operators' desk for fraud: blocks shown, set and released, and budgets as they stand."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from routing.budget import Reach
from switch.clock import Clock
from switch.command import Command, ReleaseBlock, SetBlock
from switch.control import Answer, ControlError
from switch.effect import WriteBlock
from switch.guard.budget import Budgets
from switch.guard.fraud import Usage
from switch.view import Ask, BudgetView

MAX_NOTE = 200
"""Characters of an operator's reason, which goes into the database and the log."""


class FraudDesk(NamedTuple):
    """Everything an operator may ask or tell the budgets."""

    budgets: Budgets
    command: Callable[[Command], None]
    clock: Clock

    def answers(self) -> Mapping[str, Answer]:
        """Name the commands of the operator socket."""
        return {
            "blocks": self._blocks,
            "block_set": self._set,
            "block_release": self._release,
            "budgets": self._usage,
        }

    async def _blocks(self, ask: Ask) -> list[WriteBlock]:
        return [each for each in self._in_force() if ask.user in {"", each.name, each.contract}]

    async def _set(self, ask: Ask) -> str:
        if ask.reach not in set(Reach):
            raise ControlError(f"unknown reach {ask.reach}; use abroad or all")
        try:
            holder, _ = self.budgets.holder_of(ask.user)
        except LookupError as error:
            raise ControlError(str(error.args[0])) from None
        self.command(SetBlock(ask.user, ask.reach, ask.note[:MAX_NOTE]))
        return f"{holder.kind} {holder.name}"

    async def _release(self, ask: Ask) -> list[WriteBlock]:
        released = [block for block in self._in_force() if block.name == ask.user]
        if not released:
            raise ControlError(f"{ask.user} is not blocked")
        self.command(ReleaseBlock(ask.user))
        return released

    async def _usage(self, ask: Ask) -> list[BudgetView]:
        blocked = {(block.holder, block.name, block.reach) for block in self._in_force()}
        views = (self._view(each, blocked) for each in self.budgets.usage(self.clock.unix()))
        return [view for view in views if ask.user in {"", view.name, view.contract}]

    def _view(self, usage: Usage, blocked: set[tuple[str, str, str]]) -> BudgetView:
        holder, budget = usage.holder, usage.budget
        stops = {Reach.ALL, Reach(usage.scope.value)} if usage.is_abroad else {Reach.ALL}
        return BudgetView(
            holder=holder.kind,
            name=holder.name,
            contract=usage.contract,
            scope=usage.scope.value,
            calls_at_once=usage.calls_at_once,
            calls_per_hour=round(usage.calls_per_hour),
            calls_per_day=round(usage.calls_per_day),
            yen_per_day=round(usage.yen_per_day, 2),
            limits={
                "calls_at_once": budget.calls_at_once,
                "calls_per_hour": budget.calls_per_hour,
                "calls_per_day": budget.calls_per_day,
                "yen_per_day": budget.yen_per_day,
            },
            is_blocked=any((holder.kind, holder.name, reach) in blocked for reach in stops),
        )

    def _in_force(self) -> list[WriteBlock]:
        blocks = self.budgets.blocks.in_force(self.clock.unix())
        return sorted(blocks, key=lambda block: (block.contract, block.name, block.reach))
