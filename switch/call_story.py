"""The story of one call for the command line: from the switch that runs, else from its records."""

import asyncio

import typer

from config.model import Settings
from switch import control
from switch.control import ControlError, NotRunningError
from switch.effect import WriteCdr
from switch.terminal import refuse
from switch.view import Ask, CallStory

MAX_LEGS = 20
"""Records of one call: the caller's, and those of whoever was tried."""

GONE = "no switch runs; the call's records are kept, its messages and log have gone with the switch"


def story_of(settings: Settings, call_id: str) -> CallStory:
    """Find a call, in progress or over; end with a refusal when nobody knows it."""
    question = Ask("call", call_id=call_id)
    try:
        return asyncio.run(control.ask(settings.server.data_dir, question, CallStory))
    except NotRunningError as error:
        if not (records := _kept(settings, call_id)):
            refuse(str(error))
        typer.echo(f"daihyo: {GONE}", err=True)
        return CallStory(records[0].call_id, None, [], records, [])
    except ControlError as error:
        refuse(str(error))


def _kept(settings: Settings, call_id: str) -> list[WriteCdr]:
    """Read a call's records while no switch runs; none when there is no database either."""
    # Here, because the others start faster without a database library.
    from switch.store.database import StoreError, read_cdrs  # noqa: PLC0415

    url = settings.server.database_url
    try:
        return asyncio.run(read_cdrs(url, call_id=call_id, limit=MAX_LEGS)) if call_id else []
    except StoreError:
        return []
