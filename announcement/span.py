"""A span: from one minute of a day to another, which may lie after midnight.

Hours after midnight are counted on (22:00-26:00), as Japanese shops write them, so that 18:00-09:00
can be told for the slip that it mostly is. A span belongs to the day on which it begins.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

DAY_MINUTES = 24 * 60

# The wave and the full-width tilde are what Japanese keyboards write between two times.
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-~\u301c\uff5e]\s*(翌)?(\d{1,2}):(\d{2})", re.ASCII)


class Span(NamedTuple):
    """Minutes since the midnight before it begins; `end` is not part of it."""

    start: int
    end: int
    """More than 1440 for the day after."""

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read `09:00-12:00`, `22:00-26:00`, `22:00-翌02:00` or `00:00-24:00`."""
        match = _SPAN.fullmatch(text.strip())
        if match is None:
            raise ValueError("write hours as 09:00-18:00, or 22:00-26:00 over midnight")
        start = _minute(match[1], match[2])
        end = _minute(match[4], match[5]) + (DAY_MINUTES if match[3] else 0)
        if start >= DAY_MINUTES:
            raise ValueError("begin before 24:00, and give what begins later to the next day")
        if start == end:
            raise ValueError("an interval ends after it begins; a whole day is 00:00-24:00")
        if end < start:
            later = f"{clock(start)}-{clock(end + DAY_MINUTES)}"
            raise ValueError(f"it ends before it begins; over midnight it is {later}")
        if end - start > DAY_MINUTES:
            raise ValueError("an interval is 24 hours long at most; a whole day is 00:00-24:00")
        return cls(start, end)

    def covers(self, second: int) -> bool:
        """Tell whether a second since that midnight is within."""
        return self.start * 60 <= second < self.end * 60

    def overlaps(self, other: "Span", days: int = 0) -> bool:
        """Tell whether a span that begins some days later shares a minute with this one."""
        shift = days * DAY_MINUTES
        return self.start < other.end + shift and other.start + shift < self.end

    def __str__(self) -> str:
        return f"{clock(self.start)}-{clock(self.end)}"


WHOLE_DAY = Span(0, DAY_MINUTES)


def clock(minute: int) -> str:
    """Write a minute of a day: 26:00 is two o'clock in the next morning."""
    return f"{minute // 60:02}:{minute % 60:02}"


def collisions(spans: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Return the positions of spans of one day that share a minute."""
    for (first, one), (second, other) in combinations(enumerate(spans), 2):
        if one.overlaps(other):
            yield first, second


def _minute(hour: str, minute: str) -> int:
    if int(minute) > 59 or int(hour) > 48:
        raise ValueError("a time of day is 00:00 to 24:00, after midnight up to 48:00")
    return int(hour) * 60 + int(minute)
