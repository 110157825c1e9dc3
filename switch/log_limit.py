"""How often one thing may be said: a flood from the network fills no disk and hides no other line.

Lines of a call and of a proven device are bounded by calls and registrations; warnings that anybody
can provoke are not, so each kind of them is written only so many times a minute.
"""

from collections.abc import Callable, Iterator

from switch.effect import Fields, Level, Log

MAX_LINES = 60
"""Lines of one event each interval: enough to see who and why; the metrics count every one."""

INTERVAL = 60.0
MAX_EVENTS = 256
"""Events told apart; their names are our own, so this is never met."""

_LOUD = int(Level.WARNING)


class LogLimit:
    """Passes lines on, and tells how many it kept back."""

    def __init__(self, write: Callable[[Log], None], now: Callable[[], float]) -> None:
        self.suppressed = 0
        """Lines kept back since the start."""
        self._write = write
        self._now = now
        self._since = now()
        self._counts: dict[str, int] = {}

    def write(self, line: Log) -> None:
        """Write the line, unless its event was said too often."""
        if line.level < _LOUD or "call_id" in line.fields:
            self._write(line)
            return
        if self._now() - self._since >= INTERVAL:
            self.summarise()
        event = line.event
        count = self._counts.get(event, 0)
        if count < MAX_LINES:
            self._write(line)
        else:
            self.suppressed += 1
        if event in self._counts or len(self._counts) < MAX_EVENTS:
            self._counts[event] = count + 1

    def summarise(self) -> None:
        """Tell what was kept back in this interval, and begin the next."""
        told = list(self._kept_back())
        self._counts.clear()
        self._since = self._now()
        for line in told:
            self._write(line)

    def _kept_back(self) -> Iterator[Log]:
        for event, count in self._counts.items():
            if count > MAX_LINES:
                fields: Fields = {"of": event, "count": count - MAX_LINES}
                yield Log("lines_suppressed", Level.WARNING, fields)
