"""The command line's contracts: import and export, lists, and the settings of numbers and IDs.

They change the database and then tell the switch that runs; without one, the next start takes the
change. The configuration's own contracts are shown beside them and refused to every change.
"""

import asyncio
import json as json_module
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from config.contract_file import ContractText, read_contract_file
from config.fault import ConfigurationError, Fault
from config.model import Settings
from provisioning.breach import pointed
from provisioning.change import IdSettings
from provisioning.contract import Contract, NumberState
from provisioning.document import (
    ContractError,
    Form,
    contract_tree,
    schema_text,
    text_of,
    tree_of,
)
from provisioning.field import e164
from routing.handling import Condition, HandlingChange
from switch import contract_report, control
from switch.control import ControlError, NotRunningError
from switch.terminal import Files, Json, fail, refuse, settings_of, show
from switch.view import Ask

if TYPE_CHECKING:
    from provisioning.office import Office
    from provisioning.store import Stamp

contract_app = typer.Typer(help="Contracts: customers with their IDs.", no_args_is_help=True)
number_app = typer.Typer(help="Representative numbers.", no_args_is_help=True)
id_app = typer.Typer(help="IDs and what they present and ring for.", no_args_is_help=True)

OWN_NUMBER = "direct"
"""How the command line names an ID's direct number as what it presents."""

OFF = "off"
"""How it names the end of a forward."""

Trial = Annotated[bool, typer.Option("--dry-run", help="Say what would be, and change nothing.")]
Name = Annotated[str, typer.Argument(help="The contract's name.")]
NumberArgument = Annotated[str, typer.Argument(help="In any form: 0312345678, +81312345678.")]

Target = Annotated[str | None, typer.Option(help="An extension, a number, voicemail or off.")]
Toggle = Annotated[bool | None, typer.Option()]

Result = TypeVar("Result")


def import_contracts(
    file: Annotated[Path, typer.Argument(help="A file of contracts, .toml or .json.")],
    config: Files = None,
    *,
    dry_run: Trial = False,
    json: Json = False,
) -> None:
    """Take a file's contracts, all or none; each replaces the one of its name."""
    settings = settings_of(config)
    try:
        text = read_contract_file(file)
    except ConfigurationError as error:
        _fail_with(list(error.faults), as_json=json)
    try:
        done = _operated(
            settings, lambda office, stamp: office.take(text.tree, stamp, trial=dry_run)
        )
    except ContractError as error:
        _fail_import(text, error, as_json=json)
    show(done, contract_report.taken, as_json=json)
    _end(settings, trial=dry_run, quiet=json, changed=bool(done.added or done.changed))


def export_contracts(
    contracts: Annotated[list[str] | None, typer.Argument(help="Names; all without any.")] = None,
    config: Files = None,
    *,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file.")] = None,
    json: Json = False,
) -> None:
    """Write contracts as a file that import takes; TOML, or JSON by --json or the file's name."""
    found = _selected(settings_of(config), contracts)
    is_json = json or (output is not None and output.suffix.lower() == ".json")
    text = text_of(found, Form.JSON if is_json else Form.TOML)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        # Its hashes are as good as passwords: for the owner's eyes only.
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as sink:
            sink.write(text)
    except OSError as error:
        fail(f"{output}: {error.strerror}")
    typer.echo(f"{output}: {len(found)} contracts")


def schema() -> None:
    """Print the JSON Schema of a file of contracts."""
    typer.echo(schema_text(), nl=False)


@contract_app.command("list")
def contract_list(config: Files = None, *, json: Json = False) -> None:
    """List every contract, those of the configuration too."""
    found = _selected(settings_of(config), None)
    _show_contracts(found, as_json=json)


@contract_app.command("show")
def contract_show(name: Name, config: Files = None, *, json: Json = False) -> None:
    """Show a contract's IDs and numbers."""
    [found] = _selected(settings_of(config), [name])
    if json:
        typer.echo(_json(contract_tree(_open(found))))
    else:
        show(found, contract_report.contract, as_json=False)


@contract_app.command("remove")
def contract_remove(name: Name, config: Files = None, *, dry_run: Trial = False) -> None:
    """Remove a contract with all its IDs and numbers."""
    settings = settings_of(config)
    removed = _refusable(settings, lambda office, stamp: office.remove(name, stamp, trial=dry_run))
    typer.echo(f"removed {removed}")
    _end(settings, trial=dry_run)


@number_app.command("grant")
def number_grant(number: NumberArgument, config: Files = None, *, dry_run: Trial = False) -> None:
    """Grant a representative number that waits for a decision (R13)."""
    _decide(number, NumberState.GRANTED, config, trial=dry_run)


@number_app.command("refuse")
def number_refuse(number: NumberArgument, config: Files = None, *, dry_run: Trial = False) -> None:
    """Refuse a representative number because of its declared use (R13)."""
    _decide(number, NumberState.REFUSED, config, trial=dry_run)


@id_app.command("set")
def id_set(  # noqa: PLR0913 - an option for each setting
    username: Annotated[str, typer.Argument(help="The ID's user name.")],
    config: Files = None,
    *,
    caller_id: Annotated[
        str | None,
        typer.Option(help="The number that it presents: a representative one, or direct (R25)."),
    ] = None,
    rings: Annotated[
        list[str] | None,
        typer.Option(help="NUMBER=on or NUMBER=off: whether it rings for a number (R32)."),
    ] = None,
    display_name: Annotated[str | None, typer.Option(help="What its callees see.")] = None,
    forward_always: Target = None,
    forward_busy: Target = None,
    forward_no_answer: Target = None,
    forward_unreachable: Target = None,
    forward_after: Annotated[
        float | None, typer.Option(help="Seconds until a call is unanswered, 1 to 180.")
    ] = None,
    do_not_disturb: Toggle = None,
    call_waiting: Toggle = None,
    reject: Annotated[
        list[str] | None, typer.Option(help="NUMBER=on or NUMBER=off: the ID's rejection list.")
    ] = None,
    reject_anonymous: Toggle = None,
    dry_run: Trial = False,
) -> None:
    """Set what an ID presents, rings for, and what becomes of its calls, from the next one on."""
    settings = settings_of(config)
    wanted = IdSettings(
        caller_id=_number(caller_id) if caller_id and caller_id != OWN_NUMBER else None,
        presents_own=caller_id == OWN_NUMBER,
        rings=dict(_switch("--rings", each) for each in rings or []),
        display_name=display_name,
        handling=HandlingChange(
            forwards=_forwards(
                forward_always, forward_busy, forward_no_answer, forward_unreachable
            ),
            no_answer_delay=forward_after,
            do_not_disturb=do_not_disturb,
            call_waiting=call_waiting,
            rejects_anonymous=reject_anonymous,
            rejected=dict(_switch("--reject", each) for each in reject or []),
        ),
    )
    if wanted == IdSettings():
        fail(f"nothing to set of {username}; see daihyo id set --help")
    name = _refusable(
        settings, lambda office, stamp: office.set_id(username, wanted, stamp, trial=dry_run)
    )
    typer.echo(f"set {username} of {name}")
    _end(settings, trial=dry_run)


def _selected(settings: Settings, names: list[str] | None) -> list[Contract]:
    """Find contracts of the store and the configuration; refuse a name that neither has."""
    # Here, because every other command starts faster without a database library.
    from switch.contract_operation import stored_contracts  # noqa: PLC0415
    from switch.store.database import StoreError  # noqa: PLC0415

    try:
        found = [*settings.contracts, *stored_contracts(settings, names)]
    except StoreError as error:
        fail(str(error))
    if names is None:
        return sorted(found, key=lambda contract: contract.name)
    by_name = {contract.name: contract for contract in found}
    if missing := [name for name in names if name not in by_name]:
        refuse(*(f"no contract {name}; see daihyo contract list" for name in missing))
    return [by_name[name] for name in dict.fromkeys(names)]


def _show_contracts(found: list[Contract], *, as_json: bool) -> None:
    if as_json:
        typer.echo(_json(tree_of(map(_open, found))["contract"]))
    else:
        show(found, contract_report.contracts, as_json=False)


def _open(contract: Contract) -> Contract:
    """Leave out the hashes, which are as good as passwords: only an export has them."""
    ids = [each.model_copy(update={"password": None, "ha1": {}}) for each in contract.ids]
    return contract.model_copy(update={"ids": ids})


def _decide(number: str, state: NumberState, config: list[Path] | None, *, trial: bool) -> None:
    settings = settings_of(config)
    inner = _number(number)
    name = _refusable(
        settings, lambda office, stamp: office.decide(inner, state, stamp, trial=trial)
    )
    typer.echo(f"{state.value} {contract_report.national(inner)} of {name}")
    _end(settings, trial=trial)


def _operated(settings: Settings, act: Callable[["Office", "Stamp"], Awaitable[Result]]) -> Result:
    """Let the office act on the store; raise `ContractError` when it refuses."""
    # Here, because every other command starts faster without a database library.
    from provisioning.store import TakenError  # noqa: PLC0415
    from switch.contract_operation import operate  # noqa: PLC0415
    from switch.store.database import StoreError  # noqa: PLC0415

    try:
        return operate(settings, act)
    except StoreError as error:
        fail(str(error))
    except TakenError as error:
        refuse(f"{error}; nothing was changed")


def _refusable(settings: Settings, act: Callable[["Office", "Stamp"], Awaitable[Result]]) -> Result:
    try:
        return _operated(settings, act)
    except ContractError as error:
        refuse(*map(str, error.breaches))


def _end(settings: Settings, *, trial: bool, quiet: bool = False, changed: bool = True) -> None:
    """Tell the switch that runs, and say what came of it."""
    note = ""
    if trial:
        note = "dry run: nothing was changed"
    elif changed:
        note = _told(settings)
    if note:
        typer.echo(note, err=quiet)


def _told(settings: Settings) -> str:
    try:
        count = asyncio.run(control.ask(settings.server.data_dir, Ask("renew"), int))
    except NotRunningError:
        return "no switch runs here; its next start takes the change"
    except ControlError as error:
        return f"the switch could not be told ({error}); it looks for changes every few seconds"
    return f"in effect from the next call ({count} contracts read)" if count else "in effect"


def _forwards(*targets: str | None) -> dict[Condition, str | None]:
    """Read where calls go under each condition, in their order; what is not said stays."""
    return {
        condition: None if target == OFF else target
        for condition, target in zip(Condition, targets, strict=True)
        if target is not None
    }


def _switch(option: str, text: str) -> tuple[str, bool]:
    number, separator, state = text.rpartition("=")
    if not separator or state not in {"on", "off"}:
        fail(f"{option} {text}: write NUMBER=on or NUMBER=off")
    return _number(number), state == "on"


def _number(text: str) -> str:
    try:
        return e164(text)
    except ValueError as error:
        fail(f"{text}: {error}")


def _fail_import(text: ContractText, error: ContractError, *, as_json: bool) -> NoReturn:
    if not as_json:
        fail(*map(str, text.faults(error.breaches)), "nothing was imported")
    faults = [
        {"path": pointed(each.path), "wrong": each.wrong, "right": each.right, "rules": each.rules}
        for each in error.breaches
    ]
    typer.echo(_json({"faults": faults}))
    raise typer.Exit(2)


def _fail_with(faults: list[Fault], *, as_json: bool) -> NoReturn:
    if as_json:
        plain = [{"path": "", "wrong": each.wrong, "right": each.right} for each in faults]
        typer.echo(_json({"faults": plain}))
        raise typer.Exit(2)
    fail(*map(str, faults), "nothing was imported")


def _json(value: object) -> str:
    return json_module.dumps(value, indent=2, ensure_ascii=False, default=str)
