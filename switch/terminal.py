"""What every command of the command line shares: its configuration, its output, its refusals.

Faults of configuration and environment end with exit code 2, a refusal with 1.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import msgspec
import typer
from rich.console import Console

from config.fault import ConfigurationError
from config.loader import load
from config.model import Settings
from switch import control, report
from switch.control import ControlError
from switch.view import Ask

DEFAULT_FILE = Path("var/daihyo.toml")
EXIT_REFUSED = 1
EXIT_FAULT = 2
WIDE_COLUMNS = 400

Result = TypeVar("Result")

Files = Annotated[
    list[Path] | None,
    typer.Option("-c", "--config", help="Configuration file; later ones add to earlier ones."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def files_of(config: list[Path] | None) -> list[Path]:
    """Name the configuration's files: those told, else the variable's, else the usual one."""
    if config:
        return config
    named = os.environ.get("DAIHYO_CONFIG")
    return [Path(named)] if named else [DEFAULT_FILE]


def settings_of(config: list[Path] | None) -> Settings:
    """Read the configuration; tell its faults and end when there are any."""
    try:
        return load(files_of(config), os.environ)
    except ConfigurationError as error:
        fail(*map(str, error.faults))


def asked(config: list[Path] | None, question: Ask, kind: type[Result]) -> Result:
    """Ask the running switch."""
    folder = settings_of(config).server.data_dir
    return answered(control.ask(folder, question, kind))


def answered(answer: Coroutine[None, None, Result]) -> Result:
    """Wait for an answer; end with the refusal when there is none."""
    try:
        return asyncio.run(answer)
    except ControlError as error:
        refuse(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def show(value: Result, render: Callable[[Result, Console], None], *, as_json: bool) -> None:
    """Print a value as a table, or as JSON."""
    if as_json:
        octets = msgspec.json.format(msgspec.json.encode(report.plain(value)), indent=2)
        typer.echo(octets.decode())
    else:
        # Into a pipe, tables are as wide as their rows, so that grep and awk see whole lines.
        render(value, Console() if sys.stdout.isatty() else Console(width=WIDE_COLUMNS))


def refuse(*reasons: str) -> NoReturn:
    """Tell why something was refused, a line each, and end with 1."""
    for reason in reasons:
        typer.echo(f"daihyo: {reason}", err=True)
    raise typer.Exit(EXIT_REFUSED) from None


def fail(*faults: str) -> NoReturn:
    """Tell each fault on a line and end with 2."""
    for fault in faults:
        typer.echo(f"daihyo: {fault}", err=True)
    raise typer.Exit(EXIT_FAULT)
