"""The operator's log: one line an event, as JSON or for the eye, written once a turn of the loop.

structlog's processors do the work. Lines of the core come as `Log` values and take the processors
directly (about half of the bound logger's cost); everything else takes `Logs.logger`. A reader that
stalls never stalls the switch: what does not fit is dropped, counted, and told once it fits again.
"""

import os
import re
import select
import stat
from asyncio import AbstractEventLoop
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Literal

import orjson
import structlog

from switch.clock import local_time, timestamp
from switch.effect import Level, Log

Value = str | int | float | bool | None
Event = MutableMapping[str, Value]

MAX_BUFFERED_OCTETS = 4 * 1024 * 1024
"""What waits for a stalled reader: about ten thousand lines, some seconds of a busy switch."""

CHUNK_OCTETS = 4096
"""A pipe that polls as writable takes this much at once (PIPE_BUF): writing never blocks."""

RETRY_SECONDS = 0.05
"""How soon a stalled reader is tried again."""

MASKED_FIELDS = ("caller", "called", "number", "decision", "user")
"""The fields that tell who called whom."""

MASKED_ADDRESSES = ("contact",)
"""The fields whose user part does."""

CALL_CONTEXT = frozenset({"sip_call_id", "contract", "number"})
"""What every line of a call repeats; the console shows it once, when the call begins."""

_SHOWN_DIGITS = 4
_DIGITS = re.compile(rf"\d(?=\d{{{_SHOWN_DIGITS}}})")
_OBEYED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""C1 controls, line separators, and what turns the direction of writing."""

_NAMES = {level: level.name.lower() for level in Level}
_COLOURS = {"debug": "\x1b[2m", "info": "", "warning": "\x1b[33m", "error": "\x1b[31;1m"}
_CALL_ID_COLUMNS = 8
_EVENT_COLUMNS = 26


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How lines look and which are written."""

    format: Literal["json", "console"] = "json"
    level: Level = Level.INFO
    mask_numbers: bool = False


class Logs:
    """Everything that is logged, on its way to one file descriptor."""

    def __init__(self, settings: LogSettings, unix: Callable[[], float], descriptor: int) -> None:
        self.dropped = 0
        """Lines that were not written since the start."""
        self.written = 0
        """Lines that were taken since the start."""
        self._level = settings.level
        self._mask = settings.mask_numbers
        self._unix = unix
        is_console = settings.format == "console"
        colours = is_console and os.isatty(descriptor)
        self._render = _Console(colours=colours).render if is_console else _render_json
        self._second = 0
        self._prefix = ""
        self._output = _Output(descriptor)
        self._loop: AbstractEventLoop | None = None
        self._flush_is_due = False
        self._told = 0
        self.logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
            _Lines(self._take),
            processors=[self._shape, self._finish],
            wrapper_class=structlog.make_filtering_bound_logger(int(settings.level)),
        )
        """The logger of everything outside the core."""

    def attach(self, loop: AbstractEventLoop) -> None:
        """Write once a turn of this loop from now on; without a loop, each line at once."""
        self._loop = loop

    def write(self, line: Log) -> None:
        """Write a line of the core."""
        if line.level < self._level:
            return
        event: Event = {
            "time": self._time(),
            "level": _NAMES[line.level],
            "event": line.event,
            **line.fields,
        }
        if self._mask:
            _mask(event)
        self._take(self._render(event))

    def flush(self) -> None:
        """Write what waits, as far as the reader takes it without blocking."""
        self._flush_is_due = False
        is_done = self._output.flush()
        if not is_done:
            if self._loop is not None and not self._loop.is_closed():
                self._flush_is_due = True
                self._loop.call_later(RETRY_SECONDS, self.flush)
        elif self.dropped > self._told:
            count, self._told = self.dropped - self._told, self.dropped
            self.write(Log("log_lines_dropped", Level.WARNING, {"count": count}))

    def close(self) -> None:
        """Write what waits and leave the loop; later lines are written at once."""
        self._loop = None
        self.flush()

    def _take(self, line: bytes) -> None:
        self.written += 1
        if not self._output.add(line):
            self.dropped += 1
        if self._flush_is_due:
            return
        if self._loop is None:
            self.flush()
        else:
            self._flush_is_due = True
            self._loop.call_soon(self.flush)

    def _shape(self, _logger: object, method: str, event: Event) -> Event:
        """Put time, level and event first."""
        name = event.pop("event")
        shaped: Event = {"time": self._time(), "level": method, "event": name, **event}
        if self._mask:
            _mask(shaped)
        return shaped

    def _finish(self, _logger: object, _method: str, event: Event) -> bytes:
        return self._render(event)

    def _time(self) -> str:
        unix = self._unix()
        second = int(unix)
        if second != self._second:
            self._second = second
            self._prefix = timestamp(second)[:-4]
        return f"{self._prefix}{int((unix - second) * 1000):03d}Z"


class _Lines:
    """What structlog calls at the end of its processors; all levels are one stream."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = take


class _Output:
    """A file descriptor that is never waited for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: list[bytes] = []
        self._octets = 0
        self._rest = b""
        self._is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        self._poll = select.poll()
        if not self._is_file:
            self._poll.register(descriptor, select.POLLOUT)

    def add(self, line: bytes) -> bool:
        """Keep a line for the next flush; say False when there is no room."""
        if self._octets > MAX_BUFFERED_OCTETS:
            return False
        self._lines.append(line)
        self._octets += len(line)
        return True

    def flush(self) -> bool:
        """Write what the reader takes now; say whether that was all."""
        octets = self._rest + b"".join(self._lines) if self._lines else self._rest
        self._lines.clear()
        position = 0
        try:
            if self._is_file:
                while position < len(octets):
                    position += os.write(self._descriptor, octets[position:])
            while position < len(octets) and self._poll.poll(0):
                chunk = octets[position : position + CHUNK_OCTETS]
                position += os.write(self._descriptor, chunk)
        except BlockingIOError:
            pass
        except OSError:
            position = len(
                octets
            )  # the reader is gone or the disk is full: nobody can be told here
        self._rest = octets[position:]
        self._octets = len(self._rest)
        return not self._rest


class _Console:
    """Lines for the eye: time, level, event, the call's short identifier, then the fields."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours

    def render(self, event: Event) -> bytes:
        """Write one line."""
        fields = dict(event)
        time, level = str(fields.pop("time")), str(fields.pop("level"))
        name, call_id = str(fields.pop("event")), str(fields.pop("call_id", None) or "")
        hidden = CALL_CONTEXT if call_id and name != "call_received" else frozenset()
        pairs = " ".join(
            f"{key}={_shown(value)}"
            for key, value in fields.items()
            if value is not None and key not in hidden
        )
        clock = time[11:-1]
        head = f"{clock} {level.upper():<7} {_plain(name):<{_EVENT_COLUMNS}}"
        if self._colours:
            head = f"{_COLOURS[level]}{head}\x1b[0m"
        short = _plain(call_id)[:_CALL_ID_COLUMNS]
        return f"{head} {short:<{_CALL_ID_COLUMNS}} {pairs}\n".encode("utf-8", "replace")


def read_back(line: Log, unix: float) -> str:
    """Write a kept line as the console shows it, with the operator's own time of day."""
    event: Event = {
        "time": f"{local_time(unix).replace(' ', 'T')}Z",
        "level": _NAMES[line.level],
        "event": line.event,
        **line.fields,
    }
    return _Console(colours=False).render(event).decode().rstrip("\n")


def _render_json(event: Event) -> bytes:
    try:
        octets = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # octets that are no UTF-8 crossed as surrogates; or a field we cannot write
        octets = orjson.dumps(
            {_valid(key): _valid(value) for key, value in event.items()},
            option=orjson.OPT_APPEND_NEWLINE,
        )
    return octets if octets.isascii() else _harmless(octets)


def _harmless(json: bytes) -> bytes:
    """Escape what JSON leaves as it is, and a terminal or a reader of lines would obey."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.decode()).encode()


def _valid(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()


def _shown(value: Value) -> str:
    """Quote what a reader could mistake, and everything that a terminal would obey."""
    text = str(value)
    if text and " " not in text and '"' not in text and text.isprintable():
        return text
    return _harmless(orjson.dumps(_valid(text))).decode()


def _plain(text: str) -> str:
    return text if text.isprintable() else _valid(text).encode("unicode_escape").decode()


def _mask(event: Event) -> None:
    for key in MASKED_FIELDS:
        value = event.get(key)
        if isinstance(value, str):
            event[key] = mask(value)
    for key in MASKED_ADDRESSES:
        value = event.get(key)
        if isinstance(value, str):
            user, at, host = value.rpartition("@")
            event[key] = f"{mask(user)}{at}{host}"


def mask(number: str) -> str:
    """Hide all but the last four digits of every run of digits."""
    digits = number.removeprefix("+")
    if digits.isdigit():
        return (
            number[: -len(digits)] + "*" * (len(digits) - _SHOWN_DIGITS) + digits[-_SHOWN_DIGITS:]
        )
    return _DIGITS.sub("*", number)
