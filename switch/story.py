"""What the switch said about each recent call: kept in memory for `daihyo call show`."""

from collections import OrderedDict, deque
from collections.abc import Callable

from switch.effect import Log

MAX_CALLS = 1000
"""The latest calls are kept, about 6 KiB each; older ones are in the log itself."""

MAX_LINES = 100
"""A call that says more than this (a phone that re-INVITEs for hours) keeps its latest lines."""


class Story:
    """The latest calls' log lines, each with its Unix time."""

    def __init__(self, unix: Callable[[], float]) -> None:
        self._unix = unix
        self._calls: OrderedDict[str, deque[tuple[float, Log]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._calls)

    def keep(self, line: Log) -> None:
        """Remember a line that names its call."""
        call_id = line.fields.get("call_id")
        if not isinstance(call_id, str):
            return
        lines = self._calls.get(call_id)
        if lines is None:
            lines = self._calls[call_id] = deque(maxlen=MAX_LINES)
            if len(self._calls) > MAX_CALLS:
                self._calls.popitem(last=False)
        lines.append((self._unix(), line))

    def lines(self, call_id: str) -> list[tuple[float, Log]]:
        """Tell a call's lines, oldest first; the identifier may be shortened as on the console."""
        found = self.find(call_id)
        return list(self._calls[found]) if found else []

    def find(self, call_id: str) -> str | None:
        """Complete a shortened call identifier; the newest call wins."""
        if call_id in self._calls:
            return call_id
        matches = (known for known in reversed(self._calls) if known.startswith(call_id))
        return next(matches, None) if call_id else None
