"""The command line's reasons: `daihyo explain` for a call that is not made, `daihyo call why`.

A switch that runs is asked, and answers as it stands; without one, the configuration and its
database are read and everybody is taken to be registered and idle.
"""

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import track

from config.model import Settings
from routing.deciding_step import deciding
from routing.difference import Comparison, Difference
from routing.explain import story
from routing.question import Question
from routing.standing import AssumedStanding
from routing.wording import Language
from switch import control, explain_report
from switch.aftermath import afterwards
from switch.call_story import story_of
from switch.clock import Clock
from switch.control import ControlError, NotRunningError
from switch.explain_desk import explanation
from switch.explain_report import TOKYO
from switch.terminal import Files, Json, fail, refuse, settings_of, show
from switch.view import Ask, CallReason, Explanation

MAX_SHOWN = 1000
"""Differences in a table, which is laid out in memory; JSON has them all."""

FIRST_YEAR, LAST_YEAR = 1971, 2999
"""The years that a question may be about: those that Unix seconds and calendars can tell."""

Lang = Annotated[
    Language | None, typer.Option("--lang", help="The story's language; else that of LANG.")
]


def explain(  # noqa: PLR0913 - an option each
    config: Files = None,
    *,
    caller: Annotated[
        str, typer.Option("--from", help="An ID's user name or number, or a number outside.")
    ] = "",
    called: Annotated[
        str, typer.Option("--to", help="What is dialled, or the number called.")
    ] = "",
    at: Annotated[
        str, typer.Option("--at", help="When: 2027-01-01T10:00, in Japan's time; else now.")
    ] = "",
    source: Annotated[
        str, typer.Option(help="The trunk of a call from outside, or an address of it.")
    ] = "",
    away: Annotated[
        list[str] | None, typer.Option("--assume-unregistered", help="An ID; repeatable.")
    ] = None,
    busy: Annotated[
        list[str] | None,
        typer.Option("--assume-busy", help="NUMBER=CALLS in progress; repeatable."),
    ] = None,
    diff: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="Two configurations or exported contracts: which calls end otherwise?"),
    ] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Tell what would become of a call, rule by rule, or which calls a change would change."""
    unix = _unix(at) if at else None
    if diff is not None:
        if caller or called or source or away or busy:
            fail("--diff compares everything; leave out --from, --to, --source and --assume-…")
        _compare(*diff, unix, as_json=json)
        return
    if not caller or not called:
        fail("name both ends of the call: --from 101 --to 0312345678, or two files: --diff A B")
    calls = dict(map(_calls, busy or ()))
    question = Question(caller, called, unix, source, tuple(away or ()), calls)
    settings = settings_of(config)
    found = _asked(settings, question)
    language = lang or _language()
    told = msgspec.structs.replace(
        found, story=story(found.steps, language), deciding=deciding(found.steps)
    )
    show(told, partial(explain_report.explanation, language=language), as_json=json)


def why(
    call_id: Annotated[str, typer.Argument(help="Our call_id; its first characters will do.")],
    config: Files = None,
    *,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Tell why a call became what it became, rule by rule, and what then happened."""
    known, language = story_of(settings_of(config), call_id), lang or _language()
    steps = known.decision
    reason = CallReason(
        known.call_id,
        steps,
        story(steps, language),
        deciding(steps),
        afterwards(known, language),
    )
    show(reason, partial(explain_report.reason, language=language), as_json=json)


def _asked(settings: Settings, question: Question) -> Explanation:
    """Ask the switch that runs; without one, assume."""
    asked = Ask("explain", question=question)
    try:
        return asyncio.run(control.ask(settings.server.data_dir, asked, Explanation))
    except NotRunningError:
        return _assumed(settings, question)
    except ControlError as error:
        refuse(str(error))


def _assumed(settings: Settings, question: Question) -> Explanation:
    # Here, because every other command starts faster without a database library.
    from switch.explain_operation import SideError, directory_of  # noqa: PLC0415

    try:
        directory = directory_of(settings)
        now = Clock.system().unix()
        return explanation(question, directory, AssumedStanding(), now, assumed=True)
    except SideError as error:
        fail(*error.faults)
    except ControlError as error:
        refuse(str(error))


def _compare(before: Path, after: Path, at: float | None, *, as_json: bool) -> None:
    # Here, because every other command starts faster without a database library.
    from switch.explain_operation import SideError, sides  # noqa: PLC0415

    progress = Console(stderr=True)
    try:
        with progress.status(f"reading {before} and {after}"):
            pair = sides(before, after)
    except SideError as error:
        fail(*error.faults)
    comparison = Comparison(*pair, Clock.system().unix() if at is None else at)
    contracts = track(
        comparison.contracts,
        "comparing",
        console=progress,
        transient=True,
        disable=not progress.is_terminal,
    )
    found = (each for contract in contracts for each in comparison.of_contract(contract))
    if as_json:
        _print_json(found)
    else:
        _print_table(found)


def _print_json(found: Iterator[Difference]) -> None:
    """Print an array, an object a line, so that nothing has to be kept."""
    separator = "["
    for each in found:
        typer.echo(f"{separator}\n  {msgspec.json.encode(each).decode()}", nl=False)
        separator = ","
    typer.echo("[]" if separator == "[" else "\n]")


def _print_table(found: Iterator[Difference]) -> None:
    kept: list[Difference] = list(islice(found, MAX_SHOWN))
    rest = sum(1 for _ in found)
    if not kept:
        typer.echo("every call ends alike")
        return
    show(kept, lambda rows, console: console.print(explain_report.differences(rows)), as_json=False)
    count = len(kept) + rest
    note = f"; the first {MAX_SHOWN} are shown, --json has all" if rest else ""
    typer.echo(f"{count} calls end otherwise{note}")


def _unix(text: str) -> float:
    """Read a time; one without an offset is Japan's."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = datetime.min  # noqa: DTZ901 - before every year that is taken
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        right = "write 2027-01-01T10:00 (Japan's time) or 2027-01-01T10:00+09:00"
        fail(f"--at {text}: is no time; {right}")
    return (read if read.tzinfo else read.replace(tzinfo=TOKYO)).timestamp()


def _calls(text: str) -> tuple[str, int]:
    name, separator, count = text.rpartition("=")
    if not separator or not name or not count.isdecimal() or not count.isascii():
        fail(f"--assume-busy {text}: write NUMBER=CALLS, such as 0312345678=3")
    return name, int(count)


def _language() -> Language:
    """Take the language of the environment: Japanese, or else English."""
    told = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return Language.JAPANESE if told.startswith("ja") else Language.ENGLISH
