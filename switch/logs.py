"""The operator's log: one line an event, as JSON or for the eye, written many at a time.

structlog's processors do the work. Lines of the core come as `Log` values and take the processors
directly (about half of the bound logger's cost); everything else takes `Logs.logger`. A reader that
stalls never stalls the switch: what does not fit is dropped, counted, and told once it fits again.
"""

import os
import select
import stat
from asyncio import AbstractEventLoop, Handle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import structlog

from switch.clock import timestamp
from switch.effect import Level, Log
from switch.log_line import LEVEL_NAMES, Console, Event, mask_event, render_json

MAX_BUFFERED_OCTETS = 4 * 1024 * 1024
"""What waits for a stalled reader: about ten thousand lines, some seconds of a busy switch."""

CHUNK_OCTETS = 4096
"""A pipe that polls as writable takes this much at once (PIPE_BUF): writing never blocks."""

GATHER_SECONDS = 0.02
"""How long a line waits for others, so that a busy switch writes fifty times a second and not
thousands of times; a warning or an error, which may be the last words, takes all along at once."""

RETRY_SECONDS = 0.05
"""How soon a stalled reader is tried again."""


_LOUD = int(Level.WARNING)


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
        self._render = Console(colours=colours).render if is_console else render_json
        self._second = self._millisecond = 0
        self._prefix = self._now = ""
        self._output = _Output(descriptor)
        self._loop: AbstractEventLoop | None = None
        self._flush: Handle | None = None
        self._is_urgent = False
        """Whether the next flush is as soon as it can be, or waits for a stalled reader."""
        self._told = 0
        self.logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
            _Lines(self._take, self._take_loud),
            processors=[self._shape, self._finish],
            wrapper_class=structlog.make_filtering_bound_logger(int(settings.level)),
        )
        """The logger of everything outside the core."""

    def attach(self, loop: AbstractEventLoop) -> None:
        """Write some times a second from now on; without a loop, each line at once."""
        self._loop = loop

    def write(self, line: Log) -> None:
        """Write a line of the core."""
        if line.level < self._level:
            return
        event: Event = {
            "time": self._time(),
            "level": LEVEL_NAMES[line.level],
            "event": line.event,
            **line.fields,
        }
        if self._mask:
            mask_event(event)
        if line.level < _LOUD:
            self._take(self._render(event))
        else:
            self._take_loud(self._render(event))

    def flush(self) -> None:
        """Write what waits, as far as the reader takes it without blocking."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        self._is_urgent = False
        is_done = self._output.flush()
        if not is_done:
            if self._loop is not None and not self._loop.is_closed():
                self._is_urgent = True
                self._flush = self._loop.call_later(RETRY_SECONDS, self.flush)
        elif self.dropped > self._told:
            count, self._told = self.dropped - self._told, self.dropped
            self.write(Log("log_lines_dropped", Level.WARNING, {"count": count}))

    def close(self) -> None:
        """Write what waits and leave the loop; later lines are written at once."""
        self._loop = None
        self.flush()

    def _take(self, line: bytes) -> None:
        self._keep(line)
        if self._flush is not None:
            return
        if self._loop is None:
            self.flush()
        else:
            self._flush = self._loop.call_later(GATHER_SECONDS, self.flush)

    def _take_loud(self, line: bytes) -> None:
        """Take a line that is written at the end of this turn of the loop."""
        self._keep(line)
        if self._loop is None:
            self.flush()
        elif not self._is_urgent:
            if self._flush is not None:
                self._flush.cancel()
            self._is_urgent = True
            self._flush = self._loop.call_soon(self.flush)

    def _keep(self, line: bytes) -> None:
        self.written += 1
        if not self._output.add(line):
            self.dropped += 1

    def _shape(self, _logger: object, method: str, event: Event) -> Event:
        """Put time, level and event first."""
        name = event.pop("event")
        shaped: Event = {"time": self._time(), "level": method, "event": name, **event}
        if self._mask:
            mask_event(shaped)
        return shaped

    def _finish(self, _logger: object, _method: str, event: Event) -> bytes:
        return self._render(event)

    def _time(self) -> str:
        unix = self._unix()
        millisecond = int(unix * 1000)
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            second, rest = divmod(millisecond, 1000)
            if second != self._second:
                self._second = second
                self._prefix = timestamp(second)[:-4]
            self._now = f"{self._prefix}{rest:03d}Z"
        return self._now


class _Lines:
    """What structlog calls at the end of its processors; all levels are one stream."""

    def __init__(self, take: Callable[[bytes], None], take_loud: Callable[[bytes], None]) -> None:
        self.debug = self.info = take
        self.warning = self.error = self.critical = take_loud


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
