"""What the command line prints of blocks and budgets for people."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from switch.clock import local_time
from switch.effect import WriteBlock
from switch.view import BudgetView


def blocks(found: list[WriteBlock], console: Console, name: str = "") -> None:
    """Print who may not call out, and why; `name` is whom the question was about, if anybody."""
    table = _table("", "name", "contract", "stops", "why", "since", "until", "note")
    for block in found:
        why = block.cause
        if block.limit:
            why = f"{block.cause} {block.spent:g} of {block.limit:g}"
        until = "released" if block.until is None else local_time(block.until)
        row = (block.holder, block.name, block.contract, block.reach, why)
        table.add_row(*map(escape, (*row, local_time(block.since), until, block.note)))
    nobody = f"{name} is not" if name else "nobody is"
    console.print(table if found else escape(f"{nobody} blocked"))


def budgets(views: list[BudgetView], console: Console, name: str = "") -> None:
    """Print what has been called out within an hour and a day, and of how much."""
    table = _table(
        "", "name", "contract", "calls", "in progress", "in an hour", "in a day", "yen in a day", ""
    )
    for view in views:
        counts = {
            "calls_at_once": view.calls_at_once,
            "calls_per_hour": view.calls_per_hour,
            "calls_per_day": view.calls_per_day,
            "yen_per_day": view.yen_per_day,
        }
        said = (_of(count, view.limits[name]) for name, count in counts.items())
        blocked = "blocked" if view.is_blocked else ""
        row = (view.holder, view.name, view.contract, view.scope, *said, blocked)
        table.add_row(*map(escape, row))
    nobody = f"{name} has not" if name else "nobody has"
    console.print(table if views else escape(f"{nobody} called out within a day"))


def _of(count: float, limit: int | None) -> str:
    return f"{count:g}" if limit is None else f"{count:g} of {limit}"


def _table(*names: str) -> Table:
    table = Table(box=None)
    for name in names:
        table.add_column(name, overflow="fold")
    return table
