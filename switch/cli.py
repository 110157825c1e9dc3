"""The command line: run the switch, check its configuration, and see what it does.

`run`, `check` and `cdr` read the configuration; everything else asks the running switch on the
operator socket of its data folder. Faults of configuration and environment end with exit code 2.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from config.demonstration import accounts, write_demonstration
from config.fault import ConfigurationError
from config.loader import load
from config.model import Settings
from switch import control, report
from switch.b2bua.facts import CallFacts
from switch.call_story import story_of
from switch.clock import local_time
from switch.contract_cli import (
    contract_app,
    export_contracts,
    id_app,
    import_contracts,
    number_app,
    schema,
)
from switch.explain_cli import explain, why
from switch.fraud_cli import block_app, budget
from switch.outbox_cli import outbox_app, voicemail_app
from switch.party import spellings
from switch.sip_trace import Message, ladder, line
from switch.terminal import (
    DEFAULT_FILE,
    Files,
    Json,
    answered,
    asked,
    fail,
    files_of,
    settings_of,
    show,
)
from switch.view import Ask, BindingView, Status

DEMONSTRATION_CONTRACTS = DEFAULT_FILE.with_name("contracts.toml")
"""What the first start imports; the passwords stay in it, for whoever sets up the phones."""

app = typer.Typer(
    name="daihyo",
    help="An open SIP/RTP softswitch.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
call_app = typer.Typer(help="One call.", no_args_is_help=True)
app.add_typer(call_app, name="call")
app.add_typer(contract_app, name="contract")
app.add_typer(number_app, name="number")
app.add_typer(id_app, name="id")
app.command("import")(import_contracts)
app.command("export")(export_contracts)
app.command("schema")(schema)
app.add_typer(outbox_app, name="outbox")
app.add_typer(voicemail_app, name="voicemail")
app.add_typer(block_app, name="block")
app.command("budget")(budget)
app.command("explain")(explain)
call_app.command("why")(why)

CallId = Annotated[str, typer.Argument(help="Our call_id; its first characters will do.")]


def main() -> None:
    """Run the command line."""
    app()


@app.callback()
def daihyo(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Tell the version and end.")] = False,
) -> None:
    """Tell the version, or without a command what there is."""
    if version:
        # Here, because the commands start faster without it.
        from switch.app import package_version  # noqa: PLC0415

        typer.echo(f"daihyo {package_version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


@app.command()
def run(config: Files = None) -> None:
    """Run the switch; without -c, make and use a demonstration configuration."""
    # Here, because the other commands start faster without them.
    from switch.app import serve  # noqa: PLC0415
    from switch.environment import EnvironmentFault  # noqa: PLC0415

    files = files_of(config)
    is_demonstration = not config and "DAIHYO_CONFIG" not in os.environ
    if is_demonstration:
        _guarded(lambda: write_demonstration(DEFAULT_FILE, DEMONSTRATION_CONTRACTS))
    settings = settings_of(config)
    folder = settings.server.data_dir
    if control.is_answering(folder):
        fail(f"a switch already runs on {folder}; see daihyo status")
    phones = []
    if is_demonstration:
        phones = accounts(DEMONSTRATION_CONTRACTS) or accounts(DEFAULT_FILE)
        _seed(settings)
    try:
        serve(settings, reload=lambda: load(files, os.environ), phones=phones)
    except EnvironmentFault as error:
        fail(*(_with_file(fault, files) for fault in error.faults))


@app.command()
def check(
    config: Files = None,
    *,
    files_only: Annotated[bool, typer.Option(help="Do not try this machine.")] = False,
) -> None:
    """Check the configuration, and whether this machine can run it; tell every fault at once."""
    # Here, because the other commands start faster without them.
    from switch.contract_operation import stored_contracts  # noqa: PLC0415
    from switch.environment import try_out  # noqa: PLC0415

    settings = settings_of(config)
    files = files_of(config)
    if not files_only:
        if faults := try_out(settings):
            fail(*(_with_file(fault, files) for fault in faults))
        if control.is_answering(settings.server.data_dir):
            note = f"a switch runs on {settings.server.data_dir}; its ports were not tried"
            typer.echo(f"daihyo: note: {note}", err=True)
    if contradictions := _contract_faults(settings, with_store=not files_only):
        fail(*contradictions)
    contracts = [*settings.contracts, *([] if files_only else stored_contracts(settings))]
    ids = sum(len(contract.ids) for contract in contracts)
    typer.echo(
        f"{_named(files)}: good "
        f"({len(contracts)} contracts, {ids} IDs, {len(settings.trunks)} trunks, "
        f"{len(settings.listeners)} listeners)"
    )


@app.command()
def status(config: Files = None, *, json: Json = False) -> None:
    """Show the switch at a glance."""
    show(asked(config, Ask("status"), Status), report.status, as_json=json)


@app.command()
def calls(config: Files = None, *, json: Json = False) -> None:
    """List the calls in progress."""
    show(asked(config, Ask("calls"), list[CallFacts]), report.calls, as_json=json)


@call_app.command("show")
def callshow(call_id: CallId, config: Files = None, *, json: Json = False) -> None:
    """Tell the story of a call: log, decision, messages, records, media."""
    show(story_of(settings_of(config), call_id), report.story, as_json=json)


@call_app.command("hangup")
def call_hangup(call_id: CallId, config: Files = None) -> None:
    """End a call in progress."""
    typer.echo(f"hung up {asked(config, Ask('hangup', call_id=call_id), str)}")


@app.command()
def bindings(config: Files = None, *, json: Json = False) -> None:
    """List where each device is registered."""
    show(asked(config, Ask("bindings"), list[BindingView]), report.bindings, as_json=json)


@app.command()
def drain(config: Files = None) -> None:
    """Refuse new calls, let those in progress end, then stop."""
    typer.echo(asked(config, Ask("drain"), str))


@app.command()
def cdr(
    config: Files = None,
    *,
    call: Annotated[str | None, typer.Option(help="Only of this call.")] = None,
    number: Annotated[
        str | None, typer.Option(help="Only from or to this number, extension or device.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    json: Json = False,
) -> None:
    """List call detail records, newest first; the switch need not run."""
    # Only this command needs a database library, and the others start faster without it.
    from switch.store.database import StoreError, read_cdrs  # noqa: PLC0415

    settings = settings_of(config)
    url = settings.server.database_url
    try:
        parties = _parties(settings, number) if number else frozenset[str]()
        found = asyncio.run(read_cdrs(url, call_id=call, parties=parties, limit=limit))
    except StoreError as error:
        fail(str(error))
    show(found, report.cdrs, as_json=json)


@app.command()
def trace(  # noqa: PLR0913 - an option each
    config: Files = None,
    *,
    call: Annotated[str, typer.Option(help="Only this call: our call_id or a SIP Call-ID.")] = "",
    user: Annotated[str, typer.Option(help="Only from or to this user or number.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on live.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print whole messages.")] = False,
    reveal: Annotated[
        bool, typer.Option(help="Show bodies and credentials too; implies --full.")
    ] = False,
    json: Json = False,
) -> None:
    """Show SIP messages as a ladder, or live line by line."""
    full = full or reveal
    question = Ask("trace", call_id=call, user=user, follow=follow, reveal=reveal)
    folder = settings_of(config).server.data_dir

    async def read() -> None:
        kept: list[Message] = []
        is_empty = True
        async for message in control.follow(folder, question):
            is_empty = False
            if json:
                typer.echo(msgspec.json.encode(message).decode())
            elif full or follow:
                typer.echo(line(message, local_time(message.at)))
                if full:
                    typer.echo(message.text(bodies=reveal, secrets=reveal) + "\n")
            else:
                kept.append(message)
        if kept:
            typer.echo("\n".join(ladder(kept)))
        if is_empty and not json:
            typer.echo("no messages")

    answered(read())


def _named(files: list[Path]) -> str:
    return ", ".join(map(str, files))


def _with_file(fault: str, files: list[Path]) -> str:
    """Say where the setting stands that a fault of the machine asks to change."""
    return f"{fault} in {_named(files)}" if "change [" in fault else fault


def _seed(settings: Settings) -> None:
    """Give a demonstration that has no contract yet the one of its file."""
    # Here, because the others start faster without a database library.
    from provisioning.document import ContractError  # noqa: PLC0415
    from switch.contract_operation import seed  # noqa: PLC0415
    from switch.store.database import StoreError  # noqa: PLC0415

    if settings.contracts or not DEMONSTRATION_CONTRACTS.exists():
        return
    try:
        seed(settings, DEMONSTRATION_CONTRACTS)
    except (StoreError, ConfigurationError, ContractError) as error:
        fail(f"{DEMONSTRATION_CONTRACTS}: {error}")


def _contract_faults(settings: Settings, *, with_store: bool) -> tuple[str, ...]:
    """Tell what the configuration and the database's contracts contradict."""
    # Here, because the others start faster without a database library.
    from switch.contract_operation import faults_of  # noqa: PLC0415
    from switch.store.database import StoreError  # noqa: PLC0415

    try:
        return faults_of(settings, with_store=with_store)
    except StoreError as error:
        return (str(error),)


def _parties(settings: Settings, text: str) -> frozenset[str]:
    """Name whom the records may mean: the number in each form, and the devices that have it."""
    # Here, because the others start faster without a database library.
    from switch.contract_operation import usernames_of  # noqa: PLC0415

    forms = spellings(text)
    identities = (identity for contract in settings.contracts for identity in contract.ids)
    return (
        forms
        | usernames_of(settings, forms)
        | {
            identity.username
            for identity in identities
            if identity.extension in forms or identity.number in forms
        }
    )


def _guarded(act: Callable[[], None]) -> None:
    try:
        act()
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
