"""The command line's outbox and voicemail: `daihyo outbox …`, `daihyo voicemail list`.

They work on the database alone; a switch that runs looks there every few seconds.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from provisioning.field import e164
from switch.clock import local_time
from switch.terminal import Files, Json, fail, refuse, settings_of, show

if TYPE_CHECKING:
    from outbox.store import Row
    from switch.outbox_operation import MessageView

outbox_app = typer.Typer(help="Mail that waits or was given up.", no_args_is_help=True)
voicemail_app = typer.Typer(help="Voice messages.", no_args_is_help=True)

Mails = Annotated[list[int] | None, typer.Argument(help="Numbers of mails; all dead ones without.")]

Result = TypeVar("Result")


@outbox_app.command("list")
def outbox_list(
    config: Files = None,
    *,
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
    sent: Annotated[bool, typer.Option("--sent", help="What was sent lately, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    json: Json = False,
) -> None:
    """List mail that is not sent, newest first."""
    from switch.outbox_operation import mails  # noqa: PLC0415 - as below

    settings = settings_of(config)
    show(_done(lambda: mails(settings, limit, dead=dead, sent=sent)), _rows, as_json=json)


@outbox_app.command("retry")
def outbox_retry(mails: Mails = None, config: Files = None) -> None:
    """Let mail be tried again at once, with all its attempts."""
    from switch.outbox_operation import retry  # noqa: PLC0415 - as below

    settings = settings_of(config)
    _say("will be tried again", _done(lambda: retry(settings, mails or None)), mails)


@outbox_app.command("drop")
def outbox_drop(mails: Mails = None, config: Files = None) -> None:
    """Forget mail that was not sent."""
    from switch.outbox_operation import drop  # noqa: PLC0415 - as below

    settings = settings_of(config)
    _say("dropped", _done(lambda: drop(settings, mails or None)), mails)


@voicemail_app.command("list")
def voicemail_list(
    numbers: Annotated[list[str] | None, typer.Argument(help="Numbers; all without.")] = None,
    config: Files = None,
    *,
    deleted: Annotated[bool, typer.Option("--deleted", help="Deleted ones too.")] = False,
    json: Json = False,
) -> None:
    """List voice messages, the oldest first."""
    from switch.outbox_operation import messages  # noqa: PLC0415 - as below

    settings = settings_of(config)
    wanted = [_number(each) for each in numbers] if numbers else None
    show(_done(lambda: messages(settings, wanted, deleted=deleted)), _messages, as_json=json)


def _done(act: Callable[[], Result]) -> Result:
    # Here, because every other command starts faster without a database library.
    from switch.store.database import StoreError  # noqa: PLC0415

    try:
        return act()
    except StoreError as error:
        fail(str(error))


def _say(what: str, rows: list["Row"], mails: list[int] | None) -> None:
    for row in rows:
        typer.echo(f"{what}: {row.id} to {row.recipient}: {row.subject}")
    if missing := set(mails or ()) - {row.id for row in rows}:
        refuse(*(f"no mail {each} that is not sent" for each in sorted(missing)))
    if not rows:
        typer.echo("no dead mail")


def _number(text: str) -> str:
    try:
        return e164(text)
    except ValueError as error:
        fail(f"{text}: {error}")


def _rows(rows: list["Row"], console: Console) -> None:
    table = Table(box=None, header_style="")
    for name in ("mail", "state", "contract", "recipient", "subject", "written", "tried"):
        table.add_column(name, overflow="fold")
    table.add_column("next")
    table.add_column("fault", overflow="fold")
    for row in rows:
        following = local_time(row.due_at) if row.state == "waiting" else ""
        cells = (row.contract, row.recipient, row.subject, local_time(row.created_at))
        own = (str(row.id), row.state.value, *cells, str(row.attempts), following, row.fault)
        table.add_row(*map(escape, own))
    console.print(table if rows else "no mail")


def _messages(messages: list["MessageView"], console: Console) -> None:
    table = Table(box=None, header_style="")
    for name in ("message", "number", "contract", "caller", "at", "seconds", "state"):
        table.add_column(name, overflow="fold")
    for each in messages:
        parties = (each.number, each.contract, each.caller or "withheld")
        length = f"{each.seconds:.0f}"
        cells = (each.id, *parties, local_time(each.started_at), length, each.state.value)
        table.add_row(*map(escape, cells))
    console.print(table if messages else "no messages")
