"""The command line's guard against fraud: `daihyo block …` and `daihyo budget`."""

from functools import partial
from typing import Annotated

import typer

from switch import fraud_report
from switch.effect import WriteBlock
from switch.terminal import Files, Json, asked, show
from switch.view import Ask, BudgetView

block_app = typer.Typer(help="Who may not call out, and why.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The user name of an ID, or a contract.")]
Whose = Annotated[str, typer.Argument(help="Only of this ID or contract.")]


@block_app.command("list")
def block_list(name: Whose = "", config: Files = None, *, json: Json = False) -> None:
    """List who may not call out."""
    found = asked(config, Ask("blocks", user=name), list[WriteBlock])
    show(found, partial(fraud_report.blocks, name=name), as_json=json)


@block_app.command("set")
def block_set(
    name: Name,
    config: Files = None,
    *,
    abroad: Annotated[
        bool, typer.Option("--abroad", help="Stop only calls abroad and to premium services.")
    ] = False,
    note: Annotated[str, typer.Option(help="Why, for the list and the log.")] = "",
) -> None:
    """Keep an ID or a contract from calling out, emergencies excepted, until it is released."""
    reach = "abroad" if abroad else "all"
    blocked = asked(config, Ask("block_set", user=name, reach=reach, note=note), str)
    typer.echo(f"blocked {blocked}: {reach}")


@block_app.command("release")
def block_release(name: Name, config: Files = None) -> None:
    """Let an ID or a contract call out again, with fresh budgets."""
    for block in asked(config, Ask("block_release", user=name), list[WriteBlock]):
        typer.echo(f"released {block.holder} {block.name}: {block.reach} ({block.cause})")


def budget(name: Whose = "", config: Files = None, *, json: Json = False) -> None:
    """Show what each ID and contract has called out within an hour and a day, and its limits."""
    found = asked(config, Ask("budgets", user=name), list[BudgetView])
    show(found, partial(fraud_report.budgets, name=name), as_json=json)
