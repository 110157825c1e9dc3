"""What the command line prints for people: tables, and the story of a call."""

import json
from datetime import timedelta

from msgspec import to_builtins
from msgspec.structs import asdict
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from media.plane import StreamCounters
from switch.b2bua.facts import CallFacts
from switch.clock import local_time
from switch.effect import WriteCdr
from switch.log_line import read_back
from switch.sip_trace import ladder
from switch.view import BindingView, CallStory, Status


def plain(value: object) -> object:
    """Return a value for JSON, in which records tell their media and decision as JSON too."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, WriteCdr):
        told = asdict(value)
        return told | {"media": _parsed(value.media), "trace": _parsed(value.trace)}
    if isinstance(value, CallStory):
        return asdict(value) | {"cdrs": plain(value.cdrs), "trace": _parsed(value.trace)}
    return value


def status(view: Status, console: Console) -> None:
    """Print the switch at a glance."""
    table = Table(show_header=False, box=None)
    for name, value in (
        ("version", view.version),
        ("started", local_time(view.started_at)),
        ("state", "draining" if view.is_draining else "in service"),
        ("listeners", "\n".join(view.listeners)),
        ("calls", str(view.calls)),
        ("registrations", str(view.registrations)),
        ("transactions", str(view.transactions)),
        ("records stored", f"{view.stored} ({view.store_queue} waiting)"),
        ("log lines dropped", str(view.lines_dropped)),
    ):
        table.add_row(name, escape(value))
    console.print(table)


def calls(views: list[CallFacts], console: Console) -> None:
    """Print the calls in progress."""
    table = _table("call_id", "state", "caller", "called", "since", "answered", "legs")
    for view in views:
        answered = local_time(view.answered_at) if view.answered_at else ""
        legs = str(len(view.legs))
        since = local_time(view.started_at)
        _row(table, view.call_id, view.state, view.caller, view.called, since, answered, legs)
    console.print(table if views else "no calls in progress")


def bindings(views: list[BindingView], console: Console) -> None:
    """Print where each device is registered."""
    table = _table("device", "address", "contact", "expires in", "user agent", "")
    for view in sorted(views, key=lambda view: view.device):
        reach = "" if view.is_reachable else "out of reach"
        left = f"{view.expires_in} s"
        _row(table, view.device, view.flow, view.contact, left, view.user_agent or "", reach)
    console.print(table if views else "no device is registered")


def cdrs(records: list[WriteCdr], console: Console) -> None:
    """Print call detail records."""
    table = _table(
        "call_id", "leg", "started", "caller", "called", "device or trunk",
        "status", "cause", "talked", "released by",
    )  # fmt: skip
    for record in records:
        _row(
            table,
            record.call_id[:12],
            record.leg,
            local_time(record.started_at),
            record.caller,
            record.called,
            record.device or record.trunk or "",
            str(record.status),
            record.cause,
            _talked(record),
            record.released_by,
        )
    console.print(table if records else "no records")


def story(view: CallStory, console: Console) -> None:
    """Print everything that is known of a call."""
    console.print(f"[bold]call {escape(view.call_id)}[/bold]")
    if view.call is not None:
        calls([view.call], console)
    if view.lines:
        _title(console, "log")
    for line in view.lines:
        console.print(read_back(line.log(), line.at), markup=False, highlight=False)
    if view.messages:
        _title(console, "messages")
        console.print("\n".join(ladder(view.messages)), markup=False, highlight=False)
    _print_decision(view, console)
    if view.cdrs:
        _title(console, "records")
        legs = sorted(view.cdrs, key=lambda record: record.leg)
        cdrs(legs, console)
    _print_media(_streams(view), console)


def _print_decision(view: CallStory, console: Console) -> None:
    steps = _parsed(view.trace or next((each.trace for each in view.cdrs if each.trace), ""))
    if not steps:
        return
    _title(console, "decision")
    for step in steps if isinstance(steps, list) else [steps]:
        text = "  ".join(map(_plain, step.values())) if isinstance(step, dict) else str(step)
        console.print(text, markup=False, highlight=False)


def _streams(view: CallStory) -> list[tuple[str, dict[str, object]]]:
    """List each leg's streams: those of the records, or as they stand now."""
    live = [(each.leg, to_builtins(stream)) for each in view.media for stream in each.streams]
    kept = [
        (record.leg, stream)
        for record in sorted(view.cdrs, key=lambda record: record.leg)
        for stream in _listed(record.media)
    ]
    return live + kept


def _listed(text: str) -> list[dict[str, object]]:
    parsed = _parsed(text)
    return [each for each in parsed if isinstance(each, dict)] if isinstance(parsed, list) else []


def _print_media(streams: list[tuple[str, dict[str, object]]], console: Console) -> None:
    names = StreamCounters.__struct_fields__
    table = _table("leg", *(name.replace("_", " ") for name in names))
    for leg, stream in streams:
        _row(table, leg, *(_number(stream.get(name)) for name in names))
    if table.row_count:
        _title(console, "media")
        console.print(table)


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except ValueError:
        return None
    return parsed


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={each}" for name, each in value.items())
    return str(value)


def _number(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str("" if value is None else value)


def _talked(record: WriteCdr) -> str:
    if record.answered_at is None:
        return ""
    return str(timedelta(seconds=round(record.ended_at - record.answered_at)))


def _title(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]")


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*map(escape, cells))
